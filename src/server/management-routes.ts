/**
 * `/management/*` and `/log/level`: what tools ask of a running Milvus. What moves work between nodes is
 * refused: there is one. Source: Milvus `internal/http/router.go`, `internal/proxy/management.go`.
 */
import { MilvusError } from '../base/errors.ts';
import type { GarbagePauses } from '../core/garbage-pauses.ts';
import type { Service } from '../core/service.ts';
import { isObject } from '../imports/given-rows.ts';
import { illness } from './health.ts';
import type { LogLevel } from './log-level.ts';
import {
  isJson,
  jsonAnswer,
  type ManagementAnswer,
  type ManagementHandler,
  type ManagementRequest,
  type ManagementRoutes,
} from './management-route.ts';
import type { ServerFacts } from './server-facts.ts';

export interface ManagementDeps {
  readonly service: Service;
  readonly facts: ServerFacts;
  /** Null: whoever started the server keeps it to itself. */
  readonly garbage: GarbagePauses | null;
  readonly log: LogLevel | null;
  /** Ends the server; null where whoever started it does that. */
  readonly stop: (() => void) | null;
}

/** The roles that are in this process. */
const ROLES: readonly string[] = [
  'standalone',
  'mixture',
  'mixcoord',
  'proxy',
  'rootcoord',
  'datacoord',
  'querycoord',
  'indexcoord',
  'querynode',
  'datanode',
  'streamingnode',
];
/** Paths of Milvus that say or change which of several nodes does what. */
const OF_CLUSTERS: readonly string[] = [
  '/management/wal/alter',
  '/management/data_gc',
  '/management/datacoord/backfill/commit',
  '/management/querycoord/balance/suspend',
  '/management/querycoord/balance/resume',
  '/management/querycoord/node/suspend',
  '/management/querycoord/node/resume',
  '/management/querycoord/distribution/check',
  '/management/querycoord/transfer/segment',
  '/management/querycoord/transfer/channel',
  '/management/query/task_queue/clear',
  '/management/batch/balance/status',
  '/management/batch/nodes',
  '/management/batch/nodes/status',
  '/management/batch/nodes/distribution',
  '/management/batch/transfer',
  '/management/streaming/balance/status',
  '/management/streaming/nodes',
  '/management/streaming/nodes/status',
  '/management/streaming/nodes/distribution',
  '/management/streaming/transfer',
  '/management/rootcoord/ez/backup',
  '/management/replica/loadconfig/compliance',
  '/management/config/alter',
];

const OK = { msg: 'OK' };
const UNAVAILABLE = jsonAnswer(501, { msg: 'this server leaves that to the process it runs in' });
const SECOND_MS = 1000;

export function managementRoutes(deps: ManagementDeps): ManagementRoutes {
  const { service, facts, garbage, log } = deps;
  return {
    '/log/level': (request) => Promise.resolve(log === null ? UNAVAILABLE : logLevel(request, log)),
    '/management/check/ready': async (request) => await ready(request, service),
    '/management/stop': (request) => Promise.resolve(stop(request, deps)),
    '/management/config/get': (request) => Promise.resolve(configuration(request, facts)),
    '/management/datacoord/garbage_collection/pause': (request) =>
      Promise.resolve(garbage === null ? UNAVAILABLE : pause(request, garbage)),
    '/management/datacoord/garbage_collection/resume': (request) =>
      Promise.resolve(garbage === null ? UNAVAILABLE : resume(request, garbage)),
    '/management/querycoord/balance/status': () =>
      Promise.resolve(jsonAnswer(200, { ...OK, status: 'suspended' })),
    '/management/querycoord/node/list': () =>
      Promise.resolve(
        jsonAnswer(200, { nodeInfos: [{ ID: 1, address: facts.address, state: 'Healthy' }] }),
      ),
    '/management/querycoord/distribution/get': async () => await distribution(service),
    ...Object.fromEntries(OF_CLUSTERS.map((path) => [path, ofClusters(path)])),
    '/expr': () =>
      Promise.resolve(jsonAnswer(403, { msg: 'expr endpoint is disabled, and cannot be enabled' })),
  };
}

