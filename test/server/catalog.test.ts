import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import {
  CollectionSchema,
  CompactionState,
  FieldSchema,
  IndexState,
  LoadState,
  SegmentState,
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

const NAME = { collectionName: 'c' };
const OK = { code: 0, reason: '' };

/** A collection with twenty rows, not loaded, without an index. */
async function create(name = 'c'): Promise<void> {
  const { service } = server;
  await service.createCollection('', {
    name,
    description: 'twenty',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'n', type: 'Int32', defaultValue: 7 },
      { name: 'v', type: 'FloatVector', dim: 2 },
    ],
    structs: [{ name: 's', maxCapacity: 3, nullable: true, fields: [{ name: 'a', type: 'Int8' }] }],
    properties: { timezone: 'UTC' },
    consistencyLevel: 'Strong',
  });
  const rows = Array.from({ length: 20 }, (_, i) => ({ id: i, v: [i, 1] }));
  await service.insert({ databaseName: '', collectionName: name, rows });
}

describe('the catalog over the wire', () => {
  it('describes a collection as it was made', async () => {
    const { client } = server;
    await create();
    await client.call('CreateAlias', { ...NAME, alias: 'a' });
    const described = await client.call('DescribeCollection', { collectionName: 'a' });
    expect(described).toMatchObject({
      collectionName: 'c',
      aliases: ['a'],
      shardsNum: 1,
      consistencyLevel: 0,
      dbName: 'default',
      properties: [{ key: 'timezone', value: 'UTC' }],
    });
    const { schema } = described;
    expect(schema?.fields.map(({ name }) => name)).toEqual(['id', 'n', 'v']);
    expect(schema?.fields[1]?.defaultValue).toMatchObject({ intData: 7 });
    expect(schema?.fields[2]?.typeParams).toEqual([{ key: 'dim', value: '2' }]);
    expect(schema?.structArrayFields[0]).toMatchObject({ name: 's', fields: [{ name: 'a' }] });
    expect(described.createdUtcTimestamp).toBe(described.createdTimestamp >> 18n);
    const many = await client.call('BatchDescribeCollection', { collectionName: ['c', 'a'] });
    expect(many.responses).toHaveLength(2);
    const none = await client.call('BatchDescribeCollection', { collectionName: [] });
    expect(none.status).toMatchObject({
      code: 1100,
      reason: 'collection names cannot be empty: invalid parameter',
    });
    const byId = { collectionID: described.collectionID };
    expect((await client.call('DescribeCollection', byId)).collectionName).toBe('c');
  });

  it('takes the default of a Timestamptz as microseconds, as the Node.js SDK sends it', async () => {
    const { client } = server;
    const fields = (dataType: number): Init<CollectionSchema>['fields'] => [
      { name: 'id', dataType: DataType.Int64, isPrimaryKey: true },
      { name: 'v', dataType: DataType.FloatVector, typeParams: [{ key: 'dim', value: '2' }] },
      { name: 't', dataType, defaultValue: { timestamptzData: 1_500_000n } },
    ];
    const createWith = async (dataType: number): Promise<{ code: number; reason: string }> => {
      const schema = encodeMessage(CollectionSchema, { name: 'moments', fields: fields(dataType) });
      return await client.call('CreateCollection', { collectionName: 'moments', schema });
    };
    const mismatch = 'is not equal to the type(DataType_Timestamptz) of default_value';
    for (const dataType of [DataType.Int64, DataType.VarChar]) {
      const { code, reason } = await createWith(dataType);
      expect(code).toBe(1100);
      expect(reason).toContain(mismatch);
    }
    expect(await createWith(DataType.Timestamptz)).toMatchObject(OK);
    const { schema } = await client.call('DescribeCollection', { collectionName: 'moments' });
    expect(schema?.fields[2]?.defaultValue).toMatchObject({ timestamptzData: 1_500_000n });
    expect(await client.call('DropCollection', { collectionName: 'moments' })).toMatchObject(OK);
  });

  it('makes the collection again from its description', async () => {
    const { client } = server;
    const described = await client.call('DescribeCollection', NAME);
    const schema = encodeMessage(CollectionSchema, described.schema ?? {});
    const copied = { collectionName: 'copy', schema, consistencyLevel: 0 };
    expect(await client.call('CreateCollection', copied)).toMatchObject(OK);
    const copy = await client.call('DescribeCollection', { collectionName: 'copy' });
    expect(copy.schema?.fields).toEqual(described.schema?.fields);
    expect(copy.schema?.structArrayFields).toEqual(described.schema?.structArrayFields);
    expect(await client.call('DropCollection', { collectionName: 'copy' })).toMatchObject(OK);
    expect((await client.call('HasCollection', { collectionName: 'copy' })).value).toBe(false);
  });

  it('follows an index from its creation to its drop', async () => {
    const { client } = server;
    expect((await client.call('DescribeIndex', NAME)).status).toMatchObject({
      code: 700,
      errorCode: 25,
    });
    const extraParams = [
      { key: 'index_type', value: 'HNSW' },
      { key: 'metric_type', value: 'L2' },
      { key: 'params', value: '{"M":8,"efConstruction":40}' },
    ];
    const made = await client.call('CreateIndex', { ...NAME, fieldName: 'v', extraParams });
    expect(made).toMatchObject(OK);
    const { indexDescriptions } = await client.call('DescribeIndex', { ...NAME, fieldName: 'v' });
    expect(indexDescriptions).toMatchObject([
      { indexName: 'v', fieldName: 'v', state: IndexState.Finished, pendingIndexRows: 0n },
    ]);
    const params = new Map(indexDescriptions[0]?.params.map(({ key, value }) => [key, value]));
    expect(params.get('index_type')).toBe('HNSW');
    expect(params.get('M')).toBe('8');
    expect((await client.call('GetIndexState', NAME)).state).toBe(IndexState.Finished);
    expect((await client.call('GetIndexStatistics', NAME)).indexDescriptions).toHaveLength(1);
    expect((await client.call('GetIndexBuildProgress', NAME)).status).toMatchObject(OK);
    const kept = [{ key: 'mmap.enabled', value: 'true' }];
    const altered = { ...NAME, indexName: 'v', extraParams: kept };
    expect(await client.call('AlterIndex', altered)).toMatchObject(OK);
    expect(await client.call('DropIndex', { ...NAME, indexName: 'v' })).toMatchObject(OK);
    expect(await client.call('DropIndex', { ...NAME, indexName: 'v' })).toMatchObject(OK);
  });

  it('loads and releases, the whole and its partitions', async () => {
    const { client } = server;
    const state = async (partitionNames: string[] = []): Promise<number> =>
      (await client.call('GetLoadState', { ...NAME, partitionNames })).state;
    expect(await state()).toBe(LoadState.LoadStateNotLoad);
    expect((await client.call('GetLoadingProgress', NAME)).status).toMatchObject({ code: 101 });
    await client.call('CreateIndex', { ...NAME, fieldName: 'v' });
    await client.call('CreatePartition', { ...NAME, partitionName: 'p' });
    expect((await client.call('HasPartition', { ...NAME, partitionName: 'p' })).value).toBe(true);
    await client.call('LoadPartitions', { ...NAME, partitionNames: ['p'] });
    expect(await state(['p'])).toBe(LoadState.LoadStateLoaded);
    expect(await state(['_default'])).toBe(LoadState.LoadStateNotLoad);
    const inMemory = { ...NAME, type: ShowType.InMemory };
    expect(await client.call('ShowPartitions', inMemory)).toMatchObject({
      partitionNames: ['_default', 'p'],
      inMemoryPercentages: BigInt64Array.of(0n, 100n),
    });
    expect(await client.call('LoadCollection', NAME)).toMatchObject(OK);
    expect((await client.call('GetLoadingProgress', NAME)).progress).toBe(100n);
    await client.call('ReleasePartitions', { ...NAME, partitionNames: ['p'] });
    expect(await state(['p'])).toBe(LoadState.LoadStateNotLoad);
    expect(await client.call('DropPartition', { ...NAME, partitionName: 'p' })).toMatchObject(OK);
    const stats = await client.call('GetPartitionStatistics', {
      ...NAME,
      partitionName: '_default',
    });
    expect(stats.stats).toEqual([{ key: 'row_count', value: '20' }]);
    expect((await client.call('GetLoadState', { collectionName: 'x' })).state).toBe(
      LoadState.LoadStateNotExist,
    );
    const unknown = { ...NAME, partitionNames: ['nowhere'] };
    expect((await client.call('ShowPartitions', unknown)).status).toMatchObject({ code: 200 });
    await client.call('ReleaseCollection', NAME);
    expect(await state()).toBe(LoadState.LoadStateNotLoad);
    await client.call('LoadCollection', NAME);
  });

  it('flushes and compacts, and tells of segments, replicas and nodes', async () => {
    const { client } = server;
    const flushed = await client.call('Flush', { collectionNames: ['c'] });
    const segments = flushed.flushCollSegIDs.get('c')?.data ?? new BigInt64Array(0);
    expect(segments).toHaveLength(1);
    expect(flushed.collFlushTs.get('c')).toBeGreaterThan(0n);
    const flushState = { segmentIDs: segments, ...NAME };
    expect((await client.call('GetFlushState', flushState)).flushed).toBe(true);
    expect((await client.call('FlushAll', {})).flushAllTs).toBeGreaterThan(0n);
    expect((await client.call('GetFlushAllState', {})).flushed).toBe(true);
    const persistent = await client.call('GetPersistentSegmentInfo', NAME);
    expect(persistent.infos).toMatchObject([
      { segmentID: segments[0], numRows: 20n, state: SegmentState.Flushed, isSorted: true },
    ]);
    const loaded = await client.call('GetQuerySegmentInfo', NAME);
    expect(loaded.infos).toMatchObject([{ numRows: 20n, indexName: 'v' }]);
    const ref = { databaseName: '', collectionName: 'c' };
    await server.service.insert({ ...ref, rows: [{ id: 20, v: [20, 1] }] });
    await server.service.delete({ ...ref, ids: [3n] });
    const unflushed = await client.call('GetQuerySegmentInfo', NAME);
    expect(unflushed.infos).toMatchObject([{ numRows: 20n, state: SegmentState.Sealed }]);
    const later = await client.call('Flush', { collectionNames: ['c'] });
    const both = later.flushCollSegIDs.get('c')?.data;
    expect(both).toHaveLength(2);
    const { compactionID } = await client.call('ManualCompaction', NAME);
    await expect
      .poll(async () => (await client.call('GetCompactionState', { compactionID })).state)
      .toBe(CompactionState.Completed);
    const plans = await client.call('GetCompactionStateWithPlans', { compactionID });
    expect(plans.mergeInfos.map(({ sources }) => sources)).toEqual([both]);
    const forced = await client.call('ManualCompaction', { ...NAME, targetSize: 1n << 40n });
    const { compactionID: forcedId } = forced;
    const { state, mergeInfos } = await client.call('GetCompactionStateWithPlans', {
      compactionID: forcedId,
    });
    expect(state).toBe(CompactionState.Completed);
    const merged = plans.mergeInfos[0]?.target ?? 0n;
    expect(mergeInfos).toMatchObject([{ sources: BigInt64Array.of(merged), target: merged }]);
    const unknown = await client.call('GetCompactionState', { compactionID: 1n });
    expect(unknown).toMatchObject({ status: OK, state: CompactionState.Completed });
    expect((await client.call('GetReplicas', NAME)).replicas).toHaveLength(1);
    const { resourceGroups } = await client.call('ListResourceGroups', {});
    const [resourceGroup = ''] = resourceGroups;
    const group = await client.call('DescribeResourceGroup', { resourceGroup });
    expect(group.resourceGroup).toMatchObject({ name: resourceGroup, capacity: 1 });
    const nothing = await client.call('DescribeResourceGroup', { resourceGroup: 'x' });
    expect(nothing.status).toMatchObject({ code: 300 });
  });

  it('changes collections and databases', async () => {
    const { client } = server;
    await create('moving');
    const moving = { collectionName: 'moving' };
    const properties = [{ key: 'collection.ttl.seconds', value: '100' }];
    expect(await client.call('AlterCollection', { ...moving, properties })).toMatchObject(OK);
    const field = { name: 'late', dataType: 1, nullable: true };
    const schema = encodeMessage(FieldSchema, field);
    expect(await client.call('AddCollectionField', { ...moving, schema })).toMatchObject(OK);
    const action = { addRequest: { fieldInfos: [{ fieldSchema: { ...field, name: 'later' } }] } };
    const changed = await client.call('AlterCollectionSchema', { ...moving, action });
    expect(changed.alterStatus).toMatchObject(OK);
    const drop = { dropRequest: { fieldName: 'later' } };
    const dropped = await client.call('AlterCollectionSchema', { ...moving, action: drop });
    expect(dropped.alterStatus).toMatchObject(OK);
    const struct = {
      name: 't',
      nullable: true,
      fields: [
        {
          name: 'x',
          dataType: 22,
          elementType: 5,
          typeParams: [{ key: 'max_capacity', value: '2' }],
        },
      ],
    };
    const added = { ...moving, structArrayFieldSchema: struct };
    expect(await client.call('AddCollectionStructField', added)).toMatchObject(OK);
    expect(
      await client.call('RenameCollection', { oldName: 'moving', newName: 'moved' }),
    ).toMatchObject(OK);
    const described = await client.call('DescribeCollection', { collectionName: 'moved' });
    expect(described.schema?.fields.map(({ name }) => name)).toContain('late');
    expect(described.properties).toContainEqual(properties[0]);
    expect(
      (await client.call('TruncateCollection', { collectionName: 'moved' })).status,
    ).toMatchObject(OK);
    const { stats } = await client.call('GetCollectionStatistics', { collectionName: 'moved' });
    expect(stats).toEqual([{ key: 'row_count', value: '0' }]);
    await client.call('CreateDatabase', { dbName: 'd', properties: [] });
    const quota = [{ key: 'database.max.collections', value: '3' }];
    expect(await client.call('AlterDatabase', { dbName: 'd', properties: quota })).toMatchObject(
      OK,
    );
    expect((await client.call('DescribeDatabase', { dbName: 'd' })).properties).toEqual(quota);
    expect(await client.call('DropDatabase', { dbName: 'd' })).toMatchObject(OK);
    expect((await client.call('ListDatabases', {})).dbNames).toEqual(['default']);
  });

  it('names aliases both ways', async () => {
    const { client } = server;
    expect(await client.call('DescribeAlias', { alias: 'a' })).toMatchObject({ collection: 'c' });
    await client.call('AlterAlias', { collectionName: 'moved', alias: 'a' });
    expect((await client.call('ListAliases', { collectionName: 'moved' })).aliases).toEqual(['a']);
    expect(await client.call('DropAlias', { alias: 'a' })).toMatchObject(OK);
    expect((await client.call('DescribeAlias', { alias: 'a' })).status).toMatchObject({
      code: 1600,
    });
  });

  it('shows tools what they look for: users, roles, the machine', async () => {
    const { client } = server;
    expect((await client.call('ListCredUsers', {})).usernames).toEqual(['root']);
    const roles = await client.call('SelectRole', { includeUserInfo: true });
    expect(roles.results.map(({ role }) => role?.name)).toEqual(['admin', 'public']);
    expect(roles.results[0]?.users).toMatchObject([{ name: 'root' }]);
    const users = await client.call('SelectUser', { includeRoleInfo: true });
    expect(users.results).toMatchObject([{ user: { name: 'root' }, roles: [{ name: 'admin' }] }]);
    const root = await client.call('SelectUser', { user: { name: 'root' } });
    expect(root.results).toMatchObject([{ roles: [] }]);
    const entity = { role: { name: 'public' } };
    const grants = await client.call('SelectGrant', { entity });
    expect(grants).toMatchObject({ status: OK, entities: [] });
    const groups = await client.call('ListPrivilegeGroups', {});
    expect(groups).toMatchObject({ status: OK, privilegeGroups: [] });
    const nobody = await client.call('SelectUser', { user: { name: 'x' } });
    const noRole = await client.call('SelectGrant', { entity: { role: { name: 'x' } } });
    expect(nobody.status).toMatchObject({
      code: 65_535,
      reason: "not found the user, maybe the user isn't existed or internal system error[user=x]",
    });
    expect(noRole.status?.reason).toContain("not found the role, maybe the role isn't existed");
    const request = JSON.stringify({ metric_type: 'system_info' });
    const { response } = await client.call('GetMetrics', { request });
    const { nodes_info: nodes } = JSON.parse(response) as {
      nodes_info: { connected: object[]; infos: { type: string; hardware_infos: object } }[];
    };
    expect(nodes.map(({ connected }) => connected.length)).toEqual([6, 0, 0, 0, 0, 0, 0]);
    const node = nodes.find(({ infos }) => infos.type === 'proxy');
    expect(node?.infos.hardware_infos).toMatchObject({ cpu_core_count: 2 });
    expect((await client.call('GetMetrics', { request: 'x' })).status).toMatchObject({
      code: 1100,
    });
    expect((await client.call('GetMetrics', { request: '{}' })).status).toMatchObject({
      code: 1100,
    });
    expect((await client.call('GetComponentStates', {})).state?.stateCode).toBe(1);
  });
});
