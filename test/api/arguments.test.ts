/** Callers without types: what is no argument of a method is refused by its name, never with a TypeError. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Collection } from '../../src/api/collection.ts';
import { propertyTexts } from '../../src/api/checks.ts';
import { defineSchema } from '../../src/api/schema.ts';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { MilvusError } from '../../src/base/errors.ts';

/** A method as JavaScript sees it. */
type Untyped = (...given: readonly unknown[]) => unknown;

let db: MilvusLite;
let docs: Collection;

beforeAll(async () => {
  db = await MilvusLite.open(':memory:');
  await db.collection('docs', {
    schema: { id: f.int64({ primary: true }), vector: f.floatVector(2, { metric: 'L2' }) },
  });
  docs = await db.collection('docs');
  await docs.insert([
    { id: 1, vector: [1, 2] },
    { id: 2, vector: [3, 4] },
  ]);
  return async () => await db.close();
});

/** The path of a method from `db`, `docs` or `f`, called with anything. */
async function call(path: string, given: readonly unknown[]): Promise<unknown> {
  const [root = '', ...names] = path.split('.');
  let owner: object = { db, docs, f, MilvusLite, defineSchema };
  for (const name of path === root ? [] : [root, ...names.slice(0, -1)]) {
    owner = Reflect.get(owner, name) as object;
  }
  const method = Reflect.get(owner, names.at(-1) ?? root) as Untyped;
  const answer = await Reflect.apply(method, owner, given);
  if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) {
    return answer;
  }
  const yielded: unknown[] = [];
  for await (const one of answer as AsyncIterable<unknown>) yielded.push(one);
  return yielded;
}

const ARGUMENTS: ReadonlyArray<readonly [path: string, given: unknown[], message: string]> = [
  ['db.createAlias', [null, 'docs'], 'alias must be a string: invalid parameter[actual=null]'],
  ['db.createAlias', ['a', 5], 'collection must be a string: invalid parameter[actual=number]'],
  ['db.alterAlias', [null, 'docs'], 'alias must be a string'],
  ['db.dropAlias', [], 'alias must be a string: invalid parameter[actual=undefined]'],
  ['db.describeAlias', [{}], 'alias must be a string: invalid parameter[actual=object]'],
  ['db.listAliases', [{ collection: 5 }], 'collection must be a string'],
  ['db.renameCollection', ['docs'], 'newName must be a string'],
  ['db.renameCollection', ['docs', 'x', { database: 1 }], 'database must be a string'],
  ['db.hasCollection', [null], 'name must be a string'],
  ['db.describeCollection', [null], 'name must be a string'],
  ['db.dropCollection', [null], 'name must be a string'],
  ['db.collection', [null], 'name must be a string'],
  ['db.collection', ['n', null], 'options must be an object: invalid parameter[actual=null]'],
  ['db.collection', ['n', { schema: null }], 'schema must be an object'],
  [
    'db.collection',
    ['n', { schema: [] }],
    'schema must be an object: invalid parameter[actual=a list]',
  ],
  [
    'db.collection',
    ['n', { schema: { id: f.int64({ primary: true }), v: 5 } }],
    'field v must be made by a builder of f, as in f.int64(): invalid parameter[actual=number]',
  ],
  [
    'db.collection',
    ['n', { schema: { id: f.int64({ primary: true }) }, properties: null }],
    'properties must be an object',
  ],
  ['db.database', [null], 'name must be a string'],
  ['db.createDatabase', [null], 'name must be a string'],
  ['db.createDatabase', ['d', { properties: 5 }], 'properties must be an object'],
  ['db.dropDatabase', [null], 'name must be a string'],
  ['db.describeDatabase', [null], 'name must be a string'],
  ['db.alterDatabase', ['default', null], 'properties must be an object'],
  ['db.alterDatabase', ['default', {}, { remove: 'a' }], 'remove must be a list of strings'],
  ['MilvusLite.open', [':memory:', null], 'options must be an object'],
  ['docs.partitions.create', [null], 'name must be a string'],
  ['docs.partitions.drop', [null], 'name must be a string'],
  ['docs.partitions.has', [5], 'name must be a string'],
  [
    'docs.partitions.load',
    [null],
    'names must be a list of strings: invalid parameter[actual=null]',
  ],
  [
    'docs.partitions.release',
    [['a', 5]],
    'names must be a list of strings: invalid parameter[actual=a list with something else in it]',
  ],
  ['docs.partitions.stats', [null], 'name must be a string'],
  ['docs.indexes.create', ['vector', null], 'index must be an object'],
  ['docs.indexes.create', [null], 'field must be a string'],
  ['docs.indexes.create', ['vector', { type: 5 }], 'type of index must be a string'],
  [
    'docs.indexes.create',
    ['vector', { type: 'HNSW', M: {} }],
    'M of index must be a string, a number',
  ],
  ['docs.indexes.describe', [null], 'name must be a string'],
  ['docs.indexes.drop', [null], 'name must be a string'],
  ['docs.indexes.alter', ['vector', null], 'properties must be an object'],
  ['docs.addField', ['q', 5], 'field q must be made by a builder of f'],
  ['docs.addField', [], 'name must be a string'],
  ['docs.alterField', ['vector', null], 'params must be an object'],
  ['docs.alterField', ['vector', { warmup: null }], 'warmup of params must be a string, a number'],
  ['docs.setProperties', [null], 'properties must be an object'],
  ['docs.setProperties', [{}, { remove: [1] }], 'remove must be a list of strings'],
  ['docs.rename', [null], 'newName must be a string'],
  ['docs.createAlias', [null], 'alias must be a string'],
  ['docs.insert', [[], null], 'options must be an object'],
  ['docs.upsert', [[], null], 'options must be an object'],
  ['docs.flush', [null], 'options must be an object'],
  ['docs.get', [1, 'x'], 'options must be an object: invalid parameter[actual=string]'],
  ['docs.count', ['id > 1'], 'request must be an object: invalid parameter[actual=string]'],
  ['docs.query', [[]], 'request must be an object: invalid parameter[actual=a list]'],
  ['docs.delete', [undefined], 'request must be an object: invalid parameter[actual=undefined]'],
  ['docs.search', ['x'], 'request must be an object'],
  [
    'docs.search',
    [{ data: [1, 2], limit: 1, searchParams: 'x' }],
    'searchParams must be an object',
  ],
  ['docs.iterate', ['x'], 'request must be an object'],
  ['docs.searchIterator', ['x'], 'request must be an object'],
  ['docs.searchIterator', [{ data: [1, 2], searchParams: 'x' }], 'searchParams must be an object'],
  ['docs.waitForIndex', [5], 'name must be a string'],
  ['defineSchema', [null], 'schema must be an object'],
  ['defineSchema', [{ v: 5 }], 'field v must be made by a builder of f'],
  ['f.array', [5, { maxCapacity: 1 }], 'field element must be made by a builder of f'],
  ['f.array', [f.int8()], 'options must be an object'],
  ['f.struct', [{ a: 5 }, { maxCapacity: 1 }], 'field a must be made by a builder of f'],
  ['f.struct', [{ a: f.int8() }], 'options must be an object'],
];

