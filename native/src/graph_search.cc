#include "graph_search.h"

#include <algorithm>
#include <cmath>

namespace mlite {
namespace {

// Rows that a scan looks at together: so many, less what the next word of the mask has.
constexpr size_t SCAN_BATCH = 128;
// Nearest nodes that a filtered walk starts from, whether they count or not: each takes a place.
constexpr size_t SEED_COUNT = 32;

// What a search costs, in rows that a scan compares in the same time, as measured at 128 and 384
// dimensions: a walk by candidates it keeps and neighbours of each, a filtered one by its seeds
// as well.
constexpr double PLAIN_COST = 2.5;
constexpr double FILTERED_COST = 8;
constexpr double FILTERED_START = 64;
// Standard deviations by which fewer candidates may count than are expected: one search in some
// hundreds has to scan after its walk.
constexpr double SPREAD = 3;

enum class Way { Scan, Plain, Filtered };

struct Choice {
  Way way;
  // Candidates to keep.
  size_t width;
};

Choice choose(const GraphQuery& query, const GraphShape& shape, size_t matching) {
  const size_t width =
      std::min<size_t>(std::max({query.width, query.top_k, query.rank_count}), shape.row_count);
  const double share = static_cast<double>(matching) / static_cast<double>(shape.row_count);
  const double degree = static_cast<double>(shape.degree);
  const double candidates = static_cast<double>(width);
  // As many of the candidates as are wanted have to count, by chance as well.
  const double wanted = static_cast<double>(query.top_k);
  const double spread = SPREAD * std::sqrt(wanted * (1 - share));
  const double walked = std::max(candidates, std::ceil(wanted + spread));
  const double plain = PLAIN_COST * degree * walked / share;
  const double filtered = FILTERED_COST * degree * (candidates + FILTERED_START);
  const bool is_scan = query.scan_rows_max == SCAN_BY_COST
                           ? static_cast<double>(matching) <= std::min(plain, filtered)
                           : matching <= query.scan_rows_max;
  if (is_scan) return {Way::Scan, width};
  if (plain > filtered) return {Way::Filtered, width + SEED_COUNT};
  const double all = static_cast<double>(shape.row_count);
  return {Way::Plain, static_cast<size_t>(std::min(walked / share + 1, all))};
}

// The number of the lowest bit that is set; one is.
inline uint32_t lowest_bit(uint64_t bits) {
#if defined(__GNUC__) || defined(__clang__)
  return static_cast<uint32_t>(__builtin_ctzll(bits));
#else
  uint32_t bit = 0;
  while ((bits >> bit & 1) == 0) bit++;
  return bit;
#endif
}

size_t rank_count(const GraphQuery& query) {
  if (query.rank_count != RANK_BY_WIDTH) return std::max(query.top_k, query.rank_count);
  return std::max(query.top_k * 2, query.width / 2);
}

}  // namespace

bool GraphSearcher::open(const GraphImage& image, const uint8_t* vectors) {
  image_ = &image;
  vectors_ = vectors;
  if (image.shape.is_disk) {
    const size_t links = size_t{image.shape.row_count} * image.width();
    DiskPages::expect_random(image.links, links * sizeof(Link));
    pages_.note_work();
  }
  const size_t batch = std::max<size_t>(image.width() * 2, SCAN_BATCH);
  return probe_.open(image, vectors) && space_.open(image, 64, batch);
}

bool GraphSearcher::search(const GraphQuery& query, uint32_t* rows, float* scores, size_t* count) {
  *count = 0;
  const size_t matching = query.allowed == nullptr ? image_->shape.row_count : query.allowed_count;
  if (matching == 0 || query.top_k == 0) return true;
  const Choice choice = choose(query, image_->shape, matching);
  if (!space_.pool.reserve(std::max(choice.width, rank_count(query)))) return false;
  probe_.set_query(query.vector);
  space_.is_from_disk = pages_.has_waited();
  if (choice.way == Way::Scan) {
    scan(query);
  } else if (choice.way == Way::Plain) {
    walk({image_, 0}, probe_, space_, enter(), choice.width);
  } else {
    walk_allowed(query, enter(), choice.width);
  }
  if (!collect(query, choice.way != Way::Scan)) return false;
  // Rows that count may lie where no walk among them leads.
  if (choice.way != Way::Scan && found_count_ < std::min(query.top_k, matching)) {
    scan(query);
    if (!collect(query, false)) return false;
  }
  if (space_.is_from_disk) want_found();
  *count = rank(query, rows, scores);
  if (image_->shape.is_disk) pages_.note_work();
  return true;
}

bool GraphSearcher::has_allowed(const GraphQuery& query, uint32_t node) const {
  if (is_allowed(query, node)) return true;
  if (image_->twins == nullptr) return false;
  for (uint32_t row = image_->next_twin(node); row != NO_NODE; row = image_->next_twin(row)) {
    if (is_allowed(query, row)) return true;
  }
  return false;
}

uint32_t GraphSearcher::enter() {
  if (image_->counts.top_level == 0) return image_->entry_row;
  uint32_t node = image_->entry_upper;
  for (uint32_t level = image_->counts.top_level; level > 0; level--) {
    node = descend({image_, level}, probe_, space_, node);
  }
  return image_->upper_row(node);
}

// Rows that count, of whole words of the mask from `word` on, go into the space; 0 when there are
// no more.
size_t GraphSearcher::next_rows(const GraphQuery& query, uint32_t& word) {
  uint32_t* const rows = space_.rows.data();
  const uint32_t row_count = image_->shape.row_count;
  const uint32_t word_count = (row_count + 31) / 32;
  size_t count = 0;
  for (; word < word_count && count <= SCAN_BATCH - 64; word += 2) {
    uint64_t bits = UINT64_MAX;
    if (query.allowed != nullptr) {
      const uint64_t high = word + 1 < word_count ? query.allowed[word + 1] : 0;
      bits = high << 32 | query.allowed[word];
    }
    const uint32_t first = word * 32;
    if (row_count - first < 64) bits &= (uint64_t{1} << (row_count - first)) - 1;
    for (; bits != 0; bits &= bits - 1) {
      const uint32_t row = first + lowest_bit(bits);
      probe_.fetch(row);
      rows[count++] = row;
    }
  }
  return count;
}

void GraphSearcher::scan(const GraphQuery& query) {
  Pool& pool = space_.pool;
  const uint32_t* const rows = space_.rows.data();
  uint32_t* const better = space_.nodes.data();
  float* const costs = space_.costs.data();
  // Nothing is kept that would not be ranked.
  pool.clear(std::min<size_t>(rank_count(query), image_->shape.row_count));
  uint32_t word = 0;
  while (const size_t count = next_rows(query, word)) {
    probe_.costs(rows, count, costs);
    const size_t better_count = kernels().select(costs, count, pool.worst(), better);
    for (size_t i = 0; i < better_count; i++) {
      const float cost = costs[better[i]];
      if (cost < pool.worst()) pool.add(cost, rows[better[i]]);
    }
  }
}

// Rows that count among the neighbours of `node`, and among theirs where a neighbour does not
// count.
size_t GraphSearcher::gather_allowed(const GraphQuery& query, uint32_t node) {
  const uint32_t width = image_->width();
  const uint32_t row_count = image_->shape.row_count;
  uint32_t* const nodes = space_.nodes.data();
  const Link* const list = image_->list(node);
  uint32_t* const skipped = space_.rows.data();
  size_t skipped_count = 0;
  size_t count = 0;
  for (uint32_t i = 0; i < width; i++) {
    const uint32_t link = list[i].load(std::memory_order_relaxed);
    if (link >= row_count) break;
    if (!space_.marks.mark(link)) continue;
    if (has_allowed(query, link)) {
      nodes[count++] = link;
      probe_.fetch(link);
    } else {
      skipped[skipped_count++] = link;
      prefetch(image_->list(link), width * sizeof(Link));
    }
  }
  for (size_t s = 0; s < skipped_count && count < width; s++) {
    const Link* const beyond = image_->list(skipped[s]);
    for (uint32_t i = 0; i < width; i++) {
      const uint32_t link = beyond[i].load(std::memory_order_relaxed);
      if (link >= row_count) break;
      // Those that do not count stay unmarked: as a neighbour each may still lead on.
      if (!has_allowed(query, link) || !space_.marks.mark(link)) continue;
      nodes[count++] = link;
      probe_.fetch(link);
    }
  }
  return count;
}

void GraphSearcher::walk_allowed(const GraphQuery& query, uint32_t entry, size_t width) {
  Pool& pool = space_.pool;
  float* const costs = space_.costs.data();
  walk({image_, 0}, probe_, space_, entry, SEED_COUNT);
  Candidate seeds[SEED_COUNT];
  const size_t seed_count = pool.size();
  for (size_t i = 0; i < seed_count; i++) seeds[i] = pool[i];
  pool.clear(width);
  space_.marks.clear();
  for (size_t i = 0; i < seed_count; i++) {
    space_.marks.mark(candidate_node(seeds[i]));
    pool.add(candidate_cost(seeds[i]), candidate_node(seeds[i]));
  }
  uint32_t node;
  while (pool.take(node)) {
    const size_t count = gather_allowed(query, node);
    probe_.costs(space_.nodes.data(), count, costs);
    for (size_t i = 0; i < count; i++) {
      if (costs[i] < pool.worst()) pool.add(costs[i], space_.nodes[i]);
    }
  }
}

// The best candidates that count, with the rows that equal them if they are nodes.
bool GraphSearcher::collect(const GraphQuery& query, bool are_nodes) {
  const Pool& pool = space_.pool;
  const size_t enough = rank_count(query);
  if (found_.size() < enough &&
      (!found_.resize(enough) || !costs_.resize(enough) || !ranked_.resize(enough))) {
    return false;
  }
  const bool has_twins = are_nodes && image_->twins != nullptr;
  size_t count = 0;
  for (size_t i = 0; i < pool.size() && count < enough; i++) {
    uint32_t row = candidate_node(pool[i]);
    if (is_allowed(query, row)) found_[count++] = row;
    if (!has_twins) continue;
    while (count < enough && (row = image_->next_twin(row)) != NO_NODE) {
      if (is_allowed(query, row)) found_[count++] = row;
    }
  }
  found_count_ = count;
  return true;
}

void GraphSearcher::want_found() const {
  const size_t bytes = vector_stride(image_->shape);
  for (size_t i = 0; i < found_count_; i++) DiskPages::want(vectors_ + found_[i] * bytes, bytes);
}

size_t GraphSearcher::rank(const GraphQuery& query, uint32_t* rows, float* scores) {
  const Metric metric = image_->shape.metric;
  const bool is_similarity = metric == Metric::Ip || metric == Metric::Cosine;
  probe_.exact_costs(found_.data(), found_count_, costs_.data());
  Candidate* const ranked = ranked_.data();
  for (size_t i = 0; i < found_count_; i++) ranked[i] = candidate_of(costs_[i], found_[i]);
  const size_t kept = std::min(query.top_k, found_count_);
  std::partial_sort(ranked, ranked + kept, ranked + found_count_);
  size_t count = 0;
  for (size_t i = 0; i < kept; i++) {
    const uint32_t row = candidate_node(ranked[i]);
    // A damaged image may lead to a row twice.
    if (count > 0 && rows[count - 1] == row) continue;
    rows[count] = row;
    const float cost = candidate_cost(ranked[i]);
    scores[count++] = is_similarity ? 0 - cost : cost;
  }
  return count;
}

}  // namespace mlite
