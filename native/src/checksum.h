// CRC-32 (zlib's) of many blocks in one call, by carry-less multiplication of 256 bytes at a time.

#ifndef MLITE_CHECKSUM_H_
#define MLITE_CHECKSUM_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// False where the processor lacks AVX-512 or VPCLMULQDQ: then zlib is as fast as anything here.
bool has_block_checksums();

// out[i]: checksum of bytes [i x block_bytes, (i + 1) x block_bytes); the last block may be shorter.
// Only where has_block_checksums().
void block_checksums(const uint8_t* bytes, size_t length, size_t block_bytes, uint32_t* out);

}  // namespace mlite

#endif  // MLITE_CHECKSUM_H_
