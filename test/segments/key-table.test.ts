import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTable, NO_ROW } from '../../src/segments/key-table.ts';
import { intKeys, textKeys } from './world.ts';

/** Rows of each key, newest first. */
function rowsOf(table: KeyTable, newest: number): number[] {
  const rows: number[] = [];
  for (let row = newest; row !== NO_ROW; row = table.previousRow(row)) rows.push(row);
  return rows;
}

describe('KeyTable', () => {
  it('finds every row of every key, newest first, like a map of lists', () => {
    const batches = fc.array(fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 60 }));
    fc.assert(
      fc.property(batches, fc.boolean(), (lists, isText) => {
        const table = new KeyTable(isText ? 'text' : 'int64');
        const listOf = (values: number[]) =>
          isText ? textKeys(...values.map((value) => `key ${value}`)) : intKeys(...values);
        const model = new Map<number, number[]>();
        let row = 0;
        for (const values of lists) {
          table.append(listOf(values));
          for (const value of values) model.set(value, [row++, ...(model.get(value) ?? [])]);
        }
        expect(table.rowCount).toBe(row);
        const wanted = Array.from({ length: 90 }, (_, i) => i - 45);
        const newest = table.newestRows(listOf(wanted));
        for (const [i, value] of wanted.entries()) {
          expect(rowsOf(table, newest[i]!)).toEqual(model.get(value) ?? []);
        }
      }),
    );
  });

  it('keeps the sign of int64 keys and both of their halves apart', () => {
    const table = new KeyTable('int64');
    table.append({ kind: 'int64', values: BigInt64Array.of(-1n, 0xffffffffn, 2n ** 32n, 0n) });
    const keys = BigInt64Array.of(0n, 2n ** 32n, 0xffffffffn, -1n, 1n);
    const found = table.newestRows({ kind: 'int64', values: keys });
    expect([...found]).toEqual([3, 2, 1, 0, NO_ROW]);
  });

  it('holds no more than some dozen bytes a row', () => {
    const table = new KeyTable('int64');
    for (let i = 0; i < 20_000; i++) table.append(intKeys(i));
    expect(table.byteLength / 20_000).toBeLessThan(60);
  });
});
