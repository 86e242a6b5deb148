import { describe, expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import type { Collection } from '../../src/api/collection.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { defineSchema } from '../../src/api/schema.ts';

const ROWS = 60;

const schema = defineSchema(
  {
    id: f.int64({ primary: true }),
    size: f.int32({ nullable: true }),
    v: f.floatVector(2, { metric: 'L2' }),
  },
  { dynamic: true },
);

type Things = Collection<typeof schema>;

async function things(): Promise<Things> {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  const collection = await db.collection('things', { schema });
  const rows = Array.from({ length: ROWS }, (_, id) => ({ id, size: id, k: id, v: [id, 0] }));
  await collection.insert(rows.slice(0, 30));
  await collection.flush();
  await collection.insert(rows.slice(30));
  return collection;
}

type Page = ReadonlyArray<Readonly<Record<string, unknown>>>;
type Iterated = AsyncGenerator<Page, void, undefined>;

/** Pages by rows, and by hits whose fields stand beside their key. */
const WAYS: ReadonlyArray<[string, (of: Things, filter: string) => Iterated]> = [
  [
    'iterate',
    async function* iterate(of, filter) {
      for await (const page of of.iterate({ filter, batchSize: 10 })) yield page;
    },
  ],
  [
    'searchIterator',
    async function* search(of, filter) {
      const request = { data: [0, 0], filter, batchSize: 10, outputFields: ['*'] as const };
      for await (const page of of.searchIterator(request)) {
        yield page.map(({ id, fields }) => ({ ...fields, id }));
      }
    },
  ],
];

async function all(first: Page, rest: Iterated): Promise<Page> {
  const pages = [first];
  for await (const page of rest) pages.push(page);
  return pages.flat();
}

describe.each(WAYS)('%s over a schema that changes', (_name, iterate) => {
  it('is refused when a field of its first page is dropped', async () => {
    const of = await things();
    const pages = iterate(of, 'size >= 0');
    expect((await pages.next()).value).toHaveLength(10);
    await of.dropField('size');
    await expect(pages.next()).rejects.toMatchObject({ reason: 'SchemaMismatch' });
  });

  it('is refused when a field of its filter is another of the same name', async () => {
    const of = await things();
    const pages = iterate(of, 'size < 1000');
    expect((await pages.next()).value).toHaveLength(10);
    const narrower = await of.dropField('size');
    await narrower.addField('size', f.int32({ nullable: true, default: 5000 }));
    await expect(pages.next()).rejects.toThrow(
      'the schema of the collection has changed between two pages of an iteration',
    );
  });

  it('goes on by keys of the dynamic field when a field of their name is added', async () => {
    const of = await things();
    const pages = iterate(of, 'k >= 0');
    const first = (await pages.next()).value as Page;
    const wider = await of.addField('k', f.int32({ nullable: true, default: 7 }));
    await wider.flush();
    await wider.compact();
    const rows = await all(first, pages);
    expect(rows.map(({ id }) => Number(id))).toEqual(Array.from({ length: ROWS }, (_, i) => i));
    expect(rows.map(({ k }) => Number(k))).toEqual(Array.from({ length: ROWS }, (_, i) => i));
  });

  it('has the columns of its first page on all others', async () => {
    const of = await things();
    const pages = iterate(of, '');
    const first = (await pages.next()).value as Page;
    const wider = await of.addField('extra', f.int32({ nullable: true, default: 7 }));
    await wider.alterField('size', { description: 'how much' });
    await wider.upsert([{ id: 55, size: 1, k: 1, extra: 3, v: [0, 0] }]);
    const rows = await all(first, pages);
    expect(rows).toHaveLength(ROWS);
    const names = rows.map((row) => Object.keys(row).toSorted().join(' '));
    expect(new Set(names)).toEqual(new Set(['id k size v']));
    expect(rows.find(({ id }) => id === 55n)).toMatchObject({ size: 55 });
  });

  it('is refused a sample, of which every page would take another', async () => {
    const pages = iterate(await things(), 'size >= 0 and random_sample(0.5)');
    await expect(pages.next()).rejects.toThrow('random_sample is not supported in an iteration');
  });
});
