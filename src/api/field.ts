/**
 * What a field of a typed schema is: a description for the engine, and types for the compiler.
 * Options are taken literally (`nullable: true`), so that they decide the types of values.
 */
import { invalidParameter } from '../base/errors.ts';
import type { DataType } from '../schema/data-type.ts';
import type { FieldDefinition } from '../schema/definition.ts';
import { kindOf, type Members, requireMembers } from './checks.ts';
import type { IndexOptions } from './index-options.ts';
import type { Metric } from './values.ts';

/** The types of a field's values; exists for the compiler only. */
export interface FieldTraits {
  /** As reads give it. */
  readonly out: unknown;
  /** As writes accept it. */
  readonly in: unknown;
  /** As `search` accepts it; never for a field that is no vector. */
  readonly query: unknown;
  readonly isKey: boolean;
  /** A row may leave it out. */
  readonly isOptional: boolean;
}

/** A field without its name, which the schema gives it. */
export type FieldDescription = Omit<FieldDefinition, 'name'>;

/** A struct array: rows hold lists of objects that have these fields. */
export interface StructDescription {
  readonly fields: FieldShapes;
  readonly maxCapacity: number;
  readonly nullable: boolean;
  readonly description: string;
}

/** A field of a schema; made by the builders of `f`. */
export class Field<out Traits extends FieldTraits = FieldTraits> {
  declare readonly traits: Traits;
  readonly description: FieldDescription | null;
  readonly struct: StructDescription | null;
  /** Of a vector; null: none. */
  readonly index: IndexOptions | null;

  /** One of the first two is null. */
  constructor(
    description: FieldDescription | null,
    struct: StructDescription | null = null,
    index: IndexOptions | null = null,
  ) {
    this.description = description;
    this.struct = struct;
    this.index = index;
  }
}

/** @throws MilvusError ParameterInvalid for what no builder of `f` made */
export function requireField(name: string, field: unknown): void {
  if (field instanceof Field) return;
  throw invalidParameter(`field ${name} must be made by a builder of f, as in f.int64()`, {
    actual: kindOf(field),
  });
}

/** Fields by name, in the order of the schema. */
export type FieldShapes = Readonly<Record<string, Field>>;

/** `Options`, and an error at every property that `Allowed` does not have. */
export type Only<Options, Allowed> = Options & Record<Exclude<keyof Options, keyof Allowed>, never>;

/** Options that every field has. */
export interface FieldOptions {
  /** At most 1,024 bytes. */
  readonly description?: string;
  /** Further type parameters, as Milvus names them: `mmap.enabled`, `warmup` … */
  readonly params?: Readonly<Record<string, string>>;
}

export interface NullableOptions extends FieldOptions {
  /** Rows may hold null; a row that leaves the field out does. Default: false. */
  readonly nullable?: boolean;
}

export interface ScalarOptions<Value> extends NullableOptions {
  /** Value of rows that leave the field out. */
  readonly default?: Value;
  /** Compaction sorts rows by this field; at most one. */
  readonly clusteringKey?: boolean;
}

export interface KeyOptions<Value> extends ScalarOptions<Value> {
  /** The primary key; a schema has exactly one. */
  readonly primary?: boolean;
  /** The engine makes the keys; rows leave them out. */
  readonly autoId?: boolean;
  /** Rows are spread over partitions by this field; at most one. */
  readonly partitionKey?: boolean;
}

export interface VarCharOptions extends KeyOptions<string> {
  /** Bytes of UTF-8, 1 to 65,535. Default: 65,535. */
  readonly maxLength?: number;
}

export interface TextOptions extends NullableOptions {
  readonly default?: string;
}

export interface ArrayOptions extends NullableOptions {
  /** Elements, 1 to 4,096. */
  readonly maxCapacity: number;
}

export interface VectorOptions extends NullableOptions {
  /** How vectors are compared. Default: COSINE for dense, HAMMING for binary, IP for sparse vectors. */
  readonly metric?: Metric;
  /** Created with the collection. Default: none, and searches are exact. */
  readonly index?: IndexOptions;
}

export interface StructOptions extends NullableOptions {
  /** Elements, 1 to 4,096. */
  readonly maxCapacity: number;
}

type True<Options, Name extends string> =
  Options extends Readonly<Record<Name, true>> ? true : false;

type Defaulted<Options> = Options extends { readonly default: string | number | bigint | boolean }
  ? true
  : false;

type OrNull<Value, Condition> = true extends Condition ? Value | null : Value;

