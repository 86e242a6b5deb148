import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  rowsOfNumbers,
  rowsOfTexts,
  termCount,
  type TermRows,
} from '../../src/scalar/term-rows.ts';

const lists = ({ starts, rows }: TermRows): number[][] =>
  [...starts.subarray(1)].map((end, i) => [...rows.subarray(starts[i], end)]);

it('each number has its rows once, ascending', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(20))), (found) => {
      const sorted = found.toSorted(([, a], [, b]) => a - b);
      const terms = rowsOfNumbers({
        values: Float64Array.from(sorted, ([value]) => value + 0),
        rows: Uint32Array.from(sorted, ([, row]) => row),
      });
      const values = [...new Set(sorted.map(([value]) => value + 0))].toSorted((a, b) => a - b);
      expect([...terms.terms.values].map(Number)).toEqual(values);
      expect(lists(terms)).toEqual(
        values.map((value) => [
          ...new Set(sorted.filter(([other]) => other + 0 === value).map(([, row]) => row)),
        ]),
      );
    }),
  );
});

it('each text has its rows once, ascending', () => {
  const words = ['b', 'a', 'b', 'b', '', 'ab'];
  const rows = [0, 0, 0, 2, 3, 5];
  const terms = rowsOfTexts((visit) => {
    words.forEach((word, i) => visit(Buffer.from(`-${word}`), 1, word.length + 1, rows[i]!));
    return true;
  });
  expect(terms).not.toBeNull();
  expect(termCount(terms!)).toBe(4);
  expect(Buffer.from(terms!.terms.bytes).toString()).toBe('aabb');
  expect(lists(terms!)).toEqual([[3], [0], [5], [0, 2]]);
});

it('what is given up has no terms', () => {
  expect(rowsOfTexts(() => false)).toBeNull();
});
