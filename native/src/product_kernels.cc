#include "product_kernels.h"

#include <cstring>
#include <limits>

#include "kernels.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#define MLITE_X64 1
#endif

#if defined(__GNUC__) || defined(__clang__)
#define MLITE_TARGET(features) __attribute__((target(features)))
#define MLITE_INLINE inline __attribute__((always_inline))
#else
#define MLITE_TARGET(features)
#define MLITE_INLINE inline
#endif

namespace mlite {
namespace {

constexpr float FARTHEST = std::numeric_limits<float>::infinity();
// Sums of 8 bits that a 16-bit lane takes.
constexpr size_t LANE_SUMS = 256;

// Written once; compilers make of it what the instruction set has.
MLITE_INLINE Nearest find_nearest(const float* vector, const Entries& entries) {
  Nearest best = {0, FARTHEST};
  for (size_t first = 0; first < entries.count; first += ENTRY_GROUP) {
    float sums[ENTRY_GROUP] = {};
    for (size_t d = 0; d < entries.dim; d++) {
      const float* const at = entries.values + d * entries.room + first;
      const float value = vector[d];
      for (size_t k = 0; k < ENTRY_GROUP; k++) {
        const float difference = value - at[k];
        sums[k] += difference * difference;
      }
    }
    const size_t left = entries.count - first;
    for (size_t k = 0; k < ENTRY_GROUP && k < left; k++) {
      if (sums[k] < best.cost) best = {static_cast<uint32_t>(first + k), sums[k]};
    }
  }
  return best;
}

MLITE_INLINE void fill_table(const float* vector, const Entries& entries, float* out) {
  for (size_t first = 0; first < entries.room; first += ENTRY_GROUP) {
    float sums[ENTRY_GROUP] = {};
    for (size_t d = 0; d < entries.dim; d++) {
      const float* const at = entries.values + d * entries.room + first;
      const float value = vector[d];
      for (size_t k = 0; k < ENTRY_GROUP; k++) sums[k] += value * at[k];
    }
    std::memcpy(out + first, sums, sizeof(sums));
  }
}

Nearest plain_nearest(const float* vector, const Entries& entries) {
  return find_nearest(vector, entries);
}

void plain_table(const float* vector, const Entries& entries, float* out) {
  fill_table(vector, entries, out);
}

void plain_sums(const uint8_t* table, const uint8_t* codes, size_t parts, uint32_t* out) {
  for (size_t r = 0; r < ROW_BLOCK; r++) out[r] = 0;
  for (size_t part = 0; part < parts; part++, table += 16, codes += 16) {
    for (size_t i = 0; i < 16; i++) {
      out[i] += table[codes[i] & 15];
      out[16 + i] += table[codes[i] >> 4];
    }
  }
}

#if defined(MLITE_X64)

#define MLITE_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"

// N groups of entries from `first` on.
template <size_t N>
MLITE_TARGET(MLITE_AVX512)
inline void wide_groups(const float* vector, const Entries& entries, size_t first, __m512& costs,
                        __m512i& found) {
  __m512 sums[N];
  for (size_t i = 0; i < N; i++) sums[i] = _mm512_setzero_ps();
  const float* at = entries.values + first;
  for (size_t d = 0; d < entries.dim; d++, at += entries.room) {
    const __m512 value = _mm512_set1_ps(vector[d]);
    for (size_t i = 0; i < N; i++) {
      const __m512 difference = _mm512_sub_ps(value, _mm512_loadu_ps(at + i * ENTRY_GROUP));
      sums[i] = _mm512_add_ps(sums[i], _mm512_mul_ps(difference, difference));
    }
  }
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (size_t i = 0; i < N; i++) {
    const int start = static_cast<int>(first + i * ENTRY_GROUP);
    const __m512i which = _mm512_add_epi32(lanes, _mm512_set1_epi32(start));
    const __mmask16 there =
        _mm512_cmplt_epi32_mask(which, _mm512_set1_epi32(static_cast<int>(entries.count)));
    const __mmask16 better = _mm512_mask_cmp_ps_mask(there, sums[i], costs, _CMP_LT_OQ);
    costs = _mm512_mask_mov_ps(costs, better, sums[i]);
    found = _mm512_mask_mov_epi32(found, better, which);
  }
}

MLITE_TARGET(MLITE_AVX512)
Nearest avx512_nearest(const float* vector, const Entries& entries) {
  __m512 costs = _mm512_set1_ps(FARTHEST);
  __m512i found = _mm512_setzero_si512();
  size_t first = 0;
  for (; first + 4 * ENTRY_GROUP <= entries.room; first += 4 * ENTRY_GROUP) {
    wide_groups<4>(vector, entries, first, costs, found);
  }
  for (; first < entries.room; first += ENTRY_GROUP) {
    wide_groups<1>(vector, entries, first, costs, found);
  }
  const float least = _mm512_reduce_min_ps(costs);
  const __mmask16 equal = _mm512_cmp_ps_mask(costs, _mm512_set1_ps(least), _CMP_EQ_OQ);
  return {_mm512_mask_reduce_min_epu32(equal, found), least};
}

// N groups of a table from `first` on.
template <size_t N>
MLITE_TARGET(MLITE_AVX512)
inline void wide_table(const float* vector, const Entries& entries, size_t first, float* out) {
  __m512 sums[N];
  for (size_t i = 0; i < N; i++) sums[i] = _mm512_setzero_ps();
  const float* at = entries.values + first;
  for (size_t d = 0; d < entries.dim; d++, at += entries.room) {
    const __m512 value = _mm512_set1_ps(vector[d]);
    for (size_t i = 0; i < N; i++) {
      const __m512 product = _mm512_mul_ps(value, _mm512_loadu_ps(at + i * ENTRY_GROUP));
      sums[i] = _mm512_add_ps(sums[i], product);
    }
  }
  for (size_t i = 0; i < N; i++) _mm512_storeu_ps(out + first + i * ENTRY_GROUP, sums[i]);
}

MLITE_TARGET(MLITE_AVX512)
void avx512_table(const float* vector, const Entries& entries, float* out) {
  size_t first = 0;
  for (; first + 8 * ENTRY_GROUP <= entries.room; first += 8 * ENTRY_GROUP) {
    wide_table<8>(vector, entries, first, out);
  }
  for (; first < entries.room; first += ENTRY_GROUP) wide_table<1>(vector, entries, first, out);
}

// Sums of the 16 rows whose even and odd bytes were added up.
MLITE_TARGET(MLITE_AVX512)
inline __m512i wide_rows(__m512i all, __m512i odd) {
  const __m512i even = _mm512_sub_epi16(all, _mm512_slli_epi16(odd, 8));
  __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  const __m512i lanes[2] = {even, odd};
  for (size_t i = 0; i < 2; i++) {
    sums[i] = _mm256_add_epi32(
        _mm256_add_epi32(_mm256_cvtepu16_epi32(_mm512_castsi512_si128(lanes[i])),
                         _mm256_cvtepu16_epi32(_mm512_extracti32x4_epi32(lanes[i], 1))),
        _mm256_add_epi32(_mm256_cvtepu16_epi32(_mm512_extracti32x4_epi32(lanes[i], 2)),
                         _mm256_cvtepu16_epi32(_mm512_extracti32x4_epi32(lanes[i], 3))));
  }
  const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(sums[0]), sums[1], 1);
  const __m512i order =
      _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  return _mm512_permutexvar_epi32(order, both);
}

MLITE_TARGET(MLITE_AVX512)
void avx512_sums(const uint8_t* table, const uint8_t* codes, size_t parts, uint32_t* out) {
  const __m512i nibble = _mm512_set1_epi8(15);
  __m512i totals[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
  for (size_t first = 0; first < parts; first += 4 * LANE_SUMS) {
    const size_t end = parts - first < 4 * LANE_SUMS ? parts : first + 4 * LANE_SUMS;
    __m512i low = _mm512_setzero_si512();
    __m512i low_odd = _mm512_setzero_si512();
    __m512i high = _mm512_setzero_si512();
    __m512i high_odd = _mm512_setzero_si512();
    for (size_t part = first; part < end; part += PART_GROUP) {
      const __m512i code = _mm512_loadu_si512(codes + part * 16);
      const __m512i values = _mm512_loadu_si512(table + part * 16);
      const __m512i one = _mm512_shuffle_epi8(values, _mm512_and_si512(code, nibble));
      const __m512i other = _mm512_shuffle_epi8(
          values, _mm512_and_si512(_mm512_srli_epi16(code, 4), nibble));
      low = _mm512_add_epi16(low, one);
      low_odd = _mm512_add_epi16(low_odd, _mm512_srli_epi16(one, 8));
      high = _mm512_add_epi16(high, other);
      high_odd = _mm512_add_epi16(high_odd, _mm512_srli_epi16(other, 8));
    }
    totals[0] = _mm512_add_epi32(totals[0], wide_rows(low, low_odd));
    totals[1] = _mm512_add_epi32(totals[1], wide_rows(high, high_odd));
  }
  _mm512_storeu_si512(out, totals[0]);
  _mm512_storeu_si512(out + 16, totals[1]);
}

MLITE_TARGET("avx2")
Nearest avx2_nearest(const float* vector, const Entries& entries) {
  return find_nearest(vector, entries);
}

MLITE_TARGET("avx2")
void avx2_table(const float* vector, const Entries& entries, float* out) {
  fill_table(vector, entries, out);
}

MLITE_TARGET("avx2")
inline void half_rows(__m256i all, __m256i odd, uint32_t* out) {
  const __m256i even = _mm256_sub_epi16(all, _mm256_slli_epi16(odd, 8));
  const __m256i lanes[2] = {even, odd};
  uint32_t sums[2][8];
  for (size_t i = 0; i < 2; i++) {
    const __m256i sum =
        _mm256_add_epi32(_mm256_cvtepu16_epi32(_mm256_castsi256_si128(lanes[i])),
                         _mm256_cvtepu16_epi32(_mm256_extracti128_si256(lanes[i], 1)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums[i]), sum);
  }
  for (size_t i = 0; i < 8; i++) {
    out[2 * i] += sums[0][i];
    out[2 * i + 1] += sums[1][i];
  }
}

MLITE_TARGET("avx2")
void avx2_sums(const uint8_t* table, const uint8_t* codes, size_t parts, uint32_t* out) {
  const __m256i nibble = _mm256_set1_epi8(15);
  for (size_t r = 0; r < ROW_BLOCK; r++) out[r] = 0;
  for (size_t first = 0; first < parts; first += 2 * LANE_SUMS) {
    const size_t end = parts - first < 2 * LANE_SUMS ? parts : first + 2 * LANE_SUMS;
    __m256i low = _mm256_setzero_si256();
    __m256i low_odd = _mm256_setzero_si256();
    __m256i high = _mm256_setzero_si256();
    __m256i high_odd = _mm256_setzero_si256();
    for (size_t part = first; part < end; part += 2) {
      const __m256i code =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + part * 16));
      const __m256i values =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(table + part * 16));
      const __m256i one = _mm256_shuffle_epi8(values, _mm256_and_si256(code, nibble));
      const __m256i other = _mm256_shuffle_epi8(
          values, _mm256_and_si256(_mm256_srli_epi16(code, 4), nibble));
      low = _mm256_add_epi16(low, one);
      low_odd = _mm256_add_epi16(low_odd, _mm256_srli_epi16(one, 8));
      high = _mm256_add_epi16(high, other);
      high_odd = _mm256_add_epi16(high_odd, _mm256_srli_epi16(other, 8));
    }
    half_rows(low, low_odd, out);
    half_rows(high, high_odd, out + 16);
  }
}

constexpr ProductKernels AVX512 = {"avx512", avx512_nearest, avx512_table, avx512_sums};
constexpr ProductKernels AVX2 = {"avx2", avx2_nearest, avx2_table, avx2_sums};

#endif

constexpr ProductKernels PLAIN = {"scalar", plain_nearest, plain_table, plain_sums};

}  // namespace

const ProductKernels* product_kernels_named(const char* name) {
  if (std::strcmp(name, "scalar") == 0) return &PLAIN;
#if defined(MLITE_X64)
  if (kernels_named(name) == nullptr) return nullptr;
  if (std::strcmp(name, "avx512") == 0) return &AVX512;
  if (std::strcmp(name, "avx2") == 0) return &AVX2;
#endif
  return nullptr;
}

const ProductKernels& product_kernels() {
  static const ProductKernels& chosen = []() -> const ProductKernels& {
    const ProductKernels* const named = product_kernels_named(kernels().name);
    return named == nullptr ? PLAIN : *named;
  }();
  return chosen;
}

}  // namespace mlite
