/**
 * Query vectors as a search carries them: a PlaceholderGroup in bytes, one value a vector. Source: Milvus
 * `internal/util/funcutil/placeholdergroup.go`.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import { vectorFields } from '../schema/fields.ts';
import { PlaceholderGroup, PlaceholderType } from '../wire/generated/milvus.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { sparseVector } from './column-decode.ts';

export interface QueryVectors {
  readonly type: DataType;
  readonly vectors: readonly unknown[];
}

/** @throws MilvusError ParameterInvalid, Unimplemented for text and for lists of vectors */
export function queryVectors(bytes: Uint8Array): QueryVectors {
  const { placeholders } = decodeMessage(PlaceholderGroup, bytes);
  const [placeholder] = placeholders;
  if (placeholders.length !== 1 || placeholder === undefined) {
    throw invalidParameter('a search has one placeholder', { placeholders: placeholders.length });
  }
  const { type, values } = placeholder;
  // Placeholders of vectors have the codes of their types.
  return { type: type as DataType, vectors: vectorsOf(type, values) };
}

function vectorsOf(type: number, values: readonly Uint8Array[]): readonly unknown[] {
  switch (type) {
    case PlaceholderType.FloatVector:
      return values.map(floats);
    case PlaceholderType.Int8Vector:
      return values.map((value) => new Int8Array(value.buffer, value.byteOffset, value.length));
    case PlaceholderType.BinaryVector:
    case PlaceholderType.Float16Vector:
    case PlaceholderType.BFloat16Vector:
      return values;
    case PlaceholderType.SparseFloatVector:
      return values.map((value) => sparseVector(value, '$0'));
    default:
      throw milvusError('Unimplemented', { message: `a search by placeholders of type ${type}` });
  }
}

/**
 * Bytes of one half-width type would be read as other numbers by the other. Floats may ask either.
 * @throws MilvusError ParameterInvalid
 */
export function checkQueryType(
  schema: CollectionSchema,
  fieldName: string | undefined,
  type: DataType,
): void {
  const vectors = vectorFields(schema);
  const field = vectors.find(({ name }) => fieldName === undefined || name === fieldName);
  // Which field it is, and whether it can be searched, is the engine's to say.
  if (field === undefined || (fieldName === undefined && vectors.length > 1)) return;
  const isHalf = field.type === DataType.Float16Vector || field.type === DataType.BFloat16Vector;
  if (field.type === type || (isHalf && type === DataType.FloatVector)) return;
  const names = `${dataTypeName(field.type)}, search info type ${dataTypeName(type)}`;
  throw invalidParameter(`vector type must be the same, field ${field.name} - type ${names}`);
}

/** A copy: bytes of a message need not be aligned. */
function floats(value: Uint8Array): Float32Array {
  if (value.length % 4 !== 0) {
    throw invalidParameter(`a float vector takes 4 bytes an element, but got ${value.length}`);
  }
  return new Float32Array(Uint8Array.from(value).buffer);
}
