// The integer and bit kernels of one instruction set; all are exact. Each kernels_<set>.cc defines
// `Words` (16-bit lanes that int8 elements are widened to, and 32-bit sums of their products) and
// `code_products` before it includes this file. Internal linkage, as in float_kernels.h.
//
// Words: Type, Sum, COUNT, zero, load, load_part (padded with zeros), subtract, multiply_add,
// total. code_products(query, code, dim): sum of u8 x i8.

#ifndef MLITE_INTEGER_KERNELS_H_
#define MLITE_INTEGER_KERNELS_H_

#include <cstring>

#include "kernels.h"

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace mlite {
namespace {

constexpr size_t INT8_QUERIES = 4;
constexpr size_t CODES_AHEAD = 8;

struct Int8Dot {
  static Words::Sum add(Words::Sum sum, Words::Type a, Words::Type b) {
    return Words::multiply_add(sum, a, b);
  }
};

struct Int8SquaredDistance {
  static Words::Sum add(Words::Sum sum, Words::Type a, Words::Type b) {
    const Words::Type difference = Words::subtract(a, b);
    return Words::multiply_add(sum, difference, difference);
  }
};

inline size_t place_of(const uint32_t* rows, size_t r) { return rows == nullptr ? r : rows[r]; }

// Q queries, dim elements apart, against one row.
template <class Operation, size_t Q>
inline void int8_sums(const int8_t* queries, const int8_t* row, size_t dim, int32_t* out) {
  Words::Sum sums[Q];
  for (size_t q = 0; q < Q; q++) sums[q] = Words::zero();
  size_t at = 0;
  for (; at + Words::COUNT <= dim; at += Words::COUNT) {
    const Words::Type values = Words::load(row + at);
    for (size_t q = 0; q < Q; q++) {
      sums[q] = Operation::add(sums[q], Words::load(queries + q * dim + at), values);
    }
  }
  if (at < dim) {
    const Words::Type values = Words::load_part(row + at, dim - at);
    for (size_t q = 0; q < Q; q++) {
      const Words::Type query = Words::load_part(queries + q * dim + at, dim - at);
      sums[q] = Operation::add(sums[q], query, values);
    }
  }
  for (size_t q = 0; q < Q; q++) out[q] = Words::total(sums[q]);
}

template <class Operation>
int32_t int8_pair(const int8_t* a, const int8_t* b, size_t dim) {
  int32_t out;
  int8_sums<Operation, 1>(a, b, dim, &out);
  return out;
}

int32_t int8_norm(const int8_t* a, size_t dim) { return int8_pair<Int8Dot>(a, a, dim); }

template <class Operation>
void int8_tile(const Int8Tile& tile) {
  const size_t dim = tile.dim;
  size_t q = 0;
  for (; q + INT8_QUERIES <= tile.query_count; q += INT8_QUERIES) {
    for (size_t r = 0; r < tile.row_count; r++) {
      int32_t sums[INT8_QUERIES];
      const int8_t* row = tile.base + place_of(tile.rows, r) * dim;
      int8_sums<Operation, INT8_QUERIES>(tile.queries + q * dim, row, dim, sums);
      for (size_t i = 0; i < INT8_QUERIES; i++) tile.out[(q + i) * tile.out_stride + r] = sums[i];
    }
  }
  for (; q < tile.query_count; q++) {
    for (size_t r = 0; r < tile.row_count; r++) {
      const int8_t* row = tile.base + place_of(tile.rows, r) * dim;
      tile.out[q * tile.out_stride + r] = int8_pair<Operation>(tile.queries + q * dim, row, dim);
    }
  }
}

void code_rows(const uint8_t* query, const int8_t* base, size_t stride, size_t dim,
               const uint32_t* rows, size_t count, int32_t* out) {
  for (size_t r = 0; r < count; r++) {
    const size_t ahead = r + CODES_AHEAD;
    if (ahead < count) prefetch(base + place_of(rows, ahead) * stride, dim);
    out[r] = code_products(query, base + place_of(rows, r) * stride, dim);
  }
}

inline uint32_t word_bits(uint64_t word) {
#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64) && defined(__AVX2__)
  return static_cast<uint32_t>(__popcnt64(word));
#elif defined(__POPCNT__) || defined(__aarch64__)
  return static_cast<uint32_t>(__builtin_popcountll(word));
#else
  word -= (word >> 1) & 0x5555555555555555u;
  word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
  word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<uint32_t>((word * 0x0101010101010101u) >> 56);
#endif
}

struct Different {
  static uint64_t of(uint64_t a, uint64_t b) { return a ^ b; }
};

struct Common {
  static uint64_t of(uint64_t a, uint64_t b) { return a & b; }
};

template <class Operation>
uint32_t bit_pair(const uint8_t* a, const uint8_t* b, size_t bytes) {
  uint32_t count = 0;
  size_t at = 0;
  for (; at + 8 <= bytes; at += 8) {
    uint64_t left;
    uint64_t right;
    std::memcpy(&left, a + at, 8);
    std::memcpy(&right, b + at, 8);
    count += word_bits(Operation::of(left, right));
  }
  if (at < bytes) {
    uint64_t left = 0;
    uint64_t right = 0;
    std::memcpy(&left, a + at, bytes - at);
    std::memcpy(&right, b + at, bytes - at);
    count += word_bits(Operation::of(left, right));
  }
  return count;
}

uint32_t bit_count(const uint8_t* a, size_t bytes) { return bit_pair<Common>(a, a, bytes); }

template <class Operation>
void bit_tile(const BitTile& tile) {
  for (size_t q = 0; q < tile.query_count; q++) {
    const uint8_t* query = tile.queries + q * tile.bytes;
    uint32_t* out = tile.out + q * tile.out_stride;
    for (size_t r = 0; r < tile.row_count; r++) {
      out[r] = bit_pair<Operation>(query, tile.base + place_of(tile.rows, r) * tile.bytes,
                                   tile.bytes);
    }
  }
}

template <class Element>
uint32_t equal_numbers(const uint8_t* a, const uint8_t* b, size_t count) {
  uint32_t equal = 0;
  for (size_t i = 0; i < count; i++) {
    Element left;
    Element right;
    std::memcpy(&left, a + i * sizeof(Element), sizeof(Element));
    std::memcpy(&right, b + i * sizeof(Element), sizeof(Element));
    equal += left == right ? 1 : 0;
  }
  return equal;
}

uint32_t equal_elements(const uint8_t* a, const uint8_t* b, size_t element_bytes, size_t count) {
  if (element_bytes == 1) return equal_numbers<uint8_t>(a, b, count);
  if (element_bytes == 2) return equal_numbers<uint16_t>(a, b, count);
  if (element_bytes == 4) return equal_numbers<uint32_t>(a, b, count);
  if (element_bytes == 8) return equal_numbers<uint64_t>(a, b, count);
  uint32_t equal = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t at = i * element_bytes;
    equal += std::memcmp(a + at, b + at, element_bytes) == 0 ? 1 : 0;
  }
  return equal;
}

}  // namespace
}  // namespace mlite

#endif  // MLITE_INTEGER_KERNELS_H_
