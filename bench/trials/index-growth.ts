/** HNSW through the public API from 10,000 rows to a million: built, closed, opened again, searched. */
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { growthExponent, median } from '../statistics.ts';
import { Judge, syntheticSet } from '../compare/sets.ts';
import { TOP_K } from '../compare/task.ts';
import { writeVectors } from '../vectors.ts';

const DIM = 128;
const SIZES = [10_000, 100_000, 1_000_000];
const WIDTHS = [16, 32, 64, 128];
const M = 16;
const BUILD_WIDTH = 200;
/** Of which the growth of a search is told. */
const TYPICAL_WIDTH = 64;

interface Filled {
  readonly insertMs: number;
  readonly indexedMs: number;
  readonly segments: number;
  readonly rssMB: number;
}

interface Searched {
  readonly firstMs: number;
  readonly found: ReadonlyArray<{ width: number; callMs: number[]; ids: number[][] }>;
  readonly rssMB: number;
}

export async function indexGrowth(): Promise<Findings> {
  const figures: Figure[] = [];
  const builds: Array<{ size: number; cost: number }> = [];
  const searches: Array<{ size: number; cost: number }> = [];
  for (const size of SIZES) {
    const set = syntheticSet(size, DIM);
    const judge = new Judge(set, null);
    await inDirectory(async (directory) => {
      const path = join(directory, 'indexed.db');
      const vectorPath = join(directory, 'rows.f32');
      const queryPath = join(directory, 'queries.f32');
      writeVectors(vectorPath, set.rows);
      writeVectors(queryPath, set.queries);
      const index = { type: 'HNSW', metric: 'IP', M, efConstruction: BUILD_WIDTH };
      const filling = { path, vectorPath, dim: DIM, index };
      const filled = await run<Filled>(program('indexed-fill.ts', filling));
      const asking = { path, queryPath, dim: DIM, widths: WIDTHS, limit: TOP_K };
      const searched = await run<Searched>(program('indexed-search.ts', asking));
      const rows = `${size} rows`;
      figures.push(figure(`${rows}: insert and flush`, 's', [filled.insertMs / 1000]));
      const untilIndexed = `${rows}: until all are in one of ${filled.segments} graphs`;
      figures.push(figure(untilIndexed, 's', [filled.indexedMs / 1000], filled.rssMB));
      figures.push(figure(`${rows}: open to first answer`, 'ms', [searched.firstMs]));
      builds.push({ size, cost: filled.indexedMs });
      for (const { width, callMs, ids } of searched.found) {
        const recall = judge.recall(ids, null).toFixed(4);
        figures.push(
          figure(`${rows}: search, ef ${width}, recall ${recall}`, 'ms', callMs, searched.rssMB),
        );
        if (width === TYPICAL_WIDTH) searches.push({ size, cost: median(callMs) });
      }
    });
  }
  const exponent = (what: string, points: typeof builds, bound: number): Target => ({
    what: `growth exponent of ${what}`,
    value: rounded(growthExponent(points)),
    bound,
    rule: 'at most',
    unit: '',
  });
  return {
    parameters: { dimension: DIM, M, efConstruction: BUILD_WIDTH, limit: TOP_K },
    figures,
    targets: [exponent('insert and index', builds, 1.3), exponent('search', searches, 0.5)],
  };
}
