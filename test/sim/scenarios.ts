/** What crash enumeration plays: one script for each thing that changes what is durable. */
import { automatic, keyed, plain, sharded, type Shape, texts, wide } from './shapes.ts';
import { SNAPSHOT_SCRIPTS } from './snapshot-scripts.ts';
import { ok, REF, rest, type Stage } from './stage.ts';

/** What happens to a collection that is there. */
export interface Script {
  readonly name: string;
  readonly shape: Shape;
  readonly play: (stage: Stage) => Promise<void>;
}

export interface Scenario extends Script {
  /** Played first; its operations are another scenario's, and the power does not go there. */
  readonly before?: Script['play'];
}

const HOUR_MS = 3_600_000;
const OTHER = { ...REF, collectionName: 'other' };

async function flushes(stage: Stage, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await stage.insert(i * 2, 2);
    await stage.flush();
  }
}

function scenario(name: string, shape: Shape, play: Script['play']): Script {
  return { name, shape, play };
}

const writes: readonly Script[] = [
  scenario('inserts', plain, async (stage) => {
    for (let i = 0; i < 6; i++) await stage.insert(i * 3, 3);
  }),
  scenario('concurrent inserts share a commit', plain, async (stage) => {
    await Promise.all([0, 1, 2, 3].map((i) => stage.insert(i * 3, 2)));
    await Promise.all([2, 3, 4, 5].map((i) => stage.insert(i * 3, 2)));
  }),
  scenario('inserts into two shards', sharded, async (stage) => {
    for (let i = 0; i < 4; i++) await stage.insert(i * 4, 4);
  }),
  scenario('inserts of text keys', texts, async (stage) => {
    for (let i = 0; i < 4; i++) await stage.insert(i * 3, 4);
  }),
  scenario('auto ids', automatic, async (stage) => {
    await stage.insert(0, 3);
    await stage.reopen('kill');
    await stage.insert(0, 3);
    await stage.upsert(1, 2);
    await stage.flush();
    await stage.upsert(0, 2);
    await stage.upsertPart(1, 2);
  }),
  scenario('partition key', keyed, async (stage) => {
    await stage.insert(0, 6);
    await stage.flush();
    await stage.upsert(0, 4);
    await stage.upsertPart(1, 3);
    await stage.delete(2, 2);
  }),
  scenario('every type', wide, async (stage) => {
    await stage.insert(0, 3);
    await stage.flush();
    await stage.upsertPart(0, 2);
    await stage.insert(5, 1);
  }),
  scenario('upserts over growing rows', plain, async (stage) => {
    await stage.insert(0, 4);
    for (let i = 0; i < 4; i++) await stage.upsert(i % 3, 2);
  }),
  scenario('upserts over sealed rows', plain, async (stage) => {
    await stage.insert(0, 4);
    await stage.flush();
    await stage.upsert(0, 2);
    await stage.upsert(1, 2);
    await stage.flush();
    await stage.upsert(0, 3);
  }),
  scenario('partial upserts', texts, async (stage) => {
    await stage.insert(0, 5);
    await stage.upsertPart(0, 3);
    await stage.flush();
    await stage.upsertPart(1, 3);
    await stage.upsertPart(1, 2);
  }),
  scenario('deletes by keys', plain, async (stage) => {
    await stage.insert(0, 8);
    await stage.delete(0, 2);
    await stage.flush();
    await stage.delete(1, 3);
    await stage.insert(0, 2);
  }),
  scenario('deletes by filter', sharded, async (stage) => {
    await stage.insert(0, 10);
    await stage.deleteWhere(3);
    await stage.flush();
    await stage.deleteWhere(6);
  }),
  scenario('the same key again and again', plain, async (stage) => {
    for (let i = 0; i < 4; i++) {
      await stage.insert(0, 1);
      await stage.delete(0, 1);
      if (i === 1) await stage.flush();
      await stage.insert(0, 1);
    }
  }),
];

