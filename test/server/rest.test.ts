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

  it('appends to arrays, and takes from them', async () => {
    const collectionName = 'lists';
    const list = {
      dataType: 'Array',
      elementDataType: 'Int64',
      elementTypeParams: { max_capacity: 9 },
    };
    await rest.post('collections/create', {
      collectionName,
      schema: {
        fields: [
          { fieldName: 'id', dataType: 'Int64', isPrimary: true },
          { fieldName: 'vector', dataType: 'FloatVector', elementTypeParams: { dim: '2' } },
          { fieldName: 'numbers', ...list },
        ],
      },
      indexParams: [{ fieldName: 'vector', metricType: 'L2' }],
    });
    const row = { id: 1, vector: [1, 2], numbers: [1, 2] };
    await rest.post('entities/insert', { collectionName, data: [row] });
    const change = async (op: string, numbers: number[]) =>
      await rest.post('entities/upsert', {
        collectionName,
        partialUpdate: true,
        data: [{ id: 1, numbers }],
        fieldOps: [{ fieldName: 'numbers', op }],
      });
    expect(await change('array_append', [3, 2])).toMatchObject({ data: { upsertCount: 1 } });
    expect(await change('ARRAY_REMOVE', [2])).toMatchObject({ code: 0 });
    const strong = { collectionName, consistencyLevel: 'Strong', outputFields: ['numbers'] };
    expect(await rest.post('entities/get', { ...strong, id: 1 })).toMatchObject({
      data: [{ numbers: { Data: { LongData: { data: [1, 3] } } } }],
    });
  });

  it('searches in groups, by ids, with aggregations, and queries in an order', async () => {
    const collectionName = 'grouped';
    await rest.post('collections/create', {
      collectionName,
      schema: {
        fields: [
          { fieldName: 'id', dataType: 'Int64', isPrimary: true },
          { fieldName: 'vector', dataType: 'FloatVector', elementTypeParams: { dim: 2 } },
          { fieldName: 'kind', dataType: 'VarChar', elementTypeParams: { max_length: 9 } },
        ],
      },
      indexParams: [{ fieldName: 'vector', metricType: 'L2', indexType: 'FLAT' }],
    });
    const kinds = ['a', 'a', 'b'];
    const data = kinds.map((kind, i) => ({ id: i + 1, vector: [i, 0], kind }));
    await rest.post('entities/insert', { collectionName, data });
    const strong = { collectionName, consistencyLevel: 'Strong' };
    const search = { ...strong, data: [[0, 0]], outputFields: ['kind'] };
    expect(await rest.post('entities/search', { ...search, groupingField: 'kind' })).toMatchObject({
      code: 0,
      data: [
        { id: 1, kind: 'a' },
        { id: 3, kind: 'b', distance: 4 },
      ],
    });
    expect(await rest.post('entities/search', { ...strong, ids: ['3'], limit: 1 })).toMatchObject({
      code: 0,
      data: [{ id: 3, distance: 0 }],
    });
    const searchAggregation = {
      fields: ['kind'],
      size: 2,
      metrics: { most: { op: 'max', fieldName: 'id' } },
      topHits: { size: 2 },
    };
    const aggregated = await rest.post('entities/search', { ...search, searchAggregation });
    expect(aggregated).toMatchObject({ code: 0, aggTopks: [2] });
    const [{ buckets }] = aggregated['data'] as [{ buckets: { key: { value: string }[] }[] }];
    expect(buckets.find(({ key }) => key[0]?.value === 'a')).toMatchObject({
      key: [{ fieldName: 'kind', value: 'a' }],
      count: 2,
      metrics: { most: 2 },
      hits: [{ id: 1, distance: 0 }, { id: 2 }],
      subGroups: [],
    });
    const ordered = { ...strong, orderByFields: ['kind:desc'], outputFields: ['kind'], filter: '' };
    expect(await rest.post('entities/query', ordered)).toMatchObject({
      data: [{ kind: 'b' }, { kind: 'a' }, { kind: 'a' }],
    });
  });
});
