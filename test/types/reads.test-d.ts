/** Reads are narrowed to their output fields; checked by `npm run typecheck`, never run. */
import { defineSchema, expr, f, type Hit, type MilvusLite } from 'milvus-lite';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<_Claim extends true>(): void {}

const schema = defineSchema({
  id: f.int64({ primary: true }),
  title: f.varChar({ maxLength: 200 }),
  year: f.int16({ nullable: true }),
  vector: f.floatVector(4),
  chapters: f.struct({ heading: f.varChar(), pages: f.int32() }, { maxCapacity: 10 }),
});
type Schema = typeof schema;

export async function search(db: MilvusLite): Promise<void> {
  const books = await db.collection('books', { schema });

  const hits = await books.search({
    data: [1, 2, 3, 4],
    limit: 3,
    outputFields: ['title', 'year'],
  });
  expectType<Equal<typeof hits, Array<Hit<Schema, 'title' | 'year'>>>>();
  const [hit] = hits;
  if (hit === undefined) return;
  expectType<Equal<typeof hit.id, bigint>>();
  expectType<Equal<typeof hit.fields.title, string>>();
  expectType<Equal<typeof hit.fields.year, number | null>>();
  // @ts-expect-error the vector was not asked for
  hit.fields.vector;

  // One vector gives hits; many give a list of hits each.
  const one = await books.search({ data: new Float32Array(4), limit: 1 });
  expectType<Equal<typeof one, Array<Hit<Schema>>>>();
  const many = await books.search({ data: [new Float32Array(4), [1, 2, 3, 4]], limit: 1 });
  expectType<Equal<typeof many, Array<Array<Hit<Schema>>>>>();
  // @ts-expect-error without outputFields a hit is key and score
  one[0]?.fields.title;

  const whole = await books.search({ data: [1, 2, 3, 4], limit: 1, outputFields: ['*'] });
  expectType<Equal<NonNullable<(typeof whole)[0]>['fields']['vector'], Float32Array>>();

  // @ts-expect-error there is no such field
  await books.search({ data: [1, 2, 3, 4], limit: 1, outputFields: ['titel'] });
  // @ts-expect-error a vector is no text
  await books.search({ data: 'chess', limit: 1 });
  // @ts-expect-error a search has a limit
  await books.search({ data: [1, 2, 3, 4] });
  // @ts-expect-error the field is no vector
  await books.search({ data: [1, 2, 3, 4], limit: 1, field: 'title' });
}

export async function query(db: MilvusLite): Promise<void> {
  const books = await db.collection('books', { schema });

  const rows = await books.query({
    filter: expr`year > ${1990}`,
    outputFields: ['title'],
    limit: 10,
  });
  expectType<Equal<typeof rows, Array<{ id: bigint; title: string }>>>();
  const all = await books.query({ filter: 'year > {y}', params: { y: 1990 } });
  expectType<Equal<NonNullable<(typeof all)[0]>['title'], string>>();

  const [parts] = await books.get([1, 2n], { outputFields: ['chapters[heading]', 'year'] });
  expectType<
    Equal<
      typeof parts,
      { id: bigint; chapters: Array<{ heading: string }>; year: number | null } | undefined
    >
  >();
  // @ts-expect-error the key is no text
  await books.get('1');

  for await (const page of books.iterate({ outputFields: ['year'], batchSize: 10 })) {
    expectType<Equal<typeof page, Array<{ id: bigint; year: number | null }>>>();
  }

  const pages = books.searchIterator({
    data: [1, 2, 3, 4],
    batchSize: 10,
    outputFields: ['year'],
    searchParams: { radius: 0.5, range_filter: 0.9 },
  });
  for await (const page of pages) {
    expectType<Equal<NonNullable<(typeof page)[0]>['fields'], { year: number | null }>>();
    expectType<Equal<NonNullable<(typeof page)[0]>['id'], bigint>>();
  }
  // @ts-expect-error pages have no offset
  books.searchIterator({ data: [1, 2, 3, 4], offset: 5 });

  await books.delete({ ids: [1, 2n] });
  await books.delete({ filter: 'year < 1900' });
  // @ts-expect-error keys or filter, not both
  await books.delete({ ids: [1], filter: 'year < 1900' });
  // @ts-expect-error keys or filter
  await books.delete({});
  // @ts-expect-error null has no place in an expression: write "is null"
  expr`year == ${null}`;

  const untyped = await db.collection('books');
  const [loose] = await untyped.query({ filter: 'id > 0', outputFields: ['anything'], limit: 1 });
  expectType<Equal<NonNullable<typeof loose>['anything'], unknown>>();
  const found = await untyped.search({ data: [1, 2], limit: 1, outputFields: ['title'] });
  expectType<Equal<NonNullable<(typeof found)[0]>['fields']['title'], unknown>>();
  expectType<Equal<NonNullable<(typeof found)[0]>['id'], bigint | string>>();
}
