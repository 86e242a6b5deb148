// markRange(kind, values, bounds, out): bits of the rows whose value lies in [bounds[0], bounds[1]].

#include "binding.h"
#include "range_kernels.h"

namespace mlite {

namespace {

// As src/query/number-range.ts counts them.
enum Kind : size_t { INT64, INT32, FLOAT32, FLOAT64 };

constexpr napi_typedarray_type VALUES[] = {napi_bigint64_array, napi_int32_array,
                                           napi_float32_array, napi_float64_array};
constexpr napi_typedarray_type BOUNDS[] = {napi_bigint64_array, napi_int32_array,
                                           napi_float64_array, napi_float64_array};
constexpr size_t VALUE_BYTES[] = {8, 4, 4, 8};

template <typename Type>
const Type* as(const View& view) {
  return reinterpret_cast<const Type*>(view.bytes);
}

napi_value mark_range(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  size_t kind;
  View values;
  View bounds;
  View out;
  if (!given.has(4) || !given.number(0, "kind", INT64, FLOAT64, &kind) ||
      !given.view(1, "values", VALUES[kind], 0, &values) ||
      !given.view(2, "bounds", BOUNDS[kind], 2, &bounds)) {
    return nullptr;
  }
  const size_t count = values.byte_length / VALUE_BYTES[kind];
  if (!given.view(3, "out", napi_uint32_array, (count + 31) / 32, &out)) return nullptr;
  uint32_t* const bits = reinterpret_cast<uint32_t*>(out.bytes);
  const RangeKernels& kernels = range_kernels();
  if (kind == INT64) {
    const int64_t* const edge = as<int64_t>(bounds);
    kernels.int64(as<int64_t>(values), count, edge[0], edge[1], bits);
  } else if (kind == INT32) {
    const int32_t* const edge = as<int32_t>(bounds);
    kernels.int32(as<int32_t>(values), count, edge[0], edge[1], bits);
  } else {
    const double* const edge = as<double>(bounds);
    if (kind == FLOAT32) kernels.float32(as<float>(values), count, edge[0], edge[1], bits);
    else kernels.float64(as<double>(values), count, edge[0], edge[1], bits);
  }
  napi_value nothing;
  return napi_get_undefined(env, &nothing) == napi_ok ? nothing : nullptr;
}

}  // namespace

bool add_range(napi_env env, napi_value exports) {
  constexpr Property functions[] = {{"markRange", mark_range}};
  return add_functions(env, exports, functions, 1);
}

}  // namespace mlite
