#include "k_means.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

#include "parallel.h"

namespace mlite {
namespace {

constexpr size_t ROUNDS = 14;
constexpr size_t VECTORS_PER_PART = 64;
constexpr size_t CENTROIDS_PER_PART = 8;
// Of so many vectors a centroid the first ones are chosen.
constexpr size_t SEEDS_PER_CENTROID = 32;
constexpr size_t CANDIDATES = 3;
// Products of elements below which other threads take longer to come than one alone to finish.
constexpr size_t SHARED_PRODUCTS_MIN = size_t{8} << 20;
constexpr uint32_t RANDOM_SEED = 0x9e3779b9u;
constexpr uint32_t NO_LIST = 0xffffffffu;

// NaN, which only overflow can bring, counts as the worst cost.
inline float finite(float cost) {
  const float below = cost < FLT_MAX ? cost : FLT_MAX;
  return below > -FLT_MAX ? below : -FLT_MAX;
}

// What all threads of one run share.
struct Means {
  const MeansTask* task;
  const MeansControl* control;
  uint8_t* centroids;
  // By vector: its list.
  Array<uint32_t> lists;
  // Vectors list by list; list c is order[starts[c]] ... order[starts[c + 1] - 1].
  Array<uint32_t> order;
  Array<uint32_t> starts;
  Parts parts;
  std::atomic<size_t> moved{0};
  std::atomic<bool> is_out_of_memory{false};

