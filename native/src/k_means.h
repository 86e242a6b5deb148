// k-means: centroids of a sample, and which of them is nearest to a vector.
//
//   space      cost                      centroid of its members
//   L2         squared distance          their mean
//   products   -x.c                      their mean at length 1, so that directions decide
//   HAMMING    bits that differ          the bits that most of them have
//   JACCARD    1 - |x and c| / |x or c|  the bits that are most frequent, as many as a member has
//
// Centroids begin as members far from each other (k-means++): each is the best of three that are drawn
// by their cost to those before, among the first vectors of the sample. Then come fourteen rounds, in
// which a centroid without members takes one of the largest list's. The result depends on the sample
// only, not on the number of threads.
// src/index/k-means.ts is the twin of this file; its sums are wider, so its centroids may differ.

#ifndef MLITE_K_MEANS_H_
#define MLITE_K_MEANS_H_

#include <atomic>

#include "memory.h"
#include "scan.h"

namespace mlite {

enum class MeansEnd { Done, Cancelled, NoMemory };

// Vectors of a space: float32, or bits when the metric compares them.
struct MeansSpace {
  Metric metric;
  size_t dim;

  bool is_binary() const { return metric == Metric::Hamming || metric == Metric::Jaccard; }
  size_t bytes() const { return is_binary() ? dim / 8 : dim * sizeof(float); }
};

// Costs of vectors against centroids; one thread has one. All costs are numbers and finite.
class CentroidCosts {
 public:
  // Vectors of one call.
  static constexpr size_t VECTORS_MAX = 32;

  // `centroids` are read at every call. False when there is no memory.
  bool open(const MeansSpace& space, const void* centroids, size_t centroid_count);

  // out[v x stride + c - first] for centroids c of [first, end).
  void measure(const void* vectors, size_t count, size_t first, size_t end, float* out,
               size_t stride);
  // out[v]: the nearest centroid, of equal ones the first. Any number of vectors.
  void nearest(const void* vectors, size_t count, uint32_t* out);

 private:
  void measure_floats(const float* vectors, size_t count, size_t first, size_t end, float* out,
                      size_t stride);
  void measure_bits(const uint8_t* vectors, size_t count, size_t first, size_t end, float* out,
                    size_t stride);

  static constexpr size_t CENTROIDS_AT_ONCE = 256;

  MeansSpace space_ = {};
  const uint8_t* centroids_ = nullptr;
  size_t count_ = 0;
  Array<float> costs_;
  Array<uint32_t> sums_;
};

struct MeansTask {
  MeansSpace space;
  const void* vectors;
  // At least `centroid_count`, which is at least 1. In an order that says nothing.
  size_t count;
  size_t centroid_count;
};

struct MeansControl {
  uint32_t thread_count;
  // Anything but 0 ends the work.
  const std::atomic<int32_t>* is_cancelled;
  // Grows by `share` in all; null: nobody asks.
  std::atomic<int32_t>* done;
  int32_t share;
};

// `centroids` has room for as many vectors as centroids.
MeansEnd k_means(const MeansTask& task, const MeansControl& control, void* centroids);

}  // namespace mlite

#endif  // MLITE_K_MEANS_H_
