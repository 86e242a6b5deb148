#include "scan.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace mlite {

namespace {

// Queries that share the rows of a tile: about this many bytes of them, in a second-level cache.
constexpr size_t QUERY_BYTES = 256 * 1024;
constexpr size_t TILE_QUERIES_MIN = 32;
constexpr size_t TILE_QUERIES_MAX = 256;
// Bytes of rows of one tile: in a first-level cache when several queries share them.
constexpr size_t TILE_BYTES = 16 * 1024;
constexpr size_t TILE_BYTES_ALONE = 128 * 1024;
constexpr size_t TILE_ROWS_MIN = 8;
constexpr size_t TILE_ROWS_MAX = 512;
// Bytes of candidates that a scan holds; fewer queries share a tile when top_k is large.
constexpr size_t CANDIDATE_BYTES_MAX = 32 * 1024 * 1024;
// Multiply-adds of one step.
constexpr size_t STEP_WORK = 8 * 1024 * 1024;
// Bounds of a squared length between which float32 sums neither overflow nor lose what is small.
constexpr float SQUARE_MIN = 0x1p-90f;
constexpr float SQUARE_MAX = 0x1p100f;
// From so many queries on a half-width tile is widened once for all of them.
constexpr size_t WIDEN_QUERIES = 3;

size_t within(size_t value, size_t least, size_t most) {
  return std::min(most, std::max(least, value));
}

bool is_float(VectorType type) {
  return type == VectorType::Float32 || type == VectorType::Float16 || type == VectorType::Bfloat16;
}

bool is_safe_square(float square) { return square >= SQUARE_MIN && square <= SQUARE_MAX; }

void widen(const Kernels& kernels, VectorType type, const uint16_t* from, float* to, size_t count) {
  if (type == VectorType::Float16) {
    kernels.widen_f16(from, to, count);
  } else {
    kernels.widen_bf16(from, to, count);
  }
}

float cosine_cost(double product, double query_square, double row_square) {
  const double squares = query_square * row_square;
  return squares == 0 ? 0.0f : static_cast<float>(0.0 - product / std::sqrt(squares));
}

}  // namespace

bool has_metric(VectorType type, Metric metric) {
  return (type == VectorType::Binary) == (metric >= Metric::Hamming);
}

size_t vector_bytes(VectorType type, size_t dim) {
  switch (type) {
    case VectorType::Float32:
      return dim * 4;
    case VectorType::Float16:
    case VectorType::Bfloat16:
      return dim * 2;
    case VectorType::Int8:
      return dim;
    case VectorType::Binary:
      return dim / 8;
  }
  return 0;
}

bool Scan::open(const ScanShape& shape, const Kernels& table) {
  kernels_ = &table;
  shape_ = shape;
  vector_bytes_ = vector_bytes(shape.type, shape.dim);
  const size_t row_count = shape.row_end - shape.row_start;
  // No list can hold more than all rows.
  shape_.top_k = std::max<size_t>(1, std::min(shape.top_k, row_count));
  shape_.tie_rows_max = std::min(shape.tie_rows_max, row_count);
  const size_t capacity = list_capacity(shape_.top_k, shape_.tie_rows_max);
  const size_t affordable = std::max<size_t>(1, CANDIDATE_BYTES_MAX / (capacity * 8));
  queries_per_tile_ =
      std::min({within(QUERY_BYTES / vector_bytes_, TILE_QUERIES_MIN, TILE_QUERIES_MAX), affordable,
                std::max<size_t>(1, shape.query_count)});
  const size_t tile_bytes = queries_per_tile_ == 1 ? TILE_BYTES_ALONE : TILE_BYTES;
  rows_per_tile_ = within(tile_bytes / vector_bytes_, TILE_ROWS_MIN, TILE_ROWS_MAX);
  const size_t pairs = queries_per_tile_ * rows_per_tile_;
  const bool is_wide = is_float(shape.type);
  const bool is_half = is_wide && shape.type != VectorType::Float32;
  const bool has_memory =
      tile_rows_.resize(rows_per_tile_) && costs_.resize(pairs) &&
      sums_.resize(is_wide ? 0 : pairs) && row_squares_.resize(rows_per_tile_) &&
      row_inverses_.resize(rows_per_tile_) && selected_.resize(rows_per_tile_) &&
      queries_.resize(is_wide ? queries_per_tile_ * shape.dim : 0) &&
      widened_.resize(is_half ? rows_per_tile_ * shape.dim : 0) &&
      query_squares_.resize(queries_per_tile_) && query_counts_.resize(queries_per_tile_) &&
      row_counts_.resize(is_wide ? 0 : rows_per_tile_) &&
      lists_.resize(queries_per_tile_) && candidates_.resize(queries_per_tile_ * capacity) &&
      counts_.resize(shape.query_count) && cut_.resize(shape.query_count);
  if (!has_memory) return false;
  for (size_t q = 0; q < queries_per_tile_; q++) {
    lists_[q].open(candidates_.data() + q * capacity, shape_.top_k, shape_.tie_rows_max);
  }
  return true;
}

