// Writing codes: one vector at a time, in float64 where a sum decides.

#include <algorithm>
#include <cmath>

#include "code_layout.h"
#include "codes.h"

namespace mlite {
namespace {

// Scales that Rabit tries for a vector, from the one that takes its largest element in.
constexpr uint32_t SCALES = 24;
constexpr double SCALE_STEP = 1.0 / 8;
constexpr float HALF_MAX = 65504;

// The whole number nearest to `value` within [0, most]; `most` of what is no number.
inline uint32_t nearest_step(double value, uint32_t most) {
  const double above = value + 0.5;
  const double below = above < static_cast<double>(most) ? above : static_cast<double>(most);
  return static_cast<uint32_t>(static_cast<int32_t>(below > 0 ? below : 0));
}

// Rounded to the nearest, ties to even; what is too large becomes the largest.
uint16_t narrow_f16(float value) {
  const float below = value < HALF_MAX ? value : HALF_MAX;
  const float both = below > -HALF_MAX ? below : -HALF_MAX;
  uint32_t bits;
  std::memcpy(&bits, &both, 4);
  const uint32_t sign = bits >> 16 & 0x8000u;
  const uint32_t size = bits & 0x7fffffffu;
  if (size < 0x38800000u) {
    // Below 2^-14 steps are 2^-24.
    const double steps = std::fabs(static_cast<double>(both)) * 16777216.0;
    return static_cast<uint16_t>(sign | static_cast<uint32_t>(std::nearbyint(steps)));
  }
  const uint32_t rounded = size + 0xfffu + (size >> 13 & 1);
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

uint16_t narrow_bf16(float value) {
  const float below = value < FLT_MAX ? value : FLT_MAX;
  const float both = below > -FLT_MAX ? below : -FLT_MAX;
  uint32_t bits;
  std::memcpy(&bits, &both, 4);
  const uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
  // What would round to infinity stays the largest.
  const uint32_t most = (bits >> 16 & 0x8000u) | 0x7f7fu;
  return static_cast<uint16_t>((rounded & 0x7fffu) > 0x7f7fu ? most : rounded);
}

constexpr size_t SUMS = 4;
// What is left of a row that is shorter than this says too little of its direction.
constexpr double LENGTHENING_MAX = 4;

struct Fit {
  double product;
  double square;

  // The cosine between the vector and its code, but for the vector's length.
  double quality() const { return square > 0 ? product / std::sqrt(square) : 0; }
};

// Codes of `vector` with steps of 1 / scale, and what they have in common with it; `dim` is added
// up in four sums.
Fit fit_rabit(const float* vector, size_t dim, uint32_t bits, double scale, uint32_t* out) {
  const uint32_t most = (1u << bits) - 1;
  const double half = static_cast<double>(most) / 2;
  if (bits == 1) {
    for (size_t i = 0; i < dim; i++) out[i] = vector[i] > 0 ? 1u : 0u;
  } else {
    for (size_t i = 0; i < dim; i++) {
      out[i] = nearest_step(static_cast<double>(vector[i]) * scale + half, most);
    }
  }
  double products[SUMS] = {};
  int64_t square = 0;
  for (size_t i = 0; i < dim; i++) {
    const int32_t twice = static_cast<int32_t>(2 * out[i]) - static_cast<int32_t>(most);
    products[i % SUMS] += static_cast<double>(vector[i]) * static_cast<double>(twice);
    square += int64_t{twice} * twice;
  }
  const double product = (products[0] + products[1]) + (products[2] + products[3]);
  return {product / 2, static_cast<double>(square) / 4};
}

}  // namespace

bool Encoder::open(const CodeShape& shape, const uint8_t* codebook) {
  shape_ = shape;
  codebook_ = codebook;
  return rest_.resize(shape.dim) && decoded_.resize(shape.dim) && values_.resize(shape.dim);
}

void Encoder::encode(const float* vector, const float* centroid, uint8_t* run, size_t position) {
  for (size_t i = 0; i < shape_.dim; i++) {
    rest_[i] = centroid == nullptr ? vector[i] : vector[i] - centroid[i];
  }
  if (shape_.kind == CodeKind::BlockedProduct) {
    encode_blocked(run, position);
    if (!has_number(shape_)) return;
    decode(shape_, codebook_, run, position, decoded_.data());
    const float first = number(vector, centroid);
    uint8_t* const block = run + position / ROW_BLOCK * block_bytes(shape_);
    std::memcpy(block + position % ROW_BLOCK * 4, &first, 4);
    return;
  }
  const size_t stride = code_bytes(shape_);
  uint8_t* const row = run + position * stride;
  uint8_t* const code = row + code_start(shape_);
  std::memset(row, 0, stride);
  if (shape_.kind == CodeKind::Rabit) {
    encode_rabit(centroid, row);
    return;
  }
  if (is_stepped(shape_)) {
    encode_steps(code);
  } else if (is_half(shape_)) {
    for (size_t i = 0; i < shape_.dim; i++) {
      const uint16_t bits =
          shape_.kind == CodeKind::Fp16 ? narrow_f16(rest_[i]) : narrow_bf16(rest_[i]);
      std::memcpy(code + i * 2, &bits, 2);
    }
  } else {
    encode_parts(code);
  }
  if (!has_number(shape_)) return;
  decode(shape_, codebook_, run, position, decoded_.data());
  const float first = number(vector, centroid);
  std::memcpy(row, &first, 4);
}

void Encoder::encode_steps(uint8_t* code) {
  const float* const least = reinterpret_cast<const float*>(codebook_);
  const float* const step = least + shape_.dim;
  const uint32_t most = (1u << plane_bits(shape_)) - 1;
  for (size_t i = 0; i < shape_.dim; i++) {
    const double above = static_cast<double>(rest_[i]) - static_cast<double>(least[i]);
    values_[i] = step[i] > 0 ? nearest_step(above / static_cast<double>(step[i]), most) : 0;
  }
  pack_planes(values_.data(), shape_.dim, plane_bits(shape_), code);
}

// Leaves in rest_ what no layer has coded.
void Encoder::encode_parts(uint8_t* code) {
  const ProductKernels& kernels = product_kernels();
  for (size_t table = 0; table < size_t{shape_.layers} * shape_.parts; table++) {
    const Entries entries = entries_of(shape_, codebook_, table);
    float* const some = rest_.data() + table % shape_.parts * entries.dim;
    const uint16_t entry = static_cast<uint16_t>(kernels.nearest(some, entries).entry);
    if (is_wide_entry(shape_)) {
      std::memcpy(code + table * 2, &entry, 2);
    } else {
      code[table] = static_cast<uint8_t>(entry);
    }
    for (size_t d = 0; d < entries.dim; d++) some[d] -= entries.values[d * entries.room + entry];
  }
}

void Encoder::encode_blocked(uint8_t* run, size_t position) {
  const ProductKernels& kernels = product_kernels();
  uint8_t* const block = run + position / ROW_BLOCK * block_bytes(shape_);
  const size_t at = position % ROW_BLOCK;
  // The first row makes the block, so that places without a row are zero.
  if (at == 0) std::memset(block, 0, block_bytes(shape_));
  for (size_t part = 0; part < shape_.parts; part++) {
    const Entries entries = entries_of(shape_, codebook_, part);
    const uint32_t entry = kernels.nearest(rest_.data() + part * entries.dim, entries).entry;
    uint8_t& both = block[block_start(shape_) + part * 16 + at % 16];
    both = static_cast<uint8_t>(at < 16 ? (both & 0xf0u) | entry : (both & 15u) | entry << 4);
  }
}

void Encoder::encode_rabit(const float* centroid, uint8_t* row) {
  float largest = 0;
  double square = 0;
  double with_centroid = 0;
  for (size_t i = 0; i < shape_.dim; i++) {
    const float size = rest_[i] < 0 ? -rest_[i] : rest_[i];
    largest = size > largest ? size : largest;
    const double value = static_cast<double>(rest_[i]);
    square += value * value;
    if (centroid != nullptr) with_centroid += static_cast<double>(centroid[i]) * value;
  }
  const bool has_length = largest > 0 && largest <= FLT_MAX;
  const double half = static_cast<double>((1u << shape_.bits) - 1) / 2;
  const double whole = has_length ? half / static_cast<double>(largest) : 0;
  double best_scale = whole;
  Fit best = fit_rabit(rest_.data(), shape_.dim, shape_.bits, whole, values_.data());
  for (uint32_t i = 1; i < SCALES && shape_.bits > 1; i++) {
    const double scale = whole * (1 + i * SCALE_STEP);
    const Fit fit = fit_rabit(rest_.data(), shape_.dim, shape_.bits, scale, values_.data());
    if (!(fit.quality() > best.quality())) continue;
    best = fit;
    best_scale = scale;
  }
  fit_rabit(rest_.data(), shape_.dim, shape_.bits, best_scale, values_.data());
  pack_planes(values_.data(), shape_.dim, shape_.bits, row + 8);
  const float added = finite_cost(is_l2(shape_) ? square : 0 - with_centroid);
  const float factor = best.product > 0 ? finite_cost(square / best.product) : 0;
  std::memcpy(row, &added, 4);
  std::memcpy(row + 4, &factor, 4);
}

float Encoder::number(const float* vector, const float* centroid) const {
  return is_lengthened(shape_) ? lengthening(vector, centroid) : bias(vector, centroid);
}

float Encoder::lengthening(const float* vector, const float* centroid) const {
  double square = 0;
  double decoded_square = 0;
  for (size_t i = 0; i < shape_.dim; i++) {
    const double value = static_cast<double>(vector[i]);
    const double taken = centroid == nullptr ? 0 : static_cast<double>(centroid[i]);
    const double decoded = taken + static_cast<double>(decoded_[i]);
    square += value * value;
    decoded_square += decoded * decoded;
  }
  if (!(decoded_square > 0)) return 1;
  const double factor = std::sqrt(square / decoded_square);
  return static_cast<float>(factor < LENGTHENING_MAX ? factor : LENGTHENING_MAX);
}

float Encoder::bias(const float* vector, const float* centroid) const {
  // A vector of zeros has length 0 where others have 1: its cosine is 0 all the same.
  const bool is_zero = std::all_of(vector, vector + shape_.dim, [](float x) { return x == 0; });
  if (is_zero && !is_l2(shape_)) return 0.5f;
  double sum = 0;
  for (size_t i = 0; i < shape_.dim; i++) {
    const double value = static_cast<double>(decoded_[i]);
    const double taken = centroid == nullptr ? 0 : static_cast<double>(centroid[i]);
    sum += is_l2(shape_) ? value * (value + 2 * taken) : (taken + value) * (taken + value);
  }
  return finite_cost(is_l2(shape_) ? sum : sum / 2);
}

}  // namespace mlite
