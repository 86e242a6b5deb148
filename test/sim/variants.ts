/**
 * What crash enumeration plays: each scenario on an empty disk, and behind each beginning and pair of
 * beginnings. A beginning is also played alone with every shape, so that its own states are met once and
 * not again with each scenario behind it.
 */
import type { CollectionRef } from '../../src/core/references.ts';
import { type Scenario, SCENARIOS, type Script, SCRIPTS } from './scenarios.ts';
import { type Shape, SHAPES } from './shapes.ts';
import { ok, REF, type Stage } from './stage.ts';

type Beginning = Pick<Script, 'name' | 'play'>;

function newRows(stage: Stage, ref: CollectionRef): ReturnType<Stage['rows']> {
  return stage.keys(ref).map((key) => ({ key, values: stage.shape.row(stage.random) }));
}

/** Something else lies on the disk already, sealed and in the log. */
const beside: Beginning = {
  name: 'beside another collection',
  play: async (stage) => {
    const ref = { ...REF, collectionName: 'beside' };
    await stage.create(ref);
    ok(await stage.sim.insert(ref, stage.rows(0, 5)));
    ok(await stage.sim.flush(ref));
    ok(await stage.sim.upsert(ref, newRows(stage, ref).slice(0, 2)));
  },
};

/** The process was killed and the database opened again. */
const afterKill: Beginning = {
  name: 'after a kill',
  play: async (stage) => {
    const ref = { ...REF, collectionName: 'before' };
    await stage.create(ref);
    ok(await stage.sim.insert(ref, stage.rows(0, 3)));
    await stage.reopen('kill');
  },
};

/** With sealed rows from before. */
const afterClose: Beginning = {
  name: 'after a clean close',
  play: async (stage) => {
    const ref = { ...REF, collectionName: 'earlier' };
    await stage.create(ref);
    ok(await stage.sim.insert(ref, stage.rows(0, 4)));
    ok(await stage.sim.flush(ref));
    await stage.reopen('close');
  },
};

const BEGINNINGS: ReadonlyArray<readonly Beginning[]> = [
  [beside],
  [afterKill],
  [afterClose],
  [beside, afterKill],
];

async function begin(stage: Stage, beginnings: readonly Beginning[]): Promise<void> {
  for (const { play } of beginnings) await play(stage);
  await stage.create();
}

function named(name: string, beginnings: readonly Beginning[]): string {
  return [name, ...beginnings.map((one) => one.name)].join(', ');
}

function alone(shape: Shape, beginnings: readonly Beginning[]): Scenario {
  const play = async (stage: Stage): Promise<void> => await begin(stage, beginnings);
  return { name: named(shape.name, beginnings), shape, play };
}

function behind(beginnings: readonly Beginning[], script: Script): Scenario {
  return {
    ...script,
    name: named(script.name, beginnings),
    before: async (stage) => await begin(stage, beginnings),
  };
}

/** All that is enumerated. */
export const VARIANTS: readonly Scenario[] = [
  ...SCENARIOS,
  ...SHAPES.flatMap((shape) => BEGINNINGS.map((one) => alone(shape, one))),
  ...SCRIPTS.flatMap((script) => BEGINNINGS.map((one) => behind(one, script))),
];