describe('a wrong argument', () => {
  it.each(ARGUMENTS)('of %s is refused by its name: %o', async (path, given, message) => {
    const refusal = await call(path, given).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(MilvusError);
    expect(refusal).toMatchObject({
      reason: 'ParameterInvalid',
      message: expect.stringContaining(message) as unknown,
    });
  });
});

const READ = { limit: 1, bogus: 1 };
const CALL = { bogus: 1 };

describe('a member that nothing reads', () => {
  it.each<[string, unknown[]]>([
    ['MilvusLite.open', [':memory:', CALL]],
    ['db.collection', ['docs', CALL]],
    ['db.listCollections', [CALL]],
    ['db.hasCollection', ['docs', CALL]],
    ['db.describeCollection', ['docs', CALL]],
    ['db.dropCollection', ['none', CALL]],
    ['db.renameCollection', ['docs', 'x', CALL]],
    ['db.createAlias', ['a', 'docs', CALL]],
    ['db.alterAlias', ['a', 'docs', CALL]],
    ['db.dropAlias', ['a', CALL]],
    ['db.describeAlias', ['a', CALL]],
    ['db.listAliases', [CALL]],
    ['db.createDatabase', ['d', CALL]],
    ['db.dropDatabase', ['d', CALL]],
    ['db.listDatabases', [CALL]],
    ['db.describeDatabase', ['default', CALL]],
    ['db.alterDatabase', ['default', {}, CALL]],
    ['docs.insert', [[], CALL]],
    ['docs.upsert', [[], CALL]],
    ['docs.delete', [{ ids: [7], bogus: 1 }]],
    ['docs.get', [1, CALL]],
    ['docs.query', [READ]],
    ['docs.count', [CALL]],
    ['docs.search', [{ ...READ, data: [1, 2] }]],
    ['docs.iterate', [READ]],
    ['docs.searchIterator', [{ ...READ, data: [1, 2] }]],
    ['docs.waitForIndex', ['vector', CALL]],
    ['docs.flush', [CALL]],
    ['docs.compact', [CALL]],
    ['docs.stats', [CALL]],
    ['docs.segments', [CALL]],
    ['docs.describe', [CALL]],
    ['docs.load', [CALL]],
    ['docs.release', [CALL]],
    ['docs.truncate', [CALL]],
    ['docs.drop', [CALL]],
    ['docs.rename', ['x', CALL]],
    ['docs.addField', ['x', f.int8({ nullable: true }), CALL]],
    ['docs.alterField', ['vector', {}, CALL]],
    ['docs.setProperties', [{}, CALL]],
    ['docs.listAliases', [CALL]],
    ['docs.createAlias', ['x', CALL]],
    ['docs.partitions.create', ['x', CALL]],
    ['docs.partitions.drop', ['x', CALL]],
    ['docs.partitions.has', ['x', CALL]],
    ['docs.partitions.list', [CALL]],
    ['docs.partitions.load', [['x'], CALL]],
    ['docs.partitions.release', [['x'], CALL]],
    ['docs.partitions.stats', ['x', CALL]],
    ['docs.indexes.create', ['vector', {}, CALL]],
    ['docs.indexes.drop', ['x', CALL]],
    ['docs.indexes.alter', ['x', {}, CALL]],
    ['docs.indexes.describe', ['x', CALL]],
    ['docs.indexes.list', [CALL]],
    ['defineSchema', [{}, CALL]],
    ['f.int64', [CALL]],
    ['f.floatVector', [2, CALL]],
    ['f.array', [f.int8(), { maxCapacity: 1, bogus: 1 }]],
    ['f.struct', [{ a: f.int8() }, { maxCapacity: 1, bogus: 1 }]],
  ])('of %s is refused by its name', async (path, given) => {
    await expect(call(path, given)).rejects.toThrow(
      /^(options|request) has no member bogus, it takes (\w+, )*\w+: invalid parameter$/,
    );
  });

  it('may be undefined, and so may all that are known', async () => {
    expect(await call('docs.count', [{ bogus: undefined, filter: undefined }])).toBe(2);
  });
});

describe('propertyTexts', () => {
  it('writes numbers and booleans as text', () => {
    expect(propertyTexts({ a: 1.5, b: false, c: 'x' })).toEqual({ a: '1.5', b: 'false', c: 'x' });
  });
});
