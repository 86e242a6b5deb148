/** CRC-32 (zlib) is the one checksum of every format here: about 6 GB/s, and in Node since 20. */
import { crc32 as zlibCrc32 } from 'node:zlib';

/**
 * CRC-32 of `bytes`, continuing from `seed` (the CRC of what came before; 0 at the start).
 * @returns an unsigned 32-bit integer
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return zlibCrc32(bytes, seed);
}
