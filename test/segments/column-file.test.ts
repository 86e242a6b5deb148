import { describe, expect, it } from 'vitest';
import { CHECKSUM_BLOCK_BYTES } from '../../src/base/limits.ts';
import type { VectorColumn } from '../../src/schema/column.ts';
import { DataType, isDenseVector } from '../../src/schema/data-type.ts';
import { segmentVectorKey } from '../../src/storage/paths.ts';
import type { RowsWatcher } from '../../src/segments/segment.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { CheckedWriter } from '../../src/segments/checked-writer.ts';
import {
  heldByteLength,
  over,
  passRows,
  readChecked,
  readColumn,
} from '../../src/segments/column-file.ts';
import { readDescriptor } from '../../src/segments/descriptor.ts';
import { rowsOfBatches } from '../../src/segments/row-source.ts';
import { rowsOf } from '../schema/arbitraries.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { SimClock } from '../sim/sim-clock.ts';
import {
  batchOf,
  EVERY_TYPE,
  field,
  INT_KEY,
  intKeys,
  keyColumn,
  memoryStore,
  put,
  schemaOf,
  seal,
  VECTOR,
} from './world.ts';

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
    for (const { id, name } of EVERY_TYPE.fields) {
      const stored = descriptor.columns.get(id)!;
      const column = await readColumn(store, descriptor, stored);
      expect(rowsOf(column), name).toEqual(rowsOf(batch.columns.get(id)!));
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

/** Vectors of an odd width, in several reads of each kind; row r is full of r. */
async function manyVectors(rowCount: number) {
  const dim = 333;
  const schema = schemaOf([INT_KEY, field(VECTOR, DataType.FloatVector, { dim })]);
  const values = new Float32Array(rowCount * dim);
  for (let row = 0; row < rowCount; row++) values.fill(row, row * dim, (row + 1) * dim);
  const vectors: VectorColumn = {
    kind: 'vector',
    type: DataType.FloatVector,
    dim,
    values,
    validity: null,
  };
  const keys = keyColumn(intKeys(...Array.from({ length: rowCount }, (_, i) => i)));
  const batch = {
    rowCount,
    columns: new Map([
      [INT_KEY.id, keys],
      [VECTOR, vectors],
    ]),
  };
  const store = memoryStore();
  const rows = rowsOfBatches([{ batch, timestamps: new BigInt64Array(rowCount).fill(9n) }]);
  const info = await seal({ schema, store, rows });
  const descriptor = await readDescriptor(store, info.descriptor);
  return { store, descriptor, stored: descriptor.columns.get(VECTOR)!, dim };
}

/** Whether rows of `column` are rows firstRow.. of `manyVectors`. */
function areRows(column: VectorColumn, firstRow: number, rowCount: number): boolean {
  for (let row = 0; row < rowCount; row++) {
    for (const i of [0, column.dim - 1]) {
      if (column.values[row * column.dim + i] !== firstRow + row) return false;
    }
  }
  return true;
}

describe('readColumn, watched', () => {
  it('shows more and more rows while it reads, each of them checked', async () => {
    const { store, descriptor, stored } = await manyVectors(10_000);
    const seen: number[] = [];
    const onRows: RowsWatcher = (part, rowCount) => {
      expect(part.kind === 'vector' && areRows(part, 0, rowCount)).toBe(true);
      seen.push(rowCount);
    };
    const column = await readColumn(store, descriptor, stored, { onRows });
    expect(column.kind === 'vector' && areRows(column, 0, 10_000)).toBe(true);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([...new Set(seen)].sort((left, right) => left - right));
    expect(seen.at(-1)).toBeLessThan(10_000);
  });

  it('shows nothing behind a damaged block', async () => {
    const { store, descriptor, stored } = await manyVectors(10_000);
    const onRows: RowsWatcher = (_, rowCount) =>
      expect(rowCount).toBeLessThan(9_000_000 / (333 * 4));
    const reading = readColumn(damagedAt(store, 9_000_000), descriptor, stored, { onRows });
    await expect(reading).rejects.toMatchObject({ reason: 'DataIntegrity' });
  });
});

/** One byte of every vector file is another. */
function damagedAt(store: ObjectStore, place: number): ObjectStore {
  return Object.assign(Object.create(store) as ObjectStore, {
    readInto: async (key: string, offset: number, target: Uint8Array): Promise<void> => {
      await store.readInto(key, offset, target);
      const at = place - offset;
      if (key === segmentVectorKey(1, VECTOR) && at >= 0 && at < target.length) target[at]! ^= 1;
    },
  });
}

describe('passRows', () => {
  it('shows every row once', async () => {
    const rowCount = 10_001;
    const { store, descriptor, stored } = await manyVectors(rowCount);
    const times = new Uint8Array(rowCount);
    const starts: number[] = [];
    const isShown = await passRows(store, descriptor, stored, async (column, rowStart) => {
      const count = column.kind === 'vector' ? column.values.length / column.dim : 0;
      expect(column.kind === 'vector' && areRows(column, rowStart, count)).toBe(true);
      for (let row = 0; row < count; row++) times[rowStart + row]!++;
      starts.push(rowStart);
    });
    expect(isShown).toBe(true);
    expect(times.every((count) => count === 1)).toBe(true);
    expect(starts.length).toBeGreaterThan(3);
    expect(starts.every((rowStart) => rowStart % 32 === 0)).toBe(true);
  });

  it('lets nobody see a damaged block', async () => {
    const { store, descriptor, stored } = await manyVectors(10_000);
    const passing = passRows(
      damagedAt(store, 9_000_000),
      descriptor,
      stored,
      async () => undefined,
    );
    await expect(passing).rejects.toMatchObject({ reason: 'DataIntegrity' });
  });

  it('leaves columns with nulls, and all but dense vectors, to those who load them', async () => {
    const store = memoryStore();
    const batch = batchOf(EVERY_TYPE, intKeys(...Array.from({ length: 300 }, (_, i) => i)), 11);
    const rows = rowsOfBatches([{ batch, timestamps: new BigInt64Array(300).fill(9n) }]);
    const info = await seal({ schema: EVERY_TYPE, store, rows });
    const descriptor = await readDescriptor(store, info.descriptor);
    let left = 0;
    for (const stored of descriptor.columns.values()) {
      const isWhole = stored.buffers[0]!.byteLength === 0 && isDenseVector(stored.type);
      const isShown = await passRows(store, descriptor, stored, async () => {
        if (!isWhole) throw new Error('shown');
      });
      expect(isShown).toBe(isWhole);
      if (!isShown) left++;
    }
    expect(left).toBeGreaterThan(20);
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
