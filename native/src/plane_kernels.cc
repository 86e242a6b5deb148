#include "plane_kernels.h"

#include <cstring>

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

constexpr uint32_t WIDTHS[] = {8, 4, 2, 1};
constexpr size_t PREFETCH_ROWS = 6;

inline size_t blocks_of(size_t dim) { return (dim + PLANE_BLOCK - 1) / PLANE_BLOCK; }

// Where dimension i of a block is: which byte, and how many bits up.
inline size_t byte_of(size_t i, uint32_t width) { return width == 1 ? i / 8 : i % (8 * width); }
inline uint32_t shift_of(size_t i, uint32_t width) {
  return static_cast<uint32_t>(width == 1 ? i % 8 : i / (8 * width) * width);
}

inline size_t row_at(const uint32_t* rows, size_t r) { return rows == nullptr ? r : rows[r]; }

// One plane of one row as 64 numbers a block.
inline void unpack_block(const uint8_t* plane, uint32_t width, uint8_t* out) {
  const uint8_t mask = static_cast<uint8_t>((1u << width) - 1);
  for (size_t i = 0; i < PLANE_BLOCK; i++) {
    out[i] = static_cast<uint8_t>(plane[byte_of(i, width)] >> shift_of(i, width)) & mask;
  }
}

// Written once; compilers make of it what the instruction set has.
MLITE_INLINE float find_largest(const float* vector, size_t dim) {
  // Sizes of floats are in the order of their bits.
  int32_t most = 0;
  for (size_t i = 0; i < dim; i++) {
    int32_t bits;
    std::memcpy(&bits, vector + i, 4);
    bits &= 0x7fffffff;
    most = bits > most ? bits : most;
  }
  float largest;
  std::memcpy(&largest, &most, 4);
  return largest;
}

// What is no number becomes the greatest.
MLITE_INLINE int32_t whole_weight(float value) {
  const float below = value < WIDE_WEIGHT_MAX ? value : WIDE_WEIGHT_MAX;
  const float both = below > -WIDE_WEIGHT_MAX ? below : -WIDE_WEIGHT_MAX;
  return static_cast<int32_t>(both + (both < 0 ? -0.5f : 0.5f));
}

MLITE_INLINE void put_weight(int32_t weight, size_t i, int8_t* high, int8_t* low) {
  const int32_t upper = (weight + 128) >> 8;
  high[i] = static_cast<int8_t>(upper);
  low[i] = static_cast<int8_t>(weight - upper * 256);
}

MLITE_INLINE int32_t make_weights(const float* vector, size_t dim, float factor, int8_t* high,
                                  int8_t* low) {
  int32_t total = 0;
  if (high == nullptr) {
    for (size_t i = 0; i < dim; i++) {
      const int32_t weight = whole_weight(vector[i] * factor);
      low[i] = static_cast<int8_t>(weight);
      total += weight;
    }
    return total;
  }
  for (size_t i = 0; i < dim; i++) {
    const int32_t weight = whole_weight(vector[i] * factor);
    put_weight(weight, i, high, low);
    total += weight;
  }
  return total;
}

MLITE_INLINE int32_t odd_weight(float value, int32_t most) {
  const int32_t weight = 2 * whole_weight((value - 1) * 0.5f) + 1;
  const int32_t below = weight < most ? weight : most;
  return below > -most ? below : -most;
}

MLITE_INLINE int32_t make_odd_weights(const float* vector, size_t dim, float factor, int32_t most,
                                      int8_t* high, int8_t* low) {
  int32_t total = 0;
  if (high == nullptr) {
    for (size_t i = 0; i < dim; i++) {
      const int32_t weight = odd_weight(vector[i] * factor, most);
      low[i] = static_cast<int8_t>(weight);
      total += weight;
    }
    return total;
  }
  for (size_t i = 0; i < dim; i++) {
    const int32_t weight = odd_weight(vector[i] * factor, most);
    put_weight(weight, i, high, low);
    total += weight;
  }
  return total;
}

float plain_largest(const float* vector, size_t dim) { return find_largest(vector, dim); }

int32_t plain_weigh(const float* vector, size_t dim, float factor, int8_t* high, int8_t* low) {
  return make_weights(vector, dim, factor, high, low);
}

int32_t plain_weigh_odd(const float* vector, size_t dim, float factor, int32_t most, int8_t* high,
                        int8_t* low) {
  return make_odd_weights(vector, dim, factor, most, high, low);
}

