// ivfCluster(words, vectors, centroids, lists, threadCount, control) -> true when done, false when
//   cancelled; centroids and the list of each row are filled
// ivfEncode(image, words, vectors, threadCount, control) -> the same; trained codes are filled
// ivfOpen(image, words, vectors, isChecked) -> handle, or the reason why it is refused
// ivfSearch(handle, queries, queryCount, topK, probeCount, candidateCount, queryBits,
//   allowed | null, out) -> number of hits; `out` as graphSearch has it
// ivfClose(handle) gives its memory back; it is not searched any more
//
// Words: type, metric, dim, rows, lists, slots, kind of codes, the eight of CodeShape, then where
// the sections begin in the image, in units of 64 bytes: centroids, counts, rows, codes, scales,
// errors, lengths, halves, codebook.

#include <algorithm>
#include <cstring>
#include <new>

#include "binding_index.h"
#include "ivf_build.h"
#include "ivf_search.h"

namespace mlite {

namespace {

constexpr size_t QUERIES_MAX = 1 << 20;
constexpr size_t SECTION_UNIT = 64;
constexpr size_t CODE_WORDS = sizeof(CodeShape) / sizeof(uint32_t);
constexpr size_t SHAPE_WORDS = 7 + CODE_WORDS;
constexpr size_t SECTIONS = 9;

// Lists that are open on one thread, with the arrays they read, until they are closed.
struct ListHandle : OpenIndex<ListSearcher> {
  static constexpr napi_type_tag TAG = {0x6d6c697465206c69, 0x7374732030316976};
  ListImage image;
};

bool read_words(napi_env env, const Arguments& given, size_t i, size_t count, ListShape* shape,
                const uint32_t** words) {
  View view;
  if (!given.view(i, "words", napi_uint32_array, count, &view)) return false;
  const uint32_t* const w = reinterpret_cast<const uint32_t*>(view.bytes);
  *words = w;
  if (w[0] > static_cast<uint32_t>(VectorType::Binary) ||
      w[1] > static_cast<uint32_t>(Metric::Jaccard) ||
      w[6] > static_cast<uint32_t>(ListCodes::Trained)) {
    return wrong_argument(env, "words", "a vector type, a metric and a kind of codes");
  }
  *shape = {static_cast<VectorType>(w[0]), static_cast<Metric>(w[1]), w[2], w[3], w[4], w[5],
            static_cast<ListCodes>(w[6]),  {}};
  std::memcpy(static_cast<void*>(&shape->codes), w + 7, sizeof(CodeShape));
  return is_list_shape(*shape) || wrong_argument(env, "words", "a shape that lists can have");
}

bool read_vectors(const Arguments& given, size_t i, const ListShape& shape, View* vectors) {
  const size_t count = shape.row_count * elements_of(shape.type, shape.dim);
  return given.view(i, "vectors", array_type(shape.type), count, vectors);
}

// Puts the sections of an image in their places, each of which lies inside of it.
bool place_sections(napi_env env, const View& bytes, const uint32_t* offsets, ListImage& image) {
  const ListSections lengths = sections_of(image.shape);
  const size_t needed[SECTIONS] = {lengths.centroids, lengths.counts,  lengths.rows,
                                   lengths.codes,     lengths.numbers, lengths.numbers,
                                   lengths.numbers,   lengths.halves,  lengths.codebook};
  uint8_t* places[SECTIONS];
  if (reinterpret_cast<uintptr_t>(bytes.bytes) % sizeof(uint32_t) != 0) {
    return wrong_argument(env, "image", "to begin at a multiple of 4 bytes");
  }
  for (size_t i = 0; i < SECTIONS; i++) {
    const size_t offset = offsets[i] * SECTION_UNIT;
    if (offset > bytes.byte_length || needed[i] > bytes.byte_length - offset) {
      return wrong_argument(env, "image", "a longer one");
    }
    places[i] = needed[i] == 0 ? nullptr : bytes.bytes + offset;
  }
  image.centroids = places[0];
  image.counts = reinterpret_cast<const uint32_t*>(places[1]);
  image.rows = reinterpret_cast<const uint32_t*>(places[2]);
  image.codes = places[3];
  image.scales = reinterpret_cast<const float*>(places[4]);
  image.errors = reinterpret_cast<const float*>(places[5]);
  image.lengths = reinterpret_cast<const float*>(places[6]);
  image.halves = reinterpret_cast<const float*>(places[7]);
  image.codebook = places[8];
  return true;
}

napi_value boolean(napi_env env, BuildEnd end) {
  if (end == BuildEnd::NoMemory) return throw_no_memory(env);
  napi_value is_done;
  return napi_get_boolean(env, end == BuildEnd::Done, &is_done) == napi_ok ? is_done : nullptr;
}

napi_value ivf_cluster(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  ListShape shape;
  const uint32_t* words;
  View vectors;
  View centroids;
  View lists;
  View control;
  size_t thread_count;
  if (!given.has(6) || !read_words(env, given, 0, SHAPE_WORDS, &shape, &words) ||
      !read_vectors(given, 1, shape, &vectors) ||
      !given.view(2, "centroids", napi_uint8_array, sections_of(shape).centroids, &centroids) ||
      !given.view(3, "lists", napi_uint32_array, shape.row_count, &lists) ||
      !given.number(4, "threadCount", 1, 1024, &thread_count) ||
      !given.view(5, "control", napi_int32_array, 2, &control)) {
    return nullptr;
  }
  return boolean(env, cluster_rows(shape, vectors.bytes, centroids.bytes,
                                   reinterpret_cast<uint32_t*>(lists.bytes),
                                   static_cast<uint32_t>(thread_count),
                                   *reinterpret_cast<BuildControl*>(control.bytes)));
}

// An image and its vectors, from the arguments 0, 1 and 2.
bool read_image(napi_env env, const Arguments& given, ListImage& image, View* vectors) {
  View bytes;
  const uint32_t* words;
  return given.view(0, "image", napi_uint8_array, 0, &bytes) &&
         read_words(env, given, 1, SHAPE_WORDS + SECTIONS, &image.shape, &words) &&
         read_vectors(given, 2, image.shape, vectors) &&
         place_sections(env, bytes, words + SHAPE_WORDS, image);
}

napi_value ivf_encode(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  ListImage image;
  View vectors;
  View control;
  size_t thread_count;
  const char* reason;
  if (!given.has(5) || !read_image(env, given, image, &vectors) ||
      !given.number(3, "threadCount", 1, 1024, &thread_count) ||
      !given.view(4, "control", napi_int32_array, 2, &control)) {
    return nullptr;
  }
  if (image.shape.kind != ListCodes::Trained) {
    return throw_type_error(env, "words: expected trained codes");
  }
  if (!open_lists(image, &reason) || !check_lists(image, &reason)) {
    return reason == nullptr ? throw_no_memory(env) : throw_type_error(env, reason);
  }
  return boolean(env, encode_lists(image, vectors.bytes, static_cast<uint32_t>(thread_count),
                                   *reinterpret_cast<BuildControl*>(control.bytes)));
}

napi_value ivf_open(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  View vectors;
  bool is_checked = false;
  if (!given.has(4)) return nullptr;
  if (napi_get_value_bool(env, given[3], &is_checked) != napi_ok) {
    return throw_type_error(env, "isChecked: expected a boolean");
  }
  ListHandle* const handle = new (std::nothrow) ListHandle;
  if (handle == nullptr) return throw_no_memory(env);
  handle->env = env;
  const char* reason = nullptr;
  if (!read_image(env, given, handle->image, &vectors)) {
    delete handle;
    return nullptr;
  }
  if (!open_lists(handle->image, &reason) ||
      (!is_checked && !check_lists(handle->image, &reason))) {
    delete handle;
    return refusal(env, reason);
  }
  handle->searcher = new (std::nothrow) ListSearcher;
  if (handle->searcher == nullptr || !handle->searcher->open(handle->image, vectors.bytes) ||
      !handle->hold(given[0], given[2])) {
    delete handle;
    return throw_no_memory(env);
  }
  return Handle<ListHandle>::make(env, handle);
}

bool read_queries(const Arguments& given, const ListShape& shape, ListQueries* queries) {
  View vectors;
  View allowed = {};
  size_t query_bits;
  const size_t words = (size_t{shape.row_count} + 31) / 32;
  if (!given.number(2, "queryCount", 0, QUERIES_MAX, &queries->count) ||
      !given.view(1, "queries", array_type(shape.type),
                  queries->count * elements_of(shape.type, shape.dim), &vectors) ||
      !given.number(3, "topK", 1, shape.row_count, &queries->top_k) ||
      !given.number(4, "probeCount", 1, UINT32_MAX, &queries->probe_count) ||
      !given.number(5, "candidateCount", queries->top_k, shape.row_count,
                    &queries->candidate_count) ||
      !given.number(6, "queryBits", 0, 8, &query_bits) ||
      (!given.is_null(7) && !given.view(7, "allowed", napi_uint32_array, words, &allowed))) {
    return false;
  }
  queries->vectors = vectors.bytes;
  queries->query_bits = static_cast<uint32_t>(query_bits);
  queries->allowed = reinterpret_cast<const uint32_t*>(allowed.bytes);
  queries->allowed_count = shape.row_count;
  if (queries->allowed != nullptr) {
    queries->allowed_count = count_allowed(queries->allowed, shape.row_count);
  }
  return true;
}

napi_value ivf_search(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (!given.has(9)) return nullptr;
  ListHandle* const handle = Handle<ListHandle>::of(env, given[0]);
  if (handle == nullptr) return nullptr;
  if (handle->searcher == nullptr) return throw_type_error(env, "handle: it was closed");
  ListQueries queries;
  if (!read_queries(given, handle->image.shape, &queries)) return nullptr;
  View out;
  const size_t room = queries.count * queries.top_k;
  if (!given.view(8, "out", napi_uint32_array, queries.count + room * 2, &out)) return nullptr;
  uint32_t* const counts = reinterpret_cast<uint32_t*>(out.bytes);
  uint32_t* const rows = counts + queries.count;
  float* const scores = reinterpret_cast<float*>(rows + room);
  if (!handle->searcher->search(queries, counts, rows, scores)) return throw_no_memory(env);
  double total = 0;
  for (size_t q = 0; q < queries.count; q++) total += counts[q];
  napi_value hits;
  return napi_create_double(env, total, &hits) == napi_ok ? hits : nullptr;
}

}  // namespace

bool add_ivf(napi_env env, napi_value exports) {
  constexpr Property functions[] = {{"ivfCluster", ivf_cluster},
                                    {"ivfEncode", ivf_encode},
                                    {"ivfOpen", ivf_open},
                                    {"ivfSearch", ivf_search},
                                    {"ivfClose", close_handle<ListHandle>}};
  return add_functions(env, exports, functions, 5);
}

}  // namespace mlite
