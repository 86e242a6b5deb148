// Codes: vectors in few bytes, and what a query costs against them. Knows nothing of graphs or
// lists.
//
// A vector is prepared (of length 1 for COSINE, rotated for RaBitQ), a centroid c is taken off if
// there is one, and what remains, r, is coded; decoded it is r' ~ r. One formula covers every kind:
//   cost = base + bias of the row - f x (q . r'),   f = 2 for L2 and 1 for IP and COSINE
// `base` is the cost of the centroid: |q - c|^2 or -q.c; without one |q|^2 or 0. The bias is
// |r'|^2 + 2 c.r' for L2, |c + r'|^2 / 2 for COSINE, and nothing for IP. The cost of COSINE is so
// half a squared distance but for a constant: it goes for the length that decoding has lost, as L2
// does, and finds more than the product alone. Products are computed once a query and not once a
// list; but Rabit, whose error grows with the length of the query, takes q - c for q: its bias is
// |r|^2 for L2 and -c.r for the others.
// The nearest entries of product codes are means of what they stand for: decoded, a row points where
// it did but is too short, some more than others. By IP and COSINE, where that is what counts, a row
// keeps what gives it its length back:
//   cost = factor of the row x (base - q . r'),   factor = |x| / |c + r'|
//
//   kind             a row, padded to 4 bytes
//   Sq8 Sq6 Sq4      bias, planes of 8, 6 or 4 bits a dimension: steps between the least and the
//                    greatest value of that dimension in the sample
//   Sq4u             the same, between the least and the greatest value of all dimensions
//   Fp16 Bf16        bias, u16 x dim
//   Product          bias or factor, for each part the nearest of its entries: u8, or u16 when they
//                    are more than 256
//   ResidualProduct  bias or factor, and that for each layer: each codes what the one before left over
//   Rabit            bias, factor, planes of `bits` bits; r' = factor x (code - (2^bits - 1) / 2)
//   BlockedProduct   Product of at most 16 entries. A block of 32 rows is their biases or factors,
//                    then for each part (of parts rounded up to 4) 16 bytes, byte i with row i in
//                    its low and row 16 + i in its high bits
// Bias and factor are f32; by IP scalar codes have neither.
// Planes are those of plane_kernels.h: bits / 8 bytes a dimension, dim rounded up to 64.
//
//   codebook of       f32
//   Sq8 Sq6 Sq4 Sq4u  least value x dim, step x dim
//   product codes     layers x parts x (dim / parts) x entries rounded up to 16, the entries of one
//                     element side by side
//   others            none
//
// Promises:
//   - Codes, codebooks and costs are the same whatever the processor, and those of the twin,
//     src/index/codes.ts; but costs of Fp16 and Bf16 are sums as kernels.h has them.
//   - Costs are finite. Whatever bytes are in a codebook and a run, and whatever they become while
//     they are mapped, computing costs reads nothing outside of them.

#ifndef MLITE_CODES_H_
#define MLITE_CODES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memory.h"

namespace mlite {

// Numbered as the twin numbers them.
enum class CodeKind : uint32_t {
  Sq8,
  Sq6,
  Sq4,
  Sq4u,
  Fp16,
  Bf16,
  Product,
  ResidualProduct,
  BlockedProduct,
  Rabit,
};

// Eight words of the image that the codes lie in.
struct CodeShape {
  CodeKind kind;
  // 0 L2, 1 IP, 2 COSINE.
  uint32_t metric;
  uint32_t dim;
  // Product codes: parts that a vector is cut into, a divisor of dim; else 1.
  uint32_t parts;
  // ResidualProduct: how many codes one after the other; else 1.
  uint32_t layers;
  // Product codes: 1 ... 24; Rabit: 1 ... 9; else 0.
  uint32_t bits;
  // Product codes: entries of each part, at most 2^bits and 2^16; else 0.
  uint32_t entries;
  uint32_t reserved;
};
static_assert(sizeof(CodeShape) == 32, "eight words");

// The shape with the entries that are worth their memory for so many rows: no more than rows, and
// beyond 256 no more than a quarter of them.
CodeShape sized_for(CodeShape shape, size_t rows);

// False for what no codes can have.
bool is_code_shape(const CodeShape& shape);

// Whether rows lie apart, so that each can be read by itself: all but BlockedProduct.
bool has_stride(const CodeShape& shape);
// Bytes of a row of such a kind, a multiple of 4.
size_t code_bytes(const CodeShape& shape);
// Bytes of `rows` rows one behind the other, of every kind: a run. It begins at a multiple of 4.
size_t run_bytes(const CodeShape& shape, size_t rows);
// Bytes of the codebook, which begins at a multiple of 4; 0 for halves and Rabit.
size_t codebook_bytes(const CodeShape& shape);

// Makes a float32 vector what the functions below expect: rows, queries and, before they are
// trained, what centroids are trained of. Zero vectors stay zero.
void prepare_vector(const CodeShape& shape, bool is_cosine, float* vector);

// Rows of the sample that a codebook is trained of, at most.
size_t sample_rows(const CodeShape& shape);

enum class TrainEnd { Done, Cancelled, NoMemory };

// Fills `codebook`. `sample` has `count` >= 1 prepared vectors less their centroids; anything but 0
// in `is_cancelled` ends it.
TrainEnd train_codes(const CodeShape& shape, const float* sample, size_t count,
                     uint32_t thread_count, const std::atomic<int32_t>& is_cancelled,
                     uint8_t* codebook);

// Checks every number of a run that leads somewhere, in one pass.
bool check_run(const CodeShape& shape, const uint8_t* run, size_t rows);
// Checks a codebook: finite numbers.
bool check_codebook(const CodeShape& shape, const uint8_t* codebook);

// Writes codes; one thread has one.
class Encoder {
 public:
  // False when there is no memory. `codebook` is read until the last call.
  bool open(const CodeShape& shape, const uint8_t* codebook);

