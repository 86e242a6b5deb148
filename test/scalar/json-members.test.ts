import { expect, it } from 'vitest';
import { JsonCursor, jsonSteps } from '../../src/query/json-cursor.ts';
import {
  arrayTerm,
  classBounds,
  MemberWalk,
  memberPrefix,
  memberTerm,
  placeBounds,
} from '../../src/scalar/json-members.ts';

function termsOf(json: string): { readonly terms: Buffer[]; readonly isWhole: boolean } {
  const terms: Buffer[] = [];
  const walk = new MemberWalk((bytes, start, end) =>
    terms.push(Buffer.from(bytes.slice(start, end))),
  );
  const cursor = new JsonCursor();
  const bytes = Buffer.from(json);
  cursor.find(bytes, 0, bytes.length, jsonSteps([]));
  return { isWhole: walk.walk(cursor, 0), terms };
}

const has = (json: string, term: Uint8Array): boolean =>
  termsOf(json).terms.some((other) => Buffer.compare(other, term) === 0);

it('has a term for each value, at its place', () => {
  const json = '{"a": {"b": [1, "x"]}, "c": true, "\\u0000\\u0003": -0.0}';
  expect(has(json, memberTerm(memberPrefix(['c']), true))).toBe(true);
  expect(has(json, memberTerm(memberPrefix(['a', 'b', '0']), 1))).toBe(true);
  expect(has(json, memberTerm(memberPrefix(['a', 'b']), 1, true))).toBe(true);
  expect(has(json, memberTerm(memberPrefix(['a', 'b']), Buffer.from('x'), true))).toBe(true);
  expect(has(json, arrayTerm(memberPrefix(['a', 'b'])))).toBe(true);
  expect(has(json, memberTerm(memberPrefix(['\u0000\u0003']), 0))).toBe(true);
  expect(has(json, memberTerm(memberPrefix(['a', 'b']), 1))).toBe(false);
});

it('keeps numbers in order, and classes and places apart', () => {
  const prefix = memberPrefix(['a']);
  const values = [-Infinity, -1e9, -1, -0.5, 0, 1e-300, 1, 2, 1e9, Infinity];
  const terms = values.map((value) => Buffer.from(memberTerm(prefix, value)));
  expect(terms).toEqual(terms.toSorted((a, b) => Buffer.compare(a, b)));
  const [first, end] = classBounds(prefix, 'number');
  const [low, high] = placeBounds(prefix);
  for (const term of terms) {
    expect(Buffer.compare(term, first)).toBe(1);
    expect(Buffer.compare(term, end)).toBe(-1);
    expect(Buffer.compare(term, low)).toBe(1);
    expect(Buffer.compare(term, high)).toBe(-1);
  }
  const below = Buffer.from(memberTerm(memberPrefix(['a', 'b']), 1));
  expect(Buffer.compare(below, high)).toBe(-1);
  expect(Buffer.compare(Buffer.from(memberTerm(memberPrefix(['ab']), 1)), high)).toBe(1);
});

it('has no term for what is hollow, and one for what no path leads to', () => {
  expect(termsOf('{"a": null, "b": {}}').terms).toEqual([]);
  const twice = termsOf('{"a": null, "a": 1}');
  expect(twice.terms).toHaveLength(1);
  expect(Buffer.compare(twice.terms[0]!, memberTerm(memberPrefix(['a']), 1))).not.toBe(0);
});

it('says when a number is not exact', () => {
  expect(termsOf('{"a": 9007199254740993}').isWhole).toBe(false);
  expect(termsOf('[[9007199254740993]]').isWhole).toBe(false);
  expect(termsOf('{"a": 9007199254740991}').isWhole).toBe(true);
});
