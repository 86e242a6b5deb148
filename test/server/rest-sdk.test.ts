import { HttpClient } from '@zilliz/milvus2-sdk-node';
import { expect, it } from 'vitest';
import { runServer } from './running-server.ts';

it('the HTTP client of the official SDK works', async () => {
  await using server = await runServer();
  const client = new HttpClient({ endpoint: `http://127.0.0.1:${server.port}`, timeout: 20_000 });
  const collectionName = 'books';
  expect(await client.createDatabase({ dbName: 'library' })).toMatchObject({ code: 0 });
  expect((await client.listDatabases()).data).toEqual(['default', 'library']);
  const created = await client.createCollection({
    collectionName,
    dimension: 4,
    metricType: 'L2',
    idType: 'VarChar',
    params: { max_length: 20 },
  });
  expect(created).toMatchObject({ code: 0 });
  expect((await client.hasCollection({ dbName: 'default', collectionName })).data.has).toBe(true);
  expect((await client.getCollectionLoadState({ collectionName })).data.loadState).toBe(
    'LoadStateLoaded',
  );
  const data = [1, 2, 3].map((n) => ({ id: `b${n}`, vector: [n, n, n, n], title: `t${n}` }));
  const inserted = await client.insert({ collectionName, data });
  expect(inserted.data).toMatchObject({ insertCount: 3, insertIds: ['b1', 'b2', 'b3'] });
  const found = await client.search({
    collectionName,
    data: [[2, 2, 2, 2]] as never,
    limit: 2,
    outputFields: ['title'],
  });
  expect(found.data).toMatchObject([{ id: 'b2', distance: 0, title: 't2' }, { distance: 4 }]);
  const queried = await client.query({
    collectionName,
    filter: 'title == "t3"',
    outputFields: ['id', 'title'],
  });
  expect(queried.data).toEqual([{ id: 'b3', title: 't3' }]);
  const got = await client.get({ collectionName, id: ['b1'], outputFields: ['title'] });
  expect(got.data).toMatchObject([{ title: 't1' }]);
  const upserted = [{ id: 'b1', vector: [9, 9, 9, 9], title: 'new' }];
  expect((await client.upsert({ collectionName, data: upserted })).data).toMatchObject({
    upsertCount: 1,
  });
  expect((await client.delete({ collectionName, filter: 'id == "b2"' })).code).toBe(0);
  expect((await client.createPartition({ collectionName, partitionName: 'p' })).code).toBe(0);
  expect((await client.listPartitions({ collectionName })).data).toEqual(['_default', 'p']);
  expect((await client.hasPartition({ collectionName, partitionName: 'p' })).data.has).toBe(true);
  expect((await client.createAlias({ collectionName, aliasName: 'a' })).code).toBe(0);
  expect((await client.listAliases({ collectionName } as never)).data).toEqual(['a']);
  expect((await client.listIndexes({ collectionName })).data).toEqual(['vector']);
  const index = await client.describeIndex({ collectionName, indexName: 'vector' });
  expect(index.data).toMatchObject([
    { indexName: 'vector', metricType: 'L2', indexState: 'Finished' },
  ]);
  expect((await client.getCollectionStatistics({ collectionName })).code).toBe(0);
  expect((await client.listUsers()).data).toEqual(['root']);
  expect((await client.listRoles()).data).toEqual(['admin', 'public']);
  expect((await client.dropAlias({ aliasName: 'a' })).code).toBe(0);
  expect((await client.releaseCollection({ collectionName })).code).toBe(0);
  expect((await client.dropCollection({ collectionName })).code).toBe(0);
  expect((await client.listCollections()).data).toEqual([]);
});
