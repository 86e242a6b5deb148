// Searching inverted lists: the lists whose centroids are nearest, then the rows in them.
//
//   codes    candidates                                   hits
//   none     every row of the lists                       the best by exact costs
//   panels   rows that codes do not prove worse           the same as without codes
//   trained  the best by codes, as many as asked for      the best of them by exact costs
//
// While fewer hits are found than are asked for, lists further away are searched as well.

#ifndef MLITE_IVF_SEARCH_H_
#define MLITE_IVF_SEARCH_H_

#include <limits>

#include "best_list.h"
#include "exact_costs.h"
#include "ivf_image.h"

namespace mlite {

struct ListQueries {
  // Of the type of the vectors.
  const uint8_t* vectors;
  size_t count;
  // 1 ... row_count
  size_t top_k;
  // Lists, at least 1.
  size_t probe_count;
  // With trained codes: at least top_k.
  size_t candidate_count;
  // See CodeQuery.
  uint32_t query_bits;
  // Bit i: row i counts; null: all rows do. `allowed_count` of them are set.
  const uint32_t* allowed;
  size_t allowed_count;
};

// The best rows so far: by cost, then by row.
class BestRows {
 public:
  // False when there is no memory.
  bool open(size_t capacity);

  void clear() {
    count_ = 0;
    worst_ = std::numeric_limits<float>::infinity();
  }

  // Candidates that cost more are of no use.
  float worst() const { return worst_; }
  // As many as were offered and are not known to be of no use.
  size_t count() const { return count_; }

  // `cost` is not above worst().
  void offer(float cost, uint32_t row) {
    items_[count_++] = (static_cast<uint64_t>(ordered_bits(cost)) << 32) | row;
    if (count_ == items_.size()) shrink();
  }

  // Brings worst() down to what is known by now.
  void shrink();
  // Puts the best in order; how many there are.
  size_t sort();

  uint32_t row(size_t i) const { return static_cast<uint32_t>(items_[i]); }
  float cost(size_t i) const { return cost_of_ordered(static_cast<uint32_t>(items_[i] >> 32)); }

 private:
  Array<uint64_t> items_;
  size_t capacity_ = 0;
  size_t count_ = 0;
  float worst_ = 0;
};

// One thread has one.
class ListSearcher {
 public:
  // Both are read until the last call. False when there is no memory.
  bool open(const ListImage& image, const uint8_t* vectors);

  // Hits of all queries, one behind the other; `counts` has their numbers by query, `rows` and
  // `scores` have room for top_k a query. False when there is no memory.
  bool search(const ListQueries& queries, uint32_t* counts, uint32_t* rows, float* scores);

 private:
  bool set_scales();
  bool reserve(const ListQueries& queries);
  // False of what is no row, too.
  bool is_allowed(const ListQueries& queries, uint32_t row) const {
    if (row >= image_->shape.row_count) return false;
    return queries.allowed == nullptr || (queries.allowed[row >> 5] >> (row & 31) & 1) != 0;
  }
  void prepare_queries(const ListQueries& queries, size_t first, size_t count);
  size_t search_one(const ListQueries& queries, size_t query, uint32_t* rows, float* scores);
  void rank_lists(const float* costs, size_t first, size_t wanted);
  void begin_query(const ListQueries& queries, size_t query, const void* prepared);
  void search_list(const ListQueries& queries, uint32_t list);
  void measure_list(const ListQueries& queries, uint32_t list);
  void measure_panels(const ListQueries& queries, uint32_t list);
  void measure_codes(const ListQueries& queries, uint32_t list);
  size_t collect_panel_rows(const ListQueries& queries, uint32_t list, size_t first, size_t end);
  void offer_exact(size_t count);
  void refine();

  static constexpr size_t ROWS_AT_ONCE = 1024;
  static constexpr size_t PANELS_AT_ONCE = ROWS_AT_ONCE / PANEL_ROWS;

  const ListImage* image_ = nullptr;
  const uint8_t* vectors_ = nullptr;
  ExactCosts exact_;
  CentroidCosts centroid_costs_;
  CodeQuery codes_;
  FlatQuery flat_ = {};
  ScanShape flat_shape_ = {};
  bool uses_panels_ = false;
  size_t panel_rows_ = 0;

  // Of some queries: prepared vectors, and costs of all centroids.
  Array<uint8_t> prepared_;
  Array<float> list_costs_;
  // By which costs of lists are multiplied to rank them; none: 1.
  Array<float> list_scales_;
  size_t queries_at_once_ = 0;
  const float* query_list_costs_ = nullptr;
  // Lists by cost, as far as they are in order.
  Array<uint64_t> ranked_;
  size_t ranked_count_ = 0;

  Array<int8_t> flat_values_;
  Array<uint32_t> found_;
  Array<uint32_t> positions_;
  Array<float> costs_;
  uint16_t masks_[PANELS_AT_ONCE];
  BestRows best_;
  BestRows refined_;
};

}  // namespace mlite

#endif  // MLITE_IVF_SEARCH_H_
