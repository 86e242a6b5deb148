/**
 * Rows of a sealed segment by primary key. A file in two parts, each found without parsing:
 *
 *   0  u32  magic "MLPK"
 *   4  u16  format version, 1
 *   6  u16  kind: 1 int64, 2 text
 *   8  u32  row count n
 *  12  u32  words of the key filter w
 *  64  u32  filter[w], see key-filter.ts
 *   the filter part ends at the next multiple of 64, where the key part begins
 *   int64    i64  key[n], ascending
 *   text     u32  offset[n + 1] into the bytes below, keys ascending by their bytes
 *   then, at the next multiple of 64,
 *            u32  row[n], the row of each key; rows of one key ascend
 *   text     at the next multiple of 64, UTF-8 of all keys
 *
 * Little-endian. Duplicate keys are there as often as they have rows. Checksums of its blocks are in the
 * segment's descriptor.
 */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import type { CheckedWriter } from './checked-writer.ts';
import { bytesOf } from './column-buffers.ts';
import { over } from './column-file.ts';
import { KeyFilter } from './key-filter.ts';
import {
  compareHalves,
  compareText,
  halvesOf,
  hashKeys,
  keyCount,
  type KeyKind,
  pickKeys,
  sliceKeys,
} from './key-list.ts';
import { countUpTo, orderKeys } from './key-order.ts';
import { ascendingRows } from './row-set.ts';
import type { KeyList } from './segment.ts';

const MAGIC = 0x4b504c4d;
const FORMAT_VERSION = 1;
const KINDS: Record<KeyKind, number> = { int64: 1, text: 2 };
const ALIGNMENT = 64;
/** Keys hashed before others get a turn. */
const KEYS_A_TURN = 65_536;

/** Writes the keys of rows 0, 1, …; @returns the length of the filter part */
export async function writeKeyIndex(
  writer: CheckedWriter,
  keys: KeyList,
  clock: Clock,
): Promise<number> {
  const filter = await filterOf(keys, clock);
  const header = new ByteWriter(ALIGNMENT);
  header.u32(MAGIC);
  header.u16(FORMAT_VERSION);
  header.u16(KINDS[keys.kind]);
  header.u32(keyCount(keys));
  header.u32(filter.words.length);
  header.align(ALIGNMENT);
  await writer.write(header.bytes());
  await writer.write(bytesOf(filter.words));
  await writer.align(ALIGNMENT);
  const filterByteLength = writer.byteLength;
  const rows = await orderKeys(keys, clock);
  await clock.yieldTurn();
  const sorted = pickKeys(keys, rows);
  await clock.yieldTurn();
  await writer.write(bytesOf(sorted.kind === 'int64' ? sorted.values : sorted.offsets));
  await writer.align(ALIGNMENT);
  await writer.write(bytesOf(rows));
  if (sorted.kind === 'text') {
    await writer.align(ALIGNMENT);
    await writer.write(sorted.bytes);
  }
  return filterByteLength;
}

async function filterOf(keys: KeyList, clock: Clock): Promise<KeyFilter> {
  const count = keyCount(keys);
  const filter = KeyFilter.forKeys(count);
  for (let start = 0; start < count; start += KEYS_A_TURN) {
    filter.add(hashKeys(sliceKeys(keys, start, Math.min(count, start + KEYS_A_TURN))));
    await clock.yieldTurn();
  }
  return filter;
}

/** The key filter in the filter part of a file. @throws MalformedBytes, MilvusError FormatNotSupported */
export function filterOver(bytes: Uint8Array): KeyFilter {
  const header = new ByteReader(bytes);
  if (header.u32() !== MAGIC) throw new MalformedBytes('not a key index');
  const version = header.u16();
  if (version > FORMAT_VERSION) {
    const fields = { version, supported: FORMAT_VERSION };
    throw milvusError('FormatNotSupported', { message: 'key index', fields });
  }
  if (version !== FORMAT_VERSION) throw new MalformedBytes(`format version is ${version}`);
  header.u16();
  header.u32();
  const byteLength = header.u32() * 4;
  header.align(ALIGNMENT);
  return new KeyFilter(over(Uint32Array, header.raw(byteLength)));
}

/** Positions in `keys` that the filter does not rule out. */
export function possibleKeys(filter: KeyFilter, keys: KeyList): Uint32Array {
  const hashes = hashKeys(keys);
  const positions = new Uint32Array(hashes.length);
  let count = 0;
  for (let i = 0; i < hashes.length; i++) {
    if (filter.mayHave(hashes[i]!)) positions[count++] = i;
  }
  return positions.slice(0, count);
}

