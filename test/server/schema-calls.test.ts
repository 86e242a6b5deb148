import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import { FieldPartialUpdateOpOpType, type FieldData } from '../../src/wire/generated/milvus.ts';
import type { Init } from '../../src/wire/message-type.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const OK = { code: 0, reason: '' };
let count = 0;
let NAME = { collectionName: '' };

beforeEach(async () => {
  count += 1;
  NAME = { collectionName: `moving${count}` };
  const { service } = server;
  await service.createCollection('', {
    name: NAME.collectionName,
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'n', type: 'Int32', nullable: true },
      { name: 'marks', type: 'Array', elementType: 'Int64', maxCapacity: 3 },
      { name: 'v', type: 'FloatVector', dim: 2 },
    ],
    consistencyLevel: 'Strong',
  });
  await service.loadCollection({ databaseName: '', ...NAME });
  const rows = [{ id: 1, n: 1, marks: [5], v: [1, 1] }];
  await service.insert({ databaseName: '', ...NAME, rows });
});

async function fields(): Promise<Map<string, bigint>> {
  const { schema } = await server.client.call('DescribeCollection', NAME);
  return new Map(schema?.fields.map(({ name, fieldID }) => [name, fieldID]));
}

async function alter(action: object): Promise<unknown> {
  return (await server.client.call('AlterCollectionSchema', { ...NAME, action })).alterStatus;
}

describe('AlterCollectionSchema', () => {
  it('drops a field by its name or its id', async () => {
    expect(await alter({ dropRequest: { fieldName: 'n' } })).toMatchObject(OK);
    const fieldId = (await fields()).get('marks');
    expect(await alter({ dropRequest: { fieldId } })).toMatchObject(OK);
    expect([...(await fields()).keys()]).toEqual(['id', 'v']);
    expect(await alter({ dropRequest: { fieldId: 0n } })).toMatchObject({
      code: 1100,
      reason: expect.stringContaining('field id should be greater than 0') as unknown,
    });
    const query = await server.client.call('Query', { ...NAME, expr: 'n == 1' });
    expect(query.status).toMatchObject({ code: 1100 });
    expect(query.status?.reason).toContain('field n not exist');
  });

  it('adds a field together with its index, or neither', async () => {
    const fieldSchema = {
      name: 'w',
      dataType: DataType.FloatVector,
      nullable: true,
      typeParams: [{ key: 'dim', value: '2' }],
    };
    const add = (metric: string): object => {
      const extraParams = [
        { key: 'index_type', value: 'HNSW' },
        { key: 'metric_type', value: metric },
      ];
      const info = { fieldSchema, indexName: 'by_w', extraParams };
      return { addRequest: { fieldInfos: [info] } };
    };
    expect(await alter(add('HAMMING'))).toMatchObject({ code: 1100 });
    expect([...(await fields()).keys()]).not.toContain('w');
    expect(await alter(add('IP'))).toMatchObject(OK);
    const { indexDescriptions } = await server.client.call('DescribeIndex', NAME);
    expect(indexDescriptions).toMatchObject([{ indexName: 'by_w', fieldName: 'w' }]);
    expect(await alter({ dropRequest: { fieldName: 'w' } })).toMatchObject(OK);
    const gone = await server.client.call('DescribeIndex', NAME);
    expect(gone.status).toMatchObject({ code: 700 });
  });

  it.each([
    [{ dropRequest: { fieldName: '' } }, 1100, 'field name is empty'],
    [{ dropRequest: { fieldName: 'id' } }, 1100, 'cannot drop primary key field: id'],
    [{ dropRequest: { fieldName: 'v' } }, 1100, 'cannot drop the last vector field: v'],
    [{ dropRequest: { fieldName: 'x' } }, 1100, 'field not found: x'],

    [{ dropRequest: { functionName: 'bm25' } }, 1100, 'function not found: bm25'],
    [{ dropRequest: {} }, 1101, 'field_name is not set'],
    [{ addRequest: { fieldInfos: [] } }, 1101, 'field_schema is not set'],
    [{ addRequest: { fieldInfos: [{}, {}] } }, 1100, 'only one field is added at a time'],
    [{ addRequest: { funcSchema: [{ name: 'f' }] } }, 10, 'functions of a schema'],
    [{}, 1101, 'action is not set'],
  ])('refuses %j', async (action, code, reason) => {
    const status = (await alter(action)) as { code: number; reason: string };
    expect(status.code).toBe(code);
    expect(status.reason).toContain(reason);
  });
});

