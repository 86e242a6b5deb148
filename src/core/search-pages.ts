/**
 * Pages of a search, for callers that keep nothing but the last hit they got: which window of hits a request
 * asks for, and where its answer ended. All pages must be of one moment; the caller sees to that.
 */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import type { MetricType } from '../index/metric-type.ts';
import { scoreRange } from '../index/score-range.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { primaryField } from '../schema/fields.ts';
import { keyAt, keyColumn } from '../schema/primary-key.ts';
import type { SearchAnswer, SearchWindow } from '../search/plan.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { SearchPageEnd, SearchRowsRequest } from './requests.ts';

interface Searched {
  readonly schema: CollectionSchema;
  readonly metric: MetricType;
  readonly queryCount: number;
}

/**
 * The hits that count; null when all do.
 * @throws MilvusError ParameterInvalid
 */
export function windowOf(
  request: SearchRowsRequest,
  { schema, metric, queryCount }: Searched,
): SearchWindow | null {
  const range = scoreRange(request.params ?? {}, metric);
  const { after } = request;
  if (after === undefined) return range === null ? null : { range, after: null };
  if (request.offset !== undefined && request.offset !== 0) {
    throw invalidParameter('Setting an offset is not permitted when using a search iterator v2');
  }
  if (queryCount !== 1) {
    throw invalidParameter(
      'search_iterator_v2 does not support processing multiple vectors simultaneously',
    );
  }
  if (after === null) return { range, after: null };
  const { id, element, tieCount, hitCount } = after;
  const key = id === null ? null : keysOfColumn(keyColumn(primaryField(schema), [id]));
  const score = Math.fround(after.score);
  const place = element === undefined ? {} : { element };
  return { range, after: { score, key, ...place, tieCount, hitCount } };
}

/** Where an answer with one query ended; where the page before did when there is no hit. */
export function pageEndOf(
  answer: SearchAnswer,
  schema: CollectionSchema,
  after: NonNullable<SearchRowsRequest['after']> | null,
): SearchPageEnd | null {
  const { scores, rows } = answer;
  const count = rows.length;
  if (count === 0) {
    const id = after?.id ?? null;
    return after === null || id === null ? null : { ...after, id };
  }
  const score = scores[count - 1] ?? Number.NaN;
  let first = count - 1;
  while (first > 0 && scores[first - 1] === score) first--;
  const goesOn = first === 0 && after?.score === score;
  const element = answer.elements?.[count - 1];
  const keys = must(answer.batch.columns.get(primaryField(schema).id), 'hits have keys');
  return {
    id: keyAt(keys, rows[count - 1] ?? 0),
    ...(element === undefined ? {} : { element }),
    score,
    tieCount: count - first + (goesOn ? after.tieCount : 0),
    hitCount: count + (after?.hitCount ?? 0),
  };
}
