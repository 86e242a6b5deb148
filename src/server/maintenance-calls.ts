/** Calls about what lies below the rows: flushes, compactions, segments, replicas. */
import { milvusError } from '../base/errors.ts';
import type { CollectionInfo, SegmentState, ShardState } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import {
  CompactionState,
  SegmentLevel,
  SegmentState as StateCode,
} from '../wire/generated/milvus.ts';
import type { Compactions } from './compactions.ts';
import { channelsOf, findCollection } from './find-collection.ts';
import type { Handlers } from './handlers.ts';
import { collectionOf, databaseOf, type ServerCall } from './server-call.ts';
import { utcMs } from './timestamps.ts';

/** The one resource group there is, and the one node in it. */
export const RESOURCE_GROUP = '__default_resource_group';
const NODE_ID = 1n;
const SECOND_MS = 1000n;

export function maintenanceHandlers(service: Service, compactions: Compactions): Handlers {
  return {
    ...flushHandlers(service),
    ...compactionHandlers(service, compactions),
    ...segmentHandlers(service),
    ...resourceHandlers(service),
  };
}

function flushHandlers(service: Service): Handlers {
  return {
    async Flush(request, call) {
      const databaseName = databaseOf(request, call);
      const sealed = new Map<string, { readonly data: BigInt64Array }>();
      const flushTs = new Map<string, bigint>();
      for (const collectionName of request.collectionNames) {
        const shards = await service.flush({ databaseName, collectionName }, call.options);
        const ids = segmentsOf(shards).map(({ id }) => BigInt(id));
        sealed.set(collectionName, { data: BigInt64Array.from(ids) });
        flushTs.set(collectionName, await service.allocateTimestamp(call.options));
      }
      const names = request.collectionNames;
      const none = new Map(names.map((name) => [name, { data: new BigInt64Array(0) }]));
      const seconds = Array.from(flushTs, ([name, ts]): [string, bigint] => [
        name,
        utcMs(ts) / SECOND_MS,
      ]);
      return {
        dbName: databaseName,
        // What a flush seals is flushed when it answers: nothing is left to be waited for.
        collSegIDs: none,
        flushCollSegIDs: sealed,
        collSealTimes: new Map(seconds),
        collFlushTs: flushTs,
      };
    },
    async GetFlushState(request, call) {
      if (request.collectionName === '') return { flushed: true };
      const { segments } = await segmentsFor(service, request, call);
      const wanted = new Set(request.segmentIDs);
      const isGrowing = segments.some(
        ({ id, state }) => state === 'growing' && wanted.has(BigInt(id)),
      );
      return { flushed: !isGrowing };
    },
    async FlushAll(_request, { options }) {
      for (const { name: databaseName } of await service.listDatabases(options)) {
        for (const { name } of await service.listCollections(databaseName, options)) {
          await service.flush({ databaseName, collectionName: name }, options);
        }
      }
      return { flushAllTs: await service.allocateTimestamp(options) };
    },
    // Whoever has a timestamp of FlushAll has it since everything before was flushed.
    GetFlushAllState: () => Promise.resolve({ flushed: true }),
  };
}

function compactionHandlers(service: Service, compactions: Compactions): Handlers {
  return {
    async ManualCompaction(request, call) {
      const { databaseName, name } = await findCollection(service, request, call);
      const collection = { databaseName, collectionName: name };
      const before = await service.shardStates(collection, call.options);
      const compactionID = await service.allocateTimestamp(call.options);
      await compactions.start(compactionID, {
        before: before.map(sealedOf),
        run: async (signal) => (await service.compact(collection, { signal })).map(sealedOf),
        // A target size is what a forced merge is asked for by.
        namesKept: request.targetSize > 0n,
      });
      return { compactionID, compactionPlanCount: before.length };
    },
    GetCompactionState({ compactionID }) {
      const found = compactions.find(compactionID);
      return Promise.resolve({
        state: found.isDone ? CompactionState.Completed : CompactionState.Executing,
        executingPlanNo: found.isDone ? 0n : 1n,
        completedPlanNo: found.isDone && found.failure === null ? 1n : 0n,
        failedPlanNo: found.failure === null ? 0n : 1n,
      });
    },
    GetCompactionStateWithPlans({ compactionID }) {
      const { isDone, merges } = compactions.find(compactionID);
      return Promise.resolve({
        state: isDone ? CompactionState.Completed : CompactionState.Executing,
        mergeInfos: merges.map(({ sources, target }) => ({
          sources: BigInt64Array.from(sources, BigInt),
          target: BigInt(target ?? 0),
        })),
      });
    },
  };
}

