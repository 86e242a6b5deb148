// Tables of signatures: built by several threads, searched whole, filtered and damaged, on arrays
// that end where their memory does.

#include "minhash_build.h"
#include "minhash_search.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "self_test.h"

namespace {

using self_test::Exact;
using self_test::Numbers;
using namespace mlite;

constexpr uint32_t ROWS = 300;

// Memory for an image, of zeros and aligned as images are.
struct ImageMemory {
  Exact<uint64_t> words;
  size_t length;

  explicit ImageMemory(size_t byte_length) : words(byte_length / 8, 0), length(byte_length) {
    std::memset(words.data(), 0, byte_length);
  }
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(words.data()); }
};

TableImage build(const TableShape& shape, const uint8_t* vectors, uint32_t threads,
                 ImageMemory& memory) {
  BuildControl control;
  control.rows_done = 0;
  control.is_cancelled = 0;
  const TableImage image = lay_out(shape, memory.bytes());
  CHECK(build_tables(image, vectors, threads, control) == BuildEnd::Done);
  CHECK(control.rows_done == static_cast<int32_t>(shape.row_count));
  return image;
}

bool is_match(const TableShape& shape, const uint8_t* query, const uint8_t* row) {
  return shares_band(query, row, shape.band_bytes(), shape.band_count);
}

struct Found {
  std::vector<uint32_t> rows;
  std::vector<float> scores;
};

Found search(TableSearcher& searcher, const TableQuery& query) {
  Exact<uint32_t> rows(query.top_k);
  Exact<float> scores(query.top_k);
  size_t count = 0;
  CHECK(searcher.search(query, rows.data(), scores.data(), &count));
  CHECK(count <= query.top_k);
  return {{rows.data(), rows.data() + count}, {scores.data(), scores.data() + count}};
}

// Of tables that may be damaged: refused, or searched without harm and without a wrong hit.
void expect_harmless(const TableImage& image, const uint8_t* vectors, const uint32_t* allowed) {
  const char* reason = nullptr;
  if (!check_tables(image, &reason)) {
    CHECK(reason != nullptr);
    return;
  }
  TableSearcher searcher;
  CHECK(searcher.open(image, vectors));
  const Found found = search(searcher, {vectors, ROWS, ROWS, false, allowed});
  for (size_t i = 0; i < found.rows.size(); i++) {
    const uint8_t* row = vectors + found.rows[i] * image.shape.vector_bytes();
    CHECK(is_match(image.shape, vectors, row));
    CHECK(i == 0 || found.rows[i - 1] < found.rows[i]);
  }
}

void tables(uint32_t element_bytes, uint32_t elements, uint32_t bands, uint32_t filter_count) {
  const TableShape shape = {element_bytes * elements * 8, element_bytes, bands, ROWS, 6,
                            filter_count, filter_count == 0 ? 0u : 3u, filter_count == 0 ? 0u : 5u};
  CHECK(is_table_shape(shape));
  Numbers numbers(shape.dim + bands);
  const size_t bytes = shape.vector_bytes();
  Exact<uint8_t> vectors(ROWS * bytes);
  for (size_t i = 0; i < ROWS * bytes; i++) vectors[i] = static_cast<uint8_t>(numbers.below(2));
  Exact<uint32_t> allowed((ROWS + 31) / 32);
  for (size_t i = 0; i < (ROWS + 31) / 32; i++) allowed[i] = 0x55555555u;

  const size_t length = lay_out(shape, nullptr).byte_length;
  ImageMemory memory(length);
  ImageMemory other(length);
  const TableImage image = build(shape, vectors.data(), 1, memory);
  build(shape, vectors.data(), 4, other);
  CHECK(std::memcmp(memory.bytes(), other.bytes(), length) == 0);
  const char* reason = nullptr;
  CHECK(check_tables(image, &reason));
  TableSearcher searcher;
  CHECK(searcher.open(image, vectors.data()));
  for (uint32_t row = 0; row < ROWS; row += 37) {
    const uint8_t* query = vectors.data() + row * bytes;
    const Found all = search(searcher, {query, ROWS, ROWS, false, nullptr});
    size_t next = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
      const bool is_found = next < all.rows.size() && all.rows[next] == r;
      CHECK(is_found == is_match(shape, query, vectors.data() + r * bytes));
      next += is_found ? 1 : 0;
    }
    for (uint32_t found : search(searcher, {query, ROWS, ROWS, false, allowed.data()}).rows) {
      CHECK(found % 2 == 0);
    }
    const Found best = search(searcher, {query, 5, ROWS, true, nullptr});
    CHECK(best.scores[0] == 1.0f && std::is_sorted(best.scores.rbegin(), best.scores.rend()));
    const Found first = search(searcher, {query, 5, 5, true, nullptr});
    CHECK(first.rows.size() == best.rows.size() && first.scores[0] <= best.scores[0]);
  }
  for (size_t at = 128; at < length; at += at < 1500 ? 1 : 41) {
    memory.bytes()[at] ^= 0x91;
    expect_harmless(image, vectors.data(), nullptr);
    expect_harmless(image, vectors.data(), allowed.data());
    memory.bytes()[at] ^= 0x91;
  }
  // A mapped image may change after it was checked, and while it is open.
  for (const size_t share : {1000, 100, 10, 3, 1, 1}) {
    self_test::scribble(numbers, memory.bytes(), length, share);
    for (uint32_t row = 0; row < ROWS; row += 7) {
      const uint8_t* query = vectors.data() + row * bytes;
      for (uint32_t found : search(searcher, {query, ROWS, ROWS, true, allowed.data()}).rows) {
        CHECK(found < ROWS);
      }
      search(searcher, {query, 5, 5, false, nullptr});
    }
  }
}

void cancelled() {
  const TableShape shape = {64, 1, 8, ROWS, 6, 8, 3, 5};
  Exact<uint8_t> vectors(ROWS * 8);
  std::memset(vectors.data(), 0, ROWS * 8);
  ImageMemory memory(lay_out(shape, nullptr).byte_length);
  BuildControl control;
  control.rows_done = 0;
  control.is_cancelled = 1;
  const TableImage image = lay_out(shape, memory.bytes());
  CHECK(build_tables(image, vectors.data(), 2, control) == BuildEnd::Cancelled);
}

void hashes() {
  const uint8_t text[] = {'t', 'e', 's', 't'};
  CHECK(band_hash(text, 4, 0) == 0xba6bd213u);
  const uint8_t odd[] = {0x21, 0x43, 0x65};
  CHECK(band_hash(odd, 3, 0) == 0x7e4a8634u && band_hash(odd, 1, 0) == 0x72661cf4u);
}

void run() {
  hashes();
  cancelled();
  for (uint32_t element_bytes : {1, 2, 4, 5}) {
    for (uint32_t bands : {1, 3, 7}) {
      tables(element_bytes, 7, bands, 0);
      tables(element_bytes, 7, bands, 1);
      tables(element_bytes, 7, bands, bands);
    }
  }
  CHECK(!is_table_shape({64, 1, 9, ROWS, 6, 0, 0, 0}));
  CHECK(!is_table_shape({64, 3, 1, ROWS, 6, 0, 0, 0}));
  CHECK(!is_table_shape({64, 1, 4, ROWS, 6, 2, 1, 1}));
  CHECK(!is_table_shape({64, 1, 4, ROWS, 29, 0, 0, 0}));
}

const self_test::Part part("tables of signatures", run);

}  // namespace
