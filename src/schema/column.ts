/**
 * The one in-memory form of rows, from the log to the answer: one column a field, typed arrays inside.
 * Everything here is plain data: it crosses a port or a worker boundary as it is.
 *
 * A row that is null has its validity bit clear and a zero (an empty range) in its place.
 */
import type { DataType } from './data-type.ts';

/** Bit i says that row i is not null; absent when no row is. Words as in base/bitmap.ts. */
export type Validity = Uint32Array | null;

/** Bool (0 or 1), Int8, Int16, Int32, Int64, Float, Double, Timestamptz (microseconds since 1970, UTC). */
export interface FixedColumn {
  readonly kind: 'fixed';
  readonly type: DataType;
  readonly values:
    | Uint8Array
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array
    | Float32Array
    | Float64Array;
  readonly validity: Validity;
}

/** VarChar, Text, JSON (UTF-8) and Geometry (WKB). Row i is bytes[offsets[i], offsets[i + 1]). */
export interface BytesColumn {
  readonly kind: 'bytes';
  readonly type: DataType;
  /** rowCount + 1 ascending offsets; the first need not be 0. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  readonly validity: Validity;
}

/** Array and ArrayOfVector. Row i is the elements [offsets[i], offsets[i + 1]) of `elements`. */
export interface ListColumn {
  readonly kind: 'list';
  readonly type: DataType;
  readonly offsets: Uint32Array;
  readonly elements: FixedColumn | BytesColumn | VectorColumn;
  readonly validity: Validity;
}

/**
 * Dense vectors, row-major. Elements a row: dim, but dim / 8 bytes for binary.
 * Float16 and BFloat16 hold their bits in a Uint16Array.
 */
export interface VectorColumn {
  readonly kind: 'vector';
  readonly type: DataType;
  readonly dim: number;
  readonly values: Float32Array | Uint16Array | Int8Array | Uint8Array;
  readonly validity: Validity;
}

/** Sparse vectors. Row i is the pairs [offsets[i], offsets[i + 1]), indices ascending. */
export interface SparseColumn {
  readonly kind: 'sparse';
  readonly type: DataType;
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly validity: Validity;
}

export type Column = FixedColumn | BytesColumn | ListColumn | VectorColumn | SparseColumn;

/** Rows of one collection: equally long columns by field id. */
export interface ColumnBatch {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<number, Column>;
}
