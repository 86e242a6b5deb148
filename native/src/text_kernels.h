// Conditions on texts as they lie in a column: row i is bytes[offsets[i], offsets[i + 1]). One bit a row; bits above
// the last row are 0, and so are those of rows outside `active`, null being all.

#ifndef MLITE_TEXT_KERNELS_H_
#define MLITE_TEXT_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// The first place in [from, end) at which `first` stands, and `last` `gap` bytes behind it; else `end`. Bytes up to
// end + gap are there.
using PairFinder = size_t (*)(const uint8_t* text, size_t from, size_t end, uint8_t first,
                              uint8_t last, size_t gap);

size_t find_pair_scalar(const uint8_t* text, size_t from, size_t end, uint8_t first, uint8_t last,
                        size_t gap);
#if defined(__x86_64__) || defined(_M_X64)
size_t find_pair_avx2(const uint8_t* text, size_t from, size_t end, uint8_t first, uint8_t last,
                      size_t gap);
size_t find_pair_avx512(const uint8_t* text, size_t from, size_t end, uint8_t first, uint8_t last,
                        size_t gap);
#endif

// That of the instruction set that all kernels are of.
PairFinder pair_finder();

// Some bytes that are looked for.
struct Literal {
  const uint8_t* bytes;
  size_t length;
};

struct TextRows {
  const uint32_t* offsets;
  size_t count;
  const uint8_t* bytes;
  size_t byte_count;
};

// A pattern of `like` without `_`: what stands in front, at the end, and in this order in between.
struct LikePattern {
  Literal prefix;
  Literal suffix;
  const Literal* middle;
  size_t middle_count;
  // Of every byte of the parts in between, how long a beginning of its part ends with it.
  const int32_t* failures;
  // There is nothing but the prefix.
  bool is_exact;
};

// Each row is looked at in time linear in its bytes, whatever the pattern.
void mark_like(const TextRows& rows, const LikePattern& pattern, const uint32_t* active,
               PairFinder finder, uint32_t* out);

// A bound whose bytes are null is none.
struct TextBound {
  Literal text;
  bool is_inclusive;
};

void mark_text_range(const TextRows& rows, const TextBound& lower, const TextBound& upper,
                     const uint32_t* active, uint32_t* out);

}  // namespace mlite

#endif  // MLITE_TEXT_KERNELS_H_
