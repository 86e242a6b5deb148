#include "text_kernels.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include "first_bit.h"

namespace mlite {

size_t find_pair_avx512(const uint8_t* text, size_t from, size_t end, uint8_t first, uint8_t last,
                        size_t gap) {
  const __m512i firsts = _mm512_set1_epi8(static_cast<char>(first));
  const __m512i lasts = _mm512_set1_epi8(static_cast<char>(last));
  for (; from < end; from += 64) {
    const size_t rest = end - from;
    const __mmask64 here = rest >= 64 ? ~__mmask64{0} : (__mmask64{1} << rest) - 1;
    const __m512i begins = _mm512_maskz_loadu_epi8(here, text + from);
    const __m512i ends = _mm512_maskz_loadu_epi8(here, text + from + gap);
    const __mmask64 both = _mm512_mask_cmpeq_epi8_mask(
        _mm512_mask_cmpeq_epi8_mask(here, begins, firsts), ends, lasts);
    if (both != 0) return from + first_bit(both);
  }
  return end;
}

}  // namespace mlite

#endif
