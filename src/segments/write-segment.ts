/**
 * Makes a sealed segment of rows: all its objects durable, the descriptor last, and nothing refers to any
 * of them until the caller publishes the SegmentInfo. A failure leaves at most objects nobody refers to,
 * and takes back what it can, so that a full disk has its space again.
 */
import { assert, must } from '../base/assert.ts';
import { crc32 } from '../base/checksum.ts';
import type { Clock } from '../base/clock.ts';
import {
  type CollectionSchema,
  type FieldSchema,
  TIMESTAMP_FIELD,
} from '../schema/collection-schema.ts';
import type { Column } from '../schema/column.ts';
import { DataType, isVector } from '../schema/data-type.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import {
  segmentColumnsKey,
  segmentDescriptorKey,
  segmentKeysKey,
  segmentVectorKey,
} from '../storage/paths.ts';
import { CheckedWriter } from './checked-writer.ts';
import { ColumnMeter } from './column-buffers.ts';
import type { DeleteBitmap } from './delete-bitmap.ts';
import {
  type ColumnDescriptor,
  encodeDescriptor,
  type FileDescriptor,
  type KeysDescriptor,
} from './descriptor.ts';
import { joinKeys, keysOfColumn } from './key-list.ts';
import { writeKeyIndex } from './primary-key-index.ts';
import type { RowSource } from './row-source.ts';
import { writeDeleteFile } from './delete-file.ts';
import { type FileColumn, writeArrowFile } from './segment-file.ts';
import type { KeyList, Zone } from './segment.ts';
import type { DeleteReference, ObjectReference, SegmentInfo } from './segment-info.ts';
import { hasZone, ZoneBuilder } from './zone-map.ts';

export interface SegmentContent {
  /** Fresh: no object of a segment of this id was ever written. */
  readonly id: number;
  readonly partitionId: number;
  readonly level: number;
  readonly schema: CollectionSchema;
  /** At least one. */
  readonly rows: RowSource;
  /** Which of the rows are deleted; marks up to `timestamp` are written. */
  readonly deletes: { readonly marks: DeleteBitmap; readonly timestamp: bigint } | null;
}

export interface SegmentWorld {
  readonly store: ObjectStore;
  readonly clock: Clock;
}

/** @throws MilvusError DiskLimitExceeded, IoFailed; nothing refers to what was written */
export async function writeSegment(content: SegmentContent & SegmentWorld): Promise<SegmentInfo> {
  assert(content.rows.rowCount > 0, 'a sealed segment has rows');
  const writing = new SegmentWriting(content);
  try {
    return await writing.run();
  } catch (failure) {
    await writing.takeBack();
    throw failure;
  }
}

class SegmentWriting {
  readonly #content: SegmentContent & SegmentWorld;
  readonly #files: FileDescriptor[] = [];
  readonly #references: ObjectReference[] = [];
  readonly #columns: ColumnDescriptor[] = [];
  readonly #zones = new Map<number, Zone>();
  /** Keys of objects that are durable. */
  readonly #committed: string[] = [];
  #minTimestamp = 0n;
  #maxTimestamp = 0n;

  constructor(content: SegmentContent & SegmentWorld) {
    this.#content = content;
  }

