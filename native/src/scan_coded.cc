// The scan by codes: a tile's codes tell which rows can still be among the best of a query, and only
// these are measured, by the kernels that measure every row of a plain scan. So the hits are the
// plain scan's, bit for bit.

#include <algorithm>
#include <limits>

#include "flat_image.h"
#include "scan.h"

namespace mlite {

namespace {

// Rows of the first tile, all of which are measured, and of the largest: each has twice as many as
// the one before, so that few rows are measured before bounds are tight.
constexpr size_t CODED_ROWS_MIN = 64;
constexpr size_t CODED_ROWS_MAX = 1024;
// Below one allowed row in so many, measuring them costs less than comparing all codes.
constexpr size_t SPARSE_SHARE = 4;
// Codes that leave more than one row in so many cost more than they spare.
constexpr size_t SURVIVING_SHARE = 4;
constexpr size_t WORD_PANELS = 32 / PANEL_ROWS;

size_t bits_of(uint32_t bits) {
  bits -= (bits >> 1) & 0x55555555u;
  bits = (bits & 0x33333333u) + ((bits >> 2) & 0x33333333u);
  return (((bits + (bits >> 4)) & 0x0f0f0f0fu) * 0x01010101u) >> 24;
}

}  // namespace

bool Scan::are_dense(const ScanData& data) const {
  if (data.allowed == nullptr) return true;
  const size_t row_count = shape_.row_end - shape_.row_start;
  size_t count = 0;
  for (size_t word = 0; word < (row_count + 31) / 32; word++) count += bits_of(data.allowed[word]);
  return count >= row_count / SPARSE_SHARE;
}

// Codes of the queries that were begun; false when there is no memory.
bool Scan::begin_codes(const ScanData& data) {
  uses_codes_ = data.codes != nullptr && are_dense(data);
  if (!uses_codes_) return true;
  const size_t stride = flat_stride(shape_.dim);
  const size_t masks = queries_per_tile_ * (CODED_ROWS_MAX / PANEL_ROWS);
  if (masks_.size() == 0 &&
      !(masks_.resize(masks) && survivors_.resize(CODED_ROWS_MAX) &&
        flat_queries_.resize(queries_per_tile_) &&
        code_values_.resize(queries_per_tile_ * stride))) {
    return false;
  }
  coded_rows_ = CODED_ROWS_MIN;
  for (size_t q = 0; q < queries_now(); q++) {
    FlatQuery& query = flat_queries_[q];
    const float* const vector = queries_.data() + q * shape_.dim;
    const bool is_safe =
        make_flat_query(vector, shape_, code_values_.data() + q * stride, &query);
    // Of a query that codes say nothing of every row is measured.
    if (!is_safe) query.slack = std::numeric_limits<float>::quiet_NaN();
    query.least = -std::numeric_limits<float>::infinity();
  }
  return true;
}

// One tile; bytes that it read, about. Where codes turn out to be of no use, the rest goes without.
size_t Scan::step_codes(const ScanData& data) {
  const size_t end = shape_.row_end - shape_.row_start;
  const size_t row_count = std::min(coded_rows_, end - next_row_);
  const size_t panel_count = (row_count + PANEL_ROWS - 1) / PANEL_ROWS;
  const size_t first = shape_.row_start + next_row_;
  const size_t query_count = queries_now();
  CodePanels panels = data.codes->panels;
  panels.codes += first * panels.stride;
  panels.scales += first;
  panels.errors += first;
  panels.lengths += first;
  if (panels.halves != nullptr) panels.halves += first;
  panels.count = panel_count;
  panel_masks()(panels, flat_queries_.data(), query_count, masks_.data());
  size_t measured = 0;
  for (size_t q = 0; q < query_count; q++) {
    const size_t count = collect_survivors(data, q, panel_count);
    if (count > 0) measure_survivors(data, q, count);
    measured += count;
  }
  measured_first_ = 0;
  measured_count_ = query_count;
  next_row_ += row_count;
  // Early tiles say little: bounds are not tight yet.
  const bool is_late = row_count >= CODED_ROWS_MAX / 2;
  if (is_late && measured * SURVIVING_SHARE > row_count * query_count) uses_codes_ = false;
  coded_rows_ = std::min(coded_rows_ * 2, CODED_ROWS_MAX);
  return row_count * query_count * panels.stride + measured * vector_bytes_;
}

// Rows of the tile that count and that the codes leave, in order; how many.
size_t Scan::collect_survivors(const ScanData& data, size_t query, size_t panel_count) {
  const uint16_t* const masks = masks_.data() + query * panel_count;
  const size_t end = shape_.row_end - shape_.row_start;
  size_t count = 0;
  for (size_t p = 0; p < panel_count; p++) {
    uint32_t mask = masks[p];
    if (mask == 0) continue;
    const size_t row = next_row_ + p * PANEL_ROWS;
    if (data.allowed != nullptr) {
      mask &= data.allowed[row / 32] >> (row / PANEL_ROWS % WORD_PANELS * PANEL_ROWS);
    }
    if (end - row < PANEL_ROWS) mask &= (1u << (end - row)) - 1;
    for (size_t i = 0; mask != 0; i++, mask >>= 1) {
      if ((mask & 1) != 0) survivors_[count++] = static_cast<uint32_t>(shape_.row_start + row + i);
    }
  }
  return count;
}

void Scan::measure_survivors(const ScanData& data, size_t query, size_t count) {
  BestList& list = lists_[query];
  const float* const costs = costs_.data() + query * rows_per_tile_;
  measured_first_ = query;
  measured_count_ = 1;
  is_consecutive_ = false;
  tile_start_ = 0;
  for (size_t start = 0; start < count; start += rows_per_tile_) {
    row_count_ = std::min(rows_per_tile_, count - start);
    std::copy_n(survivors_.data() + start, row_count_, tile_rows_.data());
    measure_floats(data);
    for (size_t r = 0; r < row_count_; r++) {
      if (!(costs[r] <= list.worst()) || costs[r] < shape_.cost_from) continue;
      list.offer(costs[r], static_cast<uint32_t>(tile_rows_[r] - shape_.row_start));
    }
  }
  // Not for every row: it looks at the whole list.
  if (list.count() > shape_.top_k + shape_.top_k / 8) list.tighten();
  flat_queries_[query].least = least_product(shape_, query_squares_[query], list.worst());
}

}  // namespace mlite
