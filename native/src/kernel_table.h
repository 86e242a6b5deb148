// The table of the instruction set whose Lanes, rows, Words and code_products are defined above the
// #include of this file: the last line of each kernels_<set>.cc.

#ifndef MLITE_KERNEL_TABLE_H_
#define MLITE_KERNEL_TABLE_H_

#include "float_kernels.h"
#include "integer_kernels.h"

namespace mlite {
namespace {

constexpr Kernels table(const char* name) {
  return {
      name,
      pair<SquaredDistance, FloatRow>,
      pair<Dot, FloatRow>,
      query_rows<SquaredDistance, FloatRow>,
      query_rows<Dot, FloatRow>,
      float_tile<SquaredDistance>,
      float_tile<Dot>,
      pair<SquaredDistance, Float16Row>,
      pair<Dot, Float16Row>,
      query_rows<SquaredDistance, Float16Row>,
      query_rows<Dot, Float16Row>,
      pair<SquaredDistance, Bfloat16Row>,
      pair<Dot, Bfloat16Row>,
      query_rows<SquaredDistance, Bfloat16Row>,
      query_rows<Dot, Bfloat16Row>,
      row_norms<FloatRow>,
      row_norms<Float16Row>,
      row_norms<Bfloat16Row>,
      widen_row<Float16Row>,
      widen_row<Bfloat16Row>,
      select_at_most,
      inverse_lengths,
      cosine_costs,
      int8_pair<Int8SquaredDistance>,
      int8_pair<Int8Dot>,
      int8_norm,
      int8_tile<Int8SquaredDistance>,
      int8_tile<Int8Dot>,
      code_products,
      code_rows,
      bit_pair<Different>,
      bit_pair<Common>,
      bit_count,
      bit_tile<Different>,
      bit_tile<Common>,
      equal_elements,
  };
}

}  // namespace
}  // namespace mlite

#endif  // MLITE_KERNEL_TABLE_H_
