// Inverted lists of every type, metric and kind of codes: built by several threads, searched whole,
// filtered and damaged, on arrays that end where their memory does; and k-means by itself.

#include <algorithm>
#include <cmath>

#include "ivf_build.h"
#include "ivf_search.h"
#include "self_test.h"

namespace {

using mlite::BuildControl;
using mlite::BuildEnd;
using mlite::CodeKind;
using mlite::ListCodes;
using mlite::ListImage;
using mlite::ListShape;
using mlite::Metric;
using mlite::VectorType;
using self_test::Exact;
using self_test::Numbers;

constexpr uint32_t ROWS = 400;
constexpr uint32_t LISTS = 7;
constexpr size_t TOP_K = 10;
constexpr size_t WORDS = (ROWS + 31) / 32;

void fill(const ListShape& shape, size_t count, Numbers& numbers, uint8_t* out) {
  const size_t bytes = mlite::vector_bytes(shape.type, shape.dim);
  for (size_t i = 0; i < count * bytes; i++) out[i] = static_cast<uint8_t>(numbers.next());
  for (size_t i = 0; i < count * shape.dim; i++) {
    const float value = numbers.unit();
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    if (shape.type == VectorType::Float32) std::memcpy(out + i * 4, &value, 4);
    const uint16_t half = static_cast<uint16_t>((bits & 0x83ff) | 0x3c00);
    const bool is_half =
        shape.type == VectorType::Float16 || shape.type == VectorType::Bfloat16;
    if (is_half) std::memcpy(out + i * 2, &half, 2);
  }
}

// Memory of an image, a section each, so that one byte too many is seen.
struct Sections {
  Exact<uint8_t> centroids;
  Exact<uint32_t> counts;
  Exact<uint32_t> rows;
  Exact<uint32_t> codes;
  Exact<uint32_t> codebook;
  Exact<float> scales;
  Exact<float> errors;
  Exact<float> lengths;
  Exact<float> halves;
  size_t centroid_bytes;
  size_t code_bytes;
  size_t codebook_bytes;
  size_t number_bytes;
  size_t half_bytes;

  explicit Sections(const ListShape& shape)
      : Sections(shape, mlite::sections_of(shape)) {}

  Sections(const ListShape& shape, const mlite::ListSections& bytes)
      : centroids(bytes.centroids, 4),
        counts(shape.list_count),
        rows(shape.row_count),
        codes((bytes.codes + 3) / 4),
        codebook((bytes.codebook + 3) / 4),
        scales(bytes.numbers / 4),
        errors(bytes.numbers / 4),
        lengths(bytes.numbers / 4),
        halves(bytes.halves / 4),
        centroid_bytes(bytes.centroids),
        code_bytes(bytes.codes),
        codebook_bytes(bytes.codebook),
        number_bytes(bytes.numbers),
        half_bytes(bytes.halves) {
    std::memset(codes.data(), 0, (bytes.codes + 3) / 4 * 4);
    std::memset(codebook.data(), 0, (bytes.codebook + 3) / 4 * 4);
    for (size_t i = 0; i < bytes.numbers / 4; i++) {
      scales[i] = 0;
      errors[i] = 0;
      // Nothing is proved of any row.
      lengths[i] = HUGE_VALF;
    }
    for (size_t i = 0; i < bytes.halves / 4; i++) halves[i] = 0;
  }

  void scribble(Numbers& numbers, size_t share) {
    const auto over = [&](void* bytes, size_t length) {
      self_test::scribble(numbers, static_cast<uint8_t*>(bytes), length, share);
    };
    over(centroids.data(), centroid_bytes);
    over(counts.data(), LISTS * 4);
    over(rows.data(), ROWS * 4);
    over(codes.data(), code_bytes);
    over(codebook.data(), codebook_bytes);
    for (Exact<float>* const each : {&scales, &errors, &lengths}) over(each->data(), number_bytes);
    over(halves.data(), half_bytes);
  }

