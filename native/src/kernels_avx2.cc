// AVX2 with FMA, F16C and POPCNT: 8 float32 lanes, 16 int16 lanes.

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include <cstring>

#include "half.h"
#include "kernels.h"

namespace mlite {
namespace {

// Ones, then zeros: eight of them from 8 - count on are a mask of the first `count` lanes.
alignas(64) constexpr int32_t MASKS[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

struct Lanes {
  using Type = __m256;
  static constexpr size_t COUNT = 8;
  static constexpr size_t TILE_ROWS = 2;
  static Type zero() { return _mm256_setzero_ps(); }
  static Type load(const float* at) { return _mm256_loadu_ps(at); }
  static Type load_part(const float* at, size_t count) {
    const __m256i mask = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(MASKS + 8 - count));
    return _mm256_maskload_ps(at, mask);
  }
  static void store(float* at, Type value) { _mm256_storeu_ps(at, value); }
  static Type subtract(Type a, Type b) { return _mm256_sub_ps(a, b); }
  static Type multiply_add(Type a, Type b, Type sum) { return _mm256_fmadd_ps(a, b, sum); }
  static bool are_finite(Type values) {
    const __m256 nothing = _mm256_sub_ps(values, values);  // NaN for what is not finite
    return _mm256_movemask_ps(_mm256_cmp_ps(nothing, nothing, _CMP_UNORD_Q)) == 0;
  }
  static bool any_at_most(Type values, float bound) {
    return _mm256_movemask_ps(_mm256_cmp_ps(values, _mm256_set1_ps(bound), _CMP_LE_OQ)) != 0;
  }

  static __m128 half(Type sum) {
    return _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
  }

  static float total(Type sum) {
    const __m128 four = half(sum);
    const __m128 pair = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
  }

  static __m128 total_of_four(const Type* sums) {
    const __m128 a = half(sums[0]);
    const __m128 b = half(sums[1]);
    const __m128 c = half(sums[2]);
    const __m128 d = half(sums[3]);
    const __m128 ab = _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a));
    const __m128 cd = _mm_add_ps(_mm_movelh_ps(c, d), _mm_movehl_ps(d, c));
    return _mm_add_ps(_mm_shuffle_ps(ab, cd, 0x88), _mm_shuffle_ps(ab, cd, 0xdd));
  }

  static void totals(const Type* sums, float* out) { _mm_storeu_ps(out, total_of_four(sums)); }

  // Eight sums, sums[r x 4 + q], to out[q x 2 + r].
  static void tile_totals(const Type* sums, float* out) {
    const __m128 first = total_of_four(sums);
    const __m128 second = total_of_four(sums + 4);
    _mm_storeu_ps(out, _mm_unpacklo_ps(first, second));
    _mm_storeu_ps(out + 4, _mm_unpackhi_ps(first, second));
  }
};

struct FloatRow {
  using Element = float;
  static __m256 load(const float* at) { return _mm256_loadu_ps(at); }
  static __m256 load_part(const float* at, size_t count) { return Lanes::load_part(at, count); }
  static double wide(float value) { return static_cast<double>(value); }
};

inline __m128i load_halves(const uint16_t* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

inline __m128i load_some_halves(const uint16_t* at, size_t count) {
  alignas(16) uint16_t padded[8] = {};
  std::memcpy(padded, at, count * sizeof(uint16_t));
  return load_halves(padded);
}

struct Float16Row {
  using Element = uint16_t;
  static __m256 load(const uint16_t* at) { return _mm256_cvtph_ps(load_halves(at)); }
  static __m256 load_part(const uint16_t* at, size_t count) {
    return _mm256_cvtph_ps(load_some_halves(at, count));
  }
  static double wide(uint16_t bits) { return wide_f16(bits); }
};

struct Bfloat16Row {
  using Element = uint16_t;
  static __m256 from(__m128i bits) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
  }
  static __m256 load(const uint16_t* at) { return from(load_halves(at)); }
  static __m256 load_part(const uint16_t* at, size_t count) {
    return from(load_some_halves(at, count));
  }
  static double wide(uint16_t bits) { return wide_bf16(bits); }
};

inline int32_t total_of_words(__m256i sum) {
  const __m128i four =
      _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  const __m128i pair = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xee));
  return _mm_cvtsi128_si32(_mm_add_epi32(pair, _mm_shuffle_epi32(pair, 0x55)));
}

struct Words {
  using Type = __m256i;
  using Sum = __m256i;
  static constexpr size_t COUNT = 16;
  static Sum zero() { return _mm256_setzero_si256(); }
  static Type load(const int8_t* at) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  }
  static Type load_part(const int8_t* at, size_t count) {
    alignas(16) int8_t padded[16] = {};
    std::memcpy(padded, at, count);
    return load(padded);
  }
  static Type subtract(Type a, Type b) { return _mm256_sub_epi16(a, b); }
  static Sum multiply_add(Sum sum, Type a, Type b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
  }
  static int32_t total(Sum sum) { return total_of_words(sum); }
};

inline __m256i load_codes(const uint8_t* at) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}

// On 16-bit lanes: the instruction that multiplies bytes would saturate.
int32_t code_products(const uint8_t* query, const int8_t* code, size_t dim) {
  __m256i sum = _mm256_setzero_si256();
  size_t at = 0;
  for (; at + 16 <= dim; at += 16) {
    sum = Words::multiply_add(sum, load_codes(query + at), Words::load(code + at));
  }
  if (at < dim) {
    alignas(16) uint8_t padded[16] = {};
    std::memcpy(padded, query + at, dim - at);
    sum = Words::multiply_add(sum, load_codes(padded), Words::load_part(code + at, dim - at));
  }
  return total_of_words(sum);
}

}  // namespace
}  // namespace mlite

#include "kernel_table.h"

namespace mlite {
extern const Kernels AVX2_KERNELS;
const Kernels AVX2_KERNELS = table("avx2");
}  // namespace mlite

#endif
