// Kernels: what one instruction set computes over vectors, as a table that is chosen once by what
// the processor has. Nothing here knows Node.
//
// Promises of every table:
//   - Integer and bit kernels are exact, so all tables agree bit for bit.
//   - Float kernels add in one order that depends on `dim` only: a pair of vectors has one result,
//     whether it is measured alone, among rows or in a tile. Elements i, i + lanes, i + 2 x lanes
//     and so on are summed by fused multiply-add in float32 lane i, blocks of BLOCK elements apart from
//     each other; lanes are added as a tree of halves; blocks are added in float64, in order; the
//     total is rounded to float32. With lanes = 16 (AVX-512), 8 (AVX2), 4 (NEON, scalar) the result
//     differs from the real value by at most (min(dim, BLOCK) / lanes + log2(lanes) + 4) x 2^-24 of
//     the sum of the |terms|, plus dim x 2^-149. The scalar table rounds products, too.
//   - A sum that overflows float32 on its way is repeated in float64, so no result is NaN when no
//     element is; it may be an infinity.
//   - float16 and bfloat16 are widened to float32, which is exact, and then treated as float32.
//   - No byte outside the vectors is read; no alignment is asked for beyond that of the element.
//   - Rows are base + row x dim; `rows` null: rows 0, 1 ... count - 1. out[r] belongs to rows[r].
//     Rows that come later are prefetched.

#ifndef MLITE_KERNELS_H_
#define MLITE_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// Elements that are added in float32 before float64 takes over.
constexpr size_t BLOCK = 1024;

// Some queries against some rows: out[q x out_stride + r].
struct FloatTile {
  const float* queries;  // query_count x dim
  size_t query_count;
  const float* base;
  const uint32_t* rows;
  size_t row_count;
  size_t dim;
  float* out;
  size_t out_stride;
};

struct Int8Tile {
  const int8_t* queries;
  size_t query_count;
  const int8_t* base;
  const uint32_t* rows;
  size_t row_count;
  size_t dim;
  int32_t* out;
  size_t out_stride;
};

struct BitTile {
  const uint8_t* queries;
  size_t query_count;
  const uint8_t* base;
  const uint32_t* rows;
  size_t row_count;
  size_t bytes;  // of one vector
  uint32_t* out;
  size_t out_stride;
};

struct Kernels {
  // "avx512", "avx2", "neon" or "scalar".
  const char* name;

  // float32. l2 is the squared distance.
  float (*l2_f32)(const float* a, const float* b, size_t dim);
  float (*dot_f32)(const float* a, const float* b, size_t dim);
  void (*l2_f32_rows)(const float* query, const float* base, size_t dim, const uint32_t* rows,
                      size_t count, float* out);
  void (*dot_f32_rows)(const float* query, const float* base, size_t dim, const uint32_t* rows,
                       size_t count, float* out);
  void (*l2_f32_tile)(const FloatTile& tile);
  void (*dot_f32_tile)(const FloatTile& tile);

  // float16 and bfloat16 as bit patterns; the query is float32.
  float (*l2_f16)(const float* query, const uint16_t* row, size_t dim);
  float (*dot_f16)(const float* query, const uint16_t* row, size_t dim);
  void (*l2_f16_rows)(const float* query, const uint16_t* base, size_t dim, const uint32_t* rows,
                      size_t count, float* out);
  void (*dot_f16_rows)(const float* query, const uint16_t* base, size_t dim, const uint32_t* rows,
                       size_t count, float* out);
  float (*l2_bf16)(const float* query, const uint16_t* row, size_t dim);
  float (*dot_bf16)(const float* query, const uint16_t* row, size_t dim);
  void (*l2_bf16_rows)(const float* query, const uint16_t* base, size_t dim, const uint32_t* rows,
                       size_t count, float* out);
  void (*dot_bf16_rows)(const float* query, const uint16_t* base, size_t dim, const uint32_t* rows,
                        size_t count, float* out);
  // Squared lengths of rows: dot of each row with itself.
  void (*norms_f32)(const float* base, size_t dim, const uint32_t* rows, size_t count, float* out);
  void (*norms_f16)(const uint16_t* base, size_t dim, const uint32_t* rows, size_t count,
                    float* out);
  void (*norms_bf16)(const uint16_t* base, size_t dim, const uint32_t* rows, size_t count,
                     float* out);
  void (*widen_f16)(const uint16_t* from, float* to, size_t count);
  void (*widen_bf16)(const uint16_t* from, float* to, size_t count);

  // Positions r, ascending, of costs[r] <= bound; how many there are. `out` has room for `count`.
  size_t (*select)(const float* costs, size_t count, float bound, uint32_t* out);
  // out[r] = 1 / sqrt(squares[r]), in float64.
  void (*inverse_lengths)(const float* squares, size_t count, double* out);
  // Products become costs: minus product x (query x rows[r]), in float64, rounded once.
  void (*cosine_costs)(float* products, size_t count, double query, const double* rows);

  // int8; exact for dim <= 32768. norm is the squared length.
  int32_t (*l2_i8)(const int8_t* a, const int8_t* b, size_t dim);
  int32_t (*dot_i8)(const int8_t* a, const int8_t* b, size_t dim);
  int32_t (*norm_i8)(const int8_t* a, size_t dim);
  void (*l2_i8_tile)(const Int8Tile& tile);
  void (*dot_i8_tile)(const Int8Tile& tile);

  // Codes: an unsigned query against signed rows that lie `stride` bytes apart, stride >= dim.
  int32_t (*dot_u8i8)(const uint8_t* query, const int8_t* code, size_t dim);
  void (*dot_u8i8_rows)(const uint8_t* query, const int8_t* base, size_t stride, size_t dim,
                        const uint32_t* rows, size_t count, int32_t* out);

  // Bits: of a xor b, of a and b, of a.
  uint32_t (*hamming)(const uint8_t* a, const uint8_t* b, size_t bytes);
  uint32_t (*common_bits)(const uint8_t* a, const uint8_t* b, size_t bytes);
  uint32_t (*bits)(const uint8_t* a, size_t bytes);
  void (*hamming_tile)(const BitTile& tile);
  void (*common_bits_tile)(const BitTile& tile);

  // Of two rows of `count` elements: how many are the same.
  uint32_t (*equal_elements)(const uint8_t* a, const uint8_t* b, size_t element_bytes,
                             size_t count);
};

// The best table for this processor; the choice is made once and never changes.
const Kernels& kernels();

// A table by name, null where this binary or this processor lacks it: for tests.
const Kernels* kernels_named(const char* name);

// What only asks for memory is inlined by force: GCC takes a function that does nothing else for one
// without effects, and drops its calls.
#if defined(__GNUC__) || defined(__clang__)
#define MLITE_INLINE __attribute__((always_inline)) inline
#else
#define MLITE_INLINE inline
#endif

// Asks for the cache lines of [address, address + bytes), at most 16 of them; never faults.
static MLITE_INLINE void prefetch(const void* address, size_t bytes) {
#if defined(__GNUC__) || defined(__clang__)
  const char* at = static_cast<const char*>(address);
  const size_t lines = bytes < 1024 ? (bytes + 63) / 64 : 16;
  for (size_t i = 0; i < lines; i++) __builtin_prefetch(at + i * 64, 0, 3);
#else
  (void)address;
  (void)bytes;
#endif
}

}  // namespace mlite

#endif  // MLITE_KERNELS_H_
