/**
 * The schema builders: one function a type. `f.int64({ primary: true })` describes a field and carries
 * the types of its values. What the compiler cannot see (bounds, combinations of options) Milvus's rules
 * refuse when the collection is created.
 */
import { VARCHAR_LENGTH_MAX } from '../base/limits.ts';
import { DataType } from '../schema/data-type.ts';
import { requireMembers, requireObject } from './checks.ts';
import {
  type ArrayOptions,
  describeField,
  Field,
  FIELD_MEMBERS,
  type FieldShapes,
  type FieldTraits,
  type KeyOptions,
  type NullableOptions,
  type Only,
  type OnlyVector,
  requireField,
  type ScalarOptions,
  type ScalarTraits,
  type StructOptions,
  type StructTraits,
  type TextOptions,
  type VarCharOptions,
  vectorField,
  type VectorOptions,
  type VectorTraits,
} from './field.ts';
import type {
  BinaryVectorInput,
  FloatVectorInput,
  HalfVectorInput,
  Int8VectorInput,
  JsonValue,
  SparseVector,
  SparseVectorInput,
  SparseVectorQuery,
} from './values.ts';

type Scalar<Out, In, Options> = Field<ScalarTraits<Out, In, Options>>;

type Vector<Out, In, Query, Options> = Field<VectorTraits<Out, In, Query, Options>>;

type FloatVector<Input, Options> = Vector<Float32Array, Input, Input, Options>;

/** Elements that an array may have. */
type ElementField = Field<FieldTraits & { readonly out: boolean | number | bigint | string }>;

interface ArrayTraits<Element extends Field, Options> extends FieldTraits {
  readonly out: ScalarTraits<Array<Element['traits']['out']>, unknown, Options>['out'];
  readonly in: ScalarTraits<unknown, ReadonlyArray<Element['traits']['in']>, Options>['in'];
  readonly query: never;
  readonly isKey: false;
  readonly isOptional: ScalarTraits<unknown, unknown, Options>['isOptional'];
}

function bool<const Options extends ScalarOptions<boolean> = ScalarOptions<boolean>>(
  options?: Only<Options, ScalarOptions<boolean>>,
): Scalar<boolean, boolean, Options> {
  return new Field(describeField(DataType.Bool, options ?? {}));
}

function int8<const Options extends ScalarOptions<number> = ScalarOptions<number>>(
  options?: Only<Options, ScalarOptions<number>>,
): Scalar<number, number, Options> {
  return new Field(describeField(DataType.Int8, options ?? {}));
}

function int16<const Options extends ScalarOptions<number> = ScalarOptions<number>>(
  options?: Only<Options, ScalarOptions<number>>,
): Scalar<number, number, Options> {
  return new Field(describeField(DataType.Int16, options ?? {}));
}

function int32<const Options extends ScalarOptions<number> = ScalarOptions<number>>(
  options?: Only<Options, ScalarOptions<number>>,
): Scalar<number, number, Options> {
  return new Field(describeField(DataType.Int32, options ?? {}));
}

function int64<const Options extends KeyOptions<bigint | number> = KeyOptions<bigint | number>>(
  options?: Only<Options, KeyOptions<bigint | number>>,
): Scalar<bigint, bigint | number, Options> {
  return new Field(describeField(DataType.Int64, options ?? {}));
}

function float<const Options extends ScalarOptions<number> = ScalarOptions<number>>(
  options?: Only<Options, ScalarOptions<number>>,
): Scalar<number, number, Options> {
  return new Field(describeField(DataType.Float, options ?? {}));
}

function double<const Options extends ScalarOptions<number> = ScalarOptions<number>>(
  options?: Only<Options, ScalarOptions<number>>,
): Scalar<number, number, Options> {
  return new Field(describeField(DataType.Double, options ?? {}));
}

function varChar<const Options extends VarCharOptions = VarCharOptions>(
  options?: Only<Options, VarCharOptions>,
): Scalar<string, string, Options> {
  const maxLength = options?.maxLength ?? VARCHAR_LENGTH_MAX;
  return new Field(describeField(DataType.VarChar, options ?? {}, { maxLength }));
}

function text<const Options extends TextOptions = TextOptions>(
  options?: Only<Options, TextOptions>,
): Scalar<string, string, Options> {
  return new Field(describeField(DataType.Text, options ?? {}));
}

function timestamptz<const Options extends ScalarOptions<string> = ScalarOptions<string>>(
  options?: Only<Options, ScalarOptions<string>>,
): Scalar<string, string, Options> {
  return new Field(describeField(DataType.Timestamptz, options ?? {}));
}

function geometry<const Options extends TextOptions = TextOptions>(
  options?: Only<Options, TextOptions>,
): Scalar<string, string, Options> {
  return new Field(describeField(DataType.Geometry, options ?? {}));
}

function json<Value = JsonValue>(
  options: NullableOptions & { readonly nullable: true },
): Scalar<Value, Value, { readonly nullable: true }>;
function json<Value = JsonValue>(
  options?: NullableOptions & { readonly nullable?: false },
): Scalar<Value, Value, NullableOptions>;
function json(options: NullableOptions = {}): Field {
  return new Field(describeField(DataType.JSON, options));
}

