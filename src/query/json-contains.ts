/** `json_contains`, `_all` and `_any`: which of the wanted values are among the elements of a JSON array. */
import type { JsonCursor } from './json-cursor.ts';
import { equalsList, jsonItems, plainNumber } from './json-list.ts';
import type { JsonItem } from './json-list.ts';
import type { ContainsPredicate } from './predicate.ts';
import { textTable } from './text-scan.ts';
import type { TextTable } from './word-table.ts';

/** One form for each number, so that a double of the text finds an int64 of the list. */
export function canonicalNumber(value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return plainNumber(value);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** Asks one array after another; each wanted value has a number, and all of them are counted once. */
export class ContainsTest {
  private readonly numbers = new Map<number | bigint, number>();
  private readonly texts: TextTable;
  private readonly textsFrom: number;
  private readonly booleans: readonly boolean[];
  private readonly booleansFrom: number;
  private readonly lists: readonly (readonly JsonItem[])[];
  private readonly listsFrom: number;
  private readonly seen: Uint32Array;
  private readonly wanted: number;
  private turn = 0;

  constructor({ mode, values, lists }: ContainsPredicate) {
    for (const value of [...values.integers, ...values.doubles]) {
      const number = canonicalNumber(value);
      if (!this.numbers.has(number)) this.numbers.set(number, this.numbers.size);
    }
    this.texts = textTable(values.texts);
    this.textsFrom = this.numbers.size;
    this.booleans = values.booleans;
    this.booleansFrom = this.textsFrom + values.texts.length;
    this.lists = lists.map(jsonItems);
    this.listsFrom = this.booleansFrom + values.booleans.length;
    this.seen = new Uint32Array(this.listsFrom + lists.length);
    this.wanted = mode === 'any' ? 1 : this.seen.length;
  }

  /** 1, 0, or -1 where no array stands. */
  ask(cursor: JsonCursor): number {
    if (cursor.kind !== 'array') return -1;
    this.turn++;
    let missing = this.wanted;
    for (let has = cursor.firstElement(); has && missing > 0; has = cursor.nextElement()) {
      missing -= cursor.kind === 'array' ? this.seenLists(cursor) : this.seenValue(cursor);
    }
    return missing <= 0 ? 1 : 0;
  }

  /** How many wanted values the element is that no element before it was: 0 or 1. */
  private seenValue(cursor: JsonCursor): number {
    switch (cursor.kind) {
      case 'number':
        return this.mark(this.numbers.get(canonicalNumber(cursor.number)) ?? -1);
      case 'text': {
        const found = this.texts.find(cursor.textBytes, cursor.textStart, cursor.textEnd);
        return this.mark(found < 0 ? -1 : this.textsFrom + found);
      }
      case 'boolean': {
        const found = this.booleans.indexOf(cursor.boolean);
        return this.mark(found < 0 ? -1 : this.booleansFrom + found);
      }
      default:
        return 0;
    }
  }

  /** The same list may be wanted several times. */
  private seenLists(cursor: JsonCursor): number {
    let count = 0;
    for (let i = 0; i < this.lists.length; i++) {
      if (equalsList(cursor, this.lists[i]!)) count += this.mark(this.listsFrom + i);
    }
    return count;
  }

  private mark(number: number): number {
    if (number < 0 || this.seen[number] === this.turn) return 0;
    this.seen[number] = this.turn;
    return 1;
  }
}
