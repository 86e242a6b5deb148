/**
 * Query vectors as a search carries them: a PlaceholderGroup in bytes, one value a vector. Source: Milvus
 * `internal/util/funcutil/placeholdergroup.go`.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import { PlaceholderGroup, PlaceholderType } from '../wire/generated/milvus.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { sparseVector } from './column-decode.ts';

/** @throws MilvusError ParameterInvalid, Unimplemented for text and for lists of vectors */
export function queryVectors(bytes: Uint8Array): unknown[] {
  const { placeholders } = decodeMessage(PlaceholderGroup, bytes);
  const [placeholder] = placeholders;
  if (placeholders.length !== 1 || placeholder === undefined) {
    throw invalidParameter('a search has one placeholder', { placeholders: placeholders.length });
  }
  const { type, values } = placeholder;
  switch (type) {
    case PlaceholderType.FloatVector:
      return values.map(floats);
    case PlaceholderType.Int8Vector:
      return values.map((value) => new Int8Array(value.buffer, value.byteOffset, value.length));
    case PlaceholderType.BinaryVector:
    case PlaceholderType.Float16Vector:
    case PlaceholderType.BFloat16Vector:
      return [...values];
    case PlaceholderType.SparseFloatVector:
      return values.map((value) => sparseVector(value, '$0'));
    default:
      throw milvusError('Unimplemented', { message: `a search by placeholders of type ${type}` });
  }
}

/** A copy: bytes of a message need not be aligned. */
function floats(value: Uint8Array): Float32Array {
  if (value.length % 4 !== 0) {
    throw invalidParameter(`a float vector takes 4 bytes an element, but got ${value.length}`);
  }
  return new Float32Array(Uint8Array.from(value).buffer);
}
