/** Reading written down naively: every row looked at, everything sorted. */
import type { Column, VectorColumn } from '../../src/schema/column.ts';
import { isValid } from '../../src/schema/column-layout.ts';
import { isDenseVector } from '../../src/schema/data-type.ts';
import { keyAt, type PrimaryKey } from '../../src/schema/primary-key.ts';
import { largerIsBetter } from '../../src/index/metric-type.ts';
import type { SearchAnswer, SearchPlan } from '../../src/search/plan.ts';
import { referenceScores } from '../index/reference.ts';
import { KEY } from './world.ts';

export interface NaiveHit {
  readonly id: PrimaryKey;
  readonly score: number;
}

export function compareKeys(left: PrimaryKey, right: PrimaryKey): number {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
}

/** The best hits of each query among `rows`, equal float32 scores by key. */
export function naiveSearch(
  plan: SearchPlan,
  columns: ReadonlyMap<number, Column>,
  rows: readonly number[],
): NaiveHit[][] {
  const vectors = columns.get(plan.fieldId) as VectorColumn;
  const { type, dim, values, validity } = vectors;
  if (!isDenseVector(type)) throw new TypeError('a dense vector field is searched');
  const { metric, queryCount, topK } = plan;
  const rowCount = columnLength(columns);
  const queries = plan.queries.values;
  return Array.from({ length: queryCount }, (_, query) => {
    const world = { type, metric, dim, rowCount, values, queryCount, queries };
    const scores = referenceScores(world, query);
    const hits = rows
      .filter((row) => isValid(validity, row))
      .map((row) => ({
        id: keyAt(columns.get(KEY)!, row),
        score: Math.fround(scores[row]!.score),
      }));
    const sign = largerIsBetter(metric) ? -1 : 1;
    hits.sort((a, b) => sign * (a.score - b.score) || compareKeys(a.id, b.id));
    return hits.slice(0, topK);
  });
}

function columnLength(columns: ReadonlyMap<number, Column>): number {
  const key = columns.get(KEY)!;
  return key.kind === 'bytes'
    ? key.offsets.length - 1
    : (key as { values: ArrayLike<unknown> }).values.length;
}

export function hitsOf(answer: SearchAnswer): NaiveHit[][] {
  const keys = answer.batch.columns.get(KEY)!;
  let next = 0;
  return Array.from(answer.counts, (count) =>
    Array.from({ length: count }, () => {
      const hit = next++;
      return { id: keyAt(keys, answer.rows[hit]!), score: answer.scores[hit]! };
    }),
  );
}
