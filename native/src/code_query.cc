// Costs of codes: the query is made ready once, then rows are products of whole numbers or sums
// out of tables.

#include <cmath>

#include "code_layout.h"
#include "codes.h"
#include "kernels.h"

namespace mlite {
namespace {

// Smaller ones have no inverse in float32.
constexpr float LARGEST_MIN = 1e-30f;
constexpr size_t ROWS_BESIDE = 4;
// The most that an entry of the small table can be.
constexpr float STEP_MAX = 255;
// Bits of a code for which a byte of each element of the query is as good as two.
constexpr uint32_t COARSE_BITS = 4;
// Bits of an odd number within a byte.
constexpr uint32_t NARROW_BITS = 7;
// What an entry of one or two bytes can be at most, and one more.
constexpr size_t BYTE_NUMBERS = 256;
constexpr size_t WORD_NUMBERS = 65536;

// The nearest whole number within [0, STEP_MAX]; what is no number becomes that.
inline uint8_t small_step(float value) {
  return static_cast<uint8_t>(
      static_cast<int32_t>((value < STEP_MAX ? value : STEP_MAX) + 0.5f));
}

inline const uint8_t* row_at(const uint8_t* at, size_t stride, const uint32_t* rows, size_t r) {
  return at + (rows == nullptr ? r : rows[r]) * stride;
}

// Leaves the least and the greatest of 2 N values in front.
template <size_t N>
inline void fold_ranges(float* lower, float* upper) {
  for (size_t k = 0; k < N; k++) {
    lower[k] = lower[k + N] < lower[k] ? lower[k + N] : lower[k];
    upper[k] = upper[k + N] > upper[k] ? upper[k + N] : upper[k];
  }
  if constexpr (N > 1) fold_ranges<N / 2>(lower, upper);
}

// Sums of `N` rows, each added in the order of its tables.
template <class Entry, size_t N>
inline void part_sums(const float* table, size_t room, size_t tables, const uint8_t* const* codes,
                      float* out) {
  float sums[N] = {};
  for (size_t i = 0; i < tables; i++, table += room) {
    for (size_t r = 0; r < N; r++) {
      Entry entry;
      std::memcpy(&entry, codes[r] + i * sizeof(Entry), sizeof(Entry));
      sums[r] += table[entry];
    }
  }
  for (size_t r = 0; r < N; r++) out[r] = sums[r];
}

}  // namespace

bool CodeQuery::open(const CodeShape& shape, const uint8_t* codebook) {
  shape_ = shape;
  codebook_ = codebook;
  is_lengthened_ = is_lengthened(shape);
  stride_ = has_stride(shape) ? code_bytes(shape) : 0;
  if (is_partitioned(shape)) {
    // Whatever number a code has, behind the last entries there is something.
    const size_t beyond = is_wide_entry(shape) ? WORD_NUMBERS : BYTE_NUMBERS;
    const size_t tables = size_t{shape.layers} * shape.parts;
    if (!table_.resize(tables * entry_room(shape) + beyond)) return false;
    std::memset(table_.data(), 0, table_.size() * sizeof(float));
    if (shape.kind != CodeKind::BlockedProduct) return true;
    const size_t room = blocked_parts(shape) * ENTRY_GROUP;
    if (!small_table_.resize(room) || !least_.resize(shape.parts)) return false;
    std::memset(small_table_.data(), 0, room);
    return true;
  }
  if (is_half(shape)) return true;
  const size_t room = (size_t{shape.dim} + PLANE_BLOCK - 1) / PLANE_BLOCK * PLANE_BLOCK;
  if (!rest_.resize(shape.dim) || !high_.resize(room) || !low_.resize(room)) return false;
  std::memset(high_.data(), 0, room);
  std::memset(low_.data(), 0, room);
  return true;
}

void CodeQuery::set_query(const float* query, uint32_t query_bits) {
  query_ = query;
  query_bits_ = query_bits;
  const double fold = fold_of(shape_);
  offset_ = 0;
  multiplier_ = -fold;
  if (is_partitioned(shape_)) {
    set_tables();
  } else if (is_stepped(shape_)) {
    const float* const least = reinterpret_cast<const float*>(codebook_);
    const float* const step = least + shape_.dim;
    for (size_t i = 0; i < shape_.dim; i++) {
      rest_[i] = query[i] * step[i];
      offset_ -= fold * (static_cast<double>(query[i]) * static_cast<double>(least[i]));
    }
    query_bits_ = 0;
    set_weights(rest_.data());
  } else if (shape_.kind == CodeKind::Rabit) {
    set_weights(query);
  }
  base_ = offset_;
  if (!is_l2(shape_)) return;
  double square = 0;
  for (size_t i = 0; i < shape_.dim; i++) {
    square += static_cast<double>(query[i]) * static_cast<double>(query[i]);
  }
  base_ += square;
}

void CodeQuery::set_list(const float* centroid, float base) {
  base_ = offset_ + static_cast<double>(base);
  if (shape_.kind != CodeKind::Rabit) return;
  for (size_t i = 0; i < shape_.dim; i++) rest_[i] = query_[i] - centroid[i];
  set_weights(rest_.data());
}

void CodeQuery::set_weights(const float* vector) {
  const PlaneKernels& kernels = plane_kernels();
  const float largest = kernels.largest(vector, shape_.dim);
  const bool is_plain = largest >= LARGEST_MIN && largest <= FLT_MAX;
  const bool is_whole = query_bits_ == 0;
  is_narrow_ = is_whole ? plane_bits(shape_) <= COARSE_BITS : query_bits_ <= NARROW_BITS;
  // Few bits: odd numbers up to 2^bits - 1, so that there are as many above zero as below.
  const float widest = is_narrow_ ? NARROW_WEIGHT_MAX : WIDE_WEIGHT_MAX;
  const float most = is_whole ? widest : static_cast<float>((1u << query_bits_) - 1);
  const float factor = is_plain ? most / largest : 0;
  int8_t* const high = is_narrow_ ? nullptr : high_.data();
  const int32_t total =
      is_whole ? kernels.weigh(vector, shape_.dim, factor, high, low_.data())
               : kernels.weigh_odd(vector, shape_.dim, factor, static_cast<int32_t>(most), high,
                                   low_.data());
  const double fold = fold_of(shape_);
  const double scale = is_plain ? static_cast<double>(largest) / static_cast<double>(most) : 0;
  multiplier_ = -fold * scale;
  const double half = static_cast<double>((1u << shape_.bits) - 1) / 2;
  shift_ = 0 - half * static_cast<double>(total);
}

void CodeQuery::set_tables() {
  const ProductKernels& kernels = product_kernels();
  for (size_t table = 0; table < size_t{shape_.layers} * shape_.parts; table++) {
    const Entries entries = entries_of(shape_, codebook_, table);
    const float* const part = query_ + table % shape_.parts * entries.dim;
    kernels.table(part, entries, table_.data() + table * entries.room);
  }
  if (shape_.kind == CodeKind::BlockedProduct) set_small_table();
}

// Products of each part as steps of one size above the least of them.
void CodeQuery::set_small_table() {
  float widest = 0;
  double floor = 0;
  for (size_t part = 0; part < shape_.parts; part++) {
    float* const values = table_.data() + part * ENTRY_GROUP;
    // What no code names may be any number.
    for (size_t k = shape_.entries; k < ENTRY_GROUP; k++) values[k] = values[0];
    float lower[ENTRY_GROUP];
    float upper[ENTRY_GROUP];
    std::memcpy(lower, values, sizeof(lower));
    std::memcpy(upper, values, sizeof(upper));
    fold_ranges<ENTRY_GROUP / 2>(lower, upper);
    widest = upper[0] - lower[0] > widest ? upper[0] - lower[0] : widest;
    floor += static_cast<double>(lower[0]);
    least_[part] = lower[0];
  }
  const bool is_plain = widest >= LARGEST_MIN && widest <= FLT_MAX;
  const float factor = is_plain ? STEP_MAX / widest : 0;
  for (size_t part = 0; part < shape_.parts; part++) {
    const float* const values = table_.data() + part * ENTRY_GROUP;
    uint8_t* const steps = small_table_.data() + part * ENTRY_GROUP;
    for (size_t k = 0; k < ENTRY_GROUP; k++) {
      steps[k] = small_step((values[k] - least_[part]) * factor);
    }
  }
  const double fold = fold_of(shape_);
  const double step = static_cast<double>(widest) / static_cast<double>(STEP_MAX);
  multiplier_ = is_plain ? -fold * step : 0;
  offset_ = -fold * floor;
}

void CodeQuery::costs(const uint8_t* run, size_t first, size_t count, float* out) const {
  if (shape_.kind != CodeKind::BlockedProduct) {
    some_costs(run + first * stride_, nullptr, count, out);
    return;
  }
  const size_t bytes = block_bytes(shape_);
  const uint8_t* block = run + first / ROW_BLOCK * bytes;
  for (size_t start = 0; start < count; start += ROW_BLOCK, block += bytes) {
    block_costs(block, count - start < ROW_BLOCK ? count - start : ROW_BLOCK, out + start);
  }
}

void CodeQuery::costs_of(const uint8_t* run, const uint32_t* rows, size_t count,
                         float* out) const {
  some_costs(run, rows, count, out);
}

void CodeQuery::some_costs(const uint8_t* rows_at, const uint32_t* rows, size_t count,
                           float* out) const {
  for (size_t start = 0; start < count; start += COSTS_AT_ONCE) {
    const size_t some = count - start < COSTS_AT_ONCE ? count - start : COSTS_AT_ONCE;
    const uint8_t* const at = rows == nullptr ? rows_at + start * stride_ : rows_at;
    const uint32_t* const which = rows == nullptr ? nullptr : rows + start;
    if (is_partitioned(shape_)) {
      part_costs(at, which, some, out + start);
    } else if (is_half(shape_)) {
      half_costs(at, which, some, out + start);
    } else {
      plane_costs(at, which, some, out + start);
    }
  }
}

void CodeQuery::plane_costs(const uint8_t* rows_at, const uint32_t* rows, size_t count,
                            float* out) const {
  int64_t sums[COSTS_AT_ONCE];
  const size_t blocks = high_.size() / PLANE_BLOCK;
  const int8_t* const high = is_narrow_ ? nullptr : high_.data();
  const PlaneQuery query = {high, low_.data(), blocks, plane_bits(shape_)};
  plane_kernels().products(query, {rows_at + code_start(shape_), stride_}, rows, count, sums);
  if (shape_.kind == CodeKind::Rabit) {
    for (size_t r = 0; r < count; r++) {
      const uint8_t* const row = row_at(rows_at, stride_, rows, r);
      const double factor = multiplier_ * static_cast<double>(float_at(row + 4));
      const double bias = static_cast<double>(float_at(row));
      out[r] = finite_cost(base_ + bias + factor * (static_cast<double>(sums[r]) + shift_));
    }
    return;
  }
  const bool is_biased = has_bias(shape_);
  for (size_t r = 0; r < count; r++) {
    const uint8_t* const row = row_at(rows_at, stride_, rows, r);
    const double bias = is_biased ? static_cast<double>(float_at(row)) : 0;
    out[r] = finite_cost(base_ + bias + multiplier_ * static_cast<double>(sums[r]));
  }
}

void CodeQuery::half_costs(const uint8_t* rows_at, const uint32_t* rows, size_t count,
                           float* out) const {
  const Kernels& table = kernels();
  const auto dot = shape_.kind == CodeKind::Fp16 ? table.dot_f16 : table.dot_bf16;
  const size_t start = code_start(shape_);
  for (size_t r = 0; r < count; r++) {
    const uint8_t* const row = row_at(rows_at, stride_, rows, r);
    const float product =
        dot(query_, reinterpret_cast<const uint16_t*>(row + start), shape_.dim);
    const double bias = start > 0 ? static_cast<double>(float_at(row)) : 0;
    out[r] = finite_cost(base_ + bias + multiplier_ * static_cast<double>(product));
  }
}

// Of a row with this bias or factor.
inline float CodeQuery::product_cost(float number, double sum) const {
  const double cost = multiplier_ * sum;
  const double first = static_cast<double>(number);
  return finite_cost(is_lengthened_ ? first * (base_ + cost) : base_ + first + cost);
}

void CodeQuery::part_costs(const uint8_t* rows_at, const uint32_t* rows, size_t count,
                           float* out) const {
  const size_t tables = size_t{shape_.layers} * shape_.parts;
  const size_t room = entry_room(shape_);
  const size_t start = code_start(shape_);
  for (size_t r = 0; r < count; r += ROWS_BESIDE) {
    const size_t some = count - r < ROWS_BESIDE ? count - r : ROWS_BESIDE;
    const uint8_t* codes[ROWS_BESIDE];
    float sums[ROWS_BESIDE];
    // Behind the last row it stands in for those that are not there.
    for (size_t i = 0; i < ROWS_BESIDE; i++) {
      codes[i] = row_at(rows_at, stride_, rows, r + (i < some ? i : some - 1)) + start;
    }
    if (is_wide_entry(shape_)) {
      part_sums<uint16_t, ROWS_BESIDE>(table_.data(), room, tables, codes, sums);
    } else {
      part_sums<uint8_t, ROWS_BESIDE>(table_.data(), room, tables, codes, sums);
    }
    for (size_t i = 0; i < some; i++) {
      out[r + i] = product_cost(float_at(codes[i] - start), static_cast<double>(sums[i]));
    }
  }
}

void CodeQuery::block_costs(const uint8_t* block, size_t count, float* out) const {
  uint32_t sums[ROW_BLOCK];
  const size_t start = block_start(shape_);
  product_kernels().block_sums(small_table_.data(), block + start, blocked_parts(shape_), sums);
  for (size_t r = 0; r < count; r++) {
    out[r] = product_cost(float_at(block + r * 4), static_cast<double>(sums[r]));
  }
}

}  // namespace mlite
