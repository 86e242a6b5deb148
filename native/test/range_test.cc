// Ranges of every instruction set against one comparison after the other.

#include "range_kernels.h"

#include <limits>

#include "kernels.h"
#include "self_test.h"

namespace {

using self_test::Exact;
using self_test::Numbers;

template <typename Value, typename Bound, typename Kernel>
void check(Kernel kernel, size_t count, Bound low, Bound high) {
  Numbers numbers(count + 1);
  Exact<Value> values(count);
  for (size_t i = 0; i < count; i++) {
    values[i] = static_cast<Value>(static_cast<int>(numbers.next() % 9) - 4);
  }
  Exact<uint32_t> out((count + 31) / 32);
  kernel(values.data(), count, low, high, out.data());
  for (size_t i = 0; i < count; i++) {
    const Bound value = static_cast<Bound>(values[i]);
    CHECK(((out[i / 32] >> (i % 32)) & 1) == (value >= low && value <= high ? 1u : 0u));
  }
  if (count % 32 != 0) CHECK(out[count / 32] >> (count % 32) == 0);
}

void check_all(const mlite::RangeKernels& kernels) {
  for (size_t count : {1, 31, 32, 33, 64, 100, 257}) {
    for (int low = -5; low <= 5; low++) {
      for (int high = -5; high <= 5; high++) {
        check<int64_t, int64_t>(kernels.int64, count, low, high);
        check<int32_t, int32_t>(kernels.int32, count, low, high);
        check<float, double>(kernels.float32, count, low, high);
        check<double, double>(kernels.float64, count, low, high);
      }
    }
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  Exact<double> values(32);
  for (size_t i = 0; i < 32; i++) values[i] = i % 2 == 0 ? nan : infinity;
  uint32_t bits = 0;
  kernels.float64(values.data(), 32, -infinity, infinity, &bits);
  CHECK(bits == 0xaaaaaaaau);
}

void run() {
  check_all(mlite::SCALAR_RANGES);
#if defined(__x86_64__) || defined(_M_X64)
  if (mlite::kernels_named("avx2") != nullptr) check_all(mlite::AVX2_RANGES);
  if (mlite::kernels_named("avx512") != nullptr) check_all(mlite::AVX512_RANGES);
#endif
  check_all(mlite::range_kernels());
}

const self_test::Part part("ranges", run);

}  // namespace
