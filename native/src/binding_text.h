// What the glue of conditions on texts shares: rows, and where their bits go.

#ifndef MLITE_BINDING_TEXT_H_
#define MLITE_BINDING_TEXT_H_

#include "binding.h"
#include "text_kernels.h"

namespace mlite {

template <typename Type>
Type* as(const View& view) {
  return reinterpret_cast<Type*>(view.bytes);
}

// Rows out of the first two arguments: offsets never go back, and lie in the bytes.
bool rows_of(napi_env env, const Arguments& given, TextRows* rows);

// What all conditions end with: rows that are asked for, and where the answer goes.
bool marks_of(const Arguments& given, size_t i, size_t count, const uint32_t** active,
              uint32_t** out);

inline napi_value nothing(napi_env env) {
  napi_value value;
  return napi_get_undefined(env, &value) == napi_ok ? value : nullptr;
}

}  // namespace mlite

#endif  // MLITE_BINDING_TEXT_H_
