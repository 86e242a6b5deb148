/** From the call of open to the first right answer, in a process that was just started. */
import { entryUrl } from '../package.ts';
import { join } from 'node:path';
import { inDirectory, killAt, program, run } from '../processes.ts';
import { type Findings, figure, rounded } from '../result.ts';
import { median } from '../statistics.ts';
import { nearestRows, syntheticVectors, vectorAt, writeVectors } from '../vectors.ts';

const DIM = 128;
const ROWS = 100_000;
const RUNS = 11;
const KILLS = 3;
const LOG_BYTES = 64 * 1024 * 1024;
const LIMIT = 10;

interface Found {
  readonly openMs: number;
  readonly answerMs: number;
  readonly ids: number[];
  readonly rssMB: number;
  readonly cleanEnd: boolean;
  readonly replayedRecords: number;
  readonly loaded?: string[];
}

export async function reopen(): Promise<Findings> {
  return await inDirectory(async (directory) => {
    // More rows than the log has room for.
    const set = syntheticVectors(140_000, DIM);
    const clean = { ...set, count: ROWS, values: set.values.subarray(0, ROWS * DIM) };
    const query = vectorAt(set, 4711);
    const ask = { query: [...query], limit: LIMIT, searches: 2 };

    const path = join(directory, 'clean.db');
    const vectorPath = join(directory, 'clean.f32');
    writeVectors(vectorPath, clean);
    await run(program('fill.ts', { path, vectorPath, dim: DIM, logBytes: 0 }));
    const right = nearestRows(clean, query, LIMIT);
    const cleanRuns: Found[] = [];
    // The first run brings the files into the page cache.
    for (let i = 0; i <= RUNS; i++) {
      const found = await run<Found>(
        program('open-search.mjs', { entry: entryUrl(), path, ...ask }),
      );
      check(found, right, true);
      if (i > 0) cleanRuns.push(found);
    }
    const record = join(import.meta.dirname, '..', 'programs', 'record-modules.ts');
    const watched = await run<Found>(
      program('open-search.mjs', { entry: entryUrl(), path, ...ask }, ['--import', record]),
    );
    if (watched.loaded === undefined) throw new Error('packages were not recorded');
    const arrow = watched.loaded.filter((name) => name.startsWith('apache-arrow'));

    const killed: Found[] = [];
    writeVectors(vectorPath, set);
    for (let i = 0; i < KILLS; i++) {
      const killedPath = join(directory, `killed-${i}.db`);
      const filling = { path: killedPath, vectorPath, dim: DIM, logBytes: LOG_BYTES };
      await killAt(program('fill.ts', filling), 'full');
      const found = await run<Found>(
        program('open-search.mjs', { entry: entryUrl(), path: killedPath, ...ask }),
      );
      const rowCount = (found.replayedRecords - 0) * 1000;
      const replayed = { ...set, count: rowCount };
      check(found, nearestRows(replayed, query, LIMIT), false);
      killed.push(found);
    }
    return findings(cleanRuns, killed, arrow.length);
  });
}

function findings(clean: Found[], killed: Found[], arrowModules: number): Findings {
  const answer = clean.map(({ answerMs }) => answerMs);
  const afterKill = killed.map(({ answerMs }) => answerMs);
  const rssMB = Math.max(...clean.map((one) => one.rssMB));
  const killedMB = Math.max(...killed.map((one) => one.rssMB));
  return {
    parameters: { rows: ROWS, dimension: DIM, replayedRows: killed[0]!.replayedRecords * 1000 },
    figures: [
      figure(
        'open after a clean close',
        'ms',
        clean.map(({ openMs }) => openMs),
      ),
      figure('open to first answer after a clean close', 'ms', answer, rssMB),
      figure('open to first answer after SIGKILL, 64 MiB of log', 'ms', afterKill, killedMB),
    ],
    targets: [
      atMost('first answer after a clean close', rounded(median(answer)), 50, 'ms'),
      atMost('first answer after SIGKILL', rounded(median(afterKill)), 1000, 'ms'),
      atMost('modules of apache-arrow loaded by it', arrowModules, 0, 'modules'),
    ],
  };
}

function atMost(
  what: string,
  value: number,
  bound: number,
  unit: string,
): Findings['targets'][number] {
  return { what, value, bound, rule: 'at most', unit };
}

function check(found: Found, right: readonly number[], isClean: boolean): void {
  if (found.ids.join() !== right.join()) {
    throw new Error(`wrong answer: ${found.ids.join()} instead of ${right.join()}`);
  }
  if (found.cleanEnd !== isClean) throw new Error(`the end was clean: ${found.cleanEnd}`);
}
