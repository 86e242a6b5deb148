import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortNumbers } from '../../src/scalar/number-order.ts';

function pairs(values: BigInt64Array | Float64Array): Array<[number | bigint, number]> {
  const sorted = sortNumbers({
    values,
    rows: Uint32Array.from({ length: values.length }, (_, i) => i),
  });
  return [...sorted.values].map((value, i) => [value, sorted.rows[i]!]);
}

function expectSorted(values: BigInt64Array | Float64Array): void {
  const expected = [...values]
    .map((value, row): [number | bigint, number] => [value, row])
    .toSorted(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j));
  expect(pairs(values)).toEqual(expected);
}

it('int64 values ascend, and rows of one value do', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.bigInt(-5n, 5n), fc.bigInt(-(1n << 63n), (1n << 63n) - 1n))),
      (list) => {
        expectSorted(BigInt64Array.from(list));
      },
    ),
  );
});

it('doubles ascend, infinities and what is hardly a number included', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), (list) => {
      // Zero has one form.
      expectSorted(Float64Array.from(list, (value) => value + 0));
    }),
  );
});
