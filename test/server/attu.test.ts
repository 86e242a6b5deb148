/**
 * What Attu 2.5.12 calls, in its order, through the official Node.js SDK: connecting, the pages that only
 * show, then everything that its dialogs do.
 */
import { DataType, MilvusClient, type ResStatus } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runServer, type TestServer } from './running-server.ts';

const collection_name = 'books';
let server: TestServer;
let client: MilvusClient;

beforeAll(async () => {
  server = await runServer();
  client = new MilvusClient({ address: `127.0.0.1:${server.port}`, logLevel: 'error' });
  await client.connectPromise;
});
afterAll(async () => {
  await client.closeConnection();
  await server[Symbol.asyncDispose]();
});

function succeeded(answer: ResStatus | { readonly status: ResStatus }): void {
  const status = 'status' in answer ? answer.status : answer;
  expect(status, status.reason).toMatchObject({ error_code: 'Success', code: 0 });
}

async function createBooks(): Promise<void> {
  succeeded(
    await client.createCollection({
      collection_name,
      enable_dynamic_field: true,
      fields: [
        { name: 'id', data_type: DataType.Int64, is_primary_key: true, autoID: false },
        { name: 'v', data_type: DataType.FloatVector, dim: 2 },
        { name: 'title', data_type: DataType.VarChar, max_length: 20 },
      ],
    }),
  );
  const index_params = { index_type: 'HNSW', metric_type: 'L2', params: { M: 8 } };
  succeeded(await client.createIndex({ collection_name, field_name: 'v', ...index_params }));
  const data = [1, 2, 3].map((id) => ({ id, v: [id, id], title: `t${id}`, color: 'red' }));
  succeeded(await client.insert({ collection_name, data }));
  succeeded(await client.loadCollection({ collection_name }));
}

describe('Attu', () => {
  it('connects and lists databases and collections', async () => {
    expect(await client.checkHealth()).toMatchObject({ isHealthy: true, reasons: [] });
    expect((await client.getVersion()).version).toMatch(/^v\d/);
    for (let time = 0; time < 2; time++) {
      expect((await client.listDatabases()).db_names).toEqual(['default']);
    }
    expect((await client.showCollections()).data).toEqual([]);
    succeeded(await client.describeDatabase({ db_name: 'default' }));
  });

  it('shows a collection', async () => {
    await createBooks();
    for (let time = 0; time < 2; time++) {
      const { data } = await client.showCollections();
      expect(data).toMatchObject([{ name: collection_name, loadedPercentage: '100' }]);
    }
    const described = await client.describeCollection({ collection_name });
    expect(described.schema.fields.map(({ name }) => name)).toEqual(['id', 'v', 'title']);
    const { index_descriptions: indexes } = await client.describeIndex({ collection_name });
    expect(indexes).toMatchObject([{ field_name: 'v', state: 'Finished' }]);
    expect((await client.getLoadState({ collection_name })).state).toBe('LoadStateLoaded');
    expect((await client.count({ collection_name })).data).toBe(3);
    const { collectionID } = described;
    const { replicas } = await client.getReplicas({ collectionID });
    expect(replicas).toMatchObject([{ collectionID }]);
    const output_fields = ['id', 'color'];
    const rows = await client.query({ collection_name, filter: '', limit: 2, output_fields });
    expect(rows.data).toMatchObject([{ id: '1', $meta: { color: 'red' } }, { id: '2' }]);
    const { partition_names: names } = await client.showPartitions({ collection_name });
    expect(names).toEqual(['_default']);
    const partition = { collection_name, partition_name: '_default' };
    succeeded(await client.getPartitionStatistics(partition));
    const found = await client.search({ collection_name, data: [3, 3], limit: 1 });
    expect(found.results).toMatchObject([{ id: '3', score: 0 }]);
  });

  it('shows the system, users, roles, grants and segments', async () => {
    const metrics = await client.getMetric({ request: { metric_type: 'system_info' } });
    const { nodes_info: nodes } = metrics.response as { nodes_info: { connected: object[] }[] };
    expect(nodes.every(({ connected }) => Array.isArray(connected))).toBe(true);
    expect((await client.listUsers()).usernames).toEqual(['root']);
    const { results } = await client.selectUser({ username: 'root', includeRoleInfo: true });
    expect(results).toMatchObject([{ user: { name: 'root' }, roles: [{ name: 'admin' }] }]);
    const roles = await client.listRoles({ includeUserInfo: true });
    expect(roles.results.map(({ role }) => role.name)).toEqual(['admin', 'public']);
    for (const roleName of ['admin', 'public']) {
      expect((await client.listGrants({ roleName })).entities).toEqual([]);
    }
    expect((await client.listPrivilegeGroups()).privilege_groups).toEqual([]);
    succeeded(await client.flushSync({ collection_names: [collection_name] }));
    const persistent = await client.getPersistentSegmentInfo({ collectionName: collection_name });
    expect(persistent.infos).toMatchObject([{ num_rows: '3', state: 'Flushed' }]);
    const loaded = await client.getQuerySegmentInfo({ collectionName: collection_name });
    expect(loaded.infos).toMatchObject([{ num_rows: '3' }]);
  });
});

