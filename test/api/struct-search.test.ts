import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';

const fields = {
  id: f.int64({ primary: true }),
  n: f.int32(),
  vector: f.floatVector(2),
  parts: f.struct(
    {
      size: f.int32(),
      name: f.varChar({ maxLength: 8 }),
      face: f.floatVector(2),
      bits: f.binaryVector(8),
    },
    { maxCapacity: 8, nullable: true },
  ),
};

interface Part {
  readonly size: number;
  readonly name: string;
  readonly face: readonly number[];
  readonly bits: readonly number[];
}

interface TestRow {
  readonly id: bigint;
  readonly n: number;
  readonly parts: readonly Part[] | null;
}

let database: MilvusLite | null = null;

afterEach(async () => {
  await database?.close();
  database = null;
});

async function opened(shards = 1) {
  database ??= await MilvusLite.open(':memory:');
  return await database.collection(`c${++created}`, { schema: fields, shards });
}

let created = 0;

/** The first half on disk, the rest in memory, some rows deleted. */
async function filled(rows: readonly TestRow[], shards = 1) {
  const collection = await opened(shards);
  const given = rows.map(({ id, n, parts }) => ({
    id,
    n,
    vector: [1, 0],
    parts: parts?.map((one) => ({ ...one, bits: new Uint8Array(one.bits) })) ?? null,
  }));
  const half = given.length >>> 1;
  if (half > 0) {
    await collection.insert(given.slice(0, half));
    await collection.flush();
  }
  await collection.insert(given.slice(half));
  return collection;
}

type Parts = Awaited<ReturnType<typeof opened>>;

function part(size: number, face: readonly number[], name = 'a', bits = 0): Part {
  return { size, name, face, bits: [bits] };
}

const ROWS: readonly TestRow[] = [
  { id: 1n, n: 1, parts: [part(1, [1, 0]), part(9, [0, 1], 'b')] },
  { id: 2n, n: 2, parts: [part(5, [0.9, 0.1], 'b'), part(2, [0.5, 0.5]), part(7, [1, 0])] },
  { id: 3n, n: 3, parts: [] },
  { id: 4n, n: 4, parts: null },
  { id: 5n, n: 5, parts: [part(8, [-1, 0])] },
];

