// Where things lie in the codes and codebooks of codes.h: for its own parts.

#ifndef MLITE_CODE_LAYOUT_H_
#define MLITE_CODE_LAYOUT_H_

#include <cfloat>
#include <cstring>

#include "codes.h"
#include "plane_kernels.h"
#include "product_kernels.h"

namespace mlite {

inline bool is_stepped(const CodeShape& shape) { return shape.kind <= CodeKind::Sq4u; }
inline bool is_half(const CodeShape& shape) {
  return shape.kind == CodeKind::Fp16 || shape.kind == CodeKind::Bf16;
}
inline bool is_partitioned(const CodeShape& shape) {
  return shape.kind == CodeKind::Product || shape.kind == CodeKind::ResidualProduct ||
         shape.kind == CodeKind::BlockedProduct;
}

inline bool is_l2(const CodeShape& shape) { return shape.metric == 0; }
inline bool is_cosine(const CodeShape& shape) { return shape.metric == 2; }
// Whether a row says by how much its direction, which is all that is coded, is to be lengthened.
inline bool is_lengthened(const CodeShape& shape) {
  return is_partitioned(shape) && !is_l2(shape);
}
inline bool has_bias(const CodeShape& shape) {
  return (shape.metric != 1 && !is_lengthened(shape)) || shape.kind == CodeKind::Rabit;
}
// Whether a row begins with either.
inline bool has_number(const CodeShape& shape) { return has_bias(shape) || is_lengthened(shape); }
// What products count for in a cost.
inline double fold_of(const CodeShape& shape) { return is_l2(shape) ? 2 : 1; }

// Bits of an element that is stored in planes.
inline uint32_t plane_bits(const CodeShape& shape) {
  switch (shape.kind) {
    case CodeKind::Sq8:
      return 8;
    case CodeKind::Sq6:
      return 6;
    case CodeKind::Rabit:
      return shape.bits;
    default:
      return 4;
  }
}

// Where the code begins in a row that lies apart.
inline size_t code_start(const CodeShape& shape) {
  if (shape.kind == CodeKind::Rabit) return 8;
  return has_number(shape) ? 4 : 0;
}

inline size_t part_dim(const CodeShape& shape) { return shape.dim / shape.parts; }
inline size_t entry_room(const CodeShape& shape) {
  return (size_t{shape.entries} + ENTRY_GROUP - 1) / ENTRY_GROUP * ENTRY_GROUP;
}
inline bool is_wide_entry(const CodeShape& shape) { return shape.entries > 256; }

// Entries of part p of layer l: `table` is l x parts + p.
inline Entries entries_of(const CodeShape& shape, const uint8_t* codebook, size_t table) {
  const size_t room = entry_room(shape);
  const size_t dim = part_dim(shape);
  const float* const values = reinterpret_cast<const float*>(codebook) + table * dim * room;
  return {values, dim, room, shape.entries};
}

inline uint32_t entry_at(const CodeShape& shape, const uint8_t* code, size_t table) {
  if (!is_wide_entry(shape)) return code[table];
  uint16_t entry;
  std::memcpy(&entry, code + table * 2, 2);
  return entry;
}

// Parts of BlockedProduct, with those that only fill a group.
inline size_t blocked_parts(const CodeShape& shape) {
  return (size_t{shape.parts} + PART_GROUP - 1) / PART_GROUP * PART_GROUP;
}
inline size_t block_start(const CodeShape& shape) {
  return has_number(shape) ? ROW_BLOCK * sizeof(float) : 0;
}
inline size_t block_bytes(const CodeShape& shape) {
  return block_start(shape) + blocked_parts(shape) * 16;
}

inline float float_at(const uint8_t* bytes) {
  float value;
  std::memcpy(&value, bytes, 4);
  return value;
}

// NaN, which only overflow can bring, counts as the worst cost.
inline float finite_cost(double cost) {
  const double below = cost < static_cast<double>(FLT_MAX) ? cost : static_cast<double>(FLT_MAX);
  const double both = below > -static_cast<double>(FLT_MAX) ? below : -static_cast<double>(FLT_MAX);
  return static_cast<float>(both);
}

}  // namespace mlite

#endif  // MLITE_CODE_LAYOUT_H_
