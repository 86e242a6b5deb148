#include "graph_build.h"

#include <algorithm>
#include <cstring>

#include "graph_thread.h"
#include "graph_trained.h"
#include "graph_walk.h"

#if defined(_MSC_VER) && defined(_M_X64)
#include <intrin.h>
#define MLITE_PAUSE() _mm_pause()
#elif defined(__x86_64__)
#define MLITE_PAUSE() __builtin_ia32_pause()
#else
#define MLITE_PAUSE() static_cast<void>(0)
#endif

namespace mlite {
namespace {

constexpr uint32_t THREADS_MAX = 64;
// Rows that one thread inserts alone, so that no two nodes of an almost empty graph miss each
// other.
constexpr uint32_t ROWS_ALONE = 1024;
constexpr uint32_t ROWS_AT_ONCE = 16;
constexpr uint32_t ROWS_PER_ENCODING = 256;
// Of a graph on disk: places that are left go to neighbours that are nearer to one chosen before,
// but not by so much.
constexpr float SLACK = 1.2f;

class SpinLock {
 public:
  void lock() {
    while (is_held_.exchange(1, std::memory_order_acquire) != 0) {
      while (is_held_.load(std::memory_order_relaxed) != 0) MLITE_PAUSE();
    }
  }
  void unlock() { is_held_.store(0, std::memory_order_release); }

 private:
  std::atomic<uint8_t> is_held_{0};
};

// What all threads of a build share.
struct Build {
  const GraphPlan* plan;
  const uint8_t* vectors;
  // As it is walked over: with codes of its own where those of the image are trained.
  GraphImage image;
  // Where those are.
  Array<uint8_t> codes;
  Array<float> scales;
  Array<float> squares;
  // Nodes in the order of their insertion; the entry is the first.
  Array<uint32_t> order;
  uint32_t order_count = 0;
  // By row: its upper node.
  Array<uint32_t> upper_of;
  // By row: the sum of its code.
  Array<int32_t> sums;
  Array<SpinLock> locks;
  BuildControl* control;
  std::atomic<uint32_t> next{0};
  std::atomic<uint32_t> end{0};
  std::atomic<bool> is_out_of_memory{false};
};

struct Neighbour {
  float cost;
  uint32_t node;

  bool operator<(const Neighbour& other) const {
    return cost < other.cost || (cost == other.cost && node < other.node);
  }
};

// One thread's insertions.
class Inserter {
 public:
  bool open(Build& build) {
    build_ = &build;
    const GraphShape& shape = build.image.shape;
    // No walk finds more than all rows.
    const uint32_t wanted = std::max(shape.build_width, shape.degree);
    pool_size_ = std::min(wanted, shape.row_count);
    const size_t lists = GRAPH_LEVELS_MAX + 2;
    return probe_.open(build.image, build.vectors) && judge_.open(build.image, build.vectors) &&
           space_.open(build.image, pool_size_, build.image.width() + 1) &&
           neighbours_.resize(std::max<size_t>(pool_size_, build.image.width() + 1)) &&
           chosen_.resize(lists * build.image.width()) && chosen_rows_.resize(build.image.width()) &&
           is_chosen_.resize(neighbours_.size());
  }

  void insert(uint32_t row) {
    const GraphImage& image = build_->image;
    const uint32_t level = build_->plan->levels[row];
    const uint32_t top = image.counts.top_level;
    probe_.set_row(row, build_->sums[row]);
    uint32_t node = top == 0 ? image.entry_row : image.entry_upper;
    for (uint32_t at = top; at > level; at--) node = descend({&image, at}, probe_, space_, node);
    for (uint32_t at = level + 1; at-- > 0;) {
      if (at == 0 && top > 0) node = image.upper_rows[node];
      const Layer layer = {&image, at};
      walk(layer, probe_, space_, node, pool_size_);
      node = candidate_node(space_.pool[0]);
      choose_from_pool(layer);
    }
    // From the bottom up: see the invariants.
    for (uint32_t at = 0; at <= level; at++) link({&image, at}, row);
  }

