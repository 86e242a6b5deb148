// Codes of float vectors for exact scans: src/index/flat-image.ts documents every byte and builds
// the image; here it is read, and queries get codes of their own.
//
// Promise: for a row x of codes x' = scale x code, and a query q of codes q', the product q.x that
// the float kernels compute is at most
//   q'.x' + |q| x error + slack x length
// as flat_kernels.h computes it, with error >= |x - x'|, length >= |x'| + error and
// slack = |q - q'| + ROUNDING x |q|. With COSINE both vectors have length 1. It is the inequality of
// Cauchy and Schwarz for q.x = q'.x' + q.(x - x') + (q - q').x'; ROUNDING covers float32 sums.
//
// Whatever the bytes are, no more than the image is read; a damaged one may lose rows.

#ifndef MLITE_FLAT_IMAGE_H_
#define MLITE_FLAT_IMAGE_H_

#include "flat_kernels.h"
#include "scan.h"

namespace mlite {

// An image in place.
struct FlatCodes {
  CodePanels panels;
  size_t row_count;
};

// False when these bytes are no image of at least `shape.row_end` vectors of that shape.
bool read_flat_codes(const uint8_t* bytes, size_t length, const ScanShape& shape, FlatCodes* codes);

// Bytes of a code.
size_t flat_stride(size_t dim);

// Codes of a query that is float32; `values` has room for flat_stride(dim), `least` is left alone.
// False for a query that is too small or too large for float32 sums.
bool make_flat_query(const float* query, const ScanShape& shape, int8_t* values, FlatQuery* made);

// What rows must reach so that the float kernels may find their cost at most `worst`; `square` is
// the squared length of the query as they find it.
float least_product(const ScanShape& shape, float square, float worst);

}  // namespace mlite

#endif  // MLITE_FLAT_IMAGE_H_
