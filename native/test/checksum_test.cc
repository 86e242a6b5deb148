// Checksums of blocks against one byte after the other.

#include "checksum.h"

#include <initializer_list>

#include "self_test.h"

namespace {

using self_test::Exact;
using self_test::Numbers;

uint32_t naive(const uint8_t* bytes, size_t length) {
  uint32_t state = ~0u;
  for (size_t i = 0; i < length; i++) {
    state ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) state = (state >> 1) ^ ((state & 1) != 0 ? 0xedb88320u : 0);
  }
  return ~state;
}

void run() {
  if (!mlite::has_block_checksums()) return;
  CHECK(naive(reinterpret_cast<const uint8_t*>("123456789"), 9) == 0xcbf43926u);
  for (size_t length = 1; length < 1400; length += length < 600 ? 1 : 37) {
    Numbers numbers(length);
    Exact<uint8_t> bytes(length);
    for (size_t i = 0; i < length; i++) bytes[i] = static_cast<uint8_t>(numbers.next());
    for (size_t block : {size_t{300}, length}) {
      const size_t count = (length + block - 1) / block;
      Exact<uint32_t> found(count);
      mlite::block_checksums(bytes.data(), length, block, found.data());
      for (size_t i = 0; i < count; i++) {
        const size_t at = i * block;
        CHECK(found[i] == naive(bytes.data() + at, length - at < block ? length - at : block));
      }
    }
  }
}

const self_test::Part part("checksums", run);

}  // namespace
