/**
 * What a read sees of a segment, growing or sealed: rows in chunks, columns on demand, who is visible.
 * Row offsets are local to the segment and never change while the segment lives.
 */
import type { Bitmap } from '../base/bitmap.ts';
import type { Clock } from '../base/clock.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { Column } from '../schema/column.ts';

/** What is known of a column without reading it. Bounds are absent when all rows are null or the type has no order. */
export interface Zone {
  readonly min?: bigint | number | string;
  readonly max?: bigint | number | string;
  readonly nullCount: number;
  readonly rowCount: number;
}

/** Primary keys as a column: int64, or UTF-8 by offsets. */
export type KeyList =
  | { readonly kind: 'int64'; readonly values: BigInt64Array }
  | { readonly kind: 'text'; readonly offsets: Uint32Array; readonly bytes: Uint8Array };

/** Rows [rowStart, rowStart + rowCount) of a segment. */
export interface Chunk {
  readonly rowStart: number;
  readonly rowCount: number;
  /**
   * Whole, verified columns of this chunk by field id; a field younger than the rows comes as its
   * default or null. Dense vectors lie in shared memory.
   */
  load(fields: readonly FieldSchema[], onRows?: RowsWatcher): Promise<ReadonlyMap<number, Column>>;
  /** As `load`, without the fields that are younger than the rows: for whoever takes some rows only. */
  loadWritten?(fields: readonly FieldSchema[]): Promise<ReadonlyMap<number, Column>>;
  /**
   * Shows the rows of a dense vector column that is not in memory, without keeping them: what is read once
   * only need not push out what is in use. False, and nothing shown, where `load` is the better way: the
   * column is there, or this is not the first time.
   */
  pass?(field: FieldSchema, use: RowsUser): Promise<boolean>;
  /** Where rows are elements of arrays: the place of one in the array of its row. */
  placeOf?(row: number): number;
  /** A column that `load` would give without reading anything; null when that is not so. */
  peek?(field: FieldSchema): Column | null;
  /** The index over all rows of the chunk, told without reading; null when there is none. */
  index?(name: IndexName): ChunkIndex | null;
  /** The same, of an index over scalars. */
  scalarIndex?(name: IndexName): ChunkScalarIndex | null;
}

/** Which index a search goes by; a segment that has it under this fingerprint may answer with it. */
export interface IndexName {
  readonly indexId: number;
  readonly fingerprint: string;
  /** Its file is mapped instead of read. */
  readonly isMapped?: boolean;
}

/**
 * The image of an index, checked: one object as long as the cache keeps it. What is made of the bytes may
 * hold them from native memory, where no cycle is found, and hangs on this object therefore.
 */
export interface IndexImage {
  /** In shared memory, or mapped. */
  readonly bytes: Uint8Array;
}

/** What a search by an index needs, all of it checked. */
export interface IndexFiles {
  readonly image: IndexImage;
  readonly vectors: Column;
}

/** An index of a chunk that may be read. */
export interface ChunkIndex {
  /** Null, and never offered again, when it is damaged: it will be built anew. */
  open(field: FieldSchema): Promise<IndexFiles | null>;
  /** What `open` would give without reading anything; null when that is not so. */
  peek?(field: FieldSchema): IndexFiles | null;
  /** It turned out to be damaged. */
  reportDamage(failure: unknown): void;
}

/** An index of scalars of a chunk that may be read; as `ChunkIndex`, but for the column, which nobody needs. */
export interface ChunkScalarIndex {
  open(): Promise<IndexImage | null>;
  reportDamage(failure: unknown): void;
}

/** Uses rows [rowStart, rowStart + those of `column`) of a chunk; `column` is theirs until it resolves. */
export type RowsUser = (column: Column, rowStart: number) => Promise<void>;

/**
 * Sees the first `rowCount` rows of a dense vector column, verified, while the rest is being read; each
 * call has more of them. A column that is there already comes without any.
 */
export type RowsWatcher = (column: Column, rowCount: number) => void;

/** Walks the rows of a segment in ascending order of their keys. */
export interface KeyCursor {
  /** The next rows, visible or not, at most `count`, and their keys; none at the end. */
  next(count: number): Promise<{ readonly rows: Uint32Array; readonly keys: KeyList }>;
}

/** When a read looks, and which rows are too old for it; 0: none is. */
export interface ReadMoment {
  readonly timestamp: bigint;
  readonly expiredBefore: bigint;
}

export interface SegmentReader {
  readonly id: number;
  readonly partitionId: number;
  /** Rows in all chunks; some of them may not be visible. */
  readonly rowCount: number;
  readonly chunks: readonly Chunk[];
  zone(fieldId: number): Zone | undefined;
  /**
   * Rows that a read at `timestamp` sees: written at or before it and not before `expiredBefore`
   * (0 when nothing expires), and neither deleted nor superseded by a newer row of the same key at or
   * before `timestamp`. A fresh bitmap, or null when it sees all.
   */
  visible(timestamp: bigint, expiredBefore: bigint): Promise<Bitmap | null>;
  /**
   * What `visible` would answer, by a name: as long as the segment is there the same name stands for the same
   * rows, ALL_ROWS of row-set.ts for all of them. Null: it has no name, or something has to be read first.
   */
  visibleName?(timestamp: bigint, expiredBefore: bigint): string | null;
  /** Whether `visible` would answer null, told without reading; false when it is not known. */
  seesAll?(timestamp: bigint, expiredBefore: bigint): boolean;
  /** Offsets of every row, visible or not, whose primary key is one of `keys`; ascending. */
  rowsOfKeys(keys: KeyList): Promise<Uint32Array>;
  /**
   * Those of `rowsOfKeys` that a read sees, as `visible` has it, told without reading; null when something has to
   * be read first, or more has to be looked at than the keys.
   */
  peekRowsOfKeys?(keys: KeyList, moment: ReadMoment): Uint32Array | null;
  /** From the first key behind that of `after`, a list of one; null: from the first of all. */
  rowsByKey(after: KeyList | null, clock: Pick<Clock, 'yieldTurn'>): Promise<KeyCursor>;
}
