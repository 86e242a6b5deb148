/**
 * SIGKILL on a real process that writes, flushes and compacts, again and again on the same directory. The
 * journal of what was acknowledged is here, behind a pipe: nothing of it may be lost, nothing may be half.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { openDatabase } from '../../src/core/open.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';
import { collectionOf, LANES, readLane, stateAfter } from './lane-history.ts';

const ROUNDS = 50;
const WRITER = path.join(import.meta.dirname, 'kill-writer.ts');

/** When to kill: so many milliseconds after so many lines of one kind. */
interface Moment {
  readonly after: 'done' | 'flush' | 'compact';
  readonly lines: number;
  readonly delayMs: number;
}

interface LaneJournal {
  /** Newest operation that was acknowledged. */
  done: number;
  /** Newest that was begun. */
  begun: number;
}

const laneNumbers = Array.from({ length: LANES }, (_, lane) => lane);

/** Runs the writer until the moment; adds what it said to the journal. */
async function runAndKill(root: string, journal: LaneJournal[], moment: Moment): Promise<void> {
  const starts = journal.map(({ done }) => String(done + 1));
  const child = spawn(process.execPath, [WRITER, root, ...starts], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let problems = '';
  child.stderr.on('data', (chunk: Buffer) => {
    problems += chunk.toString();
  });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('close', (_code, signal) => resolve(signal));
  });
  let left = moment.lines;
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, laneText, operation] = line.split(' ');
    const lane = journal[Number(laneText)];
    if (what === 'begin') lane!.begun = Number(operation);
    else if (what === 'done') lane!.done = Number(operation);
    if (what !== moment.after || --left !== 0) continue;
    if (moment.delayMs === 0) child.kill('SIGKILL');
    else setTimeout(() => child.kill('SIGKILL'), moment.delayMs);
  }
  expect(await exited, problems).toBe('SIGKILL');
  expect(problems).toBe('');
}

it('loses nothing that was acknowledged, and keeps no half of a batch', async () => {
  await using directory = await temporaryDirectory();
  const root = path.join(directory.path, 'db');
  const random = new SeededRandom(20_240_607);
  const journal = laneNumbers.map((): LaneJournal => ({ done: -1, begun: -1 }));
  let uncleanEnds = 0;
  let unacknowledgedButThere = 0;

  for (let round = 0; round < ROUNDS; round++) {
    const after = (['done', 'flush', 'compact'] as const)[round % 3]!;
    const lines = 1 + random.integer({ done: 60, flush: 6, compact: 2 }[after]);
    const delayMs = random.chance(0.3) ? 0 : random.integer(25);
    await runAndKill(root, journal, { after, lines, delayMs });

    const db = await openDatabase(root);
    if (!db.recovery.cleanEnd) uncleanEnds++;
    for (const lane of laneNumbers) {
      const { done, begun } = journal[lane]!;
      const found = await readLane(db.service, lane);
      const before = stateAfter(lane, done);
      const whole = stateAfter(lane, begun);
      const where = `round ${round}, lane ${lane}, operation ${begun} after ${done}`;
      const isWhole = sameState(found, whole);
      if (lane < LANES - 1) expect(isWhole || sameState(found, before), where).toBe(true);
      else expectEachRow(found, [before, whole], where);
      if (isWhole && begun > done) {
        journal[lane]!.done = begun;
        unacknowledgedButThere++;
      }
    }
    for (const lanes of [[0, 1], [LANES - 1]]) {
      const states = await Promise.all(lanes.map((lane) => readLane(db.service, lane)));
      const rowCount = states.reduce((sum, { size }) => sum + size, 0);
      expect(await db.service.count(collectionOf(lanes[0]!))).toBe(rowCount);
    }
    await db.close();
  }

  expect(uncleanEnds).toBe(ROUNDS);
  const operations = journal.reduce((sum, { done }) => sum + done + 1, 0);
  expect(operations).toBeGreaterThan(ROUNDS);
  console.info(
    `${ROUNDS} kills, ${operations} acknowledged writes, ${unacknowledgedButThere} more had become durable`,
  );
});

function sameState(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  return a.size === b.size && [...a].every(([id, version]) => b.get(id) === version);
}

/** Of a batch on several shards each row is as before or as after; rows that did not change are there. */
function expectEachRow(
  found: ReadonlyMap<number, number>,
  states: readonly ReadonlyMap<number, number>[],
  where: string,
): void {
  const ids = new Set([found, ...states].flatMap((state) => [...state.keys()]));
  for (const id of ids) {
    expect(
      states.map((state) => state.get(id)),
      `${where}, row ${id}`,
    ).toContain(found.get(id));
  }
}
