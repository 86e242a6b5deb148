// Plain C++, for processors without the others and as their reference: four float32 sums side by
// side. A product is rounded before it is added, as there may be no fused instruction.

#include <cstring>

#include "half.h"
#include "kernels.h"

namespace mlite {
namespace {

struct Lanes {
  struct Type {
    float at[4];
  };
  static constexpr size_t COUNT = 4;
  static constexpr size_t TILE_ROWS = 2;
  static Type zero() { return {{0, 0, 0, 0}}; }
  static Type load(const float* at) { return {{at[0], at[1], at[2], at[3]}}; }
  static Type load_part(const float* at, size_t count) {
    Type padded = zero();
    std::memcpy(padded.at, at, count * sizeof(float));
    return padded;
  }
  static void store(float* at, Type value) { std::memcpy(at, value.at, sizeof(value.at)); }
  static Type subtract(Type a, Type b) {
    for (size_t i = 0; i < COUNT; i++) a.at[i] -= b.at[i];
    return a;
  }
  static Type multiply_add(Type a, Type b, Type sum) {
    for (size_t i = 0; i < COUNT; i++) sum.at[i] += a.at[i] * b.at[i];
    return sum;
  }
  static bool are_finite(Type values) {
    bool found = true;
    for (float value : values.at) found = found && value - value == 0;
    return found;
  }
  static bool any_at_most(Type values, float bound) {
    bool found = false;
    for (float value : values.at) found = found || value <= bound;
    return found;
  }
  static float total(Type sum) { return (sum.at[0] + sum.at[2]) + (sum.at[1] + sum.at[3]); }
  static void totals(const Type* sums, float* out) {
    for (size_t i = 0; i < 4; i++) out[i] = total(sums[i]);
  }
  static void tile_totals(const Type* sums, float* out) {
    for (size_t r = 0; r < TILE_ROWS; r++) {
      for (size_t q = 0; q < 4; q++) out[q * TILE_ROWS + r] = total(sums[r * 4 + q]);
    }
  }
};

struct FloatRow {
  using Element = float;
  static Lanes::Type load(const float* at) { return Lanes::load(at); }
  static Lanes::Type load_part(const float* at, size_t count) {
    return Lanes::load_part(at, count);
  }
  static double wide(float value) { return static_cast<double>(value); }
};

template <double (*widen)(uint16_t)>
struct HalfRow {
  using Element = uint16_t;
  static Lanes::Type load(const uint16_t* at) { return load_part(at, Lanes::COUNT); }
  static Lanes::Type load_part(const uint16_t* at, size_t count) {
    Lanes::Type values = Lanes::zero();
    for (size_t i = 0; i < count; i++) values.at[i] = static_cast<float>(widen(at[i]));
    return values;
  }
  static double wide(uint16_t bits) { return widen(bits); }
};

using Float16Row = HalfRow<wide_f16>;
using Bfloat16Row = HalfRow<wide_bf16>;

struct Words {
  struct Type {
    int16_t at[8];
  };
  using Sum = int32_t;
  static constexpr size_t COUNT = 8;
  static Sum zero() { return 0; }
  static Type load(const int8_t* at) { return load_part(at, COUNT); }
  static Type load_part(const int8_t* at, size_t count) {
    Type values = {};
    for (size_t i = 0; i < count; i++) values.at[i] = at[i];
    return values;
  }
  static Type subtract(Type a, Type b) {
    for (size_t i = 0; i < COUNT; i++) a.at[i] = static_cast<int16_t>(a.at[i] - b.at[i]);
    return a;
  }
  static Sum multiply_add(Sum sum, Type a, Type b) {
    for (size_t i = 0; i < COUNT; i++) sum += a.at[i] * b.at[i];
    return sum;
  }
  static int32_t total(Sum sum) { return sum; }
};

int32_t code_products(const uint8_t* query, const int8_t* code, size_t dim) {
  int32_t sum = 0;
  for (size_t i = 0; i < dim; i++) sum += query[i] * code[i];
  return sum;
}

}  // namespace
}  // namespace mlite

#include "kernel_table.h"

namespace mlite {
extern const Kernels SCALAR_KERNELS;
const Kernels SCALAR_KERNELS = table("scalar");
}  // namespace mlite
