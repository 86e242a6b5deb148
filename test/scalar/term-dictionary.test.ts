import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ScalarImage, type TermKind, writeImage } from '../../src/scalar/scalar-image.ts';
import { isTextDictionary } from '../../src/scalar/dictionary.ts';
import { openDictionary, writeTerms } from '../../src/scalar/term-dictionary.ts';
import type { NumberTerms, TextTerms } from '../../src/scalar/term-rows.ts';

function open(terms: NumberTerms | TextTerms, kind: TermKind, termCount: number) {
  const shape = { structure: 'STL_SORT', terms: kind, rowCount: 1, termCount } as const;
  const image = writeImage({ ...shape, minGram: 0, maxGram: 0 }, writeTerms(terms));
  return openDictionary(new ScalarImage(image));
}

const integer = fc.oneof(fc.bigInt(-4n, 4n), fc.bigInt(-(1n << 63n), (1n << 63n) - 1n));
const bound = fc.oneof(
  integer,
  fc.bigInt(-(1n << 65n), 1n << 65n),
  fc.double({ noNaN: true }),
  fc.constantFrom(-1.5, 0.5, 2 ** 53, -(2 ** 63)),
);

function expectRanks(
  values: readonly (bigint | number)[],
  found: (after: boolean) => number,
  of: bigint | number,
) {
  expect(found(false)).toBe(values.filter((value) => value < of).length);
  expect(found(true)).toBe(values.filter((value) => value <= of).length);
}

it('numbers are found by exact value', () => {
  fc.assert(
    fc.property(fc.uniqueArray(integer), bound, (list, of) => {
      const values = BigInt64Array.from(list).toSorted();
      const integers = open({ kind: 'numbers', values }, 'int64', values.length);
      expectRanks([...values], (after) => integers.rank(of, after), of);
      const doubles = Float64Array.from(new Set(list.map((value) => Number(value) / 2))).toSorted();
      const floating = open({ kind: 'numbers', values: doubles }, 'float64', doubles.length);
      expectRanks([...doubles], (after) => floating.rank(of, after), of);
    }),
  );
});

it('texts are found by their bytes, and can be looked at', () => {
  const texts = ['', 'a', 'ab', 'b', 'é', '日'].map((text) => Buffer.from(text));
  const offsets = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => (offsets[i + 1] = offsets[i]! + text.length));
  const terms: TextTerms = { kind: 'texts', offsets, bytes: new Uint8Array(Buffer.concat(texts)) };
  const dictionary = open(terms, 'texts', texts.length);
  for (const text of ['', 'a', 'aa', 'ab', 'abc', 'c', 'é', 'z日', '日本']) {
    const bytes = Buffer.from(text);
    const before = texts.filter((other) => Buffer.compare(other, bytes) < 0).length;
    const upTo = texts.filter((other) => Buffer.compare(other, bytes) <= 0).length;
    expect([dictionary.rank(bytes, false), dictionary.rank(bytes, true)]).toEqual([before, upTo]);
  }
  expect(isTextDictionary(dictionary)).toBe(true);
  if (isTextDictionary(dictionary)) {
    const text = dictionary.bytes.subarray(dictionary.start(2), dictionary.start(3));
    expect(Buffer.from(text).toString()).toBe('ab');
  }
});

it('a dictionary of another length is refused', () => {
  const values = Float64Array.of(1, 2);
  expect(() => open({ kind: 'numbers', values }, 'float64', 3)).toThrow('another length');
});
