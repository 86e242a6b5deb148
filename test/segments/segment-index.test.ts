import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { must } from '../../src/base/assert.ts';
import { buildImage } from '../../src/search/inline-workers.ts';
import { cancelBuild, newBuildControl } from '../../src/index/vector-index.ts';
import {
  buildSegmentIndex,
  type BuildWorld,
  type IndexBuilding,
} from '../../src/segments/build-index.ts';
import { GrowingSegment } from '../../src/segments/growing-segment.ts';
import { readIndexImage } from '../../src/segments/segment-index.ts';
import type { SegmentIndex, SegmentInfo } from '../../src/segments/segment-info.ts';
import { verifySegment } from '../../src/segments/verify-segment.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { memoryDisk } from '../../src/storage/memory-disk.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { batchOf, intKeys, KEY, memoryStore, PLAIN, seal, VECTOR } from './world.ts';

const ROWS = 300;
const clock = new SimClock();

interface Built {
  readonly segment: SegmentInfo;
  readonly index: SegmentIndex;
  readonly store: ObjectStore;
  readonly disk: ReturnType<typeof memoryDisk>;
}

async function build(more: Partial<IndexBuilding> = {}): Promise<Built> {
  const disk = memoryDisk(clock);
  const store = memoryStore(disk);
  const growing = new GrowingSegment({ id: 1, partitionId: 5, primaryFieldId: KEY });
  growing.append(batchOf(PLAIN, intKeys(...Array.from({ length: ROWS }, (_, i) => i))), 10n);
  const segment = await seal({ schema: PLAIN, store, rows: growing.rows() });
  const task: IndexBuilding = {
    segment,
    indexId: 7,
    fieldId: VECTOR,
    fileId: 40,
    build: {
      name: 'HNSW',
      structure: 'HNSW',
      metric: 'L2',
      parameters: { M: 8, efConstruction: 64 },
      isMapped: false,
    },
    ...more,
  };
  const run: BuildWorld['run'] = async (work) =>
    must(buildImage(work), 'a build nobody cancels has an image');
  const index = await buildSegmentIndex(task, {
    store,
    clock,
    threadCount: 1,
    control: newBuildControl(),
    run,
  });
  return { segment, index, store, disk };
}

/** Changes one byte of an object. */
async function flip({ disk }: Built, key: string, offset: number): Promise<void> {
  const file = await disk.open(key, 'write');
  const byte = new Uint8Array(1);
  await file.read(byte, offset);
  await file.write([Uint8Array.of(byte[0]! ^ 0x20)], offset);
  await file.close();
}

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const failure: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return failure instanceof MilvusError ? failure.reason : 'none';
}

describe('the files of an index', () => {
  it('say what they are of, and give the image back', async () => {
    const built = await build();
    const { index, store } = built;
    expect(index).toMatchObject({
      indexId: 7,
      fieldId: VECTOR,
      fingerprint: 'HNSW L2 M=8 efConstruction=64',
      rowCount: ROWS,
      image: { key: 'segments/1.idx-40' },
      descriptor: { key: 'segments/1.idx-40.json' },
    });
    const image = await readIndexImage(store, index);
    expect(image.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(image.byteLength).toBe(index.image.byteLength);
  });

  it('are refused wherever a byte is another, or when they are of something else', async () => {
    const built = await build();
    const { index, store } = built;
    for (const [key, byteLength] of [
      [index.image.key, index.image.byteLength],
      [index.descriptor.key, index.descriptor.byteLength],
    ] as const) {
      for (const offset of [0, byteLength >> 1, byteLength - 1]) {
        await flip(built, key, offset);
        expect(await reasonOf(readIndexImage(store, index))).toBe('DataIntegrity');
        await flip(built, key, offset);
      }
    }
    const moved = { ...index, image: { ...index.image, key: 'segments/2.idx-40' } };
    expect(await reasonOf(readIndexImage(store, moved))).toBe('DataIntegrity');
    const other = { ...index, rowCount: index.rowCount + 1 };
    expect(await reasonOf(readIndexImage(store, other))).toBe('DataIntegrity');
    await store.remove([index.image.key]);
    expect(await reasonOf(readIndexImage(store, index))).toBe('DataIntegrity');
  });

  it('are checked from end to end', async () => {
    const built = await build();
    const { index, store } = built;
    const segment = { ...built.segment, indexes: [index] };
    expect(await verifySegment(segment, { store, clock })).toEqual([]);
    await flip(built, index.image.key, 5);
    expect(await verifySegment(segment, { store, clock })).toMatchObject([
      { key: index.image.key, offset: 0 },
    ]);
    await store.remove([index.image.key]);
    expect(await verifySegment(segment, { store, clock })).toMatchObject([
      { key: index.image.key, message: 'is missing' },
    ]);
    await flip(built, index.descriptor.key, 5);
    const keys = (await verifySegment(segment, { store, clock })).map(({ key }) => key);
    expect(keys).toEqual([index.descriptor.key, index.image.key]);
  });
});

describe('a build that is given up', () => {
  it('leaves nothing', async () => {
    const disk = memoryDisk(clock);
    const store = memoryStore(disk);
    const growing = new GrowingSegment({ id: 1, partitionId: 5, primaryFieldId: KEY });
    growing.append(batchOf(PLAIN, intKeys(1, 2, 3)), 10n);
    const segment = await seal({ schema: PLAIN, store, rows: growing.rows() });
    const before = await store.list('segments/');
    const parameters = { M: 8, efConstruction: 64 };
    const work = buildSegmentIndex(
      {
        segment,
        indexId: 7,
        fieldId: VECTOR,
        fileId: 40,
        build: { name: 'HNSW', structure: 'HNSW', metric: 'L2', parameters, isMapped: false },
      },
      {
        store,
        clock,
        threadCount: 1,
        control: newBuildControl(),
        run: async (task) => {
          cancelBuild(task.control);
          expect(buildImage(task)).toBeNull();
          throw new MilvusError('Cancelled', 'given up', {});
        },
      },
    );
    expect(await reasonOf(work)).toBe('Cancelled');
    expect(await store.list('segments/')).toEqual(before);
  });
});
