/**
 * One process's database, whatever it stands on: the five roles wired to each other over a given world.
 * The same composition runs on a real disk, in memory and in simulation.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { MetaStore } from '../meta/meta-store.ts';
import type { SearchWorkers } from '../search/read-context.ts';
import type { ColumnCache } from '../segments/column-cache.ts';
import type { Disk } from '../storage/disk.ts';
import type { Durability } from '../wal/log.ts';
import type { Position } from '../wal/position.ts';
import type { Coordinator, SegmentHost, Shards, TaskRunner } from './ports.ts';
import type { Service } from './service.ts';
import type { Tuning } from './tuning.ts';

/** Everything that is not computation. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly meta: MetaStore;
  readonly workers: SearchWorkers;
  readonly cache: ColumnCache;
  readonly logger: Logger;
  /** Manifests that other processes read now; null when one of them does not say which. */
  readonly pinnedManifests: () => Promise<readonly string[] | null>;
  /** This process, which only reads, reads these and no others from now on. */
  readonly pinManifests: (keys: readonly string[]) => Promise<void>;
}

/** What stands between two roles: nothing in one process, a network in a cluster. */
export interface Transport {
  coordinator(port: Coordinator): Coordinator;
  shards(port: Shards): Shards;
  segmentHost(port: SegmentHost): SegmentHost;
  taskRunner(port: TaskRunner): TaskRunner;
}

export const directCalls: Transport = {
  coordinator: (port) => port,
  shards: (port) => port,
  segmentHost: (port) => port,
  taskRunner: (port) => port,
};

export interface EngineOptions {
  readonly readOnly: boolean;
  readonly durability: Durability;
  readonly transport: Transport;
  /** Left out: what production uses. */
  readonly tuning?: Tuning;
}

/** What opening found and did. */
export interface RecoveryReport {
  /** The last process that wrote ended with `close()`, or there was none. */
  readonly cleanEnd: boolean;
  readonly replayedRecords: number;
  readonly replayedFrom: Position;
  /** Bytes behind the last whole block: writes that were never acknowledged. */
  readonly cutBytes: number;
  readonly tookMs: number;
}

export interface Engine {
  readonly service: Service;
  readonly recovery: RecoveryReport;
  /** Waits for what runs, leaves the log ended cleanly; may be called twice. */
  close(): Promise<void>;
}
