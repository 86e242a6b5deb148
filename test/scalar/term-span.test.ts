import { expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { memberPrefix } from '../../src/scalar/json-members.ts';
import { memberSpan, wholeSpan } from '../../src/scalar/term-span.ts';
import { indexOf } from './world.ts';

const texts = (span: ReturnType<typeof wholeSpan>, from: number, to: number): string[] => {
  const found: string[] = [];
  span.eachText(from, to, (bytes, start, end) => {
    found.push(Buffer.from(bytes.slice(start, end)).toString());
  });
  return found;
};

it('of a column is all its terms', () => {
  const { index } = indexOf(
    { field: 's', params: { index_type: 'INVERTED' } },
    { s: ['ab', 'abc', 'b', null] },
  );
  const span = wholeSpan(index, 'text');
  expect([span.first, span.end]).toEqual([0, 3]);
  expect(span.rank('abc', false)).toBe(1);
  expect(span.rank('abc', true)).toBe(2);
  expect(span.prefixed('ab')).toEqual([0, 2]);
  expect(span.prefixed('')).toEqual([0, 3]);
  expect(texts(span, 1, 3)).toEqual(['abc', 'b']);
  expect([...span.known()!]).toEqual([7]);
});

it('of a trie shows no texts', () => {
  const { index } = indexOf({ field: 's', params: { index_type: 'TRIE' } }, { s: ['ab', 'b'] });
  const span = wholeSpan(index, 'text');
  expect(span.eachText(0, 2, () => undefined)).toBe(false);
  expect(span.prefixed('b')).toEqual([1, 2]);
});

it('shows no texts that are too many bytes for one stretch', () => {
  const long = (first: string): string => first + 'x'.repeat(40_000);
  const letters = Array.from({ length: 30 }, (_, i) => String.fromCharCode(97 + i));
  const { index } = indexOf(
    { field: 's', params: { index_type: 'INVERTED' } },
    { s: letters.map(long) },
  );
  const span = wholeSpan(index, 'text');
  expect(span.end).toBe(30);
  expect(texts(span, 2, 3)).toEqual([long('c')]);
  expect(span.eachText(0, 30, () => expect.unreachable('nothing is shown'))).toBe(false);
});

it('inside JSON is a class at a place, and numbers are found by exact value', () => {
  const rows = {
    j: [{ a: 1 }, { a: 'x' }, { a: 2.5 }, { a: 'xy', b: 'xz' }, { ab: 7 }, { a: true }],
  };
  const { index } = indexOf({ field: 'j', params: { json_cast_type: 'JSON' } }, rows);
  const terms = must(index.terms, 'there are terms');
  const span = (valueClass: 'number' | 'text' | 'boolean') =>
    memberSpan(terms, { prefix: memberPrefix(['a']), valueClass }, rows.j.length);
  const numbers = span('number');
  expect(numbers.end - numbers.first).toBe(2);
  expect([...numbers.known()!]).toEqual([0b101]);
  expect(numbers.rank(1n, false)).toBe(numbers.first);
  expect(numbers.rank(1n, true)).toBe(numbers.first + 1);
  expect(numbers.rank(2.5, false)).toBe(numbers.first + 1);
  expect(numbers.rank((1n << 62n) + 1n, false)).toBe(numbers.end);
  const words = span('text');
  const [first, end] = words.prefixed('x');
  expect(texts(words, first, end)).toEqual(['x', 'xy']);
  expect(words.prefixed('')).toEqual([words.first, words.end]);
  const booleans = span('boolean');
  expect(booleans.rank(true, true) - booleans.rank(true, false)).toBe(1);
});
