// Graphs of every type and metric: built by several threads, searched whole, filtered and damaged,
// on arrays that end where their memory does.

#include <algorithm>
#include <cfloat>
#include <initializer_list>

#include "graph_build.h"
#include "graph_codes.h"
#include "graph_search.h"
#include "self_test.h"

namespace {

using mlite::CodeKind;
using mlite::CodeShape;
using mlite::GraphImage;
using mlite::GraphQuery;
using mlite::GraphShape;
using mlite::Metric;
using mlite::VectorType;
using self_test::Exact;
using self_test::Numbers;

constexpr size_t TOP_K = 10;

// Bit for bit, those that the header's formula gives, of rows in any number.
void code_costs(size_t dim, bool has_squares) {
  Numbers numbers(dim);
  const size_t stride = (dim + mlite::CODE_BLOCK - 1) / mlite::CODE_BLOCK * mlite::CODE_BLOCK;
  constexpr size_t ROWS = 7;
  Exact<uint8_t> codes(ROWS * stride);
  Exact<int8_t> query(stride);
  Exact<float> scales(ROWS);
  Exact<float> squares(ROWS);
  mlite::CodeProbe probe = {query.data(), 0, -0.37f, has_squares ? 3.25f : 0, scales.data(),
                            has_squares ? squares.data() : nullptr};
  for (size_t i = 0; i < stride; i++) {
    query[i] = static_cast<int8_t>(i < dim ? numbers.next() : 0);
    probe.sum += query[i];
  }
  for (size_t i = 0; i < ROWS * stride; i++) {
    codes[i] = static_cast<uint8_t>(i % stride < dim ? numbers.next() : 128);
  }
  for (size_t i = 0; i < ROWS; i++) {
    scales[i] = numbers.unit();
    squares[i] = numbers.unit();
  }
  // Beyond float32, either way.
  scales[3] = 3e38f;
  scales[5] = -3e38f;
  const uint32_t rows[ROWS] = {6, 0, 5, 5, 1, 3, 2};
  for (const char* name : {"scalar", "avx2", "avx512"}) {
    const mlite::GraphKernels* const kernels = mlite::graph_kernels_named(name);
    if (kernels == nullptr) continue;
    for (size_t count = 0; count <= ROWS; count++) {
      Exact<float> out(count + 1);
      out[count] = 42;
      kernels->costs(probe, {codes.data(), stride}, rows, count, out.data());
      CHECK(out[count] == 42);
      for (size_t r = 0; r < count; r++) {
        int32_t product = 0;
        for (size_t i = 0; i < dim; i++) product += query[i] * (codes[rows[r] * stride + i] - 128);
        float expected = probe.factor * scales[rows[r]] * static_cast<float>(product);
        if (has_squares) expected = probe.bias + squares[rows[r]] + expected;
        if (expected > FLT_MAX) expected = FLT_MAX;
        if (expected < -FLT_MAX) expected = -FLT_MAX;
        CHECK(out[r] == expected);
      }
    }
  }
}

// Every instruction set makes the same code of a vector, halves and zeros of both signs included.
void code_rounding(size_t dim) {
  Numbers numbers(dim + 1);
  Exact<float> vector(dim);
  for (size_t i = 0; i < dim; i++) vector[i] = numbers.unit() * 127;
  for (size_t i = 0; i < dim; i += 5) vector[i] = static_cast<float>(i % 120) + 0.5f;
  for (size_t i = 1; i < dim; i += 7) vector[i] = i % 2 == 0 ? -0.0f : -2.5f;
  Exact<int8_t> expected(dim);
  const mlite::GraphKernels& plain = *mlite::graph_kernels_named("scalar");
  for (const double factor : {1.0, 0.0, 0.9921875, 1e-300}) {
    const mlite::Rounded right = plain.round(vector.data(), dim, factor, expected.data());
    int32_t sum = 0;
    for (size_t i = 0; i < dim; i++) sum += expected[i];
    CHECK(right.sum == sum);
    for (const char* name : {"avx2", "avx512"}) {
      const mlite::GraphKernels* const kernels = mlite::graph_kernels_named(name);
      if (kernels == nullptr) continue;
      Exact<int8_t> out(dim);
      const mlite::Rounded rounded = kernels->round(vector.data(), dim, factor, out.data());
      CHECK(rounded.sum == right.sum && rounded.square == right.square);
      for (size_t i = 0; i < dim; i++) CHECK(out[i] == expected[i]);
      const float largest = kernels->largest(vector.data(), dim);
      CHECK(largest == plain.largest(vector.data(), dim));
    }
  }
}

void fill(const GraphShape& shape, size_t count, Numbers& numbers, uint8_t* out) {
  const size_t bytes = mlite::vector_stride(shape);
  for (size_t i = 0; i < count * bytes; i++) out[i] = static_cast<uint8_t>(numbers.next());
  for (size_t i = 0; i < count * shape.dim; i++) {
    const float value = numbers.unit();
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    if (shape.type == VectorType::Float32) std::memcpy(out + i * 4, &value, 4);
    // Both halves near one, with every sign.
    const uint16_t half = static_cast<uint16_t>((bits & 0x83ff) | 0x3c00);
    const bool is_half = shape.type == VectorType::Float16 || shape.type == VectorType::Bfloat16;
    if (is_half) std::memcpy(out + i * 2, &half, 2);
  }
}

struct Found {
  uint32_t rows[TOP_K];
  float scores[TOP_K];
  size_t count;
};

Found search(mlite::GraphSearcher& searcher, const uint8_t* query, const uint32_t* allowed,
             size_t allowed_count, size_t scan_rows_max) {
  Found found;
  const GraphQuery given = {query, TOP_K, 60, allowed, allowed_count, scan_rows_max};
  CHECK(searcher.search(given, found.rows, found.scores, &found.count));
  for (size_t i = 0; i < found.count; i++) {
    CHECK(allowed != nullptr || found.rows[i] < allowed_count);
    for (size_t j = 0; j < i; j++) CHECK(found.rows[i] != found.rows[j]);
    CHECK(allowed == nullptr || (allowed[found.rows[i] >> 5] >> (found.rows[i] & 31) & 1) != 0);
  }
  return found;
}

// Of an image that may be damaged: refused, or searched without harm.
bool is_harmless(uint8_t* bytes, size_t length, const uint8_t* vectors, size_t vector_bytes,
                 const uint32_t* allowed, size_t allowed_count) {
  GraphImage image;
  const char* reason = nullptr;
  if (!mlite::open_image(bytes, length, image, &reason)) return false;
  if (!mlite::check_image(image, &reason)) return false;
  // Of other vectors than these: the glue refuses it.
  if (mlite::vector_stride(image.shape) != vector_bytes) return false;
  mlite::GraphSearcher searcher;
  CHECK(searcher.open(image, vectors));
  search(searcher, vectors, nullptr, image.shape.row_count, 0);
  search(searcher, vectors, allowed, allowed_count, 0);
  return true;
}

// `OverVectors`: without codes, or built so where they are trained.
enum class Use { Plain, Disk, OverVectors };

// What is asked for from the disk changes nothing that a walk finds.
void walks_from_disk(const GraphImage& image, const uint8_t* vectors, const uint8_t* query) {
  mlite::Probe probe;
  CHECK(probe.open(image, vectors));
  probe.set_query(query);
  mlite::WalkSpace spaces[2];
  for (mlite::WalkSpace& space : spaces) {
    CHECK(space.open(image, 40, image.width()));
    space.is_from_disk = &space != spaces;
    mlite::walk({&image, 0}, probe, space, image.entry_row, 40);
  }
  CHECK(spaces[0].pool.size() == spaces[1].pool.size());
  for (size_t i = 0; i < spaces[0].pool.size(); i++) CHECK(spaces[0].pool[i] == spaces[1].pool[i]);
  mlite::DiskPages::want(vectors + 1, 1);
  mlite::DiskPages::want(nullptr, 1);
  mlite::DiskPages pages;
  pages.note_work();
  pages.note_work();
  CHECK(!pages.has_waited());
}

// Without codes a walk has the costs that rank its rows, of queries and of rows.
void costs_as_they_are(const GraphImage& image, const uint8_t* vectors, const uint8_t* query) {
  mlite::Probe probe;
  CHECK(probe.open(image, vectors));
  constexpr size_t COUNT = 7;
  const uint32_t rows[COUNT] = {0, 80, 85, 3, 51, 3, image.shape.row_count - 1};
  float walked[COUNT];
  float exact[COUNT];
  probe.set_query(query);
  probe.costs(rows, COUNT, walked);
  probe.exact_costs(rows, COUNT, exact);
  for (size_t i = 0; i < COUNT; i++) CHECK(walked[i] == exact[i]);
  for (const uint32_t row : rows) {
    probe.set_query(vectors + row * mlite::vector_stride(image.shape));
    probe.exact_costs(rows, COUNT, exact);
    probe.set_row(row, 0);
    probe.costs(rows, COUNT, walked);
    for (size_t i = 0; i < COUNT; i++) CHECK(walked[i] == exact[i]);
  }
}

// `code`: that of codes that are trained, or null.
void graph(VectorType type, Metric metric, uint32_t thread_count, const CodeShape* code,
           Use use = Use::Plain) {
  Numbers numbers(static_cast<uint64_t>(type) * 8 + static_cast<uint64_t>(metric));
  const uint32_t row_count = thread_count > 1 ? 3000 : 500;
  GraphShape shape = {type, metric, 24, row_count, 6, 40};
  shape.is_over_vectors = use == Use::OverVectors;
  if (code != nullptr) {
    shape.is_trained = true;
    shape.is_disk = use == Use::Disk;
    shape.code = *code;
    shape.code.metric = static_cast<uint32_t>(metric);
    shape.code.dim = shape.dim;
    shape.code = mlite::sized_for(shape.code, row_count);
  }
  const size_t bytes = mlite::vector_stride(shape);
  Exact<uint64_t> aligned((row_count + 1) * bytes / 8 + 1, 0);
  uint8_t* const vectors = reinterpret_cast<uint8_t*>(aligned.data());
  fill(shape, row_count + 1, numbers, vectors);
  // Equal rows, and rows of zeros.
  for (size_t row = 50; row < 70; row++) std::memcpy(vectors + row * bytes, vectors, bytes);
  std::memset(vectors + 80 * bytes, 0, 10 * bytes);

  mlite::GraphPlan plan;
  CHECK(mlite::plan_graph(shape, vectors, plan));
  CHECK(plan.counts.twin_count >= 29);
  const size_t length = mlite::lay_out(shape, plan.counts, nullptr).byte_length;
  Exact<uint64_t> memory(length / 8, 0);
  uint8_t* const image_bytes = reinterpret_cast<uint8_t*>(memory.data());
  mlite::BuildControl control;
  control.rows_done = 0;
  control.is_cancelled = 0;
  CHECK(mlite::build_graph(shape, plan, vectors, image_bytes, thread_count, control) ==
        mlite::BuildEnd::Done);
  CHECK(control.rows_done == static_cast<int32_t>(row_count));

  GraphImage image;
  const char* reason = nullptr;
  CHECK(mlite::open_image(image_bytes, length, image, &reason));
  CHECK(mlite::check_image(image, &reason));
  CHECK(image.shape.is_disk == shape.is_disk);
  const bool has_no_codes = use == Use::OverVectors && code == nullptr;
  CHECK(image.shape.is_over_vectors == has_no_codes);
  CHECK((image.codes.stride == 0) == (has_no_codes || type == VectorType::Binary));
  mlite::GraphSearcher searcher;
  CHECK(searcher.open(image, vectors));
  if (use == Use::Disk) walks_from_disk(image, vectors, vectors);
  Exact<uint32_t> allowed((row_count + 31) / 32);
  size_t allowed_count = 0;
  for (size_t word = 0; word * 32 < row_count; word++) allowed[word] = 0;
  for (uint32_t row = 0; row < row_count; row += 3, allowed_count++) {
    allowed[row >> 5] |= 1u << (row & 31);
  }
  size_t right = 0;
  for (size_t q = 0; q < 20; q++) {
    const uint8_t* const query = vectors + (row_count - q) * bytes;
    const Found exact = search(searcher, query, nullptr, row_count, row_count);
    const Found walked = search(searcher, query, nullptr, row_count, 0);
    CHECK(exact.count == TOP_K && walked.count == TOP_K);
    CHECK(search(searcher, query, allowed.data(), allowed_count, 0).count == TOP_K);
    for (const uint32_t row : walked.rows) {
      right += std::count(exact.rows, exact.rows + TOP_K, row) > 0 ? 1 : 0;
    }
  }
  // Bits have many ties, of which either may be found; what coarse codes find is another test's.
  const size_t least = type == VectorType::Binary ? 100 : 170;
  CHECK((code != nullptr && use != Use::Disk) || right >= least);
  if (has_no_codes) costs_as_they_are(image, vectors, vectors + row_count * bytes);

  if (use == Use::Disk) {
    // What the disk gives back another time need not be what was checked.
    mlite::Link* const links = image.list(image.entry_row);
    const uint32_t first = links[0].exchange(row_count);
    for (size_t q = 0; q < 3; q++) {
      search(searcher, vectors + q * bytes, nullptr, row_count, 0);
      search(searcher, vectors + q * bytes, allowed.data(), allowed_count, 0);
    }
    links[0].store(first);
  }
  if (thread_count > 1) return;
  for (size_t at = 0; at < length; at += at < 256 ? 1 : 61) {
    image_bytes[at] ^= 0x91;
    is_harmless(image_bytes, length, vectors, bytes, allowed.data(), allowed_count);
    image_bytes[at] ^= 0x91;
  }
  CHECK(is_harmless(image_bytes, length, vectors, bytes, allowed.data(), allowed_count));
  CHECK(!is_harmless(image_bytes, length - 64, vectors, bytes, allowed.data(), allowed_count));
  // A mapped image may change after it was checked, and while it is open.
  for (const size_t share : {1000, 100, 10, 3, 1, 1}) {
    self_test::scribble(numbers, image_bytes, length, share);
    for (size_t q = 0; q < 20; q++) {
      const uint8_t* const query = vectors + (row_count - q) * bytes;
      for (const size_t scan_rows_max : {size_t{0}, size_t{row_count}, mlite::SCAN_BY_COST}) {
        search(searcher, query, nullptr, row_count, scan_rows_max);
        search(searcher, query, allowed.data(), allowed_count, scan_rows_max);
      }
    }
  }
}

void run() {
  for (size_t dim : {1, 7, 63, 64, 65, 128, 200, 384}) {
    code_costs(dim, false);
    code_costs(dim, true);
    code_rounding(dim);
  }
  for (uint32_t type = 0; type <= static_cast<uint32_t>(VectorType::Binary); type++) {
    for (uint32_t metric = 0; metric <= static_cast<uint32_t>(Metric::Jaccard); metric++) {
      const VectorType vector_type = static_cast<VectorType>(type);
      const Metric vector_metric = static_cast<Metric>(metric);
      if (!mlite::has_metric(vector_type, vector_metric)) continue;
      graph(vector_type, vector_metric, 1, nullptr);
      graph(vector_type, vector_metric, 4, nullptr);
      if (vector_type == VectorType::Int8 || vector_type == VectorType::Binary) continue;
      graph(vector_type, vector_metric, 1, nullptr, Use::OverVectors);
      graph(vector_type, vector_metric, 4, nullptr, Use::OverVectors);
    }
  }
  const CodeShape codes[] = {{CodeKind::Sq8, 0, 0, 1, 1, 0, 0, 0},
                             {CodeKind::Sq6, 0, 0, 1, 1, 0, 0, 0},
                             {CodeKind::Sq4u, 0, 0, 1, 1, 0, 0, 0},
                             {CodeKind::Fp16, 0, 0, 1, 1, 0, 0, 0},
                             {CodeKind::Product, 0, 0, 6, 1, 4, 0, 0},
                             {CodeKind::Product, 0, 0, 12, 1, 9, 0, 0},
                             {CodeKind::ResidualProduct, 0, 0, 3, 2, 5, 0, 0}};
  for (const CodeShape& code : codes) {
    graph(VectorType::Float32, Metric::L2, 1, &code);
    graph(VectorType::Float16, Metric::Cosine, 4, &code);
    graph(VectorType::Int8, Metric::Ip, 1, &code);
    graph(VectorType::Bfloat16, Metric::Cosine, 1, &code, Use::OverVectors);
  }
  const CodeShape disk_codes[] = {{CodeKind::Sq8, 0, 0, 1, 1, 0, 0, 0},
                                  {CodeKind::Product, 0, 0, 12, 1, 8, 0, 0}};
  for (const CodeShape& code : disk_codes) {
    graph(VectorType::Float32, Metric::L2, 1, &code, Use::Disk);
    graph(VectorType::Float16, Metric::Cosine, 4, &code, Use::Disk);
    graph(VectorType::Bfloat16, Metric::Ip, 4, &code, Use::Disk);
  }
}

const self_test::Part part("graphs", run);

}  // namespace
