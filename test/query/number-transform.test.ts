import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import { scanArithmetic, scanMembership } from '../../src/query/number-scan.ts';
import { transformNatively } from '../../src/query/number-transform.ts';
import type { ArithmeticPredicate, RangePredicate } from '../../src/query/predicate.ts';
import { valueSet } from '../../src/query/value-set.ts';
import type { FixedColumn } from '../../src/schema/column.ts';
import { newFixedValues } from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';

const ROWS = 300;
const addon = nativeAddon();

type Numeric = number | bigint;

function columnOf(type: DataType, values: readonly Numeric[]): FixedColumn {
  const fixed = newFixedValues(type, ROWS);
  for (let i = 0; i < ROWS; i++) fixed[i] = values[i % values.length]! as never;
  return { kind: 'fixed', type, values: fixed, validity: null };
}

function asked(
  type: DataType,
  operator: ArithmeticPredicate['operator'],
  operand: Numeric,
  bounds: readonly [Numeric | null, Numeric | null, boolean],
): ArithmeticPredicate {
  const [lower, upper, inclusive] = bounds;
  const range: RangePredicate = {
    kind: 'range',
    column: { access: 'value', fieldId: 1, type },
    ...{ lower, upper },
    ...{ lowerInclusive: inclusive, upperInclusive: !inclusive },
  };
  return { kind: 'arithmetic', operator, operand, range };
}

const MOST = (1n << 63n) - 1n;
const int64 = fc.oneof(
  fc.bigInt({ min: -9n, max: 9n }),
  fc.bigInt({ min: -(1n << 63n), max: MOST }),
  fc.constantFrom(1n << 52n, (1n << 52n) - 1n, 1n << 53n, -(1n << 52n), -(1n << 63n), MOST),
);
const double = fc.oneof(fc.constantFrom(-1, -0.5, 0, 0.5, 1), fc.double({ noNaN: true }));
const bounds = <T extends Numeric>(
  value: fc.Arbitrary<T>,
): fc.Arbitrary<[T | null, T | null, boolean]> =>
  fc.tuple(fc.option(value), fc.option(value), fc.boolean());
const small = (most: number): fc.Arbitrary<number> => fc.integer({ min: -most - 1, max: most });
const INTEGERS = [
  ['Int64', DataType.Int64, int64],
  ['Int32', DataType.Int32, fc.oneof(small(9), small(2 ** 31 - 1))],
  ['Int16', DataType.Int16, small(2 ** 15 - 1)],
  ['Int8', DataType.Int8, small(127)],
] as const;
const REALS = [
  ['Float', DataType.Float, double.map(Math.fround)],
  ['Double', DataType.Double, double],
] as const;

describe.each([
  ['by the native kernels', addon],
  ['by their twin', null],
])('remainders and bits %s', (_name, kernels) => {
  it.each(INTEGERS)('are those of exact %s', (_type, type, value) => {
    const operator = fc.constantFrom('%', '&', '|', '^');
    const property = fc.property(
      fc.array<Numeric>(value, { minLength: 1, maxLength: 40 }),
      operator,
      int64.filter((operand) => operand !== 0n),
      bounds(int64),
      (values, sign, operand, edges) => {
        const words = scanArithmetic(
          columnOf(type, values),
          asked(type, sign, operand, edges),
          ROWS,
          kernels,
        );
        for (let i = 0; i < ROWS; i++) {
          const got = calculated(BigInt(values[i % values.length]!), sign, operand);
          const [low, high, inclusive] = edges;
          const isIn =
            (low === null || (inclusive ? got >= low : got > low)) &&
            (high === null || (inclusive ? got < high : got <= high));
          expect(((words[i >>> 5]! >>> (i & 31)) & 1) === 1).toBe(isIn);
        }
      },
    );
    fc.assert(property);
  });
});

function calculated(value: bigint, operator: '%' | '&' | '|' | '^', operand: bigint): bigint {
  if (operator === '%') return value % operand;
  if (operator === '&') return value & operand;
  return operator === '|' ? value | operand : value ^ operand;
}

describe.skipIf(addon === null)('arithmetic by the native kernels', () => {
  it.each(REALS)('takes the same rows of %s as its twin', (_name, type, value) => {
    fc.assert(
      fc.property(
        fc.array<Numeric>(value, { minLength: 1, maxLength: 40 }),
        fc.constantFrom('+', '-', '*', '/'),
        double.filter((operand) => operand !== 0),
        bounds(double),
        (values, operator, operand, edges) => {
          const column = columnOf(type, values);
          const condition = asked(type, operator, operand, edges);
          expect(scanArithmetic(column, condition, ROWS, addon)).toEqual(
            scanArithmetic(column, condition, ROWS, null),
          );
        },
      ),
    );
  });

  it.each([...INTEGERS, ...REALS])(
    'finds the same %s in lists as its twin',
    (_name, type, value) => {
      const list: fc.Arbitrary<Numeric[]> = fc.array<Numeric>(value, { maxLength: 40 });
      fc.assert(
        fc.property(
          fc.array<Numeric>(value, { minLength: 1, maxLength: 40 }),
          list,
          (values, more) => {
            const column = columnOf(type, values);
            const isReal = type === DataType.Float || type === DataType.Double;
            const members = [...values.slice(0, 3), ...more];
            const set = valueSet(
              members.map((member) => (isReal ? Number(member) : BigInt(member))),
            );
            expect(scanMembership(column, set, ROWS, addon)).toEqual(
              scanMembership(column, set, ROWS, null),
            );
          },
        ),
      );
    },
  );

  it('leaves alone what it has nothing for', () => {
    const out = new Uint32Array(10);
    const condition = asked(DataType.Int64, '%', 3n, [1n, null, true]);
    const few = { ...columnOf(DataType.Int32, [1]), values: new Int32Array(5) };
    expect(transformNatively(few, condition, out, addon!)).toBe(false);
    const real = asked(DataType.Double, '%', 3, [1, null, true]);
    expect(transformNatively(columnOf(DataType.Double, [4]), real, out, addon!)).toBe(false);
    expect(out).toEqual(new Uint32Array(10));
  });

  it('refuses what it cannot read', () => {
    const out = new Uint32Array(10);
    const values = new BigInt64Array(ROWS);
    const edges = BigInt64Array.of(0n, 1n);
    const one = BigInt64Array.of(1n);
    const mark = addon!.markTransformed;
    expect(() => mark(0, values, 4, BigInt64Array.of(0n), edges, out)).toThrow(TypeError);
    expect(() => mark(0, values, 3, one, edges, out)).toThrow(TypeError);
    expect(() => mark(1, values, 4, one, edges, out)).toThrow(TypeError);
    expect(() => mark(0, values, 4, one, edges, new Uint32Array(9))).toThrow(TypeError);
    expect(() => mark(0, values, 4, one, BigInt64Array.of(0n), out)).toThrow(TypeError);
    const entries = new Int32Array(2);
    const filter = new Int32Array(1);
    const inTable = (slots: number, bits: Int32Array) => () =>
      addon!.markWords(new Int32Array(slots), entries, bits, 0, values, out);
    expect(inTable(8, filter)).not.toThrow();
    expect(inTable(7, filter)).toThrow(TypeError);
    expect(inTable(2, filter)).toThrow(TypeError);
    expect(inTable(8, new Int32Array(0))).toThrow(TypeError);
    expect(inTable(16, filter)).toThrow(TypeError);
    expect(() => addon!.addWords(new Int32Array(8), entries, filter, 1, 2)).toThrow(TypeError);
  });
});
