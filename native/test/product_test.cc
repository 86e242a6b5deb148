// Kernels of product codes: every instruction set gives the bits of the plain one.

#include <initializer_list>
#include <limits>

#include "product_kernels.h"
#include "self_test.h"

namespace {

using mlite::product_kernels_named;
using self_test::Exact;
using self_test::Numbers;

void entries_of(size_t dim, size_t count) {
  Numbers numbers(dim * 1000 + count);
  const size_t room = (count + 15) / 16 * 16;
  Exact<float> values(dim * room);
  Exact<float> vector(dim);
  for (size_t i = 0; i < dim * room; i++) values[i] = numbers.unit();
  const mlite::Entries entries = {values.data(), dim, room, count};
  for (size_t turn = 0; turn < 4; turn++) {
    for (size_t d = 0; d < dim; d++) {
      vector[d] = turn == 0 ? values[d * room + count - 1] : numbers.unit();
      if (turn == 3) vector[d] = std::numeric_limits<float>::max();
    }
    // Two entries that are equal: the first is taken.
    if (turn == 1 && count > 20) {
      for (size_t d = 0; d < dim; d++) values[d * room + 19] = values[d * room + 2] = vector[d];
    }
    const mlite::Nearest expected =
        product_kernels_named("scalar")->nearest(vector.data(), entries);
    CHECK(expected.entry < count);
    if (turn == 0) CHECK(expected.cost == 0);
    if (turn == 1 && count > 20) CHECK(expected.entry == 2);
    for (const char* name : {"avx2", "avx512"}) {
      const mlite::ProductKernels* const kernels = product_kernels_named(name);
      if (kernels == nullptr) continue;
      const mlite::Nearest found = kernels->nearest(vector.data(), entries);
      CHECK(found.entry == expected.entry);
      CHECK(std::memcmp(&found.cost, &expected.cost, 4) == 0);
      Exact<float> plain(room);
      Exact<float> wide(room);
      product_kernels_named("scalar")->table(vector.data(), entries, plain.data());
      kernels->table(vector.data(), entries, wide.data());
      CHECK(std::memcmp(plain.data(), wide.data(), room * 4) == 0);
    }
  }
}

void blocks(size_t parts, bool is_largest) {
  Numbers numbers(parts);
  Exact<uint8_t> table(parts * 16);
  Exact<uint8_t> codes(parts * 16);
  for (size_t i = 0; i < parts * 16; i++) {
    table[i] = static_cast<uint8_t>(is_largest ? 255 : numbers.next());
    codes[i] = static_cast<uint8_t>(numbers.next());
  }
  uint32_t expected[mlite::ROW_BLOCK] = {};
  for (size_t part = 0; part < parts; part++) {
    for (size_t r = 0; r < mlite::ROW_BLOCK; r++) {
      const uint8_t code = static_cast<uint8_t>(codes[part * 16 + r % 16] >> (r < 16 ? 0 : 4));
      expected[r] += table[part * 16 + (code & 15)];
    }
  }
  for (const char* name : {"scalar", "avx2", "avx512"}) {
    const mlite::ProductKernels* const kernels = product_kernels_named(name);
    if (kernels == nullptr) continue;
    Exact<uint32_t> sums(mlite::ROW_BLOCK);
    kernels->block_sums(table.data(), codes.data(), parts, sums.data());
    CHECK(std::memcmp(sums.data(), expected, sizeof(expected)) == 0);
  }
}

void run() {
  for (size_t dim : {1, 2, 8, 13}) {
    for (size_t count : {1, 2, 15, 16, 17, 64, 100, 256}) entries_of(dim, count);
  }
  for (size_t parts : {4, 8, 192, 256, 260, 512, 516, 1024, 1028, 4096, 16384}) {
    blocks(parts, false);
    blocks(parts, true);
  }
}

const self_test::Part part("products", run);

}  // namespace
