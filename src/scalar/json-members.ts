/**
 * Every value inside a JSON value as a term, for indexes of whole JSON fields. A term is a text of bytes:
 *
 *   steps, 0, class, value     what stands at the steps from the path of the index
 *   steps, 0, 4, class, value  the same, of an element of the array that stands there
 *   steps, 0, 5                something stands there that no step leads to: a key that came before
 *   3, steps                   an array stands there
 *
 *   a step    1, then its key in UTF-8 with the bytes 0 to 3 as 3 and the byte and 16; an index is its digits
 *   class 1   a number: float64, its bits so that they ascend, highest byte first
 *   class 2   a text: UTF-8
 *   class 3   a boolean: 0 or 1
 *
 * So the values of a class at a path are a run of terms, in order; and everything at a path or below it is one.
 */
import type { JsonCursor } from '../query/json-cursor.ts';
import type { TextVisitor } from './term-rows.ts';

const STEP = 1;
const ARRAYS = 3;
export const MemberClass = { number: 1, text: 2, boolean: 3, element: 4, unreachable: 5 } as const;
export type ValueClass = 'number' | 'text' | 'boolean';

const encoder = new TextEncoder();
const latin = new TextDecoder('latin1');
const word = new DataView(new ArrayBuffer(8));

/** Bytes to which more are put. */
class TermBytes {
  bytes = new Uint8Array(256);
  length = 0;

  push(byte: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = byte;
  }

  pushAll(bytes: Uint8Array, start: number, end: number): void {
    if (this.length + end - start > this.bytes.length) this.#grow(end - start);
    for (let i = start; i < end; i++) this.bytes[this.length++] = bytes[i]!;
  }

  pushStep(key: Uint8Array): void {
    this.push(STEP);
    for (const byte of key) {
      if (byte > 3) this.push(byte);
      else {
        this.push(3);
        this.push(byte + 16);
      }
    }
  }

  pushNumber(value: number): void {
    // Adding zero turns -0 into 0.
    word.setFloat64(0, value + 0);
    const flip = word.getUint8(0) > 127 ? 255 : 0;
    for (let i = 0; i < 8; i++) {
      const byte = word.getUint8(i);
      this.push(i === 0 && flip === 0 ? byte ^ 128 : byte ^ flip);
    }
  }

  #grow(more: number): void {
    const larger = new Uint8Array(this.bytes.length * 2 + more);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** What the terms of the values at `steps` begin with. */
export function memberPrefix(steps: readonly string[]): Uint8Array {
  const term = new TermBytes();
  for (const step of steps) term.pushStep(encoder.encode(step));
  return term.bytes.slice(0, term.length);
}

/** The term of a value at the place that `prefix` is of. @param isElement of an array there */
export function memberTerm(
  prefix: Uint8Array,
  value: number | Uint8Array | boolean,
  isElement = false,
): Uint8Array {
  const term = new TermBytes();
  term.pushAll(prefix, 0, prefix.length);
  term.push(0);
  if (isElement) term.push(MemberClass.element);
  if (typeof value === 'number') {
    term.push(MemberClass.number);
    term.pushNumber(value);
  } else if (typeof value === 'boolean') {
    term.push(MemberClass.boolean);
    term.push(Number(value));
  } else {
    term.push(MemberClass.text);
    term.pushAll(value, 0, value.length);
  }
  return term.bytes.slice(0, term.length);
}

/** First and last bound of all terms of a class at a place: those from one to before the other. */
export function classBounds(
  prefix: Uint8Array,
  valueClass: ValueClass,
): readonly [Uint8Array, Uint8Array] {
  const code = MemberClass[valueClass];
  return [Uint8Array.of(...prefix, 0, code), Uint8Array.of(...prefix, 0, code + 1)];
}

/** Bounds of all terms at a place and below it. */
export function placeBounds(prefix: Uint8Array): readonly [Uint8Array, Uint8Array] {
  return [Uint8Array.of(...prefix, 0), Uint8Array.of(...prefix, STEP + 1)];
}

export function arrayTerm(prefix: Uint8Array): Uint8Array {
  return Uint8Array.of(ARRAYS, ...prefix);
}

/** Walks values; one for many rows. */
export class MemberWalk {
  readonly #visit: TextVisitor;
  readonly #term = new TermBytes();
  #row = 0;
  /** A number that no double holds was met. */
  #isInexact = false;

  constructor(visit: TextVisitor) {
    this.#visit = visit;
  }

  /** Shows the terms of the value that `cursor` has read. @returns false when the column alone can decide about it */
  walk(cursor: JsonCursor, row: number): boolean {
    this.#row = row;
    this.#isInexact = false;
    this.#term.length = 0;
    this.#value(cursor);
    return !this.#isInexact;
  }

  /** Nesting of JSON is bounded where rows come in. */
  #value(cursor: JsonCursor): void {
    if (cursor.kind === 'object') this.#members(cursor);
    else if (cursor.kind === 'array') this.#elements(cursor);
    else this.#scalar(cursor, false);
  }

  #members(cursor: JsonCursor): void {
    const { length } = this.#term;
    const keys = new Set<string>();
    for (let has = cursor.firstMember(); has; has = cursor.nextMember()) {
      const key = latin.decode(cursor.key);
      const { place } = cursor;
      if (!keys.has(key)) {
        keys.add(key);
        this.#term.pushStep(cursor.key);
        this.#value(cursor);
        this.#term.length = length;
      } else if (!cursor.isHollow()) this.#show(MemberClass.unreachable);
      cursor.moveTo(place);
    }
  }

  #elements(cursor: JsonCursor): void {
    const { length } = this.#term;
    const marker = arrayTerm(this.#term.bytes.subarray(0, length));
    this.#visit(marker, 0, marker.length, this.#row);
    let index = 0;
    for (let has = cursor.firstElement(); has; has = cursor.nextElement()) {
      const { place } = cursor;
      this.#scalar(cursor, true);
      this.#term.pushStep(encoder.encode(String(index++)));
      this.#value(cursor);
      this.#term.length = length;
      cursor.moveTo(place);
    }
  }

  #show(code: number): void {
    const term = this.#term;
    const { length } = term;
    term.push(0);
    term.push(code);
    this.#visit(term.bytes, 0, term.length, this.#row);
    term.length = length;
  }

  #scalar(cursor: JsonCursor, isElement: boolean): void {
    const term = this.#term;
    const { length } = term;
    const { kind } = cursor;
    if (kind !== 'number' && kind !== 'text' && kind !== 'boolean') return;
    if (kind === 'number' && typeof cursor.number === 'bigint') {
      this.#isInexact = true;
      if (!isElement) this.#show(MemberClass.unreachable);
      return;
    }
    term.push(0);
    if (isElement) term.push(MemberClass.element);
    term.push(MemberClass[kind]);
    if (kind === 'number') term.pushNumber(Number(cursor.number));
    else if (kind === 'boolean') term.push(Number(cursor.boolean));
    else term.pushAll(cursor.textBytes, cursor.textStart, cursor.textEnd);
    this.#visit(term.bytes, 0, term.length, this.#row);
    term.length = length;
  }
}
