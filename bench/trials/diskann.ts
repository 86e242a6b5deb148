/** DISKANN through the public API: built, closed, opened again, and searched with little memory. */
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { type CompareSet, Judge, syntheticSet } from '../compare/sets.ts';
import { TOP_K } from '../compare/task.ts';
import { writeVectors } from '../vectors.ts';

const DIM = 128;
const INDEX = { type: 'DISKANN', metric: 'COSINE' };
/** Enough for an index, and of no size. */
const FEW_ROWS = 4000;
/** Else each thread lets tens of megabytes of garbage wait, whatever it searches. */
const SMALL_HEAPS = ['--expose-gc', '--max-semi-space-size=2'];
const LISTS = [16, 32, 64, 100, 200, 400];
const RECALL_MIN = 0.95;
/** Of the bytes of the vectors; of few rows, threads and heaps alone are more. */
const MEMORY_SHARE_MAX = 0.2;

interface Filled {
  readonly insertMs: number;
  readonly indexedMs: number;
  readonly segments: number;
  readonly rssMB: number;
}

interface Searched {
  readonly firstMs: number;
  readonly imageBytes: number;
  /** Above that of an engine that has nothing open. */
  readonly anonymousMB: number;
  readonly found: ReadonlyArray<{
    readonly width: number;
    readonly callMs: number[];
    readonly batchMs: number;
    readonly ids: number[][];
  }>;
}

export async function diskann(rowCount: number): Promise<Findings> {
  const set = syntheticSet(rowCount, DIM);
  const [few] = await filledAndSearched(syntheticSet(FEW_ROWS, DIM));
  const [searched, filled] = await filledAndSearched(set);
  const rawMB = (rowCount * DIM * 4) / 1e6;
  const { segments, rssMB } = filled;
  const figures: Figure[] = [
    figure('insert and flush', 's', [filled.insertMs / 1000]),
    figure(`until all are in one of ${segments} graphs`, 's', [filled.indexedMs / 1000], rssMB),
    figure('files of the index', 'MB', [searched.imageBytes / 1e6]),
    figure('open to first answer', 'ms', [searched.firstMs]),
    figure('memory that is no file, above an empty engine', 'MB', [searched.anonymousMB]),
    figure(`the same of ${FEW_ROWS} rows: threads and their heaps`, 'MB', [few.anonymousMB]),
  ];
  const judge = new Judge(set, null);
  const recalls: number[] = [];
  for (const { width, callMs, batchMs, ids } of searched.found) {
    const recall = judge.recall(ids, null);
    recalls.push(recall);
    const what = `search_list ${width}, recall ${recall.toFixed(4)}`;
    figures.push(figure(`${what}: a query a call`, 'ms', callMs));
    figures.push(figure(`${what}: one call`, 'queries/s', [(ids.length * 1000) / batchMs]));
  }
  const extraMB = Math.max(0, searched.anonymousMB - few.anonymousMB);
  const share = (what: string, megabytes: number): Target => {
    const value = rounded(megabytes / rawMB);
    return { what, value, bound: MEMORY_SHARE_MAX, rule: 'at most', unit: '' };
  };
  const targets: Target[] = [
    {
      what: 'recall@10 of the widest search',
      value: rounded(Math.max(...recalls)),
      bound: RECALL_MIN,
      rule: 'at least',
      unit: '',
    },
    share('memory that is no file, of the vectors', searched.anonymousMB),
    share(`memory beyond that of ${FEW_ROWS} rows, of the vectors`, extraMB),
  ];
  const parameters = { rows: rowCount, dimension: DIM, ...INDEX, limit: TOP_K, rawMB };
  return { parameters, figures, targets };
}

async function filledAndSearched(set: CompareSet): Promise<[Searched, Filled]> {
  return await inDirectory(async (directory) => {
    const vectorPath = join(directory, 'rows.f32');
    const queryPath = join(directory, 'queries.f32');
    writeVectors(vectorPath, set.rows);
    writeVectors(queryPath, set.queries);
    const path = join(directory, 'disk.db');
    const filling = { path, vectorPath, dim: DIM, index: INDEX };
    const filled = await run<Filled>(program('indexed-fill.ts', filling));
    const asking = { path, queryPath, dim: DIM, widths: LISTS, limit: TOP_K };
    const searched = await run<Searched>(program('disk-search.ts', asking, SMALL_HEAPS));
    return [searched, filled];
  });
}
