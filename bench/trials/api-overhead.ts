/** What a search through the public API costs beside the bare index, filtered and not. */
import { join } from 'node:path';
import { setOfFile, syntheticSet } from '../compare/sets.ts';
import { BUILD_WIDTH, DEGREE, TOP_K } from '../compare/task.ts';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { median } from '../statistics.ts';
import { writeVectors } from '../vectors.ts';

const DIM = 384;
const ROWS = 63_666;
const ROUNDS = 5;
const ASKED = [
  { width: 16, share: null },
  { width: 64, share: null },
  { width: 16, share: 0.01 },
  { width: 16, share: 0.1 },
  { width: 16, share: 0.5 },
];
const MORE_MICROSECONDS_MAX = 60;

interface Found {
  readonly found: ReadonlyArray<{ readonly apiMs: number[]; readonly bareMs: number[] }>;
  readonly rssMB: number;
}

/** @param vectors file of float16 vectors of 384 dimensions; synthetic ones without it */
export async function apiOverhead(options: { readonly vectors?: string }): Promise<Findings> {
  const { vectors } = options;
  const set = vectors === undefined ? syntheticSet(ROWS, DIM) : setOfFile(vectors, DIM);
  return await inDirectory(async (directory) => {
    const vectorPath = join(directory, 'rows.f32');
    const queryPath = join(directory, 'queries.f32');
    writeVectors(vectorPath, set.rows);
    writeVectors(queryPath, set.queries);
    const index = { M: DEGREE, efConstruction: BUILD_WIDTH };
    const path = join(directory, 'vectors.db');
    const told = { path, vectorPath, queryPath, dim: DIM, limit: TOP_K, index };
    const settings = { ...told, asked: ASKED, rounds: ROUNDS };
    const { found, rssMB } = await run<Found>(program('api-overhead.ts', settings));
    const figures: Figure[] = [];
    const targets: Target[] = [];
    for (const [i, { width, share }] of ASKED.entries()) {
      const { apiMs, bareMs } = found[i] ?? { apiMs: [], bareMs: [] };
      const what = `${set.name}, ef ${width}${share === null ? '' : `, ${share * 100} % match`}`;
      const micros = (callMs: readonly number[]): number[] => callMs.map((ms) => ms * 1000);
      figures.push(figure(`${what}: public API`, 'us', micros(apiMs), rssMB));
      figures.push(figure(`${what}: bare index`, 'us', micros(bareMs)));
      targets.push({
        what: `${what}: median above that of the bare index`,
        value: rounded((median(apiMs) - median(bareMs)) * 1000),
        bound: MORE_MICROSECONDS_MAX,
        rule: 'at most',
        unit: 'us',
      });
    }
    const { rows } = set;
    return {
      parameters: { rows: rows.count, dimension: DIM, limit: TOP_K, ...index },
      figures,
      targets,
    };
  });
}
