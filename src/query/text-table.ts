/**
 * A hash set of texts over column memory. Open addressing with linear probing, at most half full; a slot holds an
 * entry's number plus one, and above it what is left of the entry's hash, so that few others are looked at. Entry i
 * is bytes[offsets[i], offsets[i + 1]) in UTF-8.
 * native/src/text_table.cc is the twin of this file for many rows.
 */
import type { NativeAddon } from '../base/native.ts';
import { utf8 } from './literal.ts';
import { slotCount } from './word-table.ts';

/** Bytes for which there is room at first. */
const ROOM_BYTES = 1024;

/** Rows of a column of texts, those that are asked for. */
export interface AskedTexts {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Null: all. */
  readonly active: Uint32Array | null;
}

export class TextTable {
  private readonly texts: readonly string[];
  private readonly slots: Int32Array;
  private readonly mask: number;
  /** Bits of a slot that are of the hash. */
  private readonly tagMask: number;
  private readonly offsets: Uint32Array;
  private bytes: Uint8Array = new Uint8Array(ROOM_BYTES);

  /** Holds nothing yet. */
  constructor(texts: readonly string[]) {
    this.texts = texts;
    this.slots = new Int32Array(slotCount(texts.length));
    this.mask = this.slots.length - 1;
    // Entries are counted from one, and fewer than half of the slots.
    this.tagMask = ~(this.mask >>> 1);
    this.offsets = new Uint32Array(texts.length + 1);
  }

  static of(texts: readonly string[]): TextTable {
    const table = new TextTable(texts);
    table.add(0, texts.length);
    return table;
  }

  /** Takes in texts [start, end) of those it was made for, one piece after another. */
  add(start: number, end: number): void {
    const { slots, offsets, mask, tagMask } = this;
    for (let i = start; i < end; i++) {
      const entry = utf8(this.texts[i]!);
      const from = offsets[i]!;
      const to = from + entry.length;
      if (to > this.bytes.length) this.grow(to);
      this.bytes.set(entry, from);
      offsets[i + 1] = to;
      const hash = hashBytes(entry, 0, entry.length);
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = (hash & tagMask) | (i + 1);
    }
  }

  /** Marks the rows whose text is in the set. @param out  one bit a row */
  markNatively(rows: AskedTexts, out: Uint32Array, addon: NativeAddon): void {
    const { slots, offsets, bytes } = this;
    addon.markTexts(rows.offsets, rows.bytes, slots, offsets, bytes, rows.active, out);
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    return this.find(bytes, start, end) >= 0;
  }

  /** Which of the texts it is, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const { slots, mask, tagMask } = this;
    const hash = hashBytes(bytes, start, end);
    let slot = hash & mask;
    for (let tagged = slots[slot]!; tagged !== 0; tagged = slots[slot]!) {
      const entry = (tagged & ~tagMask) - 1;
      if (((tagged ^ hash) & tagMask) === 0 && this.isEntry(entry, bytes, start, end)) return entry;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  private isEntry(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.offsets[entry]!;
    if (this.offsets[entry + 1]! - from !== end - start) return false;
    for (let i = start, j = from; i < end; i++, j++) {
      if (bytes[i] !== this.bytes[j]) return false;
    }
    return true;
  }

  private grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
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

/** Four bytes a step, the last ones as far as there are any. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = mixed(hash, word);
  }
  if (at < end) {
    let word = 0;
    for (let i = at; i < end; i++) word |= bytes[i]! << ((i - at) * 8);
    hash = mixed(hash, word);
  }
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function mixed(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0x9e3779b1);
  return next ^ (next >>> 15);
}