  // Codes `vector`, prepared and with nothing taken off, as row `position` of `run`; `centroid`,
  // prepared too, may be null. Rows of a block of BlockedProduct share bytes, and its first row
  // clears it: one thread writes a run, in order.
  void encode(const float* vector, const float* centroid, uint8_t* run, size_t position);

 private:
  void encode_steps(uint8_t* code);
  void encode_parts(uint8_t* code);
  void encode_blocked(uint8_t* run, size_t position);
  void encode_rabit(const float* centroid, uint8_t* row);
  float number(const float* vector, const float* centroid) const;
  float bias(const float* vector, const float* centroid) const;
  float lengthening(const float* vector, const float* centroid) const;

  CodeShape shape_ = {};
  const uint8_t* codebook_ = nullptr;
  // What is coded, and as it is decoded.
  Array<float> rest_;
  Array<float> decoded_;
  Array<uint32_t> values_;
};

// What decoding gives back, without the centroid. `out` has room for dim floats.
void decode(const CodeShape& shape, const uint8_t* codebook, const uint8_t* run, size_t position,
            float* out);

// Costs of one query at a time; one thread has one.
class CodeQuery {
 public:
  // False when there is no memory. `codebook` is read until the last call.
  bool open(const CodeShape& shape, const uint8_t* codebook);

  // `query` is prepared, and read until the next call. `query_bits`: 1 ... 8 bits of each element
  // are enough for Rabit; 0: all that help. Costs are those without a centroid until `set_list`.
  void set_query(const float* query, uint32_t query_bits);
  // Rows that follow have this centroid; `base` is its cost.
  void set_list(const float* centroid, float base);

  // Costs of rows [first, first + count) of a run. BlockedProduct: `first` is a multiple of 32.
  void costs(const uint8_t* run, size_t first, size_t count, float* out) const;
  // Costs of any rows of a run of a kind that has a stride.
  void costs_of(const uint8_t* run, const uint32_t* rows, size_t count, float* out) const;

 private:
  static constexpr size_t COSTS_AT_ONCE = 64;

  // Makes the whole numbers of `vector`, of all bits or of as many as query_bits_ says.
  void set_weights(const float* vector);
  void set_tables();
  void set_small_table();
  void some_costs(const uint8_t* rows_at, const uint32_t* rows, size_t count, float* out) const;
  void plane_costs(const uint8_t* rows_at, const uint32_t* rows, size_t count, float* out) const;
  void half_costs(const uint8_t* rows_at, const uint32_t* rows, size_t count, float* out) const;
  void part_costs(const uint8_t* rows_at, const uint32_t* rows, size_t count, float* out) const;
  void block_costs(const uint8_t* block, size_t count, float* out) const;
  float product_cost(float number, double sum) const;

  CodeShape shape_ = {};
  const uint8_t* codebook_ = nullptr;
  size_t stride_ = 0;
  const float* query_ = nullptr;
  uint32_t query_bits_ = 0;
  bool is_lengthened_ = false;
  // Cost = base_ + bias + multiplier_ x the sum that a kind makes of a code, or all but the bias
  // by the row's factor; Rabit multiplies by its own, too, and adds shift_ to the sum before.
  double base_ = 0;
  double multiplier_ = 0;
  double offset_ = 0;
  double shift_ = 0;
  // The query or its rest as whole numbers 256 x high + low, or low when they are narrow.
  bool is_narrow_ = false;
  Array<float> rest_;
  Array<int8_t> high_;
  Array<int8_t> low_;
  // The product of each part of the query with each entry.
  Array<float> table_;
  Array<uint8_t> small_table_;
  Array<float> least_;
};

}  // namespace mlite

#endif  // MLITE_CODES_H_
