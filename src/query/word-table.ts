/**
 * Hash sets over column memory: 64-bit numbers as pairs of 32-bit words.
 * Open addressing with linear probing, at most half full; a slot holds an entry's number plus one, and above it
 * what is left of the entry's hash, so that few others are looked at. Before the slots stands a filter of
 * FILTER_BITS bits a slot, by the highest bits of the hash: where none is set there is no entry.
 * native/src/word_table.cc is the twin of this file for what is many.
 */
import { nativeAddon } from '../base/native.ts';
import type { NativeAddon } from '../base/native.ts';
import type { FixedColumn } from '../schema/column.ts';
import type { NumberKind } from './number-kind.ts';

/** Bits of the filter for each slot. */
const FILTER_BITS = 4;

/** A set of int64 values or of doubles, which are equal when their bits are (no -0 among them). */
export class WordTable {
  private readonly slots: Int32Array;
  private readonly words: Int32Array;
  private readonly filter: Int32Array;
  /** What of a hash is left beside its place in the filter. */
  private readonly filterShift: number;
  private readonly mask: number;
  /** Bits of a slot that are of the hash. */
  private readonly tagMask: number;

  /** Holds nothing yet. */
  constructor(values: BigInt64Array | Float64Array) {
    this.words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    this.slots = new Int32Array(slotCount(values.length));
    this.mask = this.slots.length - 1;
    this.filter = new Int32Array((this.slots.length * FILTER_BITS) / 32);
    this.filterShift = 32 - Math.log2(this.slots.length * FILTER_BITS);
    // Entries are counted from one, and fewer than half of the slots.
    this.tagMask = ~(this.mask >>> 1);
  }

  static of(values: BigInt64Array | Float64Array): WordTable {
    const table = new WordTable(values);
    table.add(0, values.length);
    return table;
  }

  /**
   * Takes in values [start, end) of those it was made for, each once.
   * @param addon null: the twin of the native kernels
   */
  add(start: number, end: number, addon: NativeAddon | null = nativeAddon()): void {
    const { slots, words, filter, filterShift, mask, tagMask } = this;
    if (addon !== null) {
      addon.addWords(slots, words, filter, start, end);
      return;
    }
    for (let i = start; i < end; i++) {
      const hash = hashWords(words[i * 2]!, words[i * 2 + 1]!);
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = (hash & tagMask) | (i + 1);
      const place = hash >>> filterShift;
      filter[place >>> 5]! |= 1 << (place & 31);
    }
  }

  /** Marks the rows whose value is in the set; -0 is 0. @param out  one bit a value */
  markNatively(
    kind: NumberKind,
    values: FixedColumn['values'],
    out: Uint32Array,
    addon: NativeAddon,
  ): void {
    addon.markWords(this.slots, this.words, this.filter, kind, values, out);
  }

  has(low: number, high: number): boolean {
    return this.find(low, high) >= 0;
  }

  /** Which of the values it is, or -1. */
  find(low: number, high: number): number {
    const { slots, words, mask, tagMask } = this;
    const hash = hashWords(low, high);
    const place = hash >>> this.filterShift;
    if ((this.filter[place >>> 5]! & (1 << (place & 31))) === 0) return -1;
    let slot = hash & mask;
    for (let tagged = slots[slot]!; tagged !== 0; tagged = slots[slot]!) {
      const entry = (tagged & ~tagMask) - 1;
      const isAlike = ((tagged ^ hash) & tagMask) === 0;
      if (isAlike && words[entry * 2] === low && words[entry * 2 + 1] === high) return entry;
      slot = (slot + 1) & mask;
    }
    return -1;
  }
}

/** Slots of a table of so many entries: a power of two. */
export function slotCount(entries: number): number {
  let count = 8;
  while (count <= entries * 2) count *= 2;
  return count;
}

function hashWords(low: number, high: number): number {
  let hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
