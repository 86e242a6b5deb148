// preferLargePages(bytes): asks the system to back the whole pages of `bytes` by large ones as they are
// first touched, so that a pass over them misses fewer address translations. A hint: nothing
// depends on it, and memory that is smaller, or that a system without the hint has, is left alone.

//
// mapFile(path, byteLength): the first bytes of a file as memory of this thread's own, read as they are
// touched; null where the system does not map it or it is shorter. What is written to it stays here. It is
// unmapped when nobody holds it any more.

#include "binding.h"

#if defined(__linux__) || defined(__APPLE__)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
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

#if defined(__linux__) || defined(__APPLE__)

// Null when it cannot be mapped whole.
void* map_file(const char* path, size_t byte_length) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  struct stat about;
  void* memory = MAP_FAILED;
  if (fstat(file, &about) == 0 && static_cast<uint64_t>(about.st_size) >= byte_length) {
    // Private and writable: a write by mistake changes neither the file nor ends the process.
    memory = mmap(nullptr, byte_length, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  }
  close(file);
  return memory == MAP_FAILED ? nullptr : memory;
}

void unmap(napi_env, void* memory, void* byte_length) {
  munmap(memory, reinterpret_cast<size_t>(byte_length));
}

napi_value as_bytes(napi_env env, void* memory, size_t byte_length) {
  napi_value buffer;
  napi_value bytes;
  void* hint = reinterpret_cast<void*>(byte_length);
  if (napi_create_external_arraybuffer(env, memory, byte_length, unmap, hint, &buffer) != napi_ok) {
    munmap(memory, byte_length);
    return nullptr;
  }
  const napi_status made =
      napi_create_typedarray(env, napi_uint8_array, byte_length, buffer, 0, &bytes);
  return made == napi_ok ? bytes : nullptr;
}

#else

void* map_file(const char*, size_t) { return nullptr; }
napi_value as_bytes(napi_env, void*, size_t) { return nullptr; }

#endif

constexpr size_t PATH_ROOM = 4096;
constexpr size_t MAPPED_BYTES_MAX = size_t{1} << 40;

napi_value map(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  size_t byte_length = 0;
  char path[PATH_ROOM];
  if (!given.has(2) || !given.text(0, "path", path, sizeof(path)) ||
      !given.number(1, "byteLength", 1, MAPPED_BYTES_MAX, &byte_length)) {
    return nullptr;
  }
  void* const memory = map_file(path, byte_length);
  napi_value none;
  napi_get_null(env, &none);
  if (memory == nullptr) return none;
  napi_value const bytes = as_bytes(env, memory, byte_length);
  return bytes == nullptr ? none : bytes;
}

}  // namespace

bool add_memory(napi_env env, napi_value exports) {
  constexpr Property functions[] = {{"preferLargePages", prefer_large_pages}, {"mapFile", map}};
  return add_functions(env, exports, functions, 2);
}

}  // namespace mlite
