#include "ivf_search.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

namespace mlite {
namespace {

// Costs of centroids that are held at a time, over all queries of a tile.
constexpr size_t LIST_COSTS = size_t{1} << 20;
// Rows of panels that are looked at first, when all of them are measured; each time twice as many.
constexpr size_t PANEL_ROWS_FIRST = 64;
// Below one allowed row in so many, measuring them costs less than comparing all codes.
constexpr size_t SPARSE_SHARE = 4;

}  // namespace

bool BestRows::open(size_t capacity) {
  capacity_ = capacity;
  // Shrinking costs as much as looking at every candidate, so it happens when half of them go.
  const size_t room = capacity * 2 + 64;
  clear();
  return items_.size() == room || items_.resize(room);
}

void BestRows::shrink() {
  if (count_ < capacity_) return;
  uint64_t* const items = items_.data();
  std::nth_element(items, items + capacity_ - 1, items + count_);
  count_ = capacity_;
  worst_ = cost(capacity_ - 1);
}

size_t BestRows::sort() {
  shrink();
  std::sort(items_.data(), items_.data() + count_);
  return count_;
}

bool ListSearcher::open(const ListImage& image, const uint8_t* vectors) {
  const ListShape& shape = image.shape;
  image_ = &image;
  vectors_ = vectors;
  flat_shape_ = {shape.type, shape.metric, shape.dim, 0, shape.row_count, 1, 1, 0};
  queries_at_once_ = std::max<size_t>(
      1, std::min(CentroidCosts::VECTORS_MAX, LIST_COSTS / shape.list_count));
  const bool is_trained = shape.kind == ListCodes::Trained;
  const bool has_panels = shape.kind == ListCodes::Panels;
  return exact_.open(shape.type, shape.metric, shape.dim, vectors) &&
         centroid_costs_.open(shape.space(), image.centroids, shape.list_count) &&
         (!is_trained || codes_.open(shape.codes, image.codebook)) &&
         flat_values_.resize(has_panels ? flat_stride(shape.dim) : 0) &&
         prepared_.resize(queries_at_once_ * shape.space().bytes()) &&
         list_costs_.resize(queries_at_once_ * shape.list_count) &&
         set_scales() && ranked_.resize(shape.list_count) && found_.resize(ROWS_AT_ONCE) &&
         positions_.resize(ROWS_AT_ONCE) && costs_.resize(ROWS_AT_ONCE);
}

// Of lists whose centroids are directions, one by the length of each.
bool ListSearcher::set_scales() {
  const ListShape& shape = image_->shape;
  if (!has_directions(shape)) return true;
  if (!list_scales_.resize(shape.list_count)) return false;
  for (size_t list = 0; list < shape.list_count; list++) {
    const float* const centroid = reinterpret_cast<const float*>(image_->centroid(list));
    const float square = kernels().dot_f32(centroid, centroid, shape.dim);
    const bool is_plain = square > 0 && square <= FLT_MAX;
    list_scales_[list] = is_plain ? 1 / std::sqrt(square) : 1;
  }
  return true;
}

bool ListSearcher::reserve(const ListQueries& queries) {
  const bool is_trained = image_->shape.kind == ListCodes::Trained;
  return best_.open(is_trained ? queries.candidate_count : queries.top_k) &&
         (!is_trained || refined_.open(queries.top_k));
}

bool ListSearcher::search(const ListQueries& queries, uint32_t* counts, uint32_t* rows,
                          float* scores) {
  if (!reserve(queries)) return false;
  const size_t lists = image_->shape.list_count;
  size_t total = 0;
  for (size_t first = 0; first < queries.count; first += queries_at_once_) {
    const size_t some = std::min(queries_at_once_, queries.count - first);
    prepare_queries(queries, first, some);
    centroid_costs_.measure(prepared_.data(), some, 0, lists, list_costs_.data(), lists);
    for (size_t q = 0; q < some; q++) {
      begin_query(queries, first + q, prepared_.data() + q * image_->shape.space().bytes());
      const size_t count = search_one(queries, q, rows + total, scores + total);
      counts[first + q] = static_cast<uint32_t>(count);
      total += count;
    }
  }
  return true;
}

void ListSearcher::prepare_queries(const ListQueries& queries, size_t first, size_t count) {
  const ListShape& shape = image_->shape;
  const size_t bytes = vector_bytes(shape.type, shape.dim);
  for (size_t q = 0; q < count; q++) {
    prepare_row(shape, queries.vectors + (first + q) * bytes,
                prepared_.data() + q * shape.space().bytes());
  }
}

void ListSearcher::begin_query(const ListQueries& queries, size_t query, const void* prepared) {
  const ListShape& shape = image_->shape;
  exact_.set_query(queries.vectors + query * vector_bytes(shape.type, shape.dim));
  best_.clear();
  if (shape.kind == ListCodes::Trained) {
    codes_.set_query(static_cast<const float*>(prepared), queries.query_bits);
  }
  uses_panels_ = shape.kind == ListCodes::Panels &&
                 queries.allowed_count >= shape.row_count / SPARSE_SHARE &&
                 make_flat_query(exact_.wide_query(), flat_shape_, flat_values_.data(), &flat_);
  flat_.least = -std::numeric_limits<float>::infinity();
  panel_rows_ = PANEL_ROWS_FIRST;
}

// Brings the next `wanted` lists in order, behind the `first` that are.
void ListSearcher::rank_lists(const float* costs, size_t first, size_t wanted) {
  const size_t lists = image_->shape.list_count;
  uint64_t* const ranked = ranked_.data();
  if (first == 0) {
    const bool is_scaled = list_scales_.size() > 0;
    for (size_t c = 0; c < lists; c++) {
      const float cost = is_scaled ? costs[c] * list_scales_[c] : costs[c];
      ranked[c] = (static_cast<uint64_t>(ordered_bits(cost)) << 32) | c;
    }
  }
  uint64_t* const end = ranked + first + std::min(wanted, lists - first);
  if (end < ranked + lists) std::nth_element(ranked + first, end, ranked + lists);
  std::sort(ranked + first, end);
  ranked_count_ = static_cast<size_t>(end - ranked);
}

size_t ListSearcher::search_one(const ListQueries& queries, size_t query, uint32_t* rows,
                                float* scores) {
  const size_t lists = image_->shape.list_count;
  const float* const costs = list_costs_.data() + query * lists;
  query_list_costs_ = costs;
  const size_t enough = std::min(queries.top_k, queries.allowed_count);
  if (enough == 0) return 0;
  rank_lists(costs, 0, queries.probe_count);
  for (size_t i = 0; i < lists; i++) {
    if (i >= queries.probe_count && best_.count() >= enough) break;
    // Rows that count lie further away.
    if (i == ranked_count_) rank_lists(costs, i, i);
    search_list(queries, static_cast<uint32_t>(ranked_[i]));
  }
  const bool is_trained = image_->shape.kind == ListCodes::Trained;
  if (is_trained) refine();
  BestRows& hits = is_trained ? refined_ : best_;
  const Metric metric = image_->shape.metric;
  const bool is_similarity = metric == Metric::Ip || metric == Metric::Cosine;
  const size_t count = hits.sort();
  for (size_t i = 0; i < count; i++) {
    rows[i] = hits.row(i);
    scores[i] = is_similarity ? 0.0f - hits.cost(i) : hits.cost(i);
  }
  return count;
}

void ListSearcher::search_list(const ListQueries& queries, uint32_t list) {
  if (image_->shape.kind == ListCodes::Trained) {
    measure_codes(queries, list);
  } else if (uses_panels_) {
    measure_panels(queries, list);
  } else {
    measure_list(queries, list);
  }
}

// Exact costs of rows in found_.
void ListSearcher::offer_exact(size_t count) {
  exact_.costs(found_.data(), count, costs_.data());
  for (size_t i = 0; i < count; i++) {
    if (costs_[i] <= best_.worst()) best_.offer(costs_[i], found_[i]);
  }
}

void ListSearcher::measure_list(const ListQueries& queries, uint32_t list) {
  const uint32_t* const rows = image_->rows + image_->row_starts[list];
  const size_t end = image_->row_count(list);
  size_t count = 0;
  for (size_t i = 0; i < end; i++) {
    const uint32_t row = read_once(rows + i);
    if (is_allowed(queries, row)) found_[count++] = row;
    if (count < ROWS_AT_ONCE) continue;
    offer_exact(count);
    count = 0;
  }
  offer_exact(count);
}

void ListSearcher::measure_panels(const ListQueries& queries, uint32_t list) {
  const size_t end = image_->row_count(list);
  const size_t slot = image_->slot_starts[list];
  const size_t stride = flat_stride(image_->shape.dim);
  for (size_t first = 0; first < end;) {
    const size_t last = std::min(end, first + panel_rows_);
    const size_t at = slot + first;
    const CodePanels panels = {
        image_->codes + at * stride,
        stride,
        image_->scales + at,
        image_->errors + at,
        image_->lengths + at,
        image_->halves == nullptr ? nullptr : image_->halves + at,
        (last - first + PANEL_ROWS - 1) / PANEL_ROWS,
    };
    panel_masks()(panels, &flat_, 1, masks_);
    const size_t count = collect_panel_rows(queries, list, first, last);
    first = last;
    panel_rows_ = std::min(panel_rows_ * 2, ROWS_AT_ONCE);
    if (count == 0) continue;
    offer_exact(count);
    best_.shrink();
    flat_.least = least_product(flat_shape_, exact_.query_square(), best_.worst());
  }
}

// Rows of list places [first, end) that count and that the masks leave; how many.
size_t ListSearcher::collect_panel_rows(const ListQueries& queries, uint32_t list, size_t first,
                                        size_t end) {
  const uint32_t* const rows = image_->rows + image_->row_starts[list];
  size_t count = 0;
  for (size_t p = 0; first + p * PANEL_ROWS < end; p++) {
    uint32_t mask = masks_[p];
    const size_t start = first + p * PANEL_ROWS;
    if (end - start < PANEL_ROWS) mask &= (1u << (end - start)) - 1;
    for (size_t i = start; mask != 0; i++, mask >>= 1) {
      if ((mask & 1) == 0) continue;
      const uint32_t row = read_once(rows + i);
      if (is_allowed(queries, row)) found_[count++] = row;
    }
  }
  return count;
}

void ListSearcher::measure_codes(const ListQueries& queries, uint32_t list) {
  const ListShape& shape = image_->shape;
  const uint32_t* const rows = image_->rows + image_->row_starts[list];
  const uint8_t* const run = image_->codes + run_bytes(shape.codes, image_->slot_starts[list]);
  const size_t end = image_->row_count(list);
  const float base = query_list_costs_[list];
  const bool picks = queries.allowed != nullptr && has_stride(shape.codes);
  codes_.set_list(reinterpret_cast<const float*>(image_->centroid(list)), base);
  for (size_t first = 0; first < end; first += ROWS_AT_ONCE) {
    const size_t some = std::min(ROWS_AT_ONCE, end - first);
    size_t count = some;
    if (picks) {
      count = 0;
      for (size_t i = first; i < first + some; i++) {
        if (!is_allowed(queries, read_once(rows + i))) continue;
        positions_[count++] = static_cast<uint32_t>(i);
      }
      codes_.costs_of(run, positions_.data(), count, costs_.data());
    } else {
      codes_.costs(run, first, some, costs_.data());
    }
    for (size_t i = 0; i < count; i++) {
      if (!(costs_[i] <= best_.worst())) continue;
      const uint32_t row = read_once(rows + (picks ? positions_[i] : first + i));
      if (is_allowed(queries, row)) best_.offer(costs_[i], row);
    }
  }
}

// The exact costs of the best by codes decide.
void ListSearcher::refine() {
  best_.shrink();
  refined_.clear();
  for (size_t first = 0; first < best_.count(); first += ROWS_AT_ONCE) {
    const size_t count = std::min(ROWS_AT_ONCE, best_.count() - first);
    for (size_t i = 0; i < count; i++) found_[i] = best_.row(first + i);
    exact_.costs(found_.data(), count, costs_.data());
    for (size_t i = 0; i < count; i++) {
      if (costs_[i] <= refined_.worst()) refined_.offer(costs_[i], found_[i]);
    }
  }
}

}  // namespace mlite
