/** Searches whose hits are told by the values of their fields, in buckets inside of each other. */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import { timestampOf } from '../meta/hybrid-clock.ts';
import { primaryField } from '../schema/fields.ts';
import { keyAt } from '../schema/primary-key.ts';
import { type BucketPlan, resolveBuckets } from '../search/bucket-names.ts';
import { type Bucket, bucketsOf } from '../search/buckets.ts';
import type { SearchAnswer, SearchPlan } from '../search/plan.ts';
import { roundScores } from '../search/plan-builder.ts';
import { fieldReference } from '../search/row-values.ts';
import { withSeed } from '../search/sample.ts';
import { checkGroupType } from '../search/value-names.ts';
import { turnOf } from './call.ts';
import { searchPlan } from './frontend-search.ts';
import { askForGroups } from './grouped-search.ts';
import { collectionAsMeant } from './meant-schema.ts';
import type { Call } from './ports.ts';
import { type ReadDeps, readPoint, readTime, timeZoneOf } from './read-scope.ts';
import type { Hit, HitBucket, SearchBucketsAnswer, SearchBucketsRequest } from './requests.ts';
import { outputInTurns } from './row-batches.ts';

export async function searchBuckets(
  request: SearchBucketsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<SearchBucketsAnswer> {
  const { aggregation, ...search } = request;
  const described = await deps.coordinator.describeCollection(request, call);
  const collection = collectionAsMeant(search, described);
  const { schema } = collection;
  const turn = turnOf(call, deps.clock);
  // What is given as a limit is left to the aggregation.
  const { plan } = await searchPlan(
    { ...search, limit: 1 },
    collection,
    readTime(call, deps.clock),
  );
  if (plan.struct !== undefined) {
    throw invalidParameter('search aggregation is not supported for vectors inside struct arrays');
  }
  const buckets = resolveBuckets(aggregation, schema, plan.queryCount);
  const read = readPoint(search, collection, deps.clock);
  const grouped = groupedPlan(withSeed(plan, deps.random), buckets);
  const answer = await askForGroups(grouped, { read, context: { collection, deps, call } });

  const { outputFields = [], roundDecimal = -1 } = request;
  const options = { timeZone: timeZoneOf(search, collection), turn };
  const rows =
    outputFields.length === 0
      ? []
      : await outputInTurns(schema, answer.batch, outputFields, options);
  const scores = roundScores(answer.scores, roundDecimal);
  const keys = must(answer.batch.columns.get(primaryField(schema).id), 'hits have keys');
  const hitAt = (hit: number): Hit => {
    const row = answer.rows[hit] ?? 0;
    return { id: keyAt(keys, row), score: scores[hit] ?? Number.NaN, fields: { ...rows[row] } };
  };
  const told: HitBucket[][] = [];
  for (const hits of hitsByQuery(answer)) {
    const ofQuery = bucketsOf(buckets.levels, { answer, metric: plan.metric }, hits);
    told.push(ofQuery.map((bucket) => hitBucket(bucket, hitAt)));
    if (turn.isOver) await turn.yield();
  }
  return {
    buckets: told,
    hitCount: answer.rows.length,
    timestamp: timestampOf(deps.clock.nowMs()),
  };
}

function groupedPlan(plan: SearchPlan, { levels, groupCount, groupSize, fieldIds }: BucketPlan) {
  const fields = levels.flatMap((level) => level.fields);
  for (const field of fields) checkGroupType(field);
  const outputFieldIds = new Set([...plan.outputFieldIds, ...fieldIds]);
  for (const { id } of fields) outputFieldIds.add(id);
  const by = fields.map(fieldReference);
  const group = { by, size: groupSize, isStrict: false, chosen: null };
  return { ...plan, topK: groupCount, outputFieldIds: [...outputFieldIds], group };
}

function hitsByQuery({ counts }: SearchAnswer): number[][] {
  let first = 0;
  return Array.from(counts, (count) => {
    const start = first;
    first += count;
    return Array.from({ length: count }, (_, i) => start + i);
  });
}

/** @throws MilvusError ParameterInvalid when a sum does not fit 64 bits */
function hitBucket(bucket: Bucket, hitAt: (hit: number) => Hit): HitBucket {
  const metrics = [...bucket.metrics].map(([name, value]) => {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
      throw invalidParameter(`${name} is out of the range of Int64`, { value });
    }
    return [name, value] as const;
  });
  return {
    key: bucket.key.map(({ field, value }) => ({
      fieldName: field.name,
      fieldId: field.id,
      value,
    })),
    count: bucket.count,
    metrics: new Map(metrics),
    hits: bucket.hits.map(hitAt),
    sub: bucket.sub.map((inner) => hitBucket(inner, hitAt)),
  };
}
