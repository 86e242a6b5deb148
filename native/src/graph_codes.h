// Vectors as a graph sees them: codes to walk over, and the exact costs that have the last word.
//
// A float vector's code holds each element as round(value x 127 / largest) + 128; times its scale
// it is the vector again, within 1/254 of its largest element. Codes of int8 vectors are exact.
// Binary vectors have none: their bits are compared as they are.
//   cost       of the codes                                  exact
//   L2         |q|^2 + |x|^2 - 2 q.x of decoded codes        squared distance
//   IP         -q.x                                          minus the product
//   COSINE     -q.x, both of length 1                        minus the cosine, 0 of a zero vector
//   HAMMING    bits that differ                              the same
//   JACCARD    1 - |q and x| / |q or x|                      the same
// A graph whose rows these codes do not tell apart (src/index/code-fidelity.ts) has none: it is walked
// by exact costs. Codes that were trained (codes.h) have costs of their own; a graph is built over one
// of the former.
// Costs are finite; smaller is better.

#ifndef MLITE_GRAPH_CODES_H_
#define MLITE_GRAPH_CODES_H_

#include "graph_image.h"

namespace mlite {

size_t vector_stride(const GraphShape& shape);

// A vector as float32; not of binary ones.
void widen(const GraphShape& shape, const uint8_t* from, float* to);

// Fills codes, scales and squares of rows [first, end); `vectors` has all rows, `sums` gets the sum
// of each code, `scratch` has room for a vector.
void encode_rows(const GraphImage& image, const uint8_t* vectors, uint32_t first, uint32_t end,
                 int32_t* sums, float* scratch);

// What rows are compared with: a query, or a row of the graph.
class Probe {
 public:
  // False when there is no memory.
  bool open(const GraphImage& image, const uint8_t* vectors);

  // `query` has the type of the vectors; it is read until the next call.
  void set_query(const uint8_t* query);
  // `sum` as encode_rows found it; not over codes that were trained.
  void set_row(uint32_t row, int32_t sum);

  // Costs by codes, where there are any.
  void costs(const uint32_t* rows, size_t count, float* out) const {
    if (image_->shape.type == VectorType::Binary) {
      bit_costs(rows, count, out);
      return;
    }
    if (image_->shape.is_trained) {
      trained_.costs_of(image_->codes.codes, rows, count, out);
      return;
    }
    if (image_->shape.is_over_vectors) {
      vector_costs(rows, count, out);
      return;
    }
    graph_kernels_->costs(code_, image_->codes, rows, count, out);
  }

  // Asks for what `costs` will read of a row.
  MLITE_INLINE void fetch(uint32_t row) const { prefetch(base_ + row * stride_, stride_); }

  // Exact costs for the query that was set; `rows` null: rows 0, 1 ...
  void exact_costs(const uint32_t* rows, size_t count, float* out) const;

 private:
  void bit_costs(const uint32_t* rows, size_t count, float* out) const;
  void vector_costs(const uint32_t* rows, size_t count, float* out) const;
  void float_costs(const uint32_t* rows, size_t count, const float* squares, float* out) const;
  void row_square(uint32_t row, float* out) const;
  void int8_costs(const uint32_t* rows, size_t count, float* out) const;
  double wide_cosine(uint32_t row) const;

  const GraphImage* image_ = nullptr;
  const uint8_t* vectors_ = nullptr;
  const Kernels* kernels_ = nullptr;
  const GraphKernels* graph_kernels_ = nullptr;
  // What is compared: codes, or the vectors where there are none.
  const uint8_t* base_ = nullptr;
  size_t stride_ = 0;

  Array<int8_t> values_;
  Array<float> query_;
  // The query, or row, as float32: query_, or where it lies.
  const float* floats_ = nullptr;
  // Codes that were trained.
  CodeQuery trained_;
  Array<float> prepared_;
  const uint8_t* bits_ = nullptr;
  uint32_t bit_count_ = 0;
  // The query, or row, as a code: values_, where it has one.
  CodeProbe code_ = {};
  float query_square_ = 0;
};

}  // namespace mlite

#endif  // MLITE_GRAPH_CODES_H_
