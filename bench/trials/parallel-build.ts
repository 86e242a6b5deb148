/**
 * A graph that several threads build finds as much as one that is built by one of them: recall of both, at the
 * same candidates kept. What is found is compared, nothing is timed.
 */
import { join } from 'node:path';
import type { CodeFamily } from '../compare/code-families.ts';
import { Judge, setOfFile, syntheticSet } from '../compare/sets.ts';
import { BUILD_WIDTH, DEGREE, TOP_K } from '../compare/task.ts';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { writeVectors } from '../vectors.ts';

const DIM = 384;
const ROWS = 60_000;
const THREADS = [2, 4] as const;
const WIDTHS = [16, 32, 64, 128, 256, 512, 1024];
/** How far recall may be below that of one thread: graphs that differ by chance do by as much. */
const MARGIN = 0.003;
/** What every graph reaches. */
const REACHED = 0.999;

export interface ParallelBuildOptions {
  /** File of float16 vectors; synthetic ones without it. */
  readonly vectors?: string;
  readonly rows?: number;
  readonly dim?: number;
}

type Ids = ReadonlyArray<readonly number[]>;

const GRAPH: Pick<CodeFamily, 'structure' | 'build' | 'search' | 'effort' | 'points'> = {
  structure: 'HNSW',
  build: { M: DEGREE, efConstruction: BUILD_WIDTH },
  search: {},
  effort: 'ef',
  points: WIDTHS,
};

export async function parallelBuild(options: ParallelBuildOptions): Promise<Findings> {
  const { vectors, rows = ROWS, dim = DIM } = options;
  const set = vectors === undefined ? syntheticSet(rows, dim) : setOfFile(vectors, dim);
  const judge = new Judge(set, null);
  const curveOf = new Map<number, number[]>();
  await inDirectory(async (directory) => {
    const files = { vectors: join(directory, 'rows.f32'), queries: join(directory, 'queries.f32') };
    writeVectors(files.vectors, set.rows);
    writeVectors(files.queries, set.queries);
    const told = { ...files, dim: set.dim, metric: 'IP', families: [GRAPH] };
    for (const threads of [1, ...THREADS]) {
      const found = await run<Ids[]>(program('quantised-index.ts', { ...told, threads }));
      const curve = found.map((ids) => rounded(judge.recall(ids, null)));
      curveOf.set(threads, curve);
    }
  });
  const figures: Figure[] = [];
  const targets: Target[] = [];
  const serial = curveOf.get(1) ?? [];
  for (const [threads, curve] of curveOf) {
    const what = `built by ${threads} threads`;
    for (const [i, recall] of curve.entries()) {
      figures.push(figure(`${what}, ef ${WIDTHS[i]}`, 'recall', [recall]));
    }
    const rule = 'at least' as const;
    const best = Math.max(...curve);
    targets.push({ what: `${what}: best recall`, value: best, bound: REACHED, rule, unit: '' });
    if (threads === 1) continue;
    const least = rounded(Math.min(...curve.map((recall, i) => recall - serial[i]!)));
    const distance = `${what}: the least distance of recall to that of one`;
    targets.push({ what: distance, value: least, bound: -MARGIN, rule, unit: '' });
  }
  const built = { M: DEGREE, efConstruction: BUILD_WIDTH };
  return {
    parameters: { set: set.name, queries: set.queries.count, limit: TOP_K, ...built },
    figures,
    targets,
  };
}
