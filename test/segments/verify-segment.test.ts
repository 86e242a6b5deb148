import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/checksum.ts';
import { MilvusError } from '../../src/base/errors.ts';
import { CHECKSUM_BLOCK_BYTES } from '../../src/base/limits.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { memoryDisk } from '../../src/storage/memory-disk.ts';
import { GrowingSegment } from '../../src/segments/growing-segment.ts';
import { objectKeys } from '../../src/segments/manifest.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';
import { verifySegment } from '../../src/segments/verify-segment.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { rowsOf } from '../schema/arbitraries.ts';
import {
  batchOf,
  bytesOfObject,
  INT_KEY,
  intKeys,
  memoryStore,
  open,
  PLAIN,
  put,
  seal,
} from './world.ts';

const clock = new SimClock();

async function written(rowCount: number): Promise<{ info: SegmentInfo; store: ObjectStore }> {
  const growing = new GrowingSegment({ id: 1, partitionId: 5, primaryFieldId: INT_KEY.id });
  growing.append(batchOf(PLAIN, intKeys(...Array.from({ length: rowCount }, (_, i) => i))), 10n);
  growing.markDeleted(intKeys(1), 20n);
  const store = memoryStore();
  const marks = growing.deletes;
  return { info: await seal({ schema: PLAIN, store, rows: growing.rows(), marks }), store };
}

/** The same objects, one of them with other bytes, or without it. */
async function damagedStore(
  info: SegmentInfo,
  store: ObjectStore,
  damage: { key: string; bytes: Uint8Array | null },
): Promise<ObjectStore> {
  const copy = memoryStore(memoryDisk(clock));
  for (const key of objectKeys(info)) {
    const bytes = key === damage.key ? damage.bytes : await bytesOfObject(store, key);
    if (bytes !== null) await put(copy, key, bytes);
  }
  return copy;
}

/** The same store, but for one bit of one object. */
function withFlip(store: ObjectStore, flip: { key: string; at: number; bit: number }): ObjectStore {
  return Object.assign(Object.create(store) as ObjectStore, {
    byteLength: async (key: string) => await store.byteLength(key),
    readInto: async (key: string, offset: number, target: Uint8Array): Promise<void> => {
      await store.readInto(key, offset, target);
      const at = flip.at - offset;
      if (key === flip.key && at >= 0 && at < target.length) target[at]! ^= 1 << flip.bit;
    },
  });
}

/** Everything that can be read of a segment. */
async function answers(info: SegmentInfo, store: ObjectStore): Promise<unknown> {
  const segment = open(info, PLAIN, store);
  const columns = await segment.chunks[0]!.load(PLAIN.fields);
  return {
    rows: PLAIN.fields.map(({ id }) => rowsOf(columns.get(id)!)),
    visible: [...((await segment.visible(100n, 0n))?.toOffsets() ?? [])],
    before: [...((await segment.visible(12n, 0n))?.toOffsets() ?? [])],
    none: [...((await segment.visible(12n, 11n))?.toOffsets() ?? [])],
    keys: [...(await segment.rowsOfKeys(intKeys(3, 1, 77)))],
  };
}

describe('verifySegment', () => {
  it('finds nothing wrong with a whole segment', async () => {
    const { info, store } = await written(50);
    expect(await verifySegment(info, { store, clock })).toEqual([]);
  });

  it('finds a change of any byte of any object, and reads refuse it or are not changed by it', async () => {
    const { info, store } = await written(5);
    const expected = await answers(info, store);
    const random = new SeededRandom(4);
    for (const key of objectKeys(info)) {
      const bytes = await bytesOfObject(store, key);
      for (let at = 0; at < bytes.length; at++) {
        const copy = withFlip(store, { key, at, bit: random.integer(8) });
        const problems = await verifySegment(info, { store: copy, clock });
        expect(
          problems.map((problem) => problem.key),
          `${key} at ${at}`,
        ).toContain(key);
        const outcome = await answers(info, copy).catch((error: unknown) => error);
        if (outcome instanceof MilvusError) expect(outcome.reason).toBe('DataIntegrity');
        else expect(outcome).toEqual(expected);
      }
    }
  });

  it('names every damaged block by key and offset', async () => {
    const { info, store } = await written(12_000);
    const key = info.objects[1]!.key;
    const bytes = await bytesOfObject(store, key);
    bytes[CHECKSUM_BLOCK_BYTES + 3]! ^= 1;
    bytes[CHECKSUM_BLOCK_BYTES * 2 + 5]! ^= 1;
    const copy = await damagedStore(info, store, { key, bytes });
    const found = { key, isRebuilt: false };
    expect(await verifySegment(info, { store: copy, clock })).toEqual([
      { ...found, offset: CHECKSUM_BLOCK_BYTES, message: 'checksum of block 1 does not match' },
      { ...found, offset: CHECKSUM_BLOCK_BYTES * 2, message: 'checksum of block 2 does not match' },
    ]);
  });

  it('finds objects that are missing, too short, or of another segment', async () => {
    const { info, store } = await written(5);
    const problemsWith = async (key: string, bytes: Uint8Array | null) => {
      const copy = await damagedStore(info, store, { key, bytes });
      return await verifySegment(info, { store: copy, clock });
    };
    for (const key of objectKeys(info)) {
      expect((await problemsWith(key, null)).map((problem) => problem.key)).toContain(key);
      const bytes = await bytesOfObject(store, key);
      expect((await problemsWith(key, bytes.subarray(1))).map((problem) => problem.key)).toContain(
        key,
      );
    }
    const { key, ...rest } = info.descriptor;
    const moved = { key: 'segments/2.json', ...rest };
    const writer = await store.create(moved.key);
    await writer.write(await bytesOfObject(store, key));
    await writer.commit();
    const other = { ...info, descriptor: moved, rowCount: 6 };
    const messages = (await verifySegment(other, { store, clock })).map(({ message }) => message);
    expect(messages).toContain('is of another segment');
    expect(messages).toContain('has another row count');
  });

  it('finds what no checksum tells: row timestamps outside of the bounds', async () => {
    const { info, store } = await written(5);
    const problems = await verifySegment(
      { ...info, maxTimestamp: 9n, minTimestamp: 1n },
      { store, clock },
    );
    expect(problems).toEqual([
      {
        key: info.objects[0]!.key,
        offset: null,
        message: 'row timestamp 10 is out of the bounds in the manifest',
        isRebuilt: false,
      },
    ]);
  });

  it('takes a newer format for what it is, and not for damage', async () => {
    const { info, store } = await written(20);
    const bytes = Buffer.from('{"formatVersion":2}\n');
    const { key } = info.descriptor;
    const copy = await damagedStore(info, store, { key, bytes });
    const descriptor = { key, byteLength: bytes.length, checksum: crc32(bytes) };
    await expect(
      verifySegment({ ...info, descriptor }, { store: copy, clock }),
    ).rejects.toMatchObject({ reason: 'FormatNotSupported' });
  });
});
