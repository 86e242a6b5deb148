/** `/databases/*`, `/partitions/*` and `/aliases/*`. */
import { rowCountOf } from './collection-routes.ts';
import { pairsFrom } from './plain-text.ts';
import { DONE, namedCollection, type RestAnswer, type RestCall, type Routes } from './rest-call.ts';

export const catalogRoutes: Routes = {
  '/databases/create': createDatabase,
  '/databases/drop': dropDatabase,
  '/databases/list': listDatabases,
  '/databases/describe': describeDatabase,
  '/databases/alter': alterDatabase,
  '/databases/alter_properties': alterDatabase,
  '/databases/drop_properties': dropDatabaseProperties,
  '/partitions/list': listPartitions,
  '/partitions/has': hasPartition,
  '/partitions/get_stats': partitionStats,
  '/partitions/create': createPartition,
  '/partitions/drop': dropPartition,
  '/partitions/load': loadPartitions,
  '/partitions/release': releasePartitions,
  '/aliases/list': listAliases,
  '/aliases/describe': describeAlias,
  '/aliases/create': createAlias,
  '/aliases/drop': dropAlias,
  '/aliases/alter': alterAlias,
};

async function createDatabase(call: RestCall): Promise<RestAnswer> {
  const properties = pairsFrom(call.body.object('properties'));
  await call.call('CreateDatabase', { dbName: call.body.requiredText('dbName'), properties });
  return DONE;
}

async function dropDatabase(call: RestCall): Promise<RestAnswer> {
  await call.call('DropDatabase', { dbName: call.body.requiredText('dbName') });
  return DONE;
}

async function listDatabases(call: RestCall): Promise<RestAnswer> {
  const { dbNames } = await call.call('ListDatabases', {});
  return { data: dbNames };
}

async function describeDatabase(call: RestCall): Promise<RestAnswer> {
  const dbName = call.body.requiredText('dbName');
  const found = await call.call('DescribeDatabase', { dbName });
  return { data: { dbName: found.dbName, dbID: found.dbID, properties: found.properties } };
}

async function alterDatabase(call: RestCall): Promise<RestAnswer> {
  const properties = pairsFrom(call.body.object('properties'));
  await call.call('AlterDatabase', { dbName: call.body.requiredText('dbName'), properties });
  return DONE;
}

async function dropDatabaseProperties(call: RestCall): Promise<RestAnswer> {
  const deleteKeys = call.body.texts('propertyKeys');
  await call.call('AlterDatabase', { dbName: call.body.requiredText('dbName'), deleteKeys });
  return DONE;
}

async function listPartitions(call: RestCall): Promise<RestAnswer> {
  const { partitionNames } = await call.call('ShowPartitions', namedCollection(call));
  return { data: partitionNames };
}

async function hasPartition(call: RestCall): Promise<RestAnswer> {
  const { value } = await call.call('HasPartition', namedPartition(call));
  return { data: { has: value } };
}

async function partitionStats(call: RestCall): Promise<RestAnswer> {
  const { stats } = await call.call('GetPartitionStatistics', namedPartition(call));
  return { data: { rowCount: rowCountOf(stats) } };
}

async function createPartition(call: RestCall): Promise<RestAnswer> {
  await call.call('CreatePartition', namedPartition(call));
  return DONE;
}

async function dropPartition(call: RestCall): Promise<RestAnswer> {
  await call.call('DropPartition', namedPartition(call));
  return DONE;
}

async function loadPartitions(call: RestCall): Promise<RestAnswer> {
  await call.call('LoadPartitions', namedPartitions(call));
  return DONE;
}

async function releasePartitions(call: RestCall): Promise<RestAnswer> {
  await call.call('ReleasePartitions', namedPartitions(call));
  return DONE;
}

type Named = ReturnType<typeof namedCollection>;

function namedPartition(call: RestCall): Named & { partitionName: string } {
  return { ...namedCollection(call), partitionName: call.body.requiredText('partitionName') };
}

function namedPartitions(call: RestCall): Named & { partitionNames: readonly string[] } {
  return { ...namedCollection(call), partitionNames: call.body.requiredTexts('partitionNames') };
}

async function listAliases(call: RestCall): Promise<RestAnswer> {
  const collectionName = call.body.text('collectionName');
  const request = { dbName: call.databaseName, collectionName };
  const { aliases } = await call.call('ListAliases', request);
  return { data: aliases };
}

async function describeAlias(call: RestCall): Promise<RestAnswer> {
  const found = await call.call('DescribeAlias', namedAlias(call));
  return {
    data: { dbName: found.dbName, collectionName: found.collection, aliasName: found.alias },
  };
}

async function createAlias(call: RestCall): Promise<RestAnswer> {
  await call.call('CreateAlias', { ...namedCollection(call), ...namedAlias(call) });
  return DONE;
}

async function dropAlias(call: RestCall): Promise<RestAnswer> {
  await call.call('DropAlias', namedAlias(call));
  return DONE;
}

async function alterAlias(call: RestCall): Promise<RestAnswer> {
  await call.call('AlterAlias', { ...namedCollection(call), ...namedAlias(call) });
  return DONE;
}

function namedAlias({ body, databaseName }: RestCall): { dbName: string; alias: string } {
  return { dbName: databaseName, alias: body.requiredText('aliasName') };
}
