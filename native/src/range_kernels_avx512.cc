// A comparison answers with one bit a lane.

#include "range_kernels.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

namespace mlite {

namespace {

void mark_int64(const int64_t* values, size_t count, int64_t low, int64_t high, uint32_t* out) {
  const __m512i least = _mm512_set1_epi64(low);
  const __m512i most = _mm512_set1_epi64(high);
  mark_ranges(values, count, low, high, out, [least, most](const int64_t* row) {
    uint32_t bits = 0;
    for (int i = 0; i < 4; i++) {
      const __m512i value = _mm512_loadu_si512(row + i * 8);
      const __mmask8 fits =
          _mm512_mask_cmple_epi64_mask(_mm512_cmpge_epi64_mask(value, least), value, most);
      bits |= static_cast<uint32_t>(fits) << (i * 8);
    }
    return bits;
  });
}

void mark_int32(const int32_t* values, size_t count, int32_t low, int32_t high, uint32_t* out) {
  const __m512i least = _mm512_set1_epi32(low);
  const __m512i most = _mm512_set1_epi32(high);
  mark_ranges(values, count, low, high, out, [least, most](const int32_t* row) {
    uint32_t bits = 0;
    for (int i = 0; i < 2; i++) {
      const __m512i value = _mm512_loadu_si512(row + i * 16);
      const __mmask16 fits =
          _mm512_mask_cmple_epi32_mask(_mm512_cmpge_epi32_mask(value, least), value, most);
      bits |= static_cast<uint32_t>(fits) << (i * 16);
    }
    return bits;
  });
}

inline uint32_t within(__m512d value, __m512d least, __m512d most) {
  const __mmask8 fits = _mm512_cmp_pd_mask(value, least, _CMP_GE_OQ);
  return static_cast<uint32_t>(_mm512_mask_cmp_pd_mask(fits, value, most, _CMP_LE_OQ));
}

void mark_float32(const float* values, size_t count, double low, double high, uint32_t* out) {
  const __m512d least = _mm512_set1_pd(low);
  const __m512d most = _mm512_set1_pd(high);
  mark_ranges(values, count, low, high, out, [least, most](const float* row) {
    uint32_t bits = 0;
    for (int i = 0; i < 4; i++) {
      bits |= within(_mm512_cvtps_pd(_mm256_loadu_ps(row + i * 8)), least, most) << (i * 8);
    }
    return bits;
  });
}

void mark_float64(const double* values, size_t count, double low, double high, uint32_t* out) {
  const __m512d least = _mm512_set1_pd(low);
  const __m512d most = _mm512_set1_pd(high);
  mark_ranges(values, count, low, high, out, [least, most](const double* row) {
    uint32_t bits = 0;
    for (int i = 0; i < 4; i++) bits |= within(_mm512_loadu_pd(row + i * 8), least, most) << (i * 8);
    return bits;
  });
}

}  // namespace

const RangeKernels AVX512_RANGES = {"avx512", mark_int64, mark_int32, mark_float32, mark_float64};

}  // namespace mlite

#endif
