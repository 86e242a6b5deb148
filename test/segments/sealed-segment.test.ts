import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { ColumnCache } from '../../src/segments/column-cache.ts';
import { GrowingSegment } from '../../src/segments/growing-segment.ts';
import { rowsOfBatches } from '../../src/segments/row-source.ts';
import { readDeleteFile } from '../../src/segments/delete-file.ts';
import type { SealedSegment } from '../../src/segments/sealed-segment.ts';
import type { KeyList, SegmentReader } from '../../src/segments/segment.ts';
import { rowsOf } from '../schema/arbitraries.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import {
  batchOf,
  EVERY_TYPE,
  field,
  INT_KEY,
  intKeys,
  KEY,
  memoryStore,
  open,
  PLAIN,
  schemaOf,
  seal,
  TEXT_KEY,
  textKeys,
  VECTOR,
} from './world.ts';

/** A store that says which objects were read. */
function watched(store: ObjectStore): { store: ObjectStore; reads: string[] } {
  const reads: string[] = [];
  const watching = Object.assign(Object.create(store) as ObjectStore, {
    readInto: async (key: string, offset: number, target: Uint8Array): Promise<void> => {
      reads.push(key.replace(/^segments\/1\./, ''));
      await store.readInto(key, offset, target);
    },
    byteLength: async (key: string) => await store.byteLength(key),
    create: async (key: string) => await store.create(key),
  });
  return { store: watching, reads };
}

/** Keys 1 to 4 at timestamp 10, key 2 again at 20, key 3 deleted at 30. */
async function example(): Promise<{
  segment: SealedSegment;
  reads: string[];
  store: ObjectStore;
  cache: ColumnCache;
}> {
  const growing = new GrowingSegment({ id: 1, partitionId: 5, primaryFieldId: KEY });
  growing.append(batchOf(PLAIN, intKeys(1, 2, 3, 4)), 10n);
  growing.append(batchOf(PLAIN, intKeys(2), 9), 20n);
  growing.markDeleted(intKeys(3), 30n);
  const { store, reads } = watched(memoryStore());
  const marks = growing.deletes;
  const info = await seal({ schema: PLAIN, store, rows: growing.rows(), marks });
  const cache = new ColumnCache(1 << 20);
  return { segment: open(info, PLAIN, store, cache), reads, store, cache };
}

async function shown(
  reader: SegmentReader,
  timestamp: bigint,
  expiredBefore = 0n,
): Promise<number[]> {
  const visible = await reader.visible(timestamp, expiredBefore);
  return Array.from({ length: reader.rowCount }, (_, row) => row).filter(
    (row) => visible?.get(row) ?? true,
  );
}