  // Links a node that no walk finds from the nearest one with a place for it. Where none has one, the
  // node goes between the nearest and the last of its links, which may have no other way to it; a link
  // that it gives up for that leads to what is found without it, or gets a way when its turn comes.
  void attach(uint32_t row) {
    const GraphImage& image = build_->image;
    const uint32_t last = image.width() - 1;
    probe_.set_row(row, build_->sums[row]);
    walk({&image, 0}, probe_, space_, image.entry_row, pool_size_);
    uint32_t node = candidate_node(space_.pool[0]);
    for (size_t i = 0; i < space_.pool.size(); i++) {
      const uint32_t other = candidate_node(space_.pool[i]);
      if (image.list(other)[last].load(std::memory_order_relaxed) != NO_NODE) continue;
      node = other;
      break;
    }
    Link* const list = image.list(node);
    uint32_t at = 0;
    while (at < last && list[at].load(std::memory_order_relaxed) != NO_NODE) at++;
    const uint32_t displaced = list[at].load(std::memory_order_relaxed);
    list[at].store(row, std::memory_order_relaxed);
    if (displaced == NO_NODE) return;
    Link* const own = image.list(row);
    uint32_t place = 0;
    while (place < last) {
      const uint32_t link = own[place].load(std::memory_order_relaxed);
      if (link == NO_NODE || link == displaced) break;
      place++;
    }
    own[place].store(displaced, std::memory_order_relaxed);
  }

 private:
  void choose_from_pool(const Layer& layer) {
    const Pool& pool = space_.pool;
    for (size_t i = 0; i < pool.size(); i++) {
      neighbours_[i] = {candidate_cost(pool[i]), candidate_node(pool[i])};
    }
    uint32_t* const chosen = chosen_of(layer.level);
    const uint32_t count = choose(layer, pool.size(), layer.width(), chosen);
    counts_[layer.level] = fill_up(layer, pool.size(), count, chosen);
  }

  uint32_t* chosen_of(uint32_t level) {
    return chosen_.data() + size_t{level} * build_->image.width();
  }

  // Of neighbours_, nearest first, those that are nearer to the node than to any chosen before:
  // places that are left stay empty, as more neighbours cost every walk more than they find.
  uint32_t choose(const Layer& layer, size_t count, uint32_t width, uint32_t* out) {
    uint32_t chosen = 0;
    for (size_t i = 0; i < count && chosen < width; i++) {
      const uint32_t row = layer.row(neighbours_[i].node);
      is_chosen_[i] = !is_covered(row, neighbours_[i].cost, chosen);
      if (!is_chosen_[i]) continue;
      chosen_rows_[chosen] = row;
      out[chosen++] = neighbours_[i].node;
    }
    return chosen;
  }

  // Of a graph on disk, where it is lists that a walk waits for: more neighbours behind those that
  // were chosen, so that it needs fewer of them.
  uint32_t fill_up(const Layer& layer, size_t count, uint32_t chosen, uint32_t* out) {
    const Metric metric = build_->image.shape.metric;
    // Minus a product is no distance that could be multiplied; minus a cosine is one less 1.
    if (!build_->image.shape.is_disk || layer.level > 0 || metric == Metric::Ip) return chosen;
    const float shift = metric == Metric::Cosine ? 1.0f : 0.0f;
    for (size_t i = 0; i < count && chosen < layer.width(); i++) {
      if (is_chosen_[i]) continue;
      const uint32_t row = layer.row(neighbours_[i].node);
      if (is_covered(row, (neighbours_[i].cost + shift) / SLACK - shift, chosen)) continue;
      chosen_rows_[chosen] = row;
      out[chosen++] = neighbours_[i].node;
    }
    return chosen;
  }

  bool is_covered(uint32_t row, float cost, uint32_t chosen) {
    if (chosen == 0) return false;
    judge_.set_row(row, build_->sums[row]);
    float costs[COVERS_AT_ONCE];
    for (uint32_t start = 0; start < chosen; start += COVERS_AT_ONCE) {
      const uint32_t some = std::min(COVERS_AT_ONCE, chosen - start);
      judge_.costs(chosen_rows_.data() + start, some, costs);
      for (uint32_t i = 0; i < some; i++) {
        if (costs[i] <= cost) return true;
      }
    }
    return false;
  }

  void link(const Layer& layer, uint32_t row) {
    const uint32_t node = layer.level == 0 ? row : build_->upper_of[row];
    const uint32_t* const chosen = chosen_of(layer.level);
    const uint32_t count = counts_[layer.level];
    write_list(layer, node, chosen, count);
    for (uint32_t i = 0; i < count; i++) {
      if (chosen[i] != node) link_back(layer, chosen[i], node);
    }
  }

  void write_list(const Layer& layer, uint32_t node, const uint32_t* chosen, uint32_t count) {
    Link* const list = const_cast<Link*>(layer.list(node));
    for (uint32_t i = 0; i < count; i++) list[i].store(chosen[i], std::memory_order_release);
    for (uint32_t i = count; i < layer.width(); i++) {
      list[i].store(NO_NODE, std::memory_order_relaxed);
    }
  }

