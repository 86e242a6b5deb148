/** The page about compatibility says of no path that it works when it does not, nor the other way round. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/rest/routes.ts';
import { LATER_PATHS } from '../../tools/compatibility-calls.ts';
import { RestClient } from './rest-client.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Enough for every path to come to its call. */
const BODY = {
  collectionName: 'c',
  partitionName: 'p',
  userName: 'u',
  password: 'secret1',
  newPassword: 'secret2',
  roleName: 'r',
  privilege: 'Search',
  objectType: 'Global',
  objectName: '*',
  privilegeGroupName: 'g',
  privileges: ['Search'],
  name: 'g',
  resourceGroupName: 'g',
  sourceRgName: 'g',
  targetRgName: 'h',
  replicaNum: 1,
  functionName: 'f',
  function: { name: 'f', type: 'BM25', inputFieldNames: ['a'], outputFieldNames: ['b'] },
  search: [{ data: [[1, 2]], annsField: 'vector', limit: 1 }],
  rerank: { strategy: 'rrf', params: { k: 60 } },
  limit: 1,
  text: ['a'],
  analyzerParams: '{}',
};

describe('the page about compatibility', () => {
  it.each(Object.keys(ROUTES))('tells the state of %s', async (path) => {
    const rest = new RestClient(server.port);
    await rest.post('collections/create', { collectionName: 'c', dimension: 2 });
    const { code, message } = await rest.post(path.slice(1), BODY);
    expect(code === 10, String(message)).toBe(LATER_PATHS.has(path));
  });
});
