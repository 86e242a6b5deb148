/** One call of each method of the Service, for what holds of all of them. */
import type { CollectionRef } from '../../src/core/references.ts';
import type { Snapshots } from '../../src/core/frontend-snapshots.ts';
import type { Service } from '../../src/core/service.ts';
import { DOCS, DOCS_DEFINITION, docs } from './service-fixtures.ts';

/** The collection `docs` is there. */
export function everyCall(service: Service): [string, () => Promise<unknown>][] {
  const ref: CollectionRef = DOCS;
  const alias = { databaseName: '', alias: 'a' };
  const partition = { ...ref, partitionName: 'p' };
  const partitions = { ...ref, partitionNames: ['p'] };
  const calls: {
    readonly [Name in Exclude<keyof Service, 'snapshots'>]: () => Promise<unknown>;
  } = {
    createDatabase: () => service.createDatabase('d', {}),
    dropDatabase: () => service.dropDatabase('d'),
    listDatabases: () => service.listDatabases(),
    describeDatabase: () => service.describeDatabase('default'),
    alterDatabase: () => service.alterDatabase('default', { set: {} }),
    createCollection: () => service.createCollection('', DOCS_DEFINITION),
    dropCollection: () => service.dropCollection(ref),
    hasCollection: () => service.hasCollection(ref),
    describeCollection: () => service.describeCollection(ref),
    listCollections: () => service.listCollections(''),
    renameCollection: () =>
      service.renameCollection({ ...ref, newName: 'x', newDatabaseName: null }),
    truncateCollection: () => service.truncateCollection(ref),
    alterCollection: () => service.alterCollection({ ...ref, set: { timezone: 'UTC' } }),
    addField: () =>
      service.addField({ ...ref, field: { name: 'x', type: 'Int8', nullable: true } }),
    addStruct: () =>
      service.addStruct({
        ...ref,
        struct: {
          name: 'x',
          nullable: true,
          maxCapacity: 1,
          fields: [{ name: 'a', type: 'Int8' }],
        },
      }),
    dropField: () => service.dropField({ ...ref, dropped: { fieldName: 'size' } }),
    alterField: () => service.alterField({ ...ref, fieldName: 'tag', params: { max_length: '9' } }),
    loadCollection: () => service.loadCollection(ref),
    releaseCollection: () => service.releaseCollection(ref),
    statistics: () => service.statistics(ref),
    partitionStatistics: () => service.partitionStatistics({ ...ref, partitionName: '_default' }),
    shardStates: () => service.shardStates(ref),
    createIndex: () =>
      service.createIndex({
        ...ref,
        fieldName: 'vector',
        indexName: '',
        params: { index_type: 'FLAT' },
      }),
    dropIndex: () => service.dropIndex({ ...ref, indexName: 'vector' }),
    alterIndex: () =>
      service.alterIndex({ ...ref, indexName: 'vector', set: { 'mmap.enabled': 'true' } }),
    describeIndexes: () => service.describeIndexes({ ...ref, indexName: '' }),
    waitForIndexes: () => service.waitForIndexes({ ...ref, indexName: '' }),
    createPartition: () => service.createPartition(partition),
    dropPartition: () => service.dropPartition(partition),
    hasPartition: () => service.hasPartition(partition),
    loadPartitions: () => service.loadPartitions(partitions),
    releasePartitions: () => service.releasePartitions(partitions),
    createAlias: () => service.createAlias({ ...ref, alias: 'a' }),
    dropAlias: () => service.dropAlias(alias),
    alterAlias: () => service.alterAlias({ ...ref, alias: 'a' }),
    describeAlias: () => service.describeAlias(alias),
    listAliases: () => service.listAliases({ databaseName: '', collectionName: null }),
    insert: () => service.insert({ ...ref, rows: docs(0, 1) }),
    upsert: () => service.upsert({ ...ref, rows: docs(0, 1) }),
    delete: () => service.delete({ ...ref, ids: [1n] }),
    query: () => service.query({ ...ref, limit: 1 }),
    count: () => service.count(ref),
    explain: () => service.explain({ ...ref, filter: 'true' }),
    search: () => service.search({ ...ref, data: [1, 2], limit: 1 }),
    queryColumns: () => service.queryColumns({ ...ref, limit: 1 }),
    searchBuckets: () =>
      service.searchBuckets({ ...ref, data: [1, 2], aggregation: { fields: ['id'] } }),
    searchColumns: () => service.searchColumns({ ...ref, data: [1, 2], limit: 1 }),
    flush: () => service.flush(ref),
    compact: () => service.compact(ref),
    checkHealth: () => service.checkHealth(),
    allocateTimestamp: () => service.allocateTimestamp(),
  };
  const { snapshots } = service;
  const snapshot = { ...ref, snapshotName: 's' };
  const made = { ...snapshot, description: '', protectionSeconds: 0, flush: true };
  const target = { ...snapshot, targetDatabaseName: '', targetName: 't' };
  const ofSnapshots: {
    readonly [Name in Exclude<keyof Snapshots, 'job' | 'jobs'>]: () => Promise<unknown>;
  } = {
    create: () => snapshots.create(made),
    drop: () => snapshots.drop(snapshot),
    list: () => snapshots.list(ref),
    describe: () => snapshots.describe(snapshot),
    restore: () => snapshots.restore(target),
    pin: () => snapshots.pin({ ...snapshot, ttlSeconds: 0 }),
    unpin: () => snapshots.unpin({ pinId: 1 }),
  };
  return [...Object.entries(calls), ...Object.entries(ofSnapshots)];
}
