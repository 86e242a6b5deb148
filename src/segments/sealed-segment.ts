/**
 * An immutable segment in files, and the rows of it that are deleted by now. Making one reads nothing;
 * every read brings in what it needs, checked, through the cache.
 * Invariants: marks only grow; a mark is made in one step after everything it needs has been read, so a
 * reader sees all marks of a call or none.
 */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { MilvusError, milvusError } from '../base/errors.ts';
import { isMapped } from '../base/mapped-memory.ts';
import {
  type CollectionSchema,
  type FieldSchema,
  TIMESTAMP_FIELD,
} from '../schema/collection-schema.ts';
import { isKeptMapped } from '../schema/properties.ts';
import { missingColumn } from '../schema/column-builder.ts';
import type { Column } from '../schema/column.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ColumnCache, Lease } from './column-cache.ts';
import {
  type ColumnReading,
  heldByteLength,
  passRows,
  readColumn,
  SmallFile,
} from './column-file.ts';
import { DeleteBitmap } from './delete-bitmap.ts';
import { readDeleteFile, writeDeleteFile } from './delete-file.ts';
import { type ColumnDescriptor, readOwnDescriptor, type SegmentDescriptor } from './descriptor.ts';
import { ALL_ROWS, writtenWithin } from './row-set.ts';
import type {
  Chunk,
  ChunkIndex,
  ChunkScalarIndex,
  IndexFiles,
  IndexImage,
  IndexName,
  KeyCursor,
  KeyList,
  ReadMoment,
  RowsUser,
  RowsWatcher,
  SegmentReader,
  Zone,
} from './segment.ts';
import { readIndexImage } from './segment-index.ts';
import type { DeleteReference, SegmentIndex, SegmentInfo } from './segment-info.ts';
import { SegmentKeys } from './segment-keys.ts';

export interface SealedSegmentOptions {
  readonly schema: CollectionSchema;
  readonly store: ObjectStore;
  readonly cache: ColumnCache;
  /** Hears once of each index that cannot be used. */
  readonly onDamagedIndex?: (index: SegmentIndex, failure: unknown) => void;
}

export class SealedSegment implements SegmentReader {
  readonly info: SegmentInfo;
  readonly chunks: readonly Chunk[];
  readonly #keys: SegmentKeys;
  readonly #store: ObjectStore;
  readonly #cache: ColumnCache;
  /** By field: how its vectors were last asked for. */
  readonly #isKeptMapped = new Map<number, boolean>();
  #descriptor: Promise<SegmentDescriptor> | null = null;
  /** Columns that were read with the others of their file, by field. */
  readonly #inSmallFiles = new Map<number, ColumnDescriptor>();
  #deletes: DeleteBitmap | null;
  #deletesLoading: Promise<DeleteBitmap> | null = null;
  /** Fields whose vectors were shown once without being kept. */
  readonly #passed = new Set<number>();
  /** The last answer of `#writtenWithin`. */
  #written: { readonly from: bigint; readonly to: bigint; readonly rows: Bitmap } | null = null;
  #indexes: readonly SegmentIndex[];
  /** Keys of images that cannot be used. */
  readonly #damaged = new Set<string>();
  readonly #onDamagedIndex: NonNullable<SealedSegmentOptions['onDamagedIndex']>;
  #isClosed = false;

