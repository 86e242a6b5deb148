/**
 * Which shard holds a primary key, and which partition holds a partition key; never changes, because data
 * lies where it says: int64 is murmur3_32 (seed 0) of its 8 little-endian bytes without the sign bit, text is
 * CRC-32 of its first 100 bytes, both modulo the number of shards or partitions.
 * Source: Milvus `pkg/util/typeutil/hash.go`.
 */
import { assert } from '../base/assert.ts';
import { crc32 } from '../base/checksum.ts';
import type { Column } from './column.ts';
import { DataType } from './data-type.ts';

const TEXT_BYTES_HASHED = 100;

export function hashInt64(key: bigint): number {
  const low = Number(BigInt.asUintN(32, key));
  const high = Number(BigInt.asUintN(32, key >> 32n));
  return hashWords(low, high);
}

export function hashText(key: string): number {
  return crc32(Buffer.from(key).subarray(0, TEXT_BYTES_HASHED));
}

/** The shard of each row. @param keys the column of the primary key */
export function shardOf(keys: Column, shardCount: number): Uint16Array {
  return bucketsOf(keys, shardCount);
}

/** The index of the partition of each row. @param keys the column of the partition key, without nulls */
export function partitionOf(keys: Column, partitionCount: number): Uint16Array {
  return bucketsOf(keys, partitionCount);
}

function bucketsOf(keys: Column, count: number): Uint16Array {
  assert(count > 0 && count <= 0xffff, 'there are 1 to 65535 buckets');
  if (keys.kind === 'bytes') {
    const rowCount = keys.offsets.length - 1;
    const buckets = new Uint16Array(rowCount);
    if (count === 1) return buckets;
    for (let row = 0; row < rowCount; row++) {
      const start = keys.offsets[row]!;
      const end = Math.min(keys.offsets[row + 1]!, start + TEXT_BYTES_HASHED);
      buckets[row] = crc32(keys.bytes.subarray(start, end)) % count;
    }
    return buckets;
  }
  assert(keys.kind === 'fixed' && keys.type === DataType.Int64, 'keys are int64 or text');
  const { values } = keys;
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const buckets = new Uint16Array(values.length);
  if (count === 1) return buckets;
  for (let row = 0; row < buckets.length; row++) {
    buckets[row] = hashWords(words[row * 2]!, words[row * 2 + 1]!) % count;
  }
  return buckets;
}

/** murmur3_32 of the eight bytes of two little-endian words, sign bit cleared. */
function hashWords(low: number, high: number): number {
  let hash = mixWord(0, low);
  hash = mixWord(hash, high) ^ 8;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & 0x7fffffff;
}

function mixWord(hash: number, word: number): number {
  const first = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((first << 15) | (first >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
