// Products of codes for graphs: a signed query against many unsigned codes, several rows at a time.
// Exact, so every instruction set gives the same sums.

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

// out[r] = sum of query[i] x (code[rows[r]][i] - 128); `query` has `stride` bytes, padded with 0,
// and `query_sum` is the sum of them.
using GraphProducts = void (*)(const int8_t* query, int32_t query_sum, const CodeRows& base,
                              const uint32_t* rows, size_t count, int32_t* out);

// The fastest for this processor.
GraphProducts graph_products();

// By name: "avx512", "avx2" or "scalar"; null where this processor lacks it. For tests.
GraphProducts graph_products_named(const char* name);

}  // namespace mlite

#endif  // MLITE_GRAPH_KERNELS_H_
