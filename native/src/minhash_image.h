// The image of the tables of a MINHASH_LSH index, as src/index/minhash-image.ts describes it byte
// for byte. The header is that file's; here are the sections behind it.

#ifndef MLITE_MINHASH_IMAGE_H_
#define MLITE_MINHASH_IMAGE_H_

#include "minhash_hash.h"
#include "signatures.h"

namespace mlite {

// As the header has them, in its order.
struct TableShape {
  uint32_t dim;
  uint32_t element_bytes;
  uint32_t band_count;
  uint32_t row_count;
  uint32_t bucket_bits;
  uint32_t filter_count;
  uint32_t filter_blocks;
  uint32_t filter_bits;

  size_t vector_bytes() const { return dim / 8; }
  size_t band_bytes() const {
    return MinhashMeasure{element_bytes, band_count, false}.band_bytes(vector_bytes());
  }
  size_t bucket_count() const { return size_t{1} << bucket_bits; }
  // The first bits of a hash.
  size_t bucket(uint32_t hash) const { return bucket_bits == 0 ? 0 : hash >> (32 - bucket_bits); }
};

bool is_table_shape(const TableShape& shape);

struct TableEntry {
  uint32_t hash;
  uint32_t row;
};

// An image in place; pointers are null where `bytes` is.
struct TableImage {
  TableShape shape;
  size_t byte_length;
  uint32_t* filters;
  uint32_t* starts;
  TableEntry* entries;

  Filter filter(uint32_t band) const {
    const size_t index = shape.filter_count == 1 ? 0 : band;
    return {filters + index * shape.filter_blocks * FILTER_BLOCK_WORDS, shape.filter_blocks,
            shape.filter_bits};
  }
  uint32_t* starts_of(uint32_t band) const {
    return starts + band * (shape.bucket_count() + 1);
  }
  TableEntry* entries_of(uint32_t band) const { return entries + size_t{band} * shape.row_count; }
};

TableImage lay_out(const TableShape& shape, uint8_t* bytes);

// Checks every number that leads somewhere; false, and in words what is wrong.
bool check_tables(const TableImage& image, const char** reason);

}  // namespace mlite

#endif  // MLITE_MINHASH_IMAGE_H_
