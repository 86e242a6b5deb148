/**
 * Recall of indexes of codes beside faiss's of the same code size, on the same rows, at the same lists looked
 * into or candidates kept. What is found is compared, nothing is timed.
 *
 * Rows of length 1 are the same question by every metric, which codes answer each in their own way. Beside L2
 * stands what faiss finds by L2, beside COSINE and IP what it finds by the better of its two. Of rows of
 * different lengths products are another question: `spread` is the standard deviation of the logarithm of
 * their lengths.
 */
import { join } from 'node:path';
import { type CodeFamily, familiesNamed } from '../compare/code-families.ts';
import { pythonPeer } from '../compare/engines.ts';
import { type CompareSet, Judge, setOfFile, syntheticSet } from '../compare/sets.ts';
import { BUILD_WIDTH, DEGREE, TOP_K } from '../compare/task.ts';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { withLengths, writeVectors } from '../vectors.ts';

const DIM = 384;
const ROWS = 60_000;
const THREADS = 2;
const SPREAD = 0.3;
/** How far recall may be below faiss's. */
const MARGIN = 0.01;

export interface QuantisedRecallOptions {
  /** File of float16 vectors; synthetic ones without it. */
  readonly vectors?: string;
  readonly rows?: number;
  readonly dim?: number;
  /** By name, see bench/compare/code-families.ts. */
  readonly families?: readonly string[];
}

type Metric = 'COSINE' | 'L2' | 'IP';
type Ids = ReadonlyArray<readonly number[]>;

/** A set in files, with what is asked of it. */
interface Question {
  readonly name: string;
  readonly set: CompareSet;
  readonly metrics: readonly Metric[];
  readonly theirMetrics: readonly ('L2' | 'IP')[];
}

export async function quantisedRecall(options: QuantisedRecallOptions): Promise<Findings> {
  const { vectors, rows = ROWS, dim = DIM } = options;
  const set = vectors === undefined ? syntheticSet(rows, dim) : setOfFile(vectors, dim);
  const families = familiesNamed(dim, options.families ?? ['usual']);
  const longer = { ...set, rows: withLengths(set.rows, SPREAD) };
  const questions: readonly Question[] = [
    { name: '', set, metrics: ['COSINE', 'L2', 'IP'], theirMetrics: ['L2', 'IP'] },
    { name: ' of many lengths', set: longer, metrics: ['IP'], theirMetrics: ['IP'] },
  ];
  const figures: Figure[] = [];
  const targets: Target[] = [];
  for (const question of questions) {
    await answer(question, families, (family, metric, [ours, theirs]) => {
      const what = `${family.name} by ${metric}${question.name}`;
      for (const [i, point] of family.points.entries()) {
        const effort = `${family.effort} ${point}, faiss ${theirs[i]}`;
        figures.push(figure(`${what}, ${effort}`, 'recall', [ours[i]!]));
      }
      const least = Math.min(...ours.map((recall, i) => recall - theirs[i]!));
      targets.push({
        what: `${what}: the least distance of recall to faiss's`,
        value: rounded(least),
        bound: -MARGIN,
        rule: 'at least',
        unit: '',
      });
    });
  }
  const parameters = {
    set: set.name,
    // The usual ones are not said.
    ...(options.families === undefined ? {} : { families: options.families.join(', ') }),
    queries: set.queries.count,
    limit: TOP_K,
    M: DEGREE,
    efConstruction: BUILD_WIDTH,
    spreadOfLengths: SPREAD,
  };
  return { parameters, figures, targets };
}

/** Tells of every family and metric both recalls, by point. */
async function answer(
  { set, metrics, theirMetrics }: Question,
  families: readonly CodeFamily[],
  tell: (family: CodeFamily, metric: Metric, recalls: readonly [number[], number[]]) => void,
): Promise<void> {
  const judge = new Judge(set, null);
  await inDirectory(async (directory) => {
    const files = { vectors: join(directory, 'rows.f32'), queries: join(directory, 'queries.f32') };
    writeVectors(files.vectors, set.rows);
    writeVectors(files.queries, set.queries);
    const told = { ...files, dim: set.dim, threads: THREADS };
    const recalls = (found: readonly Ids[]): number[] =>
      found.map((ids) => rounded(judge.recall(ids, null)));
    const asked = families.map(({ points, theirs }) => ({ ...theirs, points }));
    const theirs: number[][] = [];
    for (const metric of theirMetrics) {
      const peer = pythonPeer('faiss_quantised.py', { ...told, metric, families: asked });
      theirs.push(recalls(await run<Ids[]>(peer)));
    }
    for (const metric of metrics) {
      const ours = recalls(
        await run<Ids[]>(program('quantised-index.ts', { ...told, metric, families })),
      );
      let start = 0;
      for (const family of families) {
        const end = start + family.points.length;
        const beside = metric === 'L2' ? [theirs[theirMetrics.indexOf('L2')]!] : theirs;
        const best = ours
          .slice(start, end)
          .map((_, i) => Math.max(...beside.map((recall) => recall[start + i]!)));
        tell(family, metric, [ours.slice(start, end), best]);
        start = end;
      }
    }
  });
}
