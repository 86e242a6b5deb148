/**
 * Some rows of a growing segment that have the same fields: up to CHUNK_ROWS_MAX, fewer where a vector is
 * long. Small appends are gathered here, so that many single rows cost no more memory than one batch of them.
 */
import { assert, must } from '../base/assert.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { missingColumn } from '../schema/column-builder.ts';
import type { Column, ColumnBatch } from '../schema/column.ts';
import { type GrowingColumn, growingColumn } from './growing-column.ts';

export const CHUNK_ROWS_MAX = 8192;
const CHUNK_ROWS_MIN = 32;
/** Bytes of the vectors of one field in a chunk. */
const CHUNK_VECTOR_BYTES = 4 * 1024 * 1024;

export class GrowingChunk {
  readonly rowStart: number;
  readonly #columns: ReadonlyMap<number, GrowingColumn>;
  readonly #rowCountMax: number;
  #timestamps = new BigInt64Array(16);
  #rowCount = 0;
  #byteLength = 0;

  /** @param sample the first rows that will be added: they say which fields there are */
  constructor(rowStart: number, sample: ColumnBatch) {
    this.rowStart = rowStart;
    const columns = new Map<number, GrowingColumn>();
    for (const [fieldId, column] of sample.columns) columns.set(fieldId, growingColumn(column));
    this.#columns = columns;
    this.#rowCountMax = rowCountMax(sample);
    // Who writes many rows at once is about to write more: growing by doubling would copy them all again.
    if (sample.rowCount * 8 < this.#rowCountMax) return;
    for (const growing of columns.values()) growing.reserve(this.#rowCountMax);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Bytes of its rows. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Whether rows of `batch` may be added: there is room, and the schema did not change in between. */
  takes(batch: ColumnBatch): boolean {
    if (this.#rowCount >= this.#rowCountMax || batch.columns.size !== this.#columns.size)
      return false;
    for (const fieldId of batch.columns.keys()) {
      if (!this.#columns.has(fieldId)) return false;
    }
    return true;
  }

  /** Adds rows [start, end) of `batch`, as many as there is room for. @returns the row after the last added */
  append(batch: ColumnBatch, start: number, timestamp: bigint): number {
    const count = Math.min(batch.rowCount - start, this.#rowCountMax - this.#rowCount);
    const end = start + count;
    this.#appendTimestamps(timestamp, count);
    let byteLength = 0;
    for (const [fieldId, growing] of this.#columns) {
      growing.append(must(batch.columns.get(fieldId), 'a chunk has one set of fields'), start, end);
      byteLength += growing.byteLength;
    }
    this.#rowCount += count;
    this.#byteLength = byteLength + this.#rowCount * 8;
    if (this.#rowCount === this.#rowCountMax) this.trim();
    return end;
  }

  /** Gives memory back that no row takes; no more rows will come. */
  trim(): void {
    for (const growing of this.#columns.values()) growing.trim();
    this.#timestamps = this.#timestamps.slice(0, this.#rowCount);
  }

  /** Timestamps of the first `rowCount` rows. */
  timestamps(rowCount: number): BigInt64Array {
    return this.#timestamps.subarray(0, rowCount);
  }

  /** How many rows were written at or before `timestamp`; they are the first ones. */
  rowCountAt(timestamp: bigint): number {
    const last = this.#rowCount - 1;
    if (last >= 0 && this.#timestamps[last]! <= timestamp) return this.#rowCount;
    let low = 0;
    let high = this.#rowCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timestamps[middle]! <= timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first `rowCount` rows of each field; a field that these rows lack comes as its default or null. */
  columns(fields: readonly FieldSchema[], rowCount: number): ReadonlyMap<number, Column> {
    const columns = new Map<number, Column>();
    for (const field of fields) {
      const growing = this.#columns.get(field.id);
      columns.set(field.id, growing?.view(rowCount) ?? missingColumn(field, rowCount));
    }
    return columns;
  }

  #appendTimestamps(timestamp: bigint, count: number): void {
    const first = this.#rowCount;
    assert(
      first === 0 || this.#timestamps[first - 1]! <= timestamp,
      'rows are written in order of their timestamps',
    );
    if (first + count > this.#timestamps.length) {
      const grown = new BigInt64Array(Math.max(first + count, this.#timestamps.length * 2));
      grown.set(this.#timestamps);
      this.#timestamps = grown;
    }
    this.#timestamps.fill(timestamp, first, first + count);
  }
}

function rowCountMax(sample: ColumnBatch): number {
  let rowCount = CHUNK_ROWS_MAX;
  for (const column of sample.columns.values()) {
    if (column.kind !== 'vector') continue;
    const rowBytes = column.values.byteLength / sample.rowCount;
    rowCount = Math.min(rowCount, Math.floor(CHUNK_VECTOR_BYTES / rowBytes));
  }
  return Math.max(rowCount, CHUNK_ROWS_MIN);
}
