import { describe, expect, it, onTestFinished } from 'vitest';
import type { Collection } from '../../src/api/collection.ts';
import { expr } from '../../src/api/expression.ts';
import { f } from '../../src/api/fields.ts';
import type { SearchParams } from '../../src/api/index-options.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { defineSchema } from '../../src/api/schema.ts';

const schema = defineSchema({
  id: f.int64({ primary: true }),
  title: f.varChar({ maxLength: 20 }),
  year: f.int16({ nullable: true }),
  vector: f.floatVector(2, { metric: 'L2' }),
});

type Books = Collection<typeof schema>;

async function open(): Promise<{ db: MilvusLite; books: Books }> {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  return { db, books: await db.collection('books', { schema }) };
}

function book(id: number): { id: number; title: string; year: number | null; vector: number[] } {
  return { id, title: `book ${id}`, year: id % 2 === 0 ? null : 1900 + id, vector: [id, 0] };
}

const tenBooks = Array.from({ length: 10 }, (_, id) => book(id));

describe('writes', () => {
  it('insert rows and say their keys, in order', async () => {
    const { books } = await open();
    const result = await books.insert([book(3), { ...book(1), id: 1n }]);
    expect(result).toMatchObject({ rowCount: 2, ids: [3n, 1n] });
    expect(result.timestamp).toBeGreaterThan(0n);
    expect(await books.get([1, 3n], { outputFields: ['title'] })).toEqual([
      { id: 1n, title: 'book 1' },
      { id: 3n, title: 'book 3' },
    ]);
  });

  it('make keys when the schema says so', async () => {
    const { db } = await open();
    const fields = { id: f.int64({ primary: true, autoId: true }), vector: f.floatVector(2) };
    const notes = await db.collection('notes', { schema: fields });
    const { ids } = await notes.insert([{ vector: [1, 2] }, { vector: [3, 4] }]);
    expect(new Set(ids).size).toBe(2);
    expect((await notes.get(ids))[0]?.vector).toEqual(new Float32Array([1, 2]));
  });

  it('store nothing when one row is wrong, and name field, row and value', async () => {
    const { books } = await open();
    const wrong = { ...book(2), vector: [1, 2, 3] };
    await expect(books.insert([book(1), wrong])).rejects.toMatchObject({
      reason: 'ParameterInvalid',
      kind: 'InvalidInput',
    });
    const unknownField = { ...book(2), author: 'x' };
    await expect(books.insert([book(1), unknownField])).rejects.toThrow(/author/);
    expect(await books.count()).toBe(0);
  });

  it('upsert whole rows and single fields', async () => {
    const { books } = await open();
    await books.insert([book(1)]);
    await books.upsert([{ ...book(1), title: 'second edition' }, book(2)]);
    await books.upsert([{ id: 1, year: 2000 }], { partial: true });
    expect(await books.get([1, 2], { outputFields: ['title', 'year'] })).toEqual([
      { id: 1n, title: 'second edition', year: 2000 },
      { id: 2n, title: 'book 2', year: null },
    ]);
    await expect(books.upsert([book(1), book(1)])).rejects.toThrow(
      /duplicate primary keys are not allowed in the same batch/,
    );
  });

  it('delete by keys and by filter', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    await books.delete({ ids: [0, 1n, 99] });
    await books.delete({ filter: 'year > {year}', params: { year: 1905 } });
    await books.delete({ filter: expr`id in ${[2, 4]}` });
    const left = await books.query({ filter: 'id >= 0', outputFields: ['id'] });
    expect(left.map(({ id }) => id)).toEqual([3n, 5n, 6n, 8n]);
  });

  it('go to a partition', async () => {
    const { books } = await open();
    await books.partitions.create('new');
    await books.insert([book(1)], { partition: 'new' });
    await books.insert([book(2)]);
    expect(await books.count({ partition: 'new' })).toBe(1);
    expect(await books.count({ partition: ['new', '_default'] })).toBe(2);
    expect(await books.search({ data: [2, 0], limit: 5, partition: 'new' })).toHaveLength(1);
    await books.delete({ ids: [1, 2], partition: 'new' });
    expect(await books.count()).toBe(1);
  });
});

