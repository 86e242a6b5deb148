/**
 * Every method of the official client, called once, in an order in which each finds what it needs. What they
 * answer is compared between doors, so nothing here says what is right.
 */
import { expect } from 'vitest';
import type { MilvusClient } from '../../src/compat.ts';

type Method = (client: MilvusClient) => unknown;

const NAME = { collection_name: 'every' };
const VECTOR = [1, 2, 3, 4];
const ROLE = { roleName: 'r' };
const GRANT = { ...ROLE, object: 'Global', objectName: '*', privilegeName: 'Search' };
const GRANT_2 = { role: 'r', privilege: 'Search', db_name: 'default', ...NAME };

/** Calls that need more than what the SDK's types let a literal be. */
function loosely(client: MilvusClient, name: string, data?: unknown): unknown {
  const method = Reflect.get(client, name) as (data?: unknown) => unknown;
  return method.call(client, data);
}

const loose =
  (name: string, data?: unknown): Method =>
  (client) =>
    loosely(client, name, data);

async function pagesOf(iterator: unknown): Promise<unknown[]> {
  const pages: unknown[] = [];
  for await (const page of (await iterator) as AsyncIterable<unknown>) pages.push(page);
  return pages;
}

const definitions: Readonly<Record<string, Method>> = {
  getVersion: (client) => client.getVersion(),
  checkHealth: (client) => client.checkHealth(),
  use: (client) => client.use({ db_name: 'default' }),
  createDatabase: loose('createDatabase', { db_name: 'shelf' }),
  listDatabases: loose('listDatabases'),
  alterDatabase: loose('alterDatabase', {
    db_name: 'shelf',
    properties: { 'database.max.collections': 5 },
  }),
  describeDatabase: loose('describeDatabase', { db_name: 'shelf' }),
  dropDatabaseProperties: loose('dropDatabaseProperties', {
    db_name: 'shelf',
    delete_keys: ['database.max.collections'],
  }),
  createCollection: (client) =>
    client.createCollection({ ...NAME, dimension: 4, consistency_level: 'Strong' }),
  hasCollection: (client) => client.hasCollection(NAME),
  showCollections: (client) => client.showCollections(),
  describeCollection: (client) => client.describeCollection(NAME),
  batchDescribeCollections: loose('batchDescribeCollections', { collection_names: ['every'] }),
  getPkField: (client) => client.getPkField(NAME),
  getPkFieldName: (client) => client.getPkFieldName(NAME),
  getPkFieldType: (client) => client.getPkFieldType(NAME),
  addCollectionField: loose('addCollectionField', {
    ...NAME,
    field: { name: 'late', data_type: 'Int8', nullable: true },
  }),
  addCollectionFields: loose('addCollectionFields', {
    ...NAME,
    fields: [{ name: 'later', data_type: 'Int64', nullable: true }],
  }),
  alterCollectionFieldProperties: loose('alterCollectionFieldProperties', {
    ...NAME,
    field_name: 'vector',
    properties: { 'mmap.enabled': true },
  }),
  alterCollectionProperties: loose('alterCollectionProperties', {
    ...NAME,
    properties: { 'collection.ttl.seconds': 9000 },
  }),
  dropCollectionProperties: loose('dropCollectionProperties', {
    ...NAME,
    properties: ['collection.ttl.seconds'],
  }),
  alterCollectionSchema: loose('alterCollectionSchema', {
    ...NAME,
    action: { drop_request: { field_name: 'none' } },
  }),
  dropCollectionField: loose('dropCollectionField', { ...NAME, field_name: 'late' }),
  createAlias: (client) => client.createAlias({ ...NAME, alias: 'nick' }),
  describeAlias: loose('describeAlias', { ...NAME, alias: 'nick' }),
  listAliases: (client) => client.listAliases(NAME),
  alterAlias: (client) => client.alterAlias({ ...NAME, alias: 'nick' }),
  dropAlias: (client) => client.dropAlias({ alias: 'nick' }),
  createPartition: (client) => client.createPartition({ ...NAME, partition_name: 'p' }),
  hasPartition: (client) => client.hasPartition({ ...NAME, partition_name: 'p' }),
  listPartitions: (client) => client.listPartitions(NAME),
  loadPartitions: (client) => client.loadPartitions({ ...NAME, partition_names: ['p'] }),
  loadPartitionsSync: (client) => client.loadPartitionsSync({ ...NAME, partition_names: ['p'] }),
};