describe('SealedSegment', () => {
  it('tells which rows of keys a read sees once it has read what that takes', async () => {
    const { segment, reads } = await example();
    const now = { timestamp: 40n, expiredBefore: 0n };
    const peek = (moment = now): Uint32Array | null =>
      segment.peekRowsOfKeys(intKeys(3, 2, 1, 8), moment);
    expect(peek()).toBeNull();
    await segment.deletes();
    expect(peek()).toBeNull();
    await segment.rowsOfKeys(intKeys(2));
    const before = reads.length;
    expect(peek()).toEqual(Uint32Array.of(0, 4));
    // Key 3 is deleted at 30; what is newer than a read, or too old for it, is for the long way.
    expect(peek({ ...now, timestamp: 25n })).toBeNull();
    expect(peek({ ...now, timestamp: 15n })).toBeNull();
    expect(peek({ ...now, expiredBefore: 11n })).toBeNull();
    expect(segment.peekRowsOfKeys(intKeys(7, 900), now)).toEqual(new Uint32Array(0));
    expect(reads).toHaveLength(before);
    await segment.markDeleted(intKeys(1), 35n);
    expect(peek()).toEqual(Uint32Array.of(4));
    segment.evict();
    expect(peek()).toBeNull();
    segment.close();
    expect(peek()).toBeNull();
  });

  it('reads nothing until it is asked, and then only what it needs', async () => {
    const { segment, reads } = await example();
    expect([segment.id, segment.partitionId, segment.rowCount, segment.deletedCount]).toEqual([
      1, 5, 5, 2,
    ]);
    expect(segment.zone(KEY)).toMatchObject({ min: 1n, max: 4n });
    expect(segment.zone(999)).toBeUndefined();
    expect(await shown(segment, 9n)).toEqual([]);
    expect(await segment.rowsOfKeys(intKeys(0, 5, -7))).toEqual(new Uint32Array(0));
    expect(reads).toEqual([]);
    expect(await shown(segment, 30n)).toEqual([0, 3, 4]);
    expect(reads).toEqual(['del-2']);
    await segment.chunks[0]!.load([PLAIN.fields[1]!]);
    expect(reads).toEqual(['del-2', 'json', 'vec-101.arrow']);
    await segment.chunks[0]!.load([PLAIN.fields[1]!]);
    expect(reads.length).toBe(3);
    expect(await shown(segment, 15n)).toEqual([0, 1, 2, 3]);
    expect(reads.slice(3)).toEqual(['cols.arrow']);
  });

  it('reads a file of one block once for all of its columns', async () => {
    const { segment, reads, cache } = await example();
    const [chunk] = segment.chunks;
    const key = PLAIN.fields[0]!;
    const columns = await chunk!.load([key]);
    expect(columns.get(KEY)).toMatchObject({ values: BigInt64Array.of(1n, 2n, 3n, 4n, 2n) });
    const { byteLength } = cache;
    expect(byteLength).toBeGreaterThan(0);
    expect(await shown(segment, 15n)).toEqual([0, 1, 2, 3]);
    await chunk!.load([key]);
    expect(reads).toEqual(['json', 'cols.arrow', 'del-2']);
    expect(cache.byteLength).toBe(byteLength);
    segment.evict();
    expect(cache.byteLength).toBe(0);
    await chunk!.load([key]);
    expect(reads.slice(3)).toEqual(['json', 'cols.arrow']);
  });

  it('shows vectors without keeping them the first time, and never again', async () => {
    const { segment, cache } = await example();
    const [chunk] = segment.chunks;
    const vectors = field(VECTOR, DataType.FloatVector, { dim: 4 });
    let times = 0;
    const use = async (): Promise<void> => {
      times++;
    };
    expect(await chunk!.pass!(vectors, use)).toBe(true);
    expect([times, cache.byteLength]).toEqual([1, 0]);
    expect(await chunk!.pass!(vectors, use)).toBe(false);
    expect(times).toBe(1);
    segment.evict();
    await chunk!.load([vectors]);
    expect(await chunk!.pass!(vectors, use)).toBe(false);
  });

  it('shows the rows of every moment', async () => {
    const { segment } = await example();
    expect(await shown(segment, 10n)).toEqual([0, 1, 2, 3]);
    expect(await shown(segment, 20n)).toEqual([0, 2, 3, 4]);
    expect(await shown(segment, 29n)).toEqual([0, 2, 3, 4]);
    expect(await shown(segment, 30n, 11n)).toEqual([4]);
    expect(await shown(segment, 30n, 10n)).toEqual([0, 3, 4]);
    expect(await shown(segment, 30n, 21n)).toEqual([]);
  });

  it('names who is visible: another name for every mark more, and none where it may not know', async () => {
    const { segment } = await example();
    expect(segment.visibleName(40n, 0n)).toBeNull();
    await segment.visible(40n, 0n);
    const names = [segment.visibleName(25n, 0n), segment.visibleName(40n, 0n)];
    expect(segment.visibleName(50n, 0n)).toBe(names[1]);
    expect(segment.visibleName(15n, 0n)).toBeNull();
    expect(segment.visibleName(40n, 11n)).toBeNull();
    await segment.markDeleted(intKeys(4), 60n);
    names.push(segment.visibleName(50n, 0n), segment.visibleName(70n, 0n));
    expect(names).not.toContain(null);
    expect(new Set(names).size).toBe(names.length);
    segment.close();
    expect(segment.visibleName(70n, 0n)).toBeNull();
  });

  it('shows a column at once when it is in memory, and not after it was closed', async () => {
    const { segment } = await example();
    const [chunk] = segment.chunks;
    const [key] = PLAIN.fields;
    if (chunk === undefined || key === undefined) expect.unreachable('there is a chunk');
    expect(chunk.peek?.(key)).toBeNull();
    const loaded = (await chunk.load([key])).get(key.id);
    expect(chunk.peek?.(key)).toBe(loaded);
    segment.evict();
    expect(chunk.peek?.(key)).toBeNull();
    await chunk.load([key]);
    segment.close();
    expect(chunk.peek?.(key)).toBeNull();
  });

  it('finds all rows of keys, visible or not', async () => {
    const { segment } = await example();
    expect(await segment.rowsOfKeys(intKeys(3, 2, 2, 8))).toEqual(Uint32Array.of(1, 2, 4));
  });

  it('marks rows that are older than the delete', async () => {
    const { segment } = await example();
    expect(await segment.markDeleted(intKeys(1, 2, 77), 10n)).toBe(0);
    expect(await segment.markDeleted(intKeys(1, 3, 77), 40n)).toBe(1);
    expect(await segment.markDeleted(intKeys(1), 41n)).toBe(0);
    expect(segment.deletedCount).toBe(3);
    expect(await shown(segment, 39n)).toEqual([0, 3, 4]);
    expect(await shown(segment, 40n)).toEqual([3, 4]);
  });

  it('spares rows that are newer than the delete', async () => {
    const rows = rowsOfBatches([
      { batch: batchOf(PLAIN, intKeys(1, 1)), timestamps: BigInt64Array.of(50n, 10n) },
    ]);
    const store = memoryStore();
    const segment = open(await seal({ schema: PLAIN, store, rows }), PLAIN, store);
    expect(await segment.markDeleted(intKeys(1), 50n)).toBe(1);
    expect([...(await segment.deletes()).marks().rows]).toEqual([1]);
  });

  it('writes its marks to a fresh file each time, for the next who opens it', async () => {
    const { segment, store } = await example();
    await segment.markDeleted(intKeys(1), 40n);
    const first = await segment.writeDeletes();
    const second = await segment.writeDeletes();
    expect(first).toMatchObject({ rowCount: 3, timestamp: 40n });
    expect(second.key).not.toBe(first.key);
    const again = open({ ...segment.info, deletes: first }, PLAIN, store);
    expect(await shown(again, 40n)).toEqual([3, 4]);
    expect(await again.markDeleted(intKeys(1, 4), 50n)).toBe(1);
    expect((await readDeleteFile(store, second, 5)).count).toBe(3);
    await expect(readDeleteFile(store, { ...first, rowCount: 2 }, 5)).rejects.toMatchObject({
      reason: 'DataIntegrity',
    });
  });

  it('gives memory back on request and keeps its marks', async () => {
    const { segment, reads, cache } = await example();
    await segment.markDeleted(intKeys(1), 40n);
    await segment.chunks[0]!.load(PLAIN.fields);
    expect(cache.byteLength).toBeGreaterThan(0);
    segment.evict();
    expect(cache.byteLength).toBe(0);
    reads.length = 0;
    expect(await shown(segment, 40n)).toEqual([3, 4]);
    expect(reads).toEqual([]);
    await segment.chunks[0]!.load(PLAIN.fields);
    expect(reads).toEqual(['json', 'cols.arrow', 'vec-101.arrow']);
  });

  it('answers nothing after it was closed', async () => {
    const { segment } = await example();
    segment.close();
    segment.close();
    for (const call of [
      async () => await segment.visible(30n, 0n),
      async () => await segment.rowsOfKeys(intKeys(1)),
      async () => await segment.markDeleted(intKeys(1), 50n),
      async () => await segment.chunks[0]!.load(PLAIN.fields),
    ]) {
      await expect(call()).rejects.toMatchObject({ reason: 'SegmentNotLoaded' });
    }
  });

  it('answers fields that are younger than its rows', async () => {
    const { segment } = await example();
    const younger = field(190, DataType.VarChar, { defaultValue: 'none' });
    const columns = await segment.chunks[0]!.load([younger]);
    expect(rowsOf(columns.get(190)!)[0]).toEqual([...Buffer.from('none')]);
    const written = await segment.chunks[0]!.loadWritten!([younger, INT_KEY]);
    expect([...written.keys()]).toEqual([KEY]);
  });

  it('refuses the descriptor of another segment', async () => {
    const { segment, store } = await example();
    const { descriptor } = segment.info;
    const moved = { ...descriptor, key: 'segments/9.json' };
    const writer = await store.create(moved.key);
    const bytes = new Uint8Array(descriptor.byteLength);
    await store.readInto(descriptor.key, 0, bytes);
    await writer.write(bytes);
    await writer.commit();
    const other = open({ ...segment.info, descriptor: moved }, PLAIN, store);
    await expect(other.chunks[0]!.load(PLAIN.fields)).rejects.toMatchObject({
      reason: 'DataIntegrity',
    });
  });

  it('reads again after a read failed', async () => {
    const { segment, store } = await example();
    let isBroken = true;
    const failing = Object.assign(Object.create(store) as ObjectStore, {
      byteLength: async (key: string) => await store.byteLength(key),
      readInto: async (key: string, offset: number, target: Uint8Array): Promise<void> => {
        if (isBroken) throw new Error('not now');
        await store.readInto(key, offset, target);
      },
    });
    const flaky = open(segment.info, PLAIN, failing);
    await expect(flaky.visible(30n, 0n)).rejects.toThrow('not now');
    await expect(flaky.chunks[0]!.load(PLAIN.fields)).rejects.toThrow('not now');
    isBroken = false;
    expect(await shown(flaky, 30n)).toEqual([0, 3, 4]);
    expect((await flaky.chunks[0]!.load(PLAIN.fields)).size).toBe(2);
  });

  it('has text keys too', async () => {
    const schema = schemaOf([TEXT_KEY]);
    const rows = rowsOfBatches([
      { batch: batchOf(schema, textKeys('b', 'a', 'b')), timestamps: BigInt64Array.of(1n, 1n, 1n) },
    ]);
    const store = memoryStore();
    const segment = open(await seal({ schema, store, rows }), schema, store);
    expect(await segment.rowsOfKeys(textKeys('b', 'zz', 'c'))).toEqual(Uint32Array.of(0, 2));
  });

  it('keeps columns of every type through all of it', async () => {
    const batch = batchOf(EVERY_TYPE, intKeys(...Array.from({ length: 70 }, (_, i) => i)), 5);
    const growing = new GrowingSegment({ id: 1, partitionId: 5, primaryFieldId: KEY });
    growing.append(batch, 10n);
    const store = memoryStore();
    const segment = open(
      await seal({ schema: EVERY_TYPE, store, rows: growing.rows() }),
      EVERY_TYPE,
      store,
    );
    const columns = await segment.chunks[0]!.load(EVERY_TYPE.fields);
    for (const { id, name } of EVERY_TYPE.fields) {
      expect(rowsOf(columns.get(id)!), name).toEqual(rowsOf(batch.columns.get(id)!));
    }
  });

  it('answers like the growing segment it came from and like a plain list, whatever is done and when it is sealed', async () => {
    for (let seed = 1; seed <= 25; seed++) await compareWithList(seed);
  });
});

