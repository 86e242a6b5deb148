// tablesBuild(dim, elementBytes, bandCount, rowCount, bucketBits, filterCount, filterBlocks,
//   filterBits, vectors, image, threadCount, control) -> true when done, false when cancelled
// tablesOpen(... the same eight, vectors, image, isChecked) -> handle, or why it is refused
// tablesSearch(handle, queries, queryCount, topK, candidates, isByShare, allowed | null, out)
//   -> number of hits; `out` has their counts by query, then room for topK rows a query, then for
//   as many scores as float32, hits of all queries one behind the other
// tablesClose(handle) gives its memory back; it is not searched any more

#include <algorithm>
#include <new>

#include "binding_index.h"
#include "minhash_build.h"
#include "minhash_search.h"

namespace mlite {

namespace {

constexpr size_t QUERIES_MAX = 1 << 20;
constexpr size_t SHAPE_ARGUMENTS = 8;

// Tables that are open on one thread, with the arrays they read, until they are closed.
struct TablesHandle : OpenIndex<TableSearcher> {
  static constexpr napi_type_tag TAG = {0x6d6c697465206d68, 0x7461626c65732064};
  TableShape shape = {};
};

// The shape, its vectors and an image of its length.
struct TableArguments {
  TableShape shape;
  View vectors;
  View image;
};

bool read_tables(napi_env env, const Arguments& given, TableArguments* out) {
  static const char* const names[SHAPE_ARGUMENTS] = {
      "dim",        "elementBytes", "bandCount",    "rowCount",
      "bucketBits", "filterCount",  "filterBlocks", "filterBits"};
  uint32_t numbers[SHAPE_ARGUMENTS];
  for (size_t i = 0; i < SHAPE_ARGUMENTS; i++) {
    size_t number;
    if (!given.number(i, names[i], 0, INT32_MAX, &number)) return false;
    numbers[i] = static_cast<uint32_t>(number);
  }
  out->shape = {numbers[0], numbers[1], numbers[2], numbers[3],
                numbers[4], numbers[5], numbers[6], numbers[7]};
  if (!is_table_shape(out->shape)) return wrong_argument(env, "shape", "one that tables can have");
  const size_t bytes = out->shape.row_count * out->shape.vector_bytes();
  const size_t length = lay_out(out->shape, nullptr).byte_length;
  if (!given.view(SHAPE_ARGUMENTS, "vectors", napi_uint8_array, bytes, &out->vectors) ||
      !given.view(SHAPE_ARGUMENTS + 1, "image", napi_uint8_array, length, &out->image)) {
    return false;
  }
  const bool is_aligned = reinterpret_cast<uintptr_t>(out->image.bytes) % sizeof(uint32_t) == 0;
  return is_aligned || wrong_argument(env, "image", "one that begins at a multiple of 4 bytes");
}

napi_value tables_build(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  TableArguments tables;
  View control;
  size_t thread_count;
  if (!given.has(SHAPE_ARGUMENTS + 4) || !read_tables(env, given, &tables) ||
      !given.number(SHAPE_ARGUMENTS + 2, "threadCount", 1, 1024, &thread_count) ||
      !given.view(SHAPE_ARGUMENTS + 3, "control", napi_int32_array, 2, &control)) {
    return nullptr;
  }
  const TableImage image = lay_out(tables.shape, tables.image.bytes);
  const BuildEnd end =
      build_tables(image, tables.vectors.bytes, static_cast<uint32_t>(thread_count),
                   *reinterpret_cast<BuildControl*>(control.bytes));
  if (end == BuildEnd::NoMemory) return throw_no_memory(env);
  napi_value is_done;
  return napi_get_boolean(env, end == BuildEnd::Done, &is_done) == napi_ok ? is_done : nullptr;
}

napi_value tables_open(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  TableArguments tables;
  bool is_checked = false;
  if (!given.has(SHAPE_ARGUMENTS + 3) || !read_tables(env, given, &tables)) return nullptr;
  if (napi_get_value_bool(env, given[SHAPE_ARGUMENTS + 2], &is_checked) != napi_ok) {
    return throw_type_error(env, "isChecked: expected a boolean");
  }
  const TableImage image = lay_out(tables.shape, tables.image.bytes);
  const char* reason = nullptr;
  if (!is_checked && !check_tables(image, &reason)) return refusal(env, reason);
  TablesHandle* const handle = new (std::nothrow) TablesHandle;
  if (handle == nullptr) return throw_no_memory(env);
  handle->shape = tables.shape;
  handle->env = env;
  handle->searcher = new (std::nothrow) TableSearcher;
  if (handle->searcher == nullptr || !handle->searcher->open(image, tables.vectors.bytes) ||
      !handle->hold(given[SHAPE_ARGUMENTS], given[SHAPE_ARGUMENTS + 1])) {
    delete handle;
    return throw_no_memory(env);
  }
  return Handle<TablesHandle>::make(env, handle);
}

// Queries of one call, as `tablesSearch` gets them.
struct SearchCall {
  View queries;
  size_t query_count;
  TableQuery query;
};

bool read_call(napi_env env, const Arguments& given, const TableShape& shape, SearchCall* call) {
  TableQuery& query = call->query;
  View allowed = {};
  const size_t words = (size_t{shape.row_count} + 31) / 32;
  if (!given.number(2, "queryCount", 0, QUERIES_MAX, &call->query_count) ||
      !given.view(1, "queries", napi_uint8_array, call->query_count * shape.vector_bytes(),
                  &call->queries) ||
      !given.number(3, "topK", 1, shape.row_count, &query.top_k) ||
      !given.number(4, "candidates", query.top_k, shape.row_count, &query.candidates)) {
    return false;
  }
  if (napi_get_value_bool(env, given[5], &query.is_by_share) != napi_ok) {
    return wrong_argument(env, "isByShare", "a boolean");
  }
  if (!given.is_null(6) && !given.view(6, "allowed", napi_uint32_array, words, &allowed)) {
    return false;
  }
  query.allowed = reinterpret_cast<const uint32_t*>(allowed.bytes);
  return true;
}

napi_value tables_search(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (!given.has(8)) return nullptr;
  TablesHandle* const handle = Handle<TablesHandle>::of(env, given[0]);
  if (handle == nullptr) return nullptr;
  if (handle->searcher == nullptr) return throw_type_error(env, "handle: it was closed");
  SearchCall call;
  if (!read_call(env, given, handle->shape, &call)) return nullptr;
  View out;
  const size_t room = call.query_count * call.query.top_k;
  if (!given.view(7, "out", napi_uint32_array, call.query_count + room * 2, &out)) return nullptr;
  uint32_t* const counts = reinterpret_cast<uint32_t*>(out.bytes);
  uint32_t* const rows = counts + call.query_count;
  float* const scores = reinterpret_cast<float*>(rows + room);
  size_t total = 0;
  for (size_t q = 0; q < call.query_count; q++) {
    size_t count = 0;
    call.query.vector = call.queries.bytes + q * handle->shape.vector_bytes();
    if (!handle->searcher->search(call.query, rows + total, scores + total, &count)) {
      return throw_no_memory(env);
    }
    counts[q] = static_cast<uint32_t>(count);
    total += count;
  }
  napi_value hits;
  return napi_create_double(env, static_cast<double>(total), &hits) == napi_ok ? hits : nullptr;
}

}  // namespace

bool add_minhash(napi_env env, napi_value exports) {
  constexpr Property functions[] = {{"tablesBuild", tables_build},
                                    {"tablesOpen", tables_open},
                                    {"tablesSearch", tables_search},
                                    {"tablesClose", close_handle<TablesHandle>}};
  return add_functions(env, exports, functions, 4);
}

}  // namespace mlite
