#include "graph_kernels.h"

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

void plain_products(const int8_t* query, int32_t, const CodeRows& base, const uint32_t* rows,
                    size_t count, int32_t* out) {
  for (size_t r = 0; r < count; r++) {
    out[r] = one_product(query, base.codes + rows[r] * base.stride, base.stride);
  }
}

#if defined(MLITE_X64)

#define MLITE_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"

MLITE_TARGET(MLITE_AVX512)
void avx512_products(const int8_t* query, int32_t query_sum, const CodeRows& base,
                     const uint32_t* rows, size_t count, int32_t* out) {
  const size_t stride = base.stride;
  const __m128i bias = _mm_set1_epi32(query_sum * 128);
  size_t r = 0;
  for (; r + 4 <= count; r += 4) {
    const uint8_t* const a = base.codes + rows[r] * stride;
    const uint8_t* const b = base.codes + rows[r + 1] * stride;
    const uint8_t* const c = base.codes + rows[r + 2] * stride;
    const uint8_t* const d = base.codes + rows[r + 3] * stride;
    __m512i sa = _mm512_setzero_si512();
    __m512i sb = _mm512_setzero_si512();
    __m512i sc = _mm512_setzero_si512();
    __m512i sd = _mm512_setzero_si512();
    for (size_t at = 0; at < stride; at += 64) {
      const __m512i q = _mm512_loadu_si512(query + at);
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
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + r), _mm_sub_epi32(sums, bias));
  }
  for (; r < count; r++) {
    const uint8_t* const code = base.codes + rows[r] * stride;
    __m512i sum = _mm512_setzero_si512();
    for (size_t at = 0; at < stride; at += 64) {
      sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(code + at), _mm512_loadu_si512(query + at));
    }
    out[r] = _mm512_reduce_add_epi32(sum) - query_sum * 128;
  }
}

MLITE_TARGET("avx2")
void avx2_products(const int8_t* query, int32_t query_sum, const CodeRows& base,
                   const uint32_t* rows, size_t count, int32_t* out) {
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
    out[r] = _mm_cvtsi128_si32(four) - query_sum * 128;
  }
}

#endif

}  // namespace

GraphProducts graph_products_named(const char* name) {
  if (std::strcmp(name, "scalar") == 0) return plain_products;
#if defined(MLITE_X64)
  if (kernels_named(name) == nullptr) return nullptr;
  if (std::strcmp(name, "avx512") == 0) return avx512_products;
  if (std::strcmp(name, "avx2") == 0) return avx2_products;
#endif
  return nullptr;
}

GraphProducts graph_products() {
  static const GraphProducts chosen = [] {
    const GraphProducts named = graph_products_named(kernels().name);
    return named == nullptr ? static_cast<GraphProducts>(plain_products) : named;
  }();
  return chosen;
}

}  // namespace mlite
