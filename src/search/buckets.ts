/**
 * Hits of one query by the values of their fields, level by level. Hits come best first and are at most
 * SEARCH_AGGREGATION_ENTRIES_MAX, so all of it is one short stretch of work.
 */
import { must } from '../base/assert.ts';
import { largerIsBetter, type MetricType } from '../index/metric-type.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { BucketLevel, BucketMetric, BucketValue } from './bucket-names.ts';
import { GroupNumbers, groupReader, type GroupValues } from './group-numbers.ts';
import { MEAN_SCALE, meanOf } from './mean.ts';
import type { SearchAnswer } from './plan.ts';
import {
  compareValues,
  fieldReference,
  type RowValue,
  type ValueReader,
  type ValueReference,
  valueReader,
} from './row-values.ts';

export interface Bucket {
  /** One entry a field of the level. */
  readonly key: ReadonlyArray<{ readonly field: FieldSchema; readonly value: RowValue }>;
  /** Hits that were found for it. */
  readonly count: number;
  /** Integers are bigints; null where no hit had a value. */
  readonly metrics: ReadonlyMap<string, RowValue>;
  /** Positions in the answer. */
  readonly hits: readonly number[];
  readonly sub: readonly Bucket[];
}

/** @param hits positions in the answer, best first */
export function bucketsOf(
  levels: readonly BucketLevel[],
  { answer, metric }: { readonly answer: SearchAnswer; readonly metric: MetricType },
  hits: readonly number[],
): Bucket[] {
  return new Buckets(answer, largerIsBetter(metric)).at(levels, hits);
}

interface OpenBucket {
  readonly values: GroupValues;
  readonly hits: number[];
}

class Buckets {
  readonly #answer: SearchAnswer;
  readonly #isLargerBetter: boolean;
  readonly #readers = new Map<number, ValueReader>();

  constructor(answer: SearchAnswer, isLargerBetter: boolean) {
    this.#answer = answer;
    this.#isLargerBetter = isLargerBetter;
  }

  at([level, ...below]: readonly BucketLevel[], hits: readonly number[]): Bucket[] {
    if (level === undefined) return [];
    const open = this.#split(level, hits).map((bucket) => ({
      bucket,
      metrics: new Map(level.metrics.map((one) => [one.name, this.#metricOf(one, bucket.hits)])),
    }));
    const kept = open.toSorted(comparerOf(level)).slice(0, level.size);
    return kept.map(({ bucket, metrics }) => ({
      key: level.fields.map((field, i) => ({ field, value: bucket.values[i] ?? null })),
      count: bucket.hits.length,
      metrics,
      hits: level.topHits === null ? [] : this.#topHits(level.topHits, bucket.hits),
      sub: this.at(below, bucket.hits),
    }));
  }

