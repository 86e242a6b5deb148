/** JavaScript forms of values, as rows hold them and as calls accept them. */
import type { QueryRowsRequest, SearchRowsRequest } from '../core/requests.ts';

/** Values of the `{name}` parameters of a filter. */
export type ParameterValues = NonNullable<QueryRowsRequest['parameters']>;

/** How the vectors of an index are compared; MAX_SIM ones only those inside struct arrays, as lists. */
export type IndexMetric = NonNullable<SearchRowsRequest['metric']>;

/** How the vectors of a field are compared where no index says otherwise. */
export type Metric = Exclude<IndexMetric, 'SUBSTRUCTURE' | 'SUPERSTRUCTURE' | 'MHJACCARD'>;

/** JSON as it is stored: integers beyond 2^53 stay exact, as bigint. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Numbers of a vector of `dim` dimensions. */
export type FloatVectorInput = readonly number[] | Float32Array | Float64Array;

/** Numbers, or the 2 x dim bytes of a half-precision vector as they lie in memory. */
export type HalfVectorInput = FloatVectorInput | Uint8Array;

/** Integers in [-128, 127]. */
export type Int8VectorInput = readonly number[] | Int8Array;

/** The dim / 8 bytes of a binary vector. */
export type BinaryVectorInput = readonly number[] | Uint8Array;

/** A vector to search a struct array with. */
export type ElementVectorInput = FloatVectorInput | HalfVectorInput | Int8VectorInput;

/** A sparse vector by index, in any of the forms that say which number is an index. */
export type SparseVectorQuery =
  | Readonly<Record<number, number>>
  | ReadonlyMap<number, number>
  | {
      readonly indices: readonly number[] | Uint32Array;
      readonly values: readonly number[] | Float32Array;
    };

/** In a row pairs of index and value will do as well. */
export type SparseVectorInput = SparseVectorQuery | ReadonlyArray<readonly [number, number]>;

/** A sparse vector as reads give it: value by index. */
export type SparseVector = Record<number, number>;
