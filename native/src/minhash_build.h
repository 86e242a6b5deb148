// Building the tables of a MINHASH_LSH index: the twin of src/index/minhash-build.ts. Threads take
// band after band; whoever makes one, the image is the same.

#ifndef MLITE_MINHASH_BUILD_H_
#define MLITE_MINHASH_BUILD_H_

#include "graph_build.h"
#include "minhash_image.h"

namespace mlite {

// Fills the sections of `image`, which are zeros.
BuildEnd build_tables(const TableImage& image, const uint8_t* vectors, uint32_t thread_count,
                      BuildControl& control);

}  // namespace mlite

#endif  // MLITE_MINHASH_BUILD_H_
