#include "ivf_build.h"

#include <algorithm>
#include <cstring>

#include "kernels.h"
#include "parallel.h"

namespace mlite {
namespace {

// What centroids are made of: so many rows each, as far as the sample stays this small.
constexpr size_t SAMPLE_ROWS_PER_LIST = 256;
constexpr size_t SAMPLE_ROWS_PER_LIST_MIN = 40;
constexpr size_t SAMPLE_BYTES = size_t{256} << 20;
constexpr size_t ROWS_PER_PART = 128;
constexpr size_t LISTS_PER_PART = 4;
// Its square is a number.
constexpr float CENTROID_LENGTH_MAX = 1e18f;
// Of the share of clustering, in percent of the rows.
constexpr int32_t MEANS_PERCENT = 50;

int32_t percent_of(const ListShape& shape, int32_t percent) {
  return static_cast<int32_t>(int64_t{shape.row_count} * percent / 100);
}

// 32 bits of which each depends on all of `value`.
uint32_t mix(uint32_t value) {
  uint32_t bits = (value ^ (value >> 16)) * 0x7feb352du;
  bits = (bits ^ (bits >> 15)) * 0x846ca68bu;
  return bits ^ (bits >> 16);
}

// `count` different rows of all, in an order that says nothing.
bool pick_rows(uint32_t row_count, size_t count, Array<uint32_t>& picks) {
  Array<uint32_t> rows;
  if (!rows.resize(row_count) || !picks.resize(count)) return false;
  for (uint32_t row = 0; row < row_count; row++) rows[row] = row;
  for (uint32_t i = 0; i < count; i++) {
    std::swap(rows[i], rows[i + mix(i) % (row_count - i)]);
    picks[i] = rows[i];
  }
  return true;
}

// What all threads of a step share.
struct Step {
  const ListShape* shape;
  const uint8_t* vectors;
  BuildControl* control;
  Parts parts;
  std::atomic<bool> is_out_of_memory{false};

  // Rows to prepare, and where to.
  const uint32_t* picks = nullptr;
  uint8_t* prepared = nullptr;
  // Taken off, by pick; null: nothing.
  const uint32_t* pick_lists = nullptr;

  const uint8_t* centroids = nullptr;
  uint32_t* lists = nullptr;
  // By row, its product with the centroid of its list; null: nobody asks.
  float* projections = nullptr;
  std::atomic<int64_t> assigned{0};

  const ListImage* image = nullptr;

