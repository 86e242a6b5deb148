import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { NO_GROUP, RowGroups } from '../../src/search/row-groups.ts';
import { fieldReference } from '../../src/search/row-values.ts';
import { columnOf } from '../query/columns.ts';
import type { Value } from '../query/columns.ts';

const TYPES = [
  [DataType.Int64, fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })],
  [DataType.Int64, fc.bigInt({ min: -1n, max: 1n })],
  [DataType.Int8, fc.integer({ min: -2, max: 2 })],
  [DataType.Int32, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
  [DataType.VarChar, fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 3 })],
  [DataType.Bool, fc.boolean()],
] as const;

const references = (types: readonly DataType[]) =>
  types.map((type, at) => fieldReference({ id: at, type }));

function groupsOf(
  types: readonly DataType[],
  columns: ReadonlyMap<number, Column>,
  [start, end, skipped]: readonly [start: number, end: number, skipped: ReadonlySet<number>],
): { groups: Uint32Array; asked: number[] } {
  const groups = new Uint32Array(end - start);
  for (const row of skipped) if (row >= start && row < end) groups[row - start] = NO_GROUP;
  const asked: number[] = [];
  const alike = RowGroups.of(references(types), columns);
  alike?.fill(groups, start, (row) => asked.push(row) - 1);
  return { groups, asked };
}

describe('RowGroups', () => {
  it('joins the rows whose values are the same, and asks about each group once', () => {
    const column = fc
      .constantFrom(...TYPES)
      .chain(([type, value]) =>
        fc
          .array(fc.option(value as fc.Arbitrary<Value>), { minLength: 40, maxLength: 40 })
          .map((values) => ({ type, values })),
      );
    fc.assert(
      fc.property(
        fc.array(column, { minLength: 1, maxLength: 3 }),
        fc.array(fc.integer({ min: 0, max: 39 })),
        fc.integer({ min: 0, max: 39 }),
        (all, skipped, start) => {
          const types = all.map(({ type }) => type);
          const columns = new Map(all.map(({ type, values }, at) => [at, columnOf(type, values)]));
          const out = new Set(skipped);
          const { groups, asked } = groupsOf(types, columns, [start, 40, out]);
          const name = (row: number): string =>
            all.map(({ values }) => `${typeof values[row]} ${String(values[row])}`).join();
          const names: string[] = [];
          for (let row = start; row < 40; row++) {
            if (out.has(row)) {
              expect(groups[row - start]).toBe(NO_GROUP);
              continue;
            }
            if (!names.includes(name(row))) names.push(name(row));
            expect(groups[row - start]).toBe(names.indexOf(name(row)));
          }
          expect(asked.map(name)).toEqual(names);
        },
      ),
    );
  });

  it('holds many groups', () => {
    const values = Array.from({ length: 20_000 }, (_, i) => BigInt(i % 10_000) * 65_536n);
    const columns = new Map([[0, columnOf(DataType.Int64, values)]]);
    const { groups, asked } = groupsOf([DataType.Int64], columns, [0, 20_000, new Set()]);
    expect(asked.length).toBe(10_000);
    expect([...groups]).toEqual(values.map((_, i) => i % 10_000));
  });

  it('leaves values inside of JSON, and rows that are all one group, to others', () => {
    const inside = { ...fieldReference({ id: 0, type: DataType.JSON }), path: ['a'] };
    const columns = new Map([[0, columnOf(DataType.JSON, [{ a: 1 }])]]);
    expect(RowGroups.of([inside], columns)).toBeNull();
    expect(RowGroups.of([], columns)).toBeNull();
  });
});
