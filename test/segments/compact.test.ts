import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { type Compaction, compactSegments } from '../../src/segments/compact.ts';
import { DeleteBitmap } from '../../src/segments/delete-bitmap.ts';
import { rowsOfBatches } from '../../src/segments/row-source.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';
import { verifySegment } from '../../src/segments/verify-segment.ts';
import { rowsOf } from '../schema/arbitraries.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { SimClock } from '../sim/sim-clock.ts';
import {
  batchOf,
  bytesOfObject,
  EVERY_TYPE,
  field,
  INT_KEY,
  intKeys,
  KEY,
  memoryStore,
  open,
  PLAIN,
  put,
  schemaOf,
  seal,
  VECTOR,
} from './world.ts';
import { objectKeys } from '../../src/segments/manifest.ts';

const clock = new SimClock();

interface SegmentRows {
  readonly keys: readonly number[];
  readonly timestamps: readonly number[];
  /** Row and timestamp of each mark. */
  readonly marks?: ReadonlyArray<readonly [number, number]>;
}

async function segmentOf(
  id: number,
  rows: SegmentRows,
  schema: CollectionSchema,
  store: ObjectStore,
): Promise<SegmentInfo> {
  const marks = new DeleteBitmap();
  for (const [row, timestamp] of rows.marks ?? []) marks.mark(row, BigInt(timestamp));
  const batch = batchOf(schema, intKeys(...rows.keys), id);
  const timestamps = BigInt64Array.from(rows.timestamps, BigInt);
  return await seal({ id, schema, store, rows: rowsOfBatches([{ batch, timestamps }]), marks });
}

async function compacted(
  inputs: SegmentInfo[],
  store: ObjectStore,
  more: Partial<Compaction> = {},
) {
  return await compactSegments({
    partitionId: 5,
    outputId: 50,
    schema: PLAIN,
    inputs,
    horizon: 0n,
    expiredBefore: 0n,
    expiry: null,
    store,
    clock,
    ...more,
  });
}

/** Key and visibility at each of some timestamps, row by row. */
async function contents(info: SegmentInfo, store: ObjectStore, schema = PLAIN) {
  const segment = open(info, schema, store);
  const columns = await segment.chunks[0]!.load(schema.fields);
  return { columns, keys: rowsOf(columns.get(KEY)!), segment };
}

