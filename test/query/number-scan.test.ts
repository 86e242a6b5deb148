import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptedOrders,
  scanColumns,
  scanMembership,
  scanRange,
} from '../../src/query/number-scan.ts';
import type { RangePredicate } from '../../src/query/predicate.ts';
import { valueSet } from '../../src/query/value-set.ts';
import type { FixedColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';
import type { Value } from './columns.ts';

const rowsOf = (words: Uint32Array, count: number): number[] =>
  Array.from({ length: count }, (_, i) => i).filter(
    (i) => ((words[i >>> 5]! >>> (i & 31)) & 1) === 1,
  );

const fixed = (type: DataType, values: readonly Value[]): FixedColumn =>
  columnOf(type, values) as FixedColumn;

const between = (lower: bigint | number, upper: bigint | number): RangePredicate => ({
  kind: 'range',
  column: { access: 'value', fieldId: 1, type: DataType.Int64 },
  lower,
  lowerInclusive: true,
  upper,
  upperInclusive: true,
});

const int64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.constantFrom(1n << 53n, (1n << 53n) + 1n, -(1n << 53n) - 1n, -(1n << 53n)),
);

describe('scanRange', () => {
  it('compares int64 exactly whatever the bounds', () => {
    fc.assert(
      fc.property(
        fc.array(int64, { minLength: 1, maxLength: 70 }),
        int64,
        int64,
        (values, a, b) => {
          const found = rowsOf(
            scanRange(fixed(DataType.Int64, values), between(a, b), values.length),
            values.length,
          );
          expect(found).toEqual(values.flatMap((each, i) => (each >= a && each <= b ? [i] : [])));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('crosses chunks and ends between words', () => {
    const values = Array.from({ length: 10_001 }, (_, i) => BigInt(i));
    for (const type of [DataType.Int32, DataType.Int64, DataType.Double]) {
      const words = scanRange(fixed(type, values), between(4090n, 10_000n), values.length);
      expect(rowsOf(words, values.length)).toEqual(values.slice(4090).map(Number));
    }
  });

  it('looks at no more rows than it is told', () => {
    const column = fixed(DataType.Int64, [1n, 1n, 1n]);
    expect(rowsOf(scanRange(column, between(1n, 1n), 2), 32)).toEqual([0, 1]);
  });
});

describe('scanMembership', () => {
  it('finds int64, narrow and floating values alike', () => {
    fc.assert(
      fc.property(
        fc.array(int64, { maxLength: 40 }),
        fc.array(int64, { maxLength: 9 }),
        (values, list) => {
          const found = scanMembership(
            fixed(DataType.Int64, values),
            valueSet(BigInt64Array.from(list)),
            values.length,
          );
          expect(rowsOf(found, values.length)).toEqual(
            values.flatMap((each, i) => (list.includes(each) ? [i] : [])),
          );
        },
      ),
      { numRuns: 500 },
    );
    const narrow = scanMembership(
      fixed(DataType.Int8, [-1, 1, -128]),
      valueSet([-1n, 255n, -128n, 1n << 40n]),
      3,
    );
    expect(rowsOf(narrow, 3)).toEqual([0, 2]);
    expect(rowsOf(scanMembership(fixed(DataType.Double, [-0, 0.1]), valueSet([0]), 2), 2)).toEqual([
      0,
    ]);
    expect(
      rowsOf(scanMembership(fixed(DataType.Float, [0.1]), valueSet([Math.fround(0.1)]), 1), 1),
    ).toEqual([0]);
  });
});

describe('scanColumns', () => {
  it('compares by exact value across types', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 63, 3, -3),
    );
    const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
    const holds = (sign: string, a: bigint | number, b: bigint | number): boolean =>
      (acceptedOrders(sign as '==') & (a < b ? 1 : a > b ? 4 : 2)) !== 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(int64, number), { maxLength: 40 }), operator, (pairs, sign) => {
        const left = fixed(
          DataType.Int64,
          pairs.map(([a]) => a),
        );
        const right = fixed(
          DataType.Double,
          pairs.map(([, b]) => b),
        );
        expect(rowsOf(scanColumns(left, sign, right, pairs.length), pairs.length)).toEqual(
          pairs.flatMap(([a, b], i) => (holds(sign, a, b) ? [i] : [])),
        );
        expect(rowsOf(scanColumns(left, sign, left, pairs.length), pairs.length)).toEqual(
          pairs.flatMap(([a], i) => (holds(sign, a, a) ? [i] : [])),
        );
      }),
      { numRuns: 500 },
    );
  });
});
