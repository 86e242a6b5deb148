// AVX-512 F, BW, DQ, VL and VNNI: 16 float32 lanes, 32 int16 lanes, 64 code bytes.

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include "half.h"
#include "kernels.h"

namespace mlite {
namespace {

inline __mmask16 first16(size_t count) { return static_cast<__mmask16>((1u << count) - 1); }

struct Lanes {
  using Type = __m512;
  static constexpr size_t COUNT = 16;
  static constexpr size_t TILE_ROWS = 4;
  static Type zero() { return _mm512_setzero_ps(); }
  static Type load(const float* at) { return _mm512_loadu_ps(at); }
  static Type load_part(const float* at, size_t count) {
    return _mm512_maskz_loadu_ps(first16(count), at);
  }
  static void store(float* at, Type value) { _mm512_storeu_ps(at, value); }
  static Type subtract(Type a, Type b) { return _mm512_sub_ps(a, b); }
  static Type multiply_add(Type a, Type b, Type sum) { return _mm512_fmadd_ps(a, b, sum); }
  static bool are_finite(Type values) {
    return _mm512_fpclass_ps_mask(values, 0x99) == 0;  // no NaN, no infinity
  }
  static bool any_at_most(Type values, float bound) {
    return _mm512_cmp_ps_mask(values, _mm512_set1_ps(bound), _CMP_LE_OQ) != 0;
  }

  // Lanes i + (i + 8), then + 4: four sums become the four quarters of one register.
  static Type quarters(const Type* sums) {
    const Type ab = _mm512_add_ps(_mm512_shuffle_f32x4(sums[0], sums[1], 0x44),
                                  _mm512_shuffle_f32x4(sums[0], sums[1], 0xee));
    const Type cd = _mm512_add_ps(_mm512_shuffle_f32x4(sums[2], sums[3], 0x44),
                                  _mm512_shuffle_f32x4(sums[2], sums[3], 0xee));
    return _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xdd));
  }

  static float total(Type sum) {
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(sum), _mm512_extractf32x8_ps(sum, 1));
    const __m128 quarter =
        _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    const __m128 pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
  }

  static void totals(const Type* sums, float* out) {
    const Type four = quarters(sums);
    const Type pair = _mm512_add_ps(four, _mm512_shuffle_ps(four, four, 0xee));
    const Type one = _mm512_add_ps(pair, _mm512_movehdup_ps(pair));
    const __m512i firsts = _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    _mm_storeu_ps(out, _mm512_castps512_ps128(_mm512_permutexvar_ps(firsts, one)));
  }

  // Sixteen sums, sums[r x 4 + q], to out[q x 4 + r].
  static void tile_totals(const Type* sums, float* out) {
    const Type a = quarters(sums);
    const Type b = quarters(sums + 4);
    const Type c = quarters(sums + 8);
    const Type d = quarters(sums + 12);
    const Type ab = _mm512_add_ps(_mm512_shuffle_ps(a, b, 0x44), _mm512_shuffle_ps(a, b, 0xee));
    const Type cd = _mm512_add_ps(_mm512_shuffle_ps(c, d, 0x44), _mm512_shuffle_ps(c, d, 0xee));
    const Type all =
        _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x88), _mm512_shuffle_ps(ab, cd, 0xdd));
    _mm512_storeu_ps(out, all);
  }
};

struct FloatRow {
  using Element = float;
  static __m512 load(const float* at) { return _mm512_loadu_ps(at); }
  static __m512 load_part(const float* at, size_t count) { return Lanes::load_part(at, count); }
  static double wide(float value) { return static_cast<double>(value); }
};

struct Float16Row {
  using Element = uint16_t;
  static __m512 load(const uint16_t* at) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
  }
  static __m512 load_part(const uint16_t* at, size_t count) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first16(count), at));
  }
  static double wide(uint16_t bits) { return wide_f16(bits); }
};

struct Bfloat16Row {
  using Element = uint16_t;
  static __m512 from(__m256i bits) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
  }
  static __m512 load(const uint16_t* at) {
    return from(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
  }
  static __m512 load_part(const uint16_t* at, size_t count) {
    return from(_mm256_maskz_loadu_epi16(first16(count), at));
  }
  static double wide(uint16_t bits) { return wide_bf16(bits); }
};

struct Words {
  using Type = __m512i;
  using Sum = __m512i;
  static constexpr size_t COUNT = 32;
  static Sum zero() { return _mm512_setzero_si512(); }
  static Type load(const int8_t* at) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
  }
  static Type load_part(const int8_t* at, size_t count) {
    const __mmask32 mask = static_cast<__mmask32>((uint64_t{1} << count) - 1);
    return _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(mask, at));
  }
  static Type subtract(Type a, Type b) { return _mm512_sub_epi16(a, b); }
  static Sum multiply_add(Sum sum, Type a, Type b) { return _mm512_dpwssd_epi32(sum, a, b); }
  static int32_t total(Sum sum) { return _mm512_reduce_add_epi32(sum); }
};

int32_t code_products(const uint8_t* query, const int8_t* code, size_t dim) {
  __m512i sum = _mm512_setzero_si512();
  size_t at = 0;
  for (; at + 64 <= dim; at += 64) {
    sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(query + at), _mm512_loadu_si512(code + at));
  }
  if (at < dim) {
    const __mmask64 mask = (uint64_t{1} << (dim - at)) - 1;
    sum = _mm512_dpbusd_epi32(sum, _mm512_maskz_loadu_epi8(mask, query + at),
                              _mm512_maskz_loadu_epi8(mask, code + at));
  }
  return _mm512_reduce_add_epi32(sum);
}

}  // namespace
}  // namespace mlite

#include "kernel_table.h"

namespace mlite {
extern const Kernels AVX512_KERNELS;
const Kernels AVX512_KERNELS = table("avx512");
}  // namespace mlite

#endif
