/** Indexes of scalars as clients create, describe, alter and drop them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CollectionSchema } from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import type { Init } from '../../src/wire/message-type.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
const collectionName = 'scalars';
const SCHEMA: Init<CollectionSchema> = {
  name: collectionName,
  enableDynamicField: true,
  fields: [
    { name: 'id', dataType: 5, isPrimaryKey: true },
    { name: 'tag', dataType: 21, typeParams: [{ key: 'max_length', value: '9' }] },
    { name: 'data', dataType: 23 },
    { name: 'v', dataType: 101, typeParams: [{ key: 'dim', value: '2' }] },
  ],
};

beforeAll(async () => {
  server = await runServer();
  const schema = encodeMessage(CollectionSchema, SCHEMA);
  await server.client.call('CreateCollection', { collectionName, schema });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const pairs = (params: Readonly<Record<string, string>>) =>
  Object.entries(params).map(([key, value]) => ({ key, value }));

async function create(fieldName: string, params: Record<string, string>, indexName = '') {
  const index = { collectionName, fieldName, indexName, extraParams: pairs(params) };
  return await server.client.call('CreateIndex', index);
}

async function described(): Promise<Record<string, unknown>> {
  const { indexDescriptions } = await server.client.call('DescribeIndex', { collectionName });
  return Object.fromEntries(
    indexDescriptions.map(({ indexName, fieldName, params, state }) => [
      indexName,
      { fieldName, state, ...Object.fromEntries(params.map(({ key, value }) => [key, value])) },
    ]),
  );
}

it('are created, described with what was given, altered and dropped', async () => {
  const { client } = server;
  expect(await create('tag', { index_type: 'BITMAP' })).toMatchObject({ code: 0 });
  expect(await create('tag', { index_type: 'BITMAP' })).toMatchObject({ code: 0 });
  const nested = { params: '{"json_path": "data[\\"a\\"]", "json_cast_type": "double"}' };
  expect(await create('data', { index_type: 'INVERTED', ...nested })).toMatchObject({ code: 0 });
  const color = { index_type: 'AUTOINDEX', json_path: 'color', json_cast_type: 'VARCHAR' };
  expect(await create('color', color, 'by_color')).toMatchObject({ code: 0 });
  expect(await described()).toEqual({
    tag: { fieldName: 'tag', state: 3, index_type: 'BITMAP' },
    'data/a': {
      fieldName: 'data',
      state: 3,
      index_type: 'INVERTED',
      json_path: 'data["a"]',
      json_cast_type: 'DOUBLE',
    },
    by_color: { fieldName: 'color', state: 3, ...color },
  });
  const change = { collectionName, indexName: 'tag' };
  const cached = [{ key: 'indexoffsetcache.enabled', value: 'true' }];
  expect(await client.call('AlterIndex', { ...change, extraParams: cached })).toMatchObject({
    code: 0,
  });
  expect(await described()).toMatchObject({ tag: { 'indexoffsetcache.enabled': 'true' } });
  expect(await create('tag', { index_type: 'BITMAP' })).toMatchObject({ code: 0 });
  for (const indexName of ['tag', 'data/a', 'by_color']) {
    expect(await client.call('DropIndex', { collectionName, indexName })).toMatchObject({
      code: 0,
    });
  }
  const { status } = await client.call('DescribeIndex', { collectionName });
  expect(status).toMatchObject({ code: 700 });
});

it('are refused in the words of Milvus', async () => {
  const refused = async (fieldName: string, params: Record<string, string>): Promise<string> => {
    const { code, reason } = await create(fieldName, params);
    return `${code} ${reason}`;
  };
  expect(await refused('id', { index_type: 'BITMAP' })).toBe(
    '1100 create bitmap index on primary key not supported: invalid parameter',
  );
  expect(await refused('data', { index_type: 'INVERTED' })).toContain(
    '1101 json index must specify cast type: missing parameter',
  );
  expect(await refused('tag', { index_type: 'NGRAM', min_gram: '2' })).toContain(
    '1101 Ngram index must specify both min_gram and max_gram',
  );
  expect(await refused('tag', { index_type: 'HYBRID' })).toContain('invalid index type: HYBRID');
});
