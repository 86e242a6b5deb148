// Walks over one layer of a graph: the pool of candidates, the marks of what was seen, and the
// walk.

#ifndef MLITE_GRAPH_WALK_H_
#define MLITE_GRAPH_WALK_H_

#include <algorithm>
#include <cstring>
#include <limits>

#include "graph_codes.h"

namespace mlite {

// A candidate is one number that sorts by cost, then by node: ordered bits of the cost, the node,
// and a last bit that says that its neighbours were looked at.
using Candidate = uint64_t;

inline Candidate candidate_of(float cost, uint32_t node) {
  return (static_cast<uint64_t>(ordered_bits(cost)) << 32) | (static_cast<uint64_t>(node) << 1);
}
inline float candidate_cost(Candidate candidate) {
  return cost_of_ordered(static_cast<uint32_t>(candidate >> 32));
}
inline uint32_t candidate_node(Candidate candidate) {
  return static_cast<uint32_t>(candidate) >> 1;
}

// The best candidates so far, in order.
class Pool {
 public:
  // False when there is no memory.
  bool reserve(size_t capacity) {
    return items_.size() >= capacity + 1 || items_.resize(capacity + 1);
  }

  void clear(size_t capacity) {
    capacity_ = capacity;
    size_ = 0;
    next_ = 0;
    worst_ = FLT_INFINITE;
  }

  float worst() const { return worst_; }
  size_t size() const { return size_; }
  Candidate operator[](size_t i) const { return items_[i]; }

  // `cost` is below worst().
  void add(float cost, uint32_t node) {
    const Candidate candidate = candidate_of(cost, node);
    Candidate* const items = items_.data();
    // Without branches: which half is the right one nobody can foresee.
    size_t low = 0;
    for (size_t count = size_; count > 0;) {
      const size_t half = (count + 1) >> 1;
      low += items[low + half - 1] < candidate ? half : 0;
      count -= half;
    }
    std::memmove(items + low + 1, items + low, (size_ - low) * sizeof(Candidate));
    items[low] = candidate;
    size_ += size_ < capacity_ ? 1 : 0;
    if (size_ == capacity_) worst_ = candidate_cost(items[size_ - 1]);
    if (low < next_) next_ = low;
  }

  // The best candidate whose neighbours were not looked at; false when there is none.
  bool take(uint32_t& node) {
    while (next_ < size_ && (items_[next_] & 1) != 0) next_++;
    if (next_ == size_) return false;
    node = candidate_node(items_[next_]);
    items_[next_++] |= 1;
    return true;
  }

  // How many candidates are before the next that `take` may give.
  size_t position() const { return next_; }

  // Nodes that `take` will give if nothing better comes, as many as there are and no more than `most`.
  size_t peek_some(uint32_t* nodes, size_t most) const {
    size_t count = 0;
    for (size_t i = next_; i < size_ && count < most; i++) {
      if ((items_[i] & 1) == 0) nodes[count++] = candidate_node(items_[i]);
    }
    return count;
  }

 private:
  static constexpr float FLT_INFINITE = std::numeric_limits<float>::infinity();

  Array<Candidate> items_;
  size_t capacity_ = 0;
  size_t size_ = 0;
  size_t next_ = 0;
  float worst_ = 0;
};

// Which nodes a walk has seen; forgetting all of them costs nothing most of the time.
class Marks {
 public:
  bool open(size_t count) {
    if (marks_.size() != count && !marks_.resize(count)) return false;
    std::memset(marks_.data(), 0, count * sizeof(uint16_t));
    epoch_ = 0;
    return true;
  }

  void clear() {
    if (++epoch_ != 0) return;
    std::memset(marks_.data(), 0, marks_.size() * sizeof(uint16_t));
    epoch_ = 1;
  }

  bool has(uint32_t node) const { return marks_[node] == epoch_; }

  // True, which is 1, the first time.
  bool mark(uint32_t node) {
    const bool is_new = marks_[node] != epoch_;
    marks_[node] = epoch_;
    return is_new;
  }

 private:
  Array<uint16_t> marks_;
  uint16_t epoch_ = 0;
};

// One layer: nodes are rows on level 0 and upper nodes above it.
struct Layer {
  const GraphImage* image;
  uint32_t level;

  const Link* list(uint32_t node) const {
    return level == 0 ? image->list(node) : image->upper_list(node, level);
  }
  uint32_t width() const { return level == 0 ? image->width() : image->shape.degree; }
  uint32_t row(uint32_t node) const { return level == 0 ? node : image->upper_row(node); }
  // Links that are not below it end a list.
  uint32_t end() const { return level == 0 ? image->shape.row_count : image->counts.upper_count; }
};

// Candidates whose neighbours a walk looks at together, at most.
constexpr size_t LISTS_AT_ONCE = 4;

// What a walk works with; one a thread.
struct WalkSpace {
  Pool pool;
  Marks marks;
  Array<uint32_t> nodes;
  Array<uint32_t> rows;
  Array<float> costs;
  // Lists of the nodes that come next are asked for from the disk.
  bool is_from_disk = false;

  // Room for the lists of a step of a walk, or for as many nodes as `batch` says.
  bool open(const GraphImage& image, size_t pool_size, size_t batch) {
    const size_t room = std::max(batch, LISTS_AT_ONCE * image.width());
    return pool.reserve(pool_size) && marks.open(image.shape.row_count) && nodes.resize(room) &&
           rows.resize(room) && costs.resize(room);
  }
};

// Goes from `node` to its best neighbour until there is no better one.
uint32_t descend(const Layer& layer, const Probe& probe, WalkSpace& space, uint32_t node);

// Leaves the best `width` candidates around `node` in the pool. While it comes nearer it looks at one
// list at a time; then, when nearly all that is kept is looked at anyway, at several, so that it waits
// for memory once and not for each: as many as there are better candidates, up to LISTS_AT_ONCE.
void walk(const Layer& layer, const Probe& probe, WalkSpace& space, uint32_t node, size_t width);

}  // namespace mlite

#endif  // MLITE_GRAPH_WALK_H_
