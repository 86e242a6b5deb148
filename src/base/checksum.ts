/**
 * CRC-32 (zlib) is the one checksum of every format here: about 6 GB/s, and in Node since 20. Many blocks at
 * once are left to the native kernels where the processor makes them three times as fast or more.
 */
import { crc32 as zlibCrc32 } from 'node:zlib';
import { nativeAddon } from './native.ts';

/**
 * CRC-32 of `bytes`, continuing from `seed` (the CRC of what came before; 0 at the start).
 * @returns an unsigned 32-bit integer
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return zlibCrc32(bytes, seed);
}

/** CRC-32 of each `blockBytes` of `bytes`; the last block may be shorter. */
export function blockChecksums(bytes: Uint8Array, blockBytes: number): Uint32Array {
  const addon = nativeAddon();
  if (addon?.blockChecksums !== undefined) return addon.blockChecksums(bytes, blockBytes);
  const found = new Uint32Array(Math.ceil(bytes.length / blockBytes));
  for (let i = 0; i < found.length; i++) {
    found[i] = crc32(bytes.subarray(i * blockBytes, (i + 1) * blockBytes));
  }
  return found;
}
