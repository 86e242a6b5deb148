#include "flat_image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace mlite {
namespace {

constexpr char MAGIC[8] = {'M', 'L', 'F', 'L', 'A', 'T', '\n', '\0'};
constexpr uint32_t VERSION = 1;
constexpr size_t HEADER_BYTES = 64;
constexpr float CODE_MAX = 127;
constexpr size_t DIM_MAX = 32768;
// Squared lengths between which all that is computed of a vector stays well inside float32; rows
// beyond have an error without bound.
constexpr double SQUARE_MIN = 0x1p-80;
constexpr double SQUARE_MAX = 0x1p80;

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t header_bytes;
  uint32_t type;
  uint32_t metric;
  uint32_t dim;
  uint32_t row_count;
  uint32_t stride;
  uint32_t reserved;
  uint64_t byte_length;
};
static_assert(sizeof(Header) == 48, "the words of the header lie side by side");

// Twice the bound of kernels.h for any number of lanes, twice again for the lengths of a cosine,
// and as much as a few operations on the bound itself.
double rounding(size_t dim) {
  const double adding = static_cast<double>(std::min(dim, BLOCK)) / 4 + 6;
  return (adding * 4 + 64) * 0x1p-24;
}

double square_of(const float* query, size_t dim) {
  double square = 0;
  for (size_t i = 0; i < dim; i++) {
    square += static_cast<double>(query[i]) * static_cast<double>(query[i]);
  }
  return square;
}

float rounded_up(double value) { return static_cast<float>(value * (1 + 0x1p-20)); }

}  // namespace

size_t flat_stride(size_t dim) {
  return (dim + PANEL_ELEMENTS - 1) / PANEL_ELEMENTS * PANEL_ELEMENTS;
}

bool read_flat_codes(const uint8_t* bytes, size_t length, const ScanShape& shape,
                     FlatCodes* codes) {
  if (length < HEADER_BYTES || reinterpret_cast<uintptr_t>(bytes) % sizeof(float) != 0) return false;
  Header header;
  std::memcpy(&header, bytes, sizeof(header));
  if (std::memcmp(header.magic, MAGIC, sizeof(MAGIC)) != 0 || header.version != VERSION ||
      header.header_bytes != HEADER_BYTES || header.type != static_cast<uint32_t>(shape.type) ||
      header.metric != static_cast<uint32_t>(shape.metric) || header.dim != shape.dim ||
      shape.dim > DIM_MAX || header.stride != flat_stride(shape.dim) ||
      header.reserved != 0) {
    return false;
  }
  const size_t panel_count = (size_t{header.row_count} + PANEL_ROWS - 1) / PANEL_ROWS;
  const size_t rows = panel_count * PANEL_ROWS;
  const bool has_halves = shape.metric == Metric::L2;
  const uint64_t codes_length = uint64_t{rows} * header.stride;
  const uint64_t need = HEADER_BYTES + codes_length + uint64_t{rows} * (has_halves ? 16 : 12);
  if (header.byte_length != need || length != need || header.row_count < shape.row_end) return false;
  const float* const numbers = reinterpret_cast<const float*>(bytes + HEADER_BYTES + codes_length);
  codes->row_count = header.row_count;
  codes->panels = {bytes + HEADER_BYTES, header.stride,   numbers,
                   numbers + rows,       numbers + rows * 2, has_halves ? numbers + rows * 3 : nullptr,
                   panel_count};
  return true;
}

bool make_flat_query(const float* query, const ScanShape& shape, int8_t* values, FlatQuery* made) {
  const size_t dim = shape.dim;
  std::memset(values, 0, flat_stride(dim));
  *made = {values, 0, 0, 0, 0, 0};
  const double square = square_of(query, dim);
  if (square == 0) return true;
  // NaN, too, is refused.
  if (!(square >= SQUARE_MIN && square <= SQUARE_MAX)) return false;
  const double length = std::sqrt(square);
  const double unit = shape.metric == Metric::Cosine ? 1 / length : 1;
  double largest = 0;
  for (size_t i = 0; i < dim; i++) {
    largest = std::max(largest, std::fabs(static_cast<double>(query[i])));
  }
  const float scale = static_cast<float>(largest * unit / static_cast<double>(CODE_MAX));
  const double step = static_cast<double>(scale);
  double error = 0;
  int32_t sum = 0;
  for (size_t i = 0; i < dim; i++) {
    const double element = static_cast<double>(query[i]) * unit;
    const double code = std::nearbyint(element / step);
    values[i] = static_cast<int8_t>(std::min(127.0, std::max(-127.0, code)));
    const double missing = element - step * values[i];
    error += missing * missing;
    sum += values[i];
  }
  made->bias = sum * 128;
  made->scale = scale;
  made->length = rounded_up(length * unit);
  made->slack = rounded_up(std::sqrt(error) + rounding(dim) * length * unit);
  return true;
}

float least_product(const ScanShape& shape, float square, float worst) {
  if (shape.metric != Metric::L2) return -worst;
  if (worst == std::numeric_limits<float>::infinity()) return -worst;
  const double round = rounding(shape.dim);
  const double least =
      (static_cast<double>(square) * (1 - round) - static_cast<double>(worst) * (1 + round)) / 2;
  return static_cast<float>(least - std::fabs(least) * 0x1p-22);
}

}  // namespace mlite
