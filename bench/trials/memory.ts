/** Memory of a process that serves a million vectors, above one that has an empty database open. */
import { entryUrl } from '../package.ts';
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Findings, figure, rounded } from '../result.ts';
import { median } from '../statistics.ts';
import { syntheticVectors, vectorAt, writeVectors } from '../vectors.ts';

const DIM = 128;
const ROWS = 1_000_000;
const RUNS = 3;
const SEARCHES = 20;
const DATA_MB = (ROWS * (DIM * 4 + 8)) / 1e6;

export async function memory(): Promise<Findings> {
  return await inDirectory(async (directory) => {
    const set = syntheticVectors(ROWS, DIM);
    const query = [...vectorAt(set, 4711)];
    const vectorPath = join(directory, 'vectors.f32');
    const path = join(directory, 'served.db');
    writeVectors(vectorPath, set);
    await run(program('fill.ts', { path, vectorPath, dim: DIM, logBytes: 0 }));
    const empty: number[] = [];
    const serving: number[] = [];
    const laterMs: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      const bare = { path: join(directory, `empty-${i}.db`), dim: DIM };
      empty.push((await run<{ rssMB: number }>(program('empty.ts', bare))).rssMB);
      const found = await run<{ rssMB: number; laterMs: number[] }>(
        program('open-search.mjs', {
          entry: entryUrl(),
          path,
          query,
          limit: 10,
          searches: SEARCHES,
        }),
      );
      serving.push(found.rssMB);
      laterMs.push(...found.laterMs);
    }
    return {
      parameters: { rows: ROWS, dimension: DIM, dataMB: DATA_MB, searches: SEARCHES },
      figures: [
        figure('resident with an empty database open', 'MB', empty),
        figure('resident while serving', 'MB', serving),
        figure('search meanwhile', 'ms', laterMs),
      ],
      targets: [
        {
          what: 'resident above the empty database, against the data',
          value: rounded((median(serving) - median(empty)) / DATA_MB),
          bound: 1.3,
          rule: 'at most',
          unit: 'times',
        },
      ],
    };
  });
}
