/**
 * Every index against the float64 reference, through the engine: random vectors of every type and metric, with
 * duplicates, vectors of zeros and nulls; rows that were deleted or written again after their segment was
 * sealed; rows that are still growing; filters; and more hits wanted than there are rows. Searches are so wide
 * that nothing may be missed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directCalls } from '../../src/core/engine.ts';
import type { Row } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import { largerIsBetter, type MetricType } from '../../src/index/metric-type.ts';
import { vectorIndexKind } from '../../src/index/registry.ts';
import { vectorStride } from '../../src/schema/column-layout.ts';
import { DataType, dataTypeName, type DenseVectorType } from '../../src/schema/data-type.ts';
import {
  arbitraryWorld,
  isNear,
  type Reference,
  referenceScores,
  TYPES_AND_METRICS,
  type World,
} from '../index/reference.ts';
import { builtSegments, indexed } from '../suites/index-fixtures.ts';
import { DOCS } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const TUNING = { ...PRODUCTION_TUNING, indexRowsMin: 4 };
/** Ids of the two sealed segments, then of the rows that grow. */
const SEALED_IDS = [60, 120] as const;
const ALL_IDS = 130;
const WIDEST = { ef: 1000, search_list: 1000, nprobe: 64, refine_k: 1000, reorder_k: 1000 };

const GRAPH = { M: '4', efConstruction: '40', refine: 'true' };
const LISTS = { nlist: '4', refine: 'true' };
/** Of every dimension one is a divisor. */
const PRODUCT = { m: '1', nbits: '4' };
const INDEXES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['AUTOINDEX', {}],
  ['FLAT', {}],
  ['BIN_FLAT', {}],
  ['HNSW', { M: '4', efConstruction: '40' }],
  ['HNSW_SQ', { ...GRAPH, sq_type: 'SQ6' }],
  ['HNSW_PQ', { ...GRAPH, ...PRODUCT }],
  ['HNSW_PRQ', { ...GRAPH, ...PRODUCT, nrq: '2' }],
  ['DISKANN', { max_degree: '8', search_list_size: '64' }],
  ['IVF_FLAT', { nlist: '4' }],
  ['BIN_IVF_FLAT', { nlist: '4' }],
  ['IVF_SQ8', LISTS],
  ['IVF_PQ', { ...LISTS, ...PRODUCT }],
  ['IVF_RABITQ', LISTS],
  ['SCANN', { nlist: '4', sub_dim: '1', with_raw_data: 'true' }],
];

/** No files are built for them of every type: rows are compared one by one. */
const isScanned = new Set(['FLAT', 'BIN_FLAT']);

interface Change {
  readonly id: number;
  readonly kind: 'delete' | 'upsert';
}

interface Given {
  readonly world: World;
  /** Of ids that come again and again. */
  readonly nulls: readonly boolean[];
  readonly changes: readonly Change[];
}

function arbitraryGiven(type: DenseVectorType, metric: MetricType): fc.Arbitrary<Given> {
  return fc.record({
    world: arbitraryWorld([type, metric], { rowCountMax: 70, queryCountMax: 2 }),
    nulls: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
    changes: fc.array(
      fc.record({
        id: fc.nat(SEALED_IDS[1] - 1),
        kind: fc.constantFrom('delete' as const, 'upsert' as const),
      }),
      { minLength: 5, maxLength: 30 },
    ),
  });
}

/** By id of what is there: the row of the world that its vector is, null when it has none. */
type Model = ReadonlyMap<number, number | null>;

/** A collection in every state at once, and what is in it. */
async function fill(service: Service, { world, nulls, changes }: Given): Promise<Model> {
  const model = new Map<number, number | null>();
  const { type, dim, values, rowCount } = world;
  const stride = vectorStride(type, dim);
  const rowOf = (id: number, at: number): Row => {
    const place = nulls[at % nulls.length] === true ? null : at % rowCount;
    model.set(id, place);
    const vector = place === null ? null : values.slice(place * stride, (place + 1) * stride);
    return { id, size: id % 10, vector };
  };
  await service.createCollection('', {
    name: DOCS.collectionName,
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'size', type: 'Int64' },
      { name: 'vector', type, dim, nullable: true },
    ],
  });
  await service.loadCollection(DOCS);
  let first = 0;
  for (const end of [...SEALED_IDS, ALL_IDS]) {
    const rows = Array.from({ length: end - first }, (_, i) => rowOf(first + i, first + i));
    await service.insert({ ...DOCS, rows });
    if (end < ALL_IDS) await service.flush(DOCS);
    first = end;
  }
  for (const { id, kind } of changes) {
    if (kind === 'upsert') {
      await service.upsert({ ...DOCS, rows: [rowOf(id, id + 13)] });
    } else {
      await service.delete({ ...DOCS, ids: [BigInt(id)] });
      model.delete(id);
    }
  }
  return model;
}

