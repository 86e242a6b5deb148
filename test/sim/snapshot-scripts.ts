/** What crash enumeration plays with snapshots. */
import { keyed, plain, sharded, texts } from './shapes.ts';
import type { Script } from './scenarios.ts';
import { createSnapshot, dropSnapshot, restoreSnapshot } from './simulated-snapshots.ts';
import { ok, REF, type Stage } from './stage.ts';

const HOUR_MS = 3_600_000;
const RESTORED = { ...REF, collectionName: 'restored' };

async function snapshot(stage: Stage, snapshotName: string, isProtected = false): Promise<void> {
  ok(await createSnapshot(stage.sim, REF, { snapshotName, isProtected }));
}

async function restore(stage: Stage, snapshotName: string): Promise<void> {
  const targetName = RESTORED.collectionName;
  ok(await restoreSnapshot(stage.sim, REF, { snapshotName, targetName }));
}

/** Long enough for garbage to be collected, twice. */
async function hours(stage: Stage): Promise<void> {
  await stage.sim.advance(2 * HOUR_MS);
  await stage.sim.advance(HOUR_MS);
}

export const SNAPSHOT_SCRIPTS: readonly Script[] = [
  {
    name: 'a snapshot outlives its rows',
    shape: plain,
    play: async (stage) => {
      await stage.insert(0, 3);
      await stage.flush();
      await stage.insert(3, 2);
      await snapshot(stage, 'a');
      await stage.delete(0, 4);
      await stage.flush();
      await stage.insert(20, 3);
      await stage.flush();
      await stage.compact();
      await hours(stage);
      await restore(stage, 'a');
      ok(await stage.sim.insert(RESTORED, stage.rows(7, 1)));
    },
  },
  {
    name: 'snapshots of two shards with deletes',
    shape: sharded,
    play: async (stage) => {
      await stage.insert(0, 6);
      await stage.flush();
      await stage.delete(0, 2);
      await snapshot(stage, 'a', true);
      await stage.insert(6, 4);
      await stage.compact();
      await snapshot(stage, 'b');
      await stage.reopen('kill');
      ok(await dropSnapshot(stage.sim, REF, 'a'));
      await hours(stage);
      await restore(stage, 'b');
    },
  },
  {
    name: 'a restored collection stands alone',
    shape: texts,
    play: async (stage) => {
      await stage.insert(0, 4);
      await snapshot(stage, 'a');
      await restore(stage, 'a');
      ok(await stage.sim.dropCollection(REF));
      await hours(stage);
      ok(await stage.sim.flush(RESTORED));
      await stage.reopen('close');
    },
  },
  {
    name: 'a snapshot of an older schema and fewer partitions',
    shape: plain,
    play: async (stage) => {
      await stage.insert(0, 3);
      await snapshot(stage, 'a');
      ok(await stage.sim.addField(REF, { name: 'late', type: 'Int64', nullable: true }));
      ok(await stage.sim.createPartition(REF, 'left'));
      await stage.insert(3, 2, { partition: 'left' });
      await snapshot(stage, 'b');
      ok(await stage.sim.dropPartition(REF, 'left'));
      ok(await stage.sim.dropField(REF, 'late'));
      await stage.flush();
      await restore(stage, 'b');
    },
  },
  {
    name: 'a snapshot of nothing, and of truncated rows',
    shape: sharded,
    play: async (stage) => {
      await snapshot(stage, 'empty');
      await stage.insert(0, 5);
      await snapshot(stage, 'full');
      ok(await stage.sim.truncate(REF));
      await snapshot(stage, 'emptied');
      await hours(stage);
      await restore(stage, 'full');
    },
  },
  {
    name: 'a snapshot by partition key goes and comes again',
    shape: keyed,
    play: async (stage) => {
      await stage.insert(0, 5);
      await snapshot(stage, 'a');
      ok(await dropSnapshot(stage.sim, REF, 'a'));
      await stage.upsert(0, 3);
      await snapshot(stage, 'a');
      await stage.reopen('close');
      await restore(stage, 'a');
    },
  },
];