describe('reads', () => {
  it('query with a filter, parameters, limit and offset', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const filter = 'year is not null and title != {title}';
    const rows = await books.query({ filter, params: { title: 'book 1' }, limit: 2, offset: 1 });
    expect(rows.map(({ id, year }) => [id, year])).toEqual([
      [5n, 1905],
      [7n, 1907],
    ]);
    expect(rows[0]?.vector).toEqual(new Float32Array([5, 0]));
    expect(await books.query({ limit: 3, outputFields: ['id'] })).toHaveLength(3);
  });

  it('show where a filter is wrong', async () => {
    const { books } = await open();
    await expect(books.query({ filter: 'year >> ', limit: 1 })).rejects.toThrow(
      /failed to create query plan: cannot parse expression: year >>/,
    );
    await expect(books.query({ filter: 'yaer > 1', limit: 1 })).rejects.toThrow(/yaer/);
  });

  it('count all rows, or those of a filter', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    await books.delete({ ids: [0] });
    expect(await books.count()).toBe(9);
    expect(await books.count({ filter: expr`id < ${5}` })).toBe(4);
  });

  it('search one vector or many, best first', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const hits = await books.search({ data: [3, 0], limit: 3, outputFields: ['title'] });
    expect(hits.map(({ id, score }) => [id, score])).toEqual([
      [3n, 0],
      [2n, 1],
      [4n, 1],
    ]);
    expect(hits[0]?.fields.title).toBe('book 3');
    const many = await books.search({ data: [[3, 0], new Float32Array([9, 0])], limit: 1 });
    expect(many.map(([first]) => first?.id)).toEqual([3n, 9n]);
    expect(await books.search({ data: [[3, 0]], limit: 1 })).toHaveLength(1);
  });

  it('search with filter, offset, rounding and the field’s name', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const request = { data: [3.3, 0], limit: 2, field: 'vector', metric: 'L2' } as const;
    const hits = await books.search({
      ...request,
      filter: expr`id != ${3}`,
      offset: 1,
      roundDecimal: 1,
    });
    expect(hits.map(({ id, score }) => [id, Math.round(score * 1e6) / 1e6])).toEqual([
      [2n, 1.7],
      [5n, 2.9],
    ]);
  });

  it('refuse a wrong dimension, metric and limit with Milvus’s words', async () => {
    const { books } = await open();
    await books.insert([book(1)]);
    await expect(books.search({ data: [1, 2, 3], limit: 1 })).rejects.toThrow(/dim/);
    await expect(books.search({ data: [1, 2], limit: 1, metric: 'IP' })).rejects.toThrow(
      /metric type not match: invalid parameter\[expected=L2\]\[actual=IP\]/,
    );
    await expect(books.search({ data: [1, 2], limit: 0 })).rejects.toThrow(/in range \[1, 16384\]/);
  });

  it('iterate over all rows as of one moment while others write', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const seen: bigint[] = [];
    for await (const page of books.iterate({ batchSize: 4, outputFields: ['year'] })) {
      seen.push(...page.map(({ id }) => id));
      await books.insert([book(100 + seen.length)]);
      await books.delete({ ids: [9] });
    }
    expect(seen).toEqual(tenBooks.map(({ id }) => BigInt(id)));
  });

  it.each([
    ['a truncation', (_db, books) => books.truncate(), 'SnapshotExpired'],
    ['the drop of a partition', (_db, books) => books.partitions.drop('old'), 'SnapshotExpired'],
    [
      'another collection of the name',
      async (db, books) => {
        await books.drop();
        await (await db.collection('books', { schema })).insert(tenBooks);
      },
      'CollectionNotFound',
    ],
    ['a new name', (_db, books) => books.rename('others'), 'CollectionNotFound'],
  ] satisfies Array<[string, (db: MilvusLite, books: Books) => Promise<void>, string]>)(
    'iterate to the end or say why not: %s',
    async (_name, disturb, reason) => {
      const { db, books } = await open();
      await books.partitions.create('old');
      await books.insert(tenBooks);
      await books.insert([book(20), book(21)], { partition: 'old' });
      const pages = books.iterate({ batchSize: 4 });
      expect((await pages.next()).value).toHaveLength(4);
      await disturb(db, books);
      await expect(pages.next()).rejects.toMatchObject({ reason });
    },
  );

  it('iterate over the rows of a filter up to a limit', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const ids: bigint[] = [];
    const pages = books.iterate({
      filter: 'id > {x} or id == 0',
      params: { x: 4 },
      batchSize: 2,
      limit: 5,
    });
    for await (const page of pages) ids.push(...page.map(({ id }) => id));
    expect(ids).toEqual([0n, 5n, 6n, 7n, 8n]);
  });

  it('search a range of scores', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const ids = async (searchParams: SearchParams): Promise<number[]> => {
      const hits = await books.search({ data: [0, 0], limit: 9, searchParams });
      return hits.map(({ id }) => Number(id));
    };
    expect(await ids({ radius: 16 })).toEqual([0, 1, 2, 3]);
    expect(await ids({ radius: 16, range_filter: 4 })).toEqual([2, 3]);
    await expect(ids({ range_filter: 4 })).rejects.toThrow(
      'range_filter requires radius to be set',
    );
  });

  it('iterate over hits as of one moment while others write, best first', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const seen: [bigint, number, string][] = [];
    const pages = books.searchIterator({
      data: [2.25, 0],
      batchSize: 3,
      limit: 8,
      filter: 'id != {x}',
      params: { x: 4 },
      roundDecimal: 1,
      outputFields: ['title'],
    });
    for await (const page of pages) {
      for (const { id, score, fields } of page) seen.push([id, score, fields.title]);
      await books.insert([{ ...book(100 + seen.length), vector: [2, 0] }]);
      await books.delete({ ids: [9] });
    }
    expect(seen.map(([id]) => id)).toEqual([2n, 3n, 1n, 0n, 5n, 6n, 7n, 8n]);
    expect(seen[0]).toEqual([2n, 0.1, 'book 2']);
    expect(seen[4]).toEqual([5n, 7.6, 'book 5']);
  });

  it('iterate over the hits of a range, and of one vector', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const searchParams = { radius: 50, range_filter: 3 };
    const ids: bigint[] = [];
    for await (const page of books.searchIterator({ data: [0, 0], batchSize: 2, searchParams })) {
      ids.push(...page.map(({ id }) => id));
    }
    expect(ids).toEqual([2n, 3n, 4n, 5n, 6n, 7n]);
    const many = [
      [0, 0],
      [1, 1],
    ] as unknown as number[];
    await expect(books.searchIterator({ data: many }).next()).rejects.toThrow(
      'search_iterator_v2 does not support processing multiple vectors simultaneously',
    );
    await books.drop();
    await expect(books.searchIterator({ data: [0, 0] }).next()).rejects.toMatchObject({
      reason: 'CollectionNotFound',
    });
  });

  it('end when their signal aborts, and take no time that is no time', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    const signal = AbortSignal.abort();
    await expect(books.count({ signal })).rejects.toMatchObject({ reason: 'Cancelled' });
    await expect(books.search({ data: [1, 2], limit: 1, signal })).rejects.toMatchObject({
      kind: 'Cancelled',
    });
    await expect(books.query({ limit: 1, timeoutMs: -1 })).rejects.toThrow(/timeoutMs/);
  });
});