interface ListedRow {
  readonly key: number;
  readonly from: bigint;
  to: bigint;
}

/** Random inserts and deletes on a growing segment, sealed half-way; both take the deletes that come after. */
async function compareWithList(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const growing = new GrowingSegment({ id: 1, partitionId: 5, primaryFieldId: INT_KEY.id });
  const list: ListedRow[] = [];
  let now = 0n;
  const someKeys = (): number[] =>
    Array.from({ length: 1 + random.integer(6) }, () => random.integer(25));
  const end = (key: number): void => {
    for (const row of list) if (row.key === key && row.to > now) row.to = now;
  };
  for (let step = 0; step < 15; step++) {
    now += BigInt(1 + random.integer(3));
    const keys = someKeys();
    for (const key of keys) end(key);
    if (step > 0 && random.chance(0.3)) growing.markDeleted(intKeys(...keys), now);
    else {
      for (const [i, key] of keys.entries()) {
        list.push({ key, from: now, to: keys.lastIndexOf(key) === i ? 2n ** 62n : now });
      }
      growing.append(batchOf(PLAIN, intKeys(...keys), seed), now);
    }
  }
  const store = memoryStore();
  const info = await seal({ schema: PLAIN, store, rows: growing.rows(), marks: growing.deletes });
  // A small cache: columns come and go.
  const sealed = open(info, PLAIN, store, new ColumnCache(random.integer(3000)));
  for (let step = 0; step < 15; step++) {
    if (random.chance(0.5)) {
      now += 1n;
      const keys = someKeys();
      for (const key of keys) end(key);
      const marked = await sealed.markDeleted(intKeys(...keys), now);
      expect(growing.markDeleted(intKeys(...keys), now), `seed ${seed}`).toBe(marked);
    }
    const at = BigInt(random.integer(Number(now) + 2));
    const expired = BigInt(random.integer(Number(now)) - 3);
    const expected = list.flatMap(({ from, to }, row) =>
      from <= at && at < to && from >= expired ? [row] : [],
    );
    const floor = expired < 0n ? 0n : expired;
    expect(await shown(sealed, at, floor), `seed ${seed} at ${at}`).toEqual(expected);
    const snapshot = growing.snapshot(now);
    expect(await shown(snapshot, at, floor), `seed ${seed} at ${at}`).toEqual(expected);
    const wanted = intKeys(...someKeys());
    expect(await sealed.rowsOfKeys(wanted)).toEqual(await snapshot.rowsOfKeys(wanted));
    const after = random.chance(0.2) ? null : intKeys(random.integer(40) - 2);
    expect(await walk(sealed, after)).toEqual(await walk(snapshot, after));
  }
  const columns = await sealed.chunks[0]!.load(PLAIN.fields);
  const before = await growing.snapshot(now).chunks[0]!.load(PLAIN.fields);
  expect(rowsOf(columns.get(VECTOR)!)).toEqual(rowsOf(before.get(VECTOR)!));
}

