// The k best candidates of one query: the twin of src/index/best-lists.ts, whose invariants these
// are.
//
// A candidate is one uint64: order-preserving bits of its float32 cost x 2^21 + its row, so that
// the order of candidates is that of costs, then of rows.

#ifndef MLITE_BEST_LIST_H_
#define MLITE_BEST_LIST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace mlite {

constexpr size_t SCAN_ROW_BITS = 21;
constexpr size_t SCAN_ROWS_MAX = size_t{1} << SCAN_ROW_BITS;

inline size_t list_capacity(size_t top_k, size_t tie_rows_max) {
  return top_k + tie_rows_max + std::max<size_t>(top_k, 64);
}

inline uint32_t ordered_bits(float cost) {
  // A cost that was rounded to minus zero is zero.
  const float positive_zero = cost + 0.0f;
  uint32_t bits;
  std::memcpy(&bits, &positive_zero, 4);
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

inline float cost_of_ordered(uint32_t ordered) {
  const uint32_t bits = (ordered & 0x80000000u) != 0 ? ordered & 0x7fffffffu : ~ordered;
  float cost;
  std::memcpy(&cost, &bits, 4);
  return cost;
}

class BestList {
 public:
  // `candidates` has room for list_capacity(top_k, tie_rows_max).
  void open(uint64_t* candidates, size_t top_k, size_t tie_rows_max) {
    candidates_ = candidates;
    top_k_ = top_k;
    tie_rows_max_ = tie_rows_max;
    clear();
  }

  void clear() {
    count_ = 0;
    worst_ = std::numeric_limits<float>::infinity();
    has_cut_ = false;
  }

  // Candidates that cost more are of no use.
  float worst() const { return worst_; }

  // `cost` is not above worst(); a row is offered once, rows in ascending order.
  void offer(float cost, uint32_t row) {
    if (has_cut_ && cost == cut_at_ && cost == worst_) return;
    candidates_[count_++] = (static_cast<uint64_t>(ordered_bits(cost)) << SCAN_ROW_BITS) | row;
    if (count_ == list_capacity(top_k_, tie_rows_max_)) shrink();
  }

  // Brings worst() down to what is known by now; what the list ends as stays the same, but for rows
  // behind the k-th of one that is cut.
  void tighten() { shrink(); }

  // Brings the list in order and cuts it to its k best and all as good as the k-th.
  void sort() {
    shrink();
    std::sort(candidates_, candidates_ + count_);
  }

  size_t count() const { return count_; }
  float cost(size_t i) const {
    return cost_of_ordered(static_cast<uint32_t>(candidates_[i] >> SCAN_ROW_BITS));
  }
  uint32_t row(size_t i) const {
    return static_cast<uint32_t>(candidates_[i] & (SCAN_ROWS_MAX - 1));
  }

  // True when candidates as good as the k-th are missing.
  bool is_cut() const { return has_cut_ && cut_at_ == worst_; }

 private:
  void shrink() {
    if (count_ < top_k_) return;
    uint64_t* const end = candidates_ + count_;
    uint64_t* const kept = candidates_ + top_k_;
    std::nth_element(candidates_, kept - 1, end);
    const uint64_t boundary = kept[-1] >> SCAN_ROW_BITS;
    uint64_t* const ties = std::partition(kept, end, [boundary](uint64_t candidate) {
      return candidate >> SCAN_ROW_BITS == boundary;
    });
    worst_ = cost_of_ordered(static_cast<uint32_t>(boundary));
    count_ = static_cast<size_t>(ties - candidates_);
    if (count_ <= top_k_ + tie_rows_max_) return;
    count_ = top_k_;
    cut_at_ = worst_;
    has_cut_ = true;
  }

  uint64_t* candidates_ = nullptr;
  size_t top_k_ = 0;
  size_t tie_rows_max_ = 0;
  size_t count_ = 0;
  float worst_ = 0;
  float cut_at_ = 0;
  bool has_cut_ = false;
};

}  // namespace mlite

#endif  // MLITE_BEST_LIST_H_