size_t Scan::queries_now() const {
  return std::min(queries_per_tile_, shape_.query_count - first_query_);
}

const uint8_t* Scan::row_bytes(const ScanData& data, size_t row) const {
  return static_cast<const uint8_t*>(data.vectors) + row * vector_bytes_;
}

bool Scan::step(const ScanData& data) {
  const size_t row_count = shape_.row_end - shape_.row_start;
  for (size_t work = 0; work < STEP_WORK && !is_done();) {
    if (!has_queries_) {
      begin_queries(data);
      if (!begin_codes(data)) return false;
    }
    if (uses_codes_) {
      work += step_codes(data);
      if (next_row_ >= row_count && !finish_queries()) return false;
      continue;
    }
    collect_rows(data);
    if (row_count_ > 0) {
      measure(data);
      offer_rows();
    }
    work += std::max<size_t>(row_count_, 1) * queries_now() * vector_bytes_;
    if (next_row_ >= row_count && !finish_queries()) return false;
  }
  return true;
}

void Scan::begin_queries(const ScanData& data) {
  const size_t count = queries_now();
  const uint8_t* first =
      static_cast<const uint8_t*>(data.queries) + first_query_ * vector_bytes_;
  has_queries_ = true;
  next_row_ = 0;
  measured_first_ = 0;
  measured_count_ = count;
  for (size_t q = 0; q < count; q++) {
    lists_[q].clear();
    const uint8_t* query = first + q * vector_bytes_;
    switch (shape_.type) {
      case VectorType::Float32:
        std::memcpy(queries_.data() + q * shape_.dim, query, vector_bytes_);
        break;
      case VectorType::Float16:
      case VectorType::Bfloat16:
        widen(*kernels_, shape_.type, reinterpret_cast<const uint16_t*>(query),
              queries_.data() + q * shape_.dim, shape_.dim);
        break;
      case VectorType::Int8:
        query_counts_[q] =
            kernels_->norm_i8(reinterpret_cast<const int8_t*>(query), shape_.dim);
        break;
      case VectorType::Binary:
        query_counts_[q] = static_cast<int32_t>(kernels_->bits(query, vector_bytes_));
        break;
    }
  }
  if (!is_float(shape_.type)) return;
  kernels_->norms_f32(queries_.data(), shape_.dim, nullptr, count, query_squares_.data());
}

// Finds the next rows that count: as a range where all do, else by number.
void Scan::collect_rows(const ScanData& data) {
  const size_t end = shape_.row_end - shape_.row_start;
  is_consecutive_ = data.allowed == nullptr;
  if (is_consecutive_) {
    row_count_ = std::min(rows_per_tile_, end - next_row_);
    tile_start_ = shape_.row_start + next_row_;
    next_row_ += row_count_;
    return;
  }
  size_t count = 0;
  size_t row = next_row_;
  while (count < rows_per_tile_ && row < end) {
    uint32_t rest = data.allowed[row >> 5] >> (row & 31);
    if (rest == 0) {
      row = (row | 31) + 1;
      continue;
    }
    for (; (rest & 1) == 0; rest >>= 1) row++;
    if (row < end) tile_rows_[count++] = static_cast<uint32_t>(shape_.row_start + row);
    row++;
  }
  row_count_ = count;
  next_row_ = row;
  tile_start_ = 0;
}