/** Traits of a scalar field or a primary key with these options. */
export interface ScalarTraits<Out, In, Options> extends FieldTraits {
  readonly out: OrNull<Out, True<Options, 'nullable'>>;
  readonly in: OrNull<In, True<Options, 'nullable'> | Defaulted<Options>>;
  readonly query: never;
  readonly isKey: True<Options, 'primary'>;
  readonly isOptional: true extends
    | True<Options, 'nullable'>
    | Defaulted<Options>
    | True<Options, 'autoId'>
    ? true
    : false;
}

export interface VectorTraits<Out, In, Query, Options> extends FieldTraits {
  readonly out: OrNull<Out, True<Options, 'nullable'>>;
  readonly in: OrNull<In, True<Options, 'nullable'>>;
  readonly query: Query;
  readonly isKey: false;
  readonly isOptional: True<Options, 'nullable'>;
}

/** An object of the fields' values, for the elements of a struct array. */
export interface StructTraits<Shapes extends FieldShapes, Options> extends FieldTraits {
  readonly out: OrNull<
    Array<{ -readonly [Name in keyof Shapes]: Shapes[Name]['traits']['out'] }>,
    True<Options, 'nullable'>
  >;
  readonly in: OrNull<
    ReadonlyArray<{ readonly [Name in keyof Shapes]: Shapes[Name]['traits']['in'] }>,
    True<Options, 'nullable'>
  >;
  readonly query: never;
  readonly isKey: false;
  readonly isOptional: True<Options, 'nullable'>;
}

type IndexOfType<Type, Index = IndexOptions> = Index extends { readonly type?: infer Name }
  ? Type extends Name
    ? Index
    : never
  : never;

type TypeOf<Index> = Index extends { readonly type: infer Type } ? Type : 'AUTOINDEX';

/** Vector options, and an error at every property that neither they nor the type of the index have. */
export type OnlyVector<Options extends VectorOptions> = Only<Options, VectorOptions> &
  (Options extends { readonly index: infer Index }
    ? { readonly index: Only<Index, IndexOfType<TypeOf<Index>>> }
    : unknown);

/** Metrics that an index may have and a field may not. */
const INDEX_ONLY_METRICS: readonly string[] = ['SUBSTRUCTURE', 'SUPERSTRUCTURE', 'MHJACCARD'];

/**
 * A vector field from the options a user gave; its metric is that of its index, when that has one.
 * @throws MilvusError ParameterInvalid when field and index name two metrics
 */
export function vectorField<Traits extends FieldTraits>(
  type: DataType,
  defaultMetric: Metric,
  options: VectorOptions,
  dim?: number,
): Field<Traits> {
  const { index = null, metric, ...rest } = options;
  const ofIndex = INDEX_ONLY_METRICS.includes(index?.metric ?? '') ? undefined : index?.metric;
  if (metric !== undefined && ofIndex !== undefined && metric !== ofIndex) {
    throw invalidParameter('metric type not match', { expected: metric, actual: ofIndex });
  }
  const own = metric ?? (ofIndex as Metric | undefined) ?? defaultMetric;
  const description = describeField(
    type,
    { ...rest, metric: own },
    dim === undefined ? {} : { dim },
  );
  return new Field(description, null, index);
}

/** Every option that some field has; which of them a type takes, the compiler and Milvus's rules say. */
export const FIELD_MEMBERS: Members<
  KeyOptions<unknown> & VarCharOptions & ArrayOptions & VectorOptions
> = {
  description: true,
  params: true,
  nullable: true,
  default: true,
  clusteringKey: true,
  primary: true,
  autoId: true,
  partitionKey: true,
  maxLength: true,
  maxCapacity: true,
  metric: true,
  index: true,
};

/**
 * The engine's description of a field from the options a user gave.
 * @throws MilvusError ParameterInvalid for an option that no field has
 */
export function describeField(
  type: DataType,
  options: KeyOptions<string | number | bigint | boolean> & { readonly metric?: Metric },
  bounds: {
    dim?: number;
    maxLength?: number;
    maxCapacity?: number;
    elementType?: FieldDefinition['type'];
  } = {},
): FieldDescription {
  requireMembers('options', options, FIELD_MEMBERS);
  const params = {
    ...options.params,
    ...(options.metric === undefined ? {} : { metric_type: options.metric }),
  };
  return {
    type,
    ...bounds,
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.primary === undefined ? {} : { isPrimaryKey: options.primary }),
    ...(options.autoId === undefined ? {} : { autoId: options.autoId }),
    ...(options.partitionKey === undefined ? {} : { isPartitionKey: options.partitionKey }),
    ...(options.clusteringKey === undefined ? {} : { isClusteringKey: options.clusteringKey }),
    ...(options.nullable === undefined ? {} : { nullable: options.nullable }),
    ...(options.default === undefined ? {} : { defaultValue: options.default }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
  };
}
