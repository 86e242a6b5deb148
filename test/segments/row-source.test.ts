import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import { rowsOfBatches } from '../../src/segments/row-source.ts';
import { rowsOf } from '../schema/arbitraries.ts';
import { batchOf, field, INT_KEY, intKeys, PLAIN } from './world.ts';

describe('rowsOfBatches', () => {
  const timed = [
    { batch: batchOf(PLAIN, intKeys(1, 2)), timestamps: BigInt64Array.of(5n, 6n) },
    { batch: batchOf(PLAIN, intKeys(3)), timestamps: BigInt64Array.of(7n) },
  ];

  it('gives the pieces of each field again and again', async () => {
    const rows = rowsOfBatches(timed);
    expect(rows.rowCount).toBe(3);
    for (let round = 0; round < 2; round++) {
      const keys: unknown[] = [];
      for await (const piece of rows.pieces(INT_KEY)) keys.push(...rowsOf(piece));
      expect(keys).toEqual([1n, 2n, 3n]);
      const times: bigint[] = [];
      for await (const piece of rows.timestamps()) times.push(...piece);
      expect(times).toEqual([5n, 6n, 7n]);
    }
  });

  it('fills fields that the rows lack', async () => {
    const values: unknown[] = [];
    const younger = field(150, DataType.Bool, { nullable: true });
    for await (const piece of rowsOfBatches(timed).pieces(younger)) values.push(...rowsOf(piece));
    expect(values).toEqual([null, null, null]);
  });
});
