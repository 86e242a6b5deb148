/** What travels between the roles about snapshots: plain data, as everything in ports.ts. */
import type { ManifestHead } from '../meta/manifest-pointer.ts';
import type { ObjectReference } from '../segments/segment-info.ts';
import type { CollectionRef, ShardRequest } from './references.ts';

/** A snapshot of a collection. */
export interface SnapshotInfo {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly collectionName: string;
  readonly partitionNames: readonly string[];
  /** Its rows are those of this hybrid timestamp. */
  readonly timestamp: bigint;
  /** Wall-clock milliseconds. */
  readonly createdMs: number;
  /** Wall-clock milliseconds until which its segments are not compacted; 0: they may be. */
  readonly protectedUntilMs: number;
  /** Pins that keep it from being dropped, some of which may have ended. */
  readonly pinCount: number;
}

export interface SnapshotRef extends CollectionRef {
  readonly snapshotName: string;
}

export interface NewSnapshot extends SnapshotRef {
  readonly description: string;
  /** Seconds for which its segments are not compacted. */
  readonly protectionSeconds: number;
  /** False: of rows that are flushed already, up to the moment that all shards have reached. */
  readonly flush: boolean;
}

export interface RestoreSnapshotRequest extends SnapshotRef {
  readonly targetDatabaseName: string;
  readonly targetName: string;
}

/** A shard at a moment, for a snapshot. */
export interface ShardCut {
  /** It has every row up to `until`, and is held until it is let go; null: there is none yet. */
  readonly manifest: ObjectReference | null;
  readonly until: bigint;
  /** Of earlier moments rows may be gone. */
  readonly historyFrom: bigint;
}

/** The first manifest of a shard, of what another shard was. */
export interface RestoreShardRequest extends ShardRequest {
  readonly source: ObjectReference;
  /** Rows are those of this hybrid timestamp. */
  readonly moment: bigint;
  /** From which on the new shard is read. */
  readonly timestamp: bigint;
  readonly schemaVersion: number;
  /** Of the new collection, by those of the old one. */
  readonly partitionIds: ReadonlyMap<number, number>;
  readonly indexIds: ReadonlyMap<number, number>;
}

/** A manifest that is durable, and that nothing refers to yet. */
export interface RestoredShard {
  readonly head: ManifestHead;
  readonly reference: ObjectReference;
}
