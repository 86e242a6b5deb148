/**
 * What a search looks for, as JSON says it -> the PlaceholderGroup that a client of gRPC would send. Source:
 * Milvus `internal/distributed/proxy/httpserver/utils.go`, convertQueries2Placeholder.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { DataType, dataTypeName, isVector } from '../schema/data-type.ts';
import { encodeDenseVectors, encodeSparseVectors } from '../schema/vectors.ts';
import { PlaceholderGroup, PlaceholderType } from '../wire/generated/milvus.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import { bytesOf } from './row-input.ts';

/** @throws MilvusError ParameterInvalid, FieldNotFound */
export function placeholderGroup(
  data: readonly unknown[],
  schema: CollectionSchema,
  fieldName: string,
): Uint8Array {
  const field = searchedField(schema, fieldName);
  const { type, values } = placeholderOf(data, field);
  return encodeMessage(PlaceholderGroup, { placeholders: [{ tag: '$0', type, values }] });
}

function searchedField(schema: CollectionSchema, fieldName: string): FieldSchema {
  const vectors = schema.fields.filter(({ type }) => isVector(type));
  if (fieldName !== '') {
    const named = vectors.find(({ name }) => name === fieldName || lastName(name) === fieldName);
    if (named !== undefined) return named;
    const message = 'cannot find a vector field';
    throw milvusError('FieldNotFound', { message, fields: { field: fieldName } });
  }
  const [first, second] = vectors;
  if (first !== undefined && second === undefined) return first;
  const names = vectors.map(({ name }) => name).join(', ');
  throw invalidParameter(
    `search without annsField, but already found multiple vector fields: [${names}]`,
  );
}

/** Of a sub-field: what is between the brackets. */
function lastName(name: string): string {
  return /\[(.+)\]$/.exec(name)?.[1] ?? name;
}

interface Placeholder {
  readonly type: number;
  readonly values: readonly Uint8Array[];
}

function placeholderOf(data: readonly unknown[], field: FieldSchema): Placeholder {
  if (field.type !== DataType.ArrayOfVector) {
    // Of a field that a function fills, its input may be searched for.
    if (data.every((one) => typeof one === 'string') && takesText(field)) {
      return { type: PlaceholderType.VarChar, values: data.map((text) => Buffer.from(text)) };
    }
    return { type: field.type, values: data.map((one) => vectorBytes(one, field, field.type)) };
  }
  const elementType = field.elementType ?? DataType.FloatVector;
  const isLists = data.some((one) => Array.isArray(one) && Array.isArray(one[0]));
  if (!isLists) {
    return { type: elementType, values: data.map((one) => vectorBytes(one, field, elementType)) };
  }
  const values = data.map((list) => {
    if (!Array.isArray(list)) throw invalidParameter('a query is no list of vectors');
    return Buffer.concat(list.map((one) => vectorBytes(one, field, elementType)));
  });
  return { type: embeddingListType(elementType), values };
}

/** Base64 stands for bytes; of these types there are none. */
function takesText({ type }: FieldSchema): boolean {
  return type === DataType.FloatVector || type === DataType.SparseFloatVector;
}

function embeddingListType(elementType: DataType): number {
  switch (elementType) {
    case DataType.BinaryVector:
      return PlaceholderType.EmbListBinaryVector;
    case DataType.Float16Vector:
      return PlaceholderType.EmbListFloat16Vector;
    case DataType.BFloat16Vector:
      return PlaceholderType.EmbListBFloat16Vector;
    case DataType.Int8Vector:
      return PlaceholderType.EmbListInt8Vector;
    case DataType.FloatVector:
      return PlaceholderType.EmbListFloatVector;
    default:
      throw invalidParameter(`a search by lists of ${dataTypeName(elementType)} is not supported`);
  }
}

function vectorBytes(given: unknown, { name, dim = 0 }: FieldSchema, type: DataType): Uint8Array {
  const locate = (): { field: string; row: number } => ({ field: name, row: 0 });
  if (type === DataType.SparseFloatVector) {
    const { indices, values } = encodeSparseVectors([given], locate);
    const view = new DataView(new ArrayBuffer(indices.length * 8));
    for (const [i, index] of indices.entries()) {
      view.setUint32(i * 8, index, true);
      view.setFloat32(i * 8 + 4, values[i] ?? 0, true);
    }
    return new Uint8Array(view.buffer);
  }
  const vector = typeof given === 'string' ? bytesOf(given, name) : given;
  const shape = { type: type as Parameters<typeof encodeDenseVectors>[1]['type'], dim };
  const encoded = encodeDenseVectors([vector ?? undefined], shape, locate);
  return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
}