  void link_back(const Layer& layer, uint32_t node, uint32_t added) {
    SpinLock& lock = build_->locks[layer.row(node)];
    Link* const list = const_cast<Link*>(layer.list(node));
    const uint32_t width = layer.width();
    lock.lock();
    uint32_t count = 0;
    while (count < width && list[count].load(std::memory_order_relaxed) != NO_NODE) count++;
    if (count < width) {
      list[count].store(added, std::memory_order_release);
    } else {
      replace_list(layer, node, added);
    }
    lock.unlock();
  }

  // A full list and one more: the best of them all.
  void replace_list(const Layer& layer, uint32_t node, uint32_t added) {
    const Link* const list = layer.list(node);
    const uint32_t width = layer.width();
    uint32_t* const rows = space_.rows.data();
    float* const costs = space_.costs.data();
    for (uint32_t i = 0; i <= width; i++) {
      const uint32_t link = i < width ? list[i].load(std::memory_order_relaxed) : added;
      neighbours_[i].node = link;
      rows[i] = layer.row(link);
    }
    judge_.set_row(layer.row(node), build_->sums[layer.row(node)]);
    judge_.costs(rows, width + 1, costs);
    for (uint32_t i = 0; i <= width; i++) neighbours_[i].cost = costs[i];
    std::sort(neighbours_.data(), neighbours_.data() + width + 1);
    uint32_t* const chosen = chosen_of(GRAPH_LEVELS_MAX + 1);
    write_list(layer, node, chosen, choose(layer, width + 1, width, chosen));
  }

  static constexpr uint32_t COVERS_AT_ONCE = 4;

  Build* build_ = nullptr;
  Probe probe_;
  Probe judge_;
  WalkSpace space_;
  uint32_t pool_size_ = 0;
  Array<Neighbour> neighbours_;
  Array<uint32_t> chosen_;
  Array<uint32_t> chosen_rows_;
  // By candidate.
  Array<bool> is_chosen_;
  uint32_t counts_[GRAPH_LEVELS_MAX + 1] = {};
};

bool is_cancelled(const Build& build) {
  return build.control->is_cancelled.load(std::memory_order_relaxed) != 0 ||
         build.is_out_of_memory.load(std::memory_order_relaxed);
}

void encode_some(void* context) {
  Build& build = *static_cast<Build*>(context);
  const uint32_t rows = build.image.shape.row_count;
  Array<float> scratch;
  if (!scratch.resize(build.image.shape.dim)) {
    build.is_out_of_memory.store(true);
    return;
  }
  while (!is_cancelled(build)) {
    const uint32_t first = build.next.fetch_add(ROWS_PER_ENCODING);
    if (first >= rows) return;
    const uint32_t end = std::min(rows, first + ROWS_PER_ENCODING);
    encode_rows(build.image, build.vectors, first, end, build.sums.data(),
                scratch.data());
  }
}

void insert_some(void* context) {
  Build& build = *static_cast<Build*>(context);
  Inserter inserter;
  if (!inserter.open(build)) {
    build.is_out_of_memory.store(true);
    return;
  }
  const uint32_t end = build.end.load();
  while (!is_cancelled(build)) {
    const uint32_t first = build.next.fetch_add(ROWS_AT_ONCE);
    if (first >= end) return;
    const uint32_t last = std::min(end, first + ROWS_AT_ONCE);
    for (uint32_t i = first; i < last; i++) inserter.insert(build.order[i]);
    build.control->rows_done.fetch_add(static_cast<int32_t>(last - first));
  }
}

// On this thread and on as many others as are given.
void run_beside(Thread::Work work, Build& build, uint32_t thread_count) {
  Thread threads[THREADS_MAX];
  for (uint32_t i = 1; i < std::min(thread_count, THREADS_MAX); i++) {
    if (!threads[i].start(work, &build)) break;
  }
  work(&build);
}

void insert_nodes(Build& build, uint32_t first, uint32_t end, uint32_t thread_count) {
  build.next.store(first);
  build.end.store(end);
  if (first < end) run_beside(insert_some, build, thread_count);
}

// Marks what can be reached from `start` and was not before; `stack` has room for all rows.
void reach(const GraphImage& image, uint32_t start, Marks& marks, uint32_t* stack) {
  size_t depth = 0;
  if (marks.mark(start)) stack[depth++] = start;
  while (depth > 0) {
    const Link* const list = image.list(stack[--depth]);
    for (uint32_t i = 0; i < image.width(); i++) {
      const uint32_t link = list[i].load(std::memory_order_relaxed);
      if (link == NO_NODE) break;
      if (marks.mark(link)) stack[depth++] = link;
    }
  }
}

// Pruning may leave a node without a way to it: each gets one.
bool connect(Build& build) {
  const GraphImage& image = build.image;
  Inserter inserter;
  Marks marks;
  Array<uint32_t> stack;
  if (!inserter.open(build) || !marks.open(image.shape.row_count) ||
      !stack.resize(image.shape.row_count)) {
    return false;
  }
  marks.clear();
  reach(image, image.entry_row, marks, stack.data());
  for (uint32_t i = 0; i < build.order_count && !is_cancelled(build); i++) {
    const uint32_t row = build.order[i];
    if (marks.has(row)) continue;
    inserter.attach(row);
    reach(image, row, marks, stack.data());
  }
  return true;
}

// The entry, then all other nodes, shuffled.
bool order_nodes(Build& build) {
  const GraphPlan& plan = *build.plan;
  const uint32_t rows = build.image.shape.row_count;
  if (!build.order.resize(rows) || !build.upper_of.resize(rows)) return false;
  uint32_t count = 0;
  uint32_t upper = 0;
  uint32_t list = 0;
  for (uint32_t row = 0; row < rows; row++) {
    build.upper_of[row] = NO_NODE;
    if (plan.is_twin[row] != 0) continue;
    const bool is_entry = count == 0 || plan.levels[row] > plan.levels[build.order[0]];
    build.order[count] = row;
    if (is_entry) std::swap(build.order[0], build.order[count]);
    count++;
    if (plan.levels[row] == 0) continue;
    build.upper_of[row] = upper;
    build.image.upper_rows[upper] = row;
    build.image.upper_starts[upper++] = list;
    list += plan.levels[row];
  }
  build.image.upper_starts[upper] = list;
  build.image.entry_row = build.order[0];
  build.image.entry_upper = build.upper_of[build.order[0]];
  uint64_t state = 88172645463325252u;
  for (uint32_t i = count; i > 2; i--) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::swap(build.order[i - 1], build.order[1 + state % (i - 1)]);
  }
  build.order_count = count;
  return true;
}

void clear_lists(const GraphImage& image) {
  const size_t links = size_t{image.shape.row_count} * image.width();
  for (size_t i = 0; i < links; i++) image.links[i].store(NO_NODE, std::memory_order_relaxed);
  const size_t upper = size_t{image.counts.upper_list_count} * image.shape.degree;
  for (size_t i = 0; i < upper; i++) image.upper_links[i].store(NO_NODE, std::memory_order_relaxed);
}

// Where the image has codes that are trained, the build walks over those of all graphs, in memory of
// its own, or over the vectors.
bool lay_out_codes(Build& build) {
  GraphImage& image = build.image;
  if (!image.shape.is_trained) return true;
  image.shape.is_trained = false;
  const size_t rows = image.shape.row_count;
  const size_t stride = code_stride(image.shape);
  if (!build.codes.resize(rows * stride) ||
      !build.scales.resize(has_own_codes(image.shape) ? rows : 0) ||
      !build.squares.resize(has_squares(image.shape) ? rows : 0)) {
    return false;
  }
  image.codes = {build.codes.data(), stride};
  image.scales = build.scales.data();
  image.squares = has_squares(image.shape) ? build.squares.data() : nullptr;
  return true;
}

}  // namespace

