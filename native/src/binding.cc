#include "binding.h"

#include <cmath>
#include <cstdio>
#include <cstring>

#include "kernels.h"

namespace mlite {

napi_value throw_type_error(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

napi_value throw_no_memory(napi_env env) {
  napi_throw_range_error(env, nullptr, "not enough memory");
  return nullptr;
}

bool wrong_argument(napi_env env, const char* name, const char* expected) {
  char message[160];
  std::snprintf(message, sizeof(message), "%s: expected %s", name, expected);
  throw_type_error(env, message);
  return false;
}

bool add_functions(napi_env env, napi_value exports, const Property* properties, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const Property& property = properties[i];
    napi_value made;
    if (napi_create_function(env, property.name, NAPI_AUTO_LENGTH, property.callback, nullptr,
                             &made) != napi_ok ||
        napi_set_named_property(env, exports, property.name, made) != napi_ok) {
      return false;
    }
  }
  return true;
}

Arguments::Arguments(napi_env env, napi_callback_info info)
    : env_(env), count_(COUNT_MAX), values_{} {
  if (napi_get_cb_info(env, info, &count_, values_, nullptr, nullptr) != napi_ok) count_ = 0;
}

bool Arguments::has(size_t count) const {
  if (count_ >= count) return true;
  return wrong_argument(env_, "arguments", "more of them");
}

bool Arguments::is_null(size_t i) const {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env_, values_[i], &type) == napi_ok && type == napi_null;
}

bool Arguments::number(size_t i, const char* name, size_t least, size_t most, size_t* out) const {
  double value = 0;
  const bool is_number = napi_get_value_double(env_, values_[i], &value) == napi_ok;
  // Refuses NaN, too.
  if (is_number && value >= static_cast<double>(least) && value <= static_cast<double>(most)) {
    *out = static_cast<size_t>(value);
    if (static_cast<double>(*out) == value) return true;
  }
  char expected[80];
  std::snprintf(expected, sizeof(expected), "a whole number of [%zu, %zu]", least, most);
  return wrong_argument(env_, name, expected);
}

bool Arguments::text(size_t i, const char* name, char* out, size_t room) const {
  size_t length = 0;
  if (napi_get_value_string_utf8(env_, values_[i], nullptr, 0, &length) != napi_ok ||
      length >= room) {
    return wrong_argument(env_, name, "a text that is not too long");
  }
  return napi_get_value_string_utf8(env_, values_[i], out, room, &length) == napi_ok;
}

bool Arguments::real(size_t i, const char* name, float* out) const {
  double value = 0;
  const bool is_number = napi_get_value_double(env_, values_[i], &value) == napi_ok;
  if (!is_number || std::isnan(value)) return wrong_argument(env_, name, "a number");
  *out = static_cast<float>(value);
  return true;
}

namespace {

size_t element_bytes(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 4;
  }
}

}  // namespace

bool Arguments::view(size_t i, const char* name, napi_typedarray_type type, size_t elements,
                     View* out) const {
  bool is_view = false;
  size_t length = 0;
  void* data = nullptr;
  if (napi_is_typedarray(env_, values_[i], &is_view) != napi_ok || !is_view ||
      napi_get_typedarray_info(env_, values_[i], &out->type, &length, &data, nullptr, nullptr) !=
          napi_ok ||
      out->type != type) {
    return wrong_argument(env_, name, "a typed array of the right type");
  }
  if (length < elements) return wrong_argument(env_, name, "a longer typed array");
  out->bytes = static_cast<uint8_t*>(data);
  out->byte_length = length * element_bytes(type);
  return true;
}

namespace {

napi_value new_array(napi_env env, napi_typedarray_type type, size_t length, void** data) {
  napi_value buffer;
  napi_value array;
  if (napi_create_arraybuffer(env, length * element_bytes(type), data, &buffer) != napi_ok ||
      napi_create_typedarray(env, type, length, buffer, 0, &array) != napi_ok) {
    bool is_pending = false;
    napi_is_exception_pending(env, &is_pending);
    return is_pending ? nullptr : throw_no_memory(env);
  }
  return array;
}

}  // namespace

napi_value new_uint32_array(napi_env env, size_t length, uint32_t** data) {
  return new_array(env, napi_uint32_array, length, reinterpret_cast<void**>(data));
}

napi_value new_float_array(napi_env env, size_t length, float** data) {
  return new_array(env, napi_float32_array, length, reinterpret_cast<void**>(data));
}

napi_value new_byte_array(napi_env env, size_t length, uint8_t** data) {
  return new_array(env, napi_uint8_array, length, reinterpret_cast<void**>(data));
}

}  // namespace mlite

// Loaded once a context: the main thread and every worker have exports of their own, and no state
// here belongs to one of them.
NAPI_MODULE_INIT() {
  napi_value name;
  const bool is_whole =
      napi_create_string_utf8(env, mlite::kernels().name, NAPI_AUTO_LENGTH, &name) == napi_ok &&
      napi_set_named_property(env, exports, "kernels", name) == napi_ok &&
      mlite::add_scan(env, exports) && mlite::add_graph(env, exports) &&
      mlite::add_ivf(env, exports) && mlite::add_minhash(env, exports) &&
      mlite::add_checksum(env, exports) && mlite::add_memory(env, exports) &&
      mlite::add_range(env, exports) && mlite::add_number(env, exports) &&
      mlite::add_text(env, exports) && mlite::add_text_match(env, exports);
  return is_whole ? exports : nullptr;
}
