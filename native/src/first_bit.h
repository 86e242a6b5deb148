// The lowest bit of a word that is set.

#ifndef MLITE_FIRST_BIT_H_
#define MLITE_FIRST_BIT_H_

#include <cstddef>
#include <cstdint>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace mlite {

// Of a word that is not 0.
static inline size_t first_bit(uint64_t word) {
#if defined(_MSC_VER) && !defined(__clang__)
  unsigned long at = 0;
  _BitScanForward64(&at, word);
  return at;
#else
  return static_cast<size_t>(__builtin_ctzll(word));
#endif
}

}  // namespace mlite

#endif  // MLITE_FIRST_BIT_H_