void plain_products(const PlaneQuery& query, const PlaneRows& base, const uint32_t* rows,
                    size_t count, int64_t* out) {
  uint8_t values[PLANE_BLOCK];
  for (size_t r = 0; r < count; r++) {
    const uint8_t* plane = base.base + row_at(rows, r) * base.stride;
    uint32_t left = query.bits;
    int64_t total = 0;
    for (const uint32_t width : WIDTHS) {
      if ((query.bits & width) == 0) continue;
      left -= width;
      int32_t high = 0;
      int32_t low = 0;
      for (size_t block = 0; block < query.blocks; block++, plane += 8 * width) {
        unpack_block(plane, width, values);
        const int8_t* const l = query.low + block * PLANE_BLOCK;
        for (size_t i = 0; i < PLANE_BLOCK; i++) low += l[i] * values[i];
        if (query.high == nullptr) continue;
        const int8_t* const h = query.high + block * PLANE_BLOCK;
        for (size_t i = 0; i < PLANE_BLOCK; i++) high += h[i] * values[i];
      }
      total += (int64_t{high} * 256 + low) * (int64_t{1} << left);
    }
    out[r] = total;
  }
}

#if defined(MLITE_X64)

#define MLITE_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"

// Numbers of 64 dimensions of a plane of `W` bits.
template <uint32_t W>
MLITE_TARGET(MLITE_AVX512)
inline __m512i wide_values(const uint8_t* at) {
  if constexpr (W == 8) {
    return _mm512_loadu_si512(at);
  } else if constexpr (W == 4) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(bytes),
                                            _mm256_srli_epi16(bytes, 4), 1);
    return _mm512_and_si512(both, _mm512_set1_epi8(15));
  } else if constexpr (W == 2) {
    const __m512i four = _mm512_broadcast_i32x4(_mm_loadu_si128(
        reinterpret_cast<const __m128i*>(at)));
    const __m512i shifts = _mm512_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6);
    return _mm512_and_si512(_mm512_srlv_epi32(four, shifts), _mm512_set1_epi8(3));
  } else {
    uint64_t mask;
    std::memcpy(&mask, at, 8);
    return _mm512_maskz_set1_epi8(mask, 1);
  }
}

// Sums of the lanes of four registers.
MLITE_TARGET(MLITE_AVX512)
inline __m128i wide_totals(const __m512i* sums) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[0], sums[1]),
                                      _mm512_unpackhi_epi32(sums[0], sums[1]));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[2], sums[3]),
                                      _mm512_unpackhi_epi32(sums[2], sums[3]));
  const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd),
                                       _mm512_unpackhi_epi64(ab, cd));
  const __m256i half =
      _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

// Adds one plane of four rows to their totals; `at` is left behind the plane.
template <uint32_t W, bool IS_WIDE>
MLITE_TARGET(MLITE_AVX512)
inline __m256i wide_plane(const PlaneQuery& query, const uint8_t** at, __m256i totals,
                          uint32_t left) {
  __m512i high[4];
  __m512i low[4];
  for (size_t i = 0; i < 4; i++) high[i] = low[i] = _mm512_setzero_si512();
  for (size_t block = 0; block < query.blocks; block++) {
    const __m512i l = _mm512_loadu_si512(query.low + block * PLANE_BLOCK);
    __m512i h = l;
    if constexpr (IS_WIDE) h = _mm512_loadu_si512(query.high + block * PLANE_BLOCK);
    for (size_t i = 0; i < 4; i++) {
      const __m512i values = wide_values<W>(at[i] + block * 8 * W);
      low[i] = _mm512_dpbusd_epi32(low[i], values, l);
      if constexpr (IS_WIDE) high[i] = _mm512_dpbusd_epi32(high[i], values, h);
    }
  }
  for (size_t i = 0; i < 4; i++) at[i] += query.blocks * 8 * W;
  __m256i sum = _mm256_cvtepi32_epi64(wide_totals(low));
  if constexpr (IS_WIDE) {
    const __m256i upper = _mm256_slli_epi64(_mm256_cvtepi32_epi64(wide_totals(high)), 8);
    sum = _mm256_add_epi64(sum, upper);
  }
  return _mm256_add_epi64(totals, _mm256_sll_epi64(sum, _mm_cvtsi32_si128(static_cast<int>(left))));
}

