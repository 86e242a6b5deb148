// The exact scan: the twin of src/index/flat.ts, with its results. Integer and binary scores are
// the twin's bit for bit; float scores are within the bound of kernels.h, and depend on the row and
// the query only, never on how a scan was cut into tasks, tiles or batches.

#ifndef MLITE_SCAN_H_
#define MLITE_SCAN_H_

#include "best_list.h"
#include "flat_kernels.h"
#include "kernels.h"
#include "memory.h"
#include "signatures.h"

namespace mlite {

enum class VectorType : uint32_t { Float32, Float16, Bfloat16, Int8, Binary };
// By those from Substructure on a row matches or is no hit.
enum class Metric : uint32_t {
  L2,
  Ip,
  Cosine,
  Hamming,
  Jaccard,
  Substructure,
  Superstructure,
  Minhash
};

bool has_metric(VectorType type, Metric metric);

// Bytes of a vector; `dim` is a multiple of 8 when binary.
size_t vector_bytes(VectorType type, size_t dim);

struct ScanShape {
  VectorType type;
  Metric metric;
  size_t dim;
  // At most SCAN_ROWS_MAX rows.
  size_t row_start;
  size_t row_end;
  size_t query_count;
  size_t top_k;
  size_t tie_rows_max;
  // Rows that cost less do not count.
  float cost_from;
  // Of Metric::Minhash.
  MinhashMeasure minhash = {};
};

struct FlatCodes;

// What a scan reads; the caller vouches for the lengths on every step.
struct ScanData {
  const void* vectors;
  // Bit i: row row_start + i counts; null: all rows do.
  const uint32_t* allowed;
  const void* queries;
  // Of the vectors, all of which then count from a multiple of 32 rows on; null: none. The hits are
  // the same: codes only tell which rows need no look.
  const FlatCodes* codes = nullptr;
};

class Scan {
 public:
  // False when there is no memory for it.
  bool open(const ScanShape& shape, const Kernels& table = kernels());

  // Works for about a millisecond; false when there is no memory.
  bool step(const ScanData& data);

  bool is_done() const { return first_query_ >= shape_.query_count; }

  // When done: hits of all queries, one behind the other.
  const ScanShape& shape() const { return shape_; }
  const uint32_t* counts() const { return counts_.data(); }
  const uint8_t* cut() const { return cut_.data(); }
  const uint32_t* rows() const { return rows_.data(); }
  const float* scores() const { return scores_.data(); }
  size_t hit_count() const { return hit_count_; }

 private:
  size_t queries_now() const;
  const uint8_t* row_bytes(const ScanData& data, size_t row) const;
  void begin_queries(const ScanData& data);
  void collect_rows(const ScanData& data);
  void measure(const ScanData& data);
  void measure_floats(const ScanData& data);
  void measure_integers(const ScanData& data);
  void measure_bits(const ScanData& data);
  void match_bits(const ScanData& data);
  float match_cost(const uint8_t* query, const uint8_t* row) const;
  void float_sums(const ScanData& data, bool is_l2);
  void cosines(const ScanData& data);
  double exact_cosine(const ScanData& data, size_t query, size_t row) const;
  void offer_rows();
  bool finish_queries();
  bool reserve_hits(size_t extra);

  // scan_coded.cc
  bool begin_codes(const ScanData& data);
  bool are_dense(const ScanData& data) const;
  size_t step_codes(const ScanData& data);
  size_t collect_survivors(const ScanData& data, size_t query, size_t panel_count);
  void measure_survivors(const ScanData& data, size_t query, size_t count);

  const Kernels* kernels_ = nullptr;
  ScanShape shape_ = {};
  size_t vector_bytes_ = 0;
  size_t queries_per_tile_ = 0;
  size_t rows_per_tile_ = 0;

  size_t first_query_ = 0;
  size_t next_row_ = 0;
  bool has_queries_ = false;

  // The tile: its rows, from tile_start_ on one after the other when they are consecutive.
  Array<uint32_t> tile_rows_;
  size_t row_count_ = 0;
  size_t tile_start_ = 0;
  bool is_consecutive_ = false;

  // Queries of these that are measured.
  size_t measured_first_ = 0;
  size_t measured_count_ = 0;

  // costs_[q x rows_per_tile_ + r], and integer sums likewise.
  Array<float> costs_;
  Array<int32_t> sums_;
  // Of this tile, as float32 and aligned: float vectors only.
  Array<float> queries_;
  Array<float> widened_;
  Array<float> query_squares_;
  Array<float> row_squares_;
  Array<double> row_inverses_;
  Array<uint32_t> selected_;
  // Squared lengths of int8 vectors, set bits of binary ones.
  Array<int32_t> query_counts_;
  Array<int32_t> row_counts_;

  // With codes: of these queries, and the rows of a tile that codes cannot tell from the best.
  bool uses_codes_ = false;
  size_t coded_rows_ = 0;
  Array<FlatQuery> flat_queries_;
  Array<int8_t> code_values_;
  Array<uint16_t> masks_;
  Array<uint32_t> survivors_;

  Array<BestList> lists_;
  Array<uint64_t> candidates_;

  Array<uint32_t> counts_;
  Array<uint8_t> cut_;
  Array<uint32_t> rows_;
  Array<float> scores_;
  size_t hit_count_ = 0;
};

}  // namespace mlite

#endif  // MLITE_SCAN_H_
