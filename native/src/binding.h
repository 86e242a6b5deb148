// What the glue shares: arguments out of JavaScript, checked, and errors back into it. A wrong
// argument is a thrown TypeError, never a read outside the arguments.
//
// After any function here has returned false or null an exception is pending: return null at once.

#ifndef MLITE_BINDING_H_
#define MLITE_BINDING_H_

#define NAPI_VERSION 9
#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace mlite {

// The parts of the addon; each adds its functions to `exports`.
bool add_scan(napi_env env, napi_value exports);
bool add_graph(napi_env env, napi_value exports);
bool add_ivf(napi_env env, napi_value exports);
bool add_minhash(napi_env env, napi_value exports);
bool add_checksum(napi_env env, napi_value exports);
bool add_memory(napi_env env, napi_value exports);
bool add_range(napi_env env, napi_value exports);
bool add_number(napi_env env, napi_value exports);
bool add_text(napi_env env, napi_value exports);
bool add_text_match(napi_env env, napi_value exports);

struct Property {
  const char* name;
  napi_callback callback;
};

bool add_functions(napi_env env, napi_value exports, const Property* properties, size_t count);

// Memory of a typed array, wherever it lies.
struct View {
  napi_typedarray_type type;
  uint8_t* bytes;
  size_t byte_length;
};

// Arguments of one call.
class Arguments {
 public:
  static constexpr size_t COUNT_MAX = 16;

  Arguments(napi_env env, napi_callback_info info);

  // False when fewer than `count` were given.
  bool has(size_t count) const;
  napi_value operator[](size_t i) const { return values_[i]; }
  bool is_null(size_t i) const;

  // A whole number of [least, most].
  bool number(size_t i, const char* name, size_t least, size_t most, size_t* out) const;

  // A text, closed by a zero, of fewer than `room` bytes.
  bool text(size_t i, const char* name, char* out, size_t room) const;

  // Any number but NaN, rounded to float32.
  bool real(size_t i, const char* name, float* out) const;

  // A typed array of that type with at least `elements` elements.
  bool view(size_t i, const char* name, napi_typedarray_type type, size_t elements,
            View* out) const;

 private:
  napi_env env_;
  size_t count_;
  napi_value values_[COUNT_MAX];
};

// Both throw, and return null and false, so that `return` ends the call.
napi_value throw_type_error(napi_env env, const char* message);
bool wrong_argument(napi_env env, const char* name, const char* expected);
napi_value throw_no_memory(napi_env env);

// New typed arrays with memory of their own.
napi_value new_uint32_array(napi_env env, size_t length, uint32_t** data);
napi_value new_float_array(napi_env env, size_t length, float** data);
napi_value new_byte_array(napi_env env, size_t length, uint8_t** data);

// A native object in JavaScript's hands: freed when JavaScript forgets it, refused where another
// kind is expected.
template <class T>
struct Handle {
  // `object` is the handle's from here on; T::TAG names its kind.
  static napi_value make(napi_env env, T* object) {
    napi_value handle;
    const napi_finalize free = [](napi_env, void* data, void*) { delete static_cast<T*>(data); };
    if (napi_create_external(env, object, free, nullptr, &handle) != napi_ok) {
      delete object;
      return nullptr;
    }
    if (napi_type_tag_object(env, handle, &T::TAG) != napi_ok) return nullptr;
    return handle;
  }

  // Null, with a TypeError, when `value` is not such a handle.
  static T* of(napi_env env, napi_value value) {
    bool is_tagged = false;
    void* data = nullptr;
    napi_valuetype type = napi_undefined;
    if (napi_typeof(env, value, &type) == napi_ok && type == napi_external &&
        napi_check_object_type_tag(env, value, &T::TAG, &is_tagged) == napi_ok && is_tagged &&
        napi_get_value_external(env, value, &data) == napi_ok) {
      return static_cast<T*>(data);
    }
    throw_type_error(env, "handle: expected a native object of this kind");
    return nullptr;
  }
};

// close(handle): gives the object's memory back before JavaScript forgets it; twice is no error.
template <class T>
napi_value close_handle(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (!given.has(1)) return nullptr;
  T* const object = Handle<T>::of(env, given[0]);
  if (object == nullptr) return nullptr;
  object->close();
  napi_value nothing;
  return napi_get_undefined(env, &nothing) == napi_ok ? nothing : nullptr;
}

}  // namespace mlite

#endif  // MLITE_BINDING_H_
