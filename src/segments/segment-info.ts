/** What a manifest says of a sealed segment. Plain data; bigint in memory, decimal text at rest. */
import type { Zone } from './segment.ts';

/** One immutable object and what must be true of its bytes. */
export interface ObjectReference {
  readonly key: string;
  readonly byteLength: number;
  /** CRC-32 of the whole object. Objects read in parts have block checksums in their descriptor. */
  readonly checksum: number;
}

/** Rows of a segment that are deleted or superseded, as of a timestamp. */
export interface DeleteReference extends ObjectReference {
  readonly rowCount: number;
  /** Every mark of this shard at or before it is in the file. */
  readonly timestamp: bigint;
}

/** An index that is built over one vector column of a segment; its files are those of segment-index.ts. */
export interface SegmentIndex {
  /** Of the definition in the catalog. */
  readonly indexId: number;
  readonly fieldId: number;
  /** What it is built as: structure, metric, parameters. */
  readonly fingerprint: string;
  readonly rowCount: number;
  /** The kernels that built it. */
  readonly builder: string;
  readonly image: ObjectReference;
  /** Checksums of the blocks of the image. */
  readonly descriptor: ObjectReference;
}

export interface SegmentInfo {
  readonly id: number;
  readonly partitionId: number;
  /** 0: flushed from a growing segment; higher: result of compaction. */
  readonly level: number;
  readonly rowCount: number;
  /** Bytes of all its objects but indexes. */
  readonly byteLength: number;
  readonly schemaVersion: number;
  /** Of its rows. */
  readonly minTimestamp: bigint;
  readonly maxTimestamp: bigint;
  /** Where its columns lie and the checksums of their blocks: segments/descriptor.ts. */
  readonly descriptor: ObjectReference;
  /** All its objects but the descriptor, the delete file and indexes, for garbage collection and verify. */
  readonly objects: readonly ObjectReference[];
  readonly deletes: DeleteReference | null;
  /** Those that are ready, at most one a definition. */
  readonly indexes: readonly SegmentIndex[];
  /** By field id; primary key included. */
  readonly zones: ReadonlyMap<number, Zone>;
}