void Scan::measure(const ScanData& data) {
  switch (shape_.type) {
    case VectorType::Float32:
    case VectorType::Float16:
    case VectorType::Bfloat16:
      return measure_floats(data);
    case VectorType::Int8:
      return measure_integers(data);
    case VectorType::Binary:
      return shape_.metric < Metric::Substructure ? measure_bits(data) : match_bits(data);
  }
}

void Scan::measure_floats(const ScanData& data) {
  float_sums(data, shape_.metric == Metric::L2);
  if (shape_.metric == Metric::Ip) {
    for (size_t q = measured_first_; q < measured_first_ + measured_count_; q++) {
      float* costs = costs_.data() + q * rows_per_tile_;
      for (size_t r = 0; r < row_count_; r++) costs[r] = 0.0f - costs[r];
    }
  } else if (shape_.metric == Metric::Cosine) {
    cosines(data);
  }
}

// Distances or products of the tile, and its squared lengths where cosines need them.
void Scan::float_sums(const ScanData& data, bool is_l2) {
  const Kernels& k = *kernels_;
  const size_t dim = shape_.dim;
  const size_t count = measured_count_;
  const bool needs_squares = shape_.metric == Metric::Cosine;
  const uint32_t* rows = is_consecutive_ ? nullptr : tile_rows_.data();
  const uint8_t* base = row_bytes(data, tile_start_);
  FloatTile tile = {};
  tile.queries = queries_.data() + measured_first_ * dim;
  tile.query_count = count;
  tile.row_count = row_count_;
  tile.dim = dim;
  tile.out = costs_.data() + measured_first_ * rows_per_tile_;
  tile.out_stride = rows_per_tile_;
  if (shape_.type == VectorType::Float32) {
    tile.base = reinterpret_cast<const float*>(base);
    tile.rows = rows;
  } else {
    const uint16_t* halves = reinterpret_cast<const uint16_t*>(base);
    const bool is_f16 = shape_.type == VectorType::Float16;
    if (count < WIDEN_QUERIES) {
      const auto one = is_l2 ? (is_f16 ? k.l2_f16_rows : k.l2_bf16_rows)
                             : (is_f16 ? k.dot_f16_rows : k.dot_bf16_rows);
      for (size_t q = 0; q < count; q++) {
        one(tile.queries + q * dim, halves, dim, rows, row_count_,
            tile.out + q * rows_per_tile_);
      }
      const auto norms = is_f16 ? k.norms_f16 : k.norms_bf16;
      if (needs_squares) norms(halves, dim, rows, row_count_, row_squares_.data());
      return;
    }
    for (size_t r = 0; r < row_count_; r++) {
      const size_t row = rows == nullptr ? r : rows[r];
      widen(k, shape_.type, halves + row * dim, widened_.data() + r * dim, dim);
    }
    tile.base = widened_.data();
  }
  (is_l2 ? k.l2_f32_tile : k.dot_f32_tile)(tile);
  if (needs_squares) k.norms_f32(tile.base, dim, tile.rows, row_count_, row_squares_.data());
}

void Scan::cosines(const ScanData& data) {
  bool are_safe_rows = true;
  for (size_t r = 0; r < row_count_; r++) are_safe_rows &= is_safe_square(row_squares_[r]);
  kernels_->inverse_lengths(row_squares_.data(), row_count_, row_inverses_.data());
  for (size_t q = measured_first_; q < measured_first_ + measured_count_; q++) {
    float* costs = costs_.data() + q * rows_per_tile_;
    const float square = query_squares_[q];
    double inverse;
    kernels_->inverse_lengths(&square, 1, &inverse);
    kernels_->cosine_costs(costs, row_count_, inverse, row_inverses_.data());
    const bool is_safe_query = is_safe_square(square);
    if (is_safe_query && are_safe_rows) continue;
    for (size_t r = 0; r < row_count_; r++) {
      if (is_safe_query && is_safe_square(row_squares_[r])) continue;
      const size_t row = is_consecutive_ ? tile_start_ + r : tile_rows_[r];
      costs[r] = static_cast<float>(0.0 - exact_cosine(data, q, row));
    }
  }
}

