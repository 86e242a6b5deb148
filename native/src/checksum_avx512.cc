// Folding: a remainder of 512 bits moves over the bytes behind it by two carry-less products with
// x^n modulo the polynomial, bits reflected as in zlib.
// Source: V. Gopal et al., Fast CRC Computation for Generic Polynomials Using PCLMULQDQ, 2009.

#include "checksum.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include "kernels.h"

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace mlite {

namespace {

// One byte after the other, for the ends.
struct Table {
  uint32_t of[256];
};

constexpr Table make_table() {
  Table table = {};
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t rest = byte;
    for (int bit = 0; bit < 8; bit++) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xedb88320u : 0);
    table.of[byte] = rest;
  }
  return table;
}

constexpr Table TABLE = make_table();

inline uint32_t by_bytes(uint32_t state, const uint8_t* bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    state = (state >> 8) ^ TABLE.of[(state ^ bytes[i]) & 0xff];
  }
  return state;
}

inline __m512i fold(__m512i state, __m512i by, const uint8_t* next) {
  const __m512i low = _mm512_clmulepi64_epi128(state, by, 0x00);
  const __m512i high = _mm512_clmulepi64_epi128(state, by, 0x11);
  return _mm512_ternarylogic_epi64(low, high, _mm512_loadu_si512(next), 0x96);
}

inline __m512i fold_onto(__m512i state, __m512i by, __m512i next) {
  const __m512i low = _mm512_clmulepi64_epi128(state, by, 0x00);
  const __m512i high = _mm512_clmulepi64_epi128(state, by, 0x11);
  return _mm512_ternarylogic_epi64(low, high, next, 0x96);
}

inline __m128i fold_quarter(__m128i state, __m128i by, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(state, by, 0x00);
  const __m128i high = _mm_clmulepi64_si128(state, by, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

inline __m512i multiplier(uint64_t high, uint64_t low) {
  return _mm512_broadcast_i32x4(
      _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low)));
}

uint32_t checksum(const uint8_t* bytes, size_t length) {
  if (length < 256) return ~by_bytes(~0u, bytes, length);
  const __m512i by_2048 = multiplier(0x1322d1430, 0x11542778a);
  const __m512i by_512 = multiplier(0x1c6e41596, 0x154442bd4);
  const __m128i by_128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  __m512i a = _mm512_loadu_si512(bytes);
  __m512i b = _mm512_loadu_si512(bytes + 64);
  __m512i c = _mm512_loadu_si512(bytes + 128);
  __m512i d = _mm512_loadu_si512(bytes + 192);
  a = _mm512_xor_si512(a, _mm512_zextsi128_si512(_mm_cvtsi32_si128(-1)));
  size_t at = 256;
  for (; at + 256 <= length; at += 256) {
    a = fold(a, by_2048, bytes + at);
    b = fold(b, by_2048, bytes + at + 64);
    c = fold(c, by_2048, bytes + at + 128);
    d = fold(d, by_2048, bytes + at + 192);
  }
  a = fold_onto(fold_onto(fold_onto(a, by_512, b), by_512, c), by_512, d);
  for (; at + 64 <= length; at += 64) a = fold(a, by_512, bytes + at);
  __m128i rest = _mm512_castsi512_si128(a);
  rest = fold_quarter(rest, by_128, _mm512_extracti32x4_epi32(a, 1));
  rest = fold_quarter(rest, by_128, _mm512_extracti32x4_epi32(a, 2));
  rest = fold_quarter(rest, by_128, _mm512_extracti32x4_epi32(a, 3));
  alignas(16) uint8_t last[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(last), rest);
  return ~by_bytes(by_bytes(0, last, sizeof(last)), bytes + at, length - at);
}

}  // namespace

bool has_block_checksums() {
#if defined(_MSC_VER) && !defined(__clang__)
  int features[4];
  __cpuidex(features, 7, 0);
  const bool has_products = (features[2] & (1 << 10)) != 0;
#else
  const bool has_products = __builtin_cpu_supports("vpclmulqdq") != 0;
#endif
  return has_products && kernels_named("avx512") != nullptr;
}

void block_checksums(const uint8_t* bytes, size_t length, size_t block_bytes, uint32_t* out) {
  for (size_t at = 0; at < length; at += block_bytes) {
    *out++ = checksum(bytes + at, length - at < block_bytes ? length - at : block_bytes);
  }
}

}  // namespace mlite

#else

namespace mlite {

bool has_block_checksums() { return false; }
void block_checksums(const uint8_t*, size_t, size_t, uint32_t*) {}

}  // namespace mlite

#endif
