import { afterAll, beforeAll, expect, it } from 'vitest';
import { RestClient } from './rest-client.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
let rest: RestClient;
beforeAll(async () => {
  server = await runServer();
  rest = new RestClient(server.port, 'v1/vector');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const collectionName = 'books';

async function read(path: string): Promise<unknown> {
  return await (await fetch(`http://127.0.0.1:${server.port}/v1/vector/${path}`)).json();
}

it('the first interface keeps rows and finds them', async () => {
  const created = await rest.post('collections/create', { collectionName, dimension: 2 });
  expect(created).toEqual({ code: 200, data: {} });
  expect(await read('collections')).toEqual({ code: 200, data: [collectionName] });
  expect(await read(`collections/describe?collectionName=${collectionName}`)).toEqual({
    code: 200,
    data: {
      collectionName,
      description: '',
      fields: [
        { name: 'id', type: 'Int64', primaryKey: true, autoId: true, description: '' },
        {
          name: 'vector',
          type: 'FloatVector(2)',
          primaryKey: false,
          autoId: false,
          description: '',
        },
      ],
      indexes: [{ indexName: 'vector_idx', fieldName: 'vector', metricType: 'L2' }],
      load: 'LoadStateLoaded',
      shardsNum: 1,
      enableDynamicField: true,
    },
  });
  const one = await rest.post('insert', { collectionName, data: { vector: [0, 0], tag: 'a' } });
  expect(one).toMatchObject({ code: 200, data: { insertCount: 1 } });
  const data = [
    { vector: [3, 4], tag: 'b' },
    { vector: [6, 8], tag: 'c' },
  ];
  const { insertIds } = (await rest.post('insert', { collectionName, data }))['data'] as {
    insertIds: number[];
  };
  expect(insertIds).toHaveLength(2);
  const found = await rest.post('search', {
    collectionName,
    vector: [0, 0],
    outputFields: ['tag'],
    params: { radius: 90, range_filter: 1 },
  });
  expect(found).toMatchObject({ code: 200, data: [{ tag: 'b', distance: 25 }] });
  const queried = await rest.post('query', { collectionName, filter: 'tag > "a"', limit: 9 });
  expect(queried).toMatchObject({ code: 200, data: [{ tag: 'b' }, { tag: 'c' }] });
  const [first] = insertIds;
  expect(await rest.post('get', { collectionName, id: first })).toMatchObject({
    code: 200,
    data: [{ tag: 'b', vector: [3, 4] }],
  });
  const upserted = { collectionName, data: [{ id: first, vector: [1, 1], tag: 'd' }] };
  expect(await rest.post('upsert', upserted)).toMatchObject({
    code: 200,
    data: { upsertCount: 1 },
  });
  expect(await rest.post('delete', { collectionName, filter: 'tag == "d"' })).toEqual({
    code: 200,
    data: {},
  });
  expect(await rest.post('delete', { collectionName, id: insertIds[1] })).toMatchObject({
    code: 200,
  });
  expect(await rest.post('query', { collectionName, filter: 'id > 0' })).toMatchObject({
    data: [{ tag: 'a' }],
  });
  expect(await rest.post('collections/drop', { collectionName })).toEqual({ code: 200, data: {} });
  expect(await read('collections')).toEqual({ code: 200, data: [] });
});

it('the first interface says what is missing', async () => {
  for (const path of [
    'collections/create',
    'insert',
    'search',
    'get',
    'query',
    'delete',
    'upsert',
  ]) {
    expect(await rest.post(path, { collectionName: 'x' })).toMatchObject({ code: 1802 });
    expect(await rest.post(path, 'nonsense')).toMatchObject({ code: 1801 });
  }
  expect(await read('collections/describe?collectionName=none')).toMatchObject({ code: 100 });
  expect(await read('collections/describe')).toMatchObject({ code: 1802 });
  expect(
    await rest.post('search', { collectionName: 'x', vector: [1], params: { range_filter: 1 } }),
  ).toMatchObject({ code: 1801 });
  expect((await rest.send('collections', {})).status).toBe(404);
});
