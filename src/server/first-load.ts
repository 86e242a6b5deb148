/**
 * Collections that nobody can load: Milvus loads what has a vector index, and a program that makes no
 * index (Python's milvus-lite asks for none) never calls load. Their first rows load them, so that they
 * can be read; once there is an index, loading and releasing are the client's.
 */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionInfo } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { DataType, isVector } from '../schema/data-type.ts';
import type { ServerCall } from './server-call.ts';

/** Whether no vector field of it has an index. */
export function isUnindexed({ schema, indexes }: CollectionInfo): boolean {
  const vectors = new Set(schema.fields.filter(({ type }) => isVector(type)).map(({ id }) => id));
  return !indexes.some(({ fieldId }) => vectors.has(fieldId));
}

/**
 * A collection whose vectors have an index in part is not loaded, as in Milvus; sparse vectors, which have
 * none here, are left out of account.
 * @param loadFields the fields that are asked for; none: all
 * @throws MilvusError ParameterInvalid naming the fields
 */
export function requireIndexes(collection: CollectionInfo, loadFields: readonly string[]): void {
  if (isUnindexed(collection)) return;
  const isAsked = (name: string): boolean => loadFields.length === 0 || loadFields.includes(name);
  const indexed = new Set(collection.indexes.map(({ fieldId }) => fieldId));
  const names = collection.schema.fields
    .filter(({ type, structName }) => isDense(type) && structName === undefined)
    .filter(({ id, name }) => !indexed.has(id) && isAsked(name))
    .map(({ name }) => name);
  if (names.length === 0) return;
  const listed = `[${names.join(' ')}]`;
  throw invalidParameter(
    `there is no vector index on field: ${listed}, please create index firstly`,
  );
}

function isDense(type: DataType): boolean {
  return isVector(type) && type !== DataType.SparseFloatVector;
}

/** Loads it when rows are coming and nobody else will. */
export async function loadForRows(
  service: Service,
  collection: CollectionInfo,
  call: ServerCall,
): Promise<void> {
  const { databaseName, name: collectionName } = collection;
  const isSomethingLoaded = collection.partitions.some(({ loaded }) => loaded);
  if (isSomethingLoaded || !isUnindexed(collection)) return;
  await service.loadCollection({ databaseName, collectionName }, call.options);
}
