#include "range_kernels.h"

#include <cstring>

#include "kernels.h"

namespace mlite {

namespace {

template <typename Value, typename Bound>
void mark(const Value* values, size_t count, Bound low, Bound high, uint32_t* out) {
  mark_ranges(values, count, low, high, out, [low, high](const Value* row) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 32; i++) {
      const Bound value = static_cast<Bound>(row[i]);
      const bool fits = static_cast<int>(value >= low) & static_cast<int>(value <= high);
      bits |= static_cast<uint32_t>(fits) << i;
    }
    return bits;
  });
}

}  // namespace

const RangeKernels SCALAR_RANGES = {"scalar", mark<int64_t, int64_t>, mark<int32_t, int32_t>,
                                    mark<float, double>, mark<double, double>};

const RangeKernels& range_kernels() {
#if defined(__x86_64__) || defined(_M_X64)
  if (std::strcmp(kernels().name, "avx512") == 0) return AVX512_RANGES;
  if (std::strcmp(kernels().name, "avx2") == 0) return AVX2_RANGES;
#endif
  return SCALAR_RANGES;
}

}  // namespace mlite
