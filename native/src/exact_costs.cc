#include "exact_costs.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "half.h"

namespace mlite {
namespace {

// As in scan.cc: squared lengths that float32 sums hold well.
constexpr float SQUARE_MIN = 0x1p-90f;
constexpr float SQUARE_MAX = 0x1p100f;

bool is_safe_square(float square) { return square >= SQUARE_MIN && square <= SQUARE_MAX; }

const uint16_t* halves_of(const uint8_t* vectors) {
  return reinterpret_cast<const uint16_t*>(vectors);
}

}  // namespace

void widen_vector(VectorType type, size_t dim, const uint8_t* from, float* to) {
  if (type == VectorType::Float32) {
    std::memcpy(to, from, dim * sizeof(float));
  } else if (type == VectorType::Int8) {
    const int8_t* const values = reinterpret_cast<const int8_t*>(from);
    for (size_t i = 0; i < dim; i++) to[i] = values[i];
  } else if (type == VectorType::Float16) {
    kernels().widen_f16(halves_of(from), to, dim);
  } else {
    kernels().widen_bf16(halves_of(from), to, dim);
  }
}

bool ExactCosts::open(VectorType type, Metric metric, size_t dim, const uint8_t* vectors) {
  type_ = type;
  metric_ = metric;
  dim_ = dim;
  bytes_ = vector_bytes(type, dim);
  vectors_ = vectors;
  return !is_float() || query_.resize(dim);
}

void ExactCosts::set_query(const uint8_t* query) {
  raw_query_ = query;
  if (type_ == VectorType::Int8) {
    query_count_ = kernels().norm_i8(reinterpret_cast<const int8_t*>(query), dim_);
    return;
  }
  if (type_ == VectorType::Binary) {
    query_count_ = static_cast<int32_t>(kernels().bits(query, bytes_));
    return;
  }
  widen_vector(type_, dim_, query, query_.data());
  kernels().norms_f32(query_.data(), dim_, nullptr, 1, &query_square_);
  kernels().inverse_lengths(&query_square_, 1, &query_inverse_);
}

void ExactCosts::costs(const uint32_t* rows, size_t count, float* out) {
  for (size_t start = 0; start < count; start += ROWS_AT_ONCE) {
    const size_t some = std::min(ROWS_AT_ONCE, count - start);
    if (type_ == VectorType::Int8) {
      int8_costs(rows + start, some, out + start);
    } else if (type_ == VectorType::Binary) {
      bit_costs(rows + start, some, out + start);
    } else {
      float_costs(rows + start, some, out + start);
    }
  }
}

void ExactCosts::float_costs(const uint32_t* rows, size_t count, float* out) {
  const Kernels& k = kernels();
  const float* const query = query_.data();
  const float* const floats = reinterpret_cast<const float*>(vectors_);
  const uint16_t* const halves = halves_of(vectors_);
  const bool is_l2 = metric_ == Metric::L2;
  if (type_ == VectorType::Float32) {
    (is_l2 ? k.l2_f32_rows : k.dot_f32_rows)(query, floats, dim_, rows, count, out);
  } else if (type_ == VectorType::Float16) {
    (is_l2 ? k.l2_f16_rows : k.dot_f16_rows)(query, halves, dim_, rows, count, out);
  } else {
    (is_l2 ? k.l2_bf16_rows : k.dot_bf16_rows)(query, halves, dim_, rows, count, out);
  }
  if (metric_ == Metric::Ip) {
    for (size_t r = 0; r < count; r++) out[r] = 0.0f - out[r];
  } else if (metric_ == Metric::Cosine) {
    cosines(rows, count, out);
  }
}

void ExactCosts::cosines(const uint32_t* rows, size_t count, float* out) {
  const Kernels& k = kernels();
  if (type_ == VectorType::Float32) {
    k.norms_f32(reinterpret_cast<const float*>(vectors_), dim_, rows, count, squares_);
  } else {
    (type_ == VectorType::Float16 ? k.norms_f16 : k.norms_bf16)(halves_of(vectors_), dim_, rows,
                                                                count, squares_);
  }
  k.inverse_lengths(squares_, count, inverses_);
  k.cosine_costs(out, count, query_inverse_, inverses_);
  const bool is_safe_query = is_safe_square(query_square_);
  for (size_t r = 0; r < count; r++) {
    if (is_safe_query && is_safe_square(squares_[r])) continue;
    out[r] = static_cast<float>(0.0 - wide_cosine(rows[r]));
  }
}

// In float64, for lengths of which float32 cannot hold the square.
double ExactCosts::wide_cosine(uint32_t row) const {
  const uint8_t* const at = vectors_ + row * bytes_;
  double product = 0;
  double query_square = 0;
  double row_square = 0;
  for (size_t i = 0; i < dim_; i++) {
    const double a = static_cast<double>(query_[i]);
    double b;
    if (type_ == VectorType::Float32) {
      b = static_cast<double>(reinterpret_cast<const float*>(at)[i]);
    } else {
      b = type_ == VectorType::Float16 ? wide_f16(halves_of(at)[i]) : wide_bf16(halves_of(at)[i]);
    }
    product += a * b;
    query_square += a * a;
    row_square += b * b;
  }
  const double squares = query_square * row_square;
  return squares == 0 ? 0 : product / std::sqrt(squares);
}

void ExactCosts::int8_costs(const uint32_t* rows, size_t count, float* out) {
  const Kernels& k = kernels();
  Int8Tile tile = {};
  tile.queries = reinterpret_cast<const int8_t*>(raw_query_);
  tile.query_count = 1;
  tile.base = reinterpret_cast<const int8_t*>(vectors_);
  tile.rows = rows;
  tile.row_count = count;
  tile.dim = dim_;
  tile.out = sums_;
  tile.out_stride = count;
  for (size_t r = 0; r < std::min(AHEAD, count); r++) prefetch(vectors_ + rows[r] * bytes_, bytes_);
  (metric_ == Metric::L2 ? k.l2_i8_tile : k.dot_i8_tile)(tile);
  for (size_t r = 0; r < count; r++) {
    if (metric_ == Metric::L2) {
      out[r] = static_cast<float>(sums_[r]);
    } else if (metric_ == Metric::Ip) {
      out[r] = static_cast<float>(-sums_[r]);
    } else {
      const int8_t* const row = tile.base + rows[r] * dim_;
      const double squares = static_cast<double>(query_count_) * k.norm_i8(row, dim_);
      const double product = sums_[r];
      out[r] = squares == 0 ? 0.0f : static_cast<float>(0.0 - product / std::sqrt(squares));
    }
  }
}

void ExactCosts::bit_costs(const uint32_t* rows, size_t count, float* out) {
  const Kernels& k = kernels();
  BitTile tile = {};
  tile.queries = raw_query_;
  tile.query_count = 1;
  tile.base = vectors_;
  tile.rows = rows;
  tile.row_count = count;
  tile.bytes = bytes_;
  tile.out = reinterpret_cast<uint32_t*>(sums_);
  tile.out_stride = count;
  for (size_t r = 0; r < std::min(AHEAD, count); r++) prefetch(vectors_ + rows[r] * bytes_, bytes_);
  const bool is_hamming = metric_ == Metric::Hamming;
  (is_hamming ? k.hamming_tile : k.common_bits_tile)(tile);
  for (size_t r = 0; r < count; r++) {
    if (is_hamming) {
      out[r] = static_cast<float>(sums_[r]);
      continue;
    }
    const int32_t bits = static_cast<int32_t>(k.bits(vectors_ + rows[r] * bytes_, bytes_));
    const int32_t either = query_count_ + bits - sums_[r];
    out[r] = either == 0 ? 1.0f
                         : static_cast<float>(static_cast<double>(either - sums_[r]) /
                                              static_cast<double>(either));
  }
}

}  // namespace mlite
