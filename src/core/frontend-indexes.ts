/** What the proxy says of indexes: how far they are, and when they are done. */
import { MilvusError, milvusError } from '../base/errors.ts';
import { checkCall, everyAnswer } from './call.ts';
import {
  describeIndex,
  type IndexDescription,
  type IndexState,
  indexesNamed,
} from './index-states.ts';
import type { BuildsState, Call, Coordinator, Shards } from './ports.ts';
import type { ShardRequest } from './references.ts';
import type { IndexRef } from './service.ts';

interface IndexDeps {
  readonly coordinator: Coordinator;
  readonly shards: Shards;
}

interface Look {
  readonly indexes: IndexDescription[];
  readonly collectionId: number;
  /** By shard; from before the indexes were looked at. */
  readonly builds: readonly BuildsState[];
}

/** @throws MilvusError IndexNotFound, CollectionNotFound */
export async function lookAtIndexes(
  index: IndexRef,
  { coordinator, shards }: IndexDeps,
  call: Call,
): Promise<Look> {
  const collection = await coordinator.describeCollection(index, call);
  const found = indexesNamed(collection, index.indexName);
  const { id: collectionId, shardIds } = collection;
  const refs = shardIds.map((shardId): ShardRequest => ({ collectionId, shardId }));
  const builds = await everyAnswer(refs.map((ref) => shards.builds(ref, call)));
  const states = await everyAnswer(refs.map((ref) => shards.describe(ref, call)));
  const indexes = found.map((one) => describeIndex(collection, one, { shards: states, builds }));
  return { indexes, collectionId, builds };
}

/**
 * Resolves when the indexes cover every sealed row.
 * @param look at the database as every read does it: refused when it is closed
 * @throws MilvusError why a build failed; Unimplemented where nothing builds an index; ReadOnly, Closed
 */
export async function untilIndexed(
  look: () => Promise<Look>,
  { shards }: IndexDeps,
  call: Call,
): Promise<void> {
  const failureCounts = new Map<number, number>();
  for (let retry = true; ; retry = false) {
    checkCall(call);
    const seen = await look();
    for (const { shardId, failureCount, failure } of seen.builds) {
      const known = failureCounts.get(shardId) ?? failureCount;
      failureCounts.set(shardId, known);
      if (failureCount === known || failure === null) continue;
      throw new MilvusError(failure.reason, failure.text, failure.fields);
    }
    if (has(seen.indexes, 'Unissued')) {
      const names = seen.indexes.map(({ name }) => name).join(', ');
      throw milvusError('Unimplemented', { message: `building of index ${names}` });
    }
    if (!has(seen.indexes, 'InProgress') && !has(seen.indexes, 'Failed')) return;
    const { collectionId } = seen;
    const changes = seen.builds.map(({ shardId, version }) =>
      shards.buildsAfter({ collectionId, shardId, version, retry }, call),
    );
    // The others answer when their builds get on, and nobody listens then.
    void Promise.allSettled(changes);
    await Promise.race(changes);
  }
}

function has(indexes: readonly IndexDescription[], wanted: IndexState): boolean {
  return indexes.some(({ state }) => state === wanted);
}
