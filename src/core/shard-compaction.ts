/** Sealed segments are merged and purged while reads and writes go on. */
import { type CompactionGroup, planCompaction } from '../segments/compaction-policy.ts';
import type { SegmentInfo } from '../segments/segment-info.ts';
import { BACKGROUND } from './call.ts';
import type { ShardDeps } from './shard-deps.ts';
import type { ShardLeader } from './shard-leader.ts';

interface Inputs {
  readonly infos: readonly SegmentInfo[];
  /** Deletes up to here are in the inputs' delete files. */
  readonly timestamp: bigint;
}

/** Why: it is due by itself, or somebody asked for it. */
export type CompactionCause = 'due' | 'asked';

/**
 * Runs the most useful compaction of the shard, one at a time.
 * @returns whether there was one
 */
export async function compactShard(
  leader: ShardLeader,
  deps: ShardDeps,
  cause: CompactionCause,
): Promise<boolean> {
  return await leader.compactionTurn.run(async () => {
    const group = await nextGroup(leader, deps, cause);
    return group !== null && (await compactGroup(leader, deps, group));
  });
}

async function compactGroup(
  leader: ShardLeader,
  deps: ShardDeps,
  group: CompactionGroup,
): Promise<boolean> {
  // 1. The inputs' deletes as of now become part of the task; what comes later is kept as runs.
  const inputs = await readInputs(leader, deps, group);
  if (inputs === null) return false;
  try {
    await deps.segmentIds.ensure();
    const { deletedUntil, expiredBefore, expiry, hasTtl, moment } = leader.horizon(
      inputs.timestamp,
    );
    const hasDeletes = inputs.infos.some(({ deletes }) => deletes !== null);
    if (hasDeletes || hasTtl) leader.leases.raiseFloor(moment);
    // 2. A pure function of immutable objects; it may take long and holds nobody up.
    const output = await deps.tasks.compact(
      {
        collectionId: leader.collection.id,
        shardId: leader.shardId,
        partitionId: group.partitionId,
        outputId: deps.segmentIds.next(),
        schema: leader.collection.schema,
        inputs: inputs.infos,
        horizon: deletedUntil,
        expiredBefore,
        expiry,
      },
      BACKGROUND,
    );
    return await publish(leader, deps, { inputs, output });
  } finally {
    leader.endCompaction(inputs.timestamp);
  }
}

async function nextGroup(
  leader: ShardLeader,
  deps: ShardDeps,
  cause: CompactionCause,
): Promise<CompactionGroup | null> {
  const { manifest, shardId } = leader;
  await manifest.open(leader.collection.schema);
  const horizon = leader.horizon(leader.appliedTimestamp);
  const { deletedUntil, expiredBefore, expiry, hasTtl } = horizon;
  // What somebody still reads cannot be purged: the output would be as full of deletes as the input.
  const request = { shardId, until: deletedUntil };
  const { id, schema } = leader.collection;
  const { fieldsDroppedVersion } = schema;
  const held = await deps.snapshotObjects.protectedSegments(id, shardId);
  const segments = manifest.segments.filter((info) => !held.has(info.id));
  return planCompaction(segments, {
    deletedCounts: await deps.host.deletedCounts(request, BACKGROUND),
    isAskedFor: cause === 'asked',
    ...(fieldsDroppedVersion === undefined ? {} : { fieldsDroppedVersion }),
    ...(hasTtl ? { expiredBefore } : {}),
    ...(expiry === null ? {} : { expiry }),
  });
}

async function readInputs(
  leader: ShardLeader,
  deps: ShardDeps,
  group: CompactionGroup,
): Promise<Inputs | null> {
  const { manifest, shardId } = leader;
  return await manifest.turn.run(async () => {
    const timestamp = await leader.atRest((at) => at.timestamp);
    const known = new Map(manifest.segments.map((info) => [info.id, info]));
    const segments = group.segmentIds.flatMap((id) => known.get(id) ?? []);
    if (segments.length < group.segmentIds.length) return null;
    leader.beginCompaction(timestamp);
    try {
      const request = { shardId, segments, forgetUntil: 0n };
      const deletes = await deps.host.checkpointDeletes(request, BACKGROUND);
      const infos = segments.map((info) => ({
        ...info,
        deletes: deletes.get(info.id) ?? info.deletes,
      }));
      return { infos, timestamp };
    } catch (failure) {
      leader.endCompaction(timestamp);
      throw failure;
    }
  });
}

async function publish(
  leader: ShardLeader,
  deps: ShardDeps,
  result: { readonly inputs: Inputs; readonly output: SegmentInfo | null },
): Promise<boolean> {
  const { manifest, shardId } = leader;
  const { inputs, output } = result;
  return await manifest.turn.run(async () => {
    const known = new Set(manifest.segments.map(({ id }) => id));
    // A truncation or a drop took an input away meanwhile: the output would bring rows back.
    if (!inputs.infos.every(({ id }) => known.has(id))) return false;
    const { schema } = leader.collection;
    const segments = output === null ? [] : [output];
    const appliedTimestamp = inputs.timestamp;
    // 3. The host serves the output and takes in the deletes that came since step 1.
    await deps.host.assign({ shardId, schema, segments, appliedTimestamp }, BACKGROUND);
    const segmentIds = segments.map(({ id }) => id);
    try {
      const request = { shardId, segments, forgetUntil: 0n };
      const deletes = await deps.host.checkpointDeletes(request, BACKGROUND);
      const add = segments.map((info) => ({
        ...info,
        deletes: deletes.get(info.id) ?? info.deletes,
      }));
      // 4. Output replaces inputs in one commit.
      const remove = inputs.infos.map(({ id }) => id);
      await manifest.commit({ ...manifest.unchanged, add, remove }, () => undefined);
    } catch (failure) {
      await deps.host.unassign({ shardId, segmentIds }, BACKGROUND);
      throw failure;
    }
    return true;
  });
}
