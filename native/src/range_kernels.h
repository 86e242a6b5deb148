// Which values of a column lie in a range: one bit a row, the condition that filters ask most.

#ifndef MLITE_RANGE_KERNELS_H_
#define MLITE_RANGE_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// Bit i & 31 of out[i / 32]: low <= values[i] <= high; NaN lies nowhere. Bits above the last row are 0.
struct RangeKernels {
  const char* name;
  void (*int64)(const int64_t* values, size_t count, int64_t low, int64_t high, uint32_t* out);
  void (*int32)(const int32_t* values, size_t count, int32_t low, int32_t high, uint32_t* out);
  void (*float32)(const float* values, size_t count, double low, double high, uint32_t* out);
  void (*float64)(const double* values, size_t count, double low, double high, uint32_t* out);
};

extern const RangeKernels SCALAR_RANGES;
#if defined(__x86_64__) || defined(_M_X64)
extern const RangeKernels AVX2_RANGES;
extern const RangeKernels AVX512_RANGES;
#endif

// Those of the instruction set that all kernels are of.
const RangeKernels& range_kernels();

// Words of 32 rows by `word`, and the rows behind the last whole one by one.
template <typename Value, typename Bound, typename Word>
inline void mark_ranges(const Value* values, size_t count, Bound low, Bound high, uint32_t* out,
                        Word word) {
  const size_t whole = count / 32;
  for (size_t i = 0; i < whole; i++) out[i] = word(values + i * 32);
  const size_t rest = count % 32;
  if (rest == 0) return;
  uint32_t bits = 0;
  for (size_t i = 0; i < rest; i++) {
    const Bound value = static_cast<Bound>(values[whole * 32 + i]);
    bits |= static_cast<uint32_t>(value >= low && value <= high) << i;
  }
  out[whole] = bits;
}

}  // namespace mlite

#endif  // MLITE_RANGE_KERNELS_H_
