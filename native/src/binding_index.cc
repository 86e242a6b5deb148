#include "binding_index.h"

#include "kernels.h"

namespace mlite {

napi_typedarray_type array_type(VectorType type) {
  switch (type) {
    case VectorType::Float32:
      return napi_float32_array;
    case VectorType::Int8:
      return napi_int8_array;
    case VectorType::Binary:
      return napi_uint8_array;
    default:
      return napi_uint16_array;
  }
}

size_t count_allowed(const uint32_t* words, size_t row_count) {
  const size_t whole = row_count / 32;
  size_t count = kernels().bits(reinterpret_cast<const uint8_t*>(words), whole * sizeof(uint32_t));
  for (size_t row = whole * 32; row < row_count; row++) {
    count += words[row >> 5] >> (row & 31) & 1;
  }
  return count;
}

napi_value refusal(napi_env env, const char* reason) {
  if (reason == nullptr) return throw_no_memory(env);
  napi_value text;
  return napi_create_string_utf8(env, reason, NAPI_AUTO_LENGTH, &text) == napi_ok ? text : nullptr;
}

}  // namespace mlite
