// Arithmetic of every instruction set against one operation after the other.

#include "transform_kernels.h"

#include <initializer_list>
#include <limits>

#include "kernels.h"
#include "self_test.h"

namespace {

using self_test::Exact;
using self_test::Numbers;

constexpr int64_t LEAST = std::numeric_limits<int64_t>::min();
constexpr int64_t MOST = std::numeric_limits<int64_t>::max();
constexpr int64_t BOUNDARIES[] = {0,       1,       -1,          2,           7,    -7,
                                  1 << 20, 1000003, 1LL << 51,   -(1LL << 52), (1LL << 52) - 1,
                                  1LL << 52, 1LL << 53, (1LL << 53) + 1, MOST, LEAST, LEAST + 1};

void check_remainders(const mlite::TransformKernels& kernels, bool is_small) {
  constexpr size_t COUNT = 100;
  Numbers numbers(3);
  Exact<int64_t> values(COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    const int64_t boundary = BOUNDARIES[i % (sizeof(BOUNDARIES) / sizeof(int64_t))];
    const int64_t random = static_cast<int64_t>(numbers.next()) - (int64_t{1} << 30);
    values[i] = is_small ? random : i % 2 == 0 ? boundary : random;
  }
  for (int64_t divisor : BOUNDARIES) {
    if (divisor == 0) continue;
    Exact<int64_t> out(COUNT);
    kernels.remainders(values.data(), COUNT, divisor, out.data());
    for (size_t i = 0; i < COUNT; i++) {
      CHECK(out[i] == (divisor == -1 ? 0 : values[i] % divisor));
    }
  }
}

void check_all(const mlite::TransformKernels& kernels) {
  check_remainders(kernels, false);
  check_remainders(kernels, true);
  constexpr size_t COUNT = 37;
  Exact<int8_t> bytes(COUNT);
  Exact<int64_t> wide(COUNT);
  for (size_t i = 0; i < COUNT; i++) bytes[i] = static_cast<int8_t>(i * 41);
  kernels.widen_int8(bytes.data(), COUNT, wide.data());
  for (size_t i = 0; i < COUNT; i++) CHECK(wide[i] == bytes[i]);
  Exact<int64_t> out(COUNT);
  kernels.bits(wide.data(), COUNT, mlite::AND, 12, out.data());
  for (size_t i = 0; i < COUNT; i++) CHECK(out[i] == (wide[i] & 12));
  kernels.bits(wide.data(), COUNT, mlite::OR, 12, out.data());
  for (size_t i = 0; i < COUNT; i++) CHECK(out[i] == (wide[i] | 12));
  kernels.bits(wide.data(), COUNT, mlite::XOR, -12, out.data());
  for (size_t i = 0; i < COUNT; i++) CHECK(out[i] == (wide[i] ^ -12));
  Exact<double> reals(COUNT);
  for (size_t i = 0; i < COUNT; i++) reals[i] = static_cast<double>(i) / 3;
  Exact<double> result(COUNT);
  for (bool is_narrow : {false, true}) {
    kernels.reals(reals.data(), COUNT, mlite::DIVIDE, 0.7, is_narrow, result.data());
    for (size_t i = 0; i < COUNT; i++) {
      const double quotient = reals[i] / 0.7;
      CHECK(result[i] == (is_narrow ? static_cast<double>(static_cast<float>(quotient)) : quotient));
    }
  }
}

void run() {
  check_all(mlite::SCALAR_TRANSFORMS);
#if defined(__x86_64__) || defined(_M_X64)
  if (mlite::kernels_named("avx2") != nullptr) check_all(mlite::AVX2_TRANSFORMS);
  if (mlite::kernels_named("avx512") != nullptr) check_all(mlite::AVX512_TRANSFORMS);
#endif
  check_all(mlite::transform_kernels());
}

const self_test::Part part("transforms", run);

}  // namespace