BuildEnd build_graph(const GraphShape& shape, const GraphPlan& plan, const uint8_t* vectors,
                     uint8_t* bytes, uint32_t thread_count, BuildControl& control) {
  Build build;
  build.plan = &plan;
  build.vectors = vectors;
  build.control = &control;
  build.image = lay_out(shape, plan.counts, bytes);
  const GraphImage kept = build.image;
  if (!lay_out_codes(build) || !order_nodes(build) || !build.locks.resize(shape.row_count) ||
      !build.sums.resize(shape.row_count)) {
    return BuildEnd::NoMemory;
  }
  std::memset(bytes, 0, GRAPH_HEADER_BYTES);
  clear_lists(build.image);
  if (build.image.twins != nullptr) {
    std::memcpy(build.image.twins, plan.twins.data(), size_t{shape.row_count} * 4);
  }
  run_beside(encode_some, build, thread_count);
  // The entry is there from the beginning, without neighbours.
  insert_nodes(build, 1, std::min(build.order_count, ROWS_ALONE), 1);
  insert_nodes(build, std::min(build.order_count, ROWS_ALONE), build.order_count, thread_count);
  if (!is_cancelled(build) && !connect(build)) return BuildEnd::NoMemory;
  if (!is_cancelled(build) && shape.is_trained &&
      !write_trained_codes(kept, {vectors, thread_count, &control})) {
    build.is_out_of_memory.store(true);
  }
  control.rows_done.store(static_cast<int32_t>(shape.row_count));
  if (is_cancelled(build)) return build.is_out_of_memory ? BuildEnd::NoMemory : BuildEnd::Cancelled;
  build.image.shape = shape;
  write_header(build.image, bytes);
  return BuildEnd::Done;
}

}  // namespace mlite
