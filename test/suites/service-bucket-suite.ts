/** What the Service promises of hits in buckets, of searches by keys, and of filters that come late. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketRequest, HitBucket, SearchRowsRequest } from '../../src/core/requests.ts';
import {
  compareAny,
  createThings,
  grouped,
  nearest,
  score,
  show,
  type Thing,
  THINGS,
} from './ask-model.ts';
import { expectRefusal, inEveryState } from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

type Point = readonly [number, number];

const FIELDS: Readonly<Record<string, (row: Thing) => unknown>> = {
  flag: ({ flag }) => flag,
  tiny: ({ tiny }) => tiny,
  size: ({ size }) => size,
  big: ({ big }) => big,
  name: ({ name }) => name,
  price: ({ price }) => price,
};

interface Level {
  readonly fields: readonly string[];
  readonly size: number;
  readonly extra: number;
  readonly order: readonly { key: string; order: 'asc' | 'desc' }[];
  readonly topHits: {
    size: number;
    field: string;
    order: 'asc' | 'desc';
    nullFirst: boolean;
  } | null;
}

const METRICS = {
  rows: { operator: 'count', field: '*' },
  sizes: { operator: 'count', field: 'size' },
  total: { operator: 'sum', field: 'size' },
  mean: { operator: 'avg', field: 'price' },
  least: { operator: 'min', field: 'name' },
  most: { operator: 'max', field: 'tiny' },
  nearest: { operator: 'min', field: '_score' },
};

function requestOf([level, ...below]: readonly Level[]): BucketRequest {
  const { fields, size, extra, order, topHits } = level!;
  return {
    fields,
    size,
    searchSize: size + extra,
    metrics: METRICS,
    order,
    ...(topHits === null
      ? {}
      : {
          topHits: {
            size: topHits.size,
            sort: [{ field: topHits.field, order: topHits.order, nullFirst: topHits.nullFirst }],
          },
        }),
    ...(below.length === 0 ? {} : { sub: requestOf(below) }),
  };
}

function metricsOf(rows: readonly Thing[], query: Point): Record<string, unknown> {
  const values = <T>(valueOf: (row: Thing) => T): NonNullable<T>[] =>
    rows.map(valueOf).filter((value): value is NonNullable<T> => value !== null);
  const sizes = values(({ size }) => size);
  const names = values(({ name }) => name).sort(compareAny);
  return {
    rows: BigInt(rows.length),
    sizes: BigInt(sizes.length),
    total: sizes.length === 0 ? null : BigInt(sizes.reduce((sum, one) => sum + one, 0)),
    mean: rows.reduce((sum, { price }) => sum + price, 0) / rows.length,
    least: names[0] ?? null,
    most: BigInt(Math.max(...rows.map(({ tiny }) => tiny))),
    nearest: Math.min(...rows.map((row) => score(row, query))),
  };
}

function compareNulls(left: unknown, right: unknown): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return compareAny(left, right);
}

function naive(
  [level, ...below]: readonly Level[],
  rows: readonly Thing[],
  query: Point,
): unknown[] {
  if (level === undefined) return [];
  const { fields, size, order, topHits } = level;
  const keyOf = (row: Thing): unknown[] => fields.map((name) => FIELDS[name]!(row));
  const buckets = grouped(rows, keyOf).map((group) => ({
    ...group,
    metrics: metricsOf(group.rows, query),
  }));
  const compare = (a: (typeof buckets)[number], b: (typeof buckets)[number]): number => {
    for (const { key, order: direction } of order) {
      let result = 0;
      if (key === '_count') result = a.rows.length - b.rows.length;
      else if (key === '_key') {
        for (const [i, one] of keyOf(a.rows[0]!).entries()) {
          result ||= compareNulls(one, keyOf(b.rows[0]!)[i]);
        }
      } else result = compareNulls(a.metrics[key], b.metrics[key]);
      if (result !== 0) return direction === 'desc' ? -result : result;
    }
    return 0;
  };
  return buckets
    .toSorted(compare)
    .slice(0, size)
    .map((bucket) => ({
      key: keyOf(bucket.rows[0]!),
      count: bucket.rows.length,
      metrics: bucket.metrics,
      hits: topHits === null ? [] : naiveHits(topHits, bucket.rows),
      sub: naive(below, bucket.rows, query),
    }));
}

function naiveHits(
  { size, field, order, nullFirst }: NonNullable<Level['topHits']>,
  rows: readonly Thing[],
): bigint[] {
  const sorted = rows.toSorted((a, b) => {
    const [x, y] = [FIELDS[field]!(a), FIELDS[field]!(b)];
    if (x === null || y === null) return x === y ? 0 : (x === null) === nullFirst ? -1 : 1;
    return order === 'asc' ? compareAny(x, y) : compareAny(y, x);
  });
  return sorted.slice(0, size).map(({ id }) => id);
}

function plain(buckets: readonly HitBucket[]): unknown[] {
  return buckets.map(({ key, count, metrics, hits, sub }) => ({
    key: key.map(({ value }) => value),
    count,
    metrics: Object.fromEntries(metrics),
    hits: hits.map(({ id }) => id),
    sub: plain(sub),
  }));
}

const point: fc.Arbitrary<Point> = fc.tuple(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 2 }),
);

/** Levels by different fields. */
const levels: fc.Arbitrary<Level[]> = fc
  .shuffledSubarray(['flag', 'tiny', 'size', 'big', 'name'], { minLength: 1, maxLength: 4 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({
          fields: fc.constant([name]),
          size: fc.integer({ min: 1, max: 4 }),
          extra: fc.integer({ min: 0, max: 2 }),
          order: fc.array(
            fc.record({
              key: fc.constantFrom('_count', '_key', ...Object.keys(METRICS)),
              order: fc.constantFrom('asc' as const, 'desc' as const),
            }),
            { maxLength: 2 },
          ),
          topHits: fc.option(
            fc.record({
              size: fc.integer({ min: 1, max: 3 }),
              field: fc.constantFrom(...Object.keys(FIELDS).filter((one) => one !== 'flag')),
              order: fc.constantFrom('asc' as const, 'desc' as const),
              nullFirst: fc.boolean(),
            }),
          ),
        }),
      ),
    ),
  );

