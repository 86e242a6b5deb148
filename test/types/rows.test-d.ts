/** What the compiler must accept and refuse; checked by `npm run typecheck`, never run. */
import { defineSchema, f, MilvusLite } from 'milvus-lite';
import type { Collection, InsertRow, PartialRow, Row, UpsertRow } from 'milvus-lite';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<_Claim extends true>(): void {}

const books = defineSchema({
  id: f.int64({ primary: true, autoId: true }),
  title: f.varChar({ maxLength: 200 }),
  year: f.int16({ nullable: true }),
  stock: f.int32({ default: 0 }),
  tags: f.array(f.varChar({ maxLength: 20 }), { maxCapacity: 8 }),
  facts: f.json({ nullable: true }),
  price: f.double(),
  vector: f.floatVector(4, { metric: 'COSINE' }),
});
type Books = typeof books;

// Rows as read.
expectType<Equal<Row<Books>['id'], bigint>>();
expectType<Equal<Row<Books>['title'], string>>();
expectType<Equal<Row<Books>['year'], number | null>>();
expectType<Equal<Row<Books>['stock'], number>>();
expectType<Equal<Row<Books>['tags'], string[]>>();
expectType<Equal<Row<Books>['vector'], Float32Array>>();

// Rows as inserted: automatic key, nullable and defaulted fields may be left out.
const least = { title: 'Dune', tags: ['sand'], price: 9.5, vector: [1, 2, 3, 4] };
least satisfies InsertRow<Books>;
({ ...least, year: null, stock: null, facts: { pages: 412 } }) satisfies InsertRow<Books>;
({ ...least, vector: new Float32Array(4) }) satisfies InsertRow<Books>;

// @ts-expect-error the vector is missing
({ title: 'Dune', tags: [], price: 1 }) satisfies InsertRow<Books>;
// @ts-expect-error the title is a number
({ title: 7, tags: [], price: 1, vector: [1, 2, 3, 4] }) satisfies InsertRow<Books>;
// @ts-expect-error there is no such field
({ ...least, author: 'Herbert' }) satisfies InsertRow<Books>;
// @ts-expect-error the title is not nullable
({ title: null, tags: [], price: 1, vector: [1, 2, 3, 4] }) satisfies InsertRow<Books>;
// @ts-expect-error an array of text holds no numbers
({ title: 'Dune', tags: [1], price: 1, vector: [1, 2, 3, 4] }) satisfies InsertRow<Books>;

// An upsert names its key; a partial one needs nothing else.
({ ...least, id: 1n }) satisfies UpsertRow<Books>;
({ id: 1 }) satisfies PartialRow<Books>;
({ id: 1, price: 3 }) satisfies PartialRow<Books>;
// @ts-expect-error the key is missing
least satisfies UpsertRow<Books>;
// @ts-expect-error the key is missing
({ price: 3 }) satisfies PartialRow<Books>;

// A key that users give themselves must be given, as bigint or number.
const keyed = defineSchema({ id: f.int64({ primary: true }), vector: f.floatVector(2) });
({ id: 1, vector: [1, 2] }) satisfies InsertRow<typeof keyed>;
({ id: 1n, vector: [1, 2] }) satisfies InsertRow<typeof keyed>;
// @ts-expect-error the key is missing
({ vector: [1, 2] }) satisfies InsertRow<typeof keyed>;
// @ts-expect-error the key is text
({ id: '1', vector: [1, 2] }) satisfies InsertRow<typeof keyed>;

// Dynamic fields only where they are enabled; the fields of the schema keep their types.
const open = defineSchema(
  { id: f.varChar({ primary: true, maxLength: 36 }), vector: f.binaryVector(16) },
  { dynamic: true },
);
({ id: 'a', vector: new Uint8Array(2), color: 'red', size: 3 }) satisfies InsertRow<typeof open>;
// @ts-expect-error the key is text
({ id: 1, vector: new Uint8Array(2), color: 'red' }) satisfies InsertRow<typeof open>;
expectType<Equal<Row<typeof open>['id'], string>>();
expectType<Equal<Row<typeof open>['color'], unknown>>();

