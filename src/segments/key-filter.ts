/**
 * Says of most absent keys that they are absent: a split-block Bloom filter. A key sets one bit in each of
 * the eight 32-bit words of one 32-byte block; about 0.1 % of absent keys are not recognised.
 *
 * Stored: the words of all blocks, u32 little-endian. Block of a hash h: (h * block count) >>> 32. The bits
 * come from mix(h + 0x9e3779b9), so that they do not depend on the block: bit of word i is the top five
 * bits of that times SALTS[i].
 * Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters"; layout of Parquet's.
 */
import { assert } from '../base/assert.ts';
import { mix } from './key-list.ts';

const BITS_A_KEY = 14;
const WORDS_A_BLOCK = 8;
const BLOCK_BITS = WORDS_A_BLOCK * 32;
const TWO_TO_32 = 2 ** 32;

const SALTS = Int32Array.of(
  0x47b6137b,
  0x44974d91,
  0x8824ad5b,
  0xa2b7289d,
  0x705495c7,
  0x2df1424b,
  0x9efc4947,
  0x5c6bfb31,
);

export class KeyFilter {
  readonly words: Uint32Array;

  /** @param words whole blocks, as stored */
  constructor(words: Uint32Array) {
    assert(words.length > 0 && words.length % WORDS_A_BLOCK === 0, 'a filter is whole blocks');
    this.words = words;
  }

  /** An empty filter for `keyCount` keys. */
  static forKeys(keyCount: number): KeyFilter {
    const blockCount = Math.max(1, Math.ceil((keyCount * BITS_A_KEY) / BLOCK_BITS));
    return new KeyFilter(new Uint32Array(blockCount * WORDS_A_BLOCK));
  }

  /** Adds the keys with these hashes. */
  add(hashes: Uint32Array): void {
    for (let i = 0; i < hashes.length; i++) this.#add(hashes[i]!);
  }

  /** False: no key with this hash is there. */
  mayHave(hash: number): boolean {
    const { words } = this;
    const start = this.#blockOf(hash);
    const bits = mix((hash + 0x9e3779b9) | 0);
    for (let i = 0; i < WORDS_A_BLOCK; i++) {
      const bit = Math.imul(bits, SALTS[i]!) >>> 27;
      if (((words[start + i]! >>> bit) & 1) === 0) return false;
    }
    return true;
  }

  #add(hash: number): void {
    const { words } = this;
    const start = this.#blockOf(hash);
    const bits = mix((hash + 0x9e3779b9) | 0);
    for (let i = 0; i < WORDS_A_BLOCK; i++) {
      words[start + i]! |= 1 << (Math.imul(bits, SALTS[i]!) >>> 27);
    }
  }

  #blockOf(hash: number): number {
    const blockCount = this.words.length / WORDS_A_BLOCK;
    return Math.floor((hash * blockCount) / TWO_TO_32) * WORDS_A_BLOCK;
  }
}
