#include "flat_kernels.h"

#include <cstring>

#include "kernels.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#define MLITE_X64 1
#endif

#if defined(__GNUC__) || defined(__clang__)
#define MLITE_TARGET(features) __attribute__((target(features)))
#else
#define MLITE_TARGET(features)
#endif

namespace mlite {
namespace {

constexpr size_t GROUP_BYTES = PANEL_ROWS * PANEL_ELEMENTS;

// Products of one panel, the bias still in them, become its mask.
uint16_t mask_of(const CodePanels& panels, size_t panel, const FlatQuery& query,
                 const int32_t* sums) {
  uint32_t mask = 0;
  for (size_t i = 0; i < PANEL_ROWS; i++) {
    const size_t r = panel * PANEL_ROWS + i;
    float most = static_cast<float>(sums[i] - query.bias) * (query.scale * panels.scales[r]);
    most += query.length * panels.errors[r] + query.slack * panels.lengths[r];
    if (panels.halves != nullptr) most -= panels.halves[r];
    mask |= most < query.least ? 0u : 1u << i;
  }
  return static_cast<uint16_t>(mask);
}

void plain_masks(const CodePanels& panels, const FlatQuery* queries, size_t query_count,
                 uint16_t* out) {
  for (size_t p = 0; p < panels.count; p++) {
    const uint8_t* const panel = panels.codes + p * panels.stride * PANEL_ROWS;
    for (size_t q = 0; q < query_count; q++) {
      int32_t sums[PANEL_ROWS] = {};
      for (size_t at = 0; at < panels.stride; at += PANEL_ELEMENTS) {
        const uint8_t* const group = panel + at * PANEL_ROWS;
        const int8_t* const values = queries[q].values + at;
        for (size_t i = 0; i < PANEL_ROWS; i++) {
          for (size_t e = 0; e < PANEL_ELEMENTS; e++) {
            sums[i] += static_cast<int32_t>(group[i * PANEL_ELEMENTS + e]) * values[e];
          }
        }
      }
      out[q * panels.count + p] = mask_of(panels, p, queries[q], sums);
    }
  }
}

#if defined(MLITE_X64)

#define MLITE_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"

MLITE_TARGET(MLITE_AVX512)
inline __m512i four_values(const int8_t* values) {
  int32_t four;
  std::memcpy(&four, values, 4);
  return _mm512_set1_epi32(four);
}

MLITE_TARGET(MLITE_AVX512)
inline uint16_t wide_mask(const CodePanels& panels, size_t panel, const FlatQuery& query,
                          __m512i sums) {
  const size_t r = panel * PANEL_ROWS;
  const __m512 product = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums, _mm512_set1_epi32(query.bias)));
  const __m512 scale =
      _mm512_mul_ps(_mm512_set1_ps(query.scale), _mm512_loadu_ps(panels.scales + r));
  __m512 most = _mm512_mul_ps(_mm512_set1_ps(query.slack), _mm512_loadu_ps(panels.lengths + r));
  most = _mm512_fmadd_ps(_mm512_set1_ps(query.length), _mm512_loadu_ps(panels.errors + r), most);
  most = _mm512_fmadd_ps(product, scale, most);
  if (panels.halves != nullptr) most = _mm512_sub_ps(most, _mm512_loadu_ps(panels.halves + r));
  return _mm512_cmp_ps_mask(most, _mm512_set1_ps(query.least), _CMP_NLT_UQ);
}

// One query against a panel: four sums side by side hide the latency of each.
MLITE_TARGET(MLITE_AVX512)
inline __m512i panel_sums(const uint8_t* panel, const int8_t* values, size_t stride) {
  __m512i a = _mm512_setzero_si512();
  __m512i b = _mm512_setzero_si512();
  __m512i c = _mm512_setzero_si512();
  __m512i d = _mm512_setzero_si512();
  size_t at = 0;
  for (; at + 16 <= stride; at += 16) {
    const uint8_t* const group = panel + at * PANEL_ROWS;
    a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(group), four_values(values + at));
    b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(group + 64), four_values(values + at + 4));
    c = _mm512_dpbusd_epi32(c, _mm512_loadu_si512(group + 128), four_values(values + at + 8));
    d = _mm512_dpbusd_epi32(d, _mm512_loadu_si512(group + 192), four_values(values + at + 12));
  }
  for (; at < stride; at += PANEL_ELEMENTS) {
    const __m512i group = _mm512_loadu_si512(panel + at * PANEL_ROWS);
    a = _mm512_dpbusd_epi32(a, group, four_values(values + at));
  }
  return _mm512_add_epi32(_mm512_add_epi32(a, b), _mm512_add_epi32(c, d));
}

