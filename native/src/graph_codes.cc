#include "graph_codes.h"

#include <cfloat>
#include <cmath>
#include <cstring>

#include "half.h"

namespace mlite {
namespace {

constexpr uint8_t CODE_ZERO = 128;
constexpr float CODE_MAX = 127;
// Squares below this have lost digits in float32.
constexpr float SQUARE_MIN = 1e-30f;

inline bool is_safe_square(float square) { return square >= SQUARE_MIN && square <= FLT_MAX; }

// NaN, which only overflow can bring, counts as the worst cost.
inline float finite(float cost) {
  const float below = cost < FLT_MAX ? cost : FLT_MAX;
  return below > -FLT_MAX ? below : -FLT_MAX;
}

inline float float_of(double value) {
  return finite(static_cast<float>(value < 3e38 ? value : 3e38));
}

struct Quantized {
  float scale;
  // Squared length of the values as whole numbers, and their sum.
  int32_t square;
  int32_t sum;
};

// Signed code values of `vector`; int8 vectors are their own.
Quantized quantize(const GraphShape& shape, const float* vector, int8_t* out) {
  Quantized result = {1, 0, 0};
  double factor = 1;
  if (shape.type != VectorType::Int8) {
    const float largest = graph_kernels().largest(vector, shape.dim);
    result.scale = largest / CODE_MAX;
    factor = largest > 0 ? static_cast<double>(CODE_MAX) / static_cast<double>(largest) : 0;
  }
  const Rounded rounded = graph_kernels().round(vector, shape.dim, factor, out);
  result.sum = rounded.sum;
  result.square = rounded.square;
  if (shape.metric == Metric::Cosine) {
    const double length = std::sqrt(static_cast<double>(result.square));
    result.scale = result.square == 0 ? 0 : static_cast<float>(1 / length);
  }
  return result;
}

float square_of(const Quantized& code) {
  const double scale = static_cast<double>(code.scale);
  return float_of(scale * scale * static_cast<double>(code.square));
}

}  // namespace

void widen(const GraphShape& shape, const uint8_t* from, float* to) {
  const size_t dim = shape.dim;
  if (shape.type == VectorType::Float32) {
    std::memcpy(to, from, dim * 4);
  } else if (shape.type == VectorType::Int8) {
    const int8_t* const values = reinterpret_cast<const int8_t*>(from);
    for (size_t i = 0; i < dim; i++) to[i] = values[i];
  } else if (shape.type == VectorType::Float16) {
    kernels().widen_f16(reinterpret_cast<const uint16_t*>(from), to, dim);
  } else {
    kernels().widen_bf16(reinterpret_cast<const uint16_t*>(from), to, dim);
  }
}

size_t vector_stride(const GraphShape& shape) { return vector_bytes(shape.type, shape.dim); }

void encode_rows(const GraphImage& image, const uint8_t* vectors, uint32_t first, uint32_t end,
                 int32_t* sums, float* scratch) {
  const GraphShape& shape = image.shape;
  const size_t bytes = vector_stride(shape);
  uint8_t* const codes = const_cast<uint8_t*>(image.codes.codes);
  for (uint32_t row = first; row < end; row++) {
    const uint8_t* const vector = vectors + row * bytes;
    if (shape.type == VectorType::Binary) {
      sums[row] = 0;
      if (image.squares != nullptr) {
        image.squares[row] = static_cast<float>(kernels().bits(vector, bytes));
      }
      continue;
    }
    widen(shape, vector, scratch);
    if (shape.is_over_vectors) {
      sums[row] = 0;
      if (image.squares == nullptr) continue;
      const float square = kernels().dot_f32(scratch, scratch, shape.dim);
      image.squares[row] = is_safe_square(square) ? square : 0;
      continue;
    }
    uint8_t* const code = codes + row * image.codes.stride;
    const Quantized made = quantize(shape, scratch, reinterpret_cast<int8_t*>(code));
    for (size_t i = 0; i < shape.dim; i++) code[i] ^= CODE_ZERO;
    std::memset(code + shape.dim, CODE_ZERO, image.codes.stride - shape.dim);
    image.scales[row] = made.scale;
    sums[row] = made.sum;
    if (image.squares != nullptr) image.squares[row] = square_of(made);
  }
}

bool Probe::open(const GraphImage& image, const uint8_t* vectors) {
  image_ = &image;
  vectors_ = vectors;
  kernels_ = &kernels();
  graph_kernels_ = &graph_kernels();
  const bool is_binary = image.shape.type == VectorType::Binary;
  const bool is_coded = image.shape.is_trained || has_own_codes(image.shape);
  base_ = is_coded ? image.codes.codes : vectors;
  stride_ = is_coded ? image.codes.stride : vector_stride(image.shape);
  if (is_binary) return true;
  if (image.shape.is_trained) {
    const size_t dim = image.shape.dim;
    return query_.resize(dim) && prepared_.resize(dim) &&
           trained_.open(image.shape.code, image.codebook);
  }
  if (!query_.resize(image.shape.dim)) return false;
  if (!is_coded) return true;
  if (!values_.resize(image.codes.stride)) return false;
  std::memset(values_.data(), 0, values_.size());
  code_ = {values_.data(), 0, 0, 0, image.scales, image.squares};
  return true;
}

void Probe::set_query(const uint8_t* query) {
  const GraphShape& shape = image_->shape;
  bits_ = query;
  if (shape.type == VectorType::Binary) {
    bit_count_ = kernels_->bits(query, stride_);
    return;
  }
  widen(shape, query, query_.data());
  floats_ = query_.data();
  query_square_ = kernels_->dot_f32(floats_, floats_, shape.dim);
  if (shape.is_trained) {
    std::memcpy(prepared_.data(), query_.data(), shape.dim * sizeof(float));
    prepare_vector(shape.code, shape.metric == Metric::Cosine, prepared_.data());
    trained_.set_query(prepared_.data(), 0);
    return;
  }
  if (shape.is_over_vectors) return;
  const Quantized code = quantize(shape, query_.data(), values_.data());
  code_.sum = code.sum;
  code_.factor = shape.metric == Metric::L2 ? -2 * code.scale : -code.scale;
  code_.bias = shape.metric == Metric::L2 ? square_of(code) : 0;
}

void Probe::set_row(uint32_t row, int32_t sum) {
  const GraphShape& shape = image_->shape;
  if (shape.type == VectorType::Binary) {
    bits_ = vectors_ + row * stride_;
    bit_count_ = image_->squares == nullptr ? 0 : static_cast<uint32_t>(image_->squares[row]);
    return;
  }
  if (shape.is_over_vectors) {
    const uint8_t* const vector = vectors_ + row * stride_;
    floats_ = query_.data();
    if (shape.type == VectorType::Float32) {
      floats_ = reinterpret_cast<const float*>(vector);
    } else {
      widen(shape, vector, query_.data());
    }
    query_square_ = image_->squares == nullptr ? 0 : image_->squares[row];
    return;
  }
  const uint8_t* const code = image_->codes.codes + row * stride_;
  for (size_t i = 0; i < stride_; i++) values_[i] = static_cast<int8_t>(code[i] ^ CODE_ZERO);
  code_.sum = sum;
  code_.factor = shape.metric == Metric::L2 ? -2 * image_->scales[row] : -image_->scales[row];
  code_.bias = shape.metric == Metric::L2 ? image_->squares[row] : 0;
}

void Probe::bit_costs(const uint32_t* rows, size_t count, float* out) const {
  for (size_t r = 0; r < count; r++) {
    const uint8_t* const row = vectors_ + rows[r] * stride_;
    if (image_->shape.metric == Metric::Hamming) {
      out[r] = static_cast<float>(kernels_->hamming(bits_, row, stride_));
      continue;
    }
    const double common = kernels_->common_bits(bits_, row, stride_);
    const double row_bits = static_cast<double>(image_->squares[rows[r]]);
    const double either = static_cast<double>(bit_count_) + row_bits - common;
    out[r] = either > 0 ? finite(static_cast<float>((either - common) / either)) : 1;
  }
}

void Probe::exact_costs(const uint32_t* rows, size_t count, float* out) const {
  switch (image_->shape.type) {
    case VectorType::Binary:
      bit_costs(rows, count, out);
      return;
    case VectorType::Int8:
      int8_costs(rows, count, out);
      return;
    default:
      float_costs(rows, count, nullptr, out);
  }
}

void Probe::vector_costs(const uint32_t* rows, size_t count, float* out) const {
  float_costs(rows, count, image_->squares, out);
  for (size_t r = 0; r < count; r++) out[r] = finite(out[r]);
}

void Probe::int8_costs(const uint32_t* rows, size_t count, float* out) const {
  const GraphShape& shape = image_->shape;
  const int8_t* const query = reinterpret_cast<const int8_t*>(bits_);
  const double query_square = kernels_->norm_i8(query, shape.dim);
  for (size_t r = 0; r < count; r++) {
    const size_t start = rows[r] * size_t{shape.dim};
    const int8_t* const row = reinterpret_cast<const int8_t*>(vectors_) + start;
    if (shape.metric == Metric::L2) {
      out[r] = static_cast<float>(kernels_->l2_i8(query, row, shape.dim));
      continue;
    }
    const int32_t product = kernels_->dot_i8(query, row, shape.dim);
    if (shape.metric == Metric::Ip) {
      out[r] = static_cast<float>(-static_cast<double>(product));
      continue;
    }
    const double squares = query_square * kernels_->norm_i8(row, shape.dim);
    out[r] = squares > 0 ? static_cast<float>(-product / std::sqrt(squares)) : 0;
  }
}

double Probe::wide_cosine(uint32_t row) const {
  const GraphShape& shape = image_->shape;
  const uint8_t* const at = vectors_ + row * vector_stride(shape);
  double product = 0;
  double square = 0;
  double query_square = 0;
  for (size_t i = 0; i < shape.dim; i++) {
    const double q = static_cast<double>(floats_[i]);
    double x;
    if (shape.type == VectorType::Float32) {
      x = static_cast<double>(reinterpret_cast<const float*>(at)[i]);
    } else {
      const uint16_t bits = reinterpret_cast<const uint16_t*>(at)[i];
      x = shape.type == VectorType::Float16 ? wide_f16(bits) : wide_bf16(bits);
    }
    product += q * x;
    square += x * x;
    query_square += q * q;
  }
  const double squares = square * query_square;
  return squares > 0 ? product / std::sqrt(squares) : 0;
}

void Probe::row_square(uint32_t row, float* out) const {
  const uint32_t dim = image_->shape.dim;
  const uint16_t* const halves = reinterpret_cast<const uint16_t*>(vectors_);
  if (image_->shape.type == VectorType::Float32) {
    kernels_->norms_f32(reinterpret_cast<const float*>(vectors_), dim, &row, 1, out);
  } else if (image_->shape.type == VectorType::Float16) {
    kernels_->norms_f16(halves, dim, &row, 1, out);
  } else {
    kernels_->norms_bf16(halves, dim, &row, 1, out);
  }
}

// `squares` of all rows; null: as they are found.
void Probe::float_costs(const uint32_t* rows, size_t count, const float* squares,
                        float* out) const {
  const GraphShape& shape = image_->shape;
  const float* const query = floats_;
  const uint16_t* const halves = reinterpret_cast<const uint16_t*>(vectors_);
  const float* const floats = reinterpret_cast<const float*>(vectors_);
  const bool is_l2 = shape.metric == Metric::L2;
  if (shape.type == VectorType::Float32) {
    (is_l2 ? kernels_->l2_f32_rows : kernels_->dot_f32_rows)(query, floats, shape.dim, rows, count,
                                                             out);
  } else if (shape.type == VectorType::Float16) {
    (is_l2 ? kernels_->l2_f16_rows : kernels_->dot_f16_rows)(query, halves, shape.dim, rows, count,
                                                             out);
  } else {
    (is_l2 ? kernels_->l2_bf16_rows : kernels_->dot_bf16_rows)(query, halves, shape.dim, rows,
                                                               count, out);
  }
  if (is_l2) return;
  for (size_t r = 0; r < count; r++) {
    if (shape.metric == Metric::Ip) {
      out[r] = -out[r];
      continue;
    }
    float square = squares == nullptr ? 0 : squares[rows[r]];
    if (squares == nullptr) row_square(rows[r], &square);
    const bool is_plain = is_safe_square(square) && is_safe_square(query_square_) &&
                          std::fabs(out[r]) <= FLT_MAX;
    const double both = static_cast<double>(square) * static_cast<double>(query_square_);
    const double cosine =
        is_plain ? static_cast<double>(out[r]) / std::sqrt(both) : wide_cosine(rows[r]);
    out[r] = static_cast<float>(0 - cosine);
  }
}

}  // namespace mlite
