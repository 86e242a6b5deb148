import { describe, expect, it } from 'vitest';
import { scanContains } from '../../src/query/array-contains.ts';
import type { ContainsPredicate } from '../../src/query/predicate.ts';
import { valueSet } from '../../src/query/value-set.ts';
import type { ListColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';
import type { Value } from './columns.ts';

function scan(
  type: DataType,
  rows: Value[],
  mode: 'any' | 'all',
  values: unknown[],
  active: number | null = null,
): number {
  const list = columnOf(DataType.Array, rows, type) as ListColumn;
  const column = { access: 'value', fieldId: 1, type: DataType.Array } as const;
  const predicate: ContainsPredicate = {
    ...{ kind: 'contains', mode, column, lists: [] },
    values: valueSet(values as never),
  };
  const rowsAsked = active === null ? null : Uint32Array.of(active);
  return scanContains(list, predicate, rows.length, rowsAsked)[0] ?? 0;
}

describe('scanContains', () => {
  it('finds values of every element type', () => {
    expect(scan(DataType.Int64, [[1n, 2n], [3n], [], [2n ** 60n]], 'any', [2n, 2n ** 60n])).toBe(
      0b1001,
    );
    expect(scan(DataType.Int8, [[-1, 2], [3], []], 'any', [-1n, 3n])).toBe(0b011);
    expect(scan(DataType.Int16, [[-300], [300]], 'all', [-300n])).toBe(0b01);
    expect(scan(DataType.Float, [[0.5, -0], [1]], 'any', [0])).toBe(0b01);
    expect(scan(DataType.Double, [[0.1], [0.2]], 'any', [0.1])).toBe(0b01);
    expect(scan(DataType.Bool, [[true], [false], [true, false]], 'all', [true, false])).toBe(0b100);
    expect(scan(DataType.VarChar, [['a', 'b'], ['c'], ['']], 'any', ['b', ''])).toBe(0b101);
  });

  it('wants all of them, each counted once', () => {
    const rows = [
      [1n, 2n, 3n],
      [1n, 1n, 1n],
      [3n, 1n],
      [2n, 2n, 1n, 9n],
    ];
    expect(scan(DataType.Int64, rows, 'all', [1n, 2n])).toBe(0b1001);
    expect(scan(DataType.Int64, rows, 'all', [1n, 2.5])).toBe(0);
    expect(scan(DataType.Int64, rows, 'any', [1n, 2.5])).toBe(0b1111);
  });

  it('passes over rows that are not asked for, and null elements', () => {
    expect(scan(DataType.Int64, [[1n], [1n]], 'any', [1n], 0b10)).toBe(0b10);
    expect(scan(DataType.Int64, [[null], [0n]], 'any', [0n])).toBe(0b10);
  });
});