describe('a search of vectors inside a struct array', () => {
  it('finds elements, and says which of their row they are', async () => {
    const parts = await filled(ROWS);
    const hits = await parts.search({ field: 'parts[face]', data: [1, 0], metric: 'L2', limit: 4 });
    expect(hits.map(({ id, element, score }) => [id, element, score])).toEqual([
      [1n, 0, 0],
      [2n, 2, 0],
      [2n, 0, expect.closeTo(0.02)],
      [2n, 1, 0.5],
    ]);
  });

  it('takes the elements that element_filter asks for, of the rows that what stands before it does', async () => {
    const parts = await filled(ROWS);
    const search = async (filter: string): Promise<unknown[]> => {
      const hits = await parts.search({ field: 'parts[face]', data: [1, 0], limit: 9, filter });
      return hits.map(({ id, element }) => `${id}.${element}`);
    };
    expect(await search('element_filter(parts, $[size] > 4)')).toEqual([
      '2.2',
      '2.0',
      '1.1',
      '5.0',
    ]);
    expect(await search('element_filter(parts, $[size] > 4 and $[name] == "b")')).toEqual([
      '2.0',
      '1.1',
    ]);
    expect(await search('n > 1 and element_filter(parts, $[size] > 4)')).toEqual([
      '2.2',
      '2.0',
      '5.0',
    ]);
    expect(await search('n > 1')).toEqual(['2.2', '2.0', '2.1', '5.0']);
    expect(await search('element_filter(parts, $[size] > 99)')).toEqual([]);
    expect(await search('match_all(parts, $[size] > 4)')).toEqual(['5.0']);
  });

  it('answers the whole row to each of its elements', async () => {
    const parts = await filled(ROWS);
    const hits = await parts.search({
      field: 'parts[face]',
      data: [1, 0],
      limit: 2,
      filter: 'n == 2',
      outputFields: ['n', 'parts[size]'],
    });
    const sizes = [{ size: 5 }, { size: 2 }, { size: 7 }];
    expect(hits.map(({ element, fields: shown }) => [element, shown])).toEqual([
      [2, { n: 2, parts: sizes }],
      [0, { n: 2, parts: sizes }],
    ]);
  });

  it('skips hits, and takes those of a range of scores', async () => {
    const parts = await filled(ROWS);
    const request = { field: 'parts[face]', data: [1, 0], metric: 'L2', limit: 2 } as const;
    const page = await parts.search({ ...request, offset: 1 });
    expect(page.map(({ id, element }) => [id, element])).toEqual([
      [2n, 2],
      [2n, 0],
    ]);
    const near = await parts.search({
      ...request,
      limit: 9,
      searchParams: { radius: 0.6, range_filter: 0.01 },
    });
    expect(near.map(({ id, element }) => [id, element])).toEqual([
      [2n, 0],
      [2n, 1],
    ]);
  });

  it('by lists adds up the best match of each of their vectors', async () => {
    const parts = await filled(ROWS);
    const [first, second] = await parts.search({
      field: 'parts[face]',
      data: [
        [
          [1, 0],
          [0, 1],
        ],
        [[-1, 0]],
      ],
      metric: 'MAX_SIM_IP',
      limit: 3,
    });
    expect(first?.map(({ id, score, element }) => [id, score, element])).toEqual([
      [1n, 2, undefined],
      [2n, 1.5, undefined],
      [5n, -1, undefined],
    ]);
    expect(second?.map(({ id, score }) => [id, score])).toEqual([
      [5n, 1],
      [1n, 0],
      [2n, -0.5],
    ]);
  });

  it.each<[string, object, string]>([
    [
      'plain vectors by lists',
      { data: [1, 0], metric: 'MAX_SIM_IP' },
      'metric_type MAX_SIM_IP requires embedding list search, but search data is plain vector',
    ],
    [
      'lists by plain metrics',
      { data: [[[1, 0]]], metric: 'IP' },
      'metric_type IP does not support embedding list search, but search data is embedding list',
    ],
    ['an empty list', { data: [[]], metric: 'MAX_SIM' }, 'an embedding list has 1 to 4096 vectors'],
    [
      'a metric that is none of the type',
      { data: [1, 0], metric: 'HAMMING' },
      'array of vector with float element type does not support metric type: HAMMING',
    ],
    ['vectors of another dimension', { data: [[[1, 0, 0]]] }, 'vector dimension mismatch'],
    [
      'elements by lists',
      { data: [[[1, 0]]], filter: 'element_filter(parts, $[size] > 1)' },
      'element_filter is only supported for element-level search on vector sub-fields of the same struct array',
    ],
    [
      'elements of a struct by another field',
      { data: [1, 0], field: 'vector', filter: 'element_filter(parts, $[size] > 1)' },
      'element_filter is only supported for element-level search on vector sub-fields of the same struct array',
    ],
    [
      'a range of lists',
      { data: [[[1, 0]]], searchParams: { radius: 0.5 } },
      'range search is not supported for multi-search-multi on embedding list fields',
    ],
  ])('refuses %s', async (_, request, message) => {
    const parts = await filled(ROWS);
    const search = parts.search({ field: 'parts[face]', limit: 1, ...request } as never);
    await expect(search).rejects.toThrow(message);
  });

  it('has pages, of elements', async () => {
    const parts = await filled(ROWS);
    const request = { field: 'parts[face]', data: [1, 0] } as const;
    const placesOf = (hits: readonly { id: bigint; element?: number }[]): string[] =>
      hits.map(({ id, element }) => `${id} ${element}`);
    const found: string[] = [];
    for await (const page of parts.searchIterator({ ...request, batchSize: 2 })) {
      found.push(...placesOf(page));
    }
    expect(found).toEqual(placesOf(await parts.search({ ...request, limit: 100 })));
    expect(found.length).toBeGreaterThan(2);
  });

  it('is none by keys, and has no buckets', async () => {
    const parts = await filled(ROWS);
    const field = 'parts[face]';
    await expect(parts.search({ field, ids: [1n], limit: 1 })).rejects.toThrow(
      'search by ids is not supported for vectors inside struct arrays',
    );
    const buckets = { fields: ['n'], size: 2 };
    await expect(
      parts.aggregates.search({ field, data: [1, 0], buckets } as never),
    ).rejects.toThrow('search aggregation is not supported for vectors inside struct arrays');
  });

  it('goes by the metric of the index of the field', async () => {
    const parts = await filled(ROWS);
    const field = 'parts[face]';
    await parts.indexes.create(field, { type: 'HNSW', metric: 'MAX_SIM_L2' });
    const [hits] = await parts.search({ field, data: [[[0, 1]]], limit: 1 });
    expect(hits).toEqual([{ id: 1n, score: 0, fields: {} }]);
    await expect(parts.search({ field, data: [0, 1], limit: 1 })).rejects.toThrow(
      'metric_type MAX_SIM_L2 requires embedding list search',
    );
    await expect(
      parts.search({ field, data: [[[0, 1]]], limit: 1, metric: 'MAX_SIM_IP' }),
    ).rejects.toThrow('metric type not match: invalid parameter[expected=MAX_SIM_L2]');
  });
});