// Four queries against four panels.
MLITE_TARGET(MLITE_AVX512)
void four_by_four(const CodePanels& panels, size_t first, const FlatQuery* queries, uint16_t* out) {
  const size_t bytes = panels.stride * PANEL_ROWS;
  const uint8_t* const panel = panels.codes + first * bytes;
  __m512i sums[16];
  for (size_t i = 0; i < 16; i++) sums[i] = _mm512_setzero_si512();
  for (size_t at = 0; at < panels.stride; at += PANEL_ELEMENTS) {
    const uint8_t* const group = panel + at * PANEL_ROWS;
    const __m512i a = _mm512_loadu_si512(group);
    const __m512i b = _mm512_loadu_si512(group + bytes);
    const __m512i c = _mm512_loadu_si512(group + bytes * 2);
    const __m512i d = _mm512_loadu_si512(group + bytes * 3);
    for (size_t q = 0; q < 4; q++) {
      const __m512i values = four_values(queries[q].values + at);
      sums[q * 4] = _mm512_dpbusd_epi32(sums[q * 4], a, values);
      sums[q * 4 + 1] = _mm512_dpbusd_epi32(sums[q * 4 + 1], b, values);
      sums[q * 4 + 2] = _mm512_dpbusd_epi32(sums[q * 4 + 2], c, values);
      sums[q * 4 + 3] = _mm512_dpbusd_epi32(sums[q * 4 + 3], d, values);
    }
  }
  for (size_t q = 0; q < 4; q++) {
    for (size_t p = 0; p < 4; p++) {
      out[q * panels.count + first + p] =
          wide_mask(panels, first + p, queries[q], sums[q * 4 + p]);
    }
  }
}

MLITE_TARGET(MLITE_AVX512)
void avx512_masks(const CodePanels& panels, const FlatQuery* queries, size_t query_count,
                  uint16_t* out) {
  const size_t bytes = panels.stride * PANEL_ROWS;
  size_t p = 0;
  for (; query_count >= 4 && p + 4 <= panels.count; p += 4) {
    size_t q = 0;
    for (; q + 4 <= query_count; q += 4) {
      four_by_four(panels, p, queries + q, out + q * panels.count);
    }
    for (; q < query_count; q++) {
      for (size_t i = p; i < p + 4; i++) {
        const __m512i sums = panel_sums(panels.codes + i * bytes, queries[q].values, panels.stride);
        out[q * panels.count + i] = wide_mask(panels, i, queries[q], sums);
      }
    }
  }
  for (; p < panels.count; p++) {
    for (size_t q = 0; q < query_count; q++) {
      const __m512i sums = panel_sums(panels.codes + p * bytes, queries[q].values, panels.stride);
      out[q * panels.count + p] = wide_mask(panels, p, queries[q], sums);
    }
  }
}

// Sums of neighbouring lanes: eight rows in order.
MLITE_TARGET("avx2")
inline void store_rows(__m256i first, __m256i second, int32_t* out) {
  const __m256i pairs = _mm256_permute4x64_epi64(_mm256_hadd_epi32(first, second), 0xd8);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), pairs);
}

// On 16-bit lanes: the instruction that multiplies bytes would saturate.
MLITE_TARGET("avx2")
void avx2_masks(const CodePanels& panels, const FlatQuery* queries, size_t query_count,
                uint16_t* out) {
  for (size_t p = 0; p < panels.count; p++) {
    const uint8_t* const panel = panels.codes + p * panels.stride * PANEL_ROWS;
    for (size_t q = 0; q < query_count; q++) {
      __m256i sums[4];
      for (size_t i = 0; i < 4; i++) sums[i] = _mm256_setzero_si256();
      for (size_t at = 0; at < panels.stride; at += PANEL_ELEMENTS) {
        const uint8_t* const group = panel + at * PANEL_ROWS;
        int32_t four;
        std::memcpy(&four, queries[q].values + at, 4);
        const __m256i values = _mm256_cvtepi8_epi16(_mm_set1_epi32(four));
        for (size_t i = 0; i < 4; i++) {
          const __m128i rows =
              _mm_loadu_si128(reinterpret_cast<const __m128i*>(group + i * GROUP_BYTES / 4));
          const __m256i products = _mm256_madd_epi16(_mm256_cvtepu8_epi16(rows), values);
          sums[i] = _mm256_add_epi32(sums[i], products);
        }
      }
      int32_t totals[PANEL_ROWS];
      store_rows(sums[0], sums[1], totals);
      store_rows(sums[2], sums[3], totals + 8);
      out[q * panels.count + p] = mask_of(panels, p, queries[q], totals);
    }
  }
}

#endif

}  // namespace

PanelMasks panel_masks_named(const char* name) {
  if (std::strcmp(name, "scalar") == 0) return plain_masks;
#if defined(MLITE_X64)
  if (kernels_named(name) == nullptr) return nullptr;
  if (std::strcmp(name, "avx512") == 0) return avx512_masks;
  if (std::strcmp(name, "avx2") == 0) return avx2_masks;
#endif
  return nullptr;
}

PanelMasks panel_masks() {
  static const PanelMasks chosen = [] {
    const PanelMasks named = panel_masks_named(kernels().name);
    return named == nullptr ? static_cast<PanelMasks>(plain_masks) : named;
  }();
  return chosen;
}

}  // namespace mlite
