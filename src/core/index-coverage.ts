/** What the segments of a shard have of the indexes that the catalog wants. */
import { isCovered } from '../segments/index-policy.ts';
import type { SegmentInfo } from '../segments/segment-info.ts';
import { BACKGROUND } from './call.ts';
import { wantedIndexes } from './index-states.ts';
import type { CollectionInfo } from './ports.ts';
import type { ShardDeps } from './shard-deps.ts';

/** A shard, as far as its indexes are asked for. */
interface CoveredShard {
  readonly shardId: number;
  readonly collection: CollectionInfo;
}

/** The definitions, of those that segments get files for, that need nothing more of a segment. */
export async function coverage(
  { shardId, collection }: CoveredShard,
  deps: ShardDeps,
): Promise<(info: SegmentInfo) => readonly number[]> {
  const wanted = wantedIndexes(collection);
  const damaged = wanted.length === 0 ? new Set<string>() : await damagedIndexes(shardId, deps);
  const situation = { damaged, rowsMin: deps.indexRowsMin };
  return (info) =>
    wanted.filter((one) => isCovered(info, one, situation)).map(({ indexId }) => indexId);
}

/** Keys of images that cannot be read. */
export async function damagedIndexes(
  shardId: number,
  { host }: ShardDeps,
): Promise<ReadonlySet<string>> {
  return new Set(await host.damagedIndexes({ shardId }, BACKGROUND));
}