describe('the dialogs of Attu', () => {
  it('write, compact and delete rows', async () => {
    const row = { id: 2, v: [7, 7], title: 'new' };
    succeeded(await client.upsert({ collection_name, data: [row] }));
    succeeded(await client.delete({ collection_name, filter: 'id in [1]' }));
    const rows = await client.query({ collection_name, filter: 'id > 0', limit: 9 });
    expect(rows.data).toMatchObject([{ id: '2', title: 'new' }, { id: '3' }]);
    const { compactionID } = await client.compact({ collection_name });
    const state = async (): Promise<unknown> =>
      (await client.getCompactionState({ compactionID })).state;
    await expect.poll(state).toBe('Completed');
  });

  it('change partitions, aliases, properties and indexes', async () => {
    const partition = { collection_name, partition_name: 'shelf' };
    succeeded(await client.createPartition(partition));
    succeeded(await client.releasePartitions({ collection_name, partition_names: ['shelf'] }));
    succeeded(await client.dropPartition(partition));
    succeeded(await client.createAlias({ collection_name, alias: 'library' }));
    succeeded(await client.alterAlias({ collection_name, alias: 'library' }));
    expect((await client.listAliases({ collection_name })).aliases).toEqual(['library']);
    succeeded(await client.dropAlias({ alias: 'library' }));
    const properties = { 'collection.ttl.seconds': 3600 };
    succeeded(await client.alterCollectionProperties({ collection_name, properties }));
    const delete_keys = ['collection.ttl.seconds'];
    succeeded(await client.dropCollectionProperties({ collection_name, properties: delete_keys }));
    const field = { collection_name, field_name: 'title', properties: { max_length: 40 } };
    succeeded(await client.alterCollectionFieldProperties(field));
    succeeded(await client.releaseCollection({ collection_name }));
    const params = { 'mmap.enabled': true };
    succeeded(await client.alterIndexProperties({ collection_name, index_name: 'v', params }));
    succeeded(await client.dropIndex({ collection_name, index_name: 'v' }));
    const index_type = 'FLAT';
    succeeded(
      await client.createIndex({ collection_name, field_name: 'v', index_type, metric_type: 'L2' }),
    );
    succeeded(await client.loadCollectionAsync({ collection_name }));
  });

  it('rename and drop collections and databases', async () => {
    const new_collection_name = 'novels';
    succeeded(await client.renameCollection({ collection_name, new_collection_name }));
    const db_name = 'library';
    succeeded(await client.createDatabase({ db_name }));
    const properties = { 'database.replica.number': 1 };
    succeeded(await client.alterDatabase({ db_name, properties }));
    succeeded(await client.dropDatabase({ db_name }));
    succeeded(await client.dropCollection({ collection_name: new_collection_name }));
    expect((await client.showCollections()).data).toEqual([]);
  });

  it('are told that users and roles cannot be changed', async () => {
    const answers = [
      client.createUser({ username: 'ann', password: 'secret1' }),
      client.createRole({ roleName: 'reader' }),
      client.createPrivilegeGroup({ group_name: 'g' }),
    ];
    // What the SDK makes of UNIMPLEMENTED.
    for (const answer of answers) expect(await answer).toEqual({});
    expect((await client.listUsers()).usernames).toEqual(['root']);
  });
});