const housekeeping: readonly Script[] = [
  scenario('flush', plain, async (stage) => await flushes(stage, 3)),
  scenario('flush of two shards', sharded, async (stage) => {
    await stage.insert(0, 8);
    await stage.flush();
    await stage.insert(4, 8);
    await stage.flush();
  }),
  scenario('flush of every type', wide, async (stage) => await flushes(stage, 2)),
  scenario('flush with deletes of both kinds', plain, async (stage) => {
    await stage.insert(0, 5);
    await stage.delete(0, 1);
    await stage.flush();
    await stage.delete(0, 1);
    await stage.insert(9, 2);
    await stage.delete(3, 1);
    await stage.flush();
    await stage.insert(20, 1);
  }),
  scenario('writes while a flush runs', plain, async (stage) => {
    await stage.insert(0, 5);
    const flushing = stage.flush();
    await stage.upsert(0, 2);
    await stage.delete(3, 1);
    await flushing;
    await stage.insert(8, 1);
  }),
  scenario('merge of small segments', plain, async (stage) => {
    await flushes(stage, 4);
    await stage.compact();
    await stage.insert(30, 1);
  }),
  scenario('purge of deleted rows', plain, async (stage) => {
    await stage.insert(0, 8);
    await stage.flush();
    await stage.delete(0, 4);
    await stage.compact();
    await stage.upsert(0, 1);
  }),
  scenario('purge of a whole segment', plain, async (stage) => {
    await stage.insert(0, 3);
    await stage.flush();
    await stage.delete(0, 3);
    await stage.compact();
    await stage.insert(0, 1);
  }),
  scenario('deletes while a compaction runs', plain, async (stage) => {
    await flushes(stage, 4);
    const compacting = stage.compact();
    await stage.delete(0, 2);
    await stage.upsert(1, 2);
    await compacting;
    await stage.flush();
  }),
  scenario('flushes while a compaction runs', plain, async (stage) => {
    await flushes(stage, 4);
    const compacting = stage.compact();
    for (let i = 0; i < 3; i++) {
      await stage.delete(0, 1);
      await stage.flush();
    }
    await compacting;
    await stage.insert(30, 1);
  }),
  scenario('compaction of text keys in two shards', texts, async (stage) => {
    for (let i = 0; i < 4; i++) {
      await stage.insert(i * 4, 4);
      await stage.flush();
    }
    await stage.delete(0, 6);
    await stage.compact();
  }),
  scenario('the log rolls', plain, async (stage) => {
    for (let i = 0; i < 9; i++) await stage.insert(i, 8);
  }),
  scenario('seals by size, log truncated behind', plain, async (stage) => {
    for (let i = 0; i < 16; i++) await stage.insert(i * 4, 8);
    await stage.sim.advance(11_000);
    await stage.insert(0, 1);
  }),
  scenario('several log files go at once', plain, async (stage) => {
    for (let i = 0; i < 12; i++) await stage.insert(i * 4, 6);
    await stage.flush();
    await stage.insert(0, 1);
  }),
  scenario('seals by age', plain, async (stage) => {
    await stage.insert(0, 2);
    await stage.sim.advance(25 * HOUR_MS);
    await stage.insert(2, 2);
  }),
  scenario('garbage is collected', plain, async (stage) => {
    await flushes(stage, 4);
    await stage.compact();
    await stage.sim.advance(2 * HOUR_MS);
    await stage.insert(50, 1);
    await stage.sim.advance(HOUR_MS);
    await stage.flush();
    await stage.sim.advance(HOUR_MS);
  }),
  scenario('clean close', plain, async (stage) => {
    await stage.insert(0, 3);
    await stage.reopen('close');
    await stage.insert(3, 3);
    await stage.reopen('close');
    await stage.reopen('close');
  }),
  scenario('clean close writes segments', plain, async (stage) => {
    await stage.insert(0, 20);
    await stage.reopen('close');
    await stage.delete(0, 2);
    await stage.reopen('close');
    await stage.upsert(0, 1);
  }),
  scenario('killed and opened again', sharded, async (stage) => {
    await stage.insert(0, 4);
    await stage.reopen('kill');
    await stage.insert(4, 4);
    await stage.flush();
    await stage.delete(0, 2);
    await stage.reopen('kill');
    await stage.upsert(0, 2);
    await stage.reopen('kill');
  }),
  scenario('opened often', plain, async (stage) => {
    await stage.insert(0, 2);
    for (let i = 0; i < 5; i++) await stage.reopen(i % 2 === 0 ? 'kill' : 'close');
    await stage.insert(2, 2);
  }),
];

const indexes: readonly Script[] = [
  scenario('an index behind a flush', plain, async (stage) => {
    ok(await stage.sim.createIndex(REF));
    await stage.insert(0, 8);
    await stage.flush();
    await stage.delete(1, 2);
    await rest(stage.disk);
    await stage.search();
    await stage.reopen('kill');
    await stage.search();
    await stage.upsert(0, 2);
  }),
  scenario('an index of rows that are there', sharded, async (stage) => {
    await stage.insert(0, 16);
    await stage.flush();
    ok(await stage.sim.createIndex(REF));
    await stage.insert(16, 2);
    await rest(stage.disk);
    await stage.search();
    await stage.reopen('close');
    await stage.search();
  }),
  scenario('compaction behind indexes', plain, async (stage) => {
    ok(await stage.sim.createIndex(REF));
    for (let i = 0; i < 4; i++) {
      await stage.insert(i * 4, 5);
      await stage.flush();
    }
    await stage.compact();
    await rest(stage.disk);
    await stage.search();
    await stage.delete(0, 3);
    await stage.flush();
  }),
  scenario('an index is dropped and made again', plain, async (stage) => {
    await stage.insert(0, 8);
    await stage.flush();
    ok(await stage.sim.createIndex(REF));
    await rest(stage.disk);
    ok(await stage.sim.dropIndex(REF));
    await stage.insert(8, 1);
    ok(await stage.sim.createIndex(REF));
    await rest(stage.disk);
    await stage.search();
  }),
];

