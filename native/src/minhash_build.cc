#include "minhash_build.h"

#include <algorithm>

#include "graph_thread.h"

namespace mlite {

namespace {

// Rows between two looks at whether the build was cancelled.
constexpr uint32_t ROWS_AT_ONCE = 4096;
constexpr uint32_t THREADS_MAX = 64;

struct TableBuild {
  const TableImage* image;
  const uint8_t* vectors;
  BuildControl* control;
  std::atomic<uint32_t> next_band{0};
  // Rows hashed, of every band.
  std::atomic<uint64_t> hashed{0};
  std::atomic<bool> is_out_of_memory{false};

  bool is_over() const { return control->is_cancelled != 0 || is_out_of_memory; }
};

// False when the build ended on the way.
bool hash_rows(TableBuild& build, uint32_t band, uint32_t* hashes) {
  const TableShape& shape = build.image->shape;
  const size_t band_bytes = shape.band_bytes();
  const uint8_t* const first = build.vectors + band * band_bytes;
  for (uint32_t start = 0; start < shape.row_count; start += ROWS_AT_ONCE) {
    if (build.is_over()) return false;
    const uint32_t end = std::min(shape.row_count, start + ROWS_AT_ONCE);
    for (uint32_t row = start; row < end; row++) {
      hashes[row] = band_hash(first + row * shape.vector_bytes(), band_bytes, band);
    }
    const uint64_t hashed = build.hashed.fetch_add(end - start) + (end - start);
    build.control->rows_done = static_cast<int32_t>(hashed / shape.band_count);
  }
  return true;
}

void place_rows(const TableImage& image, uint32_t band, const uint32_t* hashes, uint32_t* next) {
  const TableShape& shape = image.shape;
  uint32_t* const starts = image.starts_of(band);
  TableEntry* const entries = image.entries_of(band);
  for (uint32_t row = 0; row < shape.row_count; row++) starts[shape.bucket(hashes[row]) + 1]++;
  for (size_t bucket = 0; bucket < shape.bucket_count(); bucket++) {
    starts[bucket + 1] += starts[bucket];
  }
  std::copy_n(starts, shape.bucket_count(), next);
  for (uint32_t row = 0; row < shape.row_count; row++) {
    entries[next[shape.bucket(hashes[row])]++] = {hashes[row], row};
  }
}

void fill_filter(const TableImage& image, uint32_t band) {
  const Filter filter = image.filter(band);
  const TableEntry* const entries = image.entries_of(band);
  for (uint32_t i = 0; i < image.shape.row_count; i++) filter.add(entries[i].hash);
}

// Band after band, until none is left.
void make_tables(void* context) {
  TableBuild& build = *static_cast<TableBuild*>(context);
  const TableImage& image = *build.image;
  Array<uint32_t> hashes;
  Array<uint32_t> next;
  if (!hashes.resize(image.shape.row_count) || !next.resize(image.shape.bucket_count())) {
    build.is_out_of_memory = true;
    return;
  }
  while (true) {
    const uint32_t band = build.next_band.fetch_add(1);
    if (band >= image.shape.band_count || !hash_rows(build, band, hashes.data())) return;
    place_rows(image, band, hashes.data(), next.data());
    const bool has_own_filter = image.shape.filter_count == image.shape.band_count;
    if (has_own_filter) fill_filter(image, band);
  }
}

}  // namespace

BuildEnd build_tables(const TableImage& image, const uint8_t* vectors, uint32_t thread_count,
                      BuildControl& control) {
  const TableShape& shape = image.shape;
  TableBuild build;
  build.image = &image;
  build.vectors = vectors;
  build.control = &control;
  {
    Thread threads[THREADS_MAX];
    const uint32_t count = std::min({thread_count, THREADS_MAX, shape.band_count});
    for (uint32_t i = 1; i < count; i++) {
      if (!threads[i].start(make_tables, &build)) break;
    }
    make_tables(&build);
  }
  const bool is_filter_shared = shape.filter_count == 1 && shape.band_count > 1;
  for (uint32_t band = 0; is_filter_shared && band < shape.band_count; band++) {
    if (build.is_over()) break;
    fill_filter(image, band);
  }
  if (build.is_out_of_memory) return BuildEnd::NoMemory;
  if (control.is_cancelled != 0) return BuildEnd::Cancelled;
  control.rows_done = static_cast<int32_t>(shape.row_count);
  return BuildEnd::Done;
}

}  // namespace mlite
