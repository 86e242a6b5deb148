import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { DataType } from '../../src/schema/data-type.ts';
import type { DiskStore } from '../../src/storage/disk-store.ts';
import { diskStore } from '../../src/storage/disk-store.ts';
import { SEGMENT_PREFIX } from '../../src/storage/paths.ts';
import { DeleteBitmap } from '../../src/segments/delete-bitmap.ts';
import { GrowingSegment } from '../../src/segments/growing-segment.ts';
import { objectKeys } from '../../src/segments/manifest.ts';
import { rowsOfBatches } from '../../src/segments/row-source.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';
import { verifySegment } from '../../src/segments/verify-segment.ts';
import type { CrashPoint } from '../sim/crash-point.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { SimDisk } from '../sim/sim-disk.ts';
import { batchOf, field, INT_KEY, intKeys, memoryStore, PLAIN, schemaOf, seal } from './world.ts';

const SCHEMA = schemaOf([...PLAIN.fields, field(110, DataType.VarChar, { nullable: true })], 3);

function growing(): GrowingSegment {
  const segment = new GrowingSegment({ id: 1, partitionId: 5, primaryFieldId: INT_KEY.id });
  segment.append(batchOf(SCHEMA, intKeys(1, 2, 3)), 10n);
  segment.append(batchOf(SCHEMA, intKeys(2)), 20n);
  return segment;
}

function simStore(disk: SimDisk): DiskStore {
  return diskStore(disk, '', new SeededRandom(1));
}

async function sealed(disk: SimDisk, id = 1): Promise<SegmentInfo> {
  const { deletes } = growing();
  return await seal({
    id,
    schema: SCHEMA,
    store: simStore(disk),
    rows: growing().rows(),
    marks: deletes,
  });
}

const clock = new SimClock();

describe('writeSegment', () => {
  it('says what it wrote', async () => {
    const store = memoryStore();
    const { deletes } = growing();
    const info = await seal({
      schema: SCHEMA,
      store,
      rows: growing().rows(),
      marks: deletes,
      level: 2,
    });
    expect(info).toMatchObject({
      id: 1,
      partitionId: 5,
      level: 2,
      rowCount: 4,
      schemaVersion: 3,
      minTimestamp: 10n,
      maxTimestamp: 20n,
      deletes: { rowCount: 1, timestamp: 20n },
    });
    expect(info.zones.get(INT_KEY.id)).toEqual({ min: 1n, max: 3n, nullCount: 0, rowCount: 4 });
    expect([...info.zones.keys()]).toEqual([INT_KEY.id, 110]);
    const stored = await store.list(SEGMENT_PREFIX);
    expect(stored.map(({ key }) => key)).toEqual(objectKeys(info).toSorted());
    expect(stored.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(info.byteLength);
    expect(await verifySegment(info, { store, clock })).toEqual([]);
  });

  it('writes no delete file when nothing is deleted by then', async () => {
    const store = memoryStore();
    const rows = growing().rows();
    expect(
      (await seal({ schema: SCHEMA, store, rows, marks: new DeleteBitmap() })).deletes,
    ).toBeNull();
  });

  it('insists on rows', async () => {
    const rows = rowsOfBatches([]);
    await expect(seal({ schema: SCHEMA, store: memoryStore(), rows })).rejects.toThrow(
      AssertionError,
    );
  });

  it('is durable as a whole when it resolves', async () => {
    const disk = new SimDisk({});
    const info = await sealed(disk);
    const store = simStore(new SimDisk({ image: disk.capture().lost().image }));
    expect(await verifySegment(info, { store, clock })).toEqual([]);
  });

  it('has its descriptor only when everything else is whole, whatever a crash leaves', async () => {
    const points: CrashPoint[] = [];
    const disk: SimDisk = new SimDisk({ beforeOperation: () => points.push(disk.capture()) });
    const info = await sealed(disk);
    points.push(disk.capture());
    const seen = new Set<string>();
    let complete = 0;
    for (const point of points) {
      for (const { image, hash } of point.states()) {
        if (seen.has(hash)) continue;
        seen.add(hash);
        const store = simStore(new SimDisk({ image }));
        if ((await store.byteLength(info.descriptor.key)) === null) continue;
        complete++;
        expect(await verifySegment(info, { store, clock })).toEqual([]);
      }
    }
    expect(seen.size).toBeGreaterThan(30);
    expect(complete).toBeGreaterThan(0);
  });

  it('gives the space back and can be tried again when the disk was full', async () => {
    const whole = new SimDisk({});
    const { byteLength } = await sealed(whole);
    for (let part = 1; part < 10; part++) {
      const disk = new SimDisk({ capacityBytes: Math.floor((byteLength * part) / 10) });
      await expect(sealed(disk)).rejects.toMatchObject({ reason: 'DiskLimitExceeded' });
      const store = simStore(disk);
      expect(await store.list(SEGMENT_PREFIX)).toEqual([]);
      expect(await store.leftovers()).toEqual([]);
      disk.capacityBytes = 1e9;
      expect(await verifySegment(await sealed(disk), { store, clock })).toEqual([]);
    }
  });

  it('harms no segment that has its id already', async () => {
    const disk = new SimDisk({});
    const info = await sealed(disk);
    await expect(sealed(disk)).rejects.toMatchObject({ reason: 'IoFailed' });
    expect(await verifySegment(info, { store: simStore(disk), clock })).toEqual([]);
  });

  it('fails as a whole when any call fails, and can be tried again under another id', async () => {
    let calls = 0;
    for (let number = 0, failed = 'first'; failed !== ''; number++) {
      failed = '';
      const disk = new SimDisk({
        fault: (call) => {
          if (call.number !== number) return null;
          failed = call.kind;
          return { reason: 'IoFailed' };
        },
      });
      const outcome = await sealed(disk).catch((error: unknown) => error);
      if (failed === '') break;
      calls++;
      expect(outcome, `${failed} at ${number}`).toMatchObject({ reason: 'IoFailed' });
      expect(await verifySegment(await sealed(disk, 2), { store: simStore(disk), clock })).toEqual(
        [],
      );
      expect(disk.openFiles).toBe(0);
    }
    expect(calls).toBeGreaterThan(20);
  });
});
