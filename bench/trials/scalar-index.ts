/** Conditions of filters with and without indexes of scalars, what the indexes take, and how long they are built. */
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { median } from '../statistics.ts';

const DIM = 16;
const RUNS = 25;
/** By an index it should not be slower than by the column, but for what a busy machine adds. */
const SLOWER_MAX = 1.5;
/** Calls below this are as fast as anybody asks for. */
const LEAST_MS = 1;

interface Found {
  readonly what: readonly string[];
  readonly scanned: readonly number[][];
  readonly indexed: readonly number[][];
  readonly built: ReadonlyArray<{
    readonly name: string;
    readonly ms: number;
    readonly bytes: number;
  }>;
  readonly rssMB: number;
}

export async function scalarIndex(rows: number): Promise<Findings> {
  return await inDirectory(async (directory) => {
    const told = { path: join(directory, 'scalars.db'), rows, dim: DIM, runs: RUNS };
    const { what, scanned, indexed, built, rssMB } = await run<Found>(
      program('scalar-index.ts', told),
    );
    const figures: Figure[] = [];
    const targets: Target[] = [];
    for (const [i, name] of what.entries()) {
      const [byColumn = [], byIndex = []] = [scanned[i], indexed[i]];
      figures.push(figure(`${name}: column`, 'ms of CPU', byColumn));
      figures.push(figure(`${name}: index`, 'ms of CPU', byIndex, rssMB));
      targets.push({
        what: `${name}: median by the index, of that by the column`,
        value: rounded(median(byIndex) / Math.max(LEAST_MS, median(byColumn))),
        bound: SLOWER_MAX,
        rule: 'at most',
        unit: 'x',
      });
    }
    for (const { name, ms, bytes } of built) {
      figures.push(figure(`${name}: build`, 's of CPU', [ms / 1000]));
      figures.push(figure(`${name}: file`, 'bytes/row', [bytes / rows]));
    }
    return { parameters: { rows, dimension: DIM, runs: RUNS }, figures, targets };
  });
}