export class PrimaryKeyIndex {
  readonly #list: KeyList;
  readonly #keys: ComparableKeys;
  readonly #rows: Uint32Array;

  private constructor(keys: KeyList, rows: Uint32Array) {
    this.#list = keys;
    this.#keys = new ComparableKeys(keys);
    this.#rows = rows;
  }

  /** @param bytes the key part of a file of `rowCount` rows; stays in use */
  static over(kind: KeyKind, rowCount: number, bytes: Uint8Array): PrimaryKeyIndex {
    const keyBytes = kind === 'int64' ? rowCount * 8 : (rowCount + 1) * 4;
    const rowsAt = aligned(keyBytes);
    const rows = over(Uint32Array, bytes.subarray(rowsAt, rowsAt + rowCount * 4));
    if (kind === 'int64') {
      const values = over(BigInt64Array, bytes.subarray(0, keyBytes));
      return new PrimaryKeyIndex({ kind, values }, rows);
    }
    const offsets = over(Uint32Array, bytes.subarray(0, keyBytes));
    const text = bytes.subarray(aligned(rowsAt + rowCount * 4));
    return new PrimaryKeyIndex({ kind, offsets, bytes: text }, rows);
  }

  /** Every row with one of `keys`; ascending. Keys that ascend are found by going forward only. */
  rowsOf(keys: KeyList): Uint32Array {
    const wanted = new ComparableKeys(keys);
    const count = keyCount(keys);
    const found: number[] = [];
    let from = 0;
    for (let i = 0; i < count; i++) {
      if (i > 0 && wanted.compare(i - 1, wanted, i) > 0) from = 0;
      from = this.#lowerBound(wanted, i, from);
      for (let at = from; at < this.#rows.length; at++) {
        if (this.#keys.compare(at, wanted, i) !== 0) break;
        found.push(this.#rows[at]!);
      }
    }
    return ascendingRows(Uint32Array.from(found));
  }

  /** How many rows have a key at or below the first of `bound`. */
  countUpTo(bound: KeyList): number {
    return countUpTo(this.#list, null, { bound, count: this.#rows.length });
  }

  /** Rows [start, end) in ascending order of their keys, and those keys. */
  inOrder(start: number, end: number): { rows: Uint32Array; keys: KeyList } {
    const last = Math.min(end, this.#rows.length);
    return { rows: this.#rows.slice(start, last), keys: sliceKeys(this.#list, start, last) };
  }

  /** What is wrong with its order, or null: keys ascend, and every row stands in it once. */
  problem(): string | null {
    const seen = new Bitmap(this.#rows.length);
    for (let at = 0; at < this.#rows.length; at++) {
      const row = this.#rows[at]!;
      if (row >= this.#rows.length || seen.get(row)) return `row ${row} is not there once`;
      seen.set(row);
      if (at > 0 && this.#keys.compare(at - 1, this.#keys, at) > 0)
        return `key ${at} is out of order`;
    }
    return null;
  }

  /** The first position at or behind `from` whose key is not below key `i` of `wanted`. */
  #lowerBound(wanted: ComparableKeys, i: number, from: number): number {
    let low = from;
    let step = 1;
    // Gallop, then halve: near keys cost little, far ones no more than a binary search.
    while (low + step < this.#rows.length && this.#keys.compare(low + step, wanted, i) < 0) {
      low += step;
      step *= 2;
    }
    let high = Math.min(this.#rows.length, low + step);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys.compare(middle, wanted, i) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const NO_TEXT = { offsets: new Uint32Array(1), bytes: new Uint8Array(0) };

/** Keys in the form in which they are compared, made once for many comparisons. */
class ComparableKeys {
  readonly #halves: Int32Array | null;
  readonly #text: { readonly offsets: Uint32Array; readonly bytes: Uint8Array };

  constructor(keys: KeyList) {
    this.#halves = keys.kind === 'int64' ? halvesOf(keys.values) : null;
    this.#text = keys.kind === 'text' ? keys : NO_TEXT;
  }

  compare(i: number, other: ComparableKeys, j: number): number {
    if (this.#halves === null) return compareText(this.#text, i, other.#text, j);
    return compareHalves(this.#halves, i, must(other.#halves, 'keys are of one kind'), j);
  }
}

function aligned(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}
