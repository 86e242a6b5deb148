import { describe, expect, it, onTestFinished } from 'vitest';
import type { Collection } from '../../src/api/collection.ts';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { defineSchema } from '../../src/api/schema.ts';

const schema = defineSchema({
  id: f.int64({ primary: true }),
  author: f.varChar({ maxLength: 20, nullable: true }),
  shelf: f.int16(),
  price: f.double(),
  meta: f.json({ nullable: true }),
  vector: f.floatVector(2, { metric: 'L2' }),
});

async function open(): Promise<Collection<typeof schema>> {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  const books = await db.collection('books', { schema });
  const authors = ['Ann', 'Bob', null];
  const rows = Array.from({ length: 12 }, (_, id) => ({
    id,
    author: authors[id % 3] ?? null,
    shelf: id % 2,
    price: id + 0.5,
    meta: id === 5 ? null : { kind: id % 4 },
    vector: [id, 0],
  }));
  await books.insert(rows);
  return books;
}

describe('groups of hits', () => {
  it('are counted by limit and offset, and say their values', async () => {
    const books = await open();
    const hits = await books.search({ data: [0, 0], limit: 2, groupBy: 'author', groupSize: 2 });
    expect(hits.map(({ id, group }) => [id, group])).toEqual([
      [0n, ['Ann']],
      [3n, ['Ann']],
      [1n, ['Bob']],
      [4n, ['Bob']],
    ]);
    const both = await books.search({
      data: [[0, 0]],
      limit: 9,
      offset: 4,
      groupBy: ['author', 'shelf'],
      strictGroupSize: true,
    });
    expect(both[0]?.map(({ id, group }) => [id, group])).toEqual([
      [4n, ['Bob', 0]],
      [5n, [null, 1]],
    ]);
    const cast = { groupBy: 'meta["kind"]', jsonType: 'Int64', strictCast: false } as const;
    const kinds = await books.search({ data: [0, 0], limit: 9, ...cast });
    expect(kinds.map(({ group }) => group?.[0])).toEqual([0n, 1n, 2n, 3n, null]);
    expect((await books.search({ data: [0, 0], limit: 1 }))[0]).not.toHaveProperty('group');
  });

  it('are refused where they make no sense', async () => {
    const books = await open();
    const search = (part: object): Promise<unknown> =>
      books.search({ data: [0, 0], limit: 3, ...part });
    await expect(search({ groupSize: 2 })).rejects.toThrow('groupSize says how to group');
    await expect(search({ groupBy: 5 })).rejects.toThrow('groupBy must be a list of strings');
    await expect(search({ orderBy: 'price' })).rejects.toThrow('orderBy must be a list');
    await expect(search({ orderBy: ['price'] })).rejects.toThrow('orderBy must be an object');
    await expect(search({ orderBy: [{ by: 'price' }] })).rejects.toThrow('no member by');
    await expect(search({ hints: 'magic' })).rejects.toThrow('hints: magic not supported');
  });
});

describe('an order', () => {
  it('is of hits and of rows', async () => {
    const books = await open();
    const orderBy = [{ field: 'shelf', order: 'desc' }, { field: 'price' }] as const;
    const hits = await books.search({ data: [0, 0], limit: 4, orderBy });
    expect(hits.map(({ id }) => id)).toEqual([1n, 3n, 0n, 2n]);
    const rows = await books.query({
      orderBy: [
        { field: 'author', nulls: 'first' },
        { field: 'price', order: 'desc' },
      ],
      limit: 5,
      outputFields: ['author'],
    });
    expect(rows.map(({ id }) => id)).toEqual([11n, 8n, 5n, 2n, 9n]);
    expect(await books.query({ filter: 'id >= 0', ignoreGrowing: true })).toEqual([]);
  });
});

describe('a search by keys', () => {
  it('gives a list of hits for each', async () => {
    const books = await open();
    const lists = await books.search({ ids: [3, 7n], limit: 2, hints: 'iterative_filter' });
    expect(lists.map((hits) => hits.map(({ id }) => id))).toEqual([
      [3n, 2n],
      [7n, 6n],
    ]);
  });
});

