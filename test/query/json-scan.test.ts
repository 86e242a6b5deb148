import { describe, expect, it } from 'vitest';
import { scanJson } from '../../src/query/json-scan.ts';
import type { JsonPredicate } from '../../src/query/json-scan.ts';
import { valueSet } from '../../src/query/value-set.ts';
import type { BytesColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';
import type { Value } from './columns.ts';

const values: Value[] = [null, 1n, 2.5, 'a', true, false, [1n, 'x'], { k: 1n }, 9007199254740993n];
const rows = columnOf(
  DataType.JSON,
  values.map((v) => (v === null ? null : { v })),
) as BytesColumn;
const column = { access: 'json', fieldId: 1, type: DataType.JSON, path: ['v'] } as const;

/** T, F or U of each row. */
function ask(predicate: JsonPredicate, active: Uint32Array | null = null): string {
  const { truth, known } = scanJson(
    { column: rows, path: ['v'], rowCount: values.length },
    predicate,
    active,
  );
  return values
    .map((_, i) =>
      ((known?.[0] ?? -1) >>> i) & 1 ? (((truth[0]! >>> i) & 1) === 1 ? 'T' : 'F') : 'U',
    )
    .join('');
}

const range = (lower: never, upper: never): JsonPredicate => ({
  kind: 'range',
  column,
  lower,
  lowerInclusive: true,
  upper,
  upperInclusive: true,
});

describe('scanJson', () => {
  it('knows an answer only for values of the class it asks for', () => {
    expect(ask(range(1n as never, 2n as never))).toBe('UTFUUUUUF');
    expect(ask(range('a' as never, null as never))).toBe('UUUTUUUUU');
    expect(ask(range(true as never, true as never))).toBe('UUUUTFUUU');
    expect(ask({ kind: 'like', column, pattern: '%' })).toBe('UUUTUUUUU');
    expect(ask({ kind: 'list', column, values: [1n, 'x'] })).toBe('UUUUUUTUU');
    expect(ask({ kind: 'list', column, values: [1n] })).toBe('UUUUUUFUU');
    expect(ask({ kind: 'list', column, values: [1n, 'x', true] })).toBe('UUUUUUFUU');
    expect(ask({ kind: 'exists', column })).toBe('FTTTTTTTT');
  });

  it('asks a list of several classes in each of them', () => {
    const inSet = (...list: never[]): string => ask({ kind: 'in', column, values: valueSet(list) });
    expect(inSet(1n as never, 'b' as never)).toBe('UTFFUUUUF');
    expect(inSet(true as never)).toBe('UUUUTFUUU');
    expect(inSet(9007199254740993n as never)).toBe('UFFUUUUUT');
    expect(inSet(9007199254740992 as never)).toBe('UFFUUUUUF');
    expect(inSet()).toBe('UFFFFFUUF');
  });

  it('passes over rows that are not asked for', () => {
    expect(ask(range(1n as never, 2n as never), Uint32Array.of(0b10))).toBe('FTFFFFFFF');
  });

  it('calculates exactly with integers and as doubles with anything else', () => {
    const calculate = (operator: never, operand: bigint | number, value: bigint | number): string =>
      ask({
        kind: 'arithmetic',
        operator,
        operand,
        range: range(value as never, value as never) as never,
      });
    expect(calculate('+' as never, 1n, 9007199254740994n)).toBe('UFFUUUUUT');
    expect(calculate('/' as never, 2n, 1.25)).toBe('UFTUUUUUF');
    expect(calculate('-' as never, 0.5, 2)).toBe('UFTUUUUUF');
    expect(calculate('*' as never, 2n, 2n)).toBe('UTFUUUUUF');
    expect(calculate('%' as never, 2n, 0.5)).toBe('UFTUUUUUF');
  });
});
