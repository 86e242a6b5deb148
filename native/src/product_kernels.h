// What product codes are made and compared with: entries of a codebook, side by side.
//
// Every sum is added in one order, in float32 without fused operations, so every instruction set
// gives the same bits.

#ifndef MLITE_PRODUCT_KERNELS_H_
#define MLITE_PRODUCT_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// Entries come in groups of this many: room for entries is a multiple of it.
constexpr size_t ENTRY_GROUP = 16;

// Rows whose 4-bit codes lie beside each other.
constexpr size_t ROW_BLOCK = 32;
// Parts of blocked codes come in groups of this many.
constexpr size_t PART_GROUP = 4;

// Entries of one part: element d of entry k is values[d x room + k].
struct Entries {
  const float* values;
  size_t dim;
  size_t room;
  // Of them, at least 1.
  size_t count;
};

struct Nearest {
  uint32_t entry;
  // Squared distance.
  float cost;
};

struct ProductKernels {
  const char* name;
  // The first of the nearest entries; entry 0 when all are infinitely far.
  Nearest (*nearest)(const float* vector, const Entries& entries);
  // out[k] = vector . entry k, for all of the room.
  void (*table)(const float* vector, const Entries& entries, float* out);
  // out[r] = the sum over parts of table[16 x part + code of row r], r < 32. Part p of row r is at
  // codes[16 p + r % 16], in its low bits for r < 16. `parts` is a multiple of PART_GROUP.
  void (*block_sums)(const uint8_t* table, const uint8_t* codes, size_t parts, uint32_t* out);
};

// The fastest for this processor.
const ProductKernels& product_kernels();

// By name: "avx512", "avx2" or "scalar"; null where this processor lacks it. For tests.
const ProductKernels* product_kernels_named(const char* name);

}  // namespace mlite

#endif  // MLITE_PRODUCT_KERNELS_H_
