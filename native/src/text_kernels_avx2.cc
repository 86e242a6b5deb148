#include "text_kernels.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include "first_bit.h"

namespace mlite {

size_t find_pair_avx2(const uint8_t* text, size_t from, size_t end, uint8_t first, uint8_t last,
                      size_t gap) {
  const __m256i firsts = _mm256_set1_epi8(static_cast<char>(first));
  const __m256i lasts = _mm256_set1_epi8(static_cast<char>(last));
  for (; from + 32 <= end; from += 32) {
    const __m256i begins = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + from));
    const __m256i ends = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + from + gap));
    const __m256i both =
        _mm256_and_si256(_mm256_cmpeq_epi8(begins, firsts), _mm256_cmpeq_epi8(ends, lasts));
    const uint32_t bits = static_cast<uint32_t>(_mm256_movemask_epi8(both));
    if (bits != 0) return from + first_bit(bits);
  }
  return find_pair_scalar(text, from, end, first, last, gap);
}

}  // namespace mlite

#endif
