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
  const uint32_t rows[ROWS] = {5, 0, 4, 4, 1, 3};
  for (const char* name : {"scalar", "avx2", "avx512"}) {
    const mlite::PlaneKernels* const kernels = mlite::plane_kernels_named(name);
    if (kernels == nullptr) continue;
    for (size_t turn = 0; turn < 2 * (ROWS + 1); turn++) {
      const size_t count = turn / 2;
      const bool is_wide = turn % 2 == 0;
      const mlite::PlaneQuery query = {is_wide ? high.data() : nullptr, low.data(), blocks, bits};
      Exact<int64_t> out(count + 1);
      for (const uint32_t* order : {static_cast<const uint32_t*>(nullptr), rows}) {
        kernels->products(query, {packed.data(), stride}, order, count, out.data());
        for (size_t r = 0; r < count; r++) {
          const size_t row = order == nullptr ? r : order[r];
          int64_t expected = 0;
          for (size_t i = 0; i < dim; i++) {
            expected += (int64_t{is_wide ? high[i] : 0} * 256 + low[i]) * values[row * dim + i];
          }
          CHECK(out[r] == expected);
        }
      }
    }
  }
}

void weights(size_t dim, float most) {
  Numbers numbers(dim);
  Exact<float> vector(dim);
  for (size_t i = 0; i < dim; i++) vector[i] = numbers.unit() * 4;
  for (const char* name : {"scalar", "avx2", "avx512"}) {
    const mlite::PlaneKernels* const kernels = mlite::plane_kernels_named(name);
    if (kernels == nullptr) continue;
    const float largest = kernels->largest(vector.data(), dim);
    float expected_largest = 0;
    for (size_t i = 0; i < dim; i++) {
      const float size = vector[i] < 0 ? -vector[i] : vector[i];
      if (size > expected_largest) expected_largest = size;
    }
    CHECK(largest == expected_largest);
    Exact<int8_t> high(dim);
    Exact<int8_t> low(dim);
    for (bool is_odd : {false, true}) {
      int8_t* const upper = most > 127 ? high.data() : nullptr;
      const int32_t limit = static_cast<int32_t>(most);
      const float factor = most / largest;
      const int32_t total =
          is_odd ? kernels->weigh_odd(vector.data(), dim, factor, limit, upper, low.data())
                 : kernels->weigh(vector.data(), dim, factor, upper, low.data());
      int32_t sum = 0;
      for (size_t i = 0; i < dim; i++) {
        const int32_t weight = (upper == nullptr ? 0 : upper[i] * 256) + low[i];
        const float away = static_cast<float>(weight) - vector[i] * factor;
        CHECK((away < 0 ? -away : away) <= (is_odd ? 1.001f : 0.501f));
        CHECK(!is_odd || weight % 2 != 0);
        CHECK(weight <= limit && weight >= -limit);
        sum += weight;
      }
      CHECK(sum == total);
    }
  }
}

void run() {
  for (size_t dim : {1, 2, 15, 16, 17, 384}) {
    for (float most : {1.0f, 15.0f, 127.0f, 255.0f}) weights(dim, most);
  }
  for (uint32_t bits = 1; bits <= 9; bits++) {
    for (size_t dim : {1, 2, 63, 64, 65, 130, 384}) planes(bits, dim);
  }
}

const self_test::Part part("planes", run);

}  // namespace
