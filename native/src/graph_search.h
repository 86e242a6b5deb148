// Searching a graph: one query at a time, each thread with a searcher of its own over the same
// image.

#ifndef MLITE_GRAPH_SEARCH_H_
#define MLITE_GRAPH_SEARCH_H_

#include "disk_pages.h"
#include "graph_walk.h"

namespace mlite {

struct GraphQuery {
  const uint8_t* vector;
  size_t top_k;
  // Candidates that are kept on the way; at least top_k are.
  size_t width;
  // Bit i: row i counts; null: all rows do. `allowed_count` of them are set.
  const uint32_t* allowed;
  size_t allowed_count;
  // So many rows that count are compared one by one rather than found by a walk, or SCAN_BY_COST.
  size_t scan_rows_max;
  // So many of the best by codes are ranked by exact costs, or RANK_BY_WIDTH.
  size_t rank_count = 0;
};

constexpr size_t SCAN_BY_COST = SIZE_MAX;
constexpr size_t RANK_BY_WIDTH = 0;

class GraphSearcher {
 public:
  // False when there is no memory. Both stay where they are.
  bool open(const GraphImage& image, const uint8_t* vectors);

  // Best rows first, equal ones by row, with their scores as metrics.ts defines them; at most
  // top_k. False when there is no memory.
  bool search(const GraphQuery& query, uint32_t* rows, float* scores, size_t* count);

 private:
  bool is_allowed(const GraphQuery& query, uint32_t row) const {
    return query.allowed == nullptr || (query.allowed[row >> 5] >> (row & 31) & 1) != 0;
  }
  bool has_allowed(const GraphQuery& query, uint32_t node) const;
  uint32_t enter();
  size_t next_rows(const GraphQuery& query, uint32_t& word);
  void scan(const GraphQuery& query);
  void walk_allowed(const GraphQuery& query, uint32_t entry, size_t width);
  size_t gather_allowed(const GraphQuery& query, uint32_t node);
  bool collect(const GraphQuery& query, bool are_nodes);
  void want_found() const;
  size_t rank(const GraphQuery& query, uint32_t* rows, float* scores);

  const GraphImage* image_ = nullptr;
  const uint8_t* vectors_ = nullptr;
  Probe probe_;
  WalkSpace space_;
  // What is left of a walk, to be ranked by exact costs.
  Array<uint32_t> found_;
  Array<float> costs_;
  Array<Candidate> ranked_;
  size_t found_count_ = 0;
  // Of a graph on disk.
  DiskPages pages_;
};

}  // namespace mlite

#endif  // MLITE_GRAPH_SEARCH_H_
