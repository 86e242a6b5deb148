// Scans by codes over arrays that end where their memory does, against scans without.

#include "flat_image.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <vector>

#include "self_test.h"

namespace {

using self_test::Exact;
using self_test::Numbers;
using namespace mlite;

// As src/index/flat-image.ts writes it.
size_t image_bytes(const ScanShape& shape, size_t rows) {
  const size_t padded = (rows + PANEL_ROWS - 1) / PANEL_ROWS * PANEL_ROWS;
  return 64 + padded * (flat_stride(shape.dim) + (shape.metric == Metric::L2 ? 16 : 12));
}

void write_image(const ScanShape& shape, const float* vectors, size_t rows, uint8_t* image) {
  const size_t stride = flat_stride(shape.dim);
  const size_t padded = (rows + PANEL_ROWS - 1) / PANEL_ROWS * PANEL_ROWS;
  const uint32_t words[] = {1,
                            64,
                            static_cast<uint32_t>(shape.type),
                            static_cast<uint32_t>(shape.metric),
                            static_cast<uint32_t>(shape.dim),
                            static_cast<uint32_t>(rows),
                            static_cast<uint32_t>(stride),
                            0};
  const uint64_t length = image_bytes(shape, rows);
  std::memset(image, 0, length);
  std::memcpy(image, "MLFLAT\n", 8);
  std::memcpy(image + 8, words, sizeof(words));
  std::memcpy(image + 40, &length, 8);
  std::memset(image + 64, 128, padded * stride);
  float* const numbers = reinterpret_cast<float*>(image + 64 + padded * stride);
  for (size_t row = 0; row < rows; row++) {
    const float* const vector = vectors + row * shape.dim;
    double square = 0;
    float largest = 0;
    for (size_t i = 0; i < shape.dim; i++) {
      square += static_cast<double>(vector[i]) * vector[i];
      largest = std::max(largest, std::fabs(vector[i]));
    }
    if (square == 0) continue;
    const double unit = shape.metric == Metric::Cosine ? 1 / std::sqrt(square) : 1;
    const float scale = static_cast<float>(largest * unit / 127);
    double error = 0;
    double decoded = 0;
    for (size_t i = 0; i < shape.dim; i++) {
      const double code = std::nearbyint(vector[i] * unit / scale);
      const size_t group = i / PANEL_ELEMENTS * PANEL_ROWS * PANEL_ELEMENTS;
      image[64 + row / PANEL_ROWS * PANEL_ROWS * stride + group +
            row % PANEL_ROWS * PANEL_ELEMENTS + i % PANEL_ELEMENTS] =
          static_cast<uint8_t>(code + 128);
      error += (vector[i] * unit - scale * code) * (vector[i] * unit - scale * code);
      decoded += scale * code * scale * code;
    }
    const double up = 1 + 0x1p-20;
    numbers[row] = scale;
    numbers[padded + row] = static_cast<float>(std::sqrt(error) * up);
    numbers[padded * 2 + row] =
        static_cast<float>((std::sqrt(decoded) + std::sqrt(error) * up) * up);
    if (shape.metric == Metric::L2) {
      numbers[padded * 3 + row] = static_cast<float>(square / 2 * (1 - 0x1p-20));
    }
  }
}

void run(Scan& scan, const ScanShape& shape, const ScanData& data) {
  CHECK(scan.open(shape));
  while (!scan.is_done()) CHECK(scan.step(data));
}

void check_scan(Metric metric, size_t dim, size_t rows, size_t queries) {
  Numbers numbers(dim * rows);
  Exact<float> vectors(rows * dim);
  Exact<float> asked(queries * dim);
  for (size_t i = 0; i < rows * dim; i++) vectors[i] = numbers.unit();
  for (size_t i = 0; i < queries * dim; i++) asked[i] = numbers.unit();
  std::memset(vectors.data(), 0, dim * 4);
  Exact<uint32_t> allowed((rows + 31) / 32);
  for (size_t i = 0; i < (rows + 31) / 32; i++) {
    allowed[i] = numbers.next() ^ (numbers.next() << 16);
  }
  const ScanShape shape = {VectorType::Float32, metric, dim, 0, rows, queries, 5, 256};
  const size_t length = image_bytes(shape, rows);
  Exact<uint8_t> image(length, 4);
  write_image(shape, vectors.data(), rows, image.data());
  FlatCodes codes;
  CHECK(read_flat_codes(image.data(), length, shape, &codes));
  CHECK(!read_flat_codes(image.data(), length - 1, shape, &codes));
  CHECK(read_flat_codes(image.data(), length, shape, &codes));
  for (const uint32_t* mask : {static_cast<const uint32_t*>(nullptr),
                               static_cast<const uint32_t*>(allowed.data())}) {
    Scan plain;
    Scan coded;
    run(plain, shape, {vectors.data(), mask, asked.data()});
    run(coded, shape, {vectors.data(), mask, asked.data(), &codes});
    CHECK(plain.hit_count() == coded.hit_count());
    const size_t bytes = plain.hit_count() * 4;
    CHECK(bytes == 0 || std::memcmp(plain.rows(), coded.rows(), bytes) == 0);
    CHECK(bytes == 0 || std::memcmp(plain.scores(), coded.scores(), bytes) == 0);
  }
  // Rows that codes call near or far at random: other hits, and nothing but the image is read.
  for (size_t at = 64; at < length; at++) image[at] = static_cast<uint8_t>(numbers.next());
  Scan damaged;
  run(damaged, shape, {vectors.data(), nullptr, asked.data(), &codes});
  for (size_t i = 0; i < damaged.hit_count(); i++) CHECK(damaged.rows()[i] < rows);
}

// Masks of every instruction set: those of sums and bounds in float64, where these are not close.
void check_masks(const char* name) {
  const PanelMasks masks_of = panel_masks_named(name);
  if (masks_of == nullptr) return;
  for (size_t dim : {1, 4, 13, 16, 20, 64, 100}) {
    for (size_t query_count : {1, 3, 4, 9}) {
      Numbers numbers(dim + query_count);
      const size_t stride = flat_stride(dim);
      constexpr size_t PANELS = 6;
      constexpr size_t ROWS = PANELS * PANEL_ROWS;
      Exact<uint8_t> codes(ROWS * stride);
      Exact<float> floats(ROWS * 4);
      Exact<int8_t> values(query_count * stride);
      std::vector<FlatQuery> queries(query_count);
      for (size_t i = 0; i < ROWS * stride; i++) codes[i] = static_cast<uint8_t>(numbers.next());
      for (size_t i = 0; i < ROWS * 4; i++) floats[i] = std::fabs(numbers.unit());
      for (size_t q = 0; q < query_count; q++) {
        int32_t sum = 0;
        for (size_t i = 0; i < stride; i++) {
          values[q * stride + i] = static_cast<int8_t>(numbers.below(255)) ;
          sum += values[q * stride + i];
        }
        queries[q] = {values.data() + q * stride, sum * 128, 0.25f, 2, 3, 1};
      }
      const float* const f = floats.data();
      for (const float* halves : {static_cast<const float*>(nullptr), f + ROWS * 3}) {
        const CodePanels panels = {codes.data(), stride, f, f + ROWS, f + ROWS * 2, halves, PANELS};
        Exact<uint16_t> out(query_count * PANELS);
        masks_of(panels, queries.data(), query_count, out.data());
        for (size_t q = 0; q < query_count; q++) {
          for (size_t row = 0; row < ROWS; row++) {
            double product = 0;
            for (size_t i = 0; i < stride; i++) {
              const size_t at = row / PANEL_ROWS * PANEL_ROWS * stride +
                                i / PANEL_ELEMENTS * PANEL_ROWS * PANEL_ELEMENTS +
                                row % PANEL_ROWS * PANEL_ELEMENTS + i % PANEL_ELEMENTS;
              product += (static_cast<double>(codes[at]) - 128) * values[q * stride + i];
            }
            const double most = 0.25 * f[row] * product + 2.0 * f[ROWS + row] +
                                3.0 * f[ROWS * 2 + row] - (halves == nullptr ? 0.0 : halves[row]);
            const bool stays = (out[q * PANELS + row / PANEL_ROWS] >> row % PANEL_ROWS & 1) != 0;
            if (std::fabs(most - 1) > 1e-3 * (1 + std::fabs(most))) CHECK(stays == (most >= 1));
          }
        }
      }
    }
  }
}

void flat() {
  for (const char* name : {"scalar", "avx2", "avx512"}) check_masks(name);
  for (const Metric metric : {Metric::L2, Metric::Ip, Metric::Cosine}) {
    for (size_t dim : {1, 3, 16, 37, 130}) {
      check_scan(metric, dim, 1, 1);
      check_scan(metric, dim, 47, 5);
      check_scan(metric, dim, 700, 9);
    }
  }
}

const self_test::Part part("flat", flat);

}  // namespace
