/**
 * The rows of one shard that are in the log and not yet in sealed segments: one growing segment a
 * partition, and the frozen ones that a flush is writing. Live writes and replay build it alike.
 */
import { must } from '../base/assert.ts';
import { sliceBatch } from '../schema/column-builder.ts';
import type { ColumnBatch } from '../schema/column.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { GrowingSegment } from '../segments/growing-segment.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { KeyList, SegmentReader } from '../segments/segment.ts';
import type { PartitionRows, SegmentState } from './ports.ts';

export interface GrowingRowsDeps {
  readonly primaryFieldId: number;
  /** Rows supersede others of their partition only. */
  readonly isKeyedByPartition: boolean;
  /** Sealed segments get ids of their own. */
  readonly nextSegmentId: () => number;
}

export class GrowingRows {
  readonly #deps: GrowingRowsDeps;
  readonly #current = new Map<number, GrowingSegment>();
  #frozen: GrowingSegment[] = [];

  constructor(deps: GrowingRowsDeps) {
    this.#deps = deps;
  }

  get frozen(): readonly GrowingSegment[] {
    return this.#frozen;
  }

  /** All, frozen ones first. */
  get segments(): GrowingSegment[] {
    return [...this.#frozen, ...this.#current.values()];
  }

  get states(): SegmentState[] {
    return this.segments.map((segment) => ({
      id: segment.id,
      partitionId: segment.partitionId,
      state: 'growing',
      level: 0,
      rowCount: segment.rowCount,
      deletedCount: segment.deletes.count,
      byteLength: segment.byteLength,
      coveredIndexIds: [],
      indexes: [],
    }));
  }

  get rowCount(): number {
    return this.segments.reduce((sum, segment) => sum + segment.rowCount, 0);
  }

  get byteLength(): number {
    return this.segments.reduce((sum, segment) => sum + segment.byteLength, 0);
  }

  /** Bytes that a seal would take; frozen ones are on their way. */
  get currentByteLength(): number {
    let sum = 0;
    for (const segment of this.#current.values()) sum += segment.byteLength;
    return sum;
  }

  /** @param keysAreFresh no row with these keys can exist: auto ids that were just given out */
  insert(rows: readonly PartitionRows[], timestamp: bigint, keysAreFresh: boolean): void {
    for (const { partitionId, batch } of rows) {
      if (batch.rowCount === 0) continue;
      if (!keysAreFresh) this.#supersede(batch, timestamp, partitionId);
      this.#segmentOf(partitionId).append(batch, timestamp);
    }
  }

  delete(keys: KeyList, partitionIds: readonly number[] | null, timestamp: bigint): void {
    for (const segment of this.segments) {
      if (partitionIds === null || partitionIds.includes(segment.partitionId)) {
        segment.markDeleted(keys, timestamp);
      }
    }
  }

  /** From here on new rows go to new segments; @returns every frozen segment, earlier ones included */
  freeze(): readonly GrowingSegment[] {
    for (const [partitionId, segment] of this.#current) {
      if (segment.rowCount > 0) this.#frozen.push(segment);
      this.#current.delete(partitionId);
    }
    return [...this.#frozen];
  }

  /** Lets go of segments that are sealed now. */
  drop(segments: readonly GrowingSegment[]): void {
    this.#frozen = this.#frozen.filter((segment) => !segments.includes(segment));
  }

  dropPartition(partitionId: number): void {
    this.#current.delete(partitionId);
    this.#frozen = this.#frozen.filter((segment) => segment.partitionId !== partitionId);
  }

  /** Lets go of the rows of every other partition. */
  keepPartitions(partitionIds: readonly number[]): void {
    for (const partitionId of this.#current.keys()) {
      if (!partitionIds.includes(partitionId)) this.#current.delete(partitionId);
    }
    this.#frozen = this.#frozen.filter(({ partitionId }) => partitionIds.includes(partitionId));
  }

  clear(): void {
    this.#current.clear();
    this.#frozen = [];
  }

  /** What a read at `timestamp` sees; the answer stays the same whatever is written later. */
  readers(timestamp: bigint, partitionIds: readonly number[] | null): SegmentReader[] {
    if (this.#current.size === 0 && this.#frozen.length === 0) return [];
    return this.segments
      .filter((segment) => partitionIds === null || partitionIds.includes(segment.partitionId))
      .map((segment) => segment.snapshot(timestamp))
      .filter((reader) => reader.rowCount > 0);
  }

  /** Older rows of the same keys in other segments; a segment looks after its own. */
  #supersede(batch: ColumnBatch, timestamp: bigint, partitionId: number): void {
    const current = this.#current.get(partitionId);
    const { isKeyedByPartition, primaryFieldId } = this.#deps;
    const others = this.segments.filter(
      (segment) =>
        segment !== current && (!isKeyedByPartition || segment.partitionId === partitionId),
    );
    if (others.length === 0) return;
    const column = batch.columns.get(primaryFieldId);
    const keys = keysOfColumn(must(column, 'rows have keys'));
    for (const segment of others) segment.markDeleted(keys, timestamp);
  }

  #segmentOf(partitionId: number): GrowingSegment {
    const known = this.#current.get(partitionId);
    if (known !== undefined) return known;
    const { nextSegmentId, primaryFieldId } = this.#deps;
    const segment = new GrowingSegment({ id: nextSegmentId(), partitionId, primaryFieldId });
    this.#current.set(partitionId, segment);
    return segment;
  }
}

/**
 * Inserts the rows of one record in pieces. Reads may come in between: none looks at the record's timestamp
 * before all of it is there.
 */
export async function insertInTurns(
  rows: readonly PartitionRows[],
  turn: Turn,
  insert: (piece: PartitionRows) => void,
): Promise<void> {
  for (const { partitionId, batch } of rows) {
    await inPieces(batch.rowCount, turn, (start, end) => {
      insert({ partitionId, batch: sliceBatch(batch, start, end) });
    });
  }
}