template <bool IS_WIDE>
MLITE_TARGET(MLITE_AVX512)
inline void wide_products(const PlaneQuery& query, const PlaneRows& base, const uint32_t* rows,
                          size_t count, int64_t* out) {
  for (size_t r = 0; r < count; r += 4) {
    const size_t some = count - r < 4 ? count - r : 4;
    const uint8_t* at[4];
    // Behind the last row it stands in for those that are not there.
    for (size_t i = 0; i < 4; i++) {
      at[i] = base.base + row_at(rows, r + (i < some ? i : some - 1)) * base.stride;
    }
    if (rows != nullptr && r + PREFETCH_ROWS + 4 <= count) {
      for (size_t i = 0; i < 4; i++) {
        prefetch(base.base + rows[r + PREFETCH_ROWS + i] * base.stride, base.stride);
      }
    }
    const uint32_t bits = query.bits;
    uint32_t left = bits;
    __m256i totals = _mm256_setzero_si256();
    if ((bits & 8) != 0) totals = wide_plane<8, IS_WIDE>(query, at, totals, left -= 8);
    if ((bits & 4) != 0) totals = wide_plane<4, IS_WIDE>(query, at, totals, left -= 4);
    if ((bits & 2) != 0) totals = wide_plane<2, IS_WIDE>(query, at, totals, left -= 2);
    if ((bits & 1) != 0) totals = wide_plane<1, IS_WIDE>(query, at, totals, left -= 1);
    if (some == 4) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + r), totals);
    } else {
      _mm256_mask_storeu_epi64(out + r, static_cast<__mmask8>((1u << some) - 1), totals);
    }
  }
}

MLITE_TARGET(MLITE_AVX512)
void avx512_products(const PlaneQuery& query, const PlaneRows& base, const uint32_t* rows,
                     size_t count, int64_t* out) {
  if (query.high == nullptr) {
    wide_products<false>(query, base, rows, count, out);
  } else {
    wide_products<true>(query, base, rows, count, out);
  }
}

MLITE_TARGET(MLITE_AVX512)
float avx512_largest(const float* vector, size_t dim) { return find_largest(vector, dim); }

MLITE_TARGET(MLITE_AVX512)
int32_t avx512_weigh(const float* vector, size_t dim, float factor, int8_t* high, int8_t* low) {
  return make_weights(vector, dim, factor, high, low);
}

MLITE_TARGET(MLITE_AVX512)
int32_t avx512_weigh_odd(const float* vector, size_t dim, float factor, int32_t most, int8_t* high,
                         int8_t* low) {
  return make_odd_weights(vector, dim, factor, most, high, low);
}

// Numbers of dimensions [32 half, 32 half + 32) of a plane of `W` bits.
template <uint32_t W>
MLITE_TARGET("avx2")
inline __m256i half_values(const uint8_t* at, size_t half) {
  if constexpr (W == 8) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + half * 32));
  } else if constexpr (W == 4) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i wanted = half == 0 ? bytes : _mm256_srli_epi16(bytes, 4);
    return _mm256_and_si256(wanted, _mm256_set1_epi8(15));
  } else if constexpr (W == 2) {
    const __m256i both = _mm256_broadcastsi128_si256(_mm_loadu_si128(
        reinterpret_cast<const __m128i*>(at)));
    const __m256i shifts = half == 0 ? _mm256_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2)
                                     : _mm256_setr_epi32(4, 4, 4, 4, 6, 6, 6, 6);
    return _mm256_and_si256(_mm256_srlv_epi32(both, shifts), _mm256_set1_epi8(3));
  } else {
    int32_t bits;
    std::memcpy(&bits, at + half * 4, 4);
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
                                            2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(bits), spread);
    const __m256i chosen = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201ull));
    const __m256i found = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, chosen), chosen);
    return _mm256_and_si256(found, _mm256_set1_epi8(1));
  }
}

MLITE_TARGET("avx2")
inline __m256i half_products(__m256i sum, __m256i values, const int8_t* query) {
  const __m128i* const q = reinterpret_cast<const __m128i*>(query);
  const __m256i first = _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm256_castsi256_si128(values)),
                                          _mm256_cvtepi8_epi16(_mm_loadu_si128(q)));
  const __m256i second =
      _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm256_extracti128_si256(values, 1)),
                        _mm256_cvtepi8_epi16(_mm_loadu_si128(q + 1)));
  return _mm256_add_epi32(sum, _mm256_add_epi32(first, second));
}

MLITE_TARGET("avx2")
inline int32_t half_total(__m256i sum) {
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
  return _mm_cvtsi128_si32(four);
}

template <uint32_t W>
MLITE_TARGET("avx2")
inline int64_t half_plane(const PlaneQuery& query, const uint8_t*& plane) {
  __m256i high = _mm256_setzero_si256();
  __m256i low = _mm256_setzero_si256();
  for (size_t block = 0; block < query.blocks; block++, plane += 8 * W) {
    for (size_t half = 0; half < 2; half++) {
      const __m256i values = half_values<W>(plane, half);
      const size_t first = block * PLANE_BLOCK + half * 32;
      low = half_products(low, values, query.low + first);
      if (query.high != nullptr) high = half_products(high, values, query.high + first);
    }
  }
  return int64_t{half_total(high)} * 256 + half_total(low);
}

