// Codebooks: ranges for scalar codes, and for product codes k-means in every part by itself.
//
// One thread trains one part, so that any number of threads makes the same codebook.

#include <algorithm>

#include "code_layout.h"
#include "codes.h"
#include "graph_thread.h"

namespace mlite {
namespace {

constexpr uint32_t THREADS_MAX = 64;
constexpr uint32_t ROUNDS_MIN = 4;
constexpr uint32_t ROUNDS_MAX = 20;
// Elements of entries that points are compared with in all, about: a minute of one thread.
constexpr double WORK_MAX = 2e12;
// Elements of entries that are compared with between two looks at whether to stop.
constexpr size_t WORK_AT_ONCE = size_t{1} << 24;
// How far from an entry that is split its other half begins, as a share of it.
constexpr float SPLIT = 1.0f / 1024;

void train_ranges(const CodeShape& shape, const float* sample, size_t count, float* least,
                  float* step) {
  const size_t dim = shape.dim;
  std::memcpy(least, sample, dim * sizeof(float));
  std::memcpy(step, sample, dim * sizeof(float));
  for (size_t row = 1; row < count; row++) {
    const float* const vector = sample + row * dim;
    for (size_t i = 0; i < dim; i++) {
      least[i] = vector[i] < least[i] ? vector[i] : least[i];
      step[i] = vector[i] > step[i] ? vector[i] : step[i];
    }
  }
  if (shape.kind == CodeKind::Sq4u) {
    std::fill(least, least + dim, *std::min_element(least, least + dim));
    std::fill(step, step + dim, *std::max_element(step, step + dim));
  }
  const float steps = static_cast<float>((1u << plane_bits(shape)) - 1);
  for (size_t i = 0; i < dim; i++) {
    // Each by itself: their difference may be more than a float holds.
    step[i] = step[i] / steps - least[i] / steps;
  }
}

// The same shuffle every time.
class Shuffle {
 public:
  uint32_t below(size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<uint32_t>(state_ % bound);
  }

 private:
  uint64_t state_ = 88172645463325252u;
};

// What all threads of a training share.
struct Training {
  CodeShape shape;
  const float* sample;
  size_t count;
  const std::atomic<int32_t>* is_cancelled;
  uint8_t* codebook;
  std::atomic<uint32_t> next{0};
  std::atomic<bool> is_out_of_memory{false};

  bool is_over() const {
    return is_cancelled->load(std::memory_order_relaxed) != 0 || is_out_of_memory.load();
  }
};

uint32_t rounds_of(const CodeShape& shape, size_t count) {
  const double work = static_cast<double>(codebook_bytes(shape) / sizeof(float)) *
                      static_cast<double>(count);
  const double rounds = WORK_MAX / work;
  if (!(rounds < ROUNDS_MAX)) return ROUNDS_MAX;
  return std::max(ROUNDS_MIN, static_cast<uint32_t>(rounds));
}

// K-means over one part of the sample.
class PartTrainer {
 public:
  bool open(Training& training) {
    training_ = &training;
    dim_ = part_dim(training.shape);
    entries_ = training.shape.entries;
    room_ = entry_room(training.shape);
    rounds_ = rounds_of(training.shape, training.count);
    return points_.resize(training.count * dim_) && nearest_.resize(training.count) &&
           order_.resize(training.count) && sums_.resize(size_t{entries_} * dim_) &&
           sizes_.resize(entries_);
  }

  void train(size_t part) {
    const CodeShape& shape = training_->shape;
    for (size_t row = 0; row < training_->count; row++) {
      const float* const vector = training_->sample + row * shape.dim + part * dim_;
      std::memcpy(points_.data() + row * dim_, vector, dim_ * sizeof(float));
    }
    for (uint32_t layer = 0; layer < shape.layers && !training_->is_over(); layer++) {
      const size_t table = size_t{layer} * shape.parts + part;
      values_ = reinterpret_cast<float*>(training_->codebook) + table * dim_ * room_;
      begin();
      for (uint32_t round = 0; round < rounds_ && assign(round == 0); round++) move();
      if (layer + 1 < shape.layers) take_off();
    }
  }

 private:
  Entries entries() const { return {values_, dim_, room_, entries_}; }

  // The first entries are points.
  void begin() {
    Shuffle shuffle;
    for (size_t i = 0; i < training_->count; i++) order_[i] = static_cast<uint32_t>(i);
    std::memset(values_, 0, dim_ * room_ * sizeof(float));
    for (size_t k = 0; k < entries_; k++) {
      // Of fewer points than entries some are taken again.
      const size_t at = k % training_->count;
      std::swap(order_[at], order_[at + shuffle.below(training_->count - at)]);
      set_entry(k, points_.data() + size_t{order_[at]} * dim_);
    }
  }

