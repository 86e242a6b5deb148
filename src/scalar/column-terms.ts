/**
 * What a column, or a path into its JSON, has to be looked up by: numbers or texts and the rows of each, and what
 * of the rows the index can tell. A row that is null, or of which JSON has no value of the wanted class, is not
 * known; a row with a number that no double holds is left open, and the column decides about it.
 */
import { assert } from '../base/assert.ts';
import { JsonCursor, jsonSteps } from '../query/json-cursor.ts';
import { isValid } from '../schema/column-layout.ts';
import type { BytesColumn, Column, FixedColumn, ListColumn, Validity } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { type GramLengths, gramVisitor } from './grams.ts';
import { MemberWalk } from './json-members.ts';
import type { NumberRows } from './number-order.ts';
import type { TermKind } from './scalar-image.ts';
import { rowsOfNumbers, rowsOfTexts, type TermRows, type TextVisitor } from './term-rows.ts';

/** How values of JSON are taken. Arrays by their elements, JSON by everything inside. */
export type JsonCast =
  | 'BOOL'
  | 'DOUBLE'
  | 'VARCHAR'
  | 'ARRAY_BOOL'
  | 'ARRAY_DOUBLE'
  | 'ARRAY_VARCHAR'
  | 'JSON';

export interface JsonPlace {
  readonly path: readonly string[];
  readonly cast: JsonCast;
  /** STRING_TO_DOUBLE: texts that are numbers, too. */
  readonly castsTexts: boolean;
}

export interface TermSource {
  readonly column: Column;
  readonly rowCount: number;
  /** Null: not JSON. */
  readonly json: JsonPlace | null;
  /** Texts are looked up by their parts; null: as a whole. */
  readonly grams: GramLengths | null;
  /** Asked now and then with how many rows are done; false gives it up. */
  readonly goesOn: (rowsDone: number) => boolean;
}

export interface ColumnTerms {
  readonly kind: TermKind;
  readonly found: TermRows;
  readonly known: Validity;
  readonly present: Uint32Array | null;
  readonly open: Uint32Array | null;
  readonly cast: Uint32Array | null;
}

/** Rows between two questions whether to go on; a multiple of 32. */
const ROWS_AT_ONCE = 4096;

const NOTHING_OF_JSON = { present: null, open: null, cast: null } as const;

/** @returns null when it was given up */
export function termsOf(source: TermSource): ColumnTerms | null {
  const { column, rowCount } = source;
  if (source.json !== null) return new JsonTerms(source, source.json).terms();
  assert(column.kind !== 'vector' && column.kind !== 'sparse', 'an index of scalars is of scalars');
  const known = column.validity;
  const leaf = column.kind === 'list' ? column.elements : column;
  if (leaf.kind === 'bytes') {
    const texts: TextRows =
      column.kind === 'list' ? new ElementTexts(column, leaf) : new ColumnTexts(leaf);
    const found = rowsOfTexts((visit) => {
      const show = partsVisitor(source, visit);
      return walkRows(source, (row) => texts.show(row, show));
    });
    return found === null ? null : { kind: 'texts', found, known, ...NOTHING_OF_JSON };
  }
  assert(leaf.kind === 'fixed', 'vectors have no order');
  const numbers = new NumberList(holdsDoubles(leaf.type));
  const isDone =
    column.kind === 'list'
      ? walkRows(source, (row) => addElements(column, leaf, { row, numbers }))
      : walkRows(source, (row) => {
          if (known === null || isValid(known, row)) numbers.add(leaf.values[row]!, row);
        });
  if (!isDone) return null;
  assert(rowCount > 0, 'a segment has rows');
  const kind = numbers.isFloating ? 'float64' : 'int64';
  return { kind, found: rowsOfNumbers(numbers.numbers()), known, ...NOTHING_OF_JSON };
}

function holdsDoubles(type: DataType): boolean {
  return type === DataType.Float || type === DataType.Double;
}

function walkRows({ rowCount, goesOn }: TermSource, visit: (row: number) => void): boolean {
  for (let start = 0; start < rowCount; start += ROWS_AT_ONCE) {
    if (!goesOn(start)) return false;
    const end = Math.min(rowCount, start + ROWS_AT_ONCE);
    for (let row = start; row < end; row++) visit(row);
  }
  return true;
}

