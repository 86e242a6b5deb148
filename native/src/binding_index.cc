#include "binding_index.h"

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
  size_t count = 0;
  for (size_t word = 0; word < row_count / 32; word++) {
    uint32_t bits = words[word];
    bits -= (bits >> 1) & 0x55555555u;
    bits = (bits & 0x33333333u) + ((bits >> 2) & 0x33333333u);
    count += (((bits + (bits >> 4)) & 0x0f0f0f0fu) * 0x01010101u) >> 24;
  }
  for (size_t row = row_count / 32 * 32; row < row_count; row++) {
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
