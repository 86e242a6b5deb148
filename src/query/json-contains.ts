/** `json_contains`, `_all` and `_any`: which of the wanted values are among the elements of a JSON array. */
import type { JsonCursor } from './json-cursor.ts';
import { equalsList, jsonItems } from './json-list.ts';
import type { JsonItem } from './json-list.ts';
import { INT64_MAX, INT64_MIN } from './literal.ts';
import { tableOf } from './number-scan.ts';
import type { ContainsPredicate } from './predicate.ts';
import { textTable } from './text-scan.ts';
import type { TextTable } from './text-table.ts';
import type { WordTable } from './word-table.ts';

/** Asks one array after another; each wanted value has a number, and all of them are counted once. */
export class ContainsTest {
  private readonly integers: WordTable;
  private readonly doubles: WordTable;
  private readonly doublesFrom: number;
  private readonly texts: TextTable;
  private readonly textsFrom: number;
  private readonly booleans: readonly boolean[];
  private readonly booleansFrom: number;
  private readonly lists: readonly (readonly JsonItem[])[];
  private readonly listsFrom: number;
  private readonly seen: Uint32Array;
  private readonly wanted: number;
  private readonly double = new Float64Array(1);
  private readonly doubleWords = new Int32Array(this.double.buffer);
  private readonly integer = new BigInt64Array(1);
  private readonly integerWords = new Int32Array(this.integer.buffer);
  private turn = 0;

  constructor({ mode, values, lists }: ContainsPredicate) {
    this.integers = tableOf(values.integers);
    this.doubles = tableOf(values.doubles);
    this.doublesFrom = values.integers.length;
    this.texts = textTable(values.texts);
    this.textsFrom = this.doublesFrom + values.doubles.length;
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

  /** How many wanted values the element is that no element before it was. */
  private seenValue(cursor: JsonCursor): number {
    switch (cursor.kind) {
      case 'number':
        return this.seenNumber(cursor.number);
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

  /** An integer and a double of the same value may both be wanted. */
  private seenNumber(value: number | bigint): number {
    const double = this.findDouble(value);
    return (
      this.mark(this.findInteger(value)) + this.mark(double < 0 ? -1 : this.doublesFrom + double)
    );
  }

  private findInteger(value: number | bigint): number {
    if (Number.isSafeInteger(value)) {
      const high = Math.floor(Number(value) / 0x1_0000_0000);
      return this.integers.find((Number(value) - high * 0x1_0000_0000) | 0, high);
    }
    if (typeof value === 'number' && !Number.isInteger(value)) return -1;
    const exact = BigInt(value);
    if (exact < INT64_MIN || exact > INT64_MAX) return -1;
    this.integer[0] = exact;
    return this.integers.find(this.integerWords[0]!, this.integerWords[1]!);
  }

  private findDouble(value: number | bigint): number {
    // Adding zero turns -0 into 0, which the table holds.
    const near = Number(value) + 0;
    if (typeof value === 'bigint' && BigInt(near) !== value) return -1;
    this.double[0] = near;
    return this.doubles.find(this.doubleWords[0]!, this.doubleWords[1]!);
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