  constructor(info: SegmentInfo, options: SealedSegmentOptions) {
    this.info = info;
    this.#indexes = info.indexes;
    this.#onDamagedIndex = options.onDamagedIndex ?? (() => undefined);
    this.#store = options.store;
    this.#cache = options.cache;
    const primary = options.schema.fields.find((field) => field.isPrimaryKey);
    this.#keys = new SegmentKeys({
      segmentId: info.id,
      store: options.store,
      cache: options.cache,
      zone: info.zones.get(must(primary, 'a collection has a primary key').id),
      describe: async () => await this.#describe(),
    });
    this.#deletes = info.deletes === null ? new DeleteBitmap() : null;
    const { rowCount } = info;
    const load: Chunk['load'] = async (fields, onRows) => {
      const columns = await this.#load(fields, onRows);
      const younger = fields.filter(({ id }) => !columns.has(id));
      for (const field of younger) columns.set(field.id, missingColumn(field, rowCount));
      return columns;
    };
    const loadWritten: Chunk['loadWritten'] = async (fields) => await this.#load(fields);
    const pass: Chunk['pass'] = async (field, use) => await this.#pass(field, use);
    const index: Chunk['index'] = (name) => this.#index(name);
    const scalarIndex: Chunk['scalarIndex'] = (name) => this.#scalarIndex(name);
    const peek: Chunk['peek'] = (field) => this.#peek(field);
    this.chunks = [{ rowStart: 0, rowCount, load, loadWritten, pass, peek, index, scalarIndex }];
  }

  get id(): number {
    return this.info.id;
  }

  get partitionId(): number {
    return this.info.partitionId;
  }

  get rowCount(): number {
    return this.info.rowCount;
  }

  /** Rows deleted so far, as far as known without reading: at least those of the delete file. */
  get deletedCount(): number {
    return this.#deletes?.count ?? this.info.deletes?.rowCount ?? 0;
  }

  /** As `deletedCount`, of marks at or before a moment; none where only a later count is known. */
  deletedCountAt(timestamp: bigint): number {
    if (this.#deletes !== null) return this.#deletes.countAt(timestamp);
    const { deletes } = this.info;
    return deletes !== null && deletes.timestamp <= timestamp ? deletes.rowCount : 0;
  }

  /** Keys of images that cannot be used. */
  get damagedIndexes(): readonly string[] {
    return [...this.#damaged];
  }

  /** From now on these; what is being read of others is read to its end. */
  setIndexes(indexes: readonly SegmentIndex[]): void {
    const kept = new Set(indexes.map(({ image }) => image.key));
    for (const { image } of this.#indexes) {
      if (!kept.has(image.key)) this.#cache.forget(this.id, indexName(image.key));
    }
    this.#indexes = indexes;
    for (const key of this.#damaged) if (!kept.has(key)) this.#damaged.delete(key);
  }

  zone(fieldId: number): Zone | undefined {
    return this.info.zones.get(fieldId);
  }

  async visible(timestamp: bigint, expiredBefore: bigint): Promise<Bitmap | null> {
    this.#checkOpen();
    const { rowCount, minTimestamp, maxTimestamp } = this.info;
    if (timestamp < minTimestamp || expiredBefore > maxTimestamp) return new Bitmap(rowCount);
    const deletes = await this.deletes();
    // Row timestamps decide only where the read's bounds cut through those of the segment.
    if (timestamp >= maxTimestamp && expiredBefore <= minTimestamp) {
      return deletes.visible(rowCount, timestamp);
    }
    const written = await this.#writtenWithin(expiredBefore, timestamp);
    const visible = deletes.visible(rowCount, timestamp);
    return visible === null ? written : visible.and(written);
  }

  visibleName(timestamp: bigint, expiredBefore: bigint): string | null {
    const { minTimestamp, maxTimestamp } = this.info;
    if (this.#isClosed || this.#deletes === null) return null;
    if (timestamp < maxTimestamp || expiredBefore > minTimestamp) return null;
    const applied = this.#deletes.countAt(timestamp);
    // Any mark more, even one put between older ones, makes another count.
    return applied === 0 ? ALL_ROWS : `${applied} of ${this.#deletes.count}`;
  }

  async rowsOfKeys(keys: KeyList): Promise<Uint32Array> {
    this.#checkOpen();
    return await this.#keys.rowsOf(keys);
  }

  peekRowsOfKeys(keys: KeyList, { timestamp, expiredBefore }: ReadMoment): Uint32Array | null {
    const { minTimestamp, maxTimestamp } = this.info;
    const deletes = this.#deletes;
    if (this.#isClosed || deletes === null) return null;
    if (timestamp < maxTimestamp || expiredBefore > minTimestamp) return null;
    // Marks that are newer than the moment would have to be told apart.
    if (deletes.countAt(timestamp) !== deletes.count) return null;
    const rows = this.#keys.peekRowsOf(keys);
    if (rows === null || deletes.count === 0) return rows;
    return rows.filter((row) => !deletes.has(row));
  }

  async rowsByKey(after: KeyList | null): Promise<KeyCursor> {
    this.#checkOpen();
    return await this.#keys.cursor(after);
  }

  /**
   * Marks the rows of `keys` that were written before `timestamp` and are not marked yet. Calls come one at
   * a time, in order of their timestamps.
   * @returns how many rows were marked
   */
  async markDeleted(keys: KeyList, timestamp: bigint): Promise<number> {
    if (timestamp <= this.info.minTimestamp) return 0;
    const rows = await this.rowsOfKeys(keys);
    if (rows.length === 0) return 0;
    const deletes = await this.deletes();
    // Only a segment that holds rows newer than the delete has to look at each.
    const lease = timestamp > this.info.maxTimestamp ? null : await this.#timestamps();
    let marked = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (lease !== null && lease.value[row]! >= timestamp) continue;
      if (deletes.mark(row, timestamp)) marked++;
    }
    lease?.release();
    return marked;
  }

  /** Every mark so far, those of the delete file included. */
  async deletes(): Promise<DeleteBitmap> {
    if (this.#deletes !== null) return this.#deletes;
    this.#checkOpen();
    this.#deletesLoading ??= this.#readDeletes().finally(() => {
      this.#deletesLoading = null;
    });
    return await this.#deletesLoading;
  }

  /** Writes a delete file with every mark so far, durable when this resolves; nothing refers to it yet. */
  async writeDeletes(): Promise<DeleteReference> {
    const deletes = await this.deletes();
    const filed = this.info.deletes?.timestamp ?? 0n;
    const timestamp = deletes.lastTimestamp > filed ? deletes.lastTimestamp : filed;
    return await writeDeleteFile(this.#store, this.info, { deletes, timestamp });
  }

  /** Frees what was read; marks stay. The next read brings it back. */
  evict(): void {
    this.#cache.drop(this.id);
    this.#passed.clear();
    this.#written = null;
    this.#descriptor = null;
  }

  /** Frees everything; no call may follow. */
  close(): void {
    this.#isClosed = true;
    this.evict();
  }

  async #load(fields: readonly FieldSchema[], onRows?: RowsWatcher): Promise<Map<number, Column>> {
    this.#checkOpen();
    const columns = new Map<number, Column>();
    const leases: Array<Lease<Column>> = [];
    try {
      for (const field of fields) {
        const lease = await this.#acquireColumn(field.id, {
          ...(onRows === undefined ? {} : { onRows }),
          isMapped: isKeptMapped(field),
        });
        if (lease === null) continue;
        leases.push(lease);
        columns.set(field.id, lease.value);
      }
    } finally {
      for (const lease of leases) lease.release();
    }
    return columns;
  }

  #peek(field: FieldSchema): Column | null {
    if (this.#isClosed) return null;
    const small = this.#inSmallFiles.get(field.id);
    if (small !== undefined) {
      const file = this.#cache.peek(this.id, fileName(small.file)) as SmallFile | undefined;
      return file?.column(small) ?? null;
    }
    const column = this.#cache.peek(this.id, columnName(field.id)) as Column | undefined;
    return column ?? null;
  }

  #indexOf(name: IndexName): SegmentIndex | null {
    const index = this.#indexes.find(
      ({ indexId, fingerprint }) => indexId === name.indexId && fingerprint === name.fingerprint,
    );
    return index === undefined || this.#damaged.has(index.image.key) ? null : index;
  }

  #scalarIndex(name: IndexName): ChunkScalarIndex | null {
    const index = this.#indexOf(name);
    if (index === null) return null;
    return {
      open: async () => await this.#openImage(index, name.isMapped === true),
      reportDamage: (failure) => this.#reportDamage(index, failure),
    };
  }

  #index(name: IndexName): ChunkIndex | null {
    const index = this.#indexOf(name);
    if (index === null) return null;
    return {
      open: async (field) =>
        await this.#openIndex(index, { field, isMapped: name.isMapped === true }),
      peek: (field) => {
        const vectors = this.#peek(field);
        const image = this.#cache.peek(this.id, indexName(index.image.key)) as
          | IndexImage
          | undefined;
        return vectors === null || image === undefined ? null : { image, vectors };
      },
      reportDamage: (failure) => this.#reportDamage(index, failure),
    };
  }

  /** A column that cannot be read fails the search; an image that cannot leaves it to the scan. */
  async #openIndex(
    index: SegmentIndex,
    { field, isMapped: isKept }: { readonly field: FieldSchema; readonly isMapped: boolean },
  ): Promise<IndexFiles | null> {
    const columns = await this.#load([field]);
    const vectors = must(columns.get(field.id), 'the vectors are loaded');
    const image = await this.#openImage(index, isKept);
    return image === null ? null : { image, vectors };
  }

  async #openImage(index: SegmentIndex, isKept: boolean): Promise<IndexImage | null> {
    this.#checkOpen();
    const memory = isKept ? 'mapped' : 'shared';
    try {
      const lease = await this.#cache.acquire(this.id, indexName(index.image.key), async () => {
        const bytes = await readIndexImage(this.#store, index, memory);
        const value: IndexImage = { bytes };
        return { value, byteLength: isMapped(bytes) ? MAPPED_BYTES : bytes.buffer.byteLength };
      });
      lease.release();
      return lease.value;
    } catch (failure) {
      if (!(failure instanceof MilvusError) || !UNUSABLE.includes(failure.reason)) throw failure;
      this.#reportDamage(index, failure);
      return null;
    }
  }

  #reportDamage(index: SegmentIndex, failure: unknown): void {
    if (this.#damaged.has(index.image.key)) return;
    this.#damaged.add(index.image.key);
    this.#cache.forget(this.id, indexName(index.image.key));
    this.#onDamagedIndex(index, failure);
  }

  async #pass(field: FieldSchema, use: RowsUser): Promise<boolean> {
    this.#checkOpen();
    if (this.#passed.has(field.id) || this.#cache.has(this.id, columnName(field.id))) return false;
    this.#passed.add(field.id);
    const descriptor = await this.#describe();
    const column = descriptor.columns.get(field.id);
    return column !== undefined && (await passRows(this.#store, descriptor, column, use));
  }

  /** Null: the rows are older than the field. */
  async #acquireColumn(
    fieldId: number,
    reading: ColumnReading = {},
  ): Promise<Lease<Column> | null> {
    const descriptor = await this.#describe();
    const column = descriptor.columns.get(fieldId);
    if (column === undefined) return null;
    if (SmallFile.holds(descriptor, column)) {
      this.#inSmallFiles.set(fieldId, column);
      const lease = await this.#cache.acquire(this.id, fileName(column.file), async () => {
        const value = await SmallFile.read(this.#store, descriptor, column.file);
        return { value, byteLength: value.byteLength };
      });
      return { value: lease.value.column(column), release: () => lease.release() };
    }
    const { isMapped: isKept } = reading;
    // An index that came or went may say another thing of the field than before.
    if (isKept !== undefined) {
      const isOther = (this.#isKeptMapped.get(fieldId) ?? isKept) !== isKept;
      if (isOther) this.#cache.forget(this.id, columnName(fieldId));
      this.#isKeptMapped.set(fieldId, isKept);
    }
    return await this.#cache.acquire(this.id, columnName(fieldId), async () => {
      const value = await readColumn(this.#store, descriptor, column, reading);
      const isInFile = value.kind === 'vector' && isMapped(value.values);
      return { value, byteLength: isInFile ? MAPPED_BYTES : heldByteLength(descriptor, column) };
    });
  }

  /** Rows written in [from, to]. The last answer is kept: pages of one moment ask again and again. */
  async #writtenWithin(from: bigint, to: bigint): Promise<Bitmap> {
    const start = from <= this.info.minTimestamp ? 0n : from;
    const known = this.#written;
    if (known?.from === start && known.to === to) return known.rows.clone();
    const lease = await this.#timestamps();
    const rows = writtenWithin(lease.value, start, to);
    lease.release();
    this.#written = { from: start, to, rows };
    return rows.clone();
  }

  async #timestamps(): Promise<Lease<BigInt64Array>> {
    const lease = must(
      await this.#acquireColumn(TIMESTAMP_FIELD),
      'every segment has row timestamps',
    );
    const { value } = lease;
    if (value.kind !== 'fixed' || !(value.values instanceof BigInt64Array)) {
      const fields = { key: this.info.descriptor.key };
      throw milvusError('DataIntegrity', { message: 'row timestamps are not int64', fields });
    }
    return { value: value.values, release: () => lease.release() };
  }

  async #describe(): Promise<SegmentDescriptor> {
    this.#descriptor ??= this.#readDescriptor();
    const reading = this.#descriptor;
    try {
      return await reading;
    } catch (failure) {
      // The next read tries again.
      if (this.#descriptor === reading) this.#descriptor = null;
      throw failure;
    }
  }

  async #readDescriptor(): Promise<SegmentDescriptor> {
    return await readOwnDescriptor(this.#store, this.info);
  }

  async #readDeletes(): Promise<DeleteBitmap> {
    const reference = must(this.info.deletes, 'there is a delete file');
    this.#deletes = await readDeleteFile(this.#store, reference, this.rowCount);
    return this.#deletes;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw milvusError('SegmentNotLoaded', { fields: { segment: this.id } });
  }
}

/** What the cache counts for what stays in its file: something, for it is there. */
const MAPPED_BYTES = 4096;

/** What says that an index is damaged, gone, or of a newer version: it is built anew. */
const UNUSABLE: readonly string[] = ['DataIntegrity', 'IoKeyNotFound', 'FormatNotSupported'];

/** Under which the cache keeps an image. */
function indexName(imageKey: string): string {
  return `index-${imageKey}`;
}

/** Under which the cache keeps all columns of a small file. */
function fileName(index: number): string {
  return `file-${index}`;
}

/** Under which the cache keeps a column. */
function columnName(fieldId: number): string {
  return `column-${fieldId}`;
}
