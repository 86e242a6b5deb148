#include "graph_image.h"

#include <cfloat>
#include <cstring>

namespace mlite {
namespace {

constexpr uint64_t SECTION_ALIGNMENT = 64;
constexpr uint32_t VERSION = 3;
constexpr char MAGIC[8] = {'M', 'L', 'G', 'R', 'A', 'P', 'H', '\n'};

constexpr uint32_t TRAINED_DISK = 3;
constexpr uint32_t OVER_VECTORS = 4;

constexpr size_t AT_WORDS = 8;
constexpr size_t AT_LENGTH = 72;
constexpr size_t AT_OFFSETS = 80;
constexpr size_t AT_CODE = 152;

struct HeaderWords {
  uint32_t version;
  uint32_t header_bytes;
  uint32_t type;
  uint32_t metric;
  uint32_t dim;
  uint32_t row_count;
  uint32_t degree;
  uint32_t build_width;
  uint32_t upper_count;
  uint32_t upper_list_count;
  uint32_t top_level;
  uint32_t twin_count;
  uint32_t entry_row;
  uint32_t entry_upper;
  uint32_t code_stride;
  // 0, or 1 when codes were trained, 2 when they are refined as well, 3 of a graph on disk; 4 without
  // codes.
  uint32_t codes;
};
static_assert(AT_WORDS + sizeof(HeaderWords) == AT_LENGTH, "header words end where the length is");
static_assert(AT_OFFSETS + SECTION_COUNT * 8 == AT_CODE, "offsets end where the code is");

bool is_binary(const GraphShape& shape) { return shape.type == VectorType::Binary; }

uint32_t codes_word(const GraphShape& shape) {
  if (!shape.is_trained) return shape.is_over_vectors ? OVER_VECTORS : 0;
  if (shape.is_disk) return TRAINED_DISK;
  return shape.is_refined ? 2 : 1;
}

struct Sections {
  uint64_t offsets[SECTION_COUNT];
  uint64_t lengths[SECTION_COUNT];
  uint64_t byte_length;
};

Sections sections_of(const GraphShape& shape, const GraphCounts& counts) {
  const uint64_t rows = shape.row_count;
  const uint64_t degree = shape.degree;
  Sections sections = {};
  sections.lengths[SECTION_CODES] = rows * code_stride(shape);
  sections.lengths[SECTION_SCALES] = has_own_codes(shape) ? rows * 4 : 0;
  sections.lengths[SECTION_SQUARES] = has_squares(shape) ? rows * 4 : 0;
  sections.lengths[SECTION_LINKS] = rows * degree * 8;
  sections.lengths[SECTION_TWINS] = counts.twin_count == 0 ? 0 : rows * 4;
  sections.lengths[SECTION_UPPER_ROWS] = uint64_t{counts.upper_count} * 4;
  sections.lengths[SECTION_UPPER_STARTS] = (uint64_t{counts.upper_count} + 1) * 4;
  sections.lengths[SECTION_UPPER_LINKS] = uint64_t{counts.upper_list_count} * degree * 4;
  sections.lengths[SECTION_CODEBOOK] = shape.is_trained ? codebook_bytes(shape.code) : 0;
  uint64_t at = GRAPH_HEADER_BYTES;
  for (uint32_t i = 0; i < SECTION_COUNT; i++) {
    sections.offsets[i] = at;
    at += (sections.lengths[i] + SECTION_ALIGNMENT - 1) / SECTION_ALIGNMENT * SECTION_ALIGNMENT;
  }
  sections.byte_length = at;
  return sections;
}

template <class T>
T* section(uint8_t* bytes, const Sections& sections, GraphSection which) {
  if (bytes == nullptr || sections.lengths[which] == 0) return nullptr;
  return reinterpret_cast<T*>(bytes + sections.offsets[which]);
}

}  // namespace

bool is_graph_shape(const GraphShape& shape) {
  if (shape.type > VectorType::Binary || shape.metric > Metric::Jaccard) return false;
  if (!has_metric(shape.type, shape.metric)) return false;
  if (shape.dim < 1 || shape.dim > (is_binary(shape) ? 262144u : 32768u)) return false;
  if (is_binary(shape) && shape.dim % 8 != 0) return false;
  if (shape.row_count < 1 || shape.row_count > GRAPH_ROWS_MAX) return false;
  if (shape.is_over_vectors && (is_binary(shape) || shape.type == VectorType::Int8)) return false;
  if (shape.is_trained) {
    const uint32_t metric = static_cast<uint32_t>(shape.metric);
    if (is_binary(shape) || !is_code_shape(shape.code) || !has_stride(shape.code)) return false;
    if (shape.code.dim != shape.dim || shape.code.metric != metric) return false;
  }
  return shape.degree >= 2 && shape.degree <= 2048 && shape.build_width >= 1;
}

size_t code_stride(const GraphShape& shape) {
  if (shape.is_trained) return code_bytes(shape.code);
  if (!has_own_codes(shape)) return 0;
  return (shape.dim + CODE_BLOCK - 1) / CODE_BLOCK * CODE_BLOCK;
}

bool has_own_codes(const GraphShape& shape) {
  return !shape.is_trained && !is_binary(shape) && !shape.is_over_vectors;
}

bool has_squares(const GraphShape& shape) {
  if (shape.is_trained) return false;
  if (shape.is_over_vectors) return shape.metric == Metric::Cosine;
  return shape.metric == Metric::L2 || shape.metric == Metric::Jaccard;
}

GraphImage lay_out(const GraphShape& shape, const GraphCounts& counts, uint8_t* bytes) {
  const Sections sections = sections_of(shape, counts);
  GraphImage image;
  image.shape = shape;
  image.counts = counts;
  image.byte_length = sections.byte_length;
  image.codes = {section<uint8_t>(bytes, sections, SECTION_CODES), code_stride(shape)};
  image.codebook = section<uint8_t>(bytes, sections, SECTION_CODEBOOK);
  image.scales = section<float>(bytes, sections, SECTION_SCALES);
  image.squares = section<float>(bytes, sections, SECTION_SQUARES);
  image.links = section<Link>(bytes, sections, SECTION_LINKS);
  image.twins = section<uint32_t>(bytes, sections, SECTION_TWINS);
  image.upper_rows = section<uint32_t>(bytes, sections, SECTION_UPPER_ROWS);
  image.upper_starts = section<uint32_t>(bytes, sections, SECTION_UPPER_STARTS);
  image.upper_links = section<Link>(bytes, sections, SECTION_UPPER_LINKS);
  return image;
}

void write_header(const GraphImage& image, uint8_t* bytes) {
  const Sections sections = sections_of(image.shape, image.counts);
  const HeaderWords words = {
      VERSION,
      GRAPH_HEADER_BYTES,
      static_cast<uint32_t>(image.shape.type),
      static_cast<uint32_t>(image.shape.metric),
      image.shape.dim,
      image.shape.row_count,
      image.shape.degree,
      image.shape.build_width,
      image.counts.upper_count,
      image.counts.upper_list_count,
      image.counts.top_level,
      image.counts.twin_count,
      image.entry_row,
      image.entry_upper,
      static_cast<uint32_t>(code_stride(image.shape)),
      codes_word(image.shape),
  };
  std::memset(bytes, 0, GRAPH_HEADER_BYTES);
  std::memcpy(bytes, MAGIC, sizeof(MAGIC));
  std::memcpy(bytes + AT_WORDS, &words, sizeof(words));
  std::memcpy(bytes + AT_LENGTH, &sections.byte_length, 8);
  std::memcpy(bytes + AT_OFFSETS, sections.offsets, sizeof(sections.offsets));
  std::memcpy(bytes + AT_CODE, &image.shape.code, sizeof(CodeShape));
}

bool open_image(const uint8_t* bytes, size_t length, GraphImage& image, const char** reason) {
  *reason = "it is shorter than its header";
  if (length < GRAPH_HEADER_BYTES) return false;
  *reason = "it does not begin as a graph does";
  if (std::memcmp(bytes, MAGIC, sizeof(MAGIC)) != 0) return false;
  HeaderWords words;
  std::memcpy(&words, bytes + AT_WORDS, sizeof(words));
  *reason = "its version is another one";
  if (words.version != VERSION || words.header_bytes != GRAPH_HEADER_BYTES) return false;
  *reason = "its header says what no graph can be";
  if (words.type > static_cast<uint32_t>(VectorType::Binary)) return false;
  if (words.metric > static_cast<uint32_t>(Metric::Jaccard)) return false;
  if (words.codes > OVER_VECTORS) return false;
  GraphShape shape = {static_cast<VectorType>(words.type), static_cast<Metric>(words.metric),
                      words.dim, words.row_count, words.degree, words.build_width};
  shape.is_trained = words.codes > 0 && words.codes <= TRAINED_DISK;
  shape.is_refined = words.codes == 2;
  shape.is_disk = words.codes == TRAINED_DISK;
  shape.is_over_vectors = words.codes == OVER_VECTORS;
  if (shape.is_trained) std::memcpy(&shape.code, bytes + AT_CODE, sizeof(CodeShape));
  const GraphCounts counts = {words.upper_count, words.upper_list_count, words.top_level,
                              words.twin_count};
  if (!is_graph_shape(shape) || words.code_stride != code_stride(shape)) return false;
  if (counts.upper_count > shape.row_count || counts.twin_count >= shape.row_count) return false;
  if (counts.top_level > GRAPH_LEVELS_MAX) return false;
  if (counts.upper_list_count > uint64_t{counts.upper_count} * GRAPH_LEVELS_MAX) return false;
  if ((counts.top_level == 0) != (counts.upper_count == 0)) return false;
  if (counts.upper_list_count < counts.upper_count) return false;
  *reason = "its sections are not where they belong";
  const Sections sections = sections_of(shape, counts);
  if (std::memcmp(bytes + AT_LENGTH, &sections.byte_length, 8) != 0) return false;
  if (std::memcmp(bytes + AT_OFFSETS, sections.offsets, SECTION_COUNT * 8) != 0) return false;
  *reason = "its length is another one";
  if (length != sections.byte_length) return false;
  // Searches never write; only a build lays out memory of its own.
  image = lay_out(shape, counts, const_cast<uint8_t*>(bytes));
  image.entry_row = words.entry_row;
  image.entry_upper = words.entry_upper;
  *reason = "its entry is no node";
  if (image.entry_row >= shape.row_count) return false;
  return counts.upper_count == 0 ? image.entry_upper == NO_NODE
                                 : image.entry_upper < counts.upper_count;
}

namespace {

bool are_links_below(const Link* links, size_t count, uint32_t end) {
  bool is_sound = true;
  for (size_t i = 0; i < count; i++) {
    const uint32_t link = links[i].load(std::memory_order_relaxed);
    is_sound &= link < end || link == NO_NODE;
  }
  return is_sound;
}

bool are_finite(const float* values, size_t count) {
  bool is_sound = true;
  if (values == nullptr) return true;
  for (size_t i = 0; i < count; i++) is_sound &= values[i] >= 0 && values[i] <= FLT_MAX;
  return is_sound;
}

uint32_t level_of(const GraphImage& image, uint32_t node) {
  return image.upper_starts[node + 1] - image.upper_starts[node];
}

bool are_starts_sound(const GraphImage& image) {
  const uint32_t count = image.counts.upper_count;
  if (image.upper_starts[0] != 0) return false;
  if (image.upper_starts[count] != image.counts.upper_list_count) return false;
  for (uint32_t node = 0; node < count; node++) {
    if (image.upper_starts[node + 1] <= image.upper_starts[node]) return false;
    if (level_of(image, node) > image.counts.top_level) return false;
    if (image.upper_rows[node] >= image.shape.row_count) return false;
  }
  return true;
}

// A link on a level leads to a node that is there on that level.
bool are_upper_links_sound(const GraphImage& image) {
  const size_t links = size_t{image.counts.upper_list_count} * image.shape.degree;
  if (!are_links_below(image.upper_links, links, image.counts.upper_count)) return false;
  for (uint32_t node = 0; node < image.counts.upper_count; node++) {
    for (uint32_t level = 1; level <= level_of(image, node); level++) {
      const Link* const list = image.upper_list(node, level);
      for (uint32_t i = 0; i < image.shape.degree; i++) {
        const uint32_t link = list[i].load(std::memory_order_relaxed);
        if (link != NO_NODE && level_of(image, link) < level) return false;
      }
    }
  }
  return true;
}

// Chains of equal rows ascend, so they end, and no row is in two of them.
bool are_twins_sound(const GraphImage& image) {
  if (image.twins == nullptr) return true;
  const uint32_t rows = image.shape.row_count;
  Array<uint32_t> seen;
  if (!seen.resize((size_t{rows} + 31) / 32)) return false;
  std::memset(seen.data(), 0, seen.size() * 4);
  uint32_t found = 0;
  for (uint32_t row = 0; row < rows; row++) {
    const uint32_t next = image.twins[row];
    if (next == NO_NODE) continue;
    if (next >= rows || next <= row) return false;
    const uint32_t bit = 1u << (next & 31);
    if ((seen[next >> 5] & bit) != 0) return false;
    seen[next >> 5] |= bit;
    found++;
  }
  return found == image.counts.twin_count;
}

}  // namespace

bool check_image(const GraphImage& image, const char** reason) {
  const size_t rows = image.shape.row_count;
  *reason = "a scale is no number";
  if (!are_finite(image.scales, rows) || !are_finite(image.squares, rows)) return false;
  *reason = "a code is none";
  if (image.shape.is_trained && (!check_codebook(image.shape.code, image.codebook) ||
                                 !check_run(image.shape.code, image.codes.codes, rows))) {
    return false;
  }
  *reason = "a link leads nowhere";
  if (!are_links_below(image.links, rows * image.width(), image.shape.row_count)) return false;
  *reason = "an upper node is none";
  if (!are_starts_sound(image)) return false;
  if (image.counts.upper_count > 0) {
    *reason = "the entry is not on the top level";
    if (image.upper_rows[image.entry_upper] != image.entry_row) return false;
    if (level_of(image, image.entry_upper) != image.counts.top_level) return false;
    *reason = "an upper link leads nowhere";
    if (!are_upper_links_sound(image)) return false;
  }
  *reason = "equal rows are not in order";
  return are_twins_sound(image);
}

}  // namespace mlite
