import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runServer, type TestServer } from './running-server.ts';
import { RestClient } from './rest-client.ts';

let server: TestServer;
let rest: RestClient;
beforeAll(async () => {
  server = await runServer();
  rest = new RestClient(server.port);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('REST v2', () => {
  it('creates a collection from a name and a dimension, and finds what is put into it', async () => {
    const collectionName = 'quick';
    const created = await rest.post('collections/create', { collectionName, dimension: 4 });
    expect(created).toEqual({ code: 0, data: {} });
    const described = await rest.post('collections/describe', { collectionName });
    expect(described).toMatchObject({
      code: 0,
      data: {
        collectionName,
        autoId: false,
        enableDynamicField: true,
        fields: [
          { name: 'id', type: 'Int64', primaryKey: true, id: 100 },
          { name: 'vector', type: 'FloatVector', params: [{ key: 'dim', value: '4' }] },
        ],
        indexes: [{ indexName: 'vector', fieldName: 'vector', metricType: 'COSINE' }],
        load: 'LoadStateLoaded',
        consistencyLevel: 'Bounded',
        shardsNum: 1,
        partitionsNum: 1,
        aliases: [],
        functions: [],
        structFields: [],
      },
    });
    const data = [
      { id: 1, vector: [0.1, 0.2, 0.3, 0.4], color: 'red', size: 1.5 },
      { id: '9007199254740993', vector: [0.4, 0.3, 0.2, 0.1], color: 'blue' },
    ];
    expect(await rest.text('entities/insert', { collectionName, data })).toBe(
      '{"code":0,"data":{"insertCount":2,"insertIds":[1,9007199254740993]},"cost":0}',
    );
    const strong = { collectionName, consistencyLevel: 'Strong' };
    expect(await rest.text('entities/query', { ...strong, filter: 'id > 1' })).toBe(
      '{"code":0,"data":[{"id":9007199254740993,"vector":[0.4,0.3,0.2,0.1],"color":"blue"}],"cost":0}',
    );
    const asText = { 'Accept-Type-Allow-Int64': 'false' };
    expect(await rest.post('entities/get', { ...strong, id: 1 }, asText)).toMatchObject({
      code: 0,
      data: [{ id: '1', color: 'red', size: 1.5 }],
    });
    const found = await rest.post('entities/search', {
      ...strong,
      data: [[0.1, 0.2, 0.3, 0.4]],
      limit: 1,
      outputFields: ['color'],
    });
    expect(found).toEqual({
      code: 0,
      data: [{ id: 1, distance: 1, color: 'red' }],
      cost: 0,
      topks: [1],
    });
    expect(await rest.post('entities/delete', { collectionName, filter: 'id == 1' })).toEqual({
      code: 0,
      data: { deleteCount: 1 },
    });
    const counted = await rest.post('entities/query', { ...strong, outputFields: ['count(*)'] });
    expect(counted).toMatchObject({ code: 0, data: [{ 'count(*)': 1 }] });
  });
});