/** All rows behind a key, in the order of keys, fetched by threes. */
async function walk(reader: SegmentReader, after: KeyList | null): Promise<unknown[]> {
  const cursor = await reader.rowsByKey(after, { yieldTurn: async () => undefined });
  const found: unknown[] = [];
  for (;;) {
    const { rows, keys } = await cursor.next(3);
    if (rows.length === 0) return found;
    expect(rows.length).toBeLessThanOrEqual(3);
    found.push(...rows, ...(keys.kind === 'int64' ? keys.values : []));
  }
}

it('hands out rows by key that were there at the moment of a snapshot, whatever came later', async () => {
  const growing = new GrowingSegment({ id: 1, partitionId: 1, primaryFieldId: KEY });
  growing.append(batchOf(PLAIN, intKeys(5, 3, 9)), 10n);
  const early = growing.snapshot(10n);
  growing.append(batchOf(PLAIN, intKeys(4, 1)), 20n);
  expect(await walk(growing.snapshot(20n), null)).toEqual([4, 1, 3, 1n, 3n, 4n, 0, 2, 5n, 9n]);
  expect(await walk(early, null)).toEqual([1, 3n, 0, 2, 5n, 9n]);
  expect(await walk(early, intKeys(5))).toEqual([2, 9n]);
  expect(await walk(early, intKeys(9))).toEqual([]);
});
