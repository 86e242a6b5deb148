import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareLogPoints, LOG_BEGINNING, readLogPoint } from '../../src/meta/log-point.ts';
import { decodeRecord, encodeRecord } from '../../src/meta/record.ts';
import { RecordFields } from '../../src/meta/record-fields.ts';

const part = fc.nat({ max: 3 });
const point = fc.record({ term: part, sequence: part, index: part });

it('orders by term, sequence and index', () => {
  fc.assert(
    fc.property(point, point, (a, b) => {
      const number = (p: typeof a): number => p.term * 16 + p.sequence * 4 + p.index;
      expect(Math.sign(compareLogPoints(a, b))).toBe(Math.sign(number(a) - number(b)));
      expect(compareLogPoints(a, LOG_BEGINNING)).toBeGreaterThanOrEqual(0);
    }),
  );
});

it('is read back from a record, and refused when a part is missing', () => {
  const read = (value: unknown) =>
    readLogPoint(new RecordFields('/k', decodeRecord('/k', encodeRecord('/k', value))));
  expect(read({ term: 1, sequence: 2, index: 3 })).toEqual({ term: 1, sequence: 2, index: 3 });
  expect(() => read({ term: 1, sequence: 2 })).toThrow('"index" is missing');
});