function segmentHandlers(service: Service): Handlers {
  return {
    async GetPersistentSegmentInfo(request, call) {
      const { collection, segments } = await segmentsFor(service, request, call);
      return {
        infos: segments
          .filter(({ state }) => state === 'sealed')
          .map((segment) => ({
            ...identityOf(collection, segment),
            numRows: BigInt(segment.rowCount),
            state: StateCode.Flushed,
          })),
      };
    },
    async GetQuerySegmentInfo(request, call) {
      const { collection, segments } = await segmentsFor(service, request, call);
      return {
        // As Milvus: those that are growing are not shown, and rows are counted with the deleted ones.
        infos: segments
          .filter(({ state }) => state === 'sealed')
          .map((segment) => ({
            ...identityOf(collection, segment),
            numRows: BigInt(segment.rowCount),
            memSize: BigInt(segment.byteLength),
            state: StateCode.Sealed,
            indexName: nameOfIndex(collection, segment),
            indexID: BigInt(segment.coveredIndexIds[0] ?? 0),
            nodeID: NODE_ID,
            nodeIds: BigInt64Array.of(NODE_ID),
          })),
      };
    },
  };
}

function resourceHandlers(service: Service): Handlers {
  return {
    async GetReplicas(request, call) {
      const collection = await findCollection(service, request, call);
      if (!collection.loaded) return { replicas: [] };
      return {
        replicas: [
          {
            replicaID: BigInt(collection.id),
            collectionID: BigInt(collection.id),
            partitionIds: BigInt64Array.from(collection.partitions, ({ id }) => BigInt(id)),
            shardReplicas: channelsOf(collection).map(({ virtual }) => ({
              leaderID: NODE_ID,
              dmChannelName: virtual,
              nodeIds: BigInt64Array.of(NODE_ID),
            })),
            nodeIds: BigInt64Array.of(NODE_ID),
            resourceGroupName: RESOURCE_GROUP,
          },
        ],
      };
    },
    ListResourceGroups: () => Promise.resolve({ resourceGroups: [RESOURCE_GROUP] }),
    DescribeResourceGroup({ resourceGroup }) {
      if (resourceGroup === RESOURCE_GROUP) {
        const node = { nodeId: NODE_ID, address: '', hostname: '' };
        return Promise.resolve({
          resourceGroup: { name: RESOURCE_GROUP, capacity: 1, numAvailableNode: 1, nodes: [node] },
        });
      }
      throw milvusError('ResourceGroupNotFound', { fields: { rg: resourceGroup } });
    },
  };
}

function segmentsOf(shards: readonly ShardState[]): SegmentState[] {
  return shards.flatMap(({ segments }) => segments);
}

/** Growing rows are not what is compacted. */
function sealedOf(shard: ShardState): ShardState {
  return { ...shard, segments: shard.segments.filter(({ state }) => state === 'sealed') };
}

async function segmentsFor(
  service: Service,
  request: { readonly dbName: string; readonly collectionName: string },
  call: ServerCall,
): Promise<{ readonly collection: CollectionInfo; readonly segments: readonly SegmentState[] }> {
  const ref = collectionOf(request, call);
  const collection = await service.describeCollection(ref, call.options);
  return { collection, segments: segmentsOf(await service.shardStates(ref, call.options)) };
}

function identityOf(
  collection: CollectionInfo,
  segment: SegmentState,
): {
  readonly segmentID: bigint;
  readonly collectionID: bigint;
  readonly partitionID: bigint;
  readonly level: number;
  readonly isSorted: boolean;
} {
  return {
    segmentID: BigInt(segment.id),
    collectionID: BigInt(collection.id),
    partitionID: BigInt(segment.partitionId),
    level: SegmentLevel.L1,
    // Keys of a sealed segment are found by a sorted list beside its rows.
    isSorted: segment.state === 'sealed',
  };
}

function nameOfIndex({ indexes }: CollectionInfo, { coveredIndexIds }: SegmentState): string {
  return indexes.find(({ id }) => coveredIndexIds.includes(id))?.name ?? '';
}