describe('AlterCollectionField', () => {
  it('sets parameters and takes them away', async () => {
    const change = async (more: object): Promise<unknown> =>
      await server.client.call('AlterCollectionField', { ...NAME, fieldName: 'marks', ...more });
    const properties = [
      { key: 'max_capacity', value: '9' },
      { key: 'mmap.enabled', value: 'true' },
    ];
    const params = async (): Promise<string[]> => {
      const { schema } = await server.client.call('DescribeCollection', NAME);
      const pairs = schema?.fields.find(({ name }) => name === 'marks')?.typeParams ?? [];
      return pairs.map(({ key, value }) => `${key}=${value}`);
    };
    await server.client.call('ReleaseCollection', NAME);
    expect(await change({ properties })).toMatchObject(OK);
    expect(await params()).toEqual(['mmap.enabled=true', 'max_capacity=9']);
    expect(await change({ deleteKeys: ['mmap.enabled'] })).toMatchObject(OK);
    expect(await params()).toEqual(['max_capacity=9']);
    await server.client.call('LoadCollection', NAME);
    const refused = async (key: string, value: string): Promise<unknown> =>
      await change({ properties: [{ key, value }] });
    expect(await refused('mmap.enabled', 'true')).toMatchObject({
      code: 104,
      reason: expect.stringContaining(
        'can not alter collection field properties if collection loaded',
      ) as unknown,
    });
    expect(await refused('warmup', 'sync')).toMatchObject({
      code: 104,
      reason: expect.stringContaining('can not alter warmup if collection loaded') as unknown,
    });
    expect(await refused('max_capacity', '9')).toMatchObject(OK);
    const both = await change({ properties, deleteKeys: ['mmap.enabled'] });
    expect(both).toMatchObject({ code: 1100 });
    expect(await change({ deleteKeys: ['max_capacity'] })).toMatchObject({ code: 1100 });
    expect(await change({})).toMatchObject({ code: 1100 });
  });
});

describe('RenameCollection', () => {
  it('moves a collection to another database, where it goes on', async () => {
    const { client } = server;
    const { collectionName: oldName } = NAME;
    await client.call('CreateDatabase', { dbName: 'elsewhere' });
    const rename = { oldName, newName: 'moved', newDBName: 'elsewhere' };
    expect(await client.call('RenameCollection', rename)).toMatchObject(OK);
    expect((await client.call('DescribeCollection', NAME)).status).toMatchObject({ code: 100 });
    const moved = { dbName: 'elsewhere', collectionName: 'moved' };
    const fieldsData = rowOf(2n, []);
    const insertion = { ...moved, fieldsData, numRows: 1 };
    expect((await client.call('Insert', insertion)).status).toMatchObject(OK);
    const ref = { databaseName: 'elsewhere', collectionName: 'moved' };
    expect(await server.service.count({ ...ref, filter: '' })).toBe(2);
    expect(await client.call('DropCollection', moved)).toMatchObject(OK);
    expect(await client.call('DropDatabase', { dbName: 'elsewhere' })).toMatchObject(OK);
    const nowhere = { oldName, newName: 'moved', newDBName: 'nowhere' };
    expect((await client.call('RenameCollection', nowhere)).code).toBe(800);
  });
});

describe('a client with an older schema', () => {
  it('is told so, and goes on with the new one', async () => {
    const { client } = server;
    const old = await client.call('DescribeCollection', NAME);
    await alter({ dropRequest: { fieldName: 'n' } });
    const fieldsData = rowOf(2n, [1n]);
    const insertion = { ...NAME, fieldsData, numRows: 1, schemaTimestamp: old.updateTimestamp };
    const stale = await client.call('Insert', insertion);
    expect(stale.status).toMatchObject({ code: 109, errorCode: 62 });
    expect(stale.status?.reason).toContain('collection schema mismatch');
    const { updateTimestamp } = await client.call('DescribeCollection', NAME);
    const fresh = { ...insertion, schemaTimestamp: updateTimestamp };
    expect((await client.call('Insert', fresh)).status).toMatchObject(OK);
    const upsert = { ...NAME, fieldsData, numRows: 1, schemaTimestamp: old.updateTimestamp };
    expect((await client.call('Upsert', upsert)).status).toMatchObject({ code: 109 });
  });
});

describe('operations of an upsert', () => {
  it('change arrays in place', async () => {
    const change = async (id: bigint, op: number, marks: bigint[]): Promise<unknown> => {
      const fieldOps = [{ fieldName: 'marks', op }];
      const fieldsData = rowOf(id, marks).slice(0, 2);
      return (await server.client.call('Upsert', { ...NAME, fieldsData, numRows: 1, fieldOps }))
        .status;
    };
    const { ARRAY_APPEND, ARRAY_REMOVE } = FieldPartialUpdateOpOpType;
    expect(await change(1n, ARRAY_APPEND, [6n, 5n])).toMatchObject(OK);
    expect(await marksOf(1n)).toEqual([5n, 6n, 5n]);
    expect(await change(1n, ARRAY_APPEND, [7n])).toMatchObject({
      code: 1100,
      reason: expect.stringContaining('array length 4 exceeds max_capacity 3') as unknown,
    });
    expect(await change(1n, ARRAY_REMOVE, [5n])).toMatchObject(OK);
    expect(await marksOf(1n)).toEqual([6n]);
    expect(await change(1n, 7, [5n])).toMatchObject({
      reason: expect.stringContaining('unsupported partial update op: 7') as unknown,
    });
  });
});

function rowOf(id: bigint, marks: bigint[]): Init<FieldData>[] {
  return [
    {
      fieldName: 'id',
      type: DataType.Int64,
      scalars: { longData: { data: BigInt64Array.of(id) } },
    },
    {
      fieldName: 'marks',
      type: DataType.Array,
      scalars: {
        arrayData: {
          data: [{ longData: { data: BigInt64Array.from(marks) } }],
          elementType: DataType.Int64,
        },
      },
    },
    {
      fieldName: 'v',
      type: DataType.FloatVector,
      vectors: { dim: 2n, floatVector: { data: Float32Array.of(1, 2) } },
    },
  ];
}

async function marksOf(id: bigint): Promise<unknown> {
  const { rows } = await server.service.query({
    databaseName: '',
    ...NAME,
    ids: [id],
    outputFields: ['marks'],
  });
  return rows[0]?.['marks'];
}