/** Of a row that a query answers for one of its elements. */
function nameOf(row: { readonly id: bigint }): string {
  return `${row.id}.${String((row as Record<string, unknown>)['$element'])}`;
}

describe('a query with element_filter', () => {
  const filter = 'element_filter(parts, $[size] > 4)';

  async function found(parts: Parts, request: object): Promise<string[]> {
    const rows = await parts.query({ outputFields: ['id'], ...request } as never);
    return rows.map(nameOf);
  }

  it('answers a row for each element that matches', async () => {
    const parts = await filled(ROWS);
    expect(await found(parts, { filter })).toEqual(['1.1', '2.0', '2.2', '5.0']);
    expect(await found(parts, { filter: `n < 5 and ${filter}` })).toEqual(['1.1', '2.0', '2.2']);
    expect(await parts.count({ filter })).toBe(4);
    expect(await parts.query({ filter, outputFields: ['n'], limit: 1 })).toEqual([
      { id: 1n, n: 1, $element: 1 },
    ]);
  });

  it('counts elements for limit and offset', async () => {
    const parts = await filled(ROWS);
    expect(await found(parts, { filter, limit: 2 })).toEqual(['1.1', '2.0']);
    expect(await found(parts, { filter, limit: 2, offset: 2 })).toEqual(['2.2', '5.0']);
    expect(await found(parts, { filter, limit: 2, offset: 3 })).toEqual(['5.0']);
    expect(await found(parts, { filter, limit: 2, offset: 4 })).toEqual([]);
  });

  it('deletes rows that have such an element', async () => {
    const parts = await filled(ROWS);
    await parts.delete({ filter });
    expect(
      (await parts.query({ filter: 'n > 0', outputFields: ['id'] })).map(({ id }) => id),
    ).toEqual([3n, 4n]);
  });

  it('is none of an iterator', async () => {
    const parts = await filled(ROWS);
    await expect(parts.iterate({ filter }).next()).rejects.toThrow(
      'query iterator is not supported with element_filter',
    );
  });
});

const COORDINATES = [-2, -1, 0, 1, 2];
const face = fc.tuple(fc.constantFrom(...COORDINATES), fc.constantFrom(...COORDINATES));
const generatedPart = fc.record({
  size: fc.integer({ min: 0, max: 5 }),
  name: fc.constantFrom('a', 'b'),
  face,
  bits: fc.tuple(fc.integer({ min: 0, max: 255 })),
});
const generatedRows = fc
  .array(fc.option(fc.array(generatedPart, { maxLength: 4 })), { minLength: 1, maxLength: 30 })
  .map((lists) => lists.map((parts, i): TestRow => ({ id: BigInt(i), n: i % 3, parts })));

type Measure = (a: readonly number[], b: readonly number[]) => number;

const MEASURES: Readonly<Record<string, Measure>> = {
  L2: (a, b) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0),
  IP: (a, b) => a.reduce((sum, x, i) => sum + x * b[i]!, 0),
  COSINE: (a, b) => {
    const product = a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    const length = Math.hypot(...a) * Math.hypot(...b);
    return length === 0 ? 0 : product / length;
  },
  HAMMING: (a, b) => bitCount(a[0]! ^ b[0]!),
  JACCARD: (a, b) => {
    const either = bitCount(a[0]! | b[0]!);
    return either === 0 ? 1 : 1 - bitCount(a[0]! & b[0]!) / either;
  },
};

function bitCount(value: number): number {
  return value.toString(2).replaceAll('0', '').length;
}

function isLarger(metric: string): boolean {
  return metric === 'IP' || metric === 'COSINE';
}

