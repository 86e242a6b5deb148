// Comparisons leave a lane of ones or zeros, whose signs are gathered.

#include "range_kernels.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

namespace mlite {

namespace {

void mark_int64(const int64_t* values, size_t count, int64_t low, int64_t high, uint32_t* out) {
  const __m256i least = _mm256_set1_epi64x(low);
  const __m256i most = _mm256_set1_epi64x(high);
  mark_ranges(values, count, low, high, out, [least, most](const int64_t* row) {
    uint32_t outside = 0;
    for (int i = 0; i < 8; i++) {
      const __m256i value = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + i * 4));
      const __m256i is_out =
          _mm256_or_si256(_mm256_cmpgt_epi64(least, value), _mm256_cmpgt_epi64(value, most));
      const int bits = _mm256_movemask_pd(_mm256_castsi256_pd(is_out));
      outside |= static_cast<uint32_t>(bits) << (i * 4);
    }
    return ~outside;
  });
}

void mark_int32(const int32_t* values, size_t count, int32_t low, int32_t high, uint32_t* out) {
  const __m256i least = _mm256_set1_epi32(low);
  const __m256i most = _mm256_set1_epi32(high);
  mark_ranges(values, count, low, high, out, [least, most](const int32_t* row) {
    uint32_t outside = 0;
    for (int i = 0; i < 4; i++) {
      const __m256i value = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + i * 8));
      const __m256i is_out =
          _mm256_or_si256(_mm256_cmpgt_epi32(least, value), _mm256_cmpgt_epi32(value, most));
      const int bits = _mm256_movemask_ps(_mm256_castsi256_ps(is_out));
      outside |= static_cast<uint32_t>(bits) << (i * 8);
    }
    return ~outside;
  });
}

inline uint32_t within(__m256d value, __m256d least, __m256d most) {
  const __m256d fits = _mm256_and_pd(_mm256_cmp_pd(value, least, _CMP_GE_OQ),
                                     _mm256_cmp_pd(value, most, _CMP_LE_OQ));
  return static_cast<uint32_t>(_mm256_movemask_pd(fits));
}

void mark_float32(const float* values, size_t count, double low, double high, uint32_t* out) {
  const __m256d least = _mm256_set1_pd(low);
  const __m256d most = _mm256_set1_pd(high);
  mark_ranges(values, count, low, high, out, [least, most](const float* row) {
    uint32_t bits = 0;
    for (int i = 0; i < 8; i++) {
      bits |= within(_mm256_cvtps_pd(_mm_loadu_ps(row + i * 4)), least, most) << (i * 4);
    }
    return bits;
  });
}

void mark_float64(const double* values, size_t count, double low, double high, uint32_t* out) {
  const __m256d least = _mm256_set1_pd(low);
  const __m256d most = _mm256_set1_pd(high);
  mark_ranges(values, count, low, high, out, [least, most](const double* row) {
    uint32_t bits = 0;
    for (int i = 0; i < 8; i++) bits |= within(_mm256_loadu_pd(row + i * 4), least, most) << (i * 4);
    return bits;
  });
}

}  // namespace

const RangeKernels AVX2_RANGES = {"avx2", mark_int64, mark_int32, mark_float32, mark_float64};

}  // namespace mlite

#endif