  /** In the order of their first hits. */
  #split({ fields }: BucketLevel, hits: readonly number[]): OpenBucket[] {
    const { batch, rows } = this.#answer;
    const reader = groupReader(fields.map(fieldReference), batch.columns);
    const numbers = new GroupNumbers();
    const buckets: OpenBucket[] = [];
    for (const hit of hits) {
      const values = reader(must(rows[hit], 'hits have rows'));
      const number = numbers.numberOf(values);
      if (number === buckets.length) buckets.push({ values: [...values], hits: [] });
      must(buckets[number], 'buckets are numbered in their order').hits.push(hit);
    }
    return buckets;
  }

  #metricOf({ operator, of }: BucketMetric, hits: readonly number[]): RowValue {
    if (of === 'rows') return BigInt(hits.length);
    const values = hits.map((hit) => this.#valueOf(of, hit)).filter((value) => value !== null);
    if (operator === 'count') return BigInt(values.length);
    if (values.length === 0) return null;
    if (operator === 'sum' || operator === 'avg') {
      const sum = sumOf(of, values);
      if (operator === 'sum') return sum;
      const scaled = values.reduce((all: number, one) => all + Number(one) * MEAN_SCALE, 0);
      return meanOf(Number(sum), scaled, values.length);
    }
    const sign = operator === 'min' ? -1 : 1;
    const best = values.reduce((one, value) => (compare(of, value, one) * sign > 0 ? value : one));
    return of !== null && isInteger(of) ? BigInt(best) : best;
  }

  #valueOf(of: BucketValue, hit: number): RowValue {
    const { scores, rows, batch } = this.#answer;
    if (of === null) return must(scores[hit], 'hits have scores');
    let reader = this.#readers.get(of.fieldId);
    if (reader === undefined) {
      reader = valueReader(of, must(batch.columns.get(of.fieldId), 'fields of metrics are read'));
      this.#readers.set(of.fieldId, reader);
    }
    return reader(must(rows[hit], 'hits have rows'));
  }

  #topHits(
    { size, sort }: NonNullable<BucketLevel['topHits']>,
    hits: readonly number[],
  ): readonly number[] {
    const sorted = hits.toSorted((left, right) => {
      for (const { of, isDescending, isNullsFirst } of sort) {
        const [a, b] = [this.#valueOf(of, left), this.#valueOf(of, right)];
        if (a === null || b === null) {
          if (a === b) continue;
          return (a === null) === isNullsFirst ? -1 : 1;
        }
        const order = compare(of, a, b);
        if (order !== 0) return isDescending ? -order : order;
      }
      const { scores } = this.#answer;
      const difference = (scores[left] ?? 0) - (scores[right] ?? 0);
      // Hits of one score stay in the order of their keys, in which they come.
      return (this.#isLargerBetter ? -difference : difference) || left - right;
    });
    return sorted.slice(0, size);
  }
}

function compare(of: BucketValue, left: RowValue, right: RowValue): number {
  if (of !== null) return compareValues(left, right, of);
  return Number(left) - Number(right);
}

/** Of integers as a bigint. */
function sumOf(of: BucketValue, values: readonly RowValue[]): RowValue {
  if (of !== null && isInteger(of))
    return values.reduce((sum: bigint, one) => sum + BigInt(one ?? 0), 0n);
  return values.reduce((sum: number, one) => sum + Number(one), 0);
}

function isInteger({ type }: ValueReference): boolean {
  return type < 10;
}

interface Measured {
  readonly bucket: OpenBucket;
  readonly metrics: ReadonlyMap<string, RowValue>;
}

/** Buckets without a value come first of ascending order, as in Milvus. */
function comparerOf({ order, fields, metrics }: BucketLevel): (a: Measured, b: Measured) => number {
  const compareMetric = (name: string, a: Measured, b: Measured): number => {
    const of = metrics.find((one) => one.name === name)?.of ?? 'rows';
    const [x, y] = [a.metrics.get(name) ?? null, b.metrics.get(name) ?? null];
    return compareNullsFirst(x, y, (left, right) =>
      typeof left === 'string' && of !== 'rows' && of !== null
        ? compareValues(left, right, of)
        : left! < right!
          ? -1
          : left! > right!
            ? 1
            : 0,
    );
  };
  const compareKeys = (a: Measured, b: Measured): number => {
    for (const [i, field] of fields.entries()) {
      const [x, y] = [a.bucket.values[i] ?? null, b.bucket.values[i] ?? null];
      const reference = fieldReference(field);
      const result = compareNullsFirst(x, y, (left, right) =>
        compareValues(left, right, reference),
      );
      if (result !== 0) return result;
    }
    return 0;
  };
  return (a, b) => {
    for (const { key, isDescending } of order) {
      const result =
        key === '_count'
          ? a.bucket.hits.length - b.bucket.hits.length
          : key === '_key'
            ? compareKeys(a, b)
            : compareMetric(key, a, b);
      if (result !== 0) return isDescending ? -result : result;
    }
    return 0;
  };
}

function compareNullsFirst(
  left: RowValue,
  right: RowValue,
  compareBoth: (left: RowValue, right: RowValue) => number,
): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return compareBoth(left, right);
}
