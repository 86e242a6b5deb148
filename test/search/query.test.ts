import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { metricsOf } from '../../src/index/metrics.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { takeRows } from '../../src/schema/column-builder.ts';
import { vectorStride } from '../../src/schema/column-layout.ts';
import type { Column, FixedColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { keysOf, type PrimaryKey } from '../../src/schema/primary-key.ts';
import type { QueryAnswer, QueryPlan } from '../../src/search/plan.ts';
import { workerPool } from '../../src/search/pool.ts';
import { executeQuery, executeSearch } from '../../src/search/query.ts';
import { Turn } from '../../src/search/read-context.ts';
import { mergeQueryAnswers, mergeSearchAnswers } from '../../src/search/reduce.ts';
import { keysOfColumn } from '../../src/segments/key-list.ts';
import { DENSE_TYPES, encode } from '../index/reference.ts';
import { compareKeys, hitsOf, naiveSearch } from './reference.ts';
import {
  FakeSegment,
  hurriedClock,
  inlineContext,
  int32Column,
  int64Column,
  KEY,
  NAME,
  queryPlan,
  schemaOf,
  searchPlan,
  SIZE,
  textColumn,
  VECTOR,
  vectorColumn,
} from './world.ts';

interface Collection {
  readonly columns: ReadonlyMap<number, Column>;
  readonly segments: FakeSegment[];
  /** Rows of all segments that are visible, as rows of `columns`. */
  readonly visible: readonly number[];
}

/** The columns cut into segments of chunks, some rows hidden. */
function collectionOf(
  columns: ReadonlyMap<number, Column>,
  cut: {
    readonly rowCount: number;
    readonly segmentRows: number;
    readonly chunkRows: number;
    readonly hidden: ReadonlySet<number>;
  },
): Collection {
  const segments: FakeSegment[] = [];
  for (let start = 0; start < cut.rowCount; start += cut.segmentRows) {
    const length = Math.min(cut.segmentRows, cut.rowCount - start);
    const rows = Uint32Array.from({ length }, (_, i) => start + i);
    const own = new Map([...columns].map(([id, column]) => [id, takeRows(column, rows)]));
    const hidden = [...cut.hidden].filter((row) => rows.includes(row)).map((row) => row - start);
    segments.push(
      new FakeSegment(own, {
        id: segments.length,
        chunkRows: cut.chunkRows,
        ...(hidden.length > 0 ? { hidden } : {}),
      }),
    );
  }
  const all = Array.from({ length: cut.rowCount }, (_, row) => row);
  return { columns, segments, visible: all.filter((row) => !cut.hidden.has(row)) };
}

const cuts = fc.record({
  segmentRows: fc.integer({ min: 1, max: 40 }),
  chunkRows: fc.integer({ min: 1, max: 40 }),
  hidden: fc.uniqueArray(fc.nat(59), { maxLength: 30 }).map((rows) => new Set(rows)),
});

const keyColumns = fc.oneof(
  fc
    .uniqueArray(fc.bigInt({ min: -50n, max: 50n }), { minLength: 60, maxLength: 60 })
    .map((keys): Column => int64Column(keys)),
  fc
    .uniqueArray(fc.string({ maxLength: 4 }), { minLength: 60, maxLength: 60 })
    .map((keys): Column => textColumn(keys)),
);

function scalarColumns(keys: Column): Map<number, Column> {
  const numbers = Array.from({ length: 60 }, (_, row) => (row * 17) % 31);
  return new Map([
    [KEY, keys],
    [SIZE, int32Column(numbers)],
    [NAME, textColumn(numbers.map((number) => (number % 5 === 0 ? null : `name ${number}`)))],
  ]);
}

function keyTypeOf(columns: ReadonlyMap<number, Column>): {
  keyType: typeof DataType.Int64 | typeof DataType.VarChar;
} {
  return { keyType: columns.get(KEY)!.kind === 'bytes' ? DataType.VarChar : DataType.Int64 };
}

describe('a search', () => {
  it.each(DENSE_TYPES.map((type) => [type] as const))(
    'of vectors of type %i finds what sorting everything finds, however the rows lie',
    async (vectorType) => {
      const isBinary = vectorType === DataType.BinaryVector;
      const dim = isBinary ? 16 : 3;
      const stride = vectorStride(vectorType, dim);
      // Few distinct values: ties at the end of every answer.
      const element = isBinary ? fc.constantFrom(0, 1, 3, 255) : fc.integer({ min: -1, max: 1 });
      const elements = (rows: number): fc.Arbitrary<number[]> =>
        fc.array(element, { minLength: rows * stride, maxLength: rows * stride });
      const property = fc.asyncProperty(
        keyColumns,
        fc.tuple(elements(60), elements(3)),
        fc.record({
          topK: fc.integer({ min: 1, max: 70 }),
          isFiltered: fc.boolean(),
          metric: fc.nat(2),
        }),
        cuts,
        async (keys, [vectors, queries], { topK, isFiltered, metric: pick }, cut) => {
          const nulls = Array.from({ length: 60 }, (_, row) => row).filter((row) => row % 11 === 0);
          const values = encode(vectorType, vectors);
          const columns = scalarColumns(keys).set(
            VECTOR,
            vectorColumn(vectorType, dim, values, nulls),
          );
          const { segments, visible } = collectionOf(columns, { rowCount: 60, ...cut });
          const schema = schemaOf({
            vectorType,
            dim,
            isVectorNullable: true,
            ...keyTypeOf(columns),
          });
          const metrics = metricsOf(vectorType);
          const plan = searchPlan({
            schema,
            queries: vectorColumn(vectorType, dim, encode(vectorType, queries)),
            topK,
            metric: metrics[pick % metrics.length]!,
            filter: isFiltered ? compileFilter('size > 10 and name is not null', schema) : null,
          });
          const sizes = (columns.get(SIZE) as FixedColumn).values as Int32Array;
          const rows = isFiltered
            ? visible.filter((row) => sizes[row]! > 10 && sizes[row]! % 5 !== 0)
            : visible;
          const expected = naiveSearch(plan, columns, rows);
          const answer = await executeSearch(plan, segments, inlineContext());
          expect(hitsOf(answer)).toEqual(expected);
          // Every segment a shard of its own: the merged answer is the same.
          const parts = segments.map((segment) => executeSearch(plan, [segment], inlineContext()));
          const turn = new Turn(inlineContext());
          const merged = await mergeSearchAnswers(plan, await Promise.all(parts), turn);
          expect(hitsOf(merged)).toEqual(expected);
        },
      );
      await fc.assert(property, { numRuns: 25 });
    },
  );

  it('answers with the output fields of the hits, each row once', async () => {
    const columns = smallColumns();
    const segments = [new FakeSegment(columns, { chunkRows: 2 })];
    const queries = vectorColumn(DataType.FloatVector, 1, Float32Array.of(0, 1));
    const schema = schemaOf({ dim: 1 });
    const plan = searchPlan({ schema, queries, topK: 2, outputFieldIds: [KEY, NAME, VECTOR] });
    const { counts, rows, scores, batch } = await executeSearch(plan, segments, inlineContext());
    expect(Array.from(counts)).toEqual([2, 2]);
    expect(Array.from(scores)).toEqual([0, 1, 0, 1]);
    expect(batch.rowCount).toBe(2);
    expect([...batch.columns.keys()]).toEqual([KEY, NAME, VECTOR]);
    const names = keysOf(batch.columns.get(NAME)!);
    expect(Array.from(rows, (row) => names[row])).toEqual(['a', 'b', 'b', 'a']);
  });

  it('reads no column for rows that are not there', async () => {
    const columns = smallColumns();
    const hidden = new FakeSegment(columns, { hidden: [0, 1, 2, 3] });
    const elsewhere = new FakeSegment(columns, { partitionId: 2 });
    const zone = { min: 0, max: 3, nullCount: 0, rowCount: 4 };
    const pruned = new FakeSegment(columns, { zones: new Map([[SIZE, zone]]) });
    const schema = schemaOf({ dim: 1 });
    const plan = searchPlan({
      schema,
      queries: vectorColumn(DataType.FloatVector, 1, Float32Array.of(0)),
      filter: compileFilter('size > 3', schema),
      partitionIds: [1],
    });
    const answer = await executeSearch(plan, [hidden, elsewhere, pruned], inlineContext());
    expect(Array.from(answer.counts)).toEqual([0]);
    expect([...answer.batch.columns.keys()]).toEqual([KEY, SIZE, NAME]);
    expect([hidden, elsewhere, pruned].map(({ loaded }) => loaded)).toEqual([[], [], []]);
  });

  it('takes a zone of nulls only for what it says', async () => {
    const zone = { nullCount: 4, rowCount: 4 };
    const segment = new FakeSegment(smallColumns(), { zones: new Map([[NAME, zone]]) });
    const schema = schemaOf({ dim: 1 });
    const queries = vectorColumn(DataType.FloatVector, 1, Float32Array.of(0));
    const ask = async (filter: string): Promise<number[]> => {
      const plan = searchPlan({ schema, queries, filter: compileFilter(filter, schema) });
      return Array.from((await executeSearch(plan, [segment], inlineContext())).counts);
    };
    expect(await ask('name == "a"')).toEqual([0]);
    expect(segment.loaded).toEqual([]);
    await ask('name is null');
    expect(segment.loaded).toContain(NAME);
  });

  it('gives the same on threads as on the calling one, for one query and for many', async () => {
    // More than INLINE_WORK_MAX multiply-adds for one query.
    const [rowCount, dim] = [130_000, 128];
    const values = new Float32Array(new SharedArrayBuffer(rowCount * dim * 4));
    for (let i = 0; i < values.length; i++) values[i] = (Math.imul(i, 48_271) >>> 7) % 1009;
    const keys = Array.from({ length: rowCount }, (_, i) => (i * 48_271) % 2_147_483_647);
    const columns = new Map<number, Column>([
      [KEY, int64Column(keys)],
      [VECTOR, vectorColumn(DataType.FloatVector, dim, values)],
    ]);
    const segments = [new FakeSegment(columns, { hidden: [7, 8, 50_000] })];
    await using workers = workerPool({ clock: systemClock, threadCount: 2 });
    for (const queryCount of [1, 9]) {
      const queries = new Float32Array(queryCount * dim).map((_, i) => Math.cos(i) * 50);
      const plan = searchPlan({
        schema: schemaOf({ dim }),
        queries: vectorColumn(DataType.FloatVector, dim, queries),
        metric: 'COSINE',
        topK: 20,
        outputFieldIds: [KEY],
      });
      const threaded = await executeSearch(plan, segments, { workers, clock: systemClock });
      const inline = await executeSearch(plan, segments, inlineContext());
      expect(hitsOf(threaded)).toEqual(hitsOf(inline));
    }
  });

  it('gives up when the caller does, and lets others have their turn meanwhile', async () => {
    const clock = hurriedClock();
    const controller = new AbortController();
    const context = { ...inlineContext(clock), signal: controller.signal };
    const queries = vectorColumn(DataType.FloatVector, 1, Float32Array.of(0));
    const plan = searchPlan({ schema: schemaOf({ dim: 1 }), queries });
    const segments = [new FakeSegment(smallColumns())];
    const search = executeSearch(plan, segments, context);
    controller.abort();
    await expect(search).rejects.toThrow('context canceled');
    await expect(executeSearch(plan, segments, context)).rejects.toThrow('context canceled');
    expect(clock.yields.count).toBe(1);
  });

  it('refuses an answer that is too large before it scans', async () => {
    const rowCount = 16_384;
    const dim = 8;
    const columns = new Map<number, Column>([
      [KEY, int64Column(Array.from({ length: rowCount }, (_, i) => i))],
      [VECTOR, vectorColumn(DataType.FloatVector, dim, new Float32Array(rowCount * dim))],
    ]);
    const segment = new FakeSegment(columns);
    const queries = vectorColumn(DataType.FloatVector, dim, new Float32Array(500 * dim));
    const plan = searchPlan({
      schema: schemaOf({ dim }),
      queries,
      topK: rowCount,
      outputFieldIds: [KEY],
    });
    await expect(executeSearch(plan, [segment], inlineContext())).rejects.toThrow(
      'search results exceed the maxOutputSize Limit 104857600',
    );
    expect(segment.loaded).toEqual([]);
  });

  it('chooses by key among more equal rows than a scan hands over', async () => {
    const rowCount = 5000;
    const columns = new Map<number, Column>([
      [KEY, int64Column(Array.from({ length: rowCount }, (_, i) => (i * 1237) % 5003))],
      [VECTOR, vectorColumn(DataType.FloatVector, 2, new Float32Array(rowCount * 2))],
    ]);
    const queries = vectorColumn(DataType.FloatVector, 2, new Float32Array(4));
    const plan = searchPlan({
      schema: schemaOf({ dim: 2 }),
      queries,
      topK: 5,
      outputFieldIds: [KEY],
    });
    const segments = [new FakeSegment(columns, { chunkRows: 2000 })];
    const answer = await executeSearch(plan, segments, inlineContext());
    const smallest = keysOf(columns.get(KEY)!).sort(compareKeys).slice(0, 5);
    const ids = hitsOf(answer).map((hits) => hits.map(({ id }) => id));
    expect(ids).toEqual([smallest, smallest]);
  });
});

/** Four rows a, b, c, d at 0, 1, 2.5 and 9. */
function smallColumns(): Map<number, Column> {
  return new Map<number, Column>([
    [KEY, int64Column([40, 30, 20, 10])],
    [VECTOR, vectorColumn(DataType.FloatVector, 1, Float32Array.of(0, 1, 2.5, 9))],
    [SIZE, int32Column([0, 1, 2, 3])],
    [NAME, textColumn(['a', 'b', 'c', 'd'])],
  ]);
}

function idsOf({ batch }: QueryAnswer): PrimaryKey[] {
  return keysOf(batch.columns.get(KEY)!);
}

describe('a query', () => {
  it('gives the visible rows that pass the filter in the order of their keys, however they lie', async () => {
    const asks = fc.record({
      rowLimit: fc.option(fc.integer({ min: 1, max: 70 })),
      isFiltered: fc.boolean(),
      keyed: fc.option(fc.array(fc.nat(59), { maxLength: 20 })),
      isHurried: fc.boolean(),
    });
    const property = fc.asyncProperty(keyColumns, asks, cuts, async (keys, ask, cut) => {
      const columns = scalarColumns(keys);
      const { segments, visible } = collectionOf(columns, { rowCount: 60, ...cut });
      const schema = schemaOf(keyTypeOf(columns));
      const wanted = ask.keyed === null ? null : takeRows(keys, Uint32Array.from(ask.keyed));
      const plan: QueryPlan = queryPlan({
        schema,
        rowLimit: ask.rowLimit,
        keys: wanted === null ? null : keysOfColumn(wanted),
        filter: ask.isFiltered ? compileFilter('size < 20', schema) : null,
      });
      const all = keysOf(keys);
      const sizes = (columns.get(SIZE) as FixedColumn).values as Int32Array;
      const rows = visible
        .filter((row) => !ask.isFiltered || sizes[row]! < 20)
        .filter((row) => ask.keyed?.includes(row) ?? true)
        .sort((a, b) => compareKeys(all[a]!, all[b]!))
        .slice(0, ask.rowLimit ?? 60);
      const context = inlineContext(ask.isHurried ? hurriedClock() : systemClock);
      const answer = await executeQuery(plan, segments, context);
      const expected = new Map(
        plan.outputFieldIds.map((id) => [id, takeRows(columns.get(id)!, Uint32Array.from(rows))]),
      );
      expect(answer.count).toBe(rows.length);
      expect(idsOf(answer)).toEqual(rows.map((row) => all[row]));
      expect((answer.batch.columns.get(SIZE) as FixedColumn).values).toEqual(
        (expected.get(SIZE) as FixedColumn).values,
      );
      expect(keysOf(answer.batch.columns.get(NAME)!)).toEqual(keysOf(expected.get(NAME)!));
      const parts = segments.map((segment) => executeQuery(plan, [segment], context));
      const turn = new Turn(context);
      const merged = await mergeQueryAnswers(plan, await Promise.all(parts), turn);
      expect(merged.count).toBe(answer.count);
      expect(idsOf(merged)).toEqual(idsOf(answer));
      const count = await executeQuery(
        { ...plan, countOnly: true, rowLimit: null },
        segments,
        context,
      );
      const total = await executeQuery({ ...plan, rowLimit: null }, segments, context);
      expect(count.count).toBe(total.count);
      expect(count.batch.rowCount).toBe(0);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('counts without reading a column when nothing is filtered', async () => {
    const segment = new FakeSegment(smallColumns(), { hidden: [1] });
    const answer = await executeQuery(queryPlan({ countOnly: true }), [segment], inlineContext());
    expect(answer.count).toBe(3);
    expect(segment.loaded).toEqual([]);
  });

  it('asks the filter about the rows of the keys only', async () => {
    const schema = schemaOf();
    const plan = queryPlan({
      keys: keysOfColumn(int64Column([30, 10, 99])),
      filter: compileFilter('size == 1', schema),
    });
    const segment = new FakeSegment(smallColumns(), { chunkRows: 1 });
    expect(idsOf(await executeQuery(plan, [segment], inlineContext()))).toEqual([30n]);
    // The filter's column of two chunks, then key and output of the one row that is left.
    expect(segment.loaded).toEqual([SIZE, SIZE, KEY, KEY, SIZE, NAME]);
  });

  it('refuses an answer that is too large before it reads it', async () => {
    const rowCount = 420;
    const dim = 65_536;
    const vectors = vectorColumn(DataType.FloatVector, dim, new Float32Array(0));
    const columns = new Map<number, Column>([
      [KEY, int64Column(Array.from({ length: rowCount }, (_, i) => i))],
      [VECTOR, vectors],
    ]);
    const segment = new FakeSegment(columns);
    const plan = queryPlan({ schema: schemaOf({ dim }), outputFieldIds: [KEY, VECTOR] });
    await expect(executeQuery(plan, [segment], inlineContext())).rejects.toThrow(
      'query results exceed the maxOutputSize Limit 104857600',
    );
    expect(segment.loaded).toEqual([]);
  });

  it('gives up when the caller does', async () => {
    const context = { ...inlineContext(), signal: AbortSignal.abort() };
    const query = executeQuery(queryPlan(), [new FakeSegment(smallColumns())], context);
    await expect(query).rejects.toThrow('context canceled');
  });
});