  async run(): Promise<SegmentInfo> {
    const { id, partitionId, level, schema, rows } = this.#content;
    await this.#writeScalars(); // 1. every scalar column and the row timestamps
    for (const field of schema.fields) {
      if (isVector(field.type)) await this.#writeVectors(field); // 2. each vector column
    }
    const keys = await this.#writeKeys(); // 3. the key index
    const deletes = await this.#writeDeletes(); // 4. the marks
    const descriptor = await this.#writeDescriptor(keys); // 5. what makes sense of the others
    const parts = [...this.#references, descriptor, ...(deletes === null ? [] : [deletes])];
    return {
      id,
      partitionId,
      level,
      rowCount: rows.rowCount,
      byteLength: parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
      schemaVersion: schema.version,
      minTimestamp: this.#minTimestamp,
      maxTimestamp: this.#maxTimestamp,
      descriptor,
      objects: this.#references,
      deletes,
      indexes: [],
      zones: this.#zones,
    };
  }

  /**
   * Removes what a failed attempt has made, and nothing that was there before it. What cannot be removed
   * now is left to garbage collection.
   */
  async takeBack(): Promise<void> {
    await Promise.allSettled([this.#content.store.remove(this.#committed)]);
  }

  async #writeScalars(): Promise<void> {
    const { id, schema } = this.#content;
    const columns: FileColumn[] = [await this.#timestampColumn()];
    for (const field of schema.fields) {
      if (!isVector(field.type)) columns.push(await this.#measured(field));
    }
    const file = this.#files.length;
    await this.#writeFile(segmentColumnsKey(id), async (writer) => {
      this.#columns.push(...(await writeArrowFile(writer, columns, file)));
    });
  }

  async #writeVectors(field: FieldSchema): Promise<void> {
    const column = await this.#measured(field);
    const file = this.#files.length;
    await this.#writeFile(segmentVectorKey(this.#content.id, field.id), async (writer) => {
      this.#columns.push(...(await writeArrowFile(writer, [column], file)));
    });
  }

  async #writeKeys(): Promise<KeysDescriptor> {
    const { id, clock } = this.#content;
    const keys = await this.#primaryKeys();
    const file = this.#files.length;
    let filterByteLength = 0;
    await this.#writeFile(segmentKeysKey(id), async (writer) => {
      filterByteLength = await writeKeyIndex(writer, keys, clock);
    });
    return { file, kind: keys.kind, filterByteLength };
  }

  async #writeDeletes(): Promise<DeleteReference | null> {
    const { id, rows, deletes, store } = this.#content;
    if (deletes === null || deletes.marks.countAt(deletes.timestamp) === 0) return null;
    const { marks, timestamp } = deletes;
    const segment = { id, rowCount: rows.rowCount };
    const reference = await writeDeleteFile(store, segment, { deletes: marks, timestamp });
    this.#committed.push(reference.key);
    return reference;
  }

  async #writeDescriptor(keys: KeysDescriptor): Promise<ObjectReference> {
    const { id, rows, schema } = this.#content;
    const bytes = encodeDescriptor({
      segmentId: id,
      rowCount: rows.rowCount,
      schemaVersion: schema.version,
      files: this.#files,
      columns: new Map(this.#columns.map((column) => [column.fieldId, column])),
      keys,
    });
    const key = segmentDescriptorKey(id);
    const { store, clock } = this.#content;
    const writer = await CheckedWriter.create(store, key, clock);
    await finish(writer, async () => await writer.write(bytes));
    return { key, byteLength: bytes.length, checksum: crc32(bytes) };
  }

  async #writeFile(key: string, fill: (writer: CheckedWriter) => Promise<void>): Promise<void> {
    const { store, clock } = this.#content;
    const writer = await CheckedWriter.create(store, key, clock);
    const { file, reference } = await finish(writer, async () => await fill(writer));
    this.#committed.push(key);
    this.#files.push(file);
    this.#references.push(reference);
  }

  /** Row timestamps as the column of a system field. */
  async #timestampColumn(): Promise<FileColumn> {
    const { rows } = this.#content;
    const pieces = async function* timestampPieces(): AsyncGenerator<Column> {
      for await (const values of rows.timestamps()) {
        yield { kind: 'fixed', type: DataType.Int64, values, validity: null };
      }
    };
    const { size, zone } = await this.#measure(pieces);
    this.#minTimestamp = timestampOf(zone.min);
    this.#maxTimestamp = timestampOf(zone.max);
    return { field: TIMESTAMP, size, pieces };
  }

  async #measured(field: FieldSchema): Promise<FileColumn> {
    const { rows } = this.#content;
    const pieces = (): AsyncIterable<Column> => rows.pieces(field);
    const { size, zone } = await this.#measure(pieces);
    if (hasZone(field)) this.#zones.set(field.id, zone);
    return { field, size, pieces };
  }

  async #measure(
    pieces: () => AsyncIterable<Column>,
  ): Promise<{ readonly size: FileColumn['size']; readonly zone: Zone }> {
    const meter = new ColumnMeter(this.#content.rows.rowCount);
    const zone = new ZoneBuilder();
    for await (const piece of pieces()) {
      meter.add(piece);
      zone.add(piece);
      await this.#content.clock.yieldTurn();
    }
    return { size: meter.size(), zone: zone.zone() };
  }

  async #primaryKeys(): Promise<KeyList> {
    const { schema, rows } = this.#content;
    const field = must(
      schema.fields.find(({ isPrimaryKey }) => isPrimaryKey),
      'a collection has a primary key',
    );
    const lists: KeyList[] = [];
    for await (const piece of rows.pieces(field)) lists.push(keysOfColumn(piece));
    return joinKeys(must(lists[0], 'there are rows').kind, lists);
  }
}

/** Fills an object and makes it durable, or leaves nothing of it. */
async function finish(
  writer: CheckedWriter,
  fill: () => Promise<void>,
): Promise<Awaited<ReturnType<CheckedWriter['commit']>>> {
  try {
    await fill();
    return await writer.commit();
  } catch (failure) {
    await writer.abort();
    throw failure;
  }
}

function timestampOf(bound: Zone['min']): bigint {
  assert(typeof bound === 'bigint', 'row timestamps are int64');
  return bound;
}

const TIMESTAMP: FieldSchema = {
  id: TIMESTAMP_FIELD,
  name: 'Timestamp',
  description: '',
  type: DataType.Int64,
  isPrimaryKey: false,
  autoId: false,
  isPartitionKey: false,
  isClusteringKey: false,
  isDynamic: false,
  nullable: false,
  params: {},
};
