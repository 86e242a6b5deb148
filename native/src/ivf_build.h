// Building inverted lists, in two steps between which the image is laid out: which centroids there
// are and in whose list each row is; then the codes of all rows, where there are trained ones. The
// same rows make the same bytes, whatever the number of threads.

#ifndef MLITE_IVF_BUILD_H_
#define MLITE_IVF_BUILD_H_

#include "graph_build.h"
#include "ivf_image.h"

namespace mlite {

// Of what is done when rows are in their lists, and what comes behind, in percent of the rows.
constexpr int32_t CLUSTER_PERCENT = 80;

// Fills `centroids`, as sections_of says, and by row the number of its list. Neither the slots nor
// anything of codes but how they prepare vectors is looked at.
BuildEnd cluster_rows(const ListShape& shape, const uint8_t* vectors, uint8_t* centroids,
                      uint32_t* lists, uint32_t thread_count, BuildControl& control);

// Fills codebook and codes, which are zero, of an image that is open: of trained codes.
BuildEnd encode_lists(const ListImage& image, const uint8_t* vectors, uint32_t thread_count,
                      BuildControl& control);

}  // namespace mlite

#endif  // MLITE_IVF_BUILD_H_
