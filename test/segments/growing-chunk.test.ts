import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { CHUNK_ROWS_MAX, GrowingChunk } from '../../src/segments/growing-chunk.ts';
import { rowsOf } from '../schema/arbitraries.ts';
import { batchOf, field, INT_KEY, intKeys, KEY, PLAIN, schemaOf } from './world.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('GrowingChunk', () => {
  it('takes rows until it is full', () => {
    const batch = batchOf(PLAIN, intKeys(...numbers(5000)));
    const chunk = new GrowingChunk(0, batch);
    expect(chunk.append(batch, 0, 10n)).toBe(5000);
    expect(chunk.takes(batch)).toBe(true);
    expect(chunk.append(batch, 0, 20n)).toBe(CHUNK_ROWS_MAX - 5000);
    expect(chunk.takes(batch)).toBe(false);
    expect(chunk.rowCount).toBe(CHUNK_ROWS_MAX);
    expect(chunk.rowCountAt(9n)).toBe(0);
    expect(chunk.rowCountAt(10n)).toBe(5000);
    expect(chunk.rowCountAt(20n)).toBe(CHUNK_ROWS_MAX);
    expect(chunk.timestamps(5001)[5000]).toBe(20n);
  });

  it('is full earlier where vectors are long', () => {
    const schema = schemaOf([INT_KEY, field(101, DataType.FloatVector, { dim: 32_768 })]);
    const batch = batchOf(schema, intKeys(1, 2));
    const chunk = new GrowingChunk(0, batch);
    for (let i = 0; i < 16; i++) chunk.append(batch, 0, 1n);
    expect(chunk.rowCount).toBe(32);
    expect(chunk.takes(batch)).toBe(false);
  });

  it('does not take rows with other fields', () => {
    const batch = batchOf(PLAIN, intKeys(1));
    const chunk = new GrowingChunk(0, batch);
    expect(chunk.takes({ rowCount: 1, columns: new Map([[KEY, batch.columns.get(KEY)!]]) })).toBe(
      false,
    );
    const renumbered = new Map([...batch.columns].map(([id, column]) => [id + 1, column]));
    expect(chunk.takes({ rowCount: 1, columns: renumbered })).toBe(false);
  });

  it('answers a field it lacks with its default or null', () => {
    const batch = batchOf(PLAIN, intKeys(1, 2));
    const chunk = new GrowingChunk(0, batch);
    chunk.append(batch, 0, 1n);
    const younger = [
      field(110, DataType.Int32, { defaultValue: 7 }),
      field(111, DataType.VarChar, { nullable: true }),
    ];
    const columns = chunk.columns([INT_KEY, ...younger], 2);
    expect(rowsOf(columns.get(KEY)!)).toEqual([1n, 2n]);
    expect(rowsOf(columns.get(110)!)).toEqual([7, 7]);
    expect(rowsOf(columns.get(111)!)).toEqual([null, null]);
  });

  it('insists that timestamps ascend', () => {
    const batch = batchOf(PLAIN, intKeys(1));
    const chunk = new GrowingChunk(0, batch);
    chunk.append(batch, 0, 5n);
    expect(() => chunk.append(batch, 0, 4n)).toThrow(AssertionError);
  });

  it('counts the bytes of its rows', () => {
    const batch = batchOf(PLAIN, intKeys(1, 2, 3));
    const chunk = new GrowingChunk(0, batch);
    chunk.append(batch, 0, 1n);
    expect(chunk.byteLength).toBe(3 * (8 + 16 + 8));
  });
});