  const uint8_t* vector(size_t row) const {
    return vectors + row * vector_bytes(shape->type, shape->dim);
  }
  bool is_over() const {
    return control->is_cancelled.load(std::memory_order_relaxed) != 0 ||
           is_out_of_memory.load(std::memory_order_relaxed);
  }
  BuildEnd end() const {
    if (is_out_of_memory.load()) return BuildEnd::NoMemory;
    return is_over() ? BuildEnd::Cancelled : BuildEnd::Done;
  }
};

void subtract(const float* centroid, size_t dim, float* vector) {
  for (size_t i = 0; i < dim; i++) vector[i] -= centroid[i];
}

void prepare_some(void* context) {
  Step& step = *static_cast<Step*>(context);
  const size_t bytes = step.shape->space().bytes();
  size_t first;
  size_t last;
  while (!step.is_over() && step.parts.take(ROWS_PER_PART, first, last)) {
    for (size_t i = first; i < last; i++) {
      uint8_t* const out = step.prepared + i * bytes;
      prepare_row(*step.shape, step.vector(step.picks[i]), out);
      if (step.pick_lists == nullptr) continue;
      const uint8_t* const centroid = step.centroids + step.pick_lists[i] * bytes;
      subtract(reinterpret_cast<const float*>(centroid), step.shape->dim,
               reinterpret_cast<float*>(out));
    }
  }
}

void project_some(const Step& step, const uint8_t* prepared, size_t first, size_t last) {
  const MeansSpace space = step.shape->space();
  const float* vector = reinterpret_cast<const float*>(prepared);
  for (size_t row = first; row < last; row++, vector += space.dim) {
    const uint8_t* const centroid = step.centroids + step.lists[row] * space.bytes();
    step.projections[row] =
        kernels().dot_f32(vector, reinterpret_cast<const float*>(centroid), space.dim);
  }
}

void assign_some(void* context) {
  Step& step = *static_cast<Step*>(context);
  const MeansSpace space = step.shape->space();
  CentroidCosts costs;
  Array<uint8_t> prepared;
  if (!costs.open(space, step.centroids, step.shape->list_count) ||
      !prepared.resize(ROWS_PER_PART * space.bytes())) {
    step.is_out_of_memory.store(true);
    return;
  }
  const int64_t share = percent_of(*step.shape, CLUSTER_PERCENT - MEANS_PERCENT);
  size_t first;
  size_t last;
  while (!step.is_over() && step.parts.take(ROWS_PER_PART, first, last)) {
    for (size_t row = first; row < last; row++) {
      prepare_row(*step.shape, step.vector(row), prepared.data() + (row - first) * space.bytes());
    }
    costs.nearest(prepared.data(), last - first, step.lists + first);
    if (step.projections != nullptr) project_some(step, prepared.data(), first, last);
    const int64_t some = static_cast<int64_t>(last - first);
    const int64_t before = step.assigned.fetch_add(some);
    const int64_t told = share * before / step.shape->row_count;
    const int64_t now = share * (before + some) / step.shape->row_count;
    step.control->rows_done.fetch_add(static_cast<int32_t>(now - told));
  }
}

BuildEnd find_centroids(Step& step, uint8_t* centroids, uint32_t thread_count) {
  const ListShape& shape = *step.shape;
  const MeansSpace space = shape.space();
  const size_t affordable = std::max(SAMPLE_BYTES / space.bytes(),
                                     SAMPLE_ROWS_PER_LIST_MIN * shape.list_count);
  const size_t count = std::min({size_t{shape.row_count}, affordable,
                                 SAMPLE_ROWS_PER_LIST * shape.list_count});
  Array<uint32_t> picks;
  Array<uint8_t> sample;
  if (!pick_rows(shape.row_count, count, picks) || !sample.resize(count * space.bytes())) {
    return BuildEnd::NoMemory;
  }
  step.picks = picks.data();
  step.prepared = sample.data();
  step.parts.reset(count);
  run_beside(prepare_some, &step, thread_count);
  if (step.is_over()) return step.end();
  const MeansTask task = {space, sample.data(), count, shape.list_count};
  const MeansControl control = {thread_count, &step.control->is_cancelled,
                                &step.control->rows_done, percent_of(shape, MEANS_PERCENT)};
  const MeansEnd end = k_means(task, control, centroids);
  if (end == MeansEnd::NoMemory) return BuildEnd::NoMemory;
  return end == MeansEnd::Cancelled ? BuildEnd::Cancelled : BuildEnd::Done;
}

// Codebooks are made of some rows, each without its centroid.
BuildEnd train(Step& step, uint32_t thread_count) {
  const ListImage& image = *step.image;
  const ListShape& shape = image.shape;
  const size_t count = std::min<size_t>(sample_rows(shape.codes), shape.row_count);
  if (sections_of(shape).codebook == 0 || count == 0) return BuildEnd::Done;
  Array<uint32_t> places;
  Array<uint32_t> lists;
  Array<uint8_t> sample;
  if (!pick_rows(shape.row_count, count, places) || !lists.resize(count) ||
      !sample.resize(count * shape.space().bytes())) {
    return BuildEnd::NoMemory;
  }
  // In the order of the lists, so that a place says which list it is in.
  std::sort(places.data(), places.data() + count);
  uint32_t list = 0;
  for (size_t i = 0; i < count; i++) {
    while (image.row_starts[list + 1] <= places[i]) list++;
    lists[i] = list;
    places[i] = image.rows[places[i]];
  }
  step.picks = places.data();
  step.pick_lists = lists.data();
  step.prepared = sample.data();
  step.centroids = image.centroids;
  step.parts.reset(count);
  run_beside(prepare_some, &step, thread_count);
  if (step.is_over()) return step.end();
  const float* const vectors = reinterpret_cast<const float*>(sample.data());
  switch (train_codes(shape.codes, vectors, count, thread_count, step.control->is_cancelled,
                      image.codebook)) {
    case TrainEnd::Done:
      return BuildEnd::Done;
    case TrainEnd::Cancelled:
      return BuildEnd::Cancelled;
    default:
      return BuildEnd::NoMemory;
  }
}

void encode_some(void* context) {
  Step& step = *static_cast<Step*>(context);
  const ListImage& image = *step.image;
  const ListShape& shape = image.shape;
  Encoder encoder;
  Array<float> vector;
  if (!encoder.open(shape.codes, image.codebook) || !vector.resize(shape.dim)) {
    step.is_out_of_memory.store(true);
    return;
  }
  size_t first;
  size_t last;
  while (!step.is_over() && step.parts.take(LISTS_PER_PART, first, last)) {
    for (size_t list = first; list < last && !step.is_over(); list++) {
      const float* const centroid = reinterpret_cast<const float*>(image.centroid(list));
      uint8_t* const run = image.codes + run_bytes(shape.codes, image.slot_starts[list]);
      for (size_t i = 0; i < image.counts[list]; i++) {
        const uint32_t row = image.rows[image.row_starts[list] + i];
        prepare_row(shape, step.vector(row), vector.data());
        encoder.encode(vector.data(), centroid, run, i);
      }
    }
  }
}

// Centroids of length 1 say where rows are, not how far: as long as the mean projection of their
// rows they leave the least to code.
bool lengthen_centroids(const Step& step, uint8_t* centroids) {
  const ListShape& shape = *step.shape;
  Array<double> sums;
  Array<uint32_t> counts;
  if (!sums.resize(shape.list_count) || !counts.resize(shape.list_count)) return false;
  std::fill_n(sums.data(), shape.list_count, 0.0);
  std::fill_n(counts.data(), shape.list_count, 0u);
  for (size_t row = 0; row < shape.row_count; row++) {
    sums[step.lists[row]] += static_cast<double>(step.projections[row]);
    counts[step.lists[row]]++;
  }
  for (size_t list = 0; list < shape.list_count; list++) {
    const float length = static_cast<float>(sums[list] / counts[list]);
    // Without rows, with rows behind it, or when it is too large, the direction stays.
    if (!(length > 0 && length <= CENTROID_LENGTH_MAX)) continue;
    float* const centroid = reinterpret_cast<float*>(centroids) + list * shape.dim;
    for (size_t i = 0; i < shape.dim; i++) centroid[i] *= length;
  }
  return true;
}

}  // namespace

BuildEnd cluster_rows(const ListShape& shape, const uint8_t* vectors, uint8_t* centroids,
                      uint32_t* lists, uint32_t thread_count, BuildControl& control) {
  Step step;
  step.shape = &shape;
  step.vectors = vectors;
  step.control = &control;
  const BuildEnd end = find_centroids(step, centroids, thread_count);
  if (end != BuildEnd::Done) return end;
  step.centroids = centroids;
  step.lists = lists;
  Array<float> projections;
  if (has_directions(shape) && !projections.resize(shape.row_count)) return BuildEnd::NoMemory;
  step.projections = projections.data();
  step.parts.reset(shape.row_count);
  run_beside(assign_some, &step, thread_count);
  if (step.is_over() || !has_directions(shape)) return step.end();
  return lengthen_centroids(step, centroids) ? BuildEnd::Done : BuildEnd::NoMemory;
}

BuildEnd encode_lists(const ListImage& image, const uint8_t* vectors, uint32_t thread_count,
                      BuildControl& control) {
  Step step;
  step.shape = &image.shape;
  step.vectors = vectors;
  step.control = &control;
  step.image = &image;
  const BuildEnd end = train(step, thread_count);
  if (end != BuildEnd::Done) return end;
  step.parts.reset(image.shape.list_count);
  run_beside(encode_some, &step, thread_count);
  return step.end();
}

}  // namespace mlite
