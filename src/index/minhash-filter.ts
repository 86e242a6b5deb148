/**
 * The hash of a band, and the Bloom filters that say of most hashes that no row has them.
 *
 * A filter is a row of blocks of 512 bits, a cache line each. A hash chooses its block and sets a few bits
 * of it; it may be in the tables when all of them are set. native/src/minhash_hash.h is the twin of this
 * file.
 * Source: MurmurHash3_x86_32 by Austin Appleby, in the public domain; Putze, Sanders, Singler, "Cache-, Hash-
 * and Space-Efficient Bloom Filters".
 */

const BLOCK_WORDS = 16;
const BLOCK_BITS = 512;

function mixed(word: number): number {
  let bits = word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** MurmurHash3 of `count` bytes from `start`. */
export function bandHash(bytes: Uint8Array, start: number, count: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (const end = start + count - (count % 4); at < end; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= scrambled(word);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let i = (count % 4) - 1; i >= 0; i--) tail = (tail << 8) | bytes[at + i]!;
  if (count % 4 > 0) hash ^= scrambled(tail);
  return mixed(hash ^ count);
}

function scrambled(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

/** Some of the filters of an image. */
export interface Filter {
  readonly words: Uint32Array;
  /** Where its first block begins. */
  readonly firstWord: number;
  readonly blocks: number;
  /** That a hash sets in its block. */
  readonly bits: number;
}

export function addToFilter(filter: Filter, hash: number): void {
  const { words, bits } = filter;
  const start = blockOf(filter, hash);
  const other = mixed(hash ^ 0x9e3779b9);
  const step = (other >>> 9) | 1;
  for (let i = 0, bit = other; i < bits; i++, bit = (bit + step) | 0) {
    words[start + ((bit & (BLOCK_BITS - 1)) >>> 5)]! |= 1 << (bit & 31);
  }
}

/** False: no row has this hash. */
export function mayHave(filter: Filter, hash: number): boolean {
  const { words, bits } = filter;
  const start = blockOf(filter, hash);
  const other = mixed(hash ^ 0x9e3779b9);
  const step = (other >>> 9) | 1;
  for (let i = 0, bit = other; i < bits; i++, bit = (bit + step) | 0) {
    if (((words[start + ((bit & (BLOCK_BITS - 1)) >>> 5)]! >>> (bit & 31)) & 1) === 0) return false;
  }
  return true;
}

function blockOf({ firstWord, blocks }: Filter, hash: number): number {
  return firstWord + (mixed(hash) % blocks) * BLOCK_WORDS;
}
