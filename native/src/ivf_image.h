// Inverted lists in place, as src/index/ivf-image.ts lays them out and documents every byte.
//
// Promise: after `open_lists` has said yes, no search reads outside of the sections, whatever is in
// them, and whatever comes there: mapped files change under us. The starts of lists are ours, rows
// are bounded where they are followed; `check_lists` finds a damaged one before it is.

#ifndef MLITE_IVF_IMAGE_H_
#define MLITE_IVF_IMAGE_H_

#include "codes.h"
#include "flat_image.h"
#include "k_means.h"

namespace mlite {

// What is kept of the vectors besides their lists.
enum class ListCodes : uint32_t {
  // Nothing: the vectors themselves are compared.
  None,
  // Codes that prove which rows need no look: flat_image.h.
  Panels,
  // Codes by which candidates are chosen: codes.h.
  Trained,
};

struct ListShape {
  VectorType type;
  Metric metric;
  uint32_t dim;
  uint32_t row_count;
  // At most row_count.
  uint32_t list_count;
  // Places of codes: those of each list, filled up to whole panels or blocks.
  uint32_t slot_count;
  ListCodes kind;
  // When trained.
  CodeShape codes;

  MeansSpace space() const { return {metric, dim}; }
};

// False for what no lists can have.
bool is_list_shape(const ListShape& shape);

// Whether centroids are directions that are as long as their rows are along them. Lists are ranked
// by the direction, and codes are of what remains.
bool has_directions(const ListShape& shape);

// Slots of a list come in whole multiples of this.
size_t slots_at_once(const ListShape& shape);

// Bytes of the sections of a shape; 0 where it has none.
struct ListSections {
  size_t centroids;
  size_t counts;
  size_t rows;
  size_t codes;
  // Scales, errors and lengths, each.
  size_t numbers;
  size_t halves;
  size_t codebook;
};
ListSections sections_of(const ListShape& shape);

struct ListImage {
  ListShape shape = {};
  const uint8_t* centroids = nullptr;
  // Rows of each list, for `open_lists`.
  const uint32_t* counts = nullptr;
  // Rows, list by list.
  const uint32_t* rows = nullptr;
  uint8_t* codes = nullptr;
  const float* scales = nullptr;
  const float* errors = nullptr;
  const float* lengths = nullptr;
  const float* halves = nullptr;
  uint8_t* codebook = nullptr;

  // Where lists begin, by list and one more: set by `open_lists`.
  Array<uint32_t> row_starts;
  Array<uint32_t> slot_starts;

  size_t row_count(size_t list) const { return row_starts[list + 1] - row_starts[list]; }
  const uint8_t* centroid(size_t list) const { return centroids + list * shape.space().bytes(); }
};

// Finds the starts of the lists; false, with a reason or without memory with none.
bool open_lists(ListImage& image, const char** reason);

// Checks every number that leads somewhere, in one pass; false as above.
bool check_lists(const ListImage& image, const char** reason);

// Writes a vector as centroids and trained codes see it: shape.space().bytes() bytes.
void prepare_row(const ListShape& shape, const uint8_t* vector, void* out);

}  // namespace mlite

#endif  // MLITE_IVF_IMAGE_H_