  const uint8_t* vector(size_t i) const {
    return static_cast<const uint8_t*>(task->vectors) + i * task->space.bytes();
  }
  uint8_t* centroid(size_t c) const { return centroids + c * task->space.bytes(); }
  bool is_over() const {
    return control->is_cancelled->load(std::memory_order_relaxed) != 0 ||
           is_out_of_memory.load(std::memory_order_relaxed);
  }
};

void assign_some(void* context) {
  Means& means = *static_cast<Means*>(context);
  CentroidCosts costs;
  if (!costs.open(means.task->space, means.centroids, means.task->centroid_count)) {
    means.is_out_of_memory.store(true);
    return;
  }
  uint32_t found[VECTORS_PER_PART];
  size_t moved = 0;
  size_t first;
  size_t last;
  while (!means.is_over() && means.parts.take(VECTORS_PER_PART, first, last)) {
    costs.nearest(means.vector(first), last - first, found);
    for (size_t i = first; i < last; i++) {
      moved += means.lists[i] != found[i - first] ? 1 : 0;
      means.lists[i] = found[i - first];
    }
  }
  means.moved.fetch_add(moved);
}

bool has_directions(const MeansSpace& space) {
  return !space.is_binary() && space.metric != Metric::L2;
}

double length_of(const MeansSpace& space, const uint8_t* vector) {
  const float* const values = reinterpret_cast<const float*>(vector);
  double square = 0;
  for (size_t i = 0; i < space.dim; i++) {
    square += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  return std::sqrt(square);
}

// Makes a vector a centroid: with products of length 1, as others are, or a long one would be
// nearest to all.
void place(const MeansSpace& space, uint8_t* centroid, const uint8_t* vector) {
  std::memcpy(centroid, vector, space.bytes());
  if (!has_directions(space)) return;
  float* const out = reinterpret_cast<float*>(centroid);
  const double length = length_of(space, vector);
  const double scale = length > 0 ? 1 / length : 0;
  for (size_t i = 0; i < space.dim; i++) {
    out[i] = static_cast<float>(static_cast<double>(out[i]) * scale);
  }
}

// Room for the sum of a list.
struct Sums {
  Array<double> floats;
  Array<uint32_t> bits;
  Array<uint64_t> ranks;

  bool open(const MeansSpace& space) {
    if (!space.is_binary()) return floats.resize(space.dim);
    return bits.resize(space.dim) && ranks.resize(space.dim);
  }
};

void float_mean(const Means& means, Sums& sums, size_t list) {
  const size_t dim = means.task->space.dim;
  double* const sum = sums.floats.data();
  std::fill_n(sum, dim, 0.0);
  const size_t end = means.starts[list + 1];
  for (size_t at = means.starts[list]; at < end; at++) {
    const float* const member = reinterpret_cast<const float*>(means.vector(means.order[at]));
    for (size_t i = 0; i < dim; i++) sum[i] += static_cast<double>(member[i]);
  }
  double scale = 1 / static_cast<double>(end - means.starts[list]);
  if (means.task->space.metric != Metric::L2) {
    double square = 0;
    for (size_t i = 0; i < dim; i++) square += sum[i] * sum[i];
    scale = square > 0 ? 1 / std::sqrt(square) : 0;
  }
  float* const out = reinterpret_cast<float*>(means.centroid(list));
  for (size_t i = 0; i < dim; i++) out[i] = static_cast<float>(sum[i] * scale);
}

void bit_mean(const Means& means, Sums& sums, size_t list) {
  const MeansSpace& space = means.task->space;
  const size_t count = means.starts[list + 1] - means.starts[list];
  std::fill_n(sums.bits.data(), space.dim, 0u);
  size_t total = 0;
  for (size_t at = means.starts[list]; at < means.starts[list + 1]; at++) {
    const uint8_t* const member = means.vector(means.order[at]);
    for (size_t i = 0; i < space.dim; i++) sums.bits[i] += member[i / 8] >> (i % 8) & 1;
  }
  for (size_t i = 0; i < space.dim; i++) total += sums.bits[i];
  uint8_t* const out = means.centroid(list);
  std::memset(out, 0, space.bytes());
  if (space.metric == Metric::Hamming) {
    for (size_t i = 0; i < space.dim; i++) {
      if (sums.bits[i] * size_t{2} > count) out[i / 8] |= static_cast<uint8_t>(1 << (i % 8));
    }
    return;
  }
  // The most frequent first, of equal ones the first bit.
  for (size_t i = 0; i < space.dim; i++) {
    sums.ranks[i] = (static_cast<uint64_t>(count - sums.bits[i]) << 32) | i;
  }
  const size_t wanted = (total + count / 2) / count;
  std::partial_sort(sums.ranks.data(), sums.ranks.data() + wanted,
                    sums.ranks.data() + space.dim);
  for (size_t r = 0; r < wanted; r++) {
    const size_t i = sums.ranks[r] & 0xffffffffu;
    out[i / 8] |= static_cast<uint8_t>(1 << (i % 8));
  }
}

void update_some(void* context) {
  Means& means = *static_cast<Means*>(context);
  Sums sums;
  if (!sums.open(means.task->space)) {
    means.is_out_of_memory.store(true);
    return;
  }
  size_t first;
  size_t last;
  while (!means.is_over() && means.parts.take(CENTROIDS_PER_PART, first, last)) {
    for (size_t list = first; list < last; list++) {
      if (means.starts[list] == means.starts[list + 1]) continue;
      if (means.task->space.is_binary()) {
        bit_mean(means, sums, list);
      } else {
        float_mean(means, sums, list);
      }
    }
  }
}

void order_by_list(Means& means) {
  const size_t lists = means.task->centroid_count;
  std::fill_n(means.starts.data(), lists + 1, 0u);
  for (size_t i = 0; i < means.task->count; i++) means.starts[means.lists[i] + 1]++;
  for (size_t c = 0; c < lists; c++) means.starts[c + 1] += means.starts[c];
  for (size_t i = means.task->count; i-- > 0;) {
    means.order[--means.starts[means.lists[i] + 1]] = static_cast<uint32_t>(i);
  }
  // What was the end of each list is its start now, one place too late.
  for (size_t c = 0; c < lists; c++) means.starts[c] = means.starts[c + 1];
  means.starts[lists] = static_cast<uint32_t>(means.task->count);
}

// Finds a member of the list, from its end on, that is not the first one's equal; false: all are.
bool other_member(const Means& means, size_t list, size_t& member) {
  const uint32_t* const members = means.order.data() + means.starts[list];
  const size_t size = means.starts[list + 1] - means.starts[list];
  for (size_t i = 0; i < size; i++) {
    member = members[size - 1 - i];
    if (std::memcmp(means.vector(member), means.vector(members[0]), means.task->space.bytes()) !=
        0) {
      return true;
    }
  }
  return false;
}

// Gives centroids without members a member of a large list each, the largest first.
bool fill_empty(Means& means) {
  const size_t lists = means.task->centroid_count;
  Array<uint64_t> by_size;
  if (!by_size.resize(lists)) return false;
  for (size_t c = 0; c < lists; c++) {
    const uint64_t size = means.starts[c + 1] - means.starts[c];
    by_size[c] = ((0xffffffffu - size) << 32) | c;
  }
  std::sort(by_size.data(), by_size.data() + lists);
  size_t next = 0;
  for (size_t c = 0; c < lists; c++) {
    if (means.starts[c] != means.starts[c + 1]) continue;
    size_t member;
    do {
      if (next == lists) return true;
    } while (!other_member(means, by_size[next++] & 0xffffffffu, member));
    place(means.task->space, means.centroid(c), means.vector(member));
  }
  return true;
}

// Choosing the first centroids.
struct Seeding {
  const Means* means;
  size_t count;
  // CANDIDATES of them.
  Array<uint8_t> candidates;
  // By vector and candidate.
  Array<float> costs;
  // By vector: what is to be added to a cost so that 0 is the least that it can be.
  Array<float> lengths;
  // By vector: the cost of the nearest centroid.
  Array<float> least;
  double total = 0;
  uint32_t random = RANDOM_SEED;
  Parts parts;
  std::atomic<bool> is_out_of_memory{false};

  bool open(const Means& of, size_t vectors) {
    means = &of;
    count = vectors;
    return candidates.resize(CANDIDATES * of.task->space.bytes()) &&
           costs.resize(CANDIDATES * vectors) && lengths.resize(vectors) && least.resize(vectors);
  }

  float cost(size_t i, size_t candidate) const {
    return std::max(0.0f, costs[i * CANDIDATES + candidate] + lengths[i]);
  }

  // In [0, 1).
  double next_random() {
    random ^= random << 13;
    random ^= random >> 17;
    random ^= random << 5;
    return static_cast<double>(random) / 4294967296.0;
  }

  // A vector, drawn by its cost.
  size_t draw() {
    double left = next_random() * total;
    for (size_t i = 0; i + 1 < count; i++) {
      left -= static_cast<double>(least[i]);
      if (left < 0) return i;
    }
    return count - 1;
  }
};

void measure_candidates(void* context) {
  Seeding& seeding = *static_cast<Seeding*>(context);
  const Means& means = *seeding.means;
  CentroidCosts costs;
  if (!costs.open(means.task->space, seeding.candidates.data(), CANDIDATES)) {
    seeding.is_out_of_memory.store(true);
    return;
  }
  size_t first;
  size_t last;
  while (seeding.parts.take(CentroidCosts::VECTORS_MAX, first, last)) {
    float* const out = seeding.costs.data() + first * CANDIDATES;
    costs.measure(means.vector(first), last - first, 0, CANDIDATES, out, CANDIDATES);
  }
}

// Measures the candidates and makes the best of them centroid `list`.
bool take_best(Means& means, Seeding& seeding, size_t list) {
  const MeansSpace& space = means.task->space;
  const bool is_shared = seeding.count * space.dim * CANDIDATES >= SHARED_PRODUCTS_MIN;
  seeding.parts.reset(seeding.count);
  run_beside(measure_candidates, &seeding, is_shared ? means.control->thread_count : 1);
  if (seeding.is_out_of_memory.load()) return false;
  size_t best = 0;
  double best_total = DBL_MAX;
  for (size_t candidate = 0; candidate < CANDIDATES; candidate++) {
    double total = 0;
    for (size_t i = 0; i < seeding.count; i++) {
      total += static_cast<double>(std::min(seeding.least[i], seeding.cost(i, candidate)));
    }
    if (!(total < best_total)) continue;
    best = candidate;
    best_total = total;
  }
  for (size_t i = 0; i < seeding.count; i++) {
    seeding.least[i] = std::min(seeding.least[i], seeding.cost(i, best));
  }
  seeding.total = best_total;
  std::memcpy(means.centroid(list), seeding.candidates.data() + best * space.bytes(),
              space.bytes());
  return true;
}

// False when there is no memory.
bool choose_first(Means& means) {
  const MeansTask& task = *means.task;
  const size_t bytes = task.space.bytes();
  Seeding seeding;
  if (!seeding.open(means, std::min(task.count, SEEDS_PER_CENTROID * task.centroid_count))) {
    return false;
  }
  for (size_t i = 0; i < seeding.count; i++) {
    seeding.least[i] = FLT_MAX;
    seeding.lengths[i] = has_directions(task.space)
                             ? finite(static_cast<float>(length_of(task.space, means.vector(i))))
                             : 0.0f;
  }
  for (size_t c = 0; c < task.centroid_count && !means.is_over(); c++) {
    // Where every vector is a centroid already, any will do: empty lists are filled later.
    if (c > 0 && !(seeding.total > 0)) {
      place(task.space, means.centroid(c), means.vector(c));
      continue;
    }
    for (size_t candidate = 0; candidate < CANDIDATES; candidate++) {
      const size_t drawn = c == 0 ? candidate % seeding.count : seeding.draw();
      place(task.space, seeding.candidates.data() + candidate * bytes, means.vector(drawn));
    }
    if (!take_best(means, seeding, c)) return false;
  }
  return true;
}

bool run_round(Means& means) {
  const uint32_t threads = means.control->thread_count;
  means.moved.store(0);
  means.parts.reset(means.task->count);
  run_beside(assign_some, &means, threads);
  if (means.is_over()) return false;
  order_by_list(means);
  means.parts.reset(means.task->centroid_count);
  run_beside(update_some, &means, threads);
  if (means.is_over()) return false;
  if (!fill_empty(means)) means.is_out_of_memory.store(true);
  return !means.is_over();
}

void tell(const MeansControl& control, size_t round) {
  if (control.done == nullptr) return;
  const int64_t share = control.share;
  const int64_t step = share * static_cast<int64_t>(round + 1) / static_cast<int64_t>(ROUNDS) -
                       share * static_cast<int64_t>(round) / static_cast<int64_t>(ROUNDS);
  control.done->fetch_add(static_cast<int32_t>(step));
}

}  // namespace

bool CentroidCosts::open(const MeansSpace& space, const void* centroids, size_t centroid_count) {
  space_ = space;
  centroids_ = static_cast<const uint8_t*>(centroids);
  count_ = centroid_count;
  const size_t some = std::min(CENTROIDS_AT_ONCE, centroid_count);
  return costs_.resize(VECTORS_MAX * some) &&
         (!space.is_binary() || sums_.resize(VECTORS_MAX * some));
}

void CentroidCosts::measure(const void* vectors, size_t count, size_t first, size_t end,
                            float* out, size_t stride) {
  if (!space_.is_binary()) {
    measure_floats(static_cast<const float*>(vectors), count, first, end, out, stride);
    return;
  }
  for (size_t at = first; at < end; at += CENTROIDS_AT_ONCE) {
    measure_bits(static_cast<const uint8_t*>(vectors), count, at,
                 std::min(end, at + CENTROIDS_AT_ONCE), out + (at - first), stride);
  }
}

void CentroidCosts::measure_floats(const float* vectors, size_t count, size_t first, size_t end,
                                   float* out, size_t stride) {
  FloatTile tile = {};
  tile.queries = vectors;
  tile.query_count = count;
  tile.base = reinterpret_cast<const float*>(centroids_) + first * space_.dim;
  tile.row_count = end - first;
  tile.dim = space_.dim;
  tile.out = out;
  tile.out_stride = stride;
  const bool is_l2 = space_.metric == Metric::L2;
  (is_l2 ? kernels().l2_f32_tile : kernels().dot_f32_tile)(tile);
  const float sign = is_l2 ? 1.0f : -1.0f;
  for (size_t v = 0; v < count; v++) {
    float* const costs = out + v * stride;
    for (size_t c = 0; c < end - first; c++) costs[c] = finite(sign * costs[c]);
  }
}

void CentroidCosts::measure_bits(const uint8_t* vectors, size_t count, size_t first, size_t end,
                                 float* out, size_t stride) {
  BitTile tile = {};
  tile.queries = vectors;
  tile.query_count = count;
  tile.base = centroids_ + first * space_.bytes();
  tile.row_count = end - first;
  tile.bytes = space_.bytes();
  tile.out = sums_.data();
  tile.out_stride = end - first;
  const bool is_hamming = space_.metric == Metric::Hamming;
  (is_hamming ? kernels().hamming_tile : kernels().common_bits_tile)(tile);
  for (size_t c = 0; c < end - first; c++) {
    const uint32_t bits =
        is_hamming ? 0 : kernels().bits(tile.base + c * tile.bytes, tile.bytes);
    for (size_t v = 0; v < count; v++) {
      const uint32_t sum = sums_[v * tile.out_stride + c];
      float& cost = out[v * stride + c];
      if (is_hamming) {
        cost = static_cast<float>(sum);
        continue;
      }
      const uint32_t either =
          kernels().bits(vectors + v * tile.bytes, tile.bytes) + bits - sum;
      cost = either == 0 ? 1.0f
                         : static_cast<float>(static_cast<double>(either - sum) /
                                              static_cast<double>(either));
    }
  }
}

void CentroidCosts::nearest(const void* vectors, size_t count, uint32_t* out) {
  const uint8_t* const bytes = static_cast<const uint8_t*>(vectors);
  float best[VECTORS_MAX];
  for (size_t start = 0; start < count; start += VECTORS_MAX) {
    const size_t some = std::min(VECTORS_MAX, count - start);
    const uint8_t* const part = bytes + start * space_.bytes();
    for (size_t first = 0; first < count_; first += CENTROIDS_AT_ONCE) {
      const size_t end = std::min(count_, first + CENTROIDS_AT_ONCE);
      const size_t stride = end - first;
      measure(part, some, first, end, costs_.data(), stride);
      for (size_t v = 0; v < some; v++) {
        const float* const costs = costs_.data() + v * stride;
        const float least = *std::min_element(costs, costs + stride);
        if (first > 0 && !(least < best[v])) continue;
        best[v] = least;
        const float* const at = std::find(costs, costs + stride, least);
        out[start + v] = static_cast<uint32_t>(first + static_cast<size_t>(at - costs));
      }
    }
  }
}

MeansEnd k_means(const MeansTask& task, const MeansControl& control, void* centroids) {
  Means means;
  means.task = &task;
  means.control = &control;
  means.centroids = static_cast<uint8_t*>(centroids);
  if (!means.lists.resize(task.count) || !means.order.resize(task.count) ||
      !means.starts.resize(task.centroid_count + 1)) {
    return MeansEnd::NoMemory;
  }
  std::fill_n(means.lists.data(), task.count, NO_LIST);
  if (!choose_first(means)) return MeansEnd::NoMemory;
  for (size_t round = 0; round < ROUNDS; round++) {
    // When no vector moves, no later round moves one.
    const bool goes_on = run_round(means) && means.moved.load() > 0;
    if (means.is_out_of_memory.load()) return MeansEnd::NoMemory;
    if (control.is_cancelled->load(std::memory_order_relaxed) != 0) return MeansEnd::Cancelled;
    tell(control, round);
    if (!goes_on) {
      for (size_t rest = round + 1; rest < ROUNDS; rest++) tell(control, rest);
      break;
    }
  }
  return MeansEnd::Done;
}

}  // namespace mlite
