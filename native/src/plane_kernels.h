// Products of a query with small whole numbers that are stored as planes of bits, and the whole
// numbers that a query becomes for them.
//
// A number of b bits lies in planes of 8, 4, 2 and 1 bits, those that add up to b, its upper bits
// in the first. A plane of w bits has 8 w bytes for each 64 dimensions: byte i of them holds, from
// its low bits up, dimensions i, i + 8 w, i + 16 w ... A plane of 1 bit is 8 bytes whose bit i is
// dimension i. Dimensions behind the last are 0.
//
// Exact, so every instruction set gives the same sums.

#ifndef MLITE_PLANE_KERNELS_H_
#define MLITE_PLANE_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// Dimensions that lie together.
constexpr size_t PLANE_BLOCK = 64;

// Bytes of the planes of one row.
size_t plane_bytes(uint32_t bits, size_t dim);

// `values` are below 2^bits.
void pack_planes(const uint32_t* values, size_t dim, uint32_t bits, uint8_t* out);
void unpack_planes(const uint8_t* planes, size_t dim, uint32_t bits, uint32_t* out);

// The greatest whole number that an element of a query becomes, in one byte and in two.
constexpr float NARROW_WEIGHT_MAX = 127;
constexpr float WIDE_WEIGHT_MAX = 32512;

// A query as numbers 256 x high + low, or as low when `high` is null; whole blocks, 0 behind the
// last dimension. There are at most 512 blocks, so that no sum leaves 32 bits.
struct PlaneQuery {
  const int8_t* high;
  const int8_t* low;
  size_t blocks;
  uint32_t bits;
};

// Planes of row i are at base + i x stride.
struct PlaneRows {
  const uint8_t* base;
  size_t stride;
};

struct PlaneKernels {
  const char* name;
  // out[r] = the product with row rows[r]; `rows` null: rows 0, 1 ...
  void (*products)(const PlaneQuery& query, const PlaneRows& base, const uint32_t* rows,
                   size_t count, int64_t* out);
  // The largest of the sizes of all elements; no number when one of them is none.
  float (*largest)(const float* vector, size_t dim);
  // Writes the whole number nearest to each element x factor, halves away from zero, and gives
  // their sum. They are within +-WIDE_WEIGHT_MAX; `high` may be null when they are within a byte.
  int32_t (*weigh)(const float* vector, size_t dim, float factor, int8_t* high, int8_t* low);
  // The same with the nearest odd number within +-most.
  int32_t (*weigh_odd)(const float* vector, size_t dim, float factor, int32_t most, int8_t* high,
                       int8_t* low);
};

// The fastest for this processor.
const PlaneKernels& plane_kernels();

// By name: "avx512", "avx2" or "scalar"; null where this processor lacks it. For tests.
const PlaneKernels* plane_kernels_named(const char* name);

}  // namespace mlite

#endif  // MLITE_PLANE_KERNELS_H_