describe('generated struct arrays', () => {
  const seeded = { numRuns: 25 };

  it('are searched by elements as one by one', async () => {
    const metric = fc.constantFrom('L2', 'IP', 'COSINE');
    await fc.assert(
      fc.asyncProperty(
        generatedRows,
        face,
        metric,
        fc.integer({ min: 0, max: 5 }),
        async (rows, query, name, size) => {
          const parts = await filled(rows, 2);
          const measure = MEASURES[name]!;
          const expected = rows
            .flatMap(({ id, n, parts: list }) =>
              (list ?? []).flatMap((one, element) =>
                n > 0 && one.size >= size
                  ? [{ id, element, score: Math.fround(measure(query, one.face)) }]
                  : [],
              ),
            )
            .toSorted(
              (a, b) =>
                (isLarger(name) ? b.score - a.score : a.score - b.score) ||
                Number(a.id - b.id) ||
                a.element - b.element,
            );
          const filter = `n > 0 and element_filter(parts, $[size] >= ${size})`;
          const hits = await parts.search({
            field: 'parts[face]',
            data: [...query],
            metric: name,
            limit: 12,
            filter,
          });
          expect(hits.map(({ id, element }) => `${id}.${element}`)).toEqual(
            expected.slice(0, 12).map(({ id, element }) => `${id}.${element}`),
          );
          for (const [i, { score }] of hits.entries())
            expect(score).toBeCloseTo(expected[i]!.score, 5);
          expect(await parts.count({ filter })).toBe(expected.length);
          const rowsFound = await parts.query({ filter, outputFields: ['id'] });
          expect(rowsFound.map(nameOf)).toEqual(
            expected
              .toSorted((a, b) => Number(a.id - b.id) || a.element - b.element)
              .map(({ id, element }) => `${id}.${element}`),
          );
          await parts.drop();
        },
      ),
      seeded,
    );
  });

  it('are groups of elements of a row, of which those with the best ones count', async () => {
    await fc.assert(
      fc.asyncProperty(
        generatedRows,
        face,
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        async (rows, query, groupSize, strictGroupSize) => {
          const parts = await filled(rows, 2);
          const expected = rows
            .map(({ id, parts: list }) =>
              (list ?? [])
                .map((one, element) => ({ id, element, score: MEASURES['L2']!(query, one.face) }))
                .toSorted((a, b) => a.score - b.score || a.element - b.element)
                .slice(0, groupSize),
            )
            .filter(({ length }) => length > 0)
            .toSorted((a, b) => a[0]!.score - b[0]!.score || Number(a[0]!.id - b[0]!.id));
          const hits = await parts.search({
            field: 'parts[face]',
            data: [...query],
            metric: 'L2',
            limit: 4,
            groupBy: 'id',
            groupSize,
            strictGroupSize,
          });
          const best = expected.slice(0, 4).flat();
          expect(hits.map(({ id, element }) => `${id}.${element}`)).toEqual(
            best.map(({ id, element }) => `${id}.${element}`),
          );
          await parts.drop();
        },
      ),
      seeded,
    );
  });

  it('are searched by lists as one by one', async () => {
    const metric = fc.constantFrom('L2', 'IP', 'COSINE', 'HAMMING', 'JACCARD');
    const lists = fc.array(fc.array(generatedPart, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 2,
    });
    await fc.assert(
      fc.asyncProperty(generatedRows, lists, metric, async (rows, queries, name) => {
        const parts = await filled(rows, 2);
        const sub = name === 'HAMMING' || name === 'JACCARD' ? 'bits' : 'face';
        const measure = MEASURES[name]!;
        const best = isLarger(name) ? Math.max : Math.min;
        const found = await parts.search({
          field: `parts[${sub}]`,
          data: queries.map((list) =>
            list.map((one) => (sub === 'bits' ? new Uint8Array(one.bits) : [...one.face])),
          ),
          metric: `MAX_SIM_${name}` as never,
          limit: 7,
        });
        for (const [i, query] of queries.entries()) {
          const expected = rows
            .flatMap(({ id, parts: list }) => {
              if (list === null || list.length === 0) return [];
              const sums = query.map((one) =>
                best(...list.map((other) => measure(one[sub], other[sub]))),
              );
              return [{ id, score: sums.reduce((sum, value) => sum + value, 0) }];
            })
            .toSorted((a, b) => (isLarger(name) ? b.score - a.score : a.score - b.score));
          const hits = found[i] ?? [];
          expect(hits.length).toBe(Math.min(7, expected.length));
          for (const [rank, hit] of hits.entries()) {
            expect(hit.score).toBeCloseTo(expected[rank]!.score, 4);
            expect(hit.score).toBeCloseTo(expected.find(({ id }) => id === hit.id)!.score, 4);
          }
        }
        await parts.drop();
      }),
      seeded,
    );
  });
});
