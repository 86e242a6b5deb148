/**
 * Hash sets over column memory: 64-bit numbers as pairs of 32-bit words, and texts as bytes.
 * Open addressing with linear probing, at most half full; a slot holds an entry's number plus one, and of 64-bit
 * numbers above it what is left of the entry's hash, so that few others are looked at.
 */
import { nativeAddon } from '../base/native.ts';
import type { NativeAddon } from '../base/native.ts';
import type { FixedColumn } from '../schema/column.ts';
import { utf8 } from './literal.ts';
import type { NumberKind } from './number-kind.ts';

/** A set of int64 values or of doubles, which are equal when their bits are (no -0 among them). */
export class WordTable {
  private readonly slots: Int32Array;
  private readonly words: Int32Array;
  private readonly mask: number;
  /** Bits of a slot that are of the hash. */
  private readonly tagMask: number;

  /** Holds nothing yet. */
  constructor(values: BigInt64Array | Float64Array) {
    this.words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    this.slots = new Int32Array(slotCount(values.length));
    this.mask = this.slots.length - 1;
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
    const { slots, words, mask, tagMask } = this;
    if (addon !== null) {
      addon.addWords(slots, words, start, end);
      return;
    }
    for (let i = start; i < end; i++) {
      const hash = hashWords(words[i * 2]!, words[i * 2 + 1]!);
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = (hash & tagMask) | (i + 1);
    }
  }

  /** Marks the rows whose value is in the set; -0 is 0. @param out  one bit a value */
  markNatively(
    kind: NumberKind,
    values: FixedColumn['values'],
    out: Uint32Array,
    addon: NativeAddon,
  ): void {
    addon.markWords(this.slots, this.words, kind, values, out);
  }

  has(low: number, high: number): boolean {
    return this.find(low, high) >= 0;
  }

  /** Which of the values it is, or -1. */
  find(low: number, high: number): number {
    const { slots, words, mask, tagMask } = this;
    const hash = hashWords(low, high);
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

/** A set of texts. */
export class TextTable {
  private readonly slots: Int32Array;
  private readonly mask: number;
  private readonly texts: readonly string[];
  private readonly entries: Uint8Array[] = [];

  /** Holds nothing yet. */
  constructor(texts: readonly string[]) {
    this.texts = texts;
    this.slots = new Int32Array(slotCount(texts.length));
    this.mask = this.slots.length - 1;
  }

  static of(texts: readonly string[]): TextTable {
    const table = new TextTable(texts);
    table.add(0, texts.length);
    return table;
  }

  /** Takes in texts [start, end) of those it was made for, one piece after another. */
  add(start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const entry = utf8(this.texts[i]!);
      this.entries.push(entry);
      let slot = hashBytes(entry, 0, entry.length) & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = i + 1;
    }
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    return this.find(bytes, start, end) >= 0;
  }

  /** Which of the texts it is, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    let slot = hashBytes(bytes, start, end) & this.mask;
    for (let entry = this.slots[slot]!; entry !== 0; entry = this.slots[slot]!) {
      if (equalBytes(bytes, start, end, this.entries[entry - 1]!)) return entry - 1;
      slot = (slot + 1) & this.mask;
    }
    return -1;
  }
}

export function equalBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  other: Uint8Array,
): boolean {
  if (end - start !== other.length) return false;
  for (let i = 0, j = start; j < end; i++, j++) if (bytes[j] !== other[i]) return false;
  return true;
}

function slotCount(entries: number): number {
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

/** FNV-1a, finished so that short texts spread. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
