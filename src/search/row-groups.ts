/**
 * Which rows of a chunk are of one group, told by what lies in their columns: values are made of the first row of
 * each group only. Equal values lie in columns as the same bits, but for 0 and -0, whose groups the caller joins.
 */
import { isValid } from '../schema/column-layout.ts';
import type { BytesColumn, Column, Validity } from '../schema/column.ts';
import type { ValueReference } from './row-values.ts';

/** The group of a row that is not asked about. */
export const NO_GROUP = 0xffffffff;

/** Fixed values as one or two words each. */
interface WordColumn {
  readonly kind: 'words';
  readonly words: Int8Array | Int16Array | Int32Array | Uint8Array;
  /** 1 or 2. */
  readonly stride: number;
  readonly validity: Validity;
}

type KeyColumn = WordColumn | BytesColumn;

const FIRST_SLOTS = 256;
/** Whole numbers below it have places of their own, where they alone tell groups apart. */
const DIRECT_VALUES = 65_536;

export class RowGroups {
  readonly #columns: readonly KeyColumn[];
  /** Places of groups plus one; a power of two, at most half of them taken. */
  #slots = new Int32Array(FIRST_SLOTS);
  readonly #hashes: number[] = [];
  /** By place: the first row of the group, and the number that it was given. */
  readonly #rows: number[] = [];
  readonly #numbers: number[] = [];
  /** By value: the number of its group plus one. */
  #direct = new Int32Array(0);

  private constructor(columns: readonly KeyColumn[]) {
    this.#columns = columns;
  }

  /** Null where groups are told by what stands inside of JSON. */
  static of(
    references: readonly ValueReference[],
    columns: ReadonlyMap<number, Column>,
  ): RowGroups | null {
    const keys: KeyColumn[] = [];
    for (const { fieldId, path } of references) {
      const key = path === null ? keyColumn(columns.get(fieldId)) : null;
      if (key === null) return null;
      keys.push(key);
    }
    return keys.length === 0 ? null : new RowGroups(keys);
  }

  /**
   * Fills in the groups of the rows behind `start`.
   * @param groups  one a row; rows of NO_GROUP are passed over
   * @param numberOf  asked once a group, about its first row
   */
  fill(groups: Uint32Array, start: number, numberOf: (row: number) => number): void {
    const [only] = this.#columns;
    if (this.#columns.length === 1 && only?.kind === 'words' && only.stride === 1) {
      this.#fillDirect(only, groups, start, numberOf);
      return;
    }
    const hashes = new Int32Array(groups.length);
    for (const column of this.#columns) {
      if (column.kind === 'words') hashWords(column, start, hashes);
      else hashTexts(column, start, hashes);
    }
    for (let i = 0; i < groups.length; i++) {
      if (groups[i] !== NO_GROUP) groups[i] = this.#groupOf(start + i, hashes[i]!, numberOf);
    }
  }

  #fillDirect(
    column: WordColumn,
    ...[groups, start, numberOf]: Parameters<RowGroups['fill']>
  ): void {
    const { words, validity } = column;
    if (this.#direct.length === 0) this.#direct = new Int32Array(DIRECT_VALUES);
    const direct = this.#direct;
    for (let i = 0; i < groups.length; i++) {
      if (groups[i] === NO_GROUP) continue;
      const row = start + i;
      const value = words[row]!;
      if (value < 0 || value >= DIRECT_VALUES || !isValid(validity, row)) {
        groups[i] = this.#groupOf(row, Math.imul(value, 0x9e3779b1), numberOf);
        continue;
      }
      if (direct[value] === 0) direct[value] = numberOf(row) + 1;
      groups[i] = direct[value]! - 1;
    }
  }

  #groupOf(row: number, hash: number, numberOf: (row: number) => number): number {
    const mask = this.#slots.length - 1;
    let slot = mixed(hash) & mask;
    for (let place = this.#slots[slot]!; place !== 0; place = this.#slots[slot]!) {
      if (this.#hashes[place - 1] === hash && this.#isSame(this.#rows[place - 1]!, row)) {
        return this.#numbers[place - 1]!;
      }
      slot = (slot + 1) & mask;
    }
    const number = numberOf(row);
    this.#hashes.push(hash);
    this.#rows.push(row);
    this.#numbers.push(number);
    this.#slots[slot] = this.#rows.length;
    if (this.#rows.length * 2 > mask) this.#grow();
    return number;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    for (const [place, hash] of this.#hashes.entries()) {
      let slot = mixed(hash) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = place + 1;
    }
    this.#slots = slots;
  }

  #isSame(a: number, b: number): boolean {
    for (const column of this.#columns) {
      const { validity } = column;
      if (validity !== null && isValid(validity, a) !== isValid(validity, b)) return false;
      if (column.kind === 'bytes' ? !areSameTexts(column, a, b) : !areSameWords(column, a, b)) {
        return false;
      }
    }
    return true;
  }
}

function keyColumn(column: Column | undefined): KeyColumn | null {
  if (column?.kind === 'bytes') return column;
  if (column?.kind !== 'fixed') return null;
  const { values, validity } = column;
  const isWide = values instanceof BigInt64Array || values instanceof Float64Array;
  const words =
    isWide || values instanceof Float32Array
      ? new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4)
      : values;
  return { kind: 'words', words, stride: isWide ? 2 : 1, validity };
}

function hashWords({ words, stride }: WordColumn, start: number, hashes: Int32Array): void {
  if (stride === 1) {
    for (let i = 0; i < hashes.length; i++) {
      hashes[i] = Math.imul(hashes[i]! ^ words[start + i]!, 0x9e3779b1);
    }
    return;
  }
  for (let i = 0, at = start * 2; i < hashes.length; i++, at += 2) {
    const low = Math.imul(hashes[i]! ^ words[at]!, 0x9e3779b1);
    hashes[i] = Math.imul(low ^ (low >>> 15) ^ words[at + 1]!, 0x85ebca6b);
  }
}

function hashTexts({ bytes, offsets }: BytesColumn, start: number, hashes: Int32Array): void {
  let end = offsets[start]!;
  for (let i = 0; i < hashes.length; i++) {
    let at = end;
    end = offsets[start + i + 1]!;
    let hash = hashes[i]! ^ (end - at);
    for (; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hashes[i] = hash;
  }
}

function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x2c1b3c6d);
  return half ^ (half >>> 13);
}

function areSameWords({ words, stride }: WordColumn, a: number, b: number): boolean {
  if (stride === 1) return words[a] === words[b];
  return words[a * 2] === words[b * 2] && words[a * 2 + 1] === words[b * 2 + 1];
}

function areSameTexts({ bytes, offsets }: BytesColumn, a: number, b: number): boolean {
  const length = offsets[a + 1]! - offsets[a]!;
  if (length !== offsets[b + 1]! - offsets[b]!) return false;
  for (let i = offsets[a]!, j = offsets[b]!, end = i + length; i < end; i++, j++) {
    if (bytes[i] !== bytes[j]) return false;
  }
  return true;
}
