/** Growing rows become sealed segments. The order of the steps is the proof that nothing is lost. */
import type { GrowingSegment } from '../segments/growing-segment.ts';
import type { SegmentInfo } from '../segments/segment-info.ts';
import { writeSegment } from '../segments/write-segment.ts';
import { BACKGROUND } from './call.ts';
import type { ShardDeps } from './shard-deps.ts';
import type { ShardLeader } from './shard-leader.ts';

/**
 * Seals what is growing and moves the shard's checkpoint up to it.
 * A failure before step 5 changes nothing but leaves objects nobody refers to; the rows stay readable,
 * the log keeps them, and the next flush takes them again.
 * @returns whether there was anything to do
 */
export async function flushShard(leader: ShardLeader, deps: ShardDeps): Promise<boolean> {
  const { manifest, growing, shardId } = leader;
  return await manifest.turn.run(async () => {
    await manifest.open(leader.collection.schema);
    // 1. A cut between two records: rows up to here are frozen, new ones go elsewhere.
    const cut = await leader.atRest((at) => ({ ...at, frozen: growing.freeze() }));
    if (leader.firstUnflushed === null) return false;
    // 2. Their segments are durable, and nothing refers to them yet.
    const add: SegmentInfo[] = [];
    for (const segment of cut.frozen) {
      add.push(await writeGrowing(segment, { leader, deps, timestamp: cut.timestamp }));
    }
    // 3. The host serves them, from the deletes of the cut on.
    const { schema } = leader.collection;
    const assignment = { shardId, schema, segments: add, appliedTimestamp: cut.timestamp };
    await deps.host.assign(assignment, BACKGROUND);
    try {
      // 4. Deletes up to the cut are durable beside the segments they concern.
      const forgetUntil = leader.forgetUntil(cut.timestamp);
      const request = { shardId, segments: manifest.segments, forgetUntil };
      const deletes = await deps.host.checkpointDeletes(request, BACKGROUND);
      // 5. Segments, deletes and checkpoint become the truth together, and reads move over.
      const { position: checkpoint, timestamp } = cut;
      const edit = {
        add,
        remove: [],
        deletes,
        checkpoint,
        timestamp,
        schemaVersion: schema.version,
      };
      await manifest.commit(edit, () => growing.drop(cut.frozen));
    } catch (failure) {
      const segmentIds = add.map(({ id }) => id);
      await deps.host.unassign({ shardId, segmentIds }, BACKGROUND);
      throw failure;
    }
    // 6. Only now may the log forget.
    leader.markFlushed(cut.position);
    return true;
  });
}

/** @param at.timestamp of the cut; later deletes reach the sealed segment as runs */
async function writeGrowing(
  segment: GrowingSegment,
  at: { leader: ShardLeader; deps: ShardDeps; timestamp: bigint },
): Promise<SegmentInfo> {
  const { store, clock, segmentIds } = at.deps;
  await segmentIds.ensure();
  const { partitionId, deletes: marks } = segment;
  return await writeSegment({
    // An id of its own for each attempt: a failed one may have left objects under its id.
    id: segmentIds.next(),
    partitionId,
    level: 0,
    schema: at.leader.collection.schema,
    rows: segment.rows(),
    deletes: marks.count === 0 ? null : { marks, timestamp: at.timestamp },
    store,
    clock,
  });
}
