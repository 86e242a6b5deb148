/** Collections as requests name them, and the channels that clients are told of. */
import { milvusError } from '../base/errors.ts';
import type { CollectionInfo } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { collectionOf, type ServerCall } from './server-call.ts';

export interface CollectionNames {
  readonly dbName: string;
  readonly collectionName: string;
  /** Some clients send nothing else, and no database with it. */
  readonly collectionID: bigint;
}

/** @throws MilvusError CollectionNotFound */
export async function findCollection(
  service: Service,
  request: CollectionNames,
  call: ServerCall,
): Promise<CollectionInfo> {
  const { collectionName, collectionID } = request;
  if (collectionName !== '' || collectionID === 0n) {
    return await service.describeCollection(collectionOf(request, call), call.options);
  }
  for (const { name } of await service.listDatabases(call.options)) {
    const all = await service.listCollections(name, call.options);
    const found = all.find(({ id }) => BigInt(id) === collectionID);
    if (found !== undefined) return found;
  }
  throw milvusError('CollectionNotFound', { fields: { collection: collectionID } });
}

export interface Channel {
  /** In Milvus several collections share one. */
  readonly physical: string;
  readonly virtual: string;
}

/** One for each shard. */
export function channelsOf({ id: collectionId, shardIds }: CollectionInfo): Channel[] {
  return shardIds.map((id, shard) => {
    const physical = `by-dev-rootcoord-dml_${id}`;
    return { physical, virtual: `${physical}_${collectionId}v${shard}` };
  });
}
