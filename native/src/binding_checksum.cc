// blockChecksums(bytes, blockBytes) -> Uint32Array; absent where zlib is as fast.

#include "binding.h"
#include "checksum.h"

namespace mlite {

namespace {

constexpr size_t BLOCK_BYTES_MAX = size_t{1} << 31;

napi_value checksums(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  View bytes;
  size_t block_bytes;
  if (!given.has(2) || !given.view(0, "bytes", napi_uint8_array, 0, &bytes) ||
      !given.number(1, "blockBytes", 1, BLOCK_BYTES_MAX, &block_bytes)) {
    return nullptr;
  }
  uint32_t* found;
  const size_t count = bytes.byte_length / block_bytes + (bytes.byte_length % block_bytes != 0);
  napi_value result = new_uint32_array(env, count, &found);
  if (result != nullptr) block_checksums(bytes.bytes, bytes.byte_length, block_bytes, found);
  return result;
}

}  // namespace

bool add_checksum(napi_env env, napi_value exports) {
  if (!has_block_checksums()) return true;
  constexpr Property functions[] = {{"blockChecksums", checksums}};
  return add_functions(env, exports, functions, 1);
}

}  // namespace mlite
