import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { GrowingSegment } from '../../src/segments/growing-segment.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { rowsOf } from '../schema/arbitraries.ts';
import {
  batchOf,
  field,
  INT_KEY,
  intKeys,
  KEY,
  PLAIN,
  schemaOf,
  TEXT_KEY,
  textKeys,
  VECTOR,
} from './world.ts';

const NEVER = 0n;

function segment(): GrowingSegment {
  return new GrowingSegment({ id: 3, partitionId: 5, primaryFieldId: KEY });
}

async function visibleRows(growing: GrowingSegment, timestamp: bigint): Promise<number[]> {
  const reader = growing.snapshot(timestamp);
  const visible = await reader.visible(timestamp, NEVER);
  expect(reader.seesAll?.(timestamp, NEVER)).toBe(visible === null);
  return Array.from({ length: reader.rowCount }, (_, row) => row).filter(
    (row) => visible?.get(row) ?? true,
  );
}

describe('GrowingSegment', () => {
  it('gives rows consecutive offsets and shows them from their timestamp on', async () => {
    const growing = segment();
    expect(growing.append(batchOf(PLAIN, intKeys(1, 2)), 10n)).toBe(0);
    expect(growing.append(batchOf(PLAIN, intKeys(3)), 20n)).toBe(2);
    expect(await visibleRows(growing, 9n)).toEqual([]);
    expect(await visibleRows(growing, 10n)).toEqual([0, 1]);
    expect(await visibleRows(growing, 25n)).toEqual([0, 1, 2]);
    expect([growing.minTimestamp, growing.maxTimestamp, growing.rowCount]).toEqual([10n, 20n, 3]);
  });

  it('lets the newest row of a key stand, the last one within a batch', async () => {
    const growing = segment();
    growing.append(batchOf(PLAIN, intKeys(1, 2, 1)), 10n);
    growing.append(batchOf(PLAIN, intKeys(2)), 20n);
    expect(await visibleRows(growing, 10n)).toEqual([1, 2]);
    expect(await visibleRows(growing, 20n)).toEqual([2, 3]);
    expect(await growing.snapshot(20n).rowsOfKeys(intKeys(2, 1, 9))).toEqual(
      Uint32Array.of(0, 1, 2, 3),
    );
    expect(await growing.snapshot(10n).rowsOfKeys(intKeys(2))).toEqual(Uint32Array.of(1));
  });

  it('deletes rows that are older than the delete, and brings a key back with a new row', async () => {
    const growing = segment();
    growing.append(batchOf(PLAIN, intKeys(1, 2)), 10n);
    expect(growing.markDeleted(intKeys(1, 7), 10n)).toBe(0);
    expect(growing.markDeleted(intKeys(1, 7, 1), 15n)).toBe(1);
    expect(growing.markDeleted(intKeys(1), 16n)).toBe(0);
    growing.append(batchOf(PLAIN, intKeys(1)), 20n);
    expect(await visibleRows(growing, 14n)).toEqual([0, 1]);
    expect(await visibleRows(growing, 15n)).toEqual([1]);
    expect(await visibleRows(growing, 20n)).toEqual([1, 2]);
  });

  it('spares rows from an offset on', () => {
    const growing = segment();
    growing.append(batchOf(PLAIN, intKeys(1)), 10n);
    const first = growing.append(batchOf(PLAIN, intKeys(2)), 20n);
    expect(growing.markDeleted(intKeys(1, 2), 30n, first)).toBe(1);
    expect(growing.deletes.has(1)).toBe(false);
  });

  it('keeps a snapshot as it was while rows are added and deleted', async () => {
    const growing = segment();
    growing.append(batchOf(PLAIN, intKeys(1, 2), 1), 10n);
    const reader = growing.snapshot(10n);
    const before = await reader.chunks[0]!.load(PLAIN.fields);
    const kept = rowsOf(before.get(VECTOR)!);
    for (let i = 0; i < 300; i++)
      growing.append(batchOf(PLAIN, intKeys(100 + i), i), 20n + BigInt(i));
    growing.markDeleted(intKeys(1), 1000n);
    expect(reader.rowCount).toBe(2);
    expect(await reader.visible(10n, NEVER)).toBeNull();
    expect(await reader.rowsOfKeys(intKeys(100, 2))).toEqual(Uint32Array.of(1));
    const after = await reader.chunks[0]!.load(PLAIN.fields);
    expect(rowsOf(after.get(VECTOR)!)).toEqual(kept);
    expect(rowsOf(after.get(KEY)!)).toEqual([1n, 2n]);
  });

  it('hides rows that have outlived the TTL', async () => {
    const growing = segment();
    growing.append(batchOf(PLAIN, intKeys(1)), 10n);
    growing.append(batchOf(PLAIN, intKeys(2)), 20n);
    growing.append(batchOf(PLAIN, intKeys(3)), 30n);
    const visible = await growing.snapshot(30n).visible(20n, 11n);
    expect([...visible!.toOffsets()]).toEqual([1]);
    expect(await growing.snapshot(30n).visible(30n, 10n)).toBeNull();
  });

  it('shows columns at once, as they are when they are loaded', async () => {
    const growing = segment();
    growing.append(batchOf(PLAIN, intKeys(1, 2)), 10n);
    growing.append(batchOf(PLAIN, intKeys(3)), 20n);
    const reader = growing.snapshot(10n);
    const [chunk] = reader.chunks;
    for (const each of PLAIN.fields) {
      const loaded = await chunk?.load([each]);
      expect(chunk?.peek?.(each)).toEqual(loaded?.get(each.id));
    }
    expect(reader.seesAll?.(10n, 10n)).toBe(true);
    expect(reader.seesAll?.(10n, 11n)).toBe(false);
  });

  it('reads rows of an older and of a younger schema as one', async () => {
    const added = field(120, DataType.Int32, { defaultValue: 4 });
    const younger = schemaOf([...PLAIN.fields, added], 2);
    const growing = segment();
    growing.append(batchOf(PLAIN, intKeys(1)), 10n);
    growing.append(batchOf(younger, intKeys(2), 8), 20n);
    growing.append(batchOf(PLAIN, intKeys(3)), 30n);
    const { chunks } = growing.snapshot(30n);
    expect(chunks.map(({ rowStart, rowCount }) => [rowStart, rowCount])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    const loaded = await Promise.all(chunks.map(async (chunk) => await chunk.load([added])));
    expect(rowsOf(loaded[0]!.get(120)!)).toEqual([4]);
    expect(rowsOf(loaded[2]!.get(120)!)).toEqual([4]);
  });

  it('has text keys too', async () => {
    const schema = schemaOf([TEXT_KEY]);
    const growing = segment();
    growing.append(batchOf(schema, textKeys('a', 'b', 'a')), 10n);
    expect(await visibleRows(growing, 10n)).toEqual([1, 2]);
    expect(growing.markDeleted(textKeys('b', 'c'), 11n)).toBe(1);
  });

  it('gathers single rows into few chunks, and counts what it holds', () => {
    const growing = segment();
    const batch = batchOf(schemaOf([INT_KEY]), intKeys(1));
    const keys = batch.columns.get(KEY)!;
    for (let i = 0; i < 9000; i++) {
      if (keys.kind === 'fixed' && keys.values instanceof BigInt64Array) keys.values[0] = BigInt(i);
      growing.append(batch, BigInt(i));
    }
    expect(growing.snapshot(9000n).chunks.length).toBe(2);
    expect(growing.byteLength).toBeGreaterThan(9000 * 16);
    expect(growing.byteLength).toBeLessThan(9000 * 100);
  });

  it('hands out all rows as they were when asked', async () => {
    const growing = segment();
    growing.append(batchOf(PLAIN, intKeys(1, 2)), 10n);
    const rows = growing.rows();
    growing.append(batchOf(PLAIN, intKeys(3)), 20n);
    const keys: unknown[] = [];
    for await (const piece of rows.pieces(INT_KEY)) keys.push(...rowsOf(piece));
    const timestamps: bigint[] = [];
    for await (const piece of rows.timestamps()) timestamps.push(...piece);
    expect([rows.rowCount, keys, timestamps]).toEqual([2, [1n, 2n], [10n, 10n]]);
  });

  it('insists on a primary key in every row', () => {
    const batch = batchOf(PLAIN, intKeys(1));
    const columns = new Map([[VECTOR, batch.columns.get(VECTOR)!]]);
    expect(() => segment().append({ rowCount: 1, columns }, 1n)).toThrow(AssertionError);
  });

  it('agrees with a list of rows at every moment', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const growing = segment();
      const rows: Array<{ key: number; from: bigint; to: bigint }> = [];
      let now = 0n;
      for (let step = 0; step < 60; step++) {
        now += BigInt(1 + random.integer(3));
        const keys = Array.from({ length: 1 + random.integer(5) }, () => random.integer(20));
        const end = (key: number): void => {
          for (const row of rows) if (row.key === key && row.to > now) row.to = now;
        };
        for (const key of keys) end(key);
        if (random.chance(0.3)) growing.markDeleted(intKeys(...keys), now);
        else {
          for (const [i, key] of keys.entries()) {
            const isLast = keys.lastIndexOf(key) === i;
            rows.push({ key, from: now, to: isLast ? 2n ** 62n : now });
          }
          growing.append(batchOf(PLAIN, intKeys(...keys)), now);
        }
        const at = BigInt(random.integer(Number(now) + 2));
        const expected = rows.flatMap(({ from, to }, row) => (from <= at && at < to ? [row] : []));
        expect(await visibleRows(growing, at), `seed ${seed} step ${step}`).toEqual(expected);
      }
    }
  });
});
