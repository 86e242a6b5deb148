import { type RecordBatch, tableFromIPC, type Vector } from 'apache-arrow';
import { Footer } from 'apache-arrow/ipc/metadata/file';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValid } from '../../src/schema/column-layout.ts';
import type { Column, ColumnBatch } from '../../src/schema/column.ts';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import { DataType, isVector } from '../../src/schema/data-type.ts';
import { segmentColumnsKey, segmentVectorKey } from '../../src/storage/paths.ts';
import { readDescriptor } from '../../src/segments/descriptor.ts';
import { rowsOfBatches } from '../../src/segments/row-source.ts';
import { anyShape, rowsOf } from '../schema/arbitraries.ts';
import {
  batchOf,
  bytesOfObject,
  EVERY_TYPE,
  field,
  INT_KEY,
  intKeys,
  memoryStore,
  open,
  schemaOf,
  seal,
} from './world.ts';

const T = DataType;

/** Batches of rows with keys 0, 1, … */
function batchesOf(
  schema: CollectionSchema,
  rowCounts: readonly number[],
  seed: number,
): ColumnBatch[] {
  let first = 0;
  return rowCounts.map((rowCount, i) => {
    const keys = Array.from({ length: rowCount }, (_, row) => first + row);
    first += rowCount;
    return batchOf(schema, intKeys(...keys), seed + i);
  });
}

async function write(schema: CollectionSchema, batches: readonly ColumnBatch[]) {
  const store = memoryStore();
  const timed = batches.map((batch, i) => ({
    batch,
    timestamps: new BigInt64Array(batch.rowCount).fill(BigInt(i + 5)),
  }));
  return { store, info: await seal({ schema, store, rows: rowsOfBatches(timed) }) };
}

const HALVES = new Float32Array(1);
const HALF_BITS = new Uint32Array(HALVES.buffer);

/** Value of a float16 by its bits. */
function half(bits: number): number {
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return (sign * fraction) / 2 ** 24;
  HALF_BITS[0] = ((exponent + 112) << 23) | (fraction << 13);
  return sign * HALVES[0]!;
}

/** A row of ours as Arrow should show it. */
function shown(column: Column, row: number): unknown {
  if (!isValid(column.validity, row)) return null;
  if (column.kind === 'list') {
    const elements = Array.from(
      { length: column.offsets[row + 1]! - column.offsets[row]! },
      (_, i) => shown(column.elements, column.offsets[row]! + i),
    );
    return elements;
  }
  const [value] = rowsOf(sliceOf(column, row));
  if (column.kind === 'fixed') {
    if (column.type === T.Bool) return value === 1;
    // Arrow gives milliseconds.
    return column.type === T.Timestamptz ? Number(value) / 1000 : value;
  }
  if (column.kind === 'bytes') {
    return column.type === T.Geometry ? value : Buffer.from(value as number[]).toString();
  }
  if (column.type === T.Float16Vector) return (value as number[]).map(half);
  if (column.type === T.BFloat16Vector) {
    return (value as number[]).flatMap((bits) => [bits & 255, bits >>> 8]);
  }
  return value;
}

function sliceOf(column: Column, row: number): Column {
  const validity = null;
  if (column.kind === 'fixed')
    return { ...column, values: column.values.subarray(row, row + 1), validity };
  if (column.kind === 'vector') {
    const stride = column.type === T.BinaryVector ? column.dim / 8 : column.dim;
    return {
      ...column,
      values: column.values.subarray(row * stride, (row + 1) * stride),
      validity,
    };
  }
  return { ...column, offsets: column.offsets.subarray(row, row + 2), validity };
}

/** A value of Arrow as plain data. */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if ('toJSON' in value && 'toArray' in value && 'type' in value) {
    return Array.from(value as unknown as Iterable<unknown>, plain);
  }
  // A pair of a sparse vector.
  const { index, value: weight } = (
    value as { toJSON(): { index: number; value: number } }
  ).toJSON();
  return [index, weight];
}

function columnNamed(batches: readonly RecordBatch[], name: string): Vector {
  expect(batches.length).toBe(1);
  return batches[0]!.getChild(name)!;
}

async function expectReadable(
  schema: CollectionSchema,
  batches: readonly ColumnBatch[],
): Promise<void> {
  const { store, info } = await write(schema, batches);
  const scalars = tableFromIPC(await bytesOfObject(store, segmentColumnsKey(info.id)));
  const own = await open(info, schema, store).chunks[0]!.load(schema.fields);
  for (const each of schema.fields) {
    const table = isVector(each.type)
      ? tableFromIPC(await bytesOfObject(store, segmentVectorKey(info.id, each.id)))
      : scalars;
    const vector = columnNamed(table.batches, each.name);
    const expected = batches.flatMap((batch) => {
      const column = batch.columns.get(each.id)!;
      return Array.from({ length: batch.rowCount }, (_, row) => shown(column, row));
    });
    const rows = batches.flatMap((batch) => rowsOf(batch.columns.get(each.id)!));
    expect(rowsOf(own.get(each.id)!), each.name).toEqual(rows);
    expect(Array.from(vector, plain), each.name).toEqual(expected);
  }
}

