// preferLargePages(bytes): asks the system to back the whole pages of `bytes` by large ones as they are
// first touched, so that a pass over them misses fewer address translations. A hint: nothing
// depends on it, and memory that is smaller, or that a system without the hint has, is left alone.

#include "binding.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace mlite {

namespace {

constexpr uintptr_t PAGE_BYTES = uintptr_t{2} * 1024 * 1024;

void advise(const View& view) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  const uintptr_t begin = reinterpret_cast<uintptr_t>(view.bytes);
  const uintptr_t first = (begin + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
  const uintptr_t end = (begin + view.byte_length) & ~(PAGE_BYTES - 1);
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#else
  (void)view;
#endif
}

napi_value prefer_large_pages(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  View bytes;
  if (given.has(1) && given.view(0, "bytes", napi_uint8_array, 0, &bytes)) advise(bytes);
  return nullptr;
}

}  // namespace

bool add_memory(napi_env env, napi_value exports) {
  constexpr Property functions[] = {{"preferLargePages", prefer_large_pages}};
  return add_functions(env, exports, functions, 1);
}

}  // namespace mlite
