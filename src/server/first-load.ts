/**
 * Collections that nobody can load: Milvus loads what has a vector index, and a program that makes no
 * index (Python's milvus-lite asks for none) never calls load. Their first rows load them, so that they
 * can be read; once there is an index, loading and releasing are the client's.
 */
import type { CollectionInfo } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { isVector } from '../schema/data-type.ts';
import type { ServerCall } from './server-call.ts';

/** Whether no vector field of it has an index. */
export function isUnindexed({ schema, indexes }: CollectionInfo): boolean {
  const vectors = new Set(schema.fields.filter(({ type }) => isVector(type)).map(({ id }) => id));
  return !indexes.some(({ fieldId }) => vectors.has(fieldId));
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