describe('life of a collection', () => {
  it('is flushed and compacted without a change of its rows', async () => {
    const { books } = await open();
    for (const row of tenBooks) {
      await books.insert([row]);
      await books.flush();
    }
    await books.delete({ ids: [1, 2, 3] });
    expect(await books.segments()).toHaveLength(10);
    await books.compact();
    expect((await books.segments()).length).toBeLessThan(10);
    expect(await books.count()).toBe(7);
    expect((await books.stats()).rowCount).toBeGreaterThanOrEqual(7);
  });

  it('is not found by writes that its end overtakes', async () => {
    const { books } = await open();
    const rows = (from: number) => Array.from({ length: 200 }, (_, i) => book(from + i));
    const calls = [
      books.insert(rows(0)),
      books.insert(rows(1000)),
      books.drop(),
      books.insert(rows(2000)),
      books.delete({ ids: [1] }),
      books.upsert(rows(3000)),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      if (outcome.status === 'fulfilled') continue;
      expect(outcome.reason).toMatchObject({ reason: 'CollectionNotFound' });
    }
  });

  it('is loaded by the next call after it was released', async () => {
    const { books } = await open();
    await books.insert(tenBooks);
    await books.release();
    expect((await books.describe()).loaded).toBe(false);
    expect(await books.count()).toBe(10);
    await books.release();
    expect(await books.search({ data: [1, 0], limit: 1 })).toHaveLength(1);
    await books.load();
    expect((await books.describe()).loaded).toBe(true);
  });

  it('is truncated, renamed and dropped', async () => {
    const { db, books } = await open();
    await books.insert(tenBooks);
    await books.truncate();
    expect(await books.count()).toBe(0);
    await books.rename('volumes');
    expect(books.name).toBe('volumes');
    await books.insert([book(1)]);
    expect(await books.count()).toBe(1);
    await books.drop();
    expect(await db.listCollections()).toEqual([]);
    await expect(books.count()).rejects.toMatchObject({ reason: 'CollectionNotFound' });
  });

  it('gets fields, whose values older rows have as null or default', async () => {
    const { books } = await open();
    await books.insert([book(1)]);
    const wider = await books.addField('pages', f.int32({ nullable: true }));
    await wider.insert([{ ...book(2), pages: 300 }]);
    expect(await wider.get([1, 2], { outputFields: ['pages'] })).toEqual([
      { id: 1n, pages: null },
      { id: 2n, pages: 300 },
    ]);
    const parted = await wider.addField(
      'parts',
      f.struct({ size: f.int8() }, { maxCapacity: 3, nullable: true }),
    );
    expect((await parted.query({ limit: 1 }))[0]).toMatchObject({ parts: null });
    await expect(wider.addField('more', f.int32())).rejects.toThrow(
      /added field must be nullable, please check it, field name = more/,
    );
  });

  it('loses fields, and rows are typed by what is left', async () => {
    const { books } = await open();
    await books.insert([book(1)]);
    const wider = await books.addField('pages', f.int32({ nullable: true }));
    const narrower = await wider.dropField('title');
    await narrower.insert([{ id: 2, year: 1999, vector: [1, 2], pages: 3 }]);
    const rows = await narrower.get([1, 2], { outputFields: ['*'] });
    expect(rows.map((row) => Object.keys(row).includes('title'))).toEqual([false, false]);
    await expect(narrower.dropField('id')).rejects.toThrow(/cannot drop primary key field: id/);
    await expect(narrower.dropField(7 as never)).rejects.toThrow(/name must be a string/);
  });

  it('changes arrays in place', async () => {
    const { db } = await open();
    const lists = await db.collection('lists', {
      schema: {
        id: f.int64({ primary: true }),
        vector: f.floatVector(2),
        tags: f.array(f.varChar({ maxLength: 9 }), { maxCapacity: 3 }),
      },
    });
    await lists.insert([{ id: 1, vector: [1, 2], tags: ['a'] }]);
    await lists.upsert([{ id: 1, tags: ['b', 'a'] }], { fieldOps: { tags: 'ARRAY_APPEND' } });
    expect((await lists.get(1))[0]?.tags).toEqual(['a', 'b', 'a']);
    await lists.upsert([{ id: 1, tags: ['a'] }], { fieldOps: { tags: 'ARRAY_REMOVE' } });
    expect((await lists.get(1))[0]?.tags).toEqual(['b']);
    const fieldOps = { tags: 'ARRAY_SORT' as never };
    await expect(lists.upsert([{ id: 1, tags: [] }], { fieldOps })).rejects.toThrow(
      /unsupported partial update op: ARRAY_SORT/,
    );
    await expect(lists.upsert([{ id: 1 }], { fieldOps: [] as never })).rejects.toThrow(
      /fieldOps must be an object/,
    );
  });

  it('moves to another database and goes on there', async () => {
    const { db, books } = await open();
    await books.insert([book(1)]);
    await db.createDatabase('shelf');
    await books.rename('novels', { database: 'shelf' });
    expect([books.databaseName, books.name]).toEqual(['shelf', 'novels']);
    expect(await books.count()).toBe(1);
    await books.rename('stories');
    expect([books.databaseName, books.name]).toEqual(['shelf', 'stories']);
    await expect(books.rename('x', { database: 'nowhere' })).rejects.toThrow(/database not found/);
    expect(await books.count()).toBe(1);
  });

  it('changes fields and properties', async () => {
    const { books } = await open();
    await books.alterField('title', { max_length: 30 });
    await books.insert([{ ...book(1), title: 'x'.repeat(30) }]);
    await books.setProperties({ 'collection.ttl.seconds': 60 });
    expect((await books.describe()).properties['collection.ttl.seconds']).toBe('60');
    await books.setProperties({}, { remove: ['collection.ttl.seconds'] });
    expect((await books.describe()).properties).toEqual({});
  });

  it('has aliases', async () => {
    const { db, books } = await open();
    await books.createAlias('library');
    expect(await books.listAliases()).toEqual(['library']);
    expect(await (await db.collection('library', { schema })).count()).toBe(0);
  });
});