const rows: Readonly<Record<string, Method>> = {
  insert: (client) =>
    client.insert({
      ...NAME,
      data: [1, 2, 3].map((id) => ({
        id,
        vector: [id, 2, 3, 4],
        later: String(id),
        extra: `x${id}`,
      })),
    }),
  upsert: (client) => client.upsert({ ...NAME, data: [{ id: 3, vector: VECTOR, extra: null }] }),
  flush: (client) => client.flush({ collection_names: ['every'] }),
  flushSync: (client) => client.flushSync({ collection_names: ['every'] }),
  getFlushState: loose('getFlushState', { segmentIDs: [] }),
  flushAll: loose('flushAll'),
  getFlushAllState: loose('getFlushAllState', { flush_all_ts: '1' }),
  flushAllSync: loose('flushAllSync'),
  search: (client) =>
    client.search({ ...NAME, data: VECTOR, limit: 2, output_fields: ['later', 'extra'] }),
  query: (client) => client.query({ ...NAME, filter: 'id > 1', output_fields: ['*'] }),
  get: (client) => client.get({ ...NAME, ids: [1, 3], output_fields: ['vector'] }),
  count: (client) => client.count({ ...NAME, expr: 'id < 3' }),
  queryIterator: (client) =>
    pagesOf(client.queryIterator({ ...NAME, expr: 'id > 0', batchSize: 2, output_fields: ['id'] })),
  searchIterator: (client) =>
    pagesOf(client.searchIterator({ ...NAME, data: VECTOR, batchSize: 2, limit: 3 })),
  delete: (client) => client.delete({ ...NAME, ids: [1] }),
  deleteEntities: (client) => client.deleteEntities({ ...NAME, expr: 'id == 2' }),
  getCollectionStatistics: (client) => client.getCollectionStatistics(NAME),
  getPartitionStatistics: (client) =>
    client.getPartitionStatistics({ ...NAME, partition_name: 'p' }),
  compact: (client) => compacted(client),
  getCompactionState: loose('getCompactionState', { compactionID: 1 }),
  getCompactionStateWithPlans: loose('getCompactionStateWithPlans', { compactionID: 1 }),
  getPersistentSegmentInfo: loose('getPersistentSegmentInfo', { collectionName: 'every' }),
  getQuerySegmentInfo: loose('getQuerySegmentInfo', { collectionName: 'every' }),
  getReplicas: loose('getReplicas', { ...NAME, collectionID: 1 }),
  getMetric: loose('getMetric', { request: { metric_type: 'none' } }),
  runAnalyzer: loose('runAnalyzer', { text: 'a b' }),
  session: (client) => client.session('c').query({ ...NAME, filter: 'id > 1' }),
};

const states: Readonly<Record<string, Method>> = {
  getLoadState: (client) => client.getLoadState(NAME),
  getLoadingProgress: (client) => client.getLoadingProgress(NAME),
  refreshLoad: (client) => client.refreshLoad(NAME),
  loadBalance: loose('loadBalance', { src_nodeID: 1 }),
  describeIndex: (client) => client.describeIndex(NAME),
  listIndexes: (client) => client.listIndexes(NAME),
  getIndexState: loose('getIndexState', NAME),
  getIndexBuildProgress: loose('getIndexBuildProgress', NAME),
  getIndexStatistics: (client) => client.getIndexStatistics(NAME),
  releasePartitions: (client) => client.releasePartitions({ ...NAME, partition_names: ['p'] }),
  dropPartition: (client) => client.dropPartition({ ...NAME, partition_name: 'p' }),
  releaseCollection: (client) => client.releaseCollection(NAME),
  alterIndexProperties: loose('alterIndexProperties', {
    ...NAME,
    index_name: 'vector',
    params: { 'mmap.enabled': true },
  }),
  dropIndexProperties: loose('dropIndexProperties', {
    ...NAME,
    index_name: 'vector',
    properties: ['mmap.enabled'],
  }),
  dropIndex: (client) => client.dropIndex({ ...NAME, index_name: 'vector' }),
  createIndex: (client) =>
    client.createIndex({ ...NAME, field_name: 'vector', index_type: 'HNSW', metric_type: 'L2' }),
  loadCollectionAsync: (client) => client.loadCollectionAsync(NAME),
  loadCollection: (client) => client.loadCollection(NAME),
  truncateCollection: (client) => client.truncateCollection(NAME),
  renameCollection: (client) => client.renameCollection({ ...NAME, new_collection_name: 'new' }),
  dropCollection: (client) => client.dropCollection({ collection_name: 'new' }),
  dropDatabase: (client) => client.dropDatabase({ db_name: 'shelf' }),
};