export function serviceBucketSuite(open: OpenWorld): void {
  describe('hits in buckets', () => {
    it('are those of a naive model', async () => {
      const { service } = await open();
      const rows = await createThings(service, 31);
      const requests = fc.record({
        queries: fc.array(point, { minLength: 1, maxLength: 2 }),
        levels,
        isFiltered: fc.boolean(),
        radius: fc.constantFrom(undefined, 100),
      });
      await inEveryState(service, THINGS, async () => {
        const property = fc.asyncProperty(requests, async (one) => {
          const { queries, isFiltered, radius } = one;
          const groupSize = Math.max(...one.levels.map(({ topHits }) => topHits?.size ?? 1));
          const groupCount = one.levels.reduce((all, { size, extra }) => all * (size + extra), 1);
          const expected = queries.map((query) => {
            const kept = nearest(rows, query)
              .filter(({ tiny }) => !isFiltered || tiny > 0)
              .filter((row) => radius === undefined || score(row, query) < radius);
            const keyOf = (row: Thing): unknown[] =>
              one.levels.flatMap(({ fields }) => fields.map((name) => FIELDS[name]!(row)));
            const pool = new Set(
              grouped(kept, keyOf)
                .slice(0, groupCount)
                .flatMap((group) => group.rows.slice(0, groupSize)),
            );
            return naive(
              one.levels,
              kept.filter((row) => pool.has(row)),
              query,
            );
          });
          const { buckets } = await service.searchBuckets({
            ...THINGS,
            data: queries,
            filter: isFiltered ? 'tiny > 0' : '',
            aggregation: requestOf(one.levels),
            ...(radius === undefined ? {} : { params: { radius } }),
          });
          expect(buckets.map(plain), show(one)).toEqual(expected);
        });
        await fc.assert(property, { numRuns: 40 });
      });
    });

    it('show fields and scores of hits', async () => {
      const { service } = await open();
      const rows = await createThings(service, 32);
      const { buckets, hitCount } = await service.searchBuckets({
        ...THINGS,
        data: [[1, 1]],
        outputFields: ['price', 'extra'],
        aggregation: { fields: ['flag'], size: 2, topHits: { size: 2 } },
      });
      expect(hitCount).toBe(4);
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const { key, hits, count } of buckets[0]!) {
        expect([count, hits.length]).toEqual([2, 2]);
        for (const hit of hits) {
          const row = byId.get(hit.id as bigint)!;
          expect(row.flag).toBe(key[0]!.value);
          expect(hit.score).toBe(score(row, [1, 1]));
          const extra = row.extra === undefined ? {} : { extra: row.extra };
          expect(hit.fields).toEqual({ price: row.price, ...extra });
        }
      }
    });

    it('are refused in Milvus’s words', async () => {
      const { service } = await open();
      await createThings(service, 33);
      const nested = (depth: number, fields: readonly string[]): BucketRequest => ({
        fields: [fields[0]!],
        ...(depth === 1 ? {} : { sub: nested(depth - 1, fields.slice(1)) }),
      });
      const five = ['flag', 'tiny', 'size', 'big', 'name'];
      const metric = (operator: string, field: string): BucketRequest => ({
        fields: ['flag'],
        metrics: { m: { operator, field } },
      });
      const refusals: [BucketRequest, string][] = [
        [nested(5, five), 'search_aggregation nesting exceeds max 4 levels'],
        [
          { fields: ['id'], size: 10_001 },
          'number of search_aggregation result entries is too large',
        ],
        [{ fields: [] }, 'group_by level has no fields'],
        [{ fields: ['flag'], size: -1 }, 'search_aggregation size must be non-negative'],
        [
          { fields: ['flag'], searchSize: -1 },
          'search_aggregation search_size must be non-negative',
        ],
        [{ fields: ['flag'], size: 3, searchSize: 2 }, 'must be greater than or equal to size'],
        [{ fields: ['price'] }, 'FLOAT / DOUBLE fields are not supported with search_aggregation'],
        [
          { fields: ['meta'] },
          'JSON / dynamic fields are not yet supported with search_aggregation',
        ],
        [{ fields: ['extra'] }, 'JSON / dynamic fields are not yet supported'],
        [{ fields: ['tags'] }, 'unsupported data type ARRAY for group by operator'],
        [{ fields: ['flag', 'flag'] }, 'duplicated group_by field "flag" in one level'],
        [{ fields: ['flag'], sub: { fields: ['flag'] } }, '"flag" across levels'],
        [metric('sum', 'name'), 'operator sum does not support data type VarChar'],
        [metric('median', 'size'), 'unsupported metric op "median"'],
        [metric('sum', '*'), "field_name '*' only supports count op"],
        [metric('sum', ''), 'metric field_name is empty'],
        [metric('sum', 'extra'), 'JSON / dynamic fields are not yet supported'],
        [
          { fields: ['flag'], order: [{ key: 'none' }] },
          'order key "none" is neither reserved key nor metric alias',
        ],
        [
          { fields: ['flag'], order: [{ key: '_key', order: 'up' }] },
          'direction must be asc or desc',
        ],
        [{ fields: ['flag'], topHits: { size: -1 } }, 'top_hits size must be non-negative'],
        [
          { fields: ['flag'], topHits: { sort: [{ field: 'meta["k"]' }] } },
          'top_hits.sort JSON path is not yet supported',
        ],
        [
          { fields: ['flag'], topHits: { sort: [{ field: 'vector' }] } },
          'does not support data type',
        ],
      ];
      for (const [aggregation, text] of refusals) {
        const request = { ...THINGS, data: [[1, 1]], aggregation };
        await expectRefusal(service.searchBuckets(request), 1100, text);
      }
    });
  });

  describe('a search by keys', () => {
    it('finds what a search by the vectors of their rows does', async () => {
      const { service } = await open();
      const rows = await createThings(service, 34);
      await inEveryState(service, THINGS, async () => {
        const ids = [150n, 3n, 90n];
        const data = ids.map((key) => rows.find(({ id }) => id === key)!.vector);
        const request = {
          ...THINGS,
          limit: 5,
          offset: 1,
          filter: 'tiny > 0',
          outputFields: ['tiny'],
        };
        const expected = await service.search({ ...request, data });
        expect(await service.search({ ...request, ids })).toEqual(expected);
        const { results } = await service.search({ ...THINGS, ids, limit: 200 });
        for (const [i, hits] of results.entries()) {
          expect(hits.filter(({ score: own }) => own === 0).map(({ id }) => id)).toContain(ids[i]);
        }
      });
    });

    it('finds nothing for rows without a vector', async () => {
      const { service } = await open();
      await service.createCollection('', {
        name: 'sparse',
        fields: [
          { name: 'id', type: 'VarChar', maxLength: 9, isPrimaryKey: true },
          {
            name: 'v',
            type: 'Float16Vector',
            dim: 2,
            nullable: true,
            params: { metric_type: 'L2' },
          },
          { name: 'w', type: 'BinaryVector', dim: 8, nullable: true },
        ],
      });
      const ref = { databaseName: '', collectionName: 'sparse' };
      await service.loadCollection(ref);
      const row = (id: string, v: number[] | null) => ({ id, v, w: null });
      await service.insert({
        ...ref,
        rows: [row('a', [1, 2]), row('b', null), row('c', [1.5, 2])],
      });
      const found = async (ids: string[], fieldName = 'v'): Promise<unknown> => {
        const { results } = await service.search({ ...ref, ids, fieldName, limit: 2 });
        return results.map((hits) => hits.map(({ id }) => id));
      };
      expect(await found(['b', 'c', 'a'])).toEqual([[], ['c', 'a'], ['a', 'c']]);
      expect(await found(['b'])).toEqual([[]]);
      expect(await found(['a', 'b'], 'w')).toEqual([[], []]);
      await expectRefusal(
        service.search({ ...ref, ids: ['a'], limit: 1 }),
        1100,
        'multiple vector fields exist, please specify anns_field in search_params',
      );
      await expectRefusal(
        service.search({ ...ref, ids: [1n], fieldName: 'v', limit: 1 }),
        1100,
        'primary key is varchar, but IDs type mismatch',
      );
    });

    it('is refused in Milvus’s words', async () => {
      const { service } = await open();
      await createThings(service, 35);
      const refusals: [Partial<SearchRowsRequest>, string][] = [
        [{ ids: [1n, 1n] }, 'duplicate IDs found in search request'],
        [{ ids: [1n, 7n, 9999n] }, 'do not exist: missing IDs = [7 9999]'],
        [{ ids: ['1'] }, 'primary key is int64, but IDs type mismatch'],
        [{ ids: [1n], data: [[1, 1]] }, 'Either ids or data must be provided, not both'],
        [{ ids: [] }, 'Either ids or data must be provided'],
        [{ ids: Array.from({ length: 16_385 }, (_, i) => BigInt(i)) }, 'nq [16385] is invalid'],
      ];
      for (const [part, text] of refusals) {
        await expectRefusal(service.search({ ...THINGS, limit: 3, ...part }), 1100, text);
      }
    });
  });

  describe('a filter that looks at what was found', () => {
    it('leaves the same hits', async () => {
      const { service } = await open();
      await createThings(service, 36);
      const filters = ['tiny > 0', 'id == 150', 'id < 0', 'name == "Zoe" and size > 0', ''];
      await inEveryState(service, THINGS, async () => {
        for (const filter of filters) {
          const data = [
            [3, 1],
            [20, 0],
            [40, 2],
          ];
          const request = { ...THINGS, data, limit: 20, filter };
          const expected = await service.search(request);
          const late = await service.search({ ...request, hints: 'iterative_filter' });
          expect(late, filter).toEqual(expected);
        }
      });
      const request = { ...THINGS, data: [[3, 1]], limit: 2, hints: 'other' };
      await expectRefusal(service.search(request), 1100, 'hints: other not supported');
    });
  });
}
