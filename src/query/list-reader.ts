/**
 * Long lists of constants in the text of a filter, read ahead of the rest and in pieces: the reader of the
 * whole text, which cannot pause, then steps over them. A list that holds anything but constants is left to it,
 * and so is every error.
 */
import { FILTER_LIST_MAX } from '../base/limits.ts';
import type { Literal } from './ast.ts';
import { Lexer } from './lexer.ts';
import { readConstant } from './constant-token.ts';
import { INT64_LIMIT } from './literal.ts';
import { FilterProblem } from './problem.ts';

/** The values of a list, and where its text ends. */
export interface ReadList {
  readonly items: BigInt64Array | readonly Literal[];
  readonly end: number;
}

/** By the offset of the opening bracket. */
export type ReadLists = ReadonlyMap<number, ReadList>;

/** Values that make a list a long one. */
export const LONG_LIST = 64;
/** Values for which there is room at first. */
const ROOM = 1024;

/** What may stand next inside a list. */
type Expected = 'value' | 'comma';

/** All of them, at once. */
export function readLists(text: string): ReadLists {
  const reader = new ListReader(text);
  if (text.length > LONG_LIST * 2) reader.readTo(text.length);
  return reader.lists;
}

export class ListReader {
  /** Those that have been read so far. */
  readonly lists: ReadLists;
  private readonly found = new Map<number, ReadList>();
  private readonly lexer: Lexer;
  private isOver = false;
  /** Of the list that is open, -1 when none is. */
  private openAt = -1;
  private integers = new BigInt64Array(ROOM);
  private count = 0;
  /** Null as long as all values are int64. */
  private mixed: Literal[] | null = null;
  private expected: Expected = 'value';
  private isNegative = false;

  constructor(text: string) {
    this.lexer = new Lexer(text);
    this.lists = this.found;
  }

  /** Reads on until `end` of the text is reached. */
  readTo(end: number): void {
    const { lexer } = this;
    try {
      while (!this.isOver && lexer.end < end) {
        lexer.next();
        if (lexer.kind === 'end') this.isOver = true;
        else if (this.openAt < 0 || !this.take()) this.open();
      }
    } catch (cause) {
      if (!(cause instanceof FilterProblem)) throw cause;
      // The reader of the whole text comes to the same place, and says so.
      this.isOver = true;
    }
  }

  /** A bracket that opens a list, or a subscript, which soon shows by being short. */
  private open(): void {
    const { lexer } = this;
    this.openAt = lexer.kind === 'symbol' && lexer.word === '[' ? lexer.start : -1;
    this.count = 0;
    this.mixed = null;
    this.expected = 'value';
    this.isNegative = false;
  }

  /** Takes a token of the open list. False when no list of constants goes on so. */
  private take(): boolean {
    const { lexer } = this;
    const { kind, word } = lexer;
    if (this.expected === 'comma' && kind === 'symbol' && word === ',') {
      this.expected = 'value';
      return this.count < FILTER_LIST_MAX;
    }
    if (kind === 'symbol' && word === ']' && !this.isNegative) return this.close();
    if (this.expected !== 'value') return false;
    if (kind === 'symbol' && word === '-' && !this.isNegative) {
      this.isNegative = true;
      return true;
    }
    return this.takeValue();
  }

  private takeValue(): boolean {
    if (this.lexer.kind === 'symbol' || this.lexer.kind === 'name') return false;
    const { isNegative } = this;
    const value = readConstant(this.lexer);
    this.isNegative = false;
    this.expected = 'comma';
    const isNumber = typeof value === 'bigint' || typeof value === 'number';
    const signed = isNumber && isNegative ? -value : value;
    if (signed === INT64_LIMIT || (isNegative && !isNumber)) return false;
    this.push(signed);
    return true;
  }

  private push(value: Literal): void {
    if (this.mixed === null && typeof value !== 'bigint') {
      this.mixed = Array.from<Literal>(this.integers.subarray(0, this.count));
    }
    if (this.mixed !== null) this.mixed.push(value);
    else {
      if (this.count === this.integers.length) {
        const larger = new BigInt64Array(this.count * 2);
        larger.set(this.integers);
        this.integers = larger;
      }
      this.integers[this.count] = value as bigint;
    }
    this.count++;
  }

  private close(): boolean {
    if (this.count >= LONG_LIST) {
      const items = this.mixed ?? this.integers.slice(0, this.count);
      this.found.set(this.openAt, { items, end: this.lexer.end });
    }
    this.openAt = -1;
    return true;
  }
}