MLITE_TARGET("avx2")
void avx2_products(const PlaneQuery& query, const PlaneRows& base, const uint32_t* rows,
                   size_t count, int64_t* out) {
  for (size_t r = 0; r < count; r++) {
    const uint8_t* at = base.base + row_at(rows, r) * base.stride;
    uint32_t left = query.bits;
    int64_t total = 0;
    if ((query.bits & 8) != 0) total += half_plane<8>(query, at) * (int64_t{1} << (left -= 8));
    if ((query.bits & 4) != 0) total += half_plane<4>(query, at) * (int64_t{1} << (left -= 4));
    if ((query.bits & 2) != 0) total += half_plane<2>(query, at) * (int64_t{1} << (left -= 2));
    if ((query.bits & 1) != 0) total += half_plane<1>(query, at) * (int64_t{1} << (left -= 1));
    out[r] = total;
  }
}

MLITE_TARGET("avx2")
float avx2_largest(const float* vector, size_t dim) { return find_largest(vector, dim); }

MLITE_TARGET("avx2")
int32_t avx2_weigh(const float* vector, size_t dim, float factor, int8_t* high, int8_t* low) {
  return make_weights(vector, dim, factor, high, low);
}

MLITE_TARGET("avx2")
int32_t avx2_weigh_odd(const float* vector, size_t dim, float factor, int32_t most, int8_t* high,
                       int8_t* low) {
  return make_odd_weights(vector, dim, factor, most, high, low);
}

constexpr PlaneKernels AVX512 = {"avx512", avx512_products, avx512_largest, avx512_weigh,
                                 avx512_weigh_odd};
constexpr PlaneKernels AVX2 = {"avx2", avx2_products, avx2_largest, avx2_weigh, avx2_weigh_odd};

#endif

constexpr PlaneKernels PLAIN = {"scalar", plain_products, plain_largest, plain_weigh,
                                plain_weigh_odd};

}  // namespace

size_t plane_bytes(uint32_t bits, size_t dim) { return blocks_of(dim) * 8 * bits; }

void pack_planes(const uint32_t* values, size_t dim, uint32_t bits, uint8_t* out) {
  std::memset(out, 0, plane_bytes(bits, dim));
  uint32_t left = bits;
  for (const uint32_t width : WIDTHS) {
    if ((bits & width) == 0) continue;
    left -= width;
    const uint32_t mask = (1u << width) - 1;
    for (size_t i = 0; i < dim; i++) {
      const size_t in_block = i % PLANE_BLOCK;
      uint8_t& byte = out[i / PLANE_BLOCK * 8 * width + byte_of(in_block, width)];
      byte = static_cast<uint8_t>(byte | ((values[i] >> left & mask) << shift_of(in_block, width)));
    }
    out += blocks_of(dim) * 8 * width;
  }
}

void unpack_planes(const uint8_t* planes, size_t dim, uint32_t bits, uint32_t* out) {
  for (size_t i = 0; i < dim; i++) out[i] = 0;
  uint32_t left = bits;
  for (const uint32_t width : WIDTHS) {
    if ((bits & width) == 0) continue;
    left -= width;
    const uint32_t mask = (1u << width) - 1;
    for (size_t i = 0; i < dim; i++) {
      const size_t in_block = i % PLANE_BLOCK;
      const uint32_t byte = planes[i / PLANE_BLOCK * 8 * width + byte_of(in_block, width)];
      out[i] += (byte >> shift_of(in_block, width) & mask) << left;
    }
    planes += blocks_of(dim) * 8 * width;
  }
}

const PlaneKernels* plane_kernels_named(const char* name) {
  if (std::strcmp(name, "scalar") == 0) return &PLAIN;
#if defined(MLITE_X64)
  if (kernels_named(name) == nullptr) return nullptr;
  if (std::strcmp(name, "avx512") == 0) return &AVX512;
  if (std::strcmp(name, "avx2") == 0) return &AVX2;
#endif
  return nullptr;
}

const PlaneKernels& plane_kernels() {
  static const PlaneKernels& chosen = []() -> const PlaneKernels& {
    const PlaneKernels* const named = plane_kernels_named(kernels().name);
    return named == nullptr ? PLAIN : *named;
  }();
  return chosen;
}

}  // namespace mlite
