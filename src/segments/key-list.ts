/**
 * Primary keys as plain columns: how they are made, picked, hashed and compared. Int64 keys are looked at
 * as two 32-bit halves: a BigInt64Array element read in a loop would allocate.
 * Text keys are ordered by their UTF-8 bytes.
 */
import { assert } from '../base/assert.ts';
import type { Column } from '../schema/column.ts';
import type { KeyList } from './segment.ts';

export type KeyKind = KeyList['kind'];

export function keyCount(keys: KeyList): number {
  return keys.kind === 'int64' ? keys.values.length : keys.offsets.length - 1;
}

/** The keys of a primary-key column; a view. */
export function keysOfColumn(column: Column | undefined): KeyList {
  assert(column !== undefined, 'rows have a primary key');
  if (column.kind === 'fixed') {
    assert(column.values instanceof BigInt64Array, 'a number as primary key is int64');
    return { kind: 'int64', values: column.values };
  }
  assert(column.kind === 'bytes', 'a primary key is int64 or text');
  return { kind: 'text', offsets: column.offsets, bytes: column.bytes };
}

const utf8 = new TextDecoder();

/** Key `row` of a list of text keys. */
export function textKey(keys: Extract<KeyList, { kind: 'text' }>, row: number): string {
  return utf8.decode(keys.bytes.subarray(keys.offsets[row], keys.offsets[row + 1]));
}

/** Keys [start, end) of a list; a view. */
export function sliceKeys(keys: KeyList, start: number, end: number): KeyList {
  if (keys.kind === 'int64') return { kind: 'int64', values: keys.values.subarray(start, end) };
  return { kind: 'text', offsets: keys.offsets.subarray(start, end + 1), bytes: keys.bytes };
}

/** The keys at `positions`, copied. */
export function pickKeys(keys: KeyList, positions: Uint32Array): KeyList {
  if (keys.kind === 'int64') return { kind: 'int64', values: pickValues(keys.values, positions) };
  const offsets = new Uint32Array(positions.length + 1);
  for (let i = 0; i < positions.length; i++) {
    const row = positions[i]!;
    offsets[i + 1] = offsets[i]! + keys.offsets[row + 1]! - keys.offsets[row]!;
  }
  const bytes = new Uint8Array(offsets[positions.length]!);
  for (let i = 0; i < positions.length; i++) {
    const row = positions[i]!;
    bytes.set(keys.bytes.subarray(keys.offsets[row], keys.offsets[row + 1]), offsets[i]);
  }
  return { kind: 'text', offsets, bytes };
}

/** The values at `positions`, copied as halves: a bigint each would be an allocation. */
export function pickValues(values: BigInt64Array, positions: Uint32Array): BigInt64Array {
  const picked = new BigInt64Array(positions.length);
  const source = halvesOf(values);
  const target = halvesOf(picked);
  for (let i = 0; i < positions.length; i++) {
    const at = positions[i]! * 2;
    target[2 * i] = source[at]!;
    target[2 * i + 1] = source[at + 1]!;
  }
  return picked;
}

/** Several lists of one kind, one behind the other. */
export function joinKeys(kind: KeyKind, lists: readonly KeyList[]): KeyList {
  const count = lists.reduce((sum, keys) => sum + keyCount(keys), 0);
  if (kind === 'int64') {
    const values = new BigInt64Array(count);
    let at = 0;
    for (const keys of lists) {
      assert(keys.kind === 'int64', 'keys of one field are of one kind');
      values.set(keys.values, at);
      at += keys.values.length;
    }
    return { kind, values };
  }
  const offsets = new Uint32Array(count + 1);
  let byteLength = 0;
  for (const keys of lists) {
    assert(keys.kind === 'text', 'keys of one field are of one kind');
    byteLength += keys.offsets[keys.offsets.length - 1]! - keys.offsets[0]!;
  }
  const bytes = new Uint8Array(byteLength);
  let row = 0;
  let at = 0;
  for (const keys of lists) {
    assert(keys.kind === 'text', 'keys of one field are of one kind');
    const base = keys.offsets[0]!;
    const n = keys.offsets.length - 1;
    bytes.set(keys.bytes.subarray(base, keys.offsets[n]), at);
    for (let i = 1; i <= n; i++) offsets[row + i] = at + keys.offsets[i]! - base;
    row += n;
    at += keys.offsets[n]! - base;
  }
  return { kind, offsets, bytes };
}

/** The two halves of each value: element 2i is the low one, 2i + 1 the high one. */
export function halvesOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** One 32-bit hash a key; part of the format of the key filter. */
export function hashKeys(keys: KeyList): Uint32Array {
  const hashes = new Uint32Array(keyCount(keys));
  if (keys.kind === 'int64') {
    const halves = halvesOf(keys.values);
    for (let i = 0; i < hashes.length; i++) {
      hashes[i] = mix(mix(halves[2 * i]! ^ 0x9e3779b9) ^ halves[2 * i + 1]!);
    }
    return hashes;
  }
  const { offsets, bytes } = keys;
  for (let i = 0; i < hashes.length; i++) {
    // FNV-1a
    let hash = 0x811c9dc5;
    for (let at = offsets[i]!; at < offsets[i + 1]!; at++) {
      hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    }
    hashes[i] = mix(hash);
  }
  return hashes;
}

/** Finalizer of MurmurHash3: every bit of the input moves half of the output. */
export function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Compares int64 value `i` of `left` with value `j` of `right`, both as halves. */
export function compareHalves(left: Int32Array, i: number, right: Int32Array, j: number): number {
  const high = left[2 * i + 1]! - right[2 * j + 1]!;
  return high !== 0 ? high : (left[2 * i]! >>> 0) - (right[2 * j]! >>> 0);
}

interface TextKeys {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Compares the bytes of text `i` of `left` with those of text `j` of `right`. */
export function compareText(left: TextKeys, i: number, right: TextKeys, j: number): number {
  const leftStart = left.offsets[i]!;
  const rightStart = right.offsets[j]!;
  const leftLength = left.offsets[i + 1]! - leftStart;
  const rightLength = right.offsets[j + 1]! - rightStart;
  const shared = Math.min(leftLength, rightLength);
  for (let at = 0; at < shared; at++) {
    const difference = left.bytes[leftStart + at]! - right.bytes[rightStart + at]!;
    if (difference !== 0) return difference;
  }
  return leftLength - rightLength;
}