// In float64, for lengths of which float32 cannot hold the square.
double Scan::exact_cosine(const ScanData& data, size_t query, size_t row) const {
  const size_t dim = shape_.dim;
  const uint8_t* bytes = row_bytes(data, row);
  double product = 0;
  double query_square = 0;
  double row_square = 0;
  for (size_t i = 0; i < dim; i++) {
    float value;
    if (shape_.type == VectorType::Float32) {
      std::memcpy(&value, bytes + i * 4, 4);
    } else {
      widen(*kernels_, shape_.type, reinterpret_cast<const uint16_t*>(bytes) + i, &value, 1);
    }
    const double a = static_cast<double>(queries_[query * dim + i]);
    const double b = static_cast<double>(value);
    product += a * b;
    query_square += a * a;
    row_square += b * b;
  }
  const double squares = query_square * row_square;
  return squares == 0 ? 0 : product / std::sqrt(squares);
}

void Scan::measure_integers(const ScanData& data) {
  const Kernels& k = *kernels_;
  const size_t dim = shape_.dim;
  Int8Tile tile = {};
  tile.queries = static_cast<const int8_t*>(data.queries) + first_query_ * dim;
  tile.query_count = queries_now();
  tile.base = reinterpret_cast<const int8_t*>(row_bytes(data, tile_start_));
  tile.rows = is_consecutive_ ? nullptr : tile_rows_.data();
  tile.row_count = row_count_;
  tile.dim = dim;
  tile.out = sums_.data();
  tile.out_stride = rows_per_tile_;
  (shape_.metric == Metric::L2 ? k.l2_i8_tile : k.dot_i8_tile)(tile);
  for (size_t r = 0; shape_.metric == Metric::Cosine && r < row_count_; r++) {
    const size_t row = tile.rows == nullptr ? r : tile.rows[r];
    row_counts_[r] = k.norm_i8(tile.base + row * dim, dim);
  }
  for (size_t q = 0; q < tile.query_count; q++) {
    const int32_t* sums = sums_.data() + q * rows_per_tile_;
    float* costs = costs_.data() + q * rows_per_tile_;
    for (size_t r = 0; r < row_count_; r++) {
      if (shape_.metric == Metric::L2) {
        costs[r] = static_cast<float>(sums[r]);
      } else if (shape_.metric == Metric::Ip) {
        costs[r] = static_cast<float>(-sums[r]);
      } else {
        costs[r] = cosine_cost(sums[r], query_counts_[q], row_counts_[r]);
      }
    }
  }
}

void Scan::measure_bits(const ScanData& data) {
  const Kernels& k = *kernels_;
  BitTile tile = {};
  tile.queries = static_cast<const uint8_t*>(data.queries) + first_query_ * vector_bytes_;
  tile.query_count = queries_now();
  tile.base = row_bytes(data, tile_start_);
  tile.rows = is_consecutive_ ? nullptr : tile_rows_.data();
  tile.row_count = row_count_;
  tile.bytes = vector_bytes_;
  tile.out = reinterpret_cast<uint32_t*>(sums_.data());
  tile.out_stride = rows_per_tile_;
  const bool is_hamming = shape_.metric == Metric::Hamming;
  (is_hamming ? k.hamming_tile : k.common_bits_tile)(tile);
  for (size_t r = 0; !is_hamming && r < row_count_; r++) {
    const size_t row = tile.rows == nullptr ? r : tile.rows[r];
    row_counts_[r] = static_cast<int32_t>(k.bits(tile.base + row * tile.bytes, tile.bytes));
  }
  for (size_t q = 0; q < tile.query_count; q++) {
    const int32_t* sums = sums_.data() + q * rows_per_tile_;
    float* costs = costs_.data() + q * rows_per_tile_;
    for (size_t r = 0; r < row_count_; r++) {
      if (is_hamming) {
        costs[r] = static_cast<float>(sums[r]);
        continue;
      }
      const int32_t either = query_counts_[q] + row_counts_[r] - sums[r];
      costs[r] = either == 0 ? 1.0f
                             : static_cast<float>(static_cast<double>(either - sums[r]) /
                                                  static_cast<double>(either));
    }
  }
}

