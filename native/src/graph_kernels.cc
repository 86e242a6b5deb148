#include "graph_kernels.h"

#include <cfloat>
#include <cstring>

#include "kernels.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#define MLITE_X64 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__GNUC__) || defined(__clang__)
#define MLITE_TARGET(features) __attribute__((target(features)))
#else
#define MLITE_TARGET(features)
#endif

namespace mlite {
namespace {

#if defined(__aarch64__)

int32_t one_product(const int8_t* query, const uint8_t* code, size_t stride) {
  const int8x16_t flip = vdupq_n_s8(-128);
  int32x4_t sum = vdupq_n_s32(0);
  for (size_t at = 0; at < stride; at += 16) {
    const int8x16_t a = vld1q_s8(query + at);
    const int8x16_t b = veorq_s8(vreinterpretq_s8_u8(vld1q_u8(code + at)), flip);
    sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    sum = vpadalq_s16(sum, vmull_s8(vget_high_s8(a), vget_high_s8(b)));
  }
  return vaddvq_s32(sum);
}

#else

int32_t one_product(const int8_t* query, const uint8_t* code, size_t stride) {
  int32_t sum = 0;
  for (size_t i = 0; i < stride; i++) {
    sum += static_cast<int32_t>(query[i]) * (static_cast<int32_t>(code[i]) - 128);
  }
  return sum;
}

#endif

// NaN, which only overflow can bring, counts as the worst cost.
inline float finite(float cost) {
  const float below = cost < FLT_MAX ? cost : FLT_MAX;
  return below > -FLT_MAX ? below : -FLT_MAX;
}

inline float cost_of(const CodeProbe& probe, uint32_t row, int32_t product) {
  const float part = probe.factor * probe.scales[row] * static_cast<float>(product);
  return finite(probe.squares == nullptr ? part : probe.bias + probe.squares[row] + part);
}

void plain_costs(const CodeProbe& probe, const CodeRows& base, const uint32_t* rows, size_t count,
                 float* out) {
  for (size_t r = 0; r < count; r++) {
    const uint8_t* const code = base.codes + rows[r] * base.stride;
    out[r] = cost_of(probe, rows[r], one_product(probe.values, code, base.stride));
  }
}

float plain_largest(const float* vector, size_t dim) {
  float largest = 0;
  for (size_t i = 0; i < dim; i++) {
    const float size = vector[i] < 0 ? -vector[i] : vector[i];
    largest = size > largest ? size : largest;
  }
  return largest;
}

Rounded plain_round(const float* vector, size_t dim, double factor, int8_t* out) {
  Rounded rounded = {0, 0};
  for (size_t i = 0; i < dim; i++) {
    const double value = static_cast<double>(vector[i]) * factor;
    const int32_t code = static_cast<int32_t>(value < 0 ? value - 0.5 : value + 0.5);
    out[i] = static_cast<int8_t>(code);
    rounded.sum += code;
    rounded.square += code * code;
  }
  return rounded;
}

constexpr GraphKernels SCALAR = {"scalar", plain_costs, plain_largest, plain_round};

#if defined(MLITE_X64)

#define MLITE_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"

// Products of the query with four rows.
MLITE_TARGET(MLITE_AVX512)
inline __m128i four_products(const CodeProbe& probe, const CodeRows& base, const uint32_t* rows) {
  const size_t stride = base.stride;
  const uint8_t* const a = base.codes + rows[0] * stride;
  const uint8_t* const b = base.codes + rows[1] * stride;
  const uint8_t* const c = base.codes + rows[2] * stride;
  const uint8_t* const d = base.codes + rows[3] * stride;
  __m512i sa = _mm512_setzero_si512();
  __m512i sb = _mm512_setzero_si512();
  __m512i sc = _mm512_setzero_si512();
  __m512i sd = _mm512_setzero_si512();
  for (size_t at = 0; at < stride; at += 64) {
    const __m512i q = _mm512_loadu_si512(probe.values + at);
    sa = _mm512_dpbusd_epi32(sa, _mm512_loadu_si512(a + at), q);
    sb = _mm512_dpbusd_epi32(sb, _mm512_loadu_si512(b + at), q);
    sc = _mm512_dpbusd_epi32(sc, _mm512_loadu_si512(c + at), q);
    sd = _mm512_dpbusd_epi32(sd, _mm512_loadu_si512(d + at), q);
  }
  // Sums of four neighbouring lanes of a, b, c, d side by side, then the four quarters.
  const __m512i ab =
      _mm512_add_epi32(_mm512_unpacklo_epi32(sa, sb), _mm512_unpackhi_epi32(sa, sb));
  const __m512i cd =
      _mm512_add_epi32(_mm512_unpacklo_epi32(sc, sd), _mm512_unpackhi_epi32(sc, sd));
  const __m512i all =
      _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m256i half =
      _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  const __m128i sums =
      _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  return _mm_sub_epi32(sums, _mm_set1_epi32(probe.sum * 128));
}

MLITE_TARGET(MLITE_AVX512)
inline __m128 four_values(const float* values, const uint32_t* rows) {
  return _mm_setr_ps(values[rows[0]], values[rows[1]], values[rows[2]], values[rows[3]]);
}

MLITE_TARGET(MLITE_AVX512)
inline __m128 four_costs(const CodeProbe& probe, const CodeRows& base, const uint32_t* rows) {
  // Asked for before the codes, which take longer to come.
  const __m128 scales = _mm_mul_ps(_mm_set1_ps(probe.factor), four_values(probe.scales, rows));
  __m128 costs = _mm_setzero_ps();
  if (probe.squares == nullptr) {
    costs = _mm_mul_ps(scales, _mm_cvtepi32_ps(four_products(probe, base, rows)));
  } else {
    costs = _mm_add_ps(_mm_set1_ps(probe.bias), four_values(probe.squares, rows));
    const __m128 products = _mm_cvtepi32_ps(four_products(probe, base, rows));
    costs = _mm_add_ps(costs, _mm_mul_ps(scales, products));
  }
  const __m128 below = _mm_min_ps(costs, _mm_set1_ps(FLT_MAX));
  return _mm_max_ps(below, _mm_set1_ps(-FLT_MAX));
}

MLITE_TARGET(MLITE_AVX512)
void avx512_costs(const CodeProbe& probe, const CodeRows& base, const uint32_t* rows, size_t count,
                  float* out) {
  size_t r = 0;
  for (; r + 4 <= count; r += 4) _mm_storeu_ps(out + r, four_costs(probe, base, rows + r));
  const size_t left = count - r;
  if (left == 0) return;
  // The last of them again in the places that are left: cheaper than one by one.
  uint32_t last[4];
  for (size_t i = 0; i < 4; i++) last[i] = rows[i < left ? r + i : count - 1];
  const __mmask8 mask = static_cast<__mmask8>((1u << left) - 1);
  _mm_mask_storeu_ps(out + r, mask, four_costs(probe, base, last));
}

MLITE_TARGET(MLITE_AVX512)
float avx512_largest(const float* vector, size_t dim) {
  __m512 largest = _mm512_setzero_ps();
  size_t at = 0;
  for (; at + 16 <= dim; at += 16) {
    largest = _mm512_max_ps(largest, _mm512_abs_ps(_mm512_loadu_ps(vector + at)));
  }
  if (at < dim) {
    const __mmask16 mask = static_cast<__mmask16>((1u << (dim - at)) - 1);
    largest = _mm512_max_ps(largest, _mm512_abs_ps(_mm512_maskz_loadu_ps(mask, vector + at)));
  }
  return _mm512_reduce_max_ps(largest);
}

// Sixteen elements as whole numbers: half is added with the sign of the element, and the rest cut off.
MLITE_TARGET(MLITE_AVX512)
inline __m512i round16(__m512 values, __m512d factor) {
  const __m512d sign = _mm512_set1_pd(-0.0);
  const __m512d half = _mm512_set1_pd(0.5);
  const __m512d low = _mm512_mul_pd(_mm512_cvtps_pd(_mm512_castps512_ps256(values)), factor);
  const __m512d high = _mm512_mul_pd(_mm512_cvtps_pd(_mm512_extractf32x8_ps(values, 1)), factor);
  const __m512d low_half = _mm512_or_pd(half, _mm512_and_pd(low, sign));
  const __m512d high_half = _mm512_or_pd(half, _mm512_and_pd(high, sign));
  const __m256i low_codes = _mm512_cvttpd_epi32(_mm512_add_pd(low, low_half));
  const __m256i high_codes = _mm512_cvttpd_epi32(_mm512_add_pd(high, high_half));
  return _mm512_inserti64x4(_mm512_castsi256_si512(low_codes), high_codes, 1);
}

MLITE_TARGET(MLITE_AVX512)
Rounded avx512_round(const float* vector, size_t dim, double factor, int8_t* out) {
  const __m512d factors = _mm512_set1_pd(factor);
  __m512i sums = _mm512_setzero_si512();
  __m512i squares = _mm512_setzero_si512();
  for (size_t at = 0; at < dim; at += 16) {
    const size_t some = dim - at < 16 ? dim - at : 16;
    const __mmask16 mask = static_cast<__mmask16>((1u << some) - 1);
    const __m512i codes = round16(_mm512_maskz_loadu_ps(mask, vector + at), factors);
    _mm512_mask_cvtepi32_storeu_epi8(out + at, mask, codes);
    sums = _mm512_add_epi32(sums, codes);
    squares = _mm512_add_epi32(squares, _mm512_mullo_epi32(codes, codes));
  }
  return {_mm512_reduce_add_epi32(sums), _mm512_reduce_add_epi32(squares)};
}

constexpr GraphKernels AVX512 = {"avx512", avx512_costs, avx512_largest, avx512_round};

MLITE_TARGET("avx2")
void avx2_costs(const CodeProbe& probe, const CodeRows& base, const uint32_t* rows, size_t count,
                float* out) {
  const int8_t* const query = probe.values;
  for (size_t r = 0; r < count; r++) {
    const uint8_t* const code = base.codes + rows[r] * base.stride;
    __m256i even = _mm256_setzero_si256();
    __m256i odd = _mm256_setzero_si256();
    for (size_t at = 0; at < base.stride; at += 32) {
      const __m128i* const q = reinterpret_cast<const __m128i*>(query + at);
      const __m128i* const c = reinterpret_cast<const __m128i*>(code + at);
      even = _mm256_add_epi32(even, _mm256_madd_epi16(_mm256_cvtepi8_epi16(_mm_loadu_si128(q)),
                                                      _mm256_cvtepu8_epi16(_mm_loadu_si128(c))));
      odd = _mm256_add_epi32(odd, _mm256_madd_epi16(_mm256_cvtepi8_epi16(_mm_loadu_si128(q + 1)),
                                                    _mm256_cvtepu8_epi16(_mm_loadu_si128(c + 1))));
    }
    const __m256i sum = _mm256_add_epi32(even, odd);
    __m128i four =
        _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    out[r] = cost_of(probe, rows[r], _mm_cvtsi128_si32(four) - probe.sum * 128);
  }
}

constexpr GraphKernels AVX2 = {"avx2", avx2_costs, plain_largest, plain_round};

#endif

}  // namespace

const GraphKernels* graph_kernels_named(const char* name) {
  if (std::strcmp(name, "scalar") == 0) return &SCALAR;
#if defined(MLITE_X64)
  if (kernels_named(name) == nullptr) return nullptr;
  if (std::strcmp(name, "avx512") == 0) return &AVX512;
  if (std::strcmp(name, "avx2") == 0) return &AVX2;
#endif
  return nullptr;
}

const GraphKernels& graph_kernels() {
  static const GraphKernels& chosen = [] {
    const GraphKernels* const named = graph_kernels_named(kernels().name);
    return named == nullptr ? &SCALAR : named;
  }()[0];
  return chosen;
}

}  // namespace mlite
