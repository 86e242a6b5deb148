/** HNSW through the public API from 10,000 rows to a million: built, closed, opened again, searched. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { growthExponent, median } from '../statistics.ts';
import { speedAt } from '../compare/comparison.ts';
import { type CompareSet, Judge, syntheticSet } from '../compare/sets.ts';
import { TOP_K } from '../compare/task.ts';
import { writeVectors } from '../vectors.ts';

const DIM = 128;
const SIZES = [10_000, 100_000, 1_000_000];
const WIDTHS = [16, 24, 32, 48, 64, 96, 128, 256, 512];
const M = 16;
const BUILD_WIDTH = 200;
/** Of which the growth of a search is told: at one width, more rows mean less recall. */
const RECALL = 0.99;

interface Filled {
  readonly insertMs: number;
  readonly indexedMs: number;
  readonly segments: number;
  /** Of the segments and their indexes that are left. */
  readonly fileBytes: number;
  readonly rssMB: number;
}

interface Searched {
  readonly firstMs: number;
  readonly found: ReadonlyArray<{ width: number; callMs: number[]; ids: number[][] }>;
  readonly rssMB: number;
}

/** What is told of a size, and what a search costs there; null where RECALL is not reached. */
interface Costs {
  readonly build: number;
  readonly open: number;
  readonly search: number | null;
  readonly memory: number;
  readonly files: number;
}

/** Exponents that cost may have; a graph's own is above 1, since it is searched to be built. */
const BOUNDS = { build: 1.3, open: 1.1, search: 0.5, memory: 1.1, files: 1.1 } as const;
const WORDS = {
  build: 'insert and index',
  open: 'open to first answer',
  search: `a search at a recall of ${RECALL}`,
  memory: 'memory while it is searched',
  files: 'files of segments and graphs',
} as const;

/** @param options sizes other than the ones that results are kept of */
export async function indexGrowth(options: {
  readonly sizes?: readonly number[];
}): Promise<Findings> {
  const { sizes = SIZES } = options;
  const figures: Figure[] = [];
  const costs: Array<{ size: number } & Costs> = [];
  for (const size of sizes) {
    const set = syntheticSet(size, DIM);
    const found = await inDirectory((directory) => costsOf(set, directory));
    figures.push(...found.figures);
    costs.push({ size, ...found.costs });
  }
  const targets = (Object.keys(BOUNDS) as Array<keyof Costs>).map((kind): Target => {
    const points = costs.flatMap((one) => {
      const cost = one[kind];
      return cost === null ? [] : [{ size: one.size, cost }];
    });
    const value = rounded(growthExponent(points));
    const what = `growth exponent of ${WORDS[kind]}`;
    return { what, value, bound: BOUNDS[kind], rule: 'at most', unit: '' };
  });
  const parameters = { dimension: DIM, M, efConstruction: BUILD_WIDTH, limit: TOP_K };
  return {
    parameters: { ...parameters, sizes: sizes.join(', ') },
    figures,
    targets,
  };
}

async function costsOf(
  set: CompareSet,
  directory: string,
): Promise<{ figures: Figure[]; costs: Costs }> {
  const path = join(directory, 'indexed.db');
  const vectorPath = join(directory, 'rows.f32');
  const queryPath = join(directory, 'queries.f32');
  writeVectors(vectorPath, set.rows);
  writeVectors(queryPath, set.queries);
  const index = { type: 'HNSW', metric: 'IP', M, efConstruction: BUILD_WIDTH };
  const filling = { path, vectorPath, dim: DIM, index };
  const filled = await run<Filled>(program('indexed-fill.ts', filling));
  // With what compaction left behind, which is collected later.
  const directoryMB = byteLengthOf(path) / 1e6;
  const filesMB = filled.fileBytes / 1e6;
  const asking = { path, queryPath, dim: DIM, widths: WIDTHS, limit: TOP_K };
  const searched = await run<Searched>(program('indexed-search.ts', asking));
  const rows = `${set.rows.count} rows`;
  const { segments, insertMs, indexedMs, rssMB } = filled;
  const untilIndexed = `${rows}: until all are in ${segments} graph${segments === 1 ? '' : 's'}`;
  const judge = new Judge(set, null);
  const points = searched.found.map(({ width, callMs, ids }) => {
    const speeds = callMs.map((ms) => 1000 / ms);
    return { width, speeds, recall: judge.recall(ids, null), queriesASecond: median(speeds) };
  });
  const speed = speedAt(points, RECALL);
  const figures = [
    figure(`${rows}: insert and flush`, 's', [insertMs / 1000]),
    figure(untilIndexed, 's', [indexedMs / 1000], rssMB),
    figure(`${rows}: files of segments and graphs`, 'MB', [filesMB]),
    figure(`${rows}: whole directory when it is closed`, 'MB', [directoryMB]),
    figure(`${rows}: open to first answer`, 'ms', [searched.firstMs], searched.rssMB),
    ...points.map(({ width, recall, speeds }) =>
      figure(`${rows}: ef ${width}, recall ${recall.toFixed(4)}`, 'searches/s', speeds),
    ),
  ];
  const costs = {
    build: indexedMs,
    open: searched.firstMs,
    search: speed === null ? null : 1 / speed,
    memory: searched.rssMB,
    files: filesMB,
  };
  return { figures, costs };
}

function byteLengthOf(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