/** Numbers as they come, with their rows. */
class NumberList {
  readonly isFloating: boolean;
  #values: BigInt64Array | Float64Array;
  #rows = new Uint32Array(ROWS_AT_ONCE);
  #length = 0;

  constructor(hasDoubles: boolean) {
    this.isFloating = hasDoubles;
    this.#values = hasDoubles ? new Float64Array(ROWS_AT_ONCE) : new BigInt64Array(ROWS_AT_ONCE);
  }

  add(value: number | bigint, row: number): void {
    if (this.#length === this.#rows.length) this.#grow();
    // Adding zero turns -0 into 0.
    if (this.#values instanceof Float64Array) this.#values[this.#length] = Number(value) + 0;
    else this.#values[this.#length] = BigInt(value);
    this.#rows[this.#length++] = row;
  }

  numbers(): NumberRows {
    const values = this.#values.slice(0, this.#length);
    return { values, rows: this.#rows.subarray(0, this.#length) };
  }

  #grow(): void {
    const length = this.#length * 2;
    const rows = new Uint32Array(length);
    rows.set(this.#rows);
    this.#rows = rows;
    this.#values = longer(this.#values, length);
  }
}

function longer(
  values: BigInt64Array | Float64Array,
  length: number,
): BigInt64Array | Float64Array {
  const bytes = new Uint8Array(length * 8);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return values instanceof Float64Array
    ? new Float64Array(bytes.buffer)
    : new BigInt64Array(bytes.buffer);
}

function addElements(
  { offsets, validity }: ListColumn,
  elements: FixedColumn,
  { row, numbers }: { readonly row: number; readonly numbers: NumberList },
): void {
  if (validity !== null && !isValid(validity, row)) return;
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
    if (elements.validity !== null && !isValid(elements.validity, at)) continue;
    numbers.add(elements.values[at]!, row);
  }
}

function partsVisitor({ grams }: TermSource, visit: TextVisitor): TextVisitor {
  return grams === null ? visit : gramVisitor(grams, visit);
}

interface TextRows {
  show(row: number, visit: TextVisitor): void;
}

class ColumnTexts implements TextRows {
  readonly #column: BytesColumn;

  constructor(column: BytesColumn) {
    this.#column = column;
  }

  show(row: number, visit: TextVisitor): void {
    const { bytes, offsets, validity } = this.#column;
    if (validity !== null && !isValid(validity, row)) return;
    visit(bytes, offsets[row]!, offsets[row + 1]!, row);
  }
}

class ElementTexts implements TextRows {
  readonly #list: ListColumn;
  readonly #elements: BytesColumn;

  constructor(list: ListColumn, elements: BytesColumn) {
    this.#list = list;
    this.#elements = elements;
  }

  show(row: number, visit: TextVisitor): void {
    const { offsets, validity } = this.#list;
    if (validity !== null && !isValid(validity, row)) return;
    const { bytes, offsets: places, validity: valid } = this.#elements;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      if (valid === null || isValid(valid, at)) visit(bytes, places[at]!, places[at + 1]!, row);
    }
  }
}

/** Texts of JSON at a path that are numbers, and nothing else around them. */
const NUMBER_TEXT = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** Bytes of a text beyond which it is not taken for a number. */
const NUMBER_TEXT_BYTES_MAX = 64;

/** The number that a text is cast to; null when it is none. */
export function castText(text: string): number | null {
  if (text.length > NUMBER_TEXT_BYTES_MAX) return null;
  const value = NUMBER_TEXT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

class JsonTerms {
  readonly #source: TermSource;
  readonly #place: JsonPlace;
  readonly #column: BytesColumn;
  readonly #cursor = new JsonCursor();
  readonly #steps;
  readonly #known: Uint32Array;
  readonly #present: Uint32Array;
  readonly #open: Uint32Array;
  readonly #cast: Uint32Array;

  constructor(source: TermSource, place: JsonPlace) {
    const { column, rowCount } = source;
    assert(column.kind === 'bytes', 'a JSON column holds bytes');
    this.#source = source;
    this.#place = place;
    this.#column = column;
    this.#steps = jsonSteps(place.path);
    const words = (): Uint32Array => new Uint32Array((rowCount + 31) >>> 5);
    this.#known = words();
    this.#present = words();
    this.#open = words();
    this.#cast = words();
  }

  terms(): ColumnTerms | null {
    const { cast, castsTexts } = this.#place;
    if (cast === 'VARCHAR' || cast === 'ARRAY_VARCHAR') {
      const found = rowsOfTexts((visit) => {
        const show = partsVisitor(this.#source, visit);
        return this.#walk((row) => this.#showTexts(row, show));
      });
      return found === null ? null : this.#result('texts', found);
    }
    if (cast === 'JSON') {
      const found = rowsOfTexts((visit) => {
        const members = new MemberWalk(visit);
        return this.#walk((row) => {
          if (!members.walk(this.#cursor, row)) mark(this.#open, row);
        });
      });
      return found === null ? null : { ...this.#result('members', found), known: null };
    }
    const isFloating = cast === 'DOUBLE' || cast === 'ARRAY_DOUBLE';
    const numbers = new NumberList(isFloating);
    if (!this.#walk((row) => this.#addNumbers(row, numbers))) return null;
    const found = rowsOfNumbers(numbers.numbers());
    const terms = this.#result(isFloating ? 'float64' : 'int64', found);
    return castsTexts ? { ...terms, cast: this.#cast } : terms;
  }

  #result(kind: TermKind, found: TermRows): ColumnTerms {
    const hasOpen = this.#open.some((word) => word !== 0);
    const open = hasOpen ? this.#open : null;
    return { kind, found, known: this.#known, present: this.#present, open, cast: null };
  }

  /** Calls `visit` at the value of each row that has one. */
  #walk(visit: (row: number) => void): boolean {
    const { bytes, offsets, validity } = this.#column;
    const cursor = this.#cursor;
    return walkRows(this.#source, (row) => {
      if (validity !== null && !isValid(validity, row)) return;
      cursor.find(bytes, offsets[row]!, offsets[row + 1]!, this.#steps);
      if (cursor.kind === 'absent') return;
      if (!cursor.isHollow()) mark(this.#present, row);
      visit(row);
    });
  }

  #showTexts(row: number, visit: TextVisitor): void {
    const cursor = this.#cursor;
    const show = (): void => {
      if (cursor.kind === 'text') visit(cursor.textBytes, cursor.textStart, cursor.textEnd, row);
    };
    if (this.#place.cast === 'VARCHAR') {
      if (cursor.kind === 'text') mark(this.#known, row);
      show();
    } else this.#eachElement(row, show);
  }

  #addNumbers(row: number, numbers: NumberList): void {
    const cursor = this.#cursor;
    const { cast, castsTexts } = this.#place;
    const wanted = cast === 'BOOL' || cast === 'ARRAY_BOOL' ? 'boolean' : 'number';
    const add = (): void => {
      if (cursor.kind !== wanted) return;
      if (wanted === 'boolean') numbers.add(Number(cursor.boolean), row);
      else if (typeof cursor.number === 'bigint') mark(this.#open, row);
      else numbers.add(cursor.number, row);
    };
    if (cast === 'ARRAY_BOOL' || cast === 'ARRAY_DOUBLE') {
      this.#eachElement(row, add);
      return;
    }
    const isInexact = cursor.kind === 'number' && typeof cursor.number === 'bigint';
    if (cursor.kind === wanted && !isInexact) mark(this.#known, row);
    add();
    if (!castsTexts || cursor.kind !== 'text') return;
    mark(this.#cast, row);
    const { textBytes, textStart, textEnd } = cursor;
    if (textEnd - textStart > NUMBER_TEXT_BYTES_MAX) return;
    const value = castText(String.fromCharCode(...textBytes.subarray(textStart, textEnd)));
    if (value !== null) numbers.add(value, row);
  }

  #eachElement(row: number, visit: () => void): void {
    const cursor = this.#cursor;
    if (cursor.kind !== 'array') return;
    mark(this.#known, row);
    for (let has = cursor.firstElement(); has; has = cursor.nextElement()) visit();
  }
}

function mark(words: Uint32Array, row: number): void {
  words[row >>> 5]! |= 1 << (row & 31);
}
