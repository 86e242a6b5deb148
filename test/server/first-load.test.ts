import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CollectionSchema,
  type FieldData,
  LoadState,
  ShowType,
} from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import type { Init } from '../../src/wire/message-type.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const FIELDS: Init<FieldData>[] = [
  { type: 5, fieldName: 'id', scalars: { longData: { data: BigInt64Array.of(1n) } } },
  {
    type: 101,
    fieldName: 'v',
    vectors: { dim: 2n, floatVector: { data: Float32Array.of(1, 2) } },
  },
];

async function create(collectionName: string): Promise<{ collectionName: string }> {
  const schema = encodeMessage(CollectionSchema, {
    name: collectionName,
    fields: [
      { name: 'id', dataType: 5, isPrimaryKey: true },
      { name: 'v', dataType: 101, typeParams: [{ key: 'dim', value: '2' }] },
    ],
  });
  await server.client.call('CreateCollection', { collectionName, schema });
  return { collectionName };
}

async function insert(collectionName: string): Promise<void> {
  const rows = { collectionName, fieldsData: FIELDS, numRows: 1 };
  expect(await server.client.call('Insert', rows)).toMatchObject({ status: { code: 0 } });
}

async function state(collectionName: string): Promise<number> {
  return (await server.client.call('GetLoadState', { collectionName })).state;
}

async function queryCode(collectionName: string): Promise<number | undefined> {
  return (await server.client.call('Query', { collectionName, expr: 'id > 0' })).status?.code;
}

describe('the first rows of a collection', () => {
  it('load it when it has no vector index, so that they can be read', async () => {
    const { collectionName } = await create('unindexed');
    expect(await state(collectionName)).toBe(LoadState.LoadStateNotLoad);
    expect(await queryCode(collectionName)).toBe(101);
    await insert(collectionName);
    expect(await state(collectionName)).toBe(LoadState.LoadStateLoaded);
    expect(await queryCode(collectionName)).toBe(0);
  });

  it('are read no more when it is released', async () => {
    const { collectionName } = await create('released');
    await insert(collectionName);
    await server.client.call('ReleaseCollection', { collectionName });
    expect(await queryCode(collectionName)).toBe(101);
  });

  it("leave it as it is when it has an index: loading is the client's", async () => {
    const { collectionName } = await create('indexed');
    await server.client.call('CreateIndex', { collectionName, fieldName: 'v' });
    await insert(collectionName);
    expect(await state(collectionName)).toBe(LoadState.LoadStateNotLoad);
    expect(await queryCode(collectionName)).toBe(101);
  });

  it('leave it as it is when a partition is loaded', async () => {
    const { collectionName } = await create('in_parts');
    await server.client.call('CreatePartition', { collectionName, partitionName: 'p' });
    await server.client.call('LoadPartitions', { collectionName, partitionNames: ['p'] });
    await insert(collectionName);
    const other = { collectionName, partitionNames: ['_default'] };
    expect((await server.client.call('GetLoadState', other)).state).toBe(
      LoadState.LoadStateNotLoad,
    );
  });

  it('come to a collection that is listed as one that is in memory', async () => {
    await create('b_empty');
    await create('a_indexed');
    await server.client.call('CreateIndex', { collectionName: 'a_indexed', fieldName: 'v' });
    const collectionNames = ['b_empty', 'a_indexed'];
    const shown = await server.client.call('ShowCollections', {
      type: ShowType.InMemory,
      collectionNames,
    });
    expect(shown).toMatchObject({
      collectionNames: ['a_indexed', 'b_empty'],
      inMemoryPercentages: BigInt64Array.of(0n, 100n),
    });
    const all = await server.client.call('ShowCollections', { type: ShowType.InMemory });
    expect(all.collectionNames).toContain('b_empty');
    expect(all.collectionNames).not.toContain('a_indexed');
  });
});

describe('a collection of two vector fields', () => {
  const NAME = { collectionName: 'pairs' };
  const load = async (loadFields: string[] = []): Promise<{ code: number; reason: string }> =>
    await server.client.call('LoadCollection', { ...NAME, loadFields });

  it('is loaded when both have an index or neither, and not in between', async () => {
    const { client } = server;
    const dim = [{ key: 'dim', value: '2' }];
    const fields: Init<CollectionSchema>['fields'] = [
      { name: 'id', dataType: 5, isPrimaryKey: true },
      { name: 'v', dataType: 101, typeParams: dim },
      { name: 'w', dataType: 101, typeParams: dim },
      { name: 'sparse', dataType: 104 },
    ];
    const schema = encodeMessage(CollectionSchema, { name: 'pairs', fields });
    expect(await client.call('CreateCollection', { ...NAME, schema })).toMatchObject({ code: 0 });
    expect(await load()).toMatchObject({ code: 0 });
    expect(await client.call('ReleaseCollection', NAME)).toMatchObject({ code: 0 });

    const extraParams = [{ key: 'metric_type', value: 'L2' }];
    const index = async (fieldName: string): Promise<{ code: number }> =>
      await client.call('CreateIndex', { ...NAME, fieldName, extraParams });
    expect(await index('v')).toMatchObject({ code: 0 });
    const reason = 'there is no vector index on field: [w], please create index firstly';
    const refused = { code: 1100, reason: `${reason}: invalid parameter` };
    expect(await load()).toMatchObject(refused);
    const partitions = { ...NAME, partitionNames: ['_default'] };
    expect(await client.call('LoadPartitions', partitions)).toMatchObject(refused);
    expect(await state('pairs')).toBe(LoadState.LoadStateNotLoad);
    expect(await load(['id', 'v'])).toMatchObject({ code: 0 });

    expect(await index('w')).toMatchObject({ code: 0 });
    expect(await load()).toMatchObject({ code: 0 });
    expect(await state('pairs')).toBe(LoadState.LoadStateLoaded);
  });
});
