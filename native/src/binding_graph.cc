// graphPlan(type, metric, dim, rowCount, degree, buildWidth, use, code | null, vectors)
//   -> bytes of the image; `use` is 1 of a graph that is refined, 2 of one on disk, else 0, and 4 more
//   of one over the vectors themselves, `code` is the eight words of a CodeShape
// graphBuild(... the same, image, threadCount, control) -> true when done, false when cancelled
// graphOpen(image, vectors, isChecked) -> handle, or the reason why it is refused
// graphSearch(handle, queries, queryCount, topK, width, allowed | null, scanRowsMax | null,
//   rankCount | null, out) -> number of hits; `out` has their counts by query, then room for topK
//   rows a query, then for as many scores as float32, hits of all queries one behind the other
// graphClose(handle) gives its memory back; it is not searched any more
// useLargePages(bytes) before they are first written

#include <algorithm>
#include <cstring>
#include <new>

#include "binding_index.h"
#include "graph_build.h"
#include "graph_codes.h"
#include "graph_search.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace mlite {

namespace {

constexpr size_t QUERIES_MAX = 1 << 20;
constexpr size_t LARGE_PAGE_BYTES = size_t{1} << 21;
constexpr size_t SHAPE_NUMBERS = 7;
constexpr size_t SHAPE_ARGUMENTS = SHAPE_NUMBERS + 1;

// A graph that is open on one thread, with the arrays it reads, until it is closed.
struct GraphHandle : OpenIndex<GraphSearcher> {
  static constexpr napi_type_tag TAG = {0x6d6c697465206772, 0x61706820303120c0};
  GraphImage image;
};

bool read_shape(napi_env env, const Arguments& given, GraphShape* shape) {
  size_t numbers[SHAPE_NUMBERS];
  static const char* const names[SHAPE_NUMBERS] = {"type",   "metric",     "dim",      "rowCount",
                                                   "degree", "buildWidth", "use"};
  for (size_t i = 0; i < SHAPE_NUMBERS; i++) {
    if (!given.number(i, names[i], 0, INT32_MAX, &numbers[i])) return false;
  }
  if (numbers[0] > static_cast<size_t>(VectorType::Binary) ||
      numbers[1] > static_cast<size_t>(Metric::Jaccard)) {
    return wrong_argument(env, "type", "a vector type and a metric");
  }
  *shape = {static_cast<VectorType>(numbers[0]),   static_cast<Metric>(numbers[1]),
            static_cast<uint32_t>(numbers[2]),     static_cast<uint32_t>(numbers[3]),
            static_cast<uint32_t>(numbers[4]),     static_cast<uint32_t>(numbers[5])};
  shape->is_trained = !given.is_null(SHAPE_NUMBERS);
  shape->is_refined = shape->is_trained && (numbers[6] & 3) == 1;
  shape->is_disk = shape->is_trained && (numbers[6] & 3) == 2;
  shape->is_over_vectors = (numbers[6] & 4) != 0;
  if (shape->is_trained) {
    View code;
    constexpr size_t words = sizeof(CodeShape) / sizeof(uint32_t);
    if (!given.view(SHAPE_NUMBERS, "code", napi_uint32_array, words, &code)) return false;
    std::memcpy(&shape->code, code.bytes, sizeof(CodeShape));
  }
  return is_graph_shape(*shape) || wrong_argument(env, "shape", "one that a graph can have");
}

bool read_vectors(const Arguments& given, size_t i, const GraphShape& shape, View* vectors) {
  const size_t count = shape.row_count * elements_of(shape.type, shape.dim);
  return given.view(i, "vectors", array_type(shape.type), count, vectors);
}

napi_value graph_plan(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  GraphShape shape;
  View vectors;
  if (!given.has(SHAPE_ARGUMENTS + 1) || !read_shape(env, given, &shape) ||
      !read_vectors(given, SHAPE_ARGUMENTS, shape, &vectors)) {
    return nullptr;
  }
  GraphPlan plan;
  if (!plan_graph(shape, vectors.bytes, plan)) return throw_no_memory(env);
  napi_value length;
  const double bytes = static_cast<double>(lay_out(shape, plan.counts, nullptr).byte_length);
  return napi_create_double(env, bytes, &length) == napi_ok ? length : nullptr;
}

napi_value graph_build(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  GraphShape shape;
  View vectors;
  View image;
  View control;
  size_t thread_count;
  if (!given.has(SHAPE_ARGUMENTS + 4) || !read_shape(env, given, &shape) ||
      !read_vectors(given, SHAPE_ARGUMENTS, shape, &vectors) ||
      !given.view(SHAPE_ARGUMENTS + 1, "image", napi_uint8_array, 1, &image) ||
      !given.number(SHAPE_ARGUMENTS + 2, "threadCount", 1, 1024, &thread_count) ||
      !given.view(SHAPE_ARGUMENTS + 3, "control", napi_int32_array, 2, &control)) {
    return nullptr;
  }
  GraphPlan plan;
  if (!plan_graph(shape, vectors.bytes, plan)) return throw_no_memory(env);
  if (lay_out(shape, plan.counts, nullptr).byte_length != image.byte_length) {
    return throw_type_error(env, "image: expected as many bytes as graphPlan says");
  }
  const BuildEnd end =
      build_graph(shape, plan, vectors.bytes, image.bytes, static_cast<uint32_t>(thread_count),
                  *reinterpret_cast<BuildControl*>(control.bytes));
  if (end == BuildEnd::NoMemory) return throw_no_memory(env);
  napi_value is_done;
  return napi_get_boolean(env, end == BuildEnd::Done, &is_done) == napi_ok ? is_done : nullptr;
}

napi_value graph_open(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  View bytes;
  View vectors;
  bool is_checked = false;
  if (!given.has(3) || !given.view(0, "image", napi_uint8_array, 0, &bytes)) return nullptr;
  if (napi_get_value_bool(env, given[2], &is_checked) != napi_ok) {
    return throw_type_error(env, "isChecked: expected a boolean");
  }
  if (reinterpret_cast<uintptr_t>(bytes.bytes) % sizeof(uint32_t) != 0) {
    return throw_type_error(env, "image: expected to begin at a multiple of 4 bytes");
  }
  GraphImage image;
  const char* reason = nullptr;
  if (!open_image(bytes.bytes, bytes.byte_length, image, &reason) ||
      (!is_checked && !check_image(image, &reason))) {
    return refusal(env, reason);
  }
  if (!read_vectors(given, 1, image.shape, &vectors)) return nullptr;
  GraphHandle* const handle = new (std::nothrow) GraphHandle;
  if (handle == nullptr) return throw_no_memory(env);
  handle->image = image;
  handle->env = env;
  handle->searcher = new (std::nothrow) GraphSearcher;
  if (handle->searcher == nullptr || !handle->searcher->open(handle->image, vectors.bytes) ||
      !handle->hold(given[0], given[1])) {
    delete handle;
    return throw_no_memory(env);
  }
  return Handle<GraphHandle>::make(env, handle);
}

// Queries of one call, as `graphSearch` gets them.
struct SearchCall {
  View queries;
  size_t query_count;
  GraphQuery query;
};

bool read_call(const Arguments& given, const GraphShape& shape, SearchCall* call) {
  GraphQuery& query = call->query;
  View allowed = {};
  const size_t words = (size_t{shape.row_count} + 31) / 32;
  if (!given.number(2, "queryCount", 0, QUERIES_MAX, &call->query_count) ||
      !given.view(1, "queries", array_type(shape.type),
                  call->query_count * elements_of(shape.type, shape.dim), &call->queries) ||
      !given.number(3, "topK", 1, shape.row_count, &query.top_k) ||
      !given.number(4, "width", 1, UINT32_MAX, &query.width) ||
      (!given.is_null(5) && !given.view(5, "allowed", napi_uint32_array, words, &allowed))) {
    return false;
  }
  query.width = std::min<size_t>(query.width, shape.row_count);
  query.allowed = reinterpret_cast<const uint32_t*>(allowed.bytes);
  query.allowed_count = shape.row_count;
  if (!given.is_null(5)) query.allowed_count = count_allowed(query.allowed, shape.row_count);
  query.scan_rows_max = SCAN_BY_COST;
  query.rank_count = RANK_BY_WIDTH;
  return (given.is_null(6) ||
          given.number(6, "scanRowsMax", 0, UINT32_MAX, &query.scan_rows_max)) &&
         (given.is_null(7) ||
          given.number(7, "rankCount", 1, shape.row_count, &query.rank_count));
}

napi_value graph_search(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (!given.has(9)) return nullptr;
  GraphHandle* const handle = Handle<GraphHandle>::of(env, given[0]);
  if (handle == nullptr) return nullptr;
  if (handle->searcher == nullptr) return throw_type_error(env, "handle: it was closed");
  SearchCall call;
  if (!read_call(given, handle->image.shape, &call)) return nullptr;
  View out;
  const size_t room = call.query_count * call.query.top_k;
  if (!given.view(8, "out", napi_uint32_array, call.query_count + room * 2, &out)) return nullptr;
  uint32_t* const counts = reinterpret_cast<uint32_t*>(out.bytes);
  uint32_t* const rows = counts + call.query_count;
  float* const scores = reinterpret_cast<float*>(rows + room);
  const size_t vector_bytes = vector_stride(handle->image.shape);
  size_t total = 0;
  for (size_t q = 0; q < call.query_count; q++) {
    size_t count = 0;
    call.query.vector = call.queries.bytes + q * vector_bytes;
    if (!handle->searcher->search(call.query, rows + total, scores + total, &count)) {
      return throw_no_memory(env);
    }
    counts[q] = static_cast<uint32_t>(count);
    total += count;
  }
  napi_value hits;
  return napi_create_double(env, static_cast<double>(total), &hits) == napi_ok ? hits : nullptr;
}

napi_value use_large_pages(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  View bytes;
  if (!given.has(1) || !given.view(0, "bytes", napi_uint8_array, 0, &bytes)) return nullptr;
#if defined(__linux__)
  const uintptr_t start = reinterpret_cast<uintptr_t>(bytes.bytes);
  const uintptr_t first = (start + LARGE_PAGE_BYTES - 1) & ~(LARGE_PAGE_BYTES - 1);
  const uintptr_t end = (start + bytes.byte_length) & ~(LARGE_PAGE_BYTES - 1);
  // Advice only: a system without such pages keeps the small ones.
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
  napi_value nothing;
  return napi_get_undefined(env, &nothing) == napi_ok ? nothing : nullptr;
}

}  // namespace

bool add_graph(napi_env env, napi_value exports) {
  constexpr Property functions[] = {{"graphPlan", graph_plan},
                                    {"graphBuild", graph_build},
                                    {"graphOpen", graph_open},
                                    {"graphSearch", graph_search},
                                    {"graphClose", close_handle<GraphHandle>},
                                    {"useLargePages", use_large_pages}};
  return add_functions(env, exports, functions, 6);
}

}  // namespace mlite
