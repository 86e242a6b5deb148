#include "minhash_image.h"

namespace mlite {

namespace {

constexpr size_t HEADER_BYTES = 128;
constexpr size_t ALIGNMENT = 64;
constexpr uint32_t ROWS_MAX = INT32_MAX;
constexpr uint32_t DIM_MAX = 262144;
constexpr uint32_t ELEMENT_BYTES_MAX = 32;
constexpr uint32_t BUCKET_BITS_MAX = 28;
constexpr uint32_t FILTER_BLOCKS_MAX = (1u << 25) - 1;
constexpr uint32_t FILTER_BITS_MAX = 16;

size_t padded(size_t length) { return (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

bool is_between(uint32_t value, uint32_t least, uint32_t most) {
  return value >= least && value <= most;
}

}  // namespace

bool is_table_shape(const TableShape& shape) {
  if (!is_between(shape.dim, 8, DIM_MAX) || shape.dim % 8 != 0 ||
      !is_between(shape.element_bytes, 1, ELEMENT_BYTES_MAX) ||
      !(MinhashMeasure{shape.element_bytes, shape.band_count, false}).is_of(shape.dim / 8) ||
      !is_between(shape.row_count, 1, ROWS_MAX) || shape.bucket_bits > BUCKET_BITS_MAX) {
    return false;
  }
  if (shape.filter_count == 0) return shape.filter_blocks == 0 && shape.filter_bits == 0;
  return (shape.filter_count == 1 || shape.filter_count == shape.band_count) &&
         is_between(shape.filter_blocks, 1, FILTER_BLOCKS_MAX) &&
         is_between(shape.filter_bits, 1, FILTER_BITS_MAX);
}

TableImage lay_out(const TableShape& shape, uint8_t* bytes) {
  const size_t filters = size_t{shape.filter_count} * shape.filter_blocks * FILTER_BLOCK_WORDS * 4;
  const size_t starts = shape.band_count * (shape.bucket_count() + 1) * 4;
  const size_t entries = size_t{shape.band_count} * shape.row_count * sizeof(TableEntry);
  const size_t starts_at = HEADER_BYTES + padded(filters);
  const size_t entries_at = starts_at + padded(starts);
  TableImage image = {shape, entries_at + padded(entries), nullptr, nullptr, nullptr};
  if (bytes == nullptr) return image;
  image.filters = reinterpret_cast<uint32_t*>(bytes + HEADER_BYTES);
  image.starts = reinterpret_cast<uint32_t*>(bytes + starts_at);
  image.entries = reinterpret_cast<TableEntry*>(bytes + entries_at);
  return image;
}

bool check_tables(const TableImage& image, const char** reason) {
  const TableShape& shape = image.shape;
  for (uint32_t band = 0; band < shape.band_count; band++) {
    const uint32_t* const starts = image.starts_of(band);
    if (starts[0] != 0 || starts[shape.bucket_count()] != shape.row_count) {
      *reason = "a table does not hold every row";
      return false;
    }
    for (size_t bucket = 0; bucket < shape.bucket_count(); bucket++) {
      if (starts[bucket] <= starts[bucket + 1]) continue;
      *reason = "a bucket ends before it begins";
      return false;
    }
  }
  const size_t count = size_t{shape.band_count} * shape.row_count;
  for (size_t i = 0; i < count; i++) {
    if (image.entries[i].row < shape.row_count) continue;
    *reason = "an entry leads nowhere";
    return false;
  }
  return true;
}

}  // namespace mlite
