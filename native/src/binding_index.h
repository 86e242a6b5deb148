// What the glue of indexes shares: vectors and masks in typed arrays, and searches that are open.

#ifndef MLITE_BINDING_INDEX_H_
#define MLITE_BINDING_INDEX_H_

#include "binding.h"
#include "scan.h"

namespace mlite {

napi_typedarray_type array_type(VectorType type);

// Array elements of one vector.
inline size_t elements_of(VectorType type, size_t dim) {
  return type == VectorType::Binary ? dim / 8 : dim;
}

// Rows that a mask allows; bits behind the rows do not count.
size_t count_allowed(const uint32_t* words, size_t row_count);

// Why an image is refused, as a text; null: there was no memory, which is thrown.
napi_value refusal(napi_env env, const char* reason);

// What is open on one thread, with the arrays it reads, until it is closed.
template <class Searcher>
struct OpenIndex {
  Searcher* searcher = nullptr;
  napi_env env = nullptr;
  napi_ref arrays[2] = {nullptr, nullptr};

  OpenIndex() = default;
  OpenIndex(const OpenIndex&) = delete;
  OpenIndex& operator=(const OpenIndex&) = delete;
  ~OpenIndex() { close(); }

  // Keeps both arrays as long as it is open; false when there is no memory.
  bool hold(napi_value image, napi_value vectors) {
    return napi_create_reference(env, image, 1, &arrays[0]) == napi_ok &&
           napi_create_reference(env, vectors, 1, &arrays[1]) == napi_ok;
  }

  void close() {
    delete searcher;
    searcher = nullptr;
    for (napi_ref& array : arrays) {
      if (array != nullptr) napi_delete_reference(env, array);
      array = nullptr;
    }
  }
};

}  // namespace mlite

#endif  // MLITE_BINDING_INDEX_H_
