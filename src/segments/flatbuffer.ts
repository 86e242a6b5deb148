/**
 * Places inside an encoded flatbuffer, so that numbers of one that is there already can be set:
 *
 *   buffer   u32 to the root table
 *   table    i32 back to its vtable; inline fields
 *   vtable   u16 its length, u16 of the table, then for each field its place in the table, 0 when left out
 *   vector   u32 count, items; what refers to a table or a vector is a u32 to it
 */
import { assert } from '../base/assert.ts';

export function rootTable(view: DataView): number {
  return view.getUint32(0, true);
}

/** Where field `index` of the table at `table` is; it must have been written. */
export function fieldPlace(view: DataView, table: number, index: number): number {
  const vtable = table - view.getInt32(table, true);
  const slot = 4 + 2 * index;
  const place = slot < view.getUint16(vtable, true) ? view.getUint16(vtable + slot, true) : 0;
  assert(place > 0, 'a field that is set later is written');
  return table + place;
}

/** Where that begins which the reference at `place` means. */
export function follow(view: DataView, place: number): number {
  return place + view.getUint32(place, true);
}

/** Where the items of the vector begin that the reference at `place` means. */
export function vectorItems(view: DataView, place: number): number {
  return follow(view, place) + 4;
}

/** @param value a safe integer from 0 on */
export function setInt64(view: DataView, place: number, value: number): void {
  view.setUint32(place, value >>> 0, true);
  view.setUint32(place + 4, Math.floor(value / 2 ** 32), true);
}
