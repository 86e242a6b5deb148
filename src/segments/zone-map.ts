/**
 * What a segment knows of a scalar column without reading it: bounds and the number of nulls.
 *
 * Texts are ordered by their UTF-8 bytes, and bounds are cut to TEXT_BOUND characters so that a manifest
 * stays small: the lower one to a prefix, the upper one to a prefix whose last character is raised.
 * A bound that is absent says nothing.
 */
import { must } from '../base/assert.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { columnRowCount, isValid } from '../schema/column-layout.ts';
import type { BytesColumn, Column, FixedColumn } from '../schema/column.ts';
import { DataType, isVector } from '../schema/data-type.ts';
import { compareText, keyCount, pickKeys } from './key-list.ts';
import type { KeyList, Zone } from './segment.ts';

/** Characters (code points) of a text bound. */
const TEXT_BOUND = 64;
const CODE_POINT_MAX = 0x10ffff;

/** Whether a segment keeps a zone for this field. */
export function hasZone(field: FieldSchema): boolean {
  return !isVector(field.type);
}

/** Adds up the pieces of one column. */
export class ZoneBuilder {
  #rowCount = 0;
  #nullCount = 0;
  #min: bigint | number | undefined;
  #max: bigint | number | undefined;
  #minText: Uint8Array | undefined;
  #maxText: Uint8Array | undefined;
  /** A value without an order was met. */
  #isUnordered = false;

  add(piece: Column): void {
    const rowCount = columnRowCount(piece);
    this.#rowCount += rowCount;
    if (piece.validity !== null) {
      for (let i = 0; i < rowCount; i++) if (!isValid(piece.validity, i)) this.#nullCount++;
    }
    if (piece.kind === 'fixed') this.#addValues(piece);
    else if (piece.kind === 'bytes' && isOrderedText(piece.type)) this.#addTexts(piece);
    else this.#isUnordered = true;
  }

  zone(): Zone {
    const counts = { nullCount: this.#nullCount, rowCount: this.#rowCount };
    if (this.#isUnordered) return counts;
    if (this.#minText !== undefined) {
      const min = lowerBound(this.#minText);
      const max = upperBound(
        must(this.#maxText, 'where there is a least text there is a greatest'),
      );
      return max === undefined ? { min, ...counts } : { min, max, ...counts };
    }
    if (this.#min === undefined || this.#max === undefined) return counts;
    return { min: this.#min, max: this.#max, ...counts };
  }

  #addValues(piece: FixedColumn): void {
    if (piece.type === DataType.Bool) {
      this.#isUnordered = true;
      return;
    }
    if (piece.values instanceof BigInt64Array) this.#addBigints(piece.values, piece);
    else this.#addNumbers(piece.values, piece);
  }

  #addBigints(values: BigInt64Array, { validity }: FixedColumn): void {
    let min = this.#min as bigint | undefined;
    let max = this.#max as bigint | undefined;
    for (let i = 0; i < values.length; i++) {
      if (validity !== null && !isValid(validity, i)) continue;
      const value = values[i]!;
      if (min === undefined || value < min) min = value;
      if (max === undefined || value > max) max = value;
    }
    this.#min = min;
    this.#max = max;
  }

  #addNumbers(
    values: Exclude<FixedColumn['values'], BigInt64Array>,
    { validity }: FixedColumn,
  ): void {
    let min = this.#min as number | undefined;
    let max = this.#max as number | undefined;
    for (let i = 0; i < values.length; i++) {
      if (validity !== null && !isValid(validity, i)) continue;
      const value = values[i]!;
      if (!Number.isFinite(value)) this.#isUnordered = true;
      if (min === undefined || value < min) min = value;
      if (max === undefined || value > max) max = value;
    }
    this.#min = min;
    this.#max = max;
  }

  #addTexts(piece: BytesColumn): void {
    const rowCount = columnRowCount(piece);
    let least = -1;
    let greatest = -1;
    for (let i = 0; i < rowCount; i++) {
      if (piece.validity !== null && !isValid(piece.validity, i)) continue;
      if (least < 0 || compareText(piece, i, piece, least) < 0) least = i;
      if (greatest < 0 || compareText(piece, i, piece, greatest) > 0) greatest = i;
    }
    if (least < 0) return;
    const min = piece.bytes.slice(piece.offsets[least], piece.offsets[least + 1]);
    const max = piece.bytes.slice(piece.offsets[greatest], piece.offsets[greatest + 1]);
    if (this.#minText === undefined || Buffer.compare(min, this.#minText) < 0) this.#minText = min;
    if (this.#maxText === undefined || Buffer.compare(max, this.#maxText) > 0) this.#maxText = max;
  }
}

/** Those of `keys` that lie within the bounds of the segment's primary key. */
export function keysInZone(zone: Zone | undefined, keys: KeyList): KeyList {
  if (zone === undefined) return keys;
  const positions = new Uint32Array(keyCount(keys));
  const count =
    keys.kind === 'int64'
      ? intsInZone(zone, keys.values, positions)
      : textsInZone(zone, keys, positions);
  return count === positions.length ? keys : pickKeys(keys, positions.subarray(0, count));
}

function intsInZone(zone: Zone, values: BigInt64Array, positions: Uint32Array): number {
  const { min, max } = zone;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (typeof min === 'bigint' && value < min) continue;
    if (typeof max === 'bigint' && value > max) continue;
    positions[count++] = i;
  }
  return count;
}

function textsInZone(
  zone: Zone,
  keys: Extract<KeyList, { kind: 'text' }>,
  positions: Uint32Array,
): number {
  const min = typeof zone.min === 'string' ? oneText(zone.min) : null;
  const max = typeof zone.max === 'string' ? oneText(zone.max) : null;
  let count = 0;
  for (let i = 0; i < positions.length; i++) {
    if (min !== null && compareText(keys, i, min, 0) < 0) continue;
    if (max !== null && compareText(keys, i, max, 0) > 0) continue;
    positions[count++] = i;
  }
  return count;
}

function oneText(text: string): { readonly offsets: Uint32Array; readonly bytes: Uint8Array } {
  const bytes = new TextEncoder().encode(text);
  return { offsets: Uint32Array.of(0, bytes.length), bytes };
}

function isOrderedText(type: DataType): boolean {
  return type === DataType.VarChar || type === DataType.Text;
}

/** The code points of the first TEXT_BOUND characters, and whether that was all. */
function prefixOf(bytes: Uint8Array): { readonly points: number[]; readonly isWhole: boolean } {
  // A character takes at most four bytes; one that the cut leaves in part is not among the first.
  const text = new TextDecoder().decode(bytes.subarray(0, (TEXT_BOUND + 1) * 4));
  const points = Array.from(text, (character) => must(character.codePointAt(0), 'not empty'));
  return { points: points.slice(0, TEXT_BOUND), isWhole: points.length <= TEXT_BOUND };
}

function lowerBound(bytes: Uint8Array): string {
  return String.fromCodePoint(...prefixOf(bytes).points);
}

/** Undefined when no text of at most TEXT_BOUND characters is greater. */
function upperBound(bytes: Uint8Array): string | undefined {
  const { points, isWhole } = prefixOf(bytes);
  if (isWhole) return String.fromCodePoint(...points);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === CODE_POINT_MAX) continue;
    // Surrogates are no characters.
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return undefined;
}
