/**
 * The first manifest of a shard that begins as what another was at a moment. The immutable files stay where they
 * are and belong to both; only what says which rows are gone is written anew where it says more than that moment.
 *
 *  - a segment gets an id of its own, so that what is kept and written for it is its own;
 *  - rows written after the moment, and marks made after it, do not count: rows are marked as gone from the
 *    beginning of the new collection on, whose reads are all later;
 *  - the shard has no past: moments before its beginning cannot be read.
 */
import { assert, must } from '../base/assert.ts';
import { TIMESTAMP_FIELD } from '../schema/collection-schema.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { readColumn } from '../segments/column-file.ts';
import { DeleteBitmap } from '../segments/delete-bitmap.ts';
import { readDeleteFile, writeDeleteFile } from '../segments/delete-file.ts';
import { readDescriptor } from '../segments/descriptor.ts';
import { emptyManifest, type Manifest, readManifest, writeManifest } from '../segments/manifest.ts';
import type { DeleteReference, SegmentIndex, SegmentInfo } from '../segments/segment-info.ts';
import { BACKGROUND, turnOf } from './call.ts';
import type { RestoreShardRequest, RestoredShard } from './snapshot-ports.ts';
import type { ShardDeps } from './shard-deps.ts';

type RestoreDeps = Pick<ShardDeps, 'store' | 'clock' | 'segmentIds'>;

/** Writes objects that nothing refers to yet. @throws MilvusError DataIntegrity, DiskLimitExceeded, IoFailed */
export async function restoreShard(
  request: RestoreShardRequest,
  deps: RestoreDeps,
): Promise<RestoredShard> {
  const { collectionId, shardId, timestamp } = request;
  const source = await readManifest(deps.store, request.source);
  const segments: SegmentInfo[] = [];
  for (const info of source.segments) {
    const restored = await restoreSegment(info, request, deps);
    if (restored !== null) segments.push(restored);
    await deps.clock.yieldTurn();
  }
  const manifest: Manifest = {
    ...emptyManifest(collectionId, shardId),
    version: 1,
    schemaVersion: Math.max(source.schemaVersion, request.schemaVersion),
    checkpoint: source.checkpoint,
    timestamp,
    historyFrom: timestamp,
    segments,
  };
  const reference = await writeManifest(deps.store, manifest);
  return { head: { collectionId, shardId, version: 1, checkpoint: source.checkpoint }, reference };
}

/** Null: no row of it was there at the moment, or its partition was gone. */
async function restoreSegment(
  info: SegmentInfo,
  request: RestoreShardRequest,
  deps: RestoreDeps,
): Promise<SegmentInfo | null> {
  const partitionId = request.partitionIds.get(info.partitionId);
  if (partitionId === undefined || info.minTimestamp > request.moment) return null;
  await deps.segmentIds.ensure();
  const id = deps.segmentIds.next();
  const deletes = await deletesAt(info, { ...request, id }, deps);
  if (deletes !== null && deletes.rowCount === info.rowCount) return null;
  const indexes = info.indexes.flatMap((index): SegmentIndex[] => {
    const indexId = request.indexIds.get(index.indexId);
    return indexId === undefined ? [] : [{ ...index, indexId }];
  });
  const byteLength = info.byteLength - (info.deletes?.byteLength ?? 0) + (deletes?.byteLength ?? 0);
  return { ...info, id, partitionId, deletes, indexes, byteLength };
}

/** The rows that were gone at the moment, and those that came after it. */
async function deletesAt(
  info: SegmentInfo,
  at: RestoreShardRequest & { readonly id: number },
  { store, clock }: RestoreDeps,
): Promise<DeleteReference | null> {
  const { moment, timestamp, id } = at;
  const isOfMoment = info.maxTimestamp <= moment;
  if (isOfMoment && (info.deletes === null || info.deletes.timestamp <= moment)) {
    return info.deletes;
  }
  const turn = turnOf(BACKGROUND, clock);
  const deletes = new DeleteBitmap();
  if (info.deletes !== null) {
    const known = await readDeleteFile(store, info.deletes, info.rowCount);
    const { rows, timestamps } = known.marks();
    await inPieces(known.countAt(moment), turn, (start, end) => {
      for (let i = start; i < end; i++) deletes.mark(rows[i] ?? 0, timestamps[i] ?? 0n);
    });
  }
  if (!isOfMoment) await markLater(info, { deletes, moment, timestamp, turn }, store);
  if (deletes.count === 0) return null;
  return await writeDeleteFile(store, { id, rowCount: info.rowCount }, { deletes, timestamp });
}

async function markLater(
  info: SegmentInfo,
  at: {
    readonly deletes: DeleteBitmap;
    readonly moment: bigint;
    readonly timestamp: bigint;
    readonly turn: Turn;
  },
  store: ShardDeps['store'],
): Promise<void> {
  const descriptor = await readDescriptor(store, info.descriptor);
  const place = must(descriptor.columns.get(TIMESTAMP_FIELD), 'segments have row timestamps');
  const column = await readColumn(store, descriptor, place);
  assert(column.kind === 'fixed', 'timestamps are numbers');
  const { values } = column;
  assert(values instanceof BigInt64Array, 'timestamps are int64');
  const { deletes, moment, timestamp, turn } = at;
  await inPieces(info.rowCount, turn, (start, end) => {
    for (let row = start; row < end; row++) {
      if ((values[row] ?? 0n) > moment) deletes.mark(row, timestamp);
    }
  });
}
