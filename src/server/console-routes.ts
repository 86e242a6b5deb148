/**
 * `/api/v1/_*`: what Milvus's console asks of a running server, as far as one process has an answer. Source:
 * Milvus `internal/http/router.go`, `internal/proxy/http_req_impl.go`.
 */
import type { CollectionInfo, SegmentState } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import type { RestDeps } from '../rest/rest-listener.ts';
import { fieldObjects, indexObjects } from '../rest/schema-output.ts';
import { illness } from './health.ts';
import {
  jsonAnswer,
  type ManagementAnswer,
  type ManagementRequest,
  type ManagementRoutes,
} from './management-route.ts';
import type { ServerFacts } from './server-facts.ts';

const PREFIX = '/api/v1';
/** Collections of one answer. */
const COLLECTIONS_MAX = 1000;
/** Lists of what there never is in one process, or is over when it is asked about. */
const EMPTY_LISTS: readonly string[] = [
  '/_cluster/clients',
  '/_cluster/slow_query',
  '/_qc/tasks',
  '/_dc/tasks/import',
  '/_dc/tasks/compaction',
  '/_dc/tasks/build_index',
  '/_dn/tasks/sync',
];

export interface ConsoleDeps {
  readonly service: Service;
  readonly facts: ServerFacts;
  readonly call: RestDeps['call'];
}

export function consoleRoutes(deps: ConsoleDeps): ManagementRoutes {
  const { service, facts } = deps;
  const routes: ManagementRoutes = {
    '/health': async () => jsonAnswer(200, { status: (await illness(service)) ?? 'ok' }),
    '/_cluster/info': async () => await systemInfo(deps),
    '/_cluster/configs': () => Promise.resolve(jsonAnswer(200, facts.configuration ?? {})),
    '/_hook/configs': () => Promise.resolve(jsonAnswer(200, {})),
    '/_cluster/dependencies': () =>
      Promise.resolve(
        jsonAnswer(200, {
          metastore: { health_status: true, meta_type: 'sqlite' },
          mq: { health_status: true, mq_type: 'embedded' },
        }),
      ),
    '/_db/list': async () => await databases(deps),
    '/_db/desc': async (request) => await database(request, deps),
    '/_collection/list': async (request) => await collections(request, deps),
    '/_collection/desc': async (request) => await collection(request, deps),
    '/_index/list': async (request) => await indexes(request, service),
    '/_qc/segments': async () => await segments(service),
    '/_qc/resource_group': async () => jsonAnswer(200, await resourceGroups(deps)),
    '/_qn/segments': async () => await segments(service),
    '/_dc/segments': async () => await segments(service),
    '/_dn/segments': async () => await segments(service),
    ...Object.fromEntries(
      EMPTY_LISTS.map((path) => [path, () => Promise.resolve(jsonAnswer(200, []))]),
    ),
  };
  return Object.fromEntries(
    Object.entries(routes).map(([path, handler]) => [PREFIX + path, handler]),
  );
}

const NO_CONTEXT = { databaseName: '', options: {} };

async function systemInfo({ call }: ConsoleDeps): Promise<ManagementAnswer> {
  const request = JSON.stringify({ metric_type: 'system_info' });
  const { response } = await call('GetMetrics', { request }, NO_CONTEXT);
  return jsonAnswer(200, JSON.parse(response));
}

async function databases({ call }: ConsoleDeps): Promise<ManagementAnswer> {
  const { dbNames, createdTimestamp } = await call('ListDatabases', {}, NO_CONTEXT);
  return jsonAnswer(200, {
    db_names: dbNames,
    created_timestamps: Array.from(createdTimestamp, String),
  });
}

async function database(
  { query }: ManagementRequest,
  { call }: ConsoleDeps,
): Promise<ManagementAnswer> {
  const found = await call('DescribeDatabase', { dbName: query.get('db_name') ?? '' }, NO_CONTEXT);
  return jsonAnswer(200, {
    db_name: found.dbName,
    db_id: found.dbID,
    created_timestamp: found.createdTimestamp,
    properties: found.properties,
  });
}

async function collections(
  { query }: ManagementRequest,
  { call }: ConsoleDeps,
): Promise<ManagementAnswer> {
  const dbName = query.get('db_name') ?? '';
  const shown = await call('ShowCollections', { dbName }, NO_CONTEXT);
  return jsonAnswer(200, {
    collection_names: shown.collectionNames,
    collection_ids: Array.from(shown.collectionIds, String),
    created_utc_timestamps: Array.from(shown.createdUtcTimestamps, String),
    loaded_percentages: Array.from(shown.inMemoryPercentages, Number),
    query_service_available: Array.from(shown.queryServiceAvailable, (bit) => bit === 1),
  });
}

async function collection(
  { query }: ManagementRequest,
  { call }: ConsoleDeps,
): Promise<ManagementAnswer> {
  const names = {
    dbName: query.get('db_name') ?? '',
    collectionName: query.get('collection_name') ?? '',
  };
  const found = await call('DescribeCollection', names, NO_CONTEXT);
  const { schema } = found;
  return jsonAnswer(200, {
    collection_name: found.collectionName,
    collection_id: found.collectionID,
    db_name: found.dbName,
    num_partitions: found.numPartitions,
    shards_num: found.shardsNum,
    aliases: found.aliases,
    properties: found.properties,
    enable_dynamic_field: schema?.enableDynamicField ?? false,
    fields: schema === null ? [] : fieldObjects(schema),
    created_utc_timestamp: found.createdUtcTimestamp,
  });
}

async function indexes({ query }: ManagementRequest, service: Service): Promise<ManagementAnswer> {
  const databaseName = query.get('db_name') ?? '';
  const all = await service.listCollections(databaseName);
  const found = all.flatMap((one) =>
    one.indexes.map(({ id, name, fieldName, params }) => ({
      collection_id: one.id,
      collection_name: one.name,
      index_id: id,
      ...indexObjects([
        {
          indexName: name,
          fieldName,
          params: Object.entries(params).map(([key, value]) => ({ key, value })),
        },
      ] as never)[0],
    })),
  );
  return jsonAnswer(200, found);
}

async function resourceGroups({ call }: ConsoleDeps): Promise<unknown> {
  const { resourceGroups: names } = await call('ListResourceGroups', {}, NO_CONTEXT);
  return names.map((name) => ({ name, nodes: ['1'] }));
}

async function segments(service: Service): Promise<ManagementAnswer> {
  const all: CollectionInfo[] = [];
  for (const { name } of await service.listDatabases()) {
    all.push(...(await service.listCollections(name)));
  }
  const found: unknown[] = [];
  for (const one of all.slice(0, COLLECTIONS_MAX)) {
    const names = { databaseName: one.databaseName, collectionName: one.name };
    const shards = await service.shardStates(names);
    for (const segment of shards.flatMap(({ segments: own }) => own)) {
      found.push(segmentObject(one, segment));
    }
  }
  return jsonAnswer(200, found);
}

function segmentObject(one: CollectionInfo, segment: SegmentState): Record<string, unknown> {
  return {
    segment_id: String(segment.id),
    collection_id: String(one.id),
    partition_id: String(segment.partitionId),
    num_of_rows: String(segment.rowCount),
    state: segment.state === 'sealed' ? 'Flushed' : 'Growing',
    level: segment.level,
    mem_size: String(segment.byteLength),
    node_id: 1,
  };
}