// Every type of value.
const every = defineSchema({
  key: f.varChar({ primary: true }),
  flag: f.bool(),
  tiny: f.int8(),
  real: f.float({ nullable: true }),
  document: f.json<{ a: number }>(),
  place: f.geometry({ nullable: true }),
  body: f.text(),
  at: f.timestamptz(),
  numbers: f.array(f.int64(), { maxCapacity: 3, nullable: true }),
  half: f.float16Vector(4),
  brain: f.bfloat16Vector(4, { nullable: true }),
  bytes: f.int8Vector(4),
  bits: f.binaryVector(8),
  sparse: f.sparseVector(),
  chapters: f.struct(
    { heading: f.varChar({ maxLength: 20 }), embedding: f.floatVector(4) },
    { maxCapacity: 10 },
  ),
});
type Every = Row<typeof every>;
expectType<Equal<Every['flag'], boolean>>();
expectType<Equal<Every['real'], number | null>>();
expectType<Equal<Every['document'], { a: number }>>();
expectType<Equal<Every['place'], string | null>>();
expectType<Equal<Every['numbers'], bigint[] | null>>();
expectType<Equal<Every['half'], Float32Array>>();
expectType<Equal<Every['brain'], Float32Array | null>>();
expectType<Equal<Every['bytes'], Int8Array>>();
expectType<Equal<Every['bits'], Uint8Array>>();
expectType<Equal<Every['sparse'], Record<number, number>>>();
expectType<Equal<Every['chapters'], Array<{ heading: string; embedding: Float32Array }>>>();

// Options that a type does not have are refused.
// @ts-expect-error a bool cannot be the key
f.bool({ primary: true });
// @ts-expect-error misspelt
f.varChar({ maxLenght: 5 });
// @ts-expect-error an array needs its capacity
f.array(f.int32(), {});
// @ts-expect-error no array of vectors
f.array(f.floatVector(2), { maxCapacity: 2 });
// @ts-expect-error there is no such metric
f.floatVector(2, { metric: 'cosine' });
// @ts-expect-error the default is no text
f.varChar({ default: 1 });

// Collections carry the schema they were opened with.
export async function open1(db: MilvusLite): Promise<void> {
  const typed = await db.collection('books', { schema: books });
  typed satisfies Collection<Books>;
  await typed.insert([least]);
  // @ts-expect-error the vector is missing
  await typed.insert([{ title: 'Dune', tags: [], price: 1 }]);
  await typed.upsert([{ id: 1n, price: 3 }], { partial: true });
  // @ts-expect-error a whole row is needed without `partial`
  await typed.upsert([{ id: 1n, price: 3 }]);

  const bare = await db.collection('bare', {
    schema: { id: f.int64({ primary: true }), vector: f.floatVector(2) },
    dynamic: true,
  });
  await bare.insert([{ id: 1, vector: [1, 2], anything: true }]);

  const untyped = await db.collection('books');
  await untyped.insert([{ whatever: 1 }]);

  const wider = await typed.addField('pages', f.int32({ nullable: true }));
  const [row] = await wider.get(1, { outputFields: ['pages', 'title'] });
  expectType<Equal<typeof row, { id: bigint; pages: number | null; title: string } | undefined>>();

  const narrower = await wider.dropField('title');
  const [left] = await narrower.get(1, { outputFields: ['pages'] });
  expectType<Equal<typeof left, { id: bigint; pages: number | null } | undefined>>();
  // @ts-expect-error it is gone
  await narrower.get(1, { outputFields: ['title'] });
  // @ts-expect-error there is no such field
  await narrower.dropField('title');
}

// Indexes of fields: the parameters of their type, and no other.
f.floatVector(4, { index: { type: 'HNSW', metric: 'COSINE', M: 16, efConstruction: 200 } });
f.floatVector(4, { index: { metric: 'IP' } });
f.floatVector(4, { nullable: true, index: { type: 'IVF_PQ', m: 2, nlist: 64, refine: true } });
f.binaryVector(8, { index: { type: 'BIN_FLAT', metric: 'SUPERSTRUCTURE' } });
// @ts-expect-error there is no such index
f.floatVector(4, { index: { type: 'ANNOY' } });
// @ts-expect-error nlist is no parameter of HNSW
f.floatVector(4, { index: { type: 'HNSW', nlist: 16 } });
// @ts-expect-error IVF_PQ needs its number of parts
f.floatVector(4, { index: { type: 'IVF_PQ' } });
// @ts-expect-error M is a number
f.floatVector(4, { index: { type: 'HNSW', M: '16' } });
// @ts-expect-error a scalar has no vector index
f.int32({ index: { type: 'HNSW' } });
