// Planes of every number of bits: packed, unpacked, and multiplied alike by every instruction set.

#include <initializer_list>

#include "plane_kernels.h"
#include "self_test.h"

namespace {

using self_test::Exact;
using self_test::Numbers;

void planes(uint32_t bits, size_t dim) {
  Numbers numbers(bits * 1000 + dim);
  constexpr size_t ROWS = 6;
  const size_t stride = mlite::plane_bytes(bits, dim);
  const size_t blocks = (dim + mlite::PLANE_BLOCK - 1) / mlite::PLANE_BLOCK;
  Exact<uint8_t> packed(ROWS * stride);
  Exact<uint32_t> values(ROWS * dim);
  Exact<uint32_t> unpacked(dim);
  Exact<int8_t> high(blocks * mlite::PLANE_BLOCK);
  Exact<int8_t> low(blocks * mlite::PLANE_BLOCK);
  for (size_t i = 0; i < blocks * mlite::PLANE_BLOCK; i++) {
    high[i] = static_cast<int8_t>(i < dim ? numbers.next() : 0);
    low[i] = static_cast<int8_t>(i < dim ? numbers.next() : 0);
  }
  for (size_t row = 0; row < ROWS; row++) {
    for (size_t i = 0; i < dim; i++) values[row * dim + i] = numbers.next() & ((1u << bits) - 1);
    mlite::pack_planes(&values[row * dim], dim, bits, &packed[row * stride]);
    mlite::unpack_planes(&packed[row * stride], dim, bits, unpacked.data());
    for (size_t i = 0; i < dim; i++) CHECK(unpacked[i] == values[row * dim + i]);
  }
  const mlite::PlaneQuery query = {high.data(), low.data(), blocks, bits};
  const uint32_t rows[ROWS] = {5, 0, 4, 4, 1, 3};
  for (const char* name : {"scalar", "avx2", "avx512"}) {
    const mlite::PlaneProducts products = mlite::plane_products_named(name);
    if (products == nullptr) continue;
    for (size_t count = 0; count <= ROWS; count++) {
      Exact<int64_t> out(count + 1);
      for (const uint32_t* order : {static_cast<const uint32_t*>(nullptr), rows}) {
        products(query, {packed.data(), stride}, order, count, out.data());
        for (size_t r = 0; r < count; r++) {
          const size_t row = order == nullptr ? r : order[r];
          int64_t expected = 0;
          for (size_t i = 0; i < dim; i++) {
            expected += (int64_t{high[i]} * 256 + low[i]) * values[row * dim + i];
          }
          CHECK(out[r] == expected);
        }
      }
    }
  }
}

void run() {
  for (uint32_t bits = 1; bits <= 9; bits++) {
    for (size_t dim : {1, 2, 63, 64, 65, 130, 384}) planes(bits, dim);
  }
}

const self_test::Part part("planes", run);

}  // namespace
