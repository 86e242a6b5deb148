// scanOpen(type, metric, dim, rowStart, rowEnd, queryCount, topK, tieRowsMax, costFrom,
//   elementBytes, bandCount, isByShare) -> handle; the last three are of MHJACCARD, else 0
// scanStep(handle, vectors, allowed | null, queries, codes | null) -> true when done
// scanResult(handle) -> { counts, rows, scores, cut }, once

#include <algorithm>
#include <new>

#include "binding_index.h"
#include "flat_image.h"
#include "scan.h"

namespace mlite {

namespace {

// Elements of a float or int8 vector and bits of a binary one; the engine's own bounds are lower.
constexpr size_t DIM_MAX = 262144;
constexpr size_t INT8_DIM_MAX = 32768;
constexpr size_t ROWS_MAX = UINT32_MAX;
constexpr size_t QUERIES_MAX = 1 << 20;
constexpr size_t TYPE_MAX = static_cast<size_t>(VectorType::Binary);
constexpr size_t METRIC_MAX = static_cast<size_t>(Metric::Minhash);

// The scan, until its result was taken: its memory does not wait for JavaScript to forget the
// handle.
struct ScanHandle {
  static constexpr napi_type_tag TAG = {0x6d6c697465207363, 0x616e20303120c0de};
  Scan* scan = nullptr;
  ScanHandle() = default;
  ScanHandle(const ScanHandle&) = delete;
  ScanHandle& operator=(const ScanHandle&) = delete;
  ~ScanHandle() { delete scan; }
};

// The scan of a handle; null, with a TypeError, when it is none or has given its result.
Scan* scan_of(napi_env env, napi_value value) {
  ScanHandle* const handle = Handle<ScanHandle>::of(env, value);
  if (handle == nullptr) return nullptr;
  if (handle->scan == nullptr) throw_type_error(env, "a scan gives its result once");
  return handle->scan;
}

// Array elements of one vector.
size_t stride(const ScanShape& shape) {
  return shape.type == VectorType::Binary ? shape.dim / 8 : shape.dim;
}

bool read_minhash(napi_env env, const Arguments& given, ScanShape* shape) {
  size_t is_by_share;
  if (!given.number(9, "elementBytes", 1, DIM_MAX, &shape->minhash.element_bytes) ||
      !given.number(10, "bandCount", 1, DIM_MAX, &shape->minhash.band_count) ||
      !given.number(11, "isByShare", 0, 1, &is_by_share)) {
    return false;
  }
  shape->minhash.is_by_share = is_by_share == 1;
  return shape->minhash.is_of(vector_bytes(shape->type, shape->dim)) ||
         wrong_argument(env, "elementBytes", "a signature that the vectors can be");
}

bool read_shape(napi_env env, const Arguments& given, ScanShape* shape) {
  size_t type;
  size_t metric;
  if (!given.has(12) || !given.number(0, "type", 0, TYPE_MAX, &type) ||
      !given.number(1, "metric", 0, METRIC_MAX, &metric)) {
    return false;
  }
  shape->type = static_cast<VectorType>(type);
  shape->metric = static_cast<Metric>(metric);
  if (!has_metric(shape->type, shape->metric)) {
    return wrong_argument(env, "metric", "one that vectors of this type have");
  }
  const size_t dim_max = shape->type == VectorType::Int8 ? INT8_DIM_MAX : DIM_MAX;
  if (!given.number(2, "dim", 1, dim_max, &shape->dim) ||
      !given.number(3, "rowStart", 0, ROWS_MAX, &shape->row_start) ||
      !given.number(4, "rowEnd", shape->row_start, shape->row_start + SCAN_ROWS_MAX,
                    &shape->row_end) ||
      !given.number(5, "queryCount", 0, QUERIES_MAX, &shape->query_count) ||
      !given.number(6, "topK", 1, ROWS_MAX, &shape->top_k) ||
      !given.number(7, "tieRowsMax", 0, ROWS_MAX, &shape->tie_rows_max) ||
      !given.real(8, "costFrom", &shape->cost_from)) {
    return false;
  }
  if (shape->type == VectorType::Binary && shape->dim % 8 != 0) {
    return wrong_argument(env, "dim", "a multiple of 8");
  }
  return shape->metric != Metric::Minhash || read_minhash(env, given, shape);
}

napi_value scan_open(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  ScanShape shape;
  if (!read_shape(env, given, &shape)) return nullptr;
  ScanHandle* const handle = new (std::nothrow) ScanHandle;
  if (handle != nullptr) handle->scan = new (std::nothrow) Scan;
  if (handle == nullptr || handle->scan == nullptr || !handle->scan->open(shape)) {
    delete handle;
    return throw_no_memory(env);
  }
  return Handle<ScanHandle>::make(env, handle);
}

napi_value scan_step(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (!given.has(5)) return nullptr;
  Scan* const scan = scan_of(env, given[0]);
  if (scan == nullptr) return nullptr;
  const ScanShape& shape = scan->shape();
  const napi_typedarray_type type = array_type(shape.type);
  const size_t mask_words = (shape.row_end - shape.row_start + 31) / 32;
  View vectors;
  View allowed = {};
  View queries;
  if (!given.view(1, "vectors", type, shape.row_end * stride(shape), &vectors) ||
      (!given.is_null(2) &&
       !given.view(2, "allowed", napi_uint32_array, mask_words, &allowed)) ||
      !given.view(3, "queries", type, shape.query_count * stride(shape), &queries)) {
    return nullptr;
  }
  FlatCodes codes;
  if (!given.is_null(4)) {
    View image;
    if (!given.view(4, "codes", napi_uint8_array, 0, &image)) return nullptr;
    if (shape.row_start % 32 != 0 ||
        !read_flat_codes(image.bytes, image.byte_length, shape, &codes)) {
      return throw_type_error(env, "codes: expected an image of codes of the vectors");
    }
  }
  // An empty array may lie nowhere: no rows are not the same as no mask.
  static const uint32_t no_rows = 0;
  const uint32_t* mask = nullptr;
  if (!given.is_null(2)) {
    mask = mask_words == 0 ? &no_rows : reinterpret_cast<const uint32_t*>(allowed.bytes);
  }
  const FlatCodes* const given_codes = given.is_null(4) ? nullptr : &codes;
  if (!scan->step({vectors.bytes, mask, queries.bytes, given_codes})) return throw_no_memory(env);
  napi_value is_done;
  return napi_get_boolean(env, scan->is_done(), &is_done) == napi_ok ? is_done : nullptr;
}

// Copies what the scan found into `result`; false when an exception is pending.
bool set_result(napi_env env, const Scan& scan, napi_value result) {
  const size_t query_count = scan.shape().query_count;
  const size_t hit_count = scan.hit_count();
  uint32_t* counts;
  uint32_t* rows;
  float* scores;
  uint8_t* cut;
  const auto set = [env, result](const char* name, napi_value value) {
    return value != nullptr && napi_set_named_property(env, result, name, value) == napi_ok;
  };
  if (!set("counts", new_uint32_array(env, query_count, &counts)) ||
      !set("rows", new_uint32_array(env, hit_count, &rows)) ||
      !set("scores", new_float_array(env, hit_count, &scores)) ||
      !set("cut", new_byte_array(env, query_count, &cut))) {
    return false;
  }
  std::copy_n(scan.counts(), query_count, counts);
  std::copy_n(scan.rows(), hit_count, rows);
  std::copy_n(scan.scores(), hit_count, scores);
  std::copy_n(scan.cut(), query_count, cut);
  return true;
}

napi_value scan_result(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (!given.has(1)) return nullptr;
  ScanHandle* const handle = Handle<ScanHandle>::of(env, given[0]);
  if (handle == nullptr || scan_of(env, given[0]) == nullptr) return nullptr;
  if (!handle->scan->is_done()) return throw_type_error(env, "a scan has a result when it is done");
  napi_value result;
  if (napi_create_object(env, &result) != napi_ok) return nullptr;
  if (!set_result(env, *handle->scan, result)) return nullptr;
  delete handle->scan;
  handle->scan = nullptr;
  return result;
}

}  // namespace

bool add_scan(napi_env env, napi_value exports) {
  constexpr Property functions[] = {
      {"scanOpen", scan_open}, {"scanStep", scan_step}, {"scanResult", scan_result}};
  return add_functions(env, exports, functions, 3);
}

}  // namespace mlite