describe('segment files', () => {
  it('show apache-arrow every type as it was written', async () => {
    await expectReadable(EVERY_TYPE, batchesOf(EVERY_TYPE, [40, 1, 33], 1));
  });

  it('show apache-arrow any fields in any pieces', async () => {
    const shapes = fc.array(fc.tuple(anyShape, fc.boolean()), { minLength: 1, maxLength: 4 });
    const counts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(shapes, counts, fc.nat(1000), async (list, rowCounts, seed) => {
        const fields = list.map(([shape, nullable], i) =>
          field(200 + i, shape.type, { ...shape, nullable }),
        );
        const schema = schemaOf([INT_KEY, ...fields]);
        await expectReadable(schema, batchesOf(schema, rowCounts, seed));
      }),
      { numRuns: 40 },
    );
  });

  it('of one schema have each the numbers of its own rows', async () => {
    for (const rowCounts of [[3], [70, 7], [1]]) {
      const batches = batchesOf(EVERY_TYPE, rowCounts, 5);
      await expectReadable(EVERY_TYPE, batches);
      const { store, info } = await write(EVERY_TYPE, batches);
      const bytes = await bytesOfObject(store, segmentColumnsKey(info.id));
      const end = bytes.length - 'ARROW1'.length - 4;
      const footerStart = end - Buffer.from(bytes).readUInt32LE(end);
      const block = Footer.decode(bytes.subarray(footerStart, end)).getRecordBatch(0)!;
      // Behind the body: the mark of the end of the stream.
      expect(block.offset + block.metaDataLength + block.bodyLength).toBe(footerStart - 8);
    }
  });

  it('say in their metadata what the fields are', async () => {
    const { store, info } = await write(EVERY_TYPE, batchesOf(EVERY_TYPE, [2], 1));
    const { schema } = tableFromIPC(await bytesOfObject(store, segmentColumnsKey(info.id)));
    const types = Object.fromEntries(schema.fields.map((each) => [each.name, String(each.type)]));
    expect(types).toMatchObject({
      Timestamp: 'Int64',
      field_100: 'Int64',
      field_200: 'Bool',
      field_205: 'Float32',
      // oxlint-disable-next-line unicorn/text-encoding-identifier-case -- what Arrow calls the type
      field_207: 'Utf8',
      field_210: 'Binary',
      field_211: 'Timestamp<MICROSECOND, UTC>',
      field_307: 'List<Utf8>',
    });
    const json = schema.fields.find(({ name }) => name === 'field_209')!;
    expect(json.metadata.get('ARROW:extension:name')).toBe('arrow.json');
    expect(json.metadata.get('milvus.field_id')).toBe('209');
    const vector = async (id: number): Promise<string> =>
      String(
        tableFromIPC(await bytesOfObject(store, segmentVectorKey(info.id, id))).schema.fields[0]!
          .type,
      );
    expect(await vector(400)).toBe('FixedSizeList[8]<Float32>');
    expect(await vector(401)).toBe('FixedSizeList[8]<Float16>');
    expect(await vector(402)).toBe('FixedSizeBinary[16]');
    expect(await vector(403)).toBe('FixedSizeList[8]<Int8>');
    expect(await vector(404)).toBe('FixedSizeBinary[1]');
    expect(await vector(500)).toBe('List<Struct<{index:Uint32, value:Float32}>>');
    expect(await vector(600)).toBe('List<FixedSizeList[8]<Float32>>');
  });

  it('begin their bodies at a multiple of 4,096 and every buffer at a multiple of 64', async () => {
    const { store, info } = await write(EVERY_TYPE, batchesOf(EVERY_TYPE, [9], 3));
    const { columns, files } = await readDescriptor(store, info.descriptor);
    const firsts = new Map<number, number>();
    for (const { file, buffers } of columns.values()) {
      for (const { offset } of buffers) {
        expect(offset % 64).toBe(0);
        firsts.set(file, Math.min(offset, firsts.get(file) ?? Number.POSITIVE_INFINITY));
      }
    }
    for (const offset of firsts.values()) expect(offset % 4096).toBe(0);
    expect(firsts.size).toBe(files.length - 1);
  });
});
