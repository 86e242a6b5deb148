/** Lists of constants against arrays inside JSON text: equal element by element, to any depth. */
import type { JsonCursor } from './json-cursor.ts';
import { utf8 } from './literal.ts';
import type { ListValue, Scalar } from './predicate.ts';
import { equalBytes } from './text-table.ts';

/** A constant in the form that comparing needs: text as UTF-8. */
export type JsonItem = number | bigint | boolean | Uint8Array | readonly JsonItem[];

/** A number where no precision is lost, so that the common comparison needs no bigint. */
export function plainNumber(value: bigint | number): bigint | number {
  if (typeof value === 'number') return value;
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

export function jsonItems(values: ListValue): JsonItem[] {
  return values.map(jsonItem);
}

function jsonItem(value: Scalar | ListValue): JsonItem {
  switch (typeof value) {
    case 'string':
      return utf8(value);
    case 'boolean':
      return value;
    case 'object':
      return jsonItems(value);
    default:
      return plainNumber(value);
  }
}

/** Whether the array at the cursor holds exactly these. The cursor stands at the array again. */
export function equalsList(cursor: JsonCursor, items: readonly JsonItem[]): boolean {
  const place = cursor.place;
  let hasNext = cursor.firstElement();
  let isEqual = true;
  for (let i = 0; isEqual && i < items.length; i++) {
    isEqual = hasNext && equalsItem(cursor, items[i]!);
    if (isEqual) hasNext = cursor.nextElement();
  }
  cursor.moveTo(place);
  return isEqual && !hasNext;
}

function equalsItem(cursor: JsonCursor, item: JsonItem): boolean {
  switch (cursor.kind) {
    case 'number':
      if (typeof item !== 'number' && typeof item !== 'bigint') return false;
      // The language compares bigint with number by exact value.
      return cursor.number >= item && cursor.number <= item;
    case 'boolean':
      return cursor.boolean === item;
    case 'text': {
      const { textBytes, textStart, textEnd } = cursor;
      return item instanceof Uint8Array && equalBytes(textBytes, textStart, textEnd, item);
    }
    case 'array':
      return isList(item) && equalsList(cursor, item);
    default:
      return false;
  }
}

function isList(item: JsonItem): item is readonly JsonItem[] {
  return Array.isArray(item);
}
