// Codes of graphs: made of float32, and compared, a signed query against many unsigned codes, several
// rows at a time. Whole numbers and one order of the float operations, so every instruction set gives
// the same codes and costs, bit for bit.

#ifndef MLITE_GRAPH_KERNELS_H_
#define MLITE_GRAPH_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// Codes lie in blocks of this many bytes.
constexpr size_t CODE_BLOCK = 64;

struct CodeRows {
  // Element value + 128; rows `stride` bytes apart, padded with 128 to whole blocks.
  const uint8_t* codes;
  // Whole blocks, at most 32768 bytes.
  size_t stride;
};

// What codes are compared with.
struct CodeProbe {
  // As long as a row of codes, padded with 0.
  const int8_t* values;
  // Of the values.
  int32_t sum;
  float factor;
  float bias;
  // By row; squares are null where costs have neither them nor a bias.
  const float* scales;
  const float* squares;
};

// Elements as whole numbers.
struct Rounded {
  int32_t sum;
  int32_t square;
};

struct GraphKernels {
  // "avx512", "avx2" or "scalar".
  const char* name;

  // out[r] = factor x scales[row] x product, + (bias + squares[row]) where there are squares, where
  // row = rows[r] and product = sum of values[i] x (code[i] - 128); finite.
  void (*costs)(const CodeProbe& probe, const CodeRows& base, const uint32_t* rows, size_t count,
                float* out);
  // The size of the largest element.
  float (*largest)(const float* vector, size_t dim);
  // Elements x factor, which are of [-128, 127], rounded to the nearest whole number, halves away
  // from 0; dim is at most 32768.
  Rounded (*round)(const float* vector, size_t dim, double factor, int8_t* out);
};

// The fastest for this processor.
const GraphKernels& graph_kernels();

// By name; null where this processor lacks it. For tests.
const GraphKernels* graph_kernels_named(const char* name);

}  // namespace mlite

#endif  // MLITE_GRAPH_KERNELS_H_
