import { describe, expect, it } from 'vitest';
import { CHECKSUM_BLOCK_BYTES } from '../../src/base/limits.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { CheckedWriter } from '../../src/segments/checked-writer.ts';
import { heldByteLength, over, readChecked, readColumn } from '../../src/segments/column-file.ts';
import { readDescriptor } from '../../src/segments/descriptor.ts';
import { rowsOfBatches } from '../../src/segments/row-source.ts';
import { rowsOf } from '../schema/arbitraries.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { batchOf, EVERY_TYPE, intKeys, memoryStore, put, seal } from './world.ts';

const KEY = 'segments/1.keys';

async function writtenFile(store: ObjectStore, bytes: Uint8Array) {
  const writer = await CheckedWriter.create(store, KEY, new SimClock());
  await writer.write(bytes);
  return (await writer.commit()).file;
}

describe('readChecked', () => {
  it('gives any range of a file', async () => {
    const bytes = new SeededRandom(2).bytes(CHECKSUM_BLOCK_BYTES * 2 + 777);
    const store = memoryStore();
    const file = await writtenFile(store, bytes);
    for (const [offset, byteLength] of [
      [0, bytes.length],
      [0, 0],
      [5, 10],
      [CHECKSUM_BLOCK_BYTES - 1, 2],
      [CHECKSUM_BLOCK_BYTES * 2 + 700, 77],
    ] as const) {
      for (const memory of ['own', 'shared'] as const) {
        const read = await readChecked(store, file, { offset, byteLength }, memory);
        expect(read).toEqual(bytes.subarray(offset, offset + byteLength));
        expect(read.buffer instanceof SharedArrayBuffer).toBe(memory === 'shared');
      }
    }
  });

  it('gives a range that takes many reads, the reads going on side by side', async () => {
    const bytes = new Uint8Array(18 * 1024 * 1024);
    for (let i = 0; i < bytes.length; i += 4093) bytes[i] = i;
    const store = memoryStore();
    const file = await writtenFile(store, bytes);
    let running = 0;
    let most = 0;
    const counting: ObjectStore = Object.assign(Object.create(store) as ObjectStore, {
      readInto: async (key: string, offset: number, target: Uint8Array): Promise<void> => {
        most = Math.max(most, ++running);
        await store.readInto(key, offset, target);
        running--;
      },
    });
    const read = await readChecked(
      counting,
      file,
      { offset: 100, byteLength: bytes.length - 100 },
      'shared',
    );
    expect(Buffer.compare(Buffer.from(read), bytes.subarray(100))).toBe(0);
    expect(most).toBe(4);
  });

  it('names key, block and offset of what is damaged, and only when it is touched', async () => {
    const bytes = new SeededRandom(3).bytes(CHECKSUM_BLOCK_BYTES * 3);
    const file = await writtenFile(memoryStore(), bytes);
    const damaged = bytes.slice();
    damaged[CHECKSUM_BLOCK_BYTES + 9]! ^= 1;
    const store = memoryStore();
    await put(store, KEY, damaged);
    const range = (offset: number, byteLength: number) => ({ offset, byteLength });
    await expect(readChecked(store, file, range(0, bytes.length), 'own')).rejects.toMatchObject({
      reason: 'DataIntegrity',
      fields: { key: KEY, block: 1, offset: CHECKSUM_BLOCK_BYTES },
    });
    const last = range(CHECKSUM_BLOCK_BYTES * 2, 10);
    expect((await readChecked(store, file, last, 'own')).length).toBe(10);
  });

  it('tells a file that is too short', async () => {
    const bytes = new Uint8Array(1000);
    const file = await writtenFile(memoryStore(), bytes);
    const store = memoryStore();
    await put(store, KEY, bytes.subarray(0, 999));
    const reading = readChecked(store, file, { offset: 0, byteLength: 10 }, 'own');
    await expect(reading).rejects.toMatchObject({ reason: 'DataIntegrity' });
  });
});

describe('readColumn', () => {
  it('brings back every type, dense vectors in shared memory', async () => {
    const keys = intKeys(...Array.from({ length: 300 }, (_, i) => i));
    const batch = batchOf(EVERY_TYPE, keys, 11);
    const store = memoryStore();
    const rows = rowsOfBatches([{ batch, timestamps: new BigInt64Array(300).fill(9n) }]);
    const info = await seal({ schema: EVERY_TYPE, store, rows });
    const descriptor = await readDescriptor(store, info.descriptor);
    for (const field of EVERY_TYPE.fields) {
      const stored = descriptor.columns.get(field.id)!;
      const column = await readColumn(store, descriptor, stored);
      expect(rowsOf(column), field.name).toEqual(rowsOf(batch.columns.get(field.id)!));
      const values = column.kind === 'list' ? column.elements : column;
      if (values.kind === 'vector') {
        expect(values.values.buffer instanceof SharedArrayBuffer).toBe(true);
      } else if (values.kind === 'bytes') {
        expect(values.bytes.buffer instanceof SharedArrayBuffer).toBe(false);
      }
      expect(heldByteLength(descriptor, stored)).toBeGreaterThan(0);
    }
    expect(descriptor.columns.size).toBe(EVERY_TYPE.fields.length + 1);
  });
});

describe('over', () => {
  it('sees stored bytes as values without a copy', () => {
    const bytes = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0);
    const values = over(Uint32Array, bytes.subarray(4));
    expect([...values]).toEqual([1]);
    expect(values.buffer).toBe(bytes.buffer);
  });
});
