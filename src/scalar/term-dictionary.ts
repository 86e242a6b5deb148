/**
 * Terms in ascending order, each once, by their ranks.
 *
 *   numbers   section `numbers`: int64 or float64 each; Bool as 0 and 1, no NaN, -0 as 0
 *   texts     section `places`: u32 for each text and one more, where it begins in section `texts`
 *
 * TRIE keeps its texts in another form: see text-trie.ts.
 */
import type { Term, TermDictionary, TextDictionary } from './dictionary.ts';
import { damagedImage, type ScalarImage, type Sections } from './scalar-image.ts';
import type { NumberTerms, TextTerms } from './term-rows.ts';
import { openTrie } from './text-trie.ts';

export function writeTerms(terms: NumberTerms | TextTerms): Sections {
  if (terms.kind === 'numbers') return { numbers: terms.values };
  return { places: terms.offsets, texts: terms.bytes };
}

/** @throws MilvusError DataIntegrity */
export function openDictionary(image: ScalarImage): TermDictionary {
  const { structure, terms, termCount } = image.shape;
  if (structure === 'TRIE') return openTrie(image);
  if (terms === 'texts' || terms === 'members') {
    return new Texts(image.mustWords('places', termCount + 1), image.mustSection('texts'));
  }
  if (terms === 'boxes') throw damagedImage('boxes are no terms');
  const bytes = image.mustSection('numbers');
  if (bytes.byteLength !== termCount * 8) throw damagedImage('its numbers have another length');
  return terms === 'int64'
    ? new Integers(new BigInt64Array(bytes.buffer, bytes.byteOffset, termCount))
    : new Doubles(new Float64Array(bytes.buffer, bytes.byteOffset, termCount));
}

class Integers implements TermDictionary {
  readonly count: number;
  /** The high words are signed, the low ones are not. */
  readonly #words: Int32Array;

  constructor(values: BigInt64Array) {
    this.count = values.length;
    this.#words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  }

  rank(term: Term, isAfter: boolean): number {
    // Of what lies between two integers, and of what is beyond int64, the order is that of an integer.
    const isWhole = typeof term === 'bigint' || Number.isInteger(term);
    if (typeof term !== 'bigint' && !Number.isFinite(Number(term))) {
      return Number(term) > 0 ? this.count : 0;
    }
    const exact = typeof term === 'bigint' ? term : BigInt(Math.floor(Number(term)));
    if (exact < -(1n << 63n)) return 0;
    if (exact > (1n << 63n) - 1n) return this.count;
    const takesEqual = isAfter || !isWhole;
    const high = Number(exact >> 32n);
    const low = Number(exact & 0xffffffffn);
    const words = this.#words;
    let start = 0;
    let end = this.count;
    while (start < end) {
      const middle = (start + end) >>> 1;
      const top = words[middle * 2 + 1]!;
      const bottom = words[middle * 2]! >>> 0;
      const isLess =
        top < high || (top === high && (bottom < low || (takesEqual && bottom === low)));
      if (isLess) start = middle + 1;
      else end = middle;
    }
    return start;
  }
}

class Doubles implements TermDictionary {
  readonly count: number;
  readonly #values: Float64Array;

  constructor(values: Float64Array) {
    this.count = values.length;
    this.#values = values;
  }

  rank(term: Term, isAfter: boolean): number {
    const bound = term as bigint | number;
    const values = this.#values;
    let start = 0;
    let end = this.count;
    while (start < end) {
      const middle = (start + end) >>> 1;
      const value = values[middle]!;
      // The language compares bigint and number by exact value.
      if (isAfter ? value <= bound : value < bound) start = middle + 1;
      else end = middle;
    }
    return start;
  }
}

class Texts implements TextDictionary {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly #places: Uint32Array;

  constructor(places: Uint32Array, bytes: Uint8Array) {
    this.count = places.length - 1;
    this.#places = places;
    this.bytes = bytes;
  }

  start(rank: number): number {
    return Math.min(this.#places[rank] ?? 0, this.bytes.length);
  }

  rank(term: Term, isAfter: boolean): number {
    const text = term as Uint8Array;
    let start = 0;
    let end = this.count;
    while (start < end) {
      const middle = (start + end) >>> 1;
      const order = this.#compare(middle, text);
      if (order < 0 || (isAfter && order === 0)) start = middle + 1;
      else end = middle;
    }
    return start;
  }

  #compare(rank: number, text: Uint8Array): number {
    const { bytes } = this;
    const start = this.start(rank);
    const length = Math.max(0, this.start(rank + 1) - start);
    const shared = Math.min(length, text.length);
    for (let i = 0; i < shared; i++) {
      const order = bytes[start + i]! - text[i]!;
      if (order !== 0) return order;
    }
    return length - text.length;
  }
}
