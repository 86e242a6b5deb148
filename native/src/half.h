// float16 and bfloat16 bit patterns as float64, exactly, for code without instructions for them.

#ifndef MLITE_HALF_H_
#define MLITE_HALF_H_

#include <cstdint>
#include <cstring>

namespace mlite {
namespace {

inline double wide_bf16(uint16_t bits) {
  const uint32_t widened = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &widened, 4);
  return static_cast<double>(value);
}

inline double wide_f16(uint16_t bits) {
  const uint64_t exponent = (bits >> 10) & 31u;
  const uint64_t fraction = bits & 1023u;
  if (exponent == 0) {
    const double small = static_cast<double>(fraction) * (1.0 / 16777216.0);
    return (bits & 0x8000u) != 0 ? -small : small;
  }
  const uint64_t sign = static_cast<uint64_t>(bits & 0x8000u) << 48;
  const uint64_t wide_exponent = exponent == 31 ? 2047 : exponent + 1023 - 15;
  const uint64_t wide = sign | (wide_exponent << 52) | (fraction << 42);
  double value;
  std::memcpy(&value, &wide, 8);
  return value;
}

}  // namespace
}  // namespace mlite

#endif  // MLITE_HALF_H_
