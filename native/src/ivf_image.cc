#include "ivf_image.h"

#include <cmath>
#include <cstring>

#include "exact_costs.h"

namespace mlite {
namespace {

constexpr uint32_t ROWS_MAX = 0x7fffffffu;
constexpr uint32_t DIM_MAX = 32768;
constexpr uint32_t BINARY_DIM_MAX = 262144;
constexpr size_t BLOCK_ROWS = 32;

bool has_codes(const ListShape& shape) {
  switch (shape.kind) {
    case ListCodes::None:
      return true;
    case ListCodes::Panels:
      return shape.type != VectorType::Int8 && shape.type != VectorType::Binary;
    case ListCodes::Trained:
      return shape.type != VectorType::Binary && is_code_shape(shape.codes) &&
             shape.codes.dim == shape.dim &&
             shape.codes.metric == static_cast<uint32_t>(shape.metric);
  }
  return false;
}

void normalise(float* vector, size_t dim) {
  double square = 0;
  for (size_t i = 0; i < dim; i++) {
    square += static_cast<double>(vector[i]) * static_cast<double>(vector[i]);
  }
  const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
  for (size_t i = 0; i < dim; i++) {
    vector[i] = static_cast<float>(static_cast<double>(vector[i]) * scale);
  }
}

}  // namespace

bool is_list_shape(const ListShape& shape) {
  const bool is_binary = shape.type == VectorType::Binary;
  if (!has_metric(shape.type, shape.metric)) return false;
  if (shape.dim < 1 || shape.dim > (is_binary ? BINARY_DIM_MAX : DIM_MAX)) return false;
  if (is_binary && shape.dim % 8 != 0) return false;
  if (shape.row_count < 1 || shape.row_count > ROWS_MAX) return false;
  if (shape.list_count < 1 || shape.list_count > shape.row_count) return false;
  return has_codes(shape);
}

bool has_directions(const ListShape& shape) {
  return shape.kind == ListCodes::Trained && shape.metric != Metric::L2;
}

size_t slots_at_once(const ListShape& shape) {
  if (shape.kind == ListCodes::Panels) return PANEL_ROWS;
  const bool is_blocked = shape.kind == ListCodes::Trained && !has_stride(shape.codes);
  return is_blocked ? BLOCK_ROWS : 1;
}

ListSections sections_of(const ListShape& shape) {
  ListSections bytes = {};
  bytes.centroids = shape.list_count * shape.space().bytes();
  bytes.counts = shape.list_count * sizeof(uint32_t);
  bytes.rows = shape.row_count * sizeof(uint32_t);
  if (shape.kind == ListCodes::Panels) {
    bytes.codes = shape.slot_count * flat_stride(shape.dim);
    bytes.numbers = shape.slot_count * sizeof(float);
    bytes.halves = shape.metric == Metric::L2 ? bytes.numbers : 0;
  } else if (shape.kind == ListCodes::Trained) {
    bytes.codes = run_bytes(shape.codes, shape.slot_count);
    bytes.codebook = codebook_bytes(shape.codes);
  }
  return bytes;
}

bool open_lists(ListImage& image, const char** reason) {
  const ListShape& shape = image.shape;
  const size_t granule = slots_at_once(shape);
  *reason = nullptr;
  if (!image.row_starts.resize(shape.list_count + size_t{1}) ||
      !image.slot_starts.resize(shape.list_count + size_t{1})) {
    return false;
  }
  uint64_t row = 0;
  uint64_t slot = 0;
  for (size_t list = 0; list < shape.list_count; list++) {
    image.row_starts[list] = static_cast<uint32_t>(row);
    image.slot_starts[list] = static_cast<uint32_t>(slot);
    const size_t count = read_once(image.counts + list);
    row += count;
    slot += (count + granule - 1) / granule * granule;
    if (row > shape.row_count || slot > shape.slot_count) break;
  }
  if (row != shape.row_count || slot != shape.slot_count) {
    *reason = "its lists have other rows";
    return false;
  }
  image.row_starts[shape.list_count] = shape.row_count;
  image.slot_starts[shape.list_count] = shape.slot_count;
  return true;
}

bool check_lists(const ListImage& image, const char** reason) {
  const ListShape& shape = image.shape;
  Array<uint8_t> seen;
  *reason = nullptr;
  if (!seen.resize(shape.row_count)) return false;
  std::memset(seen.data(), 0, shape.row_count);
  for (size_t i = 0; i < shape.row_count; i++) {
    const uint32_t row = image.rows[i];
    if (row >= shape.row_count || seen[row] != 0) {
      *reason = "a row is in no list or in two";
      return false;
    }
    seen[row] = 1;
  }
  if (shape.kind != ListCodes::Trained) return true;
  if (!check_codebook(shape.codes, image.codebook) ||
      !check_run(shape.codes, image.codes, shape.slot_count)) {
    *reason = "a code leads nowhere";
    return false;
  }
  return true;
}

void prepare_row(const ListShape& shape, const uint8_t* vector, void* out) {
  if (shape.type == VectorType::Binary) {
    std::memcpy(out, vector, shape.dim / 8);
    return;
  }
  float* const floats = static_cast<float*>(out);
  const bool is_cosine = shape.metric == Metric::Cosine;
  widen_vector(shape.type, shape.dim, vector, floats);
  if (shape.kind == ListCodes::Trained) {
    prepare_vector(shape.codes, is_cosine, floats);
  } else if (is_cosine) {
    normalise(floats, shape.dim);
  }
}

}  // namespace mlite