const catalog: readonly Script[] = [
  scenario('drop a collection', sharded, async (stage) => {
    await stage.insert(0, 4);
    await stage.flush();
    await stage.insert(4, 4);
    ok(await stage.sim.dropCollection(REF));
    await stage.sim.advance(HOUR_MS);
  }),
  scenario('drop a collection and create its name again', plain, async (stage) => {
    await stage.insert(0, 4);
    ok(await stage.sim.dropCollection(REF));
    await stage.create();
    await stage.insert(2, 1);
    await stage.flush();
    ok(await stage.sim.dropCollection(REF));
    await stage.create();
    await stage.reopen('kill');
  }),
  scenario('rename a collection', plain, async (stage) => {
    await stage.insert(0, 3);
    ok(await stage.sim.renameCollection(REF, 'moved'));
    const moved = { ...REF, collectionName: 'moved' };
    ok(await stage.sim.insert(moved, stage.rows(3, 2)));
    ok(await stage.sim.flush(moved));
    ok(await stage.sim.renameCollection(moved, REF.collectionName));
  }),
  scenario('truncate growing and sealed rows', sharded, async (stage) => {
    await stage.insert(0, 6);
    await stage.flush();
    await stage.insert(6, 4);
    ok(await stage.sim.truncate(REF));
    await stage.insert(2, 3);
    ok(await stage.sim.truncate(REF));
    await stage.insert(2, 1);
  }),
  scenario('add fields', texts, async (stage) => {
    await stage.insert(0, 3);
    await stage.flush();
    ok(await stage.sim.addField(REF, { name: 'late', type: 'Int64', nullable: true }));
    await stage.insert(3, 2);
    ok(
      await stage.sim.addField(REF, {
        name: 'later',
        type: 'Int32',
        nullable: true,
        defaultValue: 4,
      }),
    );
    await stage.upsertPart(0, 2);
    await stage.flush();
    await stage.compact();
  }),
  scenario('move between databases', plain, async (stage) => {
    await stage.insert(0, 3);
    await stage.flush();
    await stage.insert(3, 2);
    ok(await stage.sim.createDatabase('second'));
    ok(await stage.sim.moveCollection(REF, 'second'));
    const moved = { ...REF, databaseName: 'second' };
    ok(await stage.sim.insert(moved, stage.rows(5, 2)));
    ok(await stage.sim.moveCollection(moved, REF.databaseName));
    await stage.insert(7, 1);
  }),
  scenario('drop fields', texts, async (stage) => {
    const late = { name: 'late', type: 'Int64' as const, nullable: true };
    const given = async (from: number, count: number, value: bigint | number): Promise<void> => {
      const rows = stage.rows(from, count);
      const held = rows.map(({ key, values }) => ({ key, values: { ...values, late: value } }));
      ok(await stage.sim.insert(REF, held));
    };
    ok(await stage.sim.addField(REF, late));
    await given(0, 3, 1n);
    await stage.flush();
    await given(3, 2, 2n);
    ok(await stage.sim.dropField(REF, 'late'));
    await stage.insert(5, 1);
    ok(await stage.sim.addField(REF, { ...late, type: 'Int32', defaultValue: 4 }));
    await given(6, 1, 3);
    await stage.upsertPart(0, 2);
    await stage.flush();
    ok(await stage.sim.dropField(REF, 'late'));
    await stage.compact();
  }),
  scenario('change arrays', wide, async (stage) => {
    await stage.insert(0, 3);
    await stage.flush();
    const rows = stage.keys().map((key) => ({ key, values: { arr: ['z'] } }));
    const change = async (arrays: 'ARRAY_APPEND' | 'ARRAY_REMOVE'): Promise<void> =>
      ok(await stage.sim.upsert(REF, rows, { partial: true, arrays }));
    await change('ARRAY_APPEND');
    await change('ARRAY_APPEND');
    await change('ARRAY_REMOVE');
    await change('ARRAY_APPEND');
  }),
  scenario('partitions', plain, async (stage) => {
    ok(await stage.sim.createPartition(REF, 'left'));
    await stage.insert(0, 3, { partition: 'left' });
    await stage.insert(2, 3);
    await stage.delete(0, 2, { partition: 'left' });
    await stage.flush();
    await stage.insert(0, 2, { partition: 'left' });
  }),
  scenario('drop a partition with sealed rows', plain, async (stage) => {
    ok(await stage.sim.createPartition(REF, 'left'));
    await stage.insert(0, 3, { partition: 'left' });
    await stage.insert(5, 2);
    await stage.flush();
    ok(await stage.sim.dropPartition(REF, 'left'));
    await stage.insert(0, 1);
    await stage.reopen('kill');
  }),
  scenario('drop a partition with growing rows and create it again', sharded, async (stage) => {
    ok(await stage.sim.createPartition(REF, 'left'));
    await stage.insert(0, 4, { partition: 'left' });
    await stage.insert(2, 2);
    ok(await stage.sim.dropPartition(REF, 'left'));
    ok(await stage.sim.createPartition(REF, 'left'));
    await stage.insert(1, 1, { partition: 'left' });
    await stage.reopen('kill');
  }),
  scenario('aliases', plain, async (stage) => {
    ok(await stage.sim.createAlias(REF, 'nick'));
    await stage.create(OTHER);
    ok(await stage.sim.alterAlias(OTHER, 'nick'));
    ok(await stage.sim.renameCollection(OTHER, 'another'));
    ok(await stage.sim.dropAlias('default', 'nick'));
    ok(await stage.sim.createAlias(REF, 'nick'));
  }),
  scenario('databases', plain, async (stage) => {
    ok(await stage.sim.createDatabase('second'));
    const there = { databaseName: 'second', collectionName: 'things' };
    await stage.create(there);
    ok(await stage.sim.insert(there, stage.rows(0, 2)));
    await stage.insert(0, 2);
    ok(await stage.sim.dropCollection(there));
    ok(await stage.sim.dropDatabase('second'));
    ok(await stage.sim.createDatabase('second'));
  }),
  scenario('two collections in one log', plain, async (stage) => {
    await stage.create(OTHER);
    await stage.insert(0, 3);
    ok(await stage.sim.insert(OTHER, stage.rows(0, 3)));
    await stage.flush();
    ok(await stage.sim.insert(OTHER, stage.rows(3, 1)));
    await stage.insert(3, 1);
    ok(await stage.sim.dropCollection(OTHER));
    await stage.insert(4, 1);
  }),
  scenario('drops beside writes', plain, async (stage) => {
    await stage.create(OTHER);
    ok(await stage.sim.insert(OTHER, stage.rows(0, 3)));
    ok(await stage.sim.flush(OTHER));
    const dropping = stage.sim.dropCollection(OTHER);
    await stage.insert(0, 3);
    ok(await dropping);
    await stage.flush();
  }),
  scenario('rows move between partitions', plain, async (stage) => {
    ok(await stage.sim.createPartition(REF, 'left'));
    await stage.insert(0, 3);
    await stage.insert(0, 3, { partition: 'left' });
    await stage.flush();
    await stage.upsert(0, 2);
    await stage.flush();
    ok(await stage.sim.dropPartition(REF, 'left'));
    await stage.insert(9, 1);
  }),
  scenario('a dropped partition had taken rows over', plain, async (stage) => {
    ok(await stage.sim.createPartition(REF, 'left'));
    await stage.insert(0, 2);
    await stage.flush();
    await stage.insert(2, 2);
    await stage.insert(1, 2, { partition: 'left' });
    ok(await stage.sim.dropPartition(REF, 'left'));
    await stage.insert(9, 1);
  }),
  scenario('release and load', plain, async (stage) => {
    await stage.insert(0, 3);
    await stage.flush();
    await stage.sim.service.releaseCollection(REF);
    await stage.sim.service.loadCollection(REF);
    await stage.insert(3, 1);
  }),
  scenario('the wall clock goes back', sharded, async (stage) => {
    await stage.insert(0, 3);
    stage.clock.jump(-10 * HOUR_MS);
    await stage.upsert(0, 2);
    await stage.flush();
    await stage.reopen('kill');
    await stage.upsert(0, 2);
    stage.clock.jump(-HOUR_MS);
    await stage.reopen('close');
    await stage.delete(0, 1);
  }),
];

export const SCRIPTS: readonly Script[] = [
  ...writes,
  ...housekeeping,
  ...indexes,
  ...catalog,
  ...SNAPSHOT_SCRIPTS,
];

/** Each script on an empty disk. */
export const SCENARIOS: readonly Scenario[] = SCRIPTS.map((script) => ({
  ...script,
  play: async (stage) => {
    await stage.create();
    await script.play(stage);
  },
}));