interface Asked {
  readonly limit: number;
  /** Only ids whose last digit is below. */
  readonly below: number;
}

interface Found {
  readonly id: number;
  readonly score: number;
}

function expectRight(given: Given, model: Model, found: readonly Found[], query: number): void {
  const sign = largerIsBetter(given.world.metric) ? -1 : 1;
  const references = referenceScores(given.world, query, 'float32');
  const referenceOf = (place: number): Reference => references[place]!;
  expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  for (const [i, { id, score }] of found.entries()) {
    const place = model.get(id);
    // A row that matches and is there, and a vector that is no null.
    expect(place ?? null).not.toBeNull();
    expect(isNear(score, referenceOf(place!))).toBe(true);
    const before = found[i - 1];
    if (before === undefined) continue;
    const difference = sign * (score - before.score);
    expect(difference > 0 || (difference === 0 && id > before.id)).toBe(true);
  }
  const last = found.at(-1);
  const ids = new Set(found.map(({ id }) => id));
  for (const [id, place] of last === undefined ? [] : model) {
    if (place === null || ids.has(id)) continue;
    const { score, tolerance } = referenceOf(place);
    expect(Math.fround(sign * score + tolerance)).toBeGreaterThanOrEqual(sign * last!.score);
  }
}

async function expectAllRight(
  service: Service,
  given: Given,
  { model, asked }: { readonly model: Model; readonly asked: Asked },
): Promise<void> {
  const { type, dim, queries, queryCount } = given.world;
  const stride = vectorStride(type, dim);
  const { limit, below } = asked;
  const matching = new Map([...model].filter(([id]) => id % 10 < below));
  const vectors = [...matching.values()].filter((place) => place !== null);
  const { results } = await service.search({
    ...DOCS,
    fieldName: 'vector',
    data: Array.from({ length: queryCount }, (_, q) => queries.slice(q * stride, (q + 1) * stride)),
    limit,
    params: WIDEST,
    filter: below === 10 ? '' : `size < ${below}`,
  });
  for (const [query, hits] of results.entries()) {
    const found = hits.map(({ id, score }) => ({ id: Number(id), score }));
    expect(found.length).toBe(Math.min(limit, vectors.length));
    expectRight(given, matching, found, query);
  }
}

function indexesOf(type: DenseVectorType): typeof INDEXES {
  return INDEXES.filter(
    ([name]) => name === 'AUTOINDEX' || vectorIndexKind(name)?.types.includes(type) === true,
  );
}

describe('every index, through the engine', () => {
  it.each(TYPES_AND_METRICS.map(([type, metric]) => [dataTypeName(type), metric, type] as const))(
    'finds what is there of %s by %s',
    async (_name, metric, type) => {
      const asked: Asked[] = [
        { limit: 1, below: 10 },
        { limit: 9, below: 10 },
        { limit: 9, below: 1 },
        { limit: 9, below: 6 },
        { limit: ALL_IDS + 10, below: 10 },
        { limit: ALL_IDS + 10, below: 0 },
      ];
      const property = fc.asyncProperty(arbitraryGiven(type, metric), async (given) => {
        const world = await memoryWorld(directCalls, { tuning: TUNING })();
        const { service } = world;
        const model = await fill(service, given);
        for (const [index_type, params] of indexesOf(type)) {
          const index = { index_type, metric_type: metric, ...params };
          const named = { ...DOCS, indexName: index_type };
          await service.createIndex({ ...named, fieldName: 'vector', params: index });
          await service.loadCollection(DOCS);
          await indexed(service, index_type);
          if (!isScanned.has(index_type))
            expect([index_type, await builtSegments(service)]).toEqual([index_type, 2]);
          for (const one of asked) await expectAllRight(service, given, { model, asked: one });
          await service.releaseCollection(DOCS);
          await service.dropIndex(named);
        }
        await world.close();
      });
      await fc.assert(property, { numRuns: 3, endOnFailure: true });
    },
    60_000,
  );

  it('are all of those that there are', () => {
    const covered = new Set(TYPES_AND_METRICS.flatMap(([type]) => indexesOf(type).map(String)));
    expect(covered.size).toBe(INDEXES.length);
    expect(indexesOf(DataType.BinaryVector).length).toBeGreaterThan(2);
  });
});
