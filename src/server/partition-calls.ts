/** Calls about partitions, and what is loaded of a collection. */
import { milvusError } from '../base/errors.ts';
import type { CollectionInfo, PartitionInfo } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { LoadState } from '../wire/generated/milvus.ts';
import { isUnindexed, requireIndexes } from './first-load.ts';
import { validatePartitionName } from '../schema/names.ts';
import type { Handlers } from './handlers.ts';
import { collectionOf } from './server-call.ts';
import { SUCCESS } from './status.ts';
import { utcMs } from './timestamps.ts';

const LOADED_PERCENT = 100n;

export function partitionHandlers(service: Service): Handlers {
  return { ...definitionHandlers(service), ...loadHandlers(service), ...stateHandlers(service) };
}

function definitionHandlers(service: Service): Handlers {
  return {
    async CreatePartition(request, call) {
      const { partitionName } = request;
      const partition = { ...collectionOf(request, call), partitionName };
      await service.createPartition(partition, call.options);
      return SUCCESS;
    },
    async DropPartition(request, call) {
      const { partitionName } = request;
      const partition = { ...collectionOf(request, call), partitionName };
      await service.dropPartition(partition, call.options);
      return SUCCESS;
    },
    async HasPartition(request, call) {
      const { partitionName } = request;
      validatePartitionName(partitionName);
      const partition = { ...collectionOf(request, call), partitionName };
      return { value: await service.hasPartition(partition, call.options) };
    },
    async ShowPartitions(request, call) {
      const collection = await service.describeCollection(
        collectionOf(request, call),
        call.options,
      );
      // Each with what is loaded of it, whichever type of list was asked for.
      const isEachReady = isUnindexed(collection);
      const shown = partitionsNamed(collection, request.partitionNames);
      return {
        partitionNames: shown.map(({ name }) => name),
        partitionIDs: BigInt64Array.from(shown, ({ id }) => BigInt(id)),
        createdTimestamps: BigUint64Array.from(shown, (one) => one.createdTimestamp),
        createdUtcTimestamps: BigUint64Array.from(shown, (one) => utcMs(one.createdTimestamp)),
        inMemoryPercentages: BigInt64Array.from(shown, ({ loaded }) =>
          loaded || isEachReady ? LOADED_PERCENT : 0n,
        ),
      };
    },
    async GetPartitionStatistics(request, call) {
      const { partitionName } = request;
      const partition = { ...collectionOf(request, call), partitionName };
      const { rowCount } = await service.partitionStatistics(partition, call.options);
      return { stats: [{ key: 'row_count', value: String(rowCount) }] };
    },
  };
}

function loadHandlers(service: Service): Handlers {
  return {
    async LoadCollection(request, call) {
      const collection = collectionOf(request, call);
      const described = await service.describeCollection(collection, call.options);
      requireIndexes(described, request.loadFields);
      await service.loadCollection(collection, call.options);
      return SUCCESS;
    },
    async ReleaseCollection(request, call) {
      await service.releaseCollection(collectionOf(request, call), call.options);
      return SUCCESS;
    },
    async LoadPartitions(request, call) {
      const { partitionNames } = request;
      const collection = collectionOf(request, call);
      const described = await service.describeCollection(collection, call.options);
      requireIndexes(described, request.loadFields);
      const partitions = { ...collection, partitionNames };
      await service.loadPartitions(partitions, call.options);
      return SUCCESS;
    },
    async ReleasePartitions(request, call) {
      const { partitionNames } = request;
      const partitions = { ...collectionOf(request, call), partitionNames };
      await service.releasePartitions(partitions, call.options);
      return SUCCESS;
    },
  };
}

function stateHandlers(service: Service): Handlers {
  return {
    async GetLoadingProgress(request, call) {
      const collection = await service.describeCollection(
        collectionOf(request, call),
        call.options,
      );
      if (!isLoaded(collection, request.partitionNames)) {
        const fields = { collection: collection.name };
        throw milvusError('CollectionNotLoaded', { fields });
      }
      return { progress: LOADED_PERCENT, refreshProgress: LOADED_PERCENT };
    },
    async GetLoadState(request, call) {
      const ref = collectionOf(request, call);
      if (!(await service.hasCollection(ref, call.options))) {
        return { state: LoadState.LoadStateNotExist };
      }
      const collection = await service.describeCollection(ref, call.options);
      const isThere = isLoaded(collection, request.partitionNames);
      return { state: isThere ? LoadState.LoadStateLoaded : LoadState.LoadStateNotLoad };
    },
  };
}

/** All of the partitions that are named, or any of the collection where none is. */
function isLoaded(collection: CollectionInfo, names: readonly string[]): boolean {
  if (names.length === 0) return collection.partitions.some(({ loaded }) => loaded);
  return partitionsNamed(collection, names).every(({ loaded }) => loaded);
}

/** @throws MilvusError PartitionNotFound */
function partitionsNamed(
  { partitions }: CollectionInfo,
  names: readonly string[],
): readonly PartitionInfo[] {
  if (names.length === 0) return partitions;
  return names.map((name) => {
    const found = partitions.find((one) => one.name === name);
    if (found === undefined)
      throw milvusError('PartitionNotFound', { fields: { partition: name } });
    return found;
  });
}
