/**
 * Rows in memory that are not in files yet. One writer appends; readers hold snapshots.
 * Invariants:
 *  - row timestamps ascend, so the rows a read at some timestamp may see are the first ones;
 *  - rows never change and never move; a snapshot stays right while rows are appended and deleted;
 *  - of the rows of one key only the newest is not marked in `deletes`.
 */
import { assert, must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import type { Clock } from '../base/clock.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { Column, ColumnBatch } from '../schema/column.ts';
import { DeleteBitmap } from './delete-bitmap.ts';
import { GrowingChunk } from './growing-chunk.ts';
import { keyCount, keysOfColumn, pickKeys } from './key-list.ts';
import { countUpTo, orderKeys } from './key-order.ts';
import { KeyTable, NO_ROW } from './key-table.ts';
import { ascendingRows } from './row-set.ts';
import type { RowSource } from './row-source.ts';
import type { Chunk, KeyCursor, KeyList, SegmentReader, Zone } from './segment.ts';

export interface GrowingSegmentOptions {
  readonly id: number;
  readonly partitionId: number;
  readonly primaryFieldId: number;
}

export class GrowingSegment {
  readonly id: number;
  readonly partitionId: number;
  readonly deletes: DeleteBitmap = new DeleteBitmap();
  readonly #primaryFieldId: number;
  readonly #chunks: GrowingChunk[] = [];
  #table: KeyTable | null = null;
  #keyOrder: KeyOrder | null = null;
  #rowCount = 0;
  #chunkBytes = 0;
  #minTimestamp = 0n;
  #maxTimestamp = 0n;

  constructor(options: GrowingSegmentOptions) {
    this.id = options.id;
    this.partitionId = options.partitionId;
    this.#primaryFieldId = options.primaryFieldId;
  }

  /** Deleted and superseded rows included. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Bytes of its rows and of what finds them. */
  get byteLength(): number {
    const orderBytes = this.#keyOrder?.rows.byteLength ?? 0;
    return this.#chunkBytes + (this.#table?.byteLength ?? 0) + this.deletes.byteLength + orderBytes;
  }

  /** Of its first row; 0 while there is none. */
  get minTimestamp(): bigint {
    return this.#minTimestamp;
  }

  /** Of its last row; 0 while there is none. */
  get maxTimestamp(): bigint {
    return this.#maxTimestamp;
  }

  /**
   * Adds rows; each supersedes the rows of its key that are here already, the last one of a key in `batch`
   * also those before it. Rows of the same key in other segments are the caller's.
   * @returns the row offset of the first
   */
  append(batch: ColumnBatch, timestamp: bigint): number {
    const first = this.#rowCount;
    if (batch.rowCount === 0) return first;
    const keys = keysOfColumn(batch.columns.get(this.#primaryFieldId));
    assert(keyCount(keys) === batch.rowCount, 'every row has a primary key');
    for (let start = 0; start < batch.rowCount; ) {
      const chunk = this.#chunkFor(batch);
      const bytesBefore = chunk.byteLength;
      start = chunk.append(batch, start, timestamp);
      this.#chunkBytes += chunk.byteLength - bytesBefore;
    }
    const table = this.#tableFor(keys);
    table.append(keys);
    this.#rowCount = first + batch.rowCount;
    for (let row = first; row < this.#rowCount; row++) {
      const older = table.previousRow(row);
      if (older !== NO_ROW) this.deletes.mark(older, timestamp);
    }
    if (first === 0) this.#minTimestamp = timestamp;
    this.#maxTimestamp = timestamp;
    return first;
  }

  /**
   * Marks the rows of `keys` that were written before `timestamp` and are not marked yet.
   * @param excludingRowsFrom rows at and above this offset stay
   * @returns how many rows were marked
   */
  markDeleted(keys: KeyList, timestamp: bigint, excludingRowsFrom: number = NO_ROW): number {
    if (this.#table === null) return 0;
    const rowEnd = Math.min(excludingRowsFrom, this.#rowCountAt(timestamp - 1n));
    const rows = this.#table.newestRows(keys);
    let marked = 0;
    for (let i = 0; i < rows.length; i++) {
      let row = rows[i]!;
      while (row !== NO_ROW && row >= rowEnd) row = this.#table.previousRow(row);
      if (row !== NO_ROW && this.deletes.mark(row, timestamp)) marked++;
    }
    return marked;
  }

  /** What a read at `timestamp` or before sees, whatever is appended later. */
  snapshot(timestamp: bigint): SegmentReader {
    return this.#reader(this.#rowCountAt(timestamp));
  }

  /** All rows, on their way into a sealed segment. */
  rows(): RowSource {
    return new GrowingRows([...this.#chunks], this.#rowCount);
  }

  /**
   * Rows in ascending order of their keys, at least the first `rowCount` of them. Kept until more are asked
   * for: pages of one moment ask again and again.
   */
  async #inKeyOrder(rowCount: number, clock: Pick<Clock, 'yieldTurn'>): Promise<KeyOrder> {
    if (this.#keyOrder !== null && this.#keyOrder.rows.length >= rowCount) return this.#keyOrder;
    const table = must(this.#table, 'rows have keys');
    const keys = table.keys(this.#rowCount);
    this.#keyOrder = { keys, rows: await orderKeys(keys, clock) };
    return this.#keyOrder;
  }

  #reader(rowCount: number): SegmentReader {
    const chunks: GrowingChunk[] = [];
    for (const chunk of this.#chunks) {
      if (chunk.rowStart >= rowCount) break;
      chunks.push(chunk);
    }
    const { id, partitionId, deletes } = this;
    const inKeyOrder = async (clock: Pick<Clock, 'yieldTurn'>): Promise<KeyOrder> =>
      await this.#inKeyOrder(rowCount, clock);
    const table = this.#table;
    return new GrowingSnapshot({ id, partitionId, deletes, rowCount, chunks, table, inKeyOrder });
  }

  #rowCountAt(timestamp: bigint): number {
    if (timestamp >= this.#maxTimestamp) return this.#rowCount;
    return rowCountAt(this.#chunks, timestamp);
  }

  #chunkFor(batch: ColumnBatch): GrowingChunk {
    const last = this.#chunks.at(-1);
    if (last?.takes(batch) === true) return last;
    last?.trim();
    const chunk = new GrowingChunk(last === undefined ? 0 : last.rowStart + last.rowCount, batch);
    this.#chunks.push(chunk);
    return chunk;
  }

  #tableFor(keys: KeyList): KeyTable {
    this.#table ??= new KeyTable(keys.kind);
    return this.#table;
  }
}

interface SnapshotParts {
  readonly id: number;
  readonly partitionId: number;
  readonly deletes: DeleteBitmap;
  readonly rowCount: number;
  readonly chunks: readonly GrowingChunk[];
  readonly table: KeyTable | null;
  readonly inKeyOrder: (clock: Pick<Clock, 'yieldTurn'>) => Promise<KeyOrder>;
}

/** Rows in ascending order of their keys; `keys` are those of row 0, 1, … */
interface KeyOrder {
  readonly keys: KeyList;
  readonly rows: Uint32Array;
}

class GrowingSnapshot implements SegmentReader {
  readonly #parts: SnapshotParts;
  readonly chunks: readonly Chunk[];

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.chunks = parts.chunks.map((chunk) => {
      const rowCount = Math.min(chunk.rowCount, parts.rowCount - chunk.rowStart);
      return {
        rowStart: chunk.rowStart,
        rowCount,
        load: async (fields) => chunk.columns(fields, rowCount),
        peek: (field) => chunk.columns([field], rowCount).get(field.id) ?? null,
      };
    });
  }

  get id(): number {
    return this.#parts.id;
  }

  get partitionId(): number {
    return this.#parts.partitionId;
  }

  get rowCount(): number {
    return this.#parts.rowCount;
  }

  /** Rows still come, so nothing is known without looking. */
  zone(): Zone | undefined {
    return undefined;
  }

  seesAll(timestamp: bigint, expiredBefore: bigint): boolean {
    const { rowCount, chunks, deletes } = this.#parts;
    if (deletes.countAt(timestamp) > 0 || rowCountAt(chunks, timestamp) < rowCount) return false;
    return rowCountAt(chunks, expiredBefore - 1n) === 0;
  }

  async visible(timestamp: bigint, expiredBefore: bigint): Promise<Bitmap | null> {
    const { rowCount, chunks, deletes } = this.#parts;
    const written = Math.min(rowCount, rowCountAt(chunks, timestamp));
    const expired = Math.min(written, rowCountAt(chunks, expiredBefore - 1n));
    const visible = deletes.visible(rowCount, timestamp);
    if (expired === 0 && written === rowCount) return visible;
    const readable = new Bitmap(rowCount);
    readable.setRange(expired, written);
    return visible === null ? readable : visible.and(readable);
  }

  async rowsOfKeys(keys: KeyList): Promise<Uint32Array> {
    const { table, rowCount } = this.#parts;
    if (table === null) return new Uint32Array(0);
    const newest = table.newestRows(keys);
    const found: number[] = [];
    for (let i = 0; i < newest.length; i++) {
      for (let row = newest[i]!; row !== NO_ROW; row = table.previousRow(row)) {
        if (row < rowCount) found.push(row);
      }
    }
    return ascendingRows(Uint32Array.from(found));
  }

  async rowsByKey(after: KeyList | null, clock: Pick<Clock, 'yieldTurn'>): Promise<KeyCursor> {
    const { rowCount, inKeyOrder } = this.#parts;
    // The order may hold rows that are younger than this snapshot.
    const { keys, rows } = await inKeyOrder(clock);
    const count = rows.length;
    let at = after === null ? 0 : countUpTo(keys, rows, { bound: after, count });
    return {
      next: async (wanted) => {
        let found = new Uint32Array(0);
        while (found.length === 0 && at < count) {
          found = rows.slice(at, at + wanted).filter((row) => row < rowCount);
          at += wanted;
        }
        return { rows: found, keys: pickKeys(keys, found) };
      },
    };
  }
}

class GrowingRows implements RowSource {
  readonly rowCount: number;
  readonly #chunks: readonly GrowingChunk[];

  constructor(chunks: readonly GrowingChunk[], rowCount: number) {
    this.#chunks = chunks;
    this.rowCount = rowCount;
  }

  async *pieces(field: FieldSchema): AsyncGenerator<Column> {
    for (const [chunk, rowCount] of this.#counted()) {
      yield must(chunk.columns([field], rowCount).get(field.id), 'a chunk answers every field');
    }
  }

  async *timestamps(): AsyncGenerator<BigInt64Array> {
    for (const [chunk, rowCount] of this.#counted()) yield chunk.timestamps(rowCount);
  }

  /** The chunks as they were when this was made: the last one may have grown since. */
  *#counted(): Generator<[GrowingChunk, number]> {
    for (const chunk of this.#chunks) {
      yield [chunk, Math.min(chunk.rowCount, this.rowCount - chunk.rowStart)];
    }
  }
}

/** Rows of `chunks` that were written at or before `timestamp`. */
function rowCountAt(chunks: readonly GrowingChunk[], timestamp: bigint): number {
  for (let i = chunks.length - 1; i >= 0; i--) {
    const chunk = must(chunks[i], 'in range');
    const count = chunk.rowCountAt(timestamp);
    if (count > 0) return chunk.rowStart + count;
  }
  return 0;
}