function ofClusters(path: string): ManagementHandler {
  return () => Promise.resolve(jsonAnswer(501, { msg: `${path} is not supported by one process` }));
}

/** As zap serves it: the level, or a new one as JSON or as a form. */
function logLevel(request: ManagementRequest, log: LogLevel): ManagementAnswer {
  if (request.method === 'PUT') {
    try {
      log.change(givenLevel(request));
    } catch (failure) {
      if (!(failure instanceof MilvusError || failure instanceof SyntaxError)) throw failure;
      return jsonAnswer(400, { error: failure.message });
    }
  }
  return jsonAnswer(200, { level: log.level });
}

function givenLevel(request: ManagementRequest): string {
  const { body, query } = request;
  if (!isJson(request)) return new URLSearchParams(body).get('level') ?? query.get('level') ?? '';
  const value: unknown = JSON.parse(body);
  const level = isObject(value) ? value['level'] : '';
  return typeof level === 'string' ? level : '';
}

function refusedRole({ query }: ManagementRequest): ManagementAnswer | null {
  const role = (query.get('role') ?? 'standalone').toLowerCase();
  if (ROLES.includes(role)) return null;
  return jsonAnswer(400, { msg: `no component of role ${role} in this process` });
}

async function ready(request: ManagementRequest, service: Service): Promise<ManagementAnswer> {
  const refused = refusedRole(request);
  if (refused !== null) return refused;
  const reason = await illness(service);
  if (reason === null) return jsonAnswer(200, OK);
  return jsonAnswer(500, { msg: `not ready: ${reason}` });
}

function stop(request: ManagementRequest, { stop: end }: ManagementDeps): ManagementAnswer {
  const refused = refusedRole(request);
  if (refused !== null) return refused;
  if (end === null) return UNAVAILABLE;
  end();
  return jsonAnswer(200, OK);
}

/** Those of the names that were asked for, or all. */
function configuration({ query }: ManagementRequest, facts: ServerFacts): ManagementAnswer {
  const wanted = (query.get('keys') ?? query.get('key') ?? '')
    .split(',')
    .filter((key) => key !== '');
  const found = Object.entries(facts.configuration ?? {}).filter(
    ([key]) => wanted.length === 0 || wanted.includes(key),
  );
  return jsonAnswer(200, { ...OK, configs: Object.fromEntries(found) });
}

function pause({ query }: ManagementRequest, garbage: GarbagePauses): ManagementAnswer {
  try {
    const ticket = garbage.pause(Number(query.get('pause_seconds') ?? 0) * SECOND_MS);
    return jsonAnswer(200, { ...OK, ticket });
  } catch (failure) {
    if (!(failure instanceof MilvusError)) throw failure;
    return jsonAnswer(400, { msg: `failed to pause garbage collection, ${failure.message}` });
  }
}

function resume({ query }: ManagementRequest, garbage: GarbagePauses): ManagementAnswer {
  const ticket = query.get('ticket') ?? '';
  // Older tools keep no ticket, and end all pauses.
  if (ticket === '' ? garbage.resumeAll() : garbage.resume(ticket)) return jsonAnswer(200, OK);
  return jsonAnswer(400, { msg: 'failed to resume garbage collection, no such pause' });
}

/** Ids are text: JSON's numbers hold no int64. */
async function distribution(service: Service): Promise<ManagementAnswer> {
  const ids: string[] = [];
  for (const { name: databaseName } of await service.listDatabases()) {
    for (const { name, loaded } of await service.listCollections(databaseName)) {
      if (!loaded) continue;
      const shards = await service.shardStates({ databaseName, collectionName: name });
      const sealed = shards.flatMap(({ segments }) => segments).filter(isSealed);
      ids.push(...sealed.map(({ id }) => String(id)));
    }
  }
  return jsonAnswer(200, { channel_names: [], sealed_segmentIDs: ids });
}

function isSealed({ state }: { readonly state: string }): boolean {
  return state === 'sealed';
}
