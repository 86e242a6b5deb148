// Scans over arrays that end where their memory does, against sorting everything.

#include "scan.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <vector>

#include "self_test.h"

namespace {

using self_test::Exact;
using self_test::Numbers;
using namespace mlite;

struct Hit {
  float score;
  uint32_t row;
};

const Kernels* table = nullptr;

void run_to_the_end(Scan& scan, const ScanData& data) {
  while (!scan.is_done()) CHECK(scan.step(data));
}

constexpr float NO_BOUND = -std::numeric_limits<float>::infinity();

// All scores of one query, by a scan that keeps every row.
std::vector<Hit> everything(ScanShape shape, const ScanData& data) {
  Scan scan;
  shape.top_k = shape.row_end - shape.row_start + 1;
  shape.query_count = 1;
  CHECK(scan.open(shape, *table));
  run_to_the_end(scan, data);
  std::vector<Hit> hits;
  for (size_t i = 0; i < scan.hit_count(); i++) hits.push_back({scan.scores()[i], scan.rows()[i]});
  return hits;
}

void check_scan(ScanShape shape, const ScanData& data) {
  Scan scan;
  CHECK(scan.open(shape, *table));
  run_to_the_end(scan, data);
  size_t at = 0;
  const size_t stride = vector_bytes(shape.type, shape.dim);
  for (size_t q = 0; q < shape.query_count; q++) {
    const uint8_t* query = static_cast<const uint8_t*>(data.queries) + q * stride;
    const std::vector<Hit> all = everything(shape, {data.vectors, data.allowed, query});
    const size_t count = scan.counts()[q];
    CHECK(count >= std::min(shape.top_k, all.size()) && count <= all.size());
    for (size_t i = 0; i < count; i++, at++) {
      CHECK(scan.rows()[at] == all[i].row && scan.scores()[at] == all[i].score);
    }
    const bool has_missing_tie =
        count < all.size() && count > 0 && all[count].score == all[count - 1].score;
    CHECK(has_missing_tie == (scan.cut()[q] == 1));
  }
  CHECK(at == scan.hit_count());
}

// With the cost of a row in the middle as the bound: the same rows without those that cost less.
void check_bound(ScanShape shape, const ScanData& data) {
  shape.query_count = 1;
  const std::vector<Hit> all = everything(shape, data);
  if (all.empty()) return;
  const bool is_similarity = shape.metric == Metric::Ip || shape.metric == Metric::Cosine ||
                             shape.metric == Metric::Minhash;
  const float middle = all[all.size() / 2].score;
  shape.cost_from = is_similarity ? 0 - middle : middle;
  size_t first = 0;
  while (all[first].score != middle) first++;
  Scan scan;
  CHECK(scan.open(shape, *table));
  run_to_the_end(scan, data);
  CHECK(scan.hit_count() >= std::min(shape.top_k, all.size() - first));
  for (size_t i = 0; i < scan.hit_count(); i++) {
    CHECK(scan.rows()[i] == all[first + i].row && scan.scores()[i] == all[first + i].score);
  }
}

template <class T>
void of_type(VectorType type, Metric metric, size_t dim, T (*element)(Numbers&),
             MinhashMeasure minhash = {}) {
  const size_t stride = vector_bytes(type, dim) / sizeof(T);
  constexpr size_t QUERIES = 9;
  const size_t row_count = 150;
  Numbers numbers(dim);
  Exact<T> vectors(row_count * stride);
  Exact<T> queries(QUERIES * stride);
  for (size_t i = 0; i < row_count * stride; i++) vectors[i] = element(numbers);
  for (size_t i = 0; i < QUERIES * stride; i++) queries[i] = element(numbers);
  Exact<uint32_t> allowed((row_count + 31) / 32);
  for (size_t i = 0; i < (row_count + 31) / 32; i++) {
    allowed[i] = numbers.next() ^ (numbers.next() << 16);
  }
  for (size_t top_k : {1, 10, 64, 200}) {
    for (size_t ties : {0, 3, 256}) {
      ScanShape shape = {type,  metric, dim,      0,      row_count, QUERIES,
                         top_k, ties,   NO_BOUND, minhash};
      check_scan(shape, {vectors.data(), nullptr, queries.data()});
      check_scan(shape, {vectors.data(), allowed.data(), queries.data()});
      shape.row_start = 37;
      check_scan(shape, {vectors.data(), allowed.data(), queries.data()});
      check_bound(shape, {vectors.data(), allowed.data(), queries.data()});
      shape.row_start = row_count;
      check_scan(shape, {vectors.data(), nullptr, queries.data()});
    }
  }
}

// Few values: equal scores are common.
float small_float(Numbers& numbers) { return static_cast<float>(numbers.below(3)) - 1; }
uint16_t small_half(Numbers& numbers) {
  constexpr uint16_t VALUES[] = {0, 0x3c00, 0xbc00};
  return VALUES[numbers.below(3)];
}
int8_t small_int8(Numbers& numbers) { return static_cast<int8_t>(numbers.below(5) * 60 - 120); }
uint8_t some_bits(Numbers& numbers) { return static_cast<uint8_t>(numbers.next() & 0x11); }

void of_every_type() {
  for (size_t dim : {1, 3, 17, 64, 130}) {
    for (Metric metric : {Metric::L2, Metric::Ip, Metric::Cosine}) {
      of_type<float>(VectorType::Float32, metric, dim, small_float);
      of_type<uint16_t>(VectorType::Float16, metric, dim, small_half);
      of_type<uint16_t>(VectorType::Bfloat16, metric, dim, small_half);
      of_type<int8_t>(VectorType::Int8, metric, dim, small_int8);
    }
    for (Metric metric :
         {Metric::Hamming, Metric::Jaccard, Metric::Substructure, Metric::Superstructure}) {
      of_type<uint8_t>(VectorType::Binary, metric, dim * 8, some_bits);
    }
    if (dim > 17) continue;
    for (size_t element_bytes : {1, 3, 4, 8}) {
      const size_t signature_dim = dim * element_bytes * 8;
      for (size_t band_count : {size_t{1}, (dim + 1) / 2, dim}) {
        for (bool is_by_share : {false, true}) {
          of_type<uint8_t>(VectorType::Binary, Metric::Minhash, signature_dim, some_bits,
                           {element_bytes, band_count, is_by_share});
        }
      }
    }
  }
}

void of_signatures() {
  CHECK((MinhashMeasure{4, 3, false}).is_of(12));
  CHECK((MinhashMeasure{4, 3, false}).band_bytes(12) == 4);
  CHECK((MinhashMeasure{2, 2, false}).band_bytes(10) == 4);
  CHECK(!(MinhashMeasure{4, 4, false}).is_of(12) && !(MinhashMeasure{5, 1, false}).is_of(12));
  CHECK(!(MinhashMeasure{0, 1, false}).is_of(12) && !(MinhashMeasure{4, 0, false}).is_of(12));
}

void run() {
  of_signatures();
  for (const char* name : {"scalar", "avx2", "avx512", "neon"}) {
    table = kernels_named(name);
    if (table != nullptr) of_every_type();
  }
  CHECK(has_metric(VectorType::Binary, Metric::Jaccard));
  CHECK(!has_metric(VectorType::Float32, Metric::Hamming));
}

const self_test::Part part("scans", run);

}  // namespace