// Of a row that does not match the cost is no number, which is below no bound.
float Scan::match_cost(const uint8_t* query, const uint8_t* row) const {
  constexpr float NO_HIT = std::numeric_limits<float>::quiet_NaN();
  const MinhashMeasure& minhash = shape_.minhash;
  if (shape_.metric == Metric::Substructure) {
    return is_subset(query, row, vector_bytes_) ? 0.0f : NO_HIT;
  }
  if (shape_.metric == Metric::Superstructure) {
    return is_subset(row, query, vector_bytes_) ? 0.0f : NO_HIT;
  }
  if (!minhash.is_by_share) {
    const size_t band_bytes = minhash.band_bytes(vector_bytes_);
    return shares_band(query, row, band_bytes, minhash.band_count) ? -1.0f : NO_HIT;
  }
  const size_t count = vector_bytes_ / minhash.element_bytes;
  const uint32_t equal = kernels_->equal_elements(query, row, minhash.element_bytes, count);
  return equal == 0 ? NO_HIT : -static_cast<float>(equal) / static_cast<float>(count);
}

void Scan::match_bits(const ScanData& data) {
  const uint8_t* queries =
      static_cast<const uint8_t*>(data.queries) + first_query_ * vector_bytes_;
  for (size_t q = 0; q < queries_now(); q++) {
    float* costs = costs_.data() + q * rows_per_tile_;
    for (size_t r = 0; r < row_count_; r++) {
      const size_t row = is_consecutive_ ? tile_start_ + r : tile_rows_[r];
      costs[r] = match_cost(queries + q * vector_bytes_, row_bytes(data, row));
    }
  }
}

void Scan::offer_rows() {
  const size_t first = is_consecutive_ ? tile_start_ - shape_.row_start : 0;
  for (size_t q = 0; q < queries_now(); q++) {
    BestList& list = lists_[q];
    const float* costs = costs_.data() + q * rows_per_tile_;
    const size_t count = kernels_->select(costs, row_count_, list.worst(), selected_.data());
    for (size_t i = 0; i < count; i++) {
      const size_t r = selected_[i];
      // The bound may have come down since they were selected.
      if (!(costs[r] <= list.worst()) || costs[r] < shape_.cost_from) continue;
      const size_t row = is_consecutive_ ? first + r : tile_rows_[r] - shape_.row_start;
      list.offer(costs[r], static_cast<uint32_t>(row));
    }
  }
}

bool Scan::finish_queries() {
  const size_t count = queries_now();
  const bool is_similarity = shape_.metric == Metric::Ip || shape_.metric == Metric::Cosine ||
                             shape_.metric == Metric::Minhash;
  for (size_t q = 0; q < count; q++) {
    BestList& list = lists_[q];
    list.sort();
    if (!reserve_hits(list.count())) return false;
    counts_[first_query_ + q] = static_cast<uint32_t>(list.count());
    cut_[first_query_ + q] = list.is_cut() ? 1 : 0;
    for (size_t i = 0; i < list.count(); i++) {
      const float cost = list.cost(i);
      rows_[hit_count_] = static_cast<uint32_t>(shape_.row_start) + list.row(i);
      scores_[hit_count_++] = is_similarity ? 0.0f - cost : cost;
    }
  }
  first_query_ += count;
  has_queries_ = false;
  return true;
}

bool Scan::reserve_hits(size_t extra) {
  const size_t need = hit_count_ + extra;
  if (need <= rows_.size()) return true;
  const size_t capacity = std::max({need, rows_.size() * 2, size_t{256}});
  Array<uint32_t> rows;
  Array<float> scores;
  if (!rows.resize(capacity) || !scores.resize(capacity)) return false;
  std::copy_n(rows_.data(), hit_count_, rows.data());
  std::copy_n(scores_.data(), hit_count_, scores.data());
  rows_.swap(rows);
  scores_.swap(scores);
  return true;
}

}  // namespace mlite