  void place(ListImage& image) {
    image.centroids = centroids.data();
    image.counts = counts.data();
    image.rows = rows.data();
    image.codes = reinterpret_cast<uint8_t*>(codes.data());
    image.codebook = reinterpret_cast<uint8_t*>(codebook.data());
    image.scales = scales.data();
    image.errors = errors.data();
    image.lengths = lengths.data();
    image.halves = image.shape.metric == Metric::L2 ? halves.data() : nullptr;
  }
};

// Searches some queries; the rows that come back are counted.
size_t search(mlite::ListSearcher& searcher, const uint8_t* queries, size_t count,
              const uint32_t* allowed, size_t probe_count) {
  size_t allowed_count = ROWS;
  if (allowed != nullptr) {
    allowed_count = 0;
    for (size_t row = 0; row < ROWS; row++) allowed_count += allowed[row >> 5] >> (row & 31) & 1;
  }
  Exact<uint32_t> counts(count);
  Exact<uint32_t> rows(count * TOP_K);
  Exact<float> scores(count * TOP_K);
  const mlite::ListQueries given = {queries, count, TOP_K, probe_count,
                                    ROWS,    0,     allowed, allowed_count};
  CHECK(searcher.search(given, counts.data(), rows.data(), scores.data()));
  size_t total = 0;
  for (size_t q = 0; q < count; q++) {
    CHECK(counts[q] == std::min(TOP_K, allowed_count));
    for (size_t i = total; i < total + counts[q]; i++) {
      CHECK(rows[i] < ROWS);
      CHECK(allowed == nullptr || (allowed[rows[i] >> 5] >> (rows[i] & 31) & 1) != 0);
      for (size_t j = total; j < i; j++) CHECK(rows[i] != rows[j]);
    }
    total += counts[q];
  }
  return total;
}

// Of an image that may be damaged: refused, or searched without harm.
void expect_no_harm(ListImage& image, const uint8_t* vectors) {
  const char* reason = nullptr;
  if (!mlite::open_lists(image, &reason) || !mlite::check_lists(image, &reason)) {
    CHECK(reason != nullptr);
    return;
  }
  mlite::ListSearcher searcher;
  CHECK(searcher.open(image, vectors));
  search(searcher, vectors, 2, nullptr, 2);
}

void damage(ListImage& image, uint8_t* bytes, size_t length, const uint8_t* vectors) {
  for (size_t at = 0; at < length; at += 1 + length / 40) {
    bytes[at] ^= 0x91;
    expect_no_harm(image, vectors);
    bytes[at] ^= 0x91;
  }
}

// A mapped image may change after it was checked, and while it is open.
void change_under(mlite::ListSearcher& searcher, Sections& sections, Numbers& numbers,
                  const uint8_t* vectors) {
  Exact<uint32_t> allowed(WORDS);
  for (size_t word = 0; word < WORDS; word++) allowed[word] = numbers.next();
  for (const size_t share : {1000, 100, 10, 3, 1, 1}) {
    sections.scribble(numbers, share);
    for (const uint32_t* const filter : {static_cast<const uint32_t*>(nullptr),
                                         static_cast<const uint32_t*>(allowed.data())}) {
      Exact<uint32_t> counts(40);
      Exact<uint32_t> rows(40 * TOP_K);
      Exact<float> scores(40 * TOP_K);
      const mlite::ListQueries given = {vectors, 40, TOP_K, 3, ROWS, 0, filter, ROWS / 2};
      CHECK(searcher.search(given, counts.data(), rows.data(), scores.data()));
      size_t total = 0;
      for (size_t q = 0; q < 40; q++) total += counts[q];
      for (size_t i = 0; i < total; i++) CHECK(rows[i] < ROWS);
    }
  }
}

void lists_of(VectorType type, Metric metric, ListCodes kind, CodeKind code) {
  Numbers numbers(static_cast<uint64_t>(type) * 8 + static_cast<uint64_t>(code));
  ListShape shape = {type, metric, 24, ROWS, LISTS, 0, kind, {}};
  if (kind == ListCodes::Trained) {
    const uint32_t bits = code == CodeKind::Rabit ? 3 : 4;
    const bool has_parts = code >= CodeKind::Product && code != CodeKind::Rabit;
    shape.codes = {code, static_cast<uint32_t>(metric), 24, has_parts ? 12u : 1u, 1,
                   has_parts || code == CodeKind::Rabit ? bits : 0, 0, 0};
    shape.codes = mlite::sized_for(shape.codes, ROWS);
  }
  CHECK(mlite::is_list_shape(shape));
  const size_t bytes = mlite::vector_bytes(type, shape.dim);
  Exact<uint64_t> aligned((ROWS * bytes + 7) / 8, 0);
  uint8_t* const vectors = reinterpret_cast<uint8_t*>(aligned.data());
  fill(shape, ROWS, numbers, vectors);
  for (size_t row = 50; row < 70; row++) std::memcpy(vectors + row * bytes, vectors, bytes);
  std::memset(vectors + 80 * bytes, 0, 10 * bytes);

  BuildControl control;
  control.rows_done = 0;
  control.is_cancelled = 0;
  Exact<uint32_t> lists(ROWS);
  Exact<uint32_t> again(ROWS);
  Exact<float> centroids(mlite::sections_of(shape).centroids / 4 + 1);
  uint8_t* const centroid_bytes = reinterpret_cast<uint8_t*>(centroids.data());
  CHECK(mlite::cluster_rows(shape, vectors, centroid_bytes, lists.data(), 3, control) ==
        BuildEnd::Done);
  CHECK(mlite::cluster_rows(shape, vectors, centroid_bytes, again.data(), 1, control) ==
        BuildEnd::Done);
  CHECK(std::memcmp(lists.data(), again.data(), ROWS * 4) == 0);
  const size_t granule = mlite::slots_at_once(shape);
  uint32_t counts[LISTS] = {};
  for (size_t row = 0; row < ROWS; row++) counts[lists[row]]++;
  for (const uint32_t count : counts) {
    shape.slot_count += static_cast<uint32_t>((count + granule - 1) / granule * granule);
  }
  Sections sections(shape);
  std::memcpy(sections.centroids.data(), centroid_bytes, mlite::sections_of(shape).centroids);
  size_t place = 0;
  for (uint32_t list = 0; list < LISTS; list++) {
    sections.counts[list] = counts[list];
    for (uint32_t row = 0; row < ROWS; row++) {
      if (lists[row] == list) sections.rows[place++] = row;
    }
  }
  ListImage image;
  image.shape = shape;
  sections.place(image);
  const char* reason = nullptr;
  CHECK(mlite::open_lists(image, &reason) && mlite::check_lists(image, &reason));
  if (kind == ListCodes::Trained) {
    CHECK(mlite::encode_lists(image, vectors, 3, control) == BuildEnd::Done);
  }
  mlite::ListSearcher searcher;
  CHECK(searcher.open(image, vectors));
  Exact<uint32_t> allowed(WORDS);
  for (size_t word = 0; word < WORDS; word++) allowed[word] = word % 2 == 0 ? 0x11111111u : 0;
  CHECK(search(searcher, vectors, 40, nullptr, 3) == 40 * TOP_K);
  search(searcher, vectors, 40, allowed.data(), 1);
  for (size_t word = 0; word < WORDS; word++) allowed[word] = word == 3 ? 0xffu : 0;
  search(searcher, vectors, 3, allowed.data(), 1);

  damage(image, sections.centroids.data(), mlite::sections_of(shape).centroids, vectors);
  damage(image, reinterpret_cast<uint8_t*>(sections.counts.data()), LISTS * 4, vectors);
  damage(image, reinterpret_cast<uint8_t*>(sections.rows.data()), ROWS * 4, vectors);
  damage(image, image.codes, sections.code_bytes, vectors);
  damage(image, image.codebook, sections.codebook_bytes, vectors);
  change_under(searcher, sections, numbers, vectors);
  control.is_cancelled = 1;
  CHECK(mlite::cluster_rows(shape, vectors, centroid_bytes, lists.data(), 2, control) ==
        BuildEnd::Cancelled);
}

// Of many vectors that are equal every other one gets a centroid of its own.
void means_of_equal_vectors() {
  constexpr size_t COUNT = 100;
  Exact<float> vectors(COUNT * 2);
  for (size_t i = 0; i < COUNT * 2; i++) vectors[i] = i < 160 ? 1.0f : static_cast<float>(i);
  const mlite::MeansTask task = {{Metric::L2, 2}, vectors.data(), COUNT, 10};
  const std::atomic<int32_t> is_cancelled{0};
  std::atomic<int32_t> done{0};
  Exact<float> centroids(20);
  const mlite::MeansControl control = {2, &is_cancelled, &done, 1000};
  CHECK(mlite::k_means(task, control, centroids.data()) == mlite::MeansEnd::Done);
  CHECK(done == 1000);
  mlite::CentroidCosts costs;
  CHECK(costs.open(task.space, centroids.data(), 10));
  Exact<uint32_t> nearest(COUNT);
  costs.nearest(vectors.data(), COUNT, nearest.data());
  size_t used = 0;
  for (uint32_t c = 0; c < 10; c++) {
    used += std::count(nearest.data(), nearest.data() + COUNT, c) > 0 ? 1 : 0;
  }
  CHECK(used >= 9);
}

void run() {
  means_of_equal_vectors();
  for (const VectorType type : {VectorType::Float32, VectorType::Float16, VectorType::Bfloat16}) {
    for (const Metric metric : {Metric::L2, Metric::Ip, Metric::Cosine}) {
      lists_of(type, metric, ListCodes::Panels, CodeKind::Sq8);
    }
  }
  for (const Metric metric : {Metric::L2, Metric::Ip, Metric::Cosine}) {
    lists_of(VectorType::Int8, metric, ListCodes::None, CodeKind::Sq8);
  }
  lists_of(VectorType::Binary, Metric::Hamming, ListCodes::None, CodeKind::Sq8);
  lists_of(VectorType::Binary, Metric::Jaccard, ListCodes::None, CodeKind::Sq8);
  for (const CodeKind code : {CodeKind::Sq8, CodeKind::Sq6, CodeKind::Sq4, CodeKind::Product,
                              CodeKind::BlockedProduct, CodeKind::Rabit}) {
    lists_of(VectorType::Float32, Metric::L2, ListCodes::Trained, code);
    lists_of(VectorType::Float16, Metric::Cosine, ListCodes::Trained, code);
  }
}

const self_test::Part part("ivf", run);

}  // namespace
