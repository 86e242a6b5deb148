// The coded scan's inner loop: which rows of some panels can still be among the best of a query.
//
// A panel is sixteen rows: four elements of each row after the other, then the next four. Products
// of codes are exact; the bound that is made of them in float32 has room for its own rounding (see
// flat_image.h), so instruction sets may round it differently.

#ifndef MLITE_FLAT_KERNELS_H_
#define MLITE_FLAT_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

constexpr size_t PANEL_ROWS = 16;
// Elements of one row that lie side by side.
constexpr size_t PANEL_ELEMENTS = 4;

// Consecutive panels, and what belongs to each of their rows.
struct CodePanels {
  // Element value + 128; `stride` x PANEL_ROWS bytes a panel.
  const uint8_t* codes;
  // A multiple of PANEL_ELEMENTS, at most 32768.
  size_t stride;
  const float* scales;
  const float* errors;
  const float* lengths;
  // Null: none.
  const float* halves;
  size_t count;
};

// Row r stays when
//   scale x scales[r] x product + length x errors[r] + slack x lengths[r] - halves[r] < least
// is false: it is when anything is no number.
struct FlatQuery {
  // `stride` bytes.
  const int8_t* values;
  // 128 x the sum of the values.
  int32_t bias;
  float scale;
  float length;
  float slack;
  float least;
};

// out[q x panels.count + p]: bit i is set when row i of panel p stays.
using PanelMasks = void (*)(const CodePanels& panels, const FlatQuery* queries, size_t query_count,
                            uint16_t* out);

// The fastest for this processor.
PanelMasks panel_masks();

// By name: "avx512", "avx2" or "scalar"; null where this processor lacks it. For tests.
PanelMasks panel_masks_named(const char* name);

}  // namespace mlite

#endif  // MLITE_FLAT_KERNELS_H_
