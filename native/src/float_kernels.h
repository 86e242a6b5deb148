// The float kernels of one instruction set, written once: each kernels_<set>.cc defines `Lanes`
// (float32 lanes and their operations) and row types, then includes this file. Everything has
// internal linkage, so code compiled for one instruction set never stands in for another's.
//
// Lanes: Type, COUNT, TILE_ROWS (rows of a block in registers), zero, load, load_part (padded with
// zeros), store, subtract, multiply_add, are_finite, any_at_most, total (of one sum), totals (of
// four), tile_totals (of a block). A Row type says how a row's elements become lanes: Element,
// load, load_part, wide (-> double).

#ifndef MLITE_FLOAT_KERNELS_H_
#define MLITE_FLOAT_KERNELS_H_

#include <math.h>

#include <cstring>

#include "kernels.h"

namespace mlite {
namespace {

// Rows that one query meets at a time: enough sums side by side to hide the latency of an addition.
constexpr size_t ROWS_AT_ONCE = 4;
constexpr size_t QUERIES_AT_ONCE = 4;
// Rows ahead of the one that is measured, whose bytes are asked for.
constexpr size_t PREFETCH_ROWS = 8;

struct Dot {
  static Lanes::Type add(Lanes::Type sum, Lanes::Type a, Lanes::Type b) {
    return Lanes::multiply_add(a, b, sum);
  }
  static double term(double a, double b) { return a * b; }
};

struct SquaredDistance {
  static Lanes::Type add(Lanes::Type sum, Lanes::Type a, Lanes::Type b) {
    const Lanes::Type difference = Lanes::subtract(a, b);
    return Lanes::multiply_add(difference, difference, sum);
  }
  static double term(double a, double b) { return (a - b) * (a - b); }
};

inline size_t row_at(const uint32_t* rows, size_t r) { return rows == nullptr ? r : rows[r]; }

// The whole sum in float64: for those that leave the range of float32 on their way.
template <class Operation, class Row>
double wide_sum(const float* query, const typename Row::Element* row, size_t dim) {
  double sum = 0;
  for (size_t i = 0; i < dim; i++) sum += Operation::term(query[i], Row::wide(row[i]));
  return sum;
}

// Sums over elements [start, end) of Q queries and R rows; out[q x R + r].
template <class Operation, class Row, size_t Q, size_t R>
inline void block_sums(const float* const* queries, const typename Row::Element* const* rows,
                       size_t start, size_t end, float* out) {
  Lanes::Type sums[R * Q];
  for (size_t i = 0; i < R * Q; i++) sums[i] = Lanes::zero();
  size_t at = start;
  for (; at + Lanes::COUNT <= end; at += Lanes::COUNT) {
    Lanes::Type query[Q];
    for (size_t q = 0; q < Q; q++) query[q] = Lanes::load(queries[q] + at);
    for (size_t r = 0; r < R; r++) {
      const Lanes::Type row = Row::load(rows[r] + at);
      for (size_t q = 0; q < Q; q++) {
        sums[r * Q + q] = Operation::add(sums[r * Q + q], query[q], row);
      }
    }
  }
  if (at < end) {
    Lanes::Type query[Q];
    for (size_t q = 0; q < Q; q++) query[q] = Lanes::load_part(queries[q] + at, end - at);
    for (size_t r = 0; r < R; r++) {
      const Lanes::Type row = Row::load_part(rows[r] + at, end - at);
      for (size_t q = 0; q < Q; q++) {
        sums[r * Q + q] = Operation::add(sums[r * Q + q], query[q], row);
      }
    }
  }
  if constexpr (R * Q == 1) {
    out[0] = Lanes::total(sums[0]);
  } else if constexpr (R * Q == 4) {
    Lanes::totals(sums, out);
  } else {
    static_assert(Q == QUERIES_AT_ONCE && R == Lanes::TILE_ROWS, "one, a line or a tile");
    Lanes::tile_totals(sums, out);
  }
}

inline bool is_finite(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return (bits & 0x7f800000u) != 0x7f800000u;
}

template <size_t N>
inline bool all_finite(const float* values) {
  if constexpr (N == 1) {
    return is_finite(values[0]);
  } else {
    bool found = true;
    for (size_t i = 0; i < N; i += Lanes::COUNT) {
      found = found && Lanes::are_finite(N - i < Lanes::COUNT ? Lanes::load_part(values + i, N - i)
                                                              : Lanes::load(values + i));
    }
    return found;
  }
}

// Q queries against R rows; out[q x R + r].
template <class Operation, class Row, size_t Q, size_t R>
inline void pairs(const float* const* queries, const typename Row::Element* const* rows, size_t dim,
                  float* out) {
  if (dim <= BLOCK) {
    block_sums<Operation, Row, Q, R>(queries, rows, 0, dim, out);
  } else {
    double totals[R * Q] = {};
    for (size_t start = 0; start < dim; start += BLOCK) {
      const size_t end = dim - start < BLOCK ? dim : start + BLOCK;
      block_sums<Operation, Row, Q, R>(queries, rows, start, end, out);
      for (size_t i = 0; i < R * Q; i++) totals[i] += static_cast<double>(out[i]);
    }
    for (size_t i = 0; i < R * Q; i++) out[i] = static_cast<float>(totals[i]);
  }
  if (all_finite<R * Q>(out)) return;
  for (size_t q = 0; q < Q; q++) {
    for (size_t r = 0; r < R; r++) {
      if (is_finite(out[q * R + r])) continue;
      out[q * R + r] = static_cast<float>(wide_sum<Operation, Row>(queries[q], rows[r], dim));
    }
  }
}

template <class Operation, class Row>
float pair(const float* query, const typename Row::Element* row, size_t dim) {
  float out;
  pairs<Operation, Row, 1, 1>(&query, &row, dim, &out);
  return out;
}

template <class Operation, class Row>
void query_rows(const float* query, const typename Row::Element* base, size_t dim,
                const uint32_t* rows, size_t count, float* out) {
  const size_t row_bytes = dim * sizeof(typename Row::Element);
  size_t r = 0;
  for (; r + ROWS_AT_ONCE <= count; r += ROWS_AT_ONCE) {
    const typename Row::Element* some[ROWS_AT_ONCE];
    for (size_t i = 0; i < ROWS_AT_ONCE; i++) {
      some[i] = base + row_at(rows, r + i) * dim;
      const size_t ahead = r + i + PREFETCH_ROWS;
      if (ahead < count) prefetch(base + row_at(rows, ahead) * dim, row_bytes);
    }
    pairs<Operation, Row, 1, ROWS_AT_ONCE>(&query, some, dim, out + r);
  }
  for (; r < count; r++) {
    out[r] = pair<Operation, Row>(query, base + row_at(rows, r) * dim, dim);
  }
}

// Four queries from `first` on against all rows, in blocks of TILE_ROWS.
template <class Operation>
void four_queries(const FloatTile& tile, size_t first) {
  constexpr size_t R = Lanes::TILE_ROWS;
  const size_t dim = tile.dim;
  const float* queries[QUERIES_AT_ONCE];
  for (size_t q = 0; q < QUERIES_AT_ONCE; q++) queries[q] = tile.queries + (first + q) * dim;
  float* out = tile.out + first * tile.out_stride;
  size_t r = 0;
  for (; r + R <= tile.row_count; r += R) {
    const float* rows[R];
    for (size_t i = 0; i < R; i++) rows[i] = tile.base + row_at(tile.rows, r + i) * dim;
    float block[QUERIES_AT_ONCE * R];
    pairs<Operation, FloatRow, QUERIES_AT_ONCE, R>(queries, rows, dim, block);
    for (size_t q = 0; q < QUERIES_AT_ONCE; q++) {
      std::memcpy(out + q * tile.out_stride + r, block + q * R, R * sizeof(float));
    }
  }
  for (; r < tile.row_count; r++) {
    const float* row = tile.base + row_at(tile.rows, r) * dim;
    float column[QUERIES_AT_ONCE];
    pairs<Operation, FloatRow, QUERIES_AT_ONCE, 1>(queries, &row, dim, column);
    for (size_t q = 0; q < QUERIES_AT_ONCE; q++) out[q * tile.out_stride + r] = column[q];
  }
}

template <class Operation>
void float_tile(const FloatTile& tile) {
  size_t q = 0;
  for (; q + QUERIES_AT_ONCE <= tile.query_count; q += QUERIES_AT_ONCE) {
    four_queries<Operation>(tile, q);
  }
  for (; q < tile.query_count; q++) {
    query_rows<Operation, FloatRow>(tile.queries + q * tile.dim, tile.base, tile.dim, tile.rows,
                                    tile.row_count, tile.out + q * tile.out_stride);
  }
}

// Four rows, each with itself, over elements [start, end): the sums of block_sums for equal
// vectors.
template <class Row>
inline void square_sums(const typename Row::Element* const* rows, size_t start, size_t end,
                        float* out) {
  Lanes::Type sums[ROWS_AT_ONCE];
  for (size_t i = 0; i < ROWS_AT_ONCE; i++) sums[i] = Lanes::zero();
  size_t at = start;
  for (; at + Lanes::COUNT <= end; at += Lanes::COUNT) {
    for (size_t i = 0; i < ROWS_AT_ONCE; i++) {
      const Lanes::Type row = Row::load(rows[i] + at);
      sums[i] = Dot::add(sums[i], row, row);
    }
  }
  if (at < end) {
    for (size_t i = 0; i < ROWS_AT_ONCE; i++) {
      const Lanes::Type row = Row::load_part(rows[i] + at, end - at);
      sums[i] = Dot::add(sums[i], row, row);
    }
  }
  Lanes::totals(sums, out);
}

template <class Row>
void row_norms(const typename Row::Element* base, size_t dim, const uint32_t* rows, size_t count,
               float* out) {
  for (size_t r = 0; r < count; r += ROWS_AT_ONCE) {
    const size_t some = count - r < ROWS_AT_ONCE ? count - r : ROWS_AT_ONCE;
    const typename Row::Element* at[ROWS_AT_ONCE];
    // Behind the last row it stands in for those that are not there.
    for (size_t i = 0; i < ROWS_AT_ONCE; i++) {
      at[i] = base + row_at(rows, r + (i < some ? i : some - 1)) * dim;
    }
    double totals[ROWS_AT_ONCE] = {};
    for (size_t start = 0; start < dim; start += BLOCK) {
      float part[ROWS_AT_ONCE];
      square_sums<Row>(at, start, dim - start < BLOCK ? dim : start + BLOCK, part);
      for (size_t i = 0; i < ROWS_AT_ONCE; i++) totals[i] += static_cast<double>(part[i]);
    }
    for (size_t i = 0; i < some; i++) out[r + i] = static_cast<float>(totals[i]);
  }
}

size_t select_at_most(const float* costs, size_t count, float bound, uint32_t* out) {
  size_t found = 0;
  size_t r = 0;
  for (; r + Lanes::COUNT <= count; r += Lanes::COUNT) {
    if (!Lanes::any_at_most(Lanes::load(costs + r), bound)) continue;
    for (size_t i = r; i < r + Lanes::COUNT; i++) {
      if (costs[i] <= bound) out[found++] = static_cast<uint32_t>(i);
    }
  }
  for (; r < count; r++) {
    if (costs[r] <= bound) out[found++] = static_cast<uint32_t>(r);
  }
  return found;
}

void inverse_lengths(const float* squares, size_t count, double* out) {
  for (size_t r = 0; r < count; r++) out[r] = 1.0 / sqrt(static_cast<double>(squares[r]));
}

void cosine_costs(float* products, size_t count, double query, const double* rows) {
  for (size_t r = 0; r < count; r++) {
    products[r] = static_cast<float>(0.0 - static_cast<double>(products[r]) * (query * rows[r]));
  }
}

template <class Row>
void widen_row(const uint16_t* from, float* to, size_t count) {
  size_t i = 0;
  for (; i + Lanes::COUNT <= count; i += Lanes::COUNT) Lanes::store(to + i, Row::load(from + i));
  for (; i < count; i++) to[i] = static_cast<float>(Row::wide(from[i]));
}

}  // namespace
}  // namespace mlite

#endif  // MLITE_FLOAT_KERNELS_H_