/** What Milvus has and the database has not, or not yet. */
const others: Readonly<Record<string, Method>> = {
  addCollectionFunction: loose('addCollectionFunction', { ...NAME, function: { name: 'f' } }),
  alterCollectionFunction: loose('alterCollectionFunction', {
    ...NAME,
    function_name: 'f',
    function: { name: 'f' },
  }),
  dropCollectionFunction: loose('dropCollectionFunction', { ...NAME, function_name: 'f' }),
  addFunctionField: loose('addFunctionField', { ...NAME, function: { name: 'f' } }),
  dropFunctionField: loose('dropFunctionField', { ...NAME, function_name: 'f' }),
  addFileResource: loose('addFileResource', { name: 'f', path: 'p' }),
  removeFileResource: loose('removeFileResource', { name: 'f' }),
  listFileResources: loose('listFileResources'),
  bulkInsert: loose('bulkInsert', { ...NAME, files: ['f'] }),
  getImportState: loose('getImportState', { task: 1 }),
  listImportTasks: loose('listImportTasks', NAME),
  createSnapshot: loose('createSnapshot', { ...NAME, name: 's', description: '' }),
  listSnapshots: loose('listSnapshots', NAME),
  describeSnapshot: loose('describeSnapshot', { ...NAME, name: 's' }),
  pinSnapshotData: loose('pinSnapshotData', { ...NAME, name: 's' }),
  unpinSnapshotData: loose('unpinSnapshotData', { pin_id: 1 }),
  restoreSnapshot: loose('restoreSnapshot', { ...NAME, name: 's', target_collection_name: 't' }),
  getRestoreSnapshotState: loose('getRestoreSnapshotState', { job_id: 1 }),
  listRestoreSnapshotJobs: loose('listRestoreSnapshotJobs', NAME),
  dropSnapshot: loose('dropSnapshot', { ...NAME, name: 's' }),
  refreshExternalCollection: loose('refreshExternalCollection', NAME),
  getRefreshExternalCollectionProgress: loose('getRefreshExternalCollectionProgress', {
    job_id: 1,
  }),
  listRefreshExternalCollectionJobs: loose('listRefreshExternalCollectionJobs', NAME),
  createResourceGroup: loose('createResourceGroup', { resource_group: 'g' }),
  describeResourceGroup: loose('describeResourceGroup', { resource_group: 'g' }),
  updateResourceGroups: loose('updateResourceGroups', { resource_groups: {} }),
  listResourceGroups: loose('listResourceGroups'),
  dropResourceGroup: loose('dropResourceGroup', { resource_group: 'g' }),
  dropAllResourceGroups: loose('dropAllResourceGroups'),
  transferNode: loose('transferNode', {
    source_resource_group: 'g',
    target_resource_group: 'h',
    num_node: 1,
  }),
  transferReplica: loose('transferReplica', {
    source_resource_group: 'g',
    target_resource_group: 'h',
    ...NAME,
    num_replica: 1,
  }),
  updateReplicateConfiguration: loose('updateReplicateConfiguration', {}),
  getReplicateConfiguration: loose('getReplicateConfiguration', {}),
};

const users: Readonly<Record<string, Method>> = {
  createUser: loose('createUser', { username: 'u', password: 'secret' }),
  updateUser: loose('updateUser', { username: 'u', oldPassword: 'secret', newPassword: 'other' }),
  describeUser: loose('describeUser', { username: 'root', includeRoleInfo: true }),
  listUsers: loose('listUsers'),
  deleteUser: loose('deleteUser', { username: 'u' }),
  createRole: loose('createRole', ROLE),
  alterRole: loose('alterRole', { ...ROLE, description: 'd' }),
  hasRole: loose('hasRole', ROLE),
  describeRole: loose('describeRole', { roleName: 'admin', includeUserInfo: true }),
  listRoles: loose('listRoles'),
  addUserToRole: loose('addUserToRole', { ...ROLE, username: 'u' }),
  removeUserFromRole: loose('removeUserFromRole', { ...ROLE, username: 'u' }),
  grantPrivilege: loose('grantPrivilege', GRANT),
  revokePrivilege: loose('revokePrivilege', GRANT),
  selectGrant: loose('selectGrant', GRANT),
  listGrants: loose('listGrants', ROLE),
  grantPrivilegeV2: loose('grantPrivilegeV2', GRANT_2),
  revokePrivilegeV2: loose('revokePrivilegeV2', GRANT_2),
  createPrivilegeGroup: loose('createPrivilegeGroup', { group_name: 'g' }),
  addPrivilegesToGroup: loose('addPrivilegesToGroup', { group_name: 'g', privileges: ['Search'] }),
  removePrivilegesFromGroup: loose('removePrivilegesFromGroup', {
    group_name: 'g',
    privileges: ['Search'],
  }),
  listPrivilegeGroups: loose('listPrivilegeGroups'),
  dropPrivilegeGroup: loose('dropPrivilegeGroup', { group_name: 'g' }),
  backupRBAC: loose('backupRBAC'),
  restoreRBAC: loose('restoreRBAC', { RBAC_meta: {} }),
  dropRole: loose('dropRole', ROLE),
  dropAllRoles: loose('dropAllRoles'),
};

export const EVERY_METHOD: Readonly<Record<string, Method>> = {
  ...definitions,
  ...rows,
  ...states,
  ...others,
  ...users,
};

/** What the client does for itself, and ends by. */
export const INTERNAL: ReadonlySet<string> = new Set([
  'constructor',
  'connect',
  'closeConnection',
  'reconnectToPrimary',
  'applyServerInfo',
  'callAlterCollectionSchema',
  'checkCompatibility',
  'createChannelPool',
  'createTelemetryClient',
  'disposeChannelPool',
  'getCollectionInfoCacheKey',
  'getTelemetry',
  'invalidateCollectionInfo',
  'isLifecycleCurrent',
  'metadataListener',
  'normalizeFieldOps',
  'replaceTelemetryClient',
  'sendTelemetryHeartbeat',
]);

/** Done, for what comes later tells of segments. */
async function compacted(client: MilvusClient): Promise<unknown> {
  const answer = await client.compact(NAME);
  const { compactionID } = answer;
  await expect
    .poll(async () => (await client.getCompactionState({ compactionID })).state)
    .toBe('Completed');
  return answer;
}