  void set_entry(size_t k, const float* values) {
    for (size_t d = 0; d < dim_; d++) values_[d * room_ + k] = values[d];
  }

  // False when nothing has changed, or the training is over.
  bool assign(bool is_first) {
    const ProductKernels& kernels = product_kernels();
    const size_t some = std::max<size_t>(1, WORK_AT_ONCE / (dim_ * room_));
    bool has_changed = is_first;
    for (size_t row = 0; row < training_->count; row++) {
      if (row % some == 0 && training_->is_over()) return false;
      const uint32_t entry = kernels.nearest(points_.data() + row * dim_, entries()).entry;
      has_changed = has_changed || entry != nearest_[row];
      nearest_[row] = entry;
    }
    return has_changed;
  }

  // Entries become the means of their points.
  void move() {
    std::fill(sums_.data(), sums_.data() + sums_.size(), 0);
    std::fill(sizes_.data(), sizes_.data() + entries_, 0);
    for (size_t row = 0; row < training_->count; row++) {
      const uint32_t entry = nearest_[row];
      double* const sum = sums_.data() + size_t{entry} * dim_;
      for (size_t d = 0; d < dim_; d++) sum[d] += static_cast<double>(points_[row * dim_ + d]);
      sizes_[entry]++;
    }
    for (size_t k = 0; k < entries_; k++) {
      if (sizes_[k] == 0) continue;
      for (size_t d = 0; d < dim_; d++) {
        values_[d * room_ + k] = static_cast<float>(sums_[k * dim_ + d] / sizes_[k]);
      }
    }
    for (size_t k = 0; k < entries_; k++) {
      if (sizes_[k] == 0) split_largest(k);
    }
  }

  // An entry without points takes half of those of the entry that has most. That one stays where it
  // is, as its points may all be equal.
  void split_largest(size_t k) {
    size_t from = 0;
    for (size_t other = 1; other < entries_; other++) {
      if (sizes_[other] > sizes_[from]) from = other;
    }
    if (sizes_[from] < 2) return;
    for (size_t d = 0; d < dim_; d++) {
      const float value = values_[d * room_ + from];
      const float apart = value * (d % 2 == 0 ? SPLIT : -SPLIT);
      values_[d * room_ + k] = value + apart;
    }
    sizes_[k] = sizes_[from] / 2;
    sizes_[from] -= sizes_[k];
  }

  // What the next layer codes.
  void take_off() {
    const ProductKernels& kernels = product_kernels();
    for (size_t row = 0; row < training_->count; row++) {
      float* const point = points_.data() + row * dim_;
      const uint32_t entry = kernels.nearest(point, entries()).entry;
      for (size_t d = 0; d < dim_; d++) point[d] -= values_[d * room_ + entry];
    }
  }

  Training* training_ = nullptr;
  size_t dim_ = 0;
  size_t entries_ = 0;
  size_t room_ = 0;
  uint32_t rounds_ = 0;
  float* values_ = nullptr;
  Array<float> points_;
  Array<uint32_t> nearest_;
  Array<uint32_t> order_;
  Array<double> sums_;
  Array<uint32_t> sizes_;
};

void train_parts(void* context) {
  Training& training = *static_cast<Training*>(context);
  PartTrainer trainer;
  if (!trainer.open(training)) {
    training.is_out_of_memory.store(true);
    return;
  }
  while (!training.is_over()) {
    const uint32_t part = training.next.fetch_add(1);
    if (part >= training.shape.parts) return;
    trainer.train(part);
  }
}

}  // namespace

TrainEnd train_codes(const CodeShape& shape, const float* sample, size_t count,
                     uint32_t thread_count, const std::atomic<int32_t>& is_cancelled,
                     uint8_t* codebook) {
  if (is_stepped(shape)) {
    float* const least = reinterpret_cast<float*>(codebook);
    train_ranges(shape, sample, count, least, least + shape.dim);
  }
  if (!is_partitioned(shape)) return TrainEnd::Done;
  Training training;
  training.shape = shape;
  training.sample = sample;
  training.count = count;
  training.is_cancelled = &is_cancelled;
  training.codebook = codebook;
  Thread threads[THREADS_MAX];
  const uint32_t most = std::min(std::min(thread_count, THREADS_MAX), shape.parts);
  for (uint32_t i = 1; i < most; i++) {
    if (!threads[i].start(train_parts, &training)) break;
  }
  train_parts(&training);
  for (uint32_t i = 1; i < most; i++) threads[i].join();
  if (training.is_out_of_memory) return TrainEnd::NoMemory;
  return training.is_over() ? TrainEnd::Cancelled : TrainEnd::Done;
}

}  // namespace mlite
