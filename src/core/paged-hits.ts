/**
 * The page of a search that its caller gets, of the merged hits of all shards: ordered by fields where that
 * is asked for, without those that the offset skips. Groups are ordered and skipped as a whole, by their best
 * hits, and each is told in one run.
 */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { groupsOf, pickHits } from '../search/group-merge.ts';
import type { SearchAnswer, SearchPlan } from '../search/plan.ts';
import type { Turn } from '../search/read-context.ts';
import { skipHits } from '../search/reduce.ts';
import {
  compareByTerms,
  OrderReader,
  type OrderTerm,
  type OrderValues,
} from '../search/row-order.ts';
import { sortedInTurns } from '../search/sort.ts';
import { resolveOrder } from '../search/value-names.ts';
import type { SearchRowsRequest } from './requests.ts';

export interface HitPage {
  readonly offset: number;
  /** Empty: by score. */
  readonly order: readonly OrderTerm[];
}

/** @throws MilvusError ParameterInvalid */
export function orderOfHits(
  { orderBy = [], groupBy, after }: SearchRowsRequest,
  schema: CollectionSchema,
): OrderTerm[] {
  if (orderBy.length === 0) return [];
  if ((groupBy?.fields.length ?? 0) > 1) {
    throw invalidParameter('order_by_fields is not supported with multi-field group_by_fields');
  }
  if (after !== undefined) {
    throw invalidParameter('order_by is not supported when using search iterator');
  }
  return resolveOrder(orderBy, schema, 'search');
}

export async function pageOfHits(
  answer: SearchAnswer,
  { group }: SearchPlan,
  page: HitPage,
  turn: Turn,
): Promise<SearchAnswer> {
  const { offset, order } = page;
  if (group === undefined && order.length === 0) return skipHits(answer, offset);
  const runs = group === undefined ? singleHits(answer) : await hitsByGroup(answer, group, turn);
  const reader = order.length === 0 ? null : new OrderReader(order, answer.batch.columns);
  const positions: number[][] = [];
  for (const ofQuery of runs) {
    const ordered =
      reader === null ? ofQuery : await orderRuns(ofQuery, { answer, order, reader, turn });
    positions.push(ordered.slice(offset).flat());
    if (turn.isOver) await turn.yield();
  }
  return await pickHits(answer, positions, turn);
}

/** Hits of one query that stay together: positions in the answer. */
type Run = readonly number[];

function singleHits({ counts }: SearchAnswer): Run[][] {
  const runs: Run[][] = [];
  let first = 0;
  for (const count of counts) {
    const start = first;
    runs.push(Array.from({ length: count }, (_, i) => [start + i]));
    first += count;
  }
  return runs;
}

async function hitsByGroup(
  answer: SearchAnswer,
  group: NonNullable<SearchPlan['group']>,
  turn: Turn,
): Promise<Run[][]> {
  const groups = await groupsOf(group, answer, turn);
  return groups.map((ofQuery) => ofQuery.map(({ hits }) => hits));
}

interface Ordering {
  readonly answer: SearchAnswer;
  readonly order: readonly OrderTerm[];
  readonly reader: OrderReader;
  readonly turn: Turn;
}

async function orderRuns(
  runs: readonly Run[],
  { answer, order, reader, turn }: Ordering,
): Promise<Run[]> {
  const values: OrderValues[] = runs.map(([best = 0]) => reader.read(answer.rows[best] ?? 0));
  const compare = (left: number, right: number): number =>
    compareByTerms(order, values[left] ?? [], values[right] ?? []);
  const sorted = await sortedInTurns(runs.length, compare, turn);
  return Array.from(sorted, (at) => must(runs[at], 'runs are sorted'));
}
