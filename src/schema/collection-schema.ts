/**
 * Immutable descriptions of a collection and its fields, as the catalog keeps them: plain JSON but for
 * int64 ids and defaults, which are bigint in memory and decimal text at rest.
 */
import type { DataType } from './data-type.ts';

/** Field ids: RowID 0, Timestamp 1, the user's from 100 on; never given twice in a collection. */
export const TIMESTAMP_FIELD = 1;
export const FIRST_USER_FIELD = 100;

/** Name of the hidden JSON field that holds what is not in the schema. */
export const DYNAMIC_FIELD_NAME = '$meta';
export const DEFAULT_PARTITION_NAME = '_default';

export type DefaultValue = boolean | number | bigint | string;

export interface FieldSchema {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly type: DataType;
  /** Array: type of its elements. ArrayOfVector: type of its vectors. */
  readonly elementType?: DataType;
  readonly isPrimaryKey: boolean;
  readonly autoId: boolean;
  readonly isPartitionKey: boolean;
  readonly isClusteringKey: boolean;
  /** The `$meta` field. */
  readonly isDynamic: boolean;
  readonly nullable: boolean;
  /** In the form its column holds: Timestamptz as bigint microseconds, Geometry as WKT text. */
  readonly defaultValue?: DefaultValue;
  /** Dimensions of a vector. */
  readonly dim?: number;
  /** Bytes of a VarChar (or of each VarChar of an Array). */
  readonly maxLength?: number;
  /** Elements of an Array or of a struct's sub-field. */
  readonly maxCapacity?: number;
  /** Further type parameters, as given (`enable_analyzer`, `mmap.enabled`, `warmup` …). */
  readonly params: Readonly<Record<string, string>>;
  /** Name of the struct this is a sub-field of; its own name is then `struct[sub]`. */
  readonly structName?: string;
}

/** A struct array: its sub-fields stand in `CollectionSchema.fields` under `struct[sub]`. */
export interface StructFieldSchema {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly nullable: boolean;
  readonly maxCapacity: number;
  /** Ids of its sub-fields, in order. */
  readonly fieldIds: readonly number[];
}

export interface CollectionSchema {
  readonly name: string;
  readonly description: string;
  /** In the user's order; `$meta` last; sub-fields of structs included. */
  readonly fields: readonly FieldSchema[];
  readonly structs: readonly StructFieldSchema[];
  readonly enableDynamicField: boolean;
  /** The highest id that a field or a struct ever had, whether or not it is still there. */
  readonly lastFieldId: number;
  /** Grows by one with each change of the fields; a write made for another version is refused (109). */
  readonly version: number;
  /**
   * The version in which a field was last dropped: segments of earlier ones may hold its values. Absent when
   * none ever was.
   */
  readonly fieldsDroppedVersion?: number;
}

export type Properties = Readonly<Record<string, string>>;
