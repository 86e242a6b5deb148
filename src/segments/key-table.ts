/**
 * Rows of a growing segment by primary key: an open-addressing hash table over flat arrays, no object a row.
 * Invariants:
 *  - every slot holds 0 or one plus the newest row of a key;
 *  - `previous` links a row to the next older row of the same key, so that all rows of a key are found;
 *  - at most half of the slots are taken, so every probe ends.
 */
import { assert } from '../base/assert.ts';
import { compareHalves, halvesOf, hashKeys, keyCount, type KeyKind } from './key-list.ts';
import type { KeyList } from './segment.ts';

/** There is no such row. */
export const NO_ROW = 0xffffffff;

const SLOTS_MIN = 64;

export class KeyTable {
  readonly kind: KeyKind;
  #rowCount = 0;
  #slots = new Uint32Array(SLOTS_MIN);
  #hashes = new Uint32Array(SLOTS_MIN);
  #previous = new Uint32Array(SLOTS_MIN);
  /** Int64 keys as halves. */
  #halves = new Int32Array(0);
  /** Text keys. */
  #offsets = new Uint32Array(1);
  #bytes = new Uint8Array(0);

  constructor(kind: KeyKind) {
    this.kind = kind;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Bytes held. */
  get byteLength(): number {
    return (
      this.#slots.byteLength +
      this.#hashes.byteLength +
      this.#previous.byteLength +
      this.#halves.byteLength +
      this.#offsets.byteLength +
      this.#bytes.byteLength
    );
  }

  /** Takes the keys of rows [rowCount, rowCount + keys). `previousRow` then says what each supersedes. */
  append(keys: KeyList): void {
    assert(keys.kind === this.kind, 'keys of one field are of one kind');
    const first = this.#rowCount;
    const count = keyCount(keys);
    const hashes = hashKeys(keys);
    this.#makeRoom(first + count);
    this.#hashes.set(hashes, first);
    this.#storeKeys(keys, first, count);
    const probe = probeOf(keys);
    for (let i = 0; i < count; i++) {
      const slot = this.#find(hashes[i]!, probe, i);
      const row = this.#slots[slot]!;
      this.#previous[first + i] = row === 0 ? NO_ROW : row - 1;
      this.#slots[slot] = first + i + 1;
    }
    this.#rowCount = first + count;
  }

  /** The newest row of each key, NO_ROW where there is none. */
  newestRows(keys: KeyList): Uint32Array {
    assert(keys.kind === this.kind, 'keys of one field are of one kind');
    const hashes = hashKeys(keys);
    const rows = new Uint32Array(hashes.length);
    const probe = probeOf(keys);
    for (let i = 0; i < hashes.length; i++) {
      const row = this.#slots[this.#find(hashes[i]!, probe, i)]!;
      rows[i] = row === 0 ? NO_ROW : row - 1;
    }
    return rows;
  }

  /** Keys of the first `rowCount` rows, in their order; a view that stays as it is. */
  keys(rowCount: number): KeyList {
    if (this.kind === 'int64') {
      return { kind: 'int64', values: new BigInt64Array(this.#halves.buffer, 0, rowCount) };
    }
    return { kind: 'text', offsets: this.#offsets.subarray(0, rowCount + 1), bytes: this.#bytes };
  }

  /** The next older row with the key of `row`, or NO_ROW. */
  previousRow(row: number): number {
    return this.#previous[row]!;
  }

  /** The slot that holds key `index` of `probe`, or the free one where it belongs. */
  #find(hash: number, probe: Probe, index: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    let row = this.#slots[slot]!;
    while (row !== 0 && !this.#isKey(row - 1, hash, probe, index)) {
      slot = (slot + 1) & mask;
      row = this.#slots[slot]!;
    }
    return slot;
  }

  #isKey(row: number, hash: number, probe: Probe, index: number): boolean {
    if (this.#hashes[row] !== hash) return false;
    if (this.kind === 'int64') return compareHalves(this.#halves, row, probe.halves, index) === 0;
    const start = this.#offsets[row]!;
    const keyStart = probe.offsets[index]!;
    const length = probe.offsets[index + 1]! - keyStart;
    if (this.#offsets[row + 1]! - start !== length) return false;
    for (let at = 0; at < length; at++) {
      if (this.#bytes[start + at] !== probe.bytes[keyStart + at]) return false;
    }
    return true;
  }

  #storeKeys(keys: KeyList, first: number, count: number): void {
    if (keys.kind === 'int64') {
      this.#halves.set(halvesOf(keys.values), first * 2);
      return;
    }
    const base = keys.offsets[0]!;
    const start = this.#offsets[first]!;
    const end = start + keys.offsets[count]! - base;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
    }
    this.#bytes.set(keys.bytes.subarray(base, keys.offsets[count]), start);
    for (let i = 1; i <= count; i++) this.#offsets[first + i] = start + keys.offsets[i]! - base;
  }

  #makeRoom(rowCount: number): void {
    if (rowCount > this.#previous.length) {
      const capacity = Math.max(rowCount, this.#previous.length * 2);
      this.#hashes = grow(this.#hashes, capacity);
      this.#previous = grow(this.#previous, capacity);
    }
    if (this.kind === 'int64' && rowCount * 2 > this.#halves.length) {
      const grown = new Int32Array(this.#previous.length * 2);
      grown.set(this.#halves);
      this.#halves = grown;
    }
    if (this.kind === 'text' && rowCount + 1 > this.#offsets.length) {
      this.#offsets = grow(this.#offsets, this.#previous.length + 1);
    }
    if (rowCount * 2 > this.#slots.length) this.#rehash(rowCount);
  }

  /** Only the newest row of each key has a slot; older ones hang on it. */
  #rehash(rowCount: number): void {
    let length = this.#slots.length;
    while (length < rowCount * 2) length *= 2;
    const slots = new Uint32Array(length);
    const mask = length - 1;
    for (const row of this.#slots) {
      if (row === 0) continue;
      let slot = this.#hashes[row - 1]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = row;
    }
    this.#slots = slots;
  }
}

/** Keys to look for, in the one form of their kind; the other stays empty. */
interface Probe {
  readonly halves: Int32Array;
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

const NO_HALVES = new Int32Array(0);
const NO_OFFSETS = new Uint32Array(0);
const NO_BYTES = new Uint8Array(0);

function probeOf(keys: KeyList): Probe {
  return keys.kind === 'int64'
    ? { halves: halvesOf(keys.values), offsets: NO_OFFSETS, bytes: NO_BYTES }
    : { halves: NO_HALVES, offsets: keys.offsets, bytes: keys.bytes };
}

function grow(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(length);
  grown.set(array);
  return grown;
}
