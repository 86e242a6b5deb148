/**
 * Whether the codes of hnsw-codes.ts tell near rows apart. They have one scale a row: where elements are small,
 * or vary little, beside the largest of their row, rounding takes away what makes one row nearer than another,
 * and a graph has to be walked over the vectors themselves.
 *
 * Some rows are taken for questions, and their nearest rows are found by the exact scan of all: how near those
 * lie to each other decides what codes may get wrong. Of the nearest 16 and the nearest 64 of each question:
 *
 *   error   standard deviation of costs by codes less true costs; what all have in common does no harm
 *   gap     true cost of the last of them less that of the 2nd, or the 10th
 *
 * Codes will do where the error is at most a tenth of the gap, for all questions but an eighth. Measured, the
 * largest error of seven eighths of the questions is 0.01 to 0.03 of the gap for embeddings and for normal,
 * uniform or clustered numbers; 0.09 to 0.2 where codes begin to lose rows; 0.25 and more where they find few.
 */
import { must } from '../base/assert.ts';
import { type NativeAddon, nativeAddon } from '../base/native.ts';
import { DataType } from '../schema/data-type.ts';
import { SCAN_ROWS_MAX } from './best-lists.ts';
import type { Vectors, VectorValues } from './distances.ts';
import { encodeRows, Probe } from './hnsw-codes.ts';
import { type GraphShape, imageByteLength, layOut } from './hnsw-image.ts';
import { openScan } from './kernels.ts';
import { costOf } from './metrics.ts';
import { type BuildControl, isBuildCancelled } from './vector-index.ts';

const QUESTIONS = 32;
/** Few, as clusters may be no larger, and as many as walks keep. */
const NEAREST_COUNTS: readonly number[] = [16, 64];
const NEAREST = 64;
/** The 10th of 64 nearest, and as large a part of fewer. */
const NEAR_SHARE = 10 / NEAREST;
const ERROR_MAX = 0.1;
const BAD_SHARE_MAX = 1 / 8;
const NO_COUNTS = { upperCount: 0, upperListCount: 0, topLevel: 0, twinCount: 0 };

export interface CodedRows {
  readonly shape: GraphShape;
  readonly vectors: Vectors;
  readonly control: BuildControl;
}

interface Neighbour {
  readonly row: number;
  readonly cost: number;
}

/**
 * @param rows vectors and metric of a graph that would have codes
 * @param addon null: the twin
 * @returns null when the build was cancelled
 */
export function areCodesFaithful(
  rows: CodedRows,
  addon: NativeAddon | null = nativeAddon(),
): boolean | null {
  const { type } = rows.shape;
  // Codes of int8 vectors are exact, and binary vectors have none.
  if (type === DataType.Int8Vector || type === DataType.BinaryVector) return true;
  const errors = codeErrors(rows, addon);
  if (errors === null) return null;
  const bad = errors.filter((error) => !(error <= ERROR_MAX)).length;
  // Where nothing is known, as of rows that are all equal, nodes are few: exact costs are as fast.
  return errors.length > 0 && bad <= errors.length * BAD_SHARE_MAX;
}

/** Error by gap of each question that has neighbours to tell apart. */
export function codeErrors(rows: CodedRows, addon: NativeAddon | null): number[] | null {
  const { rowCount, dim } = rows.shape;
  const count = Math.min(QUESTIONS, rowCount);
  const questions = Uint32Array.from({ length: count }, (_, i) =>
    Math.floor(((i + 0.5) * rowCount) / count),
  );
  const nearest = nearestRows(rows, questions, addon);
  if (nearest === null) return null;
  const errors: number[] = [];
  for (const [i, neighbours] of nearest.entries()) {
    const question = must(questions[i], 'a question has a row');
    const others = neighbours.filter(
      ({ row }) => !areEqual(rows.vectors.values, dim, row, question),
    );
    const error = errorByGap(rows, question, others);
    if (error !== null) errors.push(error);
  }
  return errors;
}

/** By question: the best rows first, itself among them. */
function nearestRows(
  { shape, vectors, control }: CodedRows,
  questions: Uint32Array,
  addon: NativeAddon | null,
): Neighbour[][] | null {
  const { metric, rowCount } = shape;
  const queries = takeRows(vectors, questions);
  const nearest = Array.from(questions, (): Neighbour[] => []);
  for (let rowStart = 0; rowStart < rowCount; rowStart += SCAN_ROWS_MAX) {
    const rowEnd = Math.min(rowCount, rowStart + SCAN_ROWS_MAX);
    const common = { kind: 'scan', metric, vectors, rowStart, rowEnd, allowed: null } as const;
    const asked = { queries, queryCount: questions.length, topK: NEAREST + 1, tieRowsMax: 0 };
    const scan = openScan({ ...common, ...asked }, addon);
    while (!scan.isDone) {
      if (isBuildCancelled(control)) return null;
      scan.step();
    }
    const { counts, rows, scores } = scan.result();
    let at = 0;
    for (const [i, list] of nearest.entries()) {
      for (const end = at + counts[i]!; at < end; at++) {
        list.push({ row: rows[at]!, cost: costOf(metric, scores[at]!) });
      }
      list.sort((left, right) => left.cost - right.cost || left.row - right.row);
      list.length = Math.min(list.length, NEAREST + 1);
    }
  }
  return nearest;
}

/** Null where there are no two neighbours, or all are as good as each other, by codes as well. */
function errorByGap(
  rows: CodedRows,
  question: number,
  others: readonly Neighbour[],
): number | null {
  if (others.length < 2) return null;
  const coded = codeCosts(rows, question, others);
  const errors = others.map(({ cost }, i) => coded[i]! - cost);
  let worst: number | null = null;
  for (const wanted of NEAREST_COUNTS) {
    const count = Math.min(wanted, others.length);
    const near = must(others[Math.floor(count * NEAR_SHARE)], 'fewer are not all');
    const gap = must(others[count - 1], 'the last is there').cost - near.cost;
    const error = deviation(errors.slice(0, count));
    // Where it is no number costs have no bounds, and exact ones are as good as any.
    if (error !== 0 || gap !== 0) worst = Math.max(worst ?? 0, error / gap);
  }
  return worst;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** What a graph with codes takes for the costs of a question and other rows. */
function codeCosts(
  { shape, vectors }: CodedRows,
  question: number,
  others: readonly Neighbour[],
): Float32Array {
  const taken = Uint32Array.from([question, ...others.map(({ row }) => row)]);
  const some = { type: vectors.type, dim: vectors.dim, values: takeRows(vectors, taken) };
  const coded = { ...shape, rowCount: taken.length, code: null, isOverVectors: false };
  const image = layOut(coded, NO_COUNTS, new Uint8Array(imageByteLength(coded, NO_COUNTS)));
  encodeRows(image, some);
  const probe = new Probe(image, some);
  const costs = new Float32Array(others.length);
  probe.setRow(0);
  probe.costs(
    Uint32Array.from(others, (_, i) => i + 1),
    others.length,
    costs,
  );
  return costs;
}

function takeRows({ values, dim }: Vectors, rows: Uint32Array): VectorValues {
  const make = values.constructor as new (length: number) => typeof values;
  const taken = new make(rows.length * dim);
  for (const [i, row] of rows.entries()) {
    taken.set(values.subarray(row * dim, (row + 1) * dim), i * dim);
  }
  return taken;
}

function areEqual(values: VectorValues, dim: number, left: number, right: number): boolean {
  for (let i = 0; i < dim; i++) {
    if (values[left * dim + i] !== values[right * dim + i]) return false;
  }
  return true;
}
