/** What a shard leader is given: ports, the log, and the process's clocks. */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { HybridClock } from '../meta/hybrid-clock.ts';
import type { ManifestPointers } from '../meta/manifest-pointer.ts';
import type { SearchWorkers } from '../search/read-context.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Lane } from './lane.ts';
import type { SegmentHost, TaskRunner } from './ports.ts';
import type { SegmentIds } from './segment-ids.ts';
import type { SnapshotObjects } from './snapshot-objects.ts';

export interface ShardDeps {
  readonly lane: Lane;
  readonly host: SegmentHost;
  readonly tasks: TaskRunner;
  readonly store: ObjectStore;
  readonly pointers: ManifestPointers;
  readonly workers: SearchWorkers;
  readonly clock: Clock;
  readonly hybridClock: HybridClock;
  readonly logger: Logger;
  readonly segmentIds: SegmentIds;
  /** Segments that are not compacted for a while. */
  readonly snapshotObjects: Pick<SnapshotObjects, 'protectedSegments'>;
  /** Rows of a segment below which no index is built. */
  readonly indexRowsMin: number;
  /** A record of the shard was applied: policies may want to look. */
  readonly onApplied: (shardId: number) => void;
}
