// The loops of transform_kernels.h, for each file that compiles them for an instruction set of its own.

#ifndef MLITE_TRANSFORM_LOOPS_H_
#define MLITE_TRANSFORM_LOOPS_H_

#include "transform_kernels.h"

namespace mlite {
namespace {

// Below this, and with divisors below it, the whole part of a quotient of doubles is that of the numbers: to be
// rounded up to the next whole number, dividend and divisor together would have to reach 2^53.
constexpr int64_t EXACT_LIMIT = int64_t{1} << 52;

template <typename Value, typename Wide>
void widen(const Value* values, size_t count, Wide* out) {
  for (size_t i = 0; i < count; i++) out[i] = static_cast<Wide>(values[i]);
}

void remainders(const int64_t* values, size_t count, int64_t divisor, int64_t* out) {
  uint64_t beyond = 0;
  for (size_t i = 0; i < count; i++) {
    beyond |= (static_cast<uint64_t>(values[i]) + static_cast<uint64_t>(EXACT_LIMIT)) >> 53;
  }
  if (beyond == 0 && divisor > -EXACT_LIMIT && divisor < EXACT_LIMIT) {
    const double near = static_cast<double>(divisor);
    for (size_t i = 0; i < count; i++) {
      const int64_t quotient = static_cast<int64_t>(static_cast<double>(values[i]) / near);
      out[i] = values[i] - quotient * divisor;
    }
    return;
  }
  // The least int64 has no quotient by -1.
  for (size_t i = 0; i < count; i++) out[i] = divisor == -1 ? 0 : values[i] % divisor;
}

void bits(const int64_t* values, size_t count, Operation operation, int64_t operand,
          int64_t* out) {
  if (operation == AND) {
    for (size_t i = 0; i < count; i++) out[i] = values[i] & operand;
  } else if (operation == OR) {
    for (size_t i = 0; i < count; i++) out[i] = values[i] | operand;
  } else {
    for (size_t i = 0; i < count; i++) out[i] = values[i] ^ operand;
  }
}

void reals(const double* values, size_t count, Operation operation, double operand, bool is_narrow,
           double* out) {
  if (operation == ADD) {
    for (size_t i = 0; i < count; i++) out[i] = values[i] + operand;
  } else if (operation == SUBTRACT) {
    for (size_t i = 0; i < count; i++) out[i] = values[i] - operand;
  } else if (operation == MULTIPLY) {
    for (size_t i = 0; i < count; i++) out[i] = values[i] * operand;
  } else {
    for (size_t i = 0; i < count; i++) out[i] = values[i] / operand;
  }
  if (!is_narrow) return;
  for (size_t i = 0; i < count; i++) out[i] = static_cast<double>(static_cast<float>(out[i]));
}

constexpr TransformKernels transforms(const char* name) {
  return {name,       widen<int8_t, int64_t>, widen<int16_t, int64_t>, widen<int32_t, int64_t>,
          widen<float, double>, remainders,   bits,                    reals};
}

}  // namespace
}  // namespace mlite

#endif  // MLITE_TRANSFORM_LOOPS_H_
