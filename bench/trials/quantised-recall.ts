/**
 * Recall of every index of codes beside faiss's of the same code size, on the same rows, at the same lists
 * looked into or candidates kept. What is found is compared, nothing is timed.
 */
import { join } from 'node:path';
import { pythonPeer } from '../compare/engines.ts';
import { Judge, setOfFile, syntheticSet } from '../compare/sets.ts';
import { BUILD_WIDTH, DEGREE, TOP_K } from '../compare/task.ts';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { writeVectors } from '../vectors.ts';

const DIM = 384;
const SYNTHETIC_ROWS = 60_000;
const LISTS = 256;
/** Bytes of a product code. */
const PARTS = 48;
/** Candidates of SCANN that exact scores decide among. */
const REORDER = 100;
const THREADS = 2;
/** How far recall may be below faiss's. */
const MARGIN = 0.01;

const PROBES = [1, 4, 16, 64, 256];
const WIDTHS = [16, 32, 64, 128, 256];
const FAMILIES = {
  IVF_SQ8: PROBES,
  IVF_PQ: PROBES,
  IVF_RABITQ: PROBES,
  SCANN: PROBES,
  HNSW_SQ: WIDTHS,
  HNSW_PQ: WIDTHS,
} as const;
/** Of length 1 both say the same of vectors, but codes are made differently. */
const METRICS = ['COSINE', 'IP'] as const;
/** Where faiss has another index by inner product: its graphs of product codes are best by distances. */
const THEIRS = { ...FAMILIES, 'HNSW_PQ by products': WIDTHS };

type Ids = ReadonlyArray<readonly number[]>;

/** @param vectors file of float16 vectors of 384 dimensions; synthetic ones without it */
export async function quantisedRecall(vectors?: string): Promise<Findings> {
  const set = vectors === undefined ? syntheticSet(SYNTHETIC_ROWS, DIM) : setOfFile(vectors, DIM);
  const judge = new Judge(set, null);
  const figures: Figure[] = [];
  const targets: Target[] = [];
  await inDirectory(async (directory) => {
    const paths = { vectors: join(directory, 'rows.f32'), queries: join(directory, 'queries.f32') };
    writeVectors(paths.vectors, set.rows);
    writeVectors(paths.queries, set.queries);
    const shape = { dim: DIM, lists: LISTS, parts: PARTS, reorder: REORDER, threads: THREADS };
    const told = { ...paths, ...shape, degree: DEGREE, buildWidth: BUILD_WIDTH };
    const recalls = (found: readonly Ids[]): number[] =>
      found.map((ids) => rounded(judge.recall(ids, null)));
    const asking = pythonPeer('faiss_quantised.py', { ...told, families: THEIRS });
    const theirs = recalls(await run<Ids[]>(asking));
    const productsAt = theirs.length - WIDTHS.length;
    for (const metric of METRICS) {
      const asked = { ...told, metric, families: FAMILIES };
      const ours = recalls(await run<Ids[]>(program('quantised-index.ts', asked)));
      let point = 0;
      for (const [family, points] of Object.entries(FAMILIES)) {
        const effort = family.startsWith('HNSW') ? 'ef' : 'nprobe';
        const isByProducts = metric === 'IP' && family === 'HNSW_PQ';
        let least = 1;
        for (const [i, value] of points.entries()) {
          const found = ours[point] ?? 0;
          const other = theirs[isByProducts ? productsAt + i : point] ?? 0;
          const what = `${family} ${metric}, ${effort} ${value}, faiss ${other}`;
          figures.push(figure(what, 'recall', [found]));
          least = Math.min(least, found - other);
          point++;
        }
        const what = `${family} ${metric}: the least distance of recall to faiss's`;
        targets.push({ what, value: rounded(least), bound: -MARGIN, rule: 'at least', unit: '' });
      }
    }
  });
  const parameters = { rows: set.rows.count, dimension: DIM, queries: set.queries.count };
  const built = {
    lists: LISTS,
    bytesOfProductCodes: PARTS,
    M: DEGREE,
    efConstruction: BUILD_WIDTH,
  };
  return {
    parameters: { ...parameters, limit: TOP_K, ...built, reorderK: REORDER },
    figures,
    targets,
  };
}
