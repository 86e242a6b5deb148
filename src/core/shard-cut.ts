/** A shard as a snapshot takes it: which manifest has its rows, and up to which moment. */
import type { ShardCut } from './snapshot-ports.ts';
import type { ShardLeader } from './shard-leader.ts';

/**
 * @param at.timestamp above that of every write that was answered
 * @param flush moves rows that are growing to segments; called where `at` asks for it
 */
export async function cutShard(
  leader: ShardLeader,
  at: { readonly timestamp: bigint; readonly flush: boolean },
  flush: () => Promise<void>,
): Promise<ShardCut> {
  const { manifest, leases } = leader;
  const { timestamp } = at;
  await manifest.open(leader.collection.schema);
  // Compactions that begin from here on leave what reads at the moment see.
  leases.extend(timestamp);
  if (at.flush) await flush();
  await leader.settled();
  return await manifest.turn.run(async () => {
    leases.takeOver(manifest.historyFrom);
    leases.extend(timestamp);
    // Writes have their timestamps in order: what a flush did not take in came after the moment.
    const until = at.flush ? timestamp : wholeUntil(leader, timestamp);
    return { manifest: manifest.hold(), until, historyFrom: leases.floor };
  });
}

/** The manifest has every record up to the returned moment, which is at most `timestamp`. */
function wholeUntil({ manifest, firstUnflushed }: ShardLeader, timestamp: bigint): bigint {
  if (firstUnflushed === null) return timestamp;
  const flushed = manifest.pointer === null ? 0n : manifest.current.timestamp;
  // Nothing was written between the last flush and the first record that none has taken in.
  const before = firstUnflushed.timestamp - 1n;
  const until = before > flushed ? before : flushed;
  return until < timestamp ? until : timestamp;
}
