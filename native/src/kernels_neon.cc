// NEON of every 64-bit ARM: 4 float32 lanes, 8 int16 lanes.

#if defined(__aarch64__) || defined(_M_ARM64)

#include <arm_neon.h>

#include <cstring>

#include "half.h"
#include "kernels.h"

namespace mlite {
namespace {

struct Lanes {
  using Type = float32x4_t;
  static constexpr size_t COUNT = 4;
  static constexpr size_t TILE_ROWS = 4;
  static Type zero() { return vdupq_n_f32(0); }
  static Type load(const float* at) { return vld1q_f32(at); }
  static Type load_part(const float* at, size_t count) {
    float padded[4] = {};
    std::memcpy(padded, at, count * sizeof(float));
    return vld1q_f32(padded);
  }
  static void store(float* at, Type value) { vst1q_f32(at, value); }
  static Type subtract(Type a, Type b) { return vsubq_f32(a, b); }
  static Type multiply_add(Type a, Type b, Type sum) { return vfmaq_f32(sum, a, b); }
  static bool are_finite(Type values) {
    const Type nothing = vsubq_f32(values, values);  // NaN for what is not finite
    return vminvq_u32(vceqq_f32(nothing, nothing)) != 0;
  }
  static bool any_at_most(Type values, float bound) {
    return vmaxvq_u32(vcleq_f32(values, vdupq_n_f32(bound))) != 0;
  }
  static float total(Type sum) {
    const float32x2_t pair = vadd_f32(vget_low_f32(sum), vget_high_f32(sum));
    return vget_lane_f32(pair, 0) + vget_lane_f32(pair, 1);
  }
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
  static Lanes::Type load(const float* at) { return vld1q_f32(at); }
  static Lanes::Type load_part(const float* at, size_t count) {
    return Lanes::load_part(at, count);
  }
  static double wide(float value) { return static_cast<double>(value); }
};

inline uint16x4_t load_some_halves(const uint16_t* at, size_t count) {
  uint16_t padded[4] = {};
  std::memcpy(padded, at, count * sizeof(uint16_t));
  return vld1_u16(padded);
}

struct Float16Row {
  using Element = uint16_t;
  static Lanes::Type from(uint16x4_t bits) { return vcvt_f32_f16(vreinterpret_f16_u16(bits)); }
  static Lanes::Type load(const uint16_t* at) { return from(vld1_u16(at)); }
  static Lanes::Type load_part(const uint16_t* at, size_t count) {
    return from(load_some_halves(at, count));
  }
  static double wide(uint16_t bits) { return wide_f16(bits); }
};

struct Bfloat16Row {
  using Element = uint16_t;
  static Lanes::Type from(uint16x4_t bits) {
    return vreinterpretq_f32_u32(vshll_n_u16(bits, 16));
  }
  static Lanes::Type load(const uint16_t* at) { return from(vld1_u16(at)); }
  static Lanes::Type load_part(const uint16_t* at, size_t count) {
    return from(load_some_halves(at, count));
  }
  static double wide(uint16_t bits) { return wide_bf16(bits); }
};

struct Words {
  using Type = int16x8_t;
  using Sum = int32x4_t;
  static constexpr size_t COUNT = 8;
  static Sum zero() { return vdupq_n_s32(0); }
  static Type load(const int8_t* at) { return vmovl_s8(vld1_s8(at)); }
  static Type load_part(const int8_t* at, size_t count) {
    int8_t padded[8] = {};
    std::memcpy(padded, at, count);
    return load(padded);
  }
  static Type subtract(Type a, Type b) { return vsubq_s16(a, b); }
  static Sum multiply_add(Sum sum, Type a, Type b) {
    sum = vmlal_s16(sum, vget_low_s16(a), vget_low_s16(b));
    return vmlal_high_s16(sum, a, b);
  }
  static int32_t total(Sum sum) { return vaddvq_s32(sum); }
};

int32_t code_products(const uint8_t* query, const int8_t* code, size_t dim) {
  int32x4_t sum = vdupq_n_s32(0);
  size_t at = 0;
  for (; at + 8 <= dim; at += 8) {
    const int16x8_t values = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(query + at)));
    sum = Words::multiply_add(sum, values, Words::load(code + at));
  }
  int32_t rest = 0;
  for (; at < dim; at++) rest += query[at] * code[at];
  return vaddvq_s32(sum) + rest;
}

}  // namespace
}  // namespace mlite

#include "kernel_table.h"

namespace mlite {
extern const Kernels NEON_KERNELS;
const Kernels NEON_KERNELS = table("neon");
}  // namespace mlite

#endif
