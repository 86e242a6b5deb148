// Chooses the table: the widest instruction set that both this binary and this processor have.

#include "kernels.h"

#include <cstring>

#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace mlite {

extern const Kernels SCALAR_KERNELS;
#if defined(__x86_64__) || defined(_M_X64)
extern const Kernels AVX2_KERNELS;
extern const Kernels AVX512_KERNELS;
#elif defined(__aarch64__) || defined(_M_ARM64)
extern const Kernels NEON_KERNELS;
#endif

namespace {

#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)

// Leaf 7 and leaf 1 of cpuid, and which registers the operating system saves.
struct Processor {
  int features[4];
  int more[4];
  uint64_t saved;
  Processor() : features{}, more{}, saved(0) {
    __cpuid(features, 1);
    __cpuidex(more, 7, 0);
    if ((features[2] & (1 << 27)) != 0) saved = _xgetbv(0);
  }
};

bool has_avx2() {
  const Processor processor;
  const int needed = (1 << 12) | (1 << 23) | (1 << 28) | (1 << 29);  // FMA, POPCNT, AVX, F16C
  return (processor.features[2] & needed) == needed && (processor.more[1] & (1 << 5)) != 0 &&
         (processor.saved & 6) == 6;
}

bool has_avx512() {
  const Processor processor;
  const unsigned needed = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31);  // F, DQ, BW, VL
  return has_avx2() && (static_cast<unsigned>(processor.more[1]) & needed) == needed &&
         (processor.more[2] & (1 << 11)) != 0 && (processor.saved & 0xe6) == 0xe6;
}

#elif defined(__x86_64__)

bool has_avx2() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c") && __builtin_cpu_supports("popcnt");
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}

#endif

const Kernels& choose() {
#if defined(__x86_64__) || defined(_M_X64)
  if (has_avx512()) return AVX512_KERNELS;
  if (has_avx2()) return AVX2_KERNELS;
  return SCALAR_KERNELS;
#elif defined(__aarch64__) || defined(_M_ARM64)
  return NEON_KERNELS;
#else
  return SCALAR_KERNELS;
#endif
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

const Kernels* kernels_named(const char* name) {
  const Kernels* const all[] = {
    &SCALAR_KERNELS,
#if defined(__x86_64__) || defined(_M_X64)
    has_avx2() ? &AVX2_KERNELS : nullptr,
    has_avx512() ? &AVX512_KERNELS : nullptr,
#elif defined(__aarch64__) || defined(_M_ARM64)
    &NEON_KERNELS,
#endif
  };
  for (const Kernels* table : all) {
    if (table != nullptr && std::strcmp(table->name, name) == 0) return table;
  }
  return nullptr;
}

}  // namespace mlite
