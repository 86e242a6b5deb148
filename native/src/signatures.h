// What makes a binary vector match another: every bit of one is in the other; or, of two MinHash
// signatures, the elements of a band are the same. The twin of src/index/minhash-signature.ts.
//
// A signature of `bytes` bytes has bytes / element_bytes elements. Its bands have as many elements
// each as fit, one band behind the other; elements that are left over are in no band.

#ifndef MLITE_SIGNATURES_H_
#define MLITE_SIGNATURES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mlite {

// How MHJACCARD compares.
struct MinhashMeasure {
  size_t element_bytes = 0;
  // At most as many as there are elements.
  size_t band_count = 0;
  // By the share of equal elements; else by whether some band is equal.
  bool is_by_share = false;

  bool is_of(size_t bytes) const {
    return element_bytes >= 1 && bytes % element_bytes == 0 && band_count >= 1 &&
           band_count <= bytes / element_bytes;
  }
  size_t band_bytes(size_t bytes) const {
    return bytes / element_bytes / band_count * element_bytes;
  }
};

inline uint64_t load_word(const uint8_t* at) {
  uint64_t word;
  std::memcpy(&word, at, 8);
  return word;
}

// Every bit of `part` is in `whole`.
inline bool is_subset(const uint8_t* part, const uint8_t* whole, size_t bytes) {
  size_t at = 0;
  for (; at + 8 <= bytes; at += 8) {
    if ((load_word(part + at) & ~load_word(whole + at)) != 0) return false;
  }
  for (; at < bytes; at++) {
    if ((part[at] & ~whole[at]) != 0) return false;
  }
  return true;
}

inline bool are_equal(const uint8_t* a, const uint8_t* b, size_t bytes) {
  size_t at = 0;
  for (; at + 8 <= bytes; at += 8) {
    if (load_word(a + at) != load_word(b + at)) return false;
  }
  for (; at < bytes; at++) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

inline bool shares_band(const uint8_t* a, const uint8_t* b, size_t band_bytes, size_t band_count) {
  for (size_t band = 0; band < band_count; band++) {
    if (are_equal(a + band * band_bytes, b + band * band_bytes, band_bytes)) return true;
  }
  return false;
}

}  // namespace mlite

#endif  // MLITE_SIGNATURES_H_
