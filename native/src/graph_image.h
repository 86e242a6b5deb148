// The image of a built graph: one run of bytes that is written to a file as it is and searched
// wherever it lies. src/index/hnsw-image.ts documents every byte; this is its twin.
//
// Promise: after `open_image` has said yes, no walk over the image reads outside it or runs for
// ever, whatever the bytes are, and whatever they become: those of a mapped file change with the
// file. So numbers that lead somewhere are bounded where they are followed; `check_image` finds a
// damaged one before it is.

#ifndef MLITE_GRAPH_IMAGE_H_
#define MLITE_GRAPH_IMAGE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "codes.h"
#include "graph_kernels.h"
#include "memory.h"
#include "scan.h"

namespace mlite {

constexpr uint32_t NO_NODE = 0xffffffffu;
constexpr uint32_t GRAPH_ROWS_MAX = 0x7fffffffu;
constexpr uint32_t GRAPH_LEVELS_MAX = 24;
constexpr size_t GRAPH_HEADER_BYTES = 256;

// Links are read while other threads of a build write them: each is whole, old or new.
using Link = std::atomic<uint32_t>;
static_assert(sizeof(Link) == 4, "links are plain words in the image");

struct GraphShape {
  VectorType type;
  Metric metric;
  uint32_t dim;
  uint32_t row_count;
  // Neighbours of a node on upper levels; twice as many on level 0.
  uint32_t degree;
  // Candidates that an insertion looks at.
  uint32_t build_width;
  // Codes that were trained, of `code`, instead of those of graph_codes.h.
  bool is_trained = false;
  // Searches may have more rows ranked by exact costs than they want; of codes that were trained.
  bool is_refined = false;
  // Made to stay in its file, see src/index/diskann.ts; of codes that were trained.
  bool is_disk = false;
  // Built over float vectors by exact costs, and without codes unless they are trained; of a trained
  // one that was opened, false.
  bool is_over_vectors = false;
  CodeShape code = {};
};

enum GraphSection : uint32_t {
  SECTION_CODES,
  SECTION_SCALES,
  SECTION_SQUARES,
  SECTION_LINKS,
  SECTION_TWINS,
  SECTION_UPPER_ROWS,
  SECTION_UPPER_STARTS,
  SECTION_UPPER_LINKS,
  SECTION_CODEBOOK,
  SECTION_COUNT,
};

// How many there are of what, from which the place of every section follows.
struct GraphCounts {
  uint32_t upper_count = 0;
  uint32_t upper_list_count = 0;
  uint32_t top_level = 0;
  // Rows that equal an earlier row, byte for byte.
  uint32_t twin_count = 0;
};

// An image in place. Pointers of empty sections are null.
struct GraphImage {
  GraphShape shape = {};
  GraphCounts counts;
  uint32_t entry_row = NO_NODE;
  uint32_t entry_upper = NO_NODE;
  uint64_t byte_length = 0;

  // Float and int8 vectors; binary graphs, and others without codes, are walked over the vectors.
  CodeRows codes = {nullptr, 0};
  // Of codes that are trained, which have neither scales nor squares; null where they need none.
  uint8_t* codebook = nullptr;
  float* scales = nullptr;
  // L2: squared length of the decoded code; JACCARD: bits that are set; none of other metrics.
  // Without codes, COSINE: squared length of the vector, or 0 where float32 is no measure of it.
  float* squares = nullptr;
  Link* links = nullptr;
  // The next row equal to this one, in ascending order.
  uint32_t* twins = nullptr;
  uint32_t* upper_rows = nullptr;
  // Lists of upper node u are starts[u] ... starts[u + 1] - 1, for levels 1, 2 ...
  uint32_t* upper_starts = nullptr;
  // Neighbours as upper nodes, not rows.
  Link* upper_links = nullptr;

  uint32_t width() const { return shape.degree * 2; }
  Link* list(uint32_t row) const { return links + static_cast<size_t>(row) * width(); }
  Link* upper_list(uint32_t node, uint32_t level) const {
    const size_t list = size_t{read_once(upper_starts + node)} + level - 1;
    const size_t last = size_t{counts.upper_list_count} - 1;
    return upper_links + (list < last ? list : last) * shape.degree;
  }
  uint32_t upper_row(uint32_t node) const {
    const uint32_t row = read_once(upper_rows + node);
    return row < shape.row_count ? row : entry_row;
  }
  // The next row that equals `row`, a later one, so that chains end; else NO_NODE.
  uint32_t next_twin(uint32_t row) const {
    const uint32_t next = read_once(twins + row);
    return next > row && next < shape.row_count ? next : NO_NODE;
  }
};

// False for what no graph can have.
bool is_graph_shape(const GraphShape& shape);

size_t code_stride(const GraphShape& shape);

// Whether it has the codes of graph_codes.h, and scales of them.
bool has_own_codes(const GraphShape& shape);
bool has_squares(const GraphShape& shape);

// Where everything is in an image of this shape at `bytes`, which may be null to learn byte_length.
GraphImage lay_out(const GraphShape& shape, const GraphCounts& counts, uint8_t* bytes);

// Writes the header of a laid out image to its beginning.
void write_header(const GraphImage& image, uint8_t* bytes);

// Reads and checks the header; false, with a reason, when it is not one or does not fit `length`.
bool open_image(const uint8_t* bytes, size_t length, GraphImage& image, const char** reason);

// Checks every number that leads somewhere, in one pass; false, with a reason.
bool check_image(const GraphImage& image, const char** reason);

}  // namespace mlite

#endif  // MLITE_GRAPH_IMAGE_H_
