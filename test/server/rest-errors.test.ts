import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/rest/routes.ts';
import { V1_ROUTES } from '../../src/rest/v1-routes.ts';
import { RestClient } from './rest-client.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
let rest: RestClient;
beforeAll(async () => {
  server = await runServer();
  rest = new RestClient(server.port);
  await rest.post('collections/create', { collectionName: 'c', dimension: 2 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const collectionName = 'c';

it('dropping a database that is not there succeeds, as in Milvus', async () => {
  expect(await rest.post('databases/drop', { dbName: 'none' })).toEqual({ code: 0, data: {} });
  expect(await rest.post('databases/drop', { dbName: 'default' })).toMatchObject({ code: 1100 });
});

it('the metric of a search is metric_type, and metricType says nothing, as in Milvus', async () => {
  const search = async (searchParams: object) =>
    await rest.post('entities/search', { collectionName, data: [[1, 2]], searchParams });
  for (const searchParams of [{ metric_type: 'COSINE' }, { metricType: 'IP' }]) {
    expect(await search(searchParams)).toMatchObject({ code: 0 });
  }
  for (const searchParams of [{ metric_type: 'IP' }, { metricType: 'COSINE', metric_type: 'L2' }]) {
    expect(await search(searchParams)).toMatchObject({
      code: 1100,
      message: expect.stringContaining('metric type not match') as unknown,
    });
  }
});

describe('what is wrong', () => {
  it.each<[string, object, number, string]>([
    ['collections/describe', {}, 1802, 'missing required parameters, error: '],
    ['collections/describe', { collectionName: 7 }, 1801, 'should be a string'],
    ['collections/describe', { collectionName: 'no' }, 100, "can't find collection"],
    ['collections/get_load_state', { collectionName: 'no' }, 100, 'collection not found'],
    [
      'collections/create',
      { collectionName: 'x' },
      1100,
      'dimension is required for quickly create',
    ],
    [
      'collections/create',
      { collectionName: 'x', dimension: 2, idType: 'Blob' },
      1100,
      'idType can only be',
    ],
    [
      'collections/create',
      { collectionName: 'x', dimension: 2, vectorFieldType: 'V' },
      1100,
      'vectorFieldType can only be',
    ],
    [
      'collections/create',
      { collectionName: 'x', dimension: 2, metricType: 'L9' },
      1100,
      'float vector index does not support metric type: L9',
    ],
    [
      'collections/create',
      { collectionName: 'x', dimension: 8, vectorFieldType: 'BinaryVector', metricType: 'L2' },
      1100,
      'binary vector index does not support',
    ],
    [
      'collections/create',
      { collectionName: 'x', dimension: 8, vectorFieldType: 'SparseFloatVector' },
      1100,
      'dimension should not be specified',
    ],
    [
      'collections/create',
      { collectionName: 'x', dimension: 2, consistencyLevel: 'Weak' },
      1100,
      'consistencyLevel can only be',
    ],
    [
      'collections/create',
      {
        collectionName: 'x',
        dimension: 2,
        properties: { 'collection.ttl.seconds': 5 },
        params: { ttlSeconds: 6 },
      },
      1100,
      'specified multiple times',
    ],
    [
      'collections/create',
      { collectionName: 'x', schema: { fields: [{ fieldName: 'a', dataType: 'int64' }] } },
      1100,
      'data type int64 is invalid(case sensitive)',
    ],
    [
      'collections/create',
      {
        collectionName: 'x',
        schema: { fields: [{ fieldName: 'a', dataType: 'Int64', defaultValue: 'x' }] },
      },
      1100,
      'convert defaultValue fail',
    ],
    [
      'collections/create',
      {
        collectionName: 'x',
        schema: { fields: [{ fieldName: 'a', dataType: 'Int64' }] },
        indexParams: [{ fieldName: 'b' }],
      },
      1802,
      "`b` hasn't defined in schema",
    ],
    [
      'collections/fields/add',
      { collectionName, schema: { fieldName: 's', dataType: 'ArrayOfStruct' } },
      1100,
      'struct_fields/add',
    ],
    ['entities/insert', { collectionName, data: [] }, 1804, 'fail to deal the insert data'],
    ['entities/insert', { collectionName, data: [7] }, 1804, 'a row should be a JSON object'],
    ['entities/insert', { collectionName, data: [{ id: 1 }] }, 1804, 'vector'],
    ['entities/insert', { collectionName, data: [{ id: 1, vector: [1] }] }, 1804, 'dim'],
    ['entities/insert', { collectionName, data: [{ id: 'x', vector: [1, 2] }] }, 1804, 'id'],
    ['entities/insert', { collectionName: 'no', data: [{}] }, 100, "can't find collection"],
    [
      'entities/upsert',
      {
        collectionName,
        data: [{ id: 1, vector: [1, 2] }],
        fieldOps: [{ fieldName: 'a', op: 'ADD' }],
      },
      1100,
      'unsupported partial update op',
    ],
    ['entities/delete', { collectionName }, 1802, 'filter'],
    ['entities/delete', { collectionName, filter: 'id ==' }, 1100, 'cannot parse expression'],
    ['entities/get', { collectionName, id: 'x' }, 1806, 'please check the primary key'],
    [
      'entities/query',
      { collectionName, filter: 'nothing here' },
      1100,
      'failed to create query plan',
    ],
    ['entities/query', { collectionName, limit: 'many' }, 1801, 'integer'],
    [
      'entities/query',
      { collectionName, consistencyLevel: 'Weak' },
      1100,
      'consistencyLevel can only be [Strong, Session, Bounded, Eventually, Customized]',
    ],
    ['entities/search', { collectionName }, 1802, "either 'ids'"],
    ['entities/search', { collectionName, ids: [1], data: [[1, 2]] }, 1100, 'mutually exclusive'],
    ['entities/search', { collectionName, data: [[1, 2, 3]] }, 1801, 'dim'],
    [
      'entities/search',
      { collectionName, data: [['a', 'b']] },
      1801,
      'can only accept json format request',
    ],
    [
      'entities/search',
      { collectionName, data: [[1, 2]], annsField: 'none' },
      1801,
      'cannot find a vector field',
    ],
    [
      'entities/search',
      { collectionName, data: [[1, 2]], searchParams: { nprobe: 1, params: { nprobe: 2 } } },
      1100,
      'ambiguous parameter: nprobe',
    ],
    ['entities/search', { collectionName, data: [[1, 2]], limit: 99_999 }, 1100, '16384'],
    [
      'entities/search',
      { collectionName, data: [[1, 2]], searchAggregation: {} },
      1100,
      'searchAggregation.fields must be non-empty',
    ],
    [
      'entities/hybrid_search',
      { collectionName, search: [{ data: [[1, 2]] }], functionChains: [{}] },
      1100,
      'functionChains is not supported for hybrid search yet',
    ],
    [
      'entities/hybrid_search',
      { collectionName, search: [{ data: [[1, 2]], searchAggregation: {} }] },
      1100,
      'searchAggregation is not supported for hybrid search',
    ],
    ['indexes/describe', { collectionName, indexName: 'no' }, 700, 'index not found'],
    ['partitions/load', { collectionName }, 1802, 'partitionNames'],
    ['databases/describe', { dbName: 'no' }, 800, 'database not found'],
    ['users/create', { userName: 'u', password: 'p' }, 10, 'CreateCredential'],
    ['jobs/snapshot/list', {}, 10, 'service unimplemented'],
  ])('%s %j', async (path, body, code, words) => {
    const answer = await rest.post(path, body);
    expect(answer).toMatchObject({ code });
    expect(answer['message']).toContain(words);
    expect(answer).not.toHaveProperty('data');
  });

  it('of a collection that does not come to be leaves nothing behind', async () => {
    const { data } = await rest.post('collections/list', {});
    expect(data).toEqual([collectionName]);
  });
});

const STRANGE: readonly unknown[] = [
  null,
  '',
  '\u{0}../x',
  'c',
  -1,
  1e308,
  9_007_199_254_740_993,
  true,
  [],
  [null],
  [[[[]]]],
  {},
  { a: { b: [] } },
  [{ fieldName: null }],
];
const MEMBERS: readonly string[] = [
  'dbName',
  'collectionName',
  'data',
  'schema',
  'filter',
  'id',
  'ids',
  'limit',
  'outputFields',
  'searchParams',
  'exprParams',
  'params',
  'indexParams',
  'partitionNames',
  'search',
  'functionScore',
  'searchAggregation',
  'vector',
  'dimension',
  'properties',
];

describe('strange requests', () => {
  it('of every path are answered, and never as a fault of ours', async () => {
    const paths = [
      ...Object.keys(ROUTES).map((path) => `v2/vectordb${path}`),
      ...Object.keys(V1_ROUTES).map((path) => `v1/vector${path}`),
    ];
    let seed = 1;
    const next = (below: number): number => {
      seed = Math.imul(seed, 1_103_515_245) + 12_345;
      return (seed >>> 8) % below;
    };
    for (const path of paths) {
      const bodies = Array.from({ length: 20 }, () => ({
        collectionName,
        ...Object.fromEntries(
          MEMBERS.filter(() => next(3) > 0).map((name) => [name, STRANGE[next(STRANGE.length)]]),
        ),
      }));
      await Promise.all(
        bodies.map(async (body) => {
          const response = await fetch(`http://127.0.0.1:${server.port}/${path}`, {
            method: 'POST',
            body: JSON.stringify(body),
          });
          const text = await response.text();
          const { code } = JSON.parse(text) as { code: number };
          expect.soft(response.status, `${path} ${JSON.stringify(body)} ${text}`).toBe(200);
          // 5: an internal error of the service.
          expect.soft([5, 65_535], `${path} ${JSON.stringify(body)} ${text}`).not.toContain(code);
        }),
      );
    }
  });
});