describe('aggregates', () => {
  it('of rows are one object a group', async () => {
    const books = await open();
    const rows = await books.aggregates.query({
      groupBy: ['author'],
      show: ['author', 'count(*)', 'sum(shelf)', 'avg(price)', 'max(price)'],
      filter: 'id < {id}',
      params: { id: 9 },
      orderBy: [{ field: 'author', order: 'desc', nulls: 'last' }],
      limit: 2,
    });
    expect(rows).toEqual([
      { author: 'Bob', 'count(*)': 3n, 'sum(shelf)': 2n, 'avg(price)': 4.5, 'max(price)': 7.5 },
      { author: 'Ann', 'count(*)': 3n, 'sum(shelf)': 1n, 'avg(price)': 3.5, 'max(price)': 6.5 },
    ]);
    expect(await books.aggregates.query({ show: ['count(author)'] })).toEqual([
      { 'count(author)': 8n },
    ]);
    await expect(books.aggregates.query({ show: 'count(*)' as never })).rejects.toThrow(
      'show must be a list of strings',
    );
    await expect(books.aggregates.query({ show: ['sum(author)'] })).rejects.toThrow(
      'aggregation operator sum does not support data type VarChar',
    );
  });

  it('of hits are buckets in buckets', async () => {
    const books = await open();
    const buckets = await books.aggregates.search({
      data: [0, 0],
      outputFields: ['price'],
      buckets: {
        fields: ['author'],
        size: 2,
        searchSize: 3,
        metrics: { rows: { count: '*' }, mean: { avg: 'price' } },
        order: [{ key: 'mean', order: 'asc' }],
        topHits: { size: 2, sort: [{ field: 'price', order: 'desc' }] },
        inside: { fields: ['shelf'], size: 2 },
      },
    });
    expect(buckets.map(({ key, count, metrics }) => ({ key, count, metrics }))).toEqual([
      { key: { author: 'Ann' }, count: 4, metrics: { rows: 4n, mean: 5 } },
      { key: { author: 'Bob' }, count: 4, metrics: { rows: 4n, mean: 6 } },
    ]);
    expect(buckets[0]?.hits.map(({ id, fields }) => [id, fields])).toEqual([
      [9n, { price: 9.5 }],
      [6n, { price: 6.5 }],
    ]);
    expect(buckets[0]?.inside.map(({ key, count }) => [key, count])).toEqual([
      [{ shelf: 0 }, 2],
      [{ shelf: 1 }, 2],
    ]);
    const many = await books.aggregates.search({
      data: [
        [0, 0],
        [5, 0],
      ],
      buckets: { fields: ['author'] },
    });
    expect(many.map((one) => one.map(({ key }) => key))).toEqual([
      [{ author: 'Ann' }],
      [{ author: null }],
    ]);
    const wrong = { data: [0, 0], buckets: { fields: ['author'], sizes: 3 } as never };
    await expect(books.aggregates.search(wrong)).rejects.toThrow('buckets has no member sizes');
  });

  it('load what was released', async () => {
    const books = await open();
    await books.release();
    expect(await books.aggregates.query({ show: ['count(id)'] })).toEqual([{ 'count(id)': 12n }]);
  });
});

describe('an average', () => {
  it('is finite where the sum is not, of rows and of hits', async () => {
    const books = await open();
    const large = { author: 'Cid', shelf: 7, price: 1.7e308, meta: null, vector: [50, 0] };
    await books.insert([{ ...large, id: 20 }]);
    await books.flush();
    await books.insert([{ ...large, id: 21 }]);
    const show = ['sum(price)', 'avg(price)'];
    expect(await books.aggregates.query({ filter: 'shelf == 7', show })).toEqual([
      { 'sum(price)': Number.POSITIVE_INFINITY, 'avg(price)': 1.7e308 },
    ]);
    const [bucket] = await books.aggregates.search({
      data: [50, 0],
      buckets: {
        fields: ['author'],
        metrics: { mean: { avg: 'price' } },
        topHits: { size: 2 },
      },
    });
    expect(bucket).toMatchObject({ count: 2, metrics: { mean: 1.7e308 } });
  });
});

it('an answer that shows nothing is refused', async () => {
  const books = await open();
  for (const groupBy of [['author'], []]) {
    await expect(books.aggregates.query({ groupBy, show: [] })).rejects.toThrow(
      'show is empty, it must name what the answer has',
    );
  }
});
