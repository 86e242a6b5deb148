/** Schemas, rows and a store in memory for the tests of segments. */
import { must } from '../../src/base/assert.ts';
import type { CollectionSchema, FieldSchema } from '../../src/schema/collection-schema.ts';
import type { Column, ColumnBatch } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { diskStore } from '../../src/storage/disk-store.ts';
import { memoryDisk } from '../../src/storage/memory-disk.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { ColumnCache } from '../../src/segments/column-cache.ts';
import { DeleteBitmap } from '../../src/segments/delete-bitmap.ts';
import type { RowSource } from '../../src/segments/row-source.ts';
import { SealedSegment } from '../../src/segments/sealed-segment.ts';
import type { KeyList } from '../../src/segments/segment.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';
import { writeSegment } from '../../src/segments/write-segment.ts';
import { randomColumn } from '../schema/arbitraries.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { SimClock } from '../sim/sim-clock.ts';
import type { Disk } from '../../src/storage/disk.ts';

export const KEY = 100;
export const VECTOR = 101;

export function field(id: number, type: DataType, more: Partial<FieldSchema> = {}): FieldSchema {
  return {
    id,
    name: `field_${id}`,
    description: '',
    type,
    isPrimaryKey: false,
    autoId: false,
    isPartitionKey: false,
    isClusteringKey: false,
    isDynamic: false,
    nullable: false,
    params: {},
    ...more,
  };
}

export function schemaOf(fields: readonly FieldSchema[], version = 1): CollectionSchema {
  return {
    name: 'test',
    description: '',
    fields,
    structs: [],
    enableDynamicField: false,
    lastFieldId: 120,
    version,
  };
}

export const INT_KEY: FieldSchema = field(KEY, DataType.Int64, { isPrimaryKey: true });
export const TEXT_KEY: FieldSchema = field(KEY, DataType.VarChar, {
  isPrimaryKey: true,
  maxLength: 99,
});

/** A key and a small vector. */
export const PLAIN: CollectionSchema = schemaOf([
  INT_KEY,
  field(VECTOR, DataType.FloatVector, { dim: 4 }),
]);

const T = DataType;
const SCALARS = [
  T.Bool,
  T.Int8,
  T.Int16,
  T.Int32,
  T.Int64,
  T.Float,
  T.Double,
  T.VarChar,
  T.Text,
  T.JSON,
  T.Geometry,
  T.Timestamptz,
];
const DENSE = [T.FloatVector, T.Float16Vector, T.BFloat16Vector, T.Int8Vector, T.BinaryVector];

/** One field of every type that can be stored. */
export const EVERY_TYPE: CollectionSchema = schemaOf([
  INT_KEY,
  ...SCALARS.map((type, i) => field(200 + i, type, { nullable: true })),
  ...SCALARS.slice(0, 8).map((elementType, i) =>
    field(300 + i, T.Array, { elementType, maxCapacity: 10, nullable: true }),
  ),
  ...DENSE.map((type, i) => field(400 + i, type, { dim: 8, nullable: true })),
  field(500, T.SparseFloatVector, { nullable: true }),
  ...DENSE.map((type, i) =>
    field(600 + i, T.ArrayOfVector, { elementType: type, dim: 8, nullable: true }),
  ),
]);

export function intKeys(...values: number[]): KeyList {
  return { kind: 'int64', values: BigInt64Array.from(values, BigInt) };
}

export function textKeys(...texts: string[]): Extract<KeyList, { kind: 'text' }> {
  const encoded = texts.map((text) => Buffer.from(text));
  const offsets = new Uint32Array(texts.length + 1);
  for (const [i, bytes] of encoded.entries()) offsets[i + 1] = offsets[i]! + bytes.length;
  return { kind: 'text', offsets, bytes: new Uint8Array(Buffer.concat(encoded)) };
}

export function keyColumn(keys: KeyList): Column {
  return keys.kind === 'int64'
    ? { kind: 'fixed', type: T.Int64, values: keys.values, validity: null }
    : { kind: 'bytes', type: T.VarChar, offsets: keys.offsets, bytes: keys.bytes, validity: null };
}

/** Rows with these keys; what `seed` makes of the other fields. */
export function batchOf(schema: CollectionSchema, keys: KeyList, seed = 1): ColumnBatch {
  const column = keyColumn(keys);
  const rowCount = keys.kind === 'int64' ? keys.values.length : keys.offsets.length - 1;
  const columns = new Map<number, Column>();
  for (const each of schema.fields) {
    const made = each.isPrimaryKey ? column : real(randomColumn(each, rowCount, seed + each.id));
    columns.set(each.id, each.nullable ? made : { ...made, validity: null });
  }
  return { rowCount, columns };
}

/** Values that the types really have: Bool is 0 or 1, text is UTF-8. */
function real(column: Column): Column {
  if (column.kind === 'list') {
    return { ...column, elements: real(column.elements) as typeof column.elements };
  }
  if (column.kind === 'fixed' && column.type === T.Bool) {
    return { ...column, values: (column.values as Uint8Array).map((value) => value & 1) };
  }
  if (column.kind === 'fixed' && column.type === T.Timestamptz) {
    // Whole milliseconds of some centuries, so that others can show them as numbers.
    const micros = column.values as BigInt64Array;
    return { ...column, values: micros.map((value) => (value % 1_000_000_000_000n) * 1000n) };
  }
  if (column.kind === 'bytes' && column.type !== T.Geometry) {
    return { ...column, bytes: column.bytes.map((byte) => byte & 0x7f) };
  }
  return column;
}

export function memoryStore(disk: Disk = memoryDisk(new SimClock())): ObjectStore {
  return diskStore(disk, '', new SeededRandom(7));
}

export interface SealOptions {
  readonly id?: number;
  readonly schema: CollectionSchema;
  readonly store: ObjectStore;
  readonly rows: RowSource;
  readonly marks?: DeleteBitmap;
  readonly level?: number;
}

export async function seal(options: SealOptions): Promise<SegmentInfo> {
  const marks = options.marks ?? new DeleteBitmap();
  return await writeSegment({
    id: options.id ?? 1,
    partitionId: 5,
    level: options.level ?? 0,
    schema: options.schema,
    rows: options.rows,
    deletes: { marks, timestamp: marks.lastTimestamp },
    store: options.store,
    clock: new SimClock(),
  });
}

export function open(
  info: SegmentInfo,
  schema: CollectionSchema,
  store: ObjectStore,
  cache: ColumnCache = new ColumnCache(1 << 24),
): SealedSegment {
  return new SealedSegment(info, { schema, store, cache });
}

/** The bytes of an object. */
export async function bytesOfObject(store: ObjectStore, key: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(must(await store.byteLength(key), `${key} is there`));
  await store.readInto(key, 0, bytes);
  return bytes;
}

/** Stores `bytes` as an object. */
export async function put(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  const writer = await store.create(key);
  await writer.write(bytes);
  await writer.commit();
}
