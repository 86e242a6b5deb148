import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import { markNatively } from '../../src/query/number-range.ts';
import { scanRange } from '../../src/query/number-scan.ts';
import type { RangePredicate, Scalar } from '../../src/query/predicate.ts';
import type { FixedColumn } from '../../src/schema/column.ts';
import { newFixedValues } from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';

const ROWS = 300;
const addon = nativeAddon();

function columnOf(type: DataType, values: readonly (number | bigint)[]): FixedColumn {
  const fixed = newFixedValues(type, ROWS);
  for (let i = 0; i < ROWS; i++) fixed[i] = values[i % values.length]! as never;
  return { kind: 'fixed', type, values: fixed, validity: null };
}

function range(
  type: DataType,
  lower: Scalar | null,
  upper: Scalar | null,
  inclusive: boolean,
): RangePredicate {
  const column = { access: 'value', fieldId: 1, type } as const;
  return {
    kind: 'range',
    column,
    lower,
    upper,
    lowerInclusive: inclusive,
    upperInclusive: !inclusive,
  };
}

describe.skipIf(addon === null)('ranges by the native kernels', () => {
  const int64 = fc.oneof(
    fc.bigInt({ min: -3n, max: 3n }),
    fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  );
  const int32 = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer());
  const double = fc.oneof(fc.constantFrom(-1, -0.5, 0, 0.5, 1), fc.double({ noNaN: true }));
  const bigBound = fc.option(fc.oneof(int64, fc.bigInt({ min: -(1n << 66n), max: 1n << 66n })));
  const anyBound = fc.option(fc.oneof(double, int64));

  it.each([
    ['Int64', DataType.Int64, int64, bigBound],
    ['Timestamptz', DataType.Timestamptz, int64, bigBound],
    ['Int32', DataType.Int32, int32, bigBound],
    ['Int8', DataType.Int8, fc.integer({ min: -128, max: 127 }), bigBound],
    ['Float', DataType.Float, double.map(Math.fround), anyBound],
    ['Double', DataType.Double, double, anyBound],
  ] as const)('take the same rows of %s as their twin', (_name, type, value, bound) => {
    fc.assert(
      fc.property(
        fc.array<number | bigint>(value, { minLength: 1, maxLength: 40 }),
        bound,
        bound,
        fc.boolean(),
        (values, lower, upper, inclusive) => {
          const column = columnOf(type, values);
          const asked = range(type, lower, upper, inclusive);
          expect(scanRange(column, asked, ROWS, addon)).toEqual(
            scanRange(column, asked, ROWS, null),
          );
        },
      ),
    );
  });

  it('leave alone what they have nothing for', () => {
    const out = new Uint32Array(10);
    const asked = range(DataType.Int8, 1n, null, true);
    expect(markNatively(columnOf(DataType.Int8, [1]), asked, out, addon!)).toBe(false);
    const few = { ...columnOf(DataType.Int32, [1]), values: new Int32Array(5) };
    expect(markNatively(few, asked, out, addon!)).toBe(false);
    expect(out).toEqual(new Uint32Array(10));
  });

  it('refuse what they cannot read', () => {
    const out = new Uint32Array(10);
    const values = new Int32Array(ROWS);
    expect(() => addon!.markRange(0, values, BigInt64Array.of(0n, 1n), out)).toThrow(TypeError);
    expect(() => addon!.markRange(1, values, Int32Array.of(0), out)).toThrow(TypeError);
    expect(() => addon!.markRange(1, values, Int32Array.of(0, 1), new Uint32Array(9))).toThrow(
      TypeError,
    );
    expect(() => addon!.markRange(4, values, Int32Array.of(0, 1), out)).toThrow(TypeError);
  });
});
