/**
 * Half-precision vectors in columns of files: Parquet and NumPy have no bfloat16, so writers put the bytes there,
 * two a dimension, as a list of uint8. Source: Milvus `internal/util/importutilv2/parquet`.
 */
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import type { JsonObject } from './given-rows.ts';

interface HalfField {
  readonly name: string;
  readonly byteLength: number;
}

/** The rows with lists of as many bytes as the vectors have made bytes; lists of other lengths stay. */
export async function* withHalfVectors(
  batches: AsyncIterable<JsonObject[]>,
  { fields }: CollectionSchema,
): AsyncGenerator<JsonObject[], undefined> {
  const halves = fields
    .filter(({ type, structName }) => isHalf(type) && structName === undefined)
    .map(({ name, dim = 0 }): HalfField => ({ name, byteLength: dim * 2 }));
  for await (const rows of batches) {
    yield halves.length === 0 ? rows : rows.map((row) => withBytes(row, halves));
  }
}

function isHalf(type: DataType): boolean {
  return type === DataType.Float16Vector || type === DataType.BFloat16Vector;
}

function withBytes(row: JsonObject, halves: readonly HalfField[]): JsonObject {
  const vectors = halves.flatMap(({ name, byteLength }) => {
    const bytes = bytesOf(row[name], byteLength);
    return bytes === null ? [] : [[name, bytes] as const];
  });
  return vectors.length === 0 ? row : { ...row, ...Object.fromEntries(vectors) };
}

function bytesOf(value: unknown, byteLength: number): Uint8Array | null {
  if (!Array.isArray(value) && !(value instanceof Uint8Array)) return null;
  const list: readonly unknown[] | Uint8Array = value;
  if (list.length !== byteLength) return null;
  const bytes = Uint8Array.from(list, Number);
  return bytes.every((byte, i) => byte === list[i]) ? bytes : null;
}
