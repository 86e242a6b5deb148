// Exact costs of some rows of a vector column for one query: those of the exact scan, bit for bit.

#ifndef MLITE_EXACT_COSTS_H_
#define MLITE_EXACT_COSTS_H_

#include "memory.h"
#include "scan.h"

namespace mlite {

// Writes a vector of a float or int8 type as float32.
void widen_vector(VectorType type, size_t dim, const uint8_t* from, float* to);

// One thread has one.
class ExactCosts {
 public:
  // `vectors` are read until the last call. False when there is no memory.
  bool open(VectorType type, Metric metric, size_t dim, const uint8_t* vectors);

  // `query` has the type of the vectors; it is read until the next call.
  void set_query(const uint8_t* query);
  // The query as float32, of float vectors.
  const float* wide_query() const { return query_.data(); }
  // Its squared length, of float vectors.
  float query_square() const { return query_square_; }

  void costs(const uint32_t* rows, size_t count, float* out);

 private:
  static constexpr size_t ROWS_AT_ONCE = 128;
  // Rows that are asked for before a tile that fetches none ahead.
  static constexpr size_t AHEAD = 128;

  bool is_float() const { return type_ != VectorType::Int8 && type_ != VectorType::Binary; }
  void float_costs(const uint32_t* rows, size_t count, float* out);
  void cosines(const uint32_t* rows, size_t count, float* out);
  double wide_cosine(uint32_t row) const;
  void int8_costs(const uint32_t* rows, size_t count, float* out);
  void bit_costs(const uint32_t* rows, size_t count, float* out);

  VectorType type_ = VectorType::Float32;
  Metric metric_ = Metric::L2;
  size_t dim_ = 0;
  size_t bytes_ = 0;
  const uint8_t* vectors_ = nullptr;
  const uint8_t* raw_query_ = nullptr;
  Array<float> query_;
  float query_square_ = 0;
  double query_inverse_ = 0;
  // Squared length of an int8 query, set bits of a binary one.
  int32_t query_count_ = 0;
  float squares_[ROWS_AT_ONCE];
  double inverses_[ROWS_AT_ONCE];
  int32_t sums_[ROWS_AT_ONCE];
};

}  // namespace mlite

#endif  // MLITE_EXACT_COSTS_H_
