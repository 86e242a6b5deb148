/**
 * Query vectors as a search carries them: a PlaceholderGroup in bytes, one value a vector. Source: Milvus
 * `internal/util/funcutil/placeholdergroup.go`.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType, dataTypeName, isDenseVector, vectorByteLength } from '../schema/data-type.ts';
import { elementField, vectorFields } from '../schema/fields.ts';
import { PlaceholderGroup, PlaceholderType } from '../wire/generated/milvus.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { sparseVector } from './column-decode.ts';

export interface QueryVectors {
  /** Of each vector. */
  readonly type: DataType;
  /** A vector each; of lists, the list of its vectors each, as long as the dimensions are known. */
  readonly vectors: (dim: number) => readonly unknown[];
}

/** Types of lists, and of the vectors in them. */
const LISTS: ReadonlyMap<number, DataType> = new Map([
  [PlaceholderType.EmbListFloatVector, DataType.FloatVector],
  [PlaceholderType.EmbListFloat16Vector, DataType.Float16Vector],
  [PlaceholderType.EmbListBFloat16Vector, DataType.BFloat16Vector],
  [PlaceholderType.EmbListBinaryVector, DataType.BinaryVector],
  [PlaceholderType.EmbListInt8Vector, DataType.Int8Vector],
]);

/** @throws MilvusError ParameterInvalid, Unimplemented for text */
export function queryVectors(bytes: Uint8Array): QueryVectors {
  const { placeholders } = decodeMessage(PlaceholderGroup, bytes);
  const [placeholder] = placeholders;
  if (placeholders.length !== 1 || placeholder === undefined) {
    throw invalidParameter('a search has one placeholder', { placeholders: placeholders.length });
  }
  const { type, values } = placeholder;
  const element = LISTS.get(type);
  if (element !== undefined) {
    const vectors = (dim: number): readonly unknown[] =>
      values.map((value) =>
        vectorsOf(element, dim === 0 ? [value] : piecesOf(value, element, dim)),
      );
    return { type: element, vectors };
  }
  const vectors = vectorsOf(type, values);
  // Placeholders of vectors have the codes of their types.
  return { type: type as DataType, vectors: () => vectors };
}

/** The vectors of a list, which stand one behind the other. @throws MilvusError ParameterInvalid */
function piecesOf(bytes: Uint8Array, type: DataType, dim: number): Uint8Array[] {
  const byteLength = isDenseVector(type) ? vectorByteLength(type, dim) : 0;
  if (byteLength === 0 || bytes.length % byteLength !== 0) {
    throw invalidParameter(
      `an embedding list of dimension ${dim} takes ${byteLength} bytes a vector, but got ${bytes.length}`,
    );
  }
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += byteLength) {
    pieces.push(bytes.subarray(start, start + byteLength));
  }
  return pieces;
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
 * @returns dimensions of the field's vectors; 0 when it is the engine's to say which field it is
 * @throws MilvusError ParameterInvalid
 */
export function checkQueryType(
  schema: CollectionSchema,
  fieldName: string | undefined,
  type: DataType,
): number {
  const vectors = vectorFields(schema);
  const found = vectors.find(({ name }) => fieldName === undefined || name === fieldName);
  if (found === undefined || (fieldName === undefined && vectors.length > 1)) return 0;
  const field = found.type === DataType.ArrayOfVector ? elementField(found) : found;
  const { dim = 0 } = field;
  const isHalf = field.type === DataType.Float16Vector || field.type === DataType.BFloat16Vector;
  if (field.type === type || (isHalf && type === DataType.FloatVector)) return dim;
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