function array<Element extends ElementField, const Options extends ArrayOptions>(
  element: Element,
  options: Only<Options, ArrayOptions>,
): Field<ArrayTraits<Element, Options>> {
  requireField('element', element);
  requireObject('options', options);
  const { maxCapacity } = options;
  const { type: elementType, maxLength } = element.description ?? {};
  return new Field(
    describeField(DataType.Array, options, {
      maxCapacity,
      ...(elementType === undefined ? {} : { elementType }),
      ...(maxLength === undefined ? {} : { maxLength }),
    }),
  );
}

function floatVector<const Options extends VectorOptions = VectorOptions>(
  dim: number,
  options?: OnlyVector<Options>,
): FloatVector<FloatVectorInput, Options> {
  return vectorField(DataType.FloatVector, 'COSINE', options ?? {}, dim);
}

function float16Vector<const Options extends VectorOptions = VectorOptions>(
  dim: number,
  options?: OnlyVector<Options>,
): FloatVector<HalfVectorInput, Options> {
  return vectorField(DataType.Float16Vector, 'COSINE', options ?? {}, dim);
}

function bfloat16Vector<const Options extends VectorOptions = VectorOptions>(
  dim: number,
  options?: OnlyVector<Options>,
): FloatVector<HalfVectorInput, Options> {
  return vectorField(DataType.BFloat16Vector, 'COSINE', options ?? {}, dim);
}

function int8Vector<const Options extends VectorOptions = VectorOptions>(
  dim: number,
  options?: OnlyVector<Options>,
): Vector<Int8Array, Int8VectorInput, Int8VectorInput, Options> {
  return vectorField(DataType.Int8Vector, 'COSINE', options ?? {}, dim);
}

function binaryVector<const Options extends VectorOptions = VectorOptions>(
  dim: number,
  options?: OnlyVector<Options>,
): Vector<Uint8Array, BinaryVectorInput, BinaryVectorInput, Options> {
  return vectorField(DataType.BinaryVector, 'HAMMING', options ?? {}, dim);
}

function sparseVector<const Options extends VectorOptions = VectorOptions>(
  options?: OnlyVector<Options>,
): Vector<SparseVector, SparseVectorInput, SparseVectorQuery, Options> {
  return vectorField(DataType.SparseFloatVector, 'IP', options ?? {});
}

function struct<const Shapes extends FieldShapes, const Options extends StructOptions>(
  fields: Shapes,
  options: Only<Options, StructOptions>,
): Field<StructTraits<Shapes, Options>> {
  requireObject('fields', fields);
  for (const [name, field] of Object.entries(fields)) requireField(name, field);
  requireMembers('options', options, FIELD_MEMBERS);
  const { maxCapacity, nullable = false, description = '' } = options;
  return new Field(null, { fields, maxCapacity, nullable, description });
}

/**
 * Builders of fields.
 *
 * Scalars: `bool`, `int8`, `int16`, `int32`, `int64` (bigint; safe integers are accepted), `float`,
 * `double`, `varChar` (maxLength bytes), `text` (up to 2 MiB, not filterable), `timestamptz` (ISO 8601
 * text), `geometry` (WKT text), `json`, `array(element, { maxCapacity })`.
 * Vectors: `floatVector`, `float16Vector`, `bfloat16Vector`, `int8Vector`, `binaryVector` (all with the
 * number of dimensions), `sparseVector`. Lists of objects: `struct({ … }, { maxCapacity })`.
 * @example
 *   const schema = defineSchema({
 *     id: f.int64({ primary: true, autoId: true }),
 *     title: f.varChar({ maxLength: 200 }),
 *     year: f.int16({ nullable: true }),
 *     embedding: f.floatVector(384, { metric: 'COSINE' }),
 *   });
 */
export const f: {
  readonly bool: typeof bool;
  readonly int8: typeof int8;
  readonly int16: typeof int16;
  readonly int32: typeof int32;
  readonly int64: typeof int64;
  readonly float: typeof float;
  readonly double: typeof double;
  readonly varChar: typeof varChar;
  readonly text: typeof text;
  readonly timestamptz: typeof timestamptz;
  readonly geometry: typeof geometry;
  readonly json: typeof json;
  readonly array: typeof array;
  readonly floatVector: typeof floatVector;
  readonly float16Vector: typeof float16Vector;
  readonly bfloat16Vector: typeof bfloat16Vector;
  readonly int8Vector: typeof int8Vector;
  readonly binaryVector: typeof binaryVector;
  readonly sparseVector: typeof sparseVector;
  readonly struct: typeof struct;
} = {
  bool,
  int8,
  int16,
  int32,
  int64,
  float,
  double,
  varChar,
  text,
  timestamptz,
  geometry,
  json,
  array,
  floatVector,
  float16Vector,
  bfloat16Vector,
  int8Vector,
  binaryVector,
  sparseVector,
  struct,
};
