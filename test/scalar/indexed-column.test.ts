import { expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import type { MembershipPredicate } from '../../src/query/predicate.ts';
import {
  among,
  candidates,
  classesOfValues,
  eachOfClass,
  isShortList,
  newRows,
  stepsBelow,
} from '../../src/scalar/indexed-column.ts';
import { valueSet } from '../../src/query/value-set.ts';
import { DYNAMIC_SCHEMA, FIELDS } from '../query/columns.ts';
import { indexOf } from './world.ts';

const rows = { i: Array.from({ length: 100 }, (_, i) => BigInt(i)) };
const { index } = indexOf({ field: 'i', params: {} }, rows);

it('values of a list are told apart by their classes', () => {
  const values = valueSet([1n, 2.5, 'a', true]);
  expect(classesOfValues(values)).toEqual(['number', 'text', 'boolean']);
  const seen: unknown[] = [];
  for (const valueClass of classesOfValues(values))
    eachOfClass(values, valueClass, (one) => seen.push(one));
  expect(seen).toEqual([1n, 2.5, 'a', true]);
  expect(classesOfValues(valueSet([]))).toEqual([]);
});

it('a list is short when looking it up is less than looking at every row', () => {
  expect(isShortList(valueSet([1n, 2n, 3n, 4n, 5n]), index)).toBe(true);
  expect(isShortList(valueSet([1n, 2n, 3n, 4n, 5n, 6n]), index)).toBe(false);
});

it('a path below that of an index is what is left of it', () => {
  const { predicate } = compileFilter('j["a"]["b"] in [1]', DYNAMIC_SCHEMA);
  const { column } = predicate as MembershipPredicate;
  const at = (...path: string[]) =>
    stepsBelow(column, { fieldId: FIELDS.j.id, json: { path, cast: 'JSON', castsTexts: false } });
  expect(at()).toEqual(['a', 'b']);
  expect(at('a')).toEqual(['b']);
  expect(at('a', 'b')).toEqual([]);
  expect(at('b')).toBeNull();
  expect(at('a', 'b', 'c')).toBeNull();
  expect(stepsBelow(column, { fieldId: FIELDS.j.id, json: null })).toBeNull();
});

it('candidates are open, and so is what the index cannot tell', () => {
  const found = newRows(index);
  found[0] = 0b1110;
  const known = newRows(index);
  known[0] = 0b0111;
  const open = newRows(index);
  open[0] = 0b1_0000;
  expect(candidates(found, known, { ...index, open })).toMatchObject({
    open: Uint32Array.of(0b1_0110, 0, 0, 0),
    truth: newRows(index),
  });
  expect(among(Uint32Array.of(7), null)).toEqual(Uint32Array.of(7));
});