describe('compactSegments', () => {
  it('puts segments together and leaves out what was deleted at or before the horizon', async () => {
    const store = memoryStore();
    const one = await segmentOf(
      1,
      {
        keys: [1, 2, 3],
        timestamps: [10, 11, 12],
        marks: [
          [0, 20],
          [2, 40],
        ],
      },
      PLAIN,
      store,
    );
    const two = await segmentOf(2, { keys: [4, 5], timestamps: [15, 16] }, PLAIN, store);
    const info = (await compacted([one, two], store, { horizon: 30n }))!;
    expect(info).toMatchObject({
      id: 50,
      partitionId: 5,
      level: 1,
      rowCount: 4,
      minTimestamp: 11n,
      maxTimestamp: 16n,
      deletes: { rowCount: 1, timestamp: 40n },
    });
    const { keys, segment } = await contents(info, store);
    expect(keys).toEqual([2n, 3n, 4n, 5n]);
    expect([...(await segment.deletes()).marks().rows]).toEqual([1]);
    expect([...(await segment.visible(12n, 0n))!.toOffsets()]).toEqual([0, 1]);
    expect([...(await segment.visible(40n, 0n))!.toOffsets()]).toEqual([0, 2, 3]);
    expect(await verifySegment(info, { store, clock })).toEqual([]);
  });

  it('leaves out rows that have outlived the TTL', async () => {
    const store = memoryStore();
    const one = await segmentOf(1, { keys: [1, 2, 3], timestamps: [10, 20, 30] }, PLAIN, store);
    const info = (await compacted([one], store, { expiredBefore: 20n }))!;
    expect((await contents(info, store)).keys).toEqual([2n, 3n]);
  });

  it('writes nothing when no row is left', async () => {
    const store = memoryStore();
    const one = await segmentOf(1, { keys: [1], timestamps: [10], marks: [[0, 20]] }, PLAIN, store);
    expect(await compacted([one], store, { horizon: 20n })).toBeNull();
    expect(await compacted([one], store, { expiredBefore: 11n })).toBeNull();
    expect((await store.list('segments/')).every(({ key }) => key.startsWith('segments/1.'))).toBe(
      true,
    );
  });

  it('fills fields that an input is too old to have', async () => {
    const store = memoryStore();
    const younger = schemaOf([...PLAIN.fields, field(130, DataType.Int16, { defaultValue: 3 })], 2);
    const one = await segmentOf(1, { keys: [1], timestamps: [10] }, PLAIN, store);
    const two = await segmentOf(2, { keys: [2], timestamps: [11] }, younger, store);
    const info = (await compacted([one, two], store, { schema: younger }))!;
    expect(info.schemaVersion).toBe(2);
    const { columns } = await contents(info, store, younger);
    expect(rowsOf(columns.get(130)!)[0]).toBe(3);
  });

  it('fills them in the order of a clustering key too', async () => {
    const store = memoryStore();
    const clustering = schemaOf([
      ...PLAIN.fields,
      field(130, DataType.Int64, { isClusteringKey: true, defaultValue: 3n }),
      field(131, DataType.VarChar, { defaultValue: 'none' }),
    ]);
    const keys = Array.from({ length: 9000 }, (_, i) => i);
    const one = await segmentOf(1, { keys, timestamps: keys.map(() => 10) }, PLAIN, store);
    const two = await segmentOf(2, { keys: [9001], timestamps: [11] }, PLAIN, store);
    const info = (await compacted([two, one], store, { schema: clustering }))!;
    const { columns } = await contents(info, store, clustering);
    expect(new Set(rowsOf(columns.get(130)!))).toEqual(new Set([3n]));
    expect(columns.get(131)).toMatchObject({ kind: 'bytes' });
    const texts = rowsOf(columns.get(131)!);
    expect(texts).toHaveLength(9001);
    expect(texts.at(-1)).toEqual([...Buffer.from('none')]);
  });

  it('sorts by the clustering key, whatever its type', async () => {
    for (const type of [
      DataType.Int8,
      DataType.Int64,
      DataType.Float,
      DataType.Double,
      DataType.VarChar,
    ]) {
      const schema = schemaOf([...PLAIN.fields, field(140, type, { isClusteringKey: true })]);
      const store = memoryStore();
      const range = (from: number) => Array.from({ length: 60 }, (_, i) => from + i);
      const one = await segmentOf(1, { keys: range(0), timestamps: range(1) }, schema, store);
      const two = await segmentOf(
        2,
        {
          keys: range(100),
          timestamps: range(1),
          marks: [
            [3, 90],
            [9, 80],
          ],
        },
        schema,
        store,
      );
      const info = (await compacted([one, two], store, { schema, horizon: 80n }))!;
      const { columns, keys, segment } = await contents(info, store, schema);
      const values = rowsOf(columns.get(140)!) as Array<number | number[]>;
      for (let row = 1; row < values.length; row++) {
        const [left, right] = [values[row - 1]!, values[row]!];
        const isOrdered =
          Array.isArray(left) && Array.isArray(right)
            ? Buffer.compare(Buffer.from(left), Buffer.from(right)) <= 0
            : left <= right;
        expect(isOrdered, `row ${row}`).toBe(true);
      }
      expect(keys.length).toBe(119);
      expect(keys).not.toContain(109n);
      const marked = [...(await segment.deletes()).marks().rows].map((row) => keys[row]);
      expect(marked).toEqual([103n]);
      const vectors = rowsOf(columns.get(VECTOR)!);
      const before = rowsOf((await contents(one, store, schema)).columns.get(VECTOR)!);
      expect(vectors[keys.indexOf(7n)]).toEqual(before[7]);
    }
  });

  it('sorts negative and positive floats as numbers', async () => {
    const schema = schemaOf([INT_KEY, field(140, DataType.Double, { isClusteringKey: true })]);
    const store = memoryStore();
    const values = Float64Array.of(2.5, -1, 0, -1e300, 1e-300, -0.25);
    const batch = {
      rowCount: 6,
      columns: new Map([
        [KEY, batchOf(schema, intKeys(0, 1, 2, 3, 4, 5)).columns.get(KEY)!],
        [140, { kind: 'fixed', type: DataType.Double, values, validity: null } as const],
      ]),
    };
    const rows = rowsOfBatches([{ batch, timestamps: new BigInt64Array(6).fill(1n) }]);
    const input = await seal({ schema, store, rows });
    const info = (await compacted([input], store, { schema }))!;
    const { columns } = await contents(info, store, schema);
    expect(rowsOf(columns.get(140)!)).toEqual([-1e300, -1, -0.25, 0, 1e-300, 2.5]);
  });

  it('keeps every value of every type', async () => {
    const store = memoryStore();
    const range = (from: number) => Array.from({ length: 40 }, (_, i) => from + i);
    const marks: Array<[number, number]> = [
      [0, 5],
      [7, 5],
      [39, 5],
    ];
    const one = await segmentOf(
      1,
      { keys: range(0), timestamps: range(1), marks },
      EVERY_TYPE,
      store,
    );
    const two = await segmentOf(2, { keys: range(100), timestamps: range(1) }, EVERY_TYPE, store);
    const info = (await compacted([one, two], store, { schema: EVERY_TYPE, horizon: 5n }))!;
    const { columns } = await contents(info, store, EVERY_TYPE);
    const first = (await contents(one, store, EVERY_TYPE)).columns;
    const second = (await contents(two, store, EVERY_TYPE)).columns;
    for (const { id, name } of EVERY_TYPE.fields) {
      const kept = rowsOf(first.get(id)!).filter((_, row) => ![0, 7, 39].includes(row));
      expect(rowsOf(columns.get(id)!), name).toEqual([...kept, ...rowsOf(second.get(id)!)]);
    }
  });

  it('changes no answer at or after the horizon', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const random = new SeededRandom(seed);
      const store = memoryStore();
      const inputs: SegmentInfo[] = [];
      for (let id = 1; id <= 3; id++) {
        const size = 1 + random.integer(20);
        const timestamps = Array.from({ length: size }, () => 1 + random.integer(30));
        const marks = timestamps.flatMap(
          (from, row): Array<[number, number]> =>
            random.chance(0.4) ? [[row, from + random.integer(40)]] : [],
        );
        const keys = timestamps.map(() => random.integer(1000));
        inputs.push(await segmentOf(id, { keys, timestamps, marks }, PLAIN, store));
      }
      const horizon = BigInt(random.integer(60));
      const info = await compacted(inputs, store, { horizon });
      for (let at = horizon; at < horizon + 20n; at += 1n + BigInt(random.integer(5))) {
        const before = (
          await Promise.all(inputs.map(async (input) => await keysAt(input, store, at)))
        ).flat();
        const after = info === null ? [] : await keysAt(info, store, at);
        expect(after, `seed ${seed} at ${at}`).toEqual(before);
      }
    }
  });

  it('refuses a damaged input and leaves nothing', async () => {
    const store = memoryStore();
    const one = await segmentOf(1, { keys: [1, 2], timestamps: [1, 2] }, PLAIN, store);
    const copy = memoryStore();
    for (const key of objectKeys(one)) {
      const bytes = await bytesOfObject(store, key);
      if (key.includes('vec')) bytes[bytes.length - 1]! ^= 1;
      await put(copy, key, bytes);
    }
    await expect(compacted([one], copy)).rejects.toMatchObject({ reason: 'DataIntegrity' });
    expect((await copy.list('segments/')).length).toBe(objectKeys(one).length);
  });
});

async function keysAt(
  info: SegmentInfo,
  store: ObjectStore,
  timestamp: bigint,
): Promise<unknown[]> {
  const { keys, segment } = await contents(info, store);
  const visible = await segment.visible(timestamp, 0n);
  return keys.filter((_, row) => visible?.get(row) ?? true);
}
