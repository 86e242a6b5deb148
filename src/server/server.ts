/** A running server: a database's calls on one port, its health on another. */
import type { Clock } from '../base/clock.ts';
import type { GarbagePauses } from '../core/garbage-pauses.ts';
import type { Service } from '../core/service.ts';
import { ImportJobs } from '../imports/import-jobs.ts';
import type { ImportSource } from '../imports/import-source.ts';
import { restPort } from '../rest/rest-listener.ts';
import { BytesUnderWay } from './bytes-under-way.ts';
import { Compactions } from './compactions.ts';
import { aliasHandlers } from './alias-calls.ts';
import { collectionHandlers } from './collection-calls.ts';
import { withCollectionNames } from './collection-names.ts';
import { connectionHandlers } from './connection-calls.ts';
import { databaseHandlers } from './database-calls.ts';
import { importHandlers } from './import-calls.ts';
import { indexHandlers } from './index-calls.ts';
import { maintenanceHandlers } from './maintenance-calls.ts';
import { partitionHandlers } from './partition-calls.ts';
import { readHandlers } from './read-calls.ts';
import { rowHandlers } from './row-calls.ts';
import { snapshotHandlers } from './snapshot-calls.ts';
import { schemaHandlers } from './schema-calls.ts';
import { userHandlers } from './user-calls.ts';
import { grpcServer } from './grpc-server.ts';
import type { Handlers } from './handlers.ts';
import { callInProcess } from './call-in-process.ts';
import { CallMetrics } from './call-metrics.ts';
import { listen, type Listening } from './listen.ts';
import type { LogLevel } from './log-level.ts';
import { managementListener, type ManagementPortDeps } from './management-listener.ts';
import { MetricRegistry } from './metric-registry.ts';
import { addStateMetrics } from './state-metrics.ts';
import type { ServerFacts } from './server-facts.ts';

/** How long calls under way may take when the server stops. */
const DRAIN_MS = 10_000;

export interface HttpOptions {
  /** Without it every path is none. */
  readonly isEnabled: boolean;
  /** Whether int64 values are numbers where the client does not say. */
  readonly allowsInt64: boolean;
  /** Of a request that does not say. */
  readonly requestTimeoutMs: number;
}

const HTTP_DEFAULTS: HttpOptions = { isEnabled: true, allowsInt64: true, requestTimeoutMs: 30_000 };

export interface ServerOptions {
  readonly service: Service;
  readonly facts: ServerFacts;
  readonly clock: Clock;
  /** What tools may pause and change; without it they are refused. */
  readonly garbage?: GarbagePauses;
  readonly log?: LogLevel;
  /** HTTP on the port of the clients. */
  readonly http?: HttpOptions;
  /** Files that may be imported; without it imports are refused. */
  readonly imports?: ImportSource;
  /** Ends the server when a tool asks for it; without it nobody may. */
  readonly stop?: () => void;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Null: none. */
  readonly healthPort: number | null;
}

export interface RunningServer {
  readonly port: number;
  readonly healthPort: number | null;
  /** Refuses what is new, waits for what is under way, ends the rest. */
  close(): Promise<void>;
}

/** @throws MilvusError ServiceUnavailable when a port is taken */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { service, facts, clock, host } = options;
  const compactions = new Compactions(clock);
  const imports = new ImportJobs({ service, clock, source: options.imports ?? null });
  const registry = new MetricRegistry();
  const metrics = new CallMetrics(registry, clock);
  addStateMetrics(registry, { service, facts, clock });
  const handlers = metrics.wrap(allHandlers(service, facts, { compactions, imports }));
  const call = callInProcess(handlers);
  const bytesUnderWay = new BytesUnderWay();
  const grpc = grpcServer({ handlers, bytesUnderWay, nowMs: () => clock.nowMs() });
  const rest = restPort({
    service,
    clock,
    imports,
    call,
    ...(options.http ?? HTTP_DEFAULTS),
    holdBytes: () => bytesUnderWay.hold(),
    onAnswered: (answered) => metrics.countRest(answered),
    count: async (name, names, work) => await metrics.count(name, names, work),
  });
  const main = await listen({
    host,
    port: options.port,
    onHttp2: (connection) => grpc.accept(connection),
    onRequest: rest.onRequest,
  });
  const health = await listenForHealth(options, { registry, call }).catch(
    async (failure: unknown) => {
      await main.close();
      throw failure;
    },
  );
  return {
    port: main.port,
    healthPort: health?.port ?? null,
    close: async () => {
      const closing = Promise.all([main.close(), health?.close() ?? Promise.resolve()]);
      const late = clock.after(DRAIN_MS, () => {
        grpc.stop();
        main.destroy();
      });
      await Promise.all([grpc.drain(), rest.drain()]);
      late.cancel();
      await Promise.all([compactions.stop(), imports.stop()]);
      grpc.stop();
      main.destroy();
      health?.destroy();
      await closing;
    },
  };
}

async function listenForHealth(
  { service, facts, host, healthPort, garbage, log, stop }: ServerOptions,
  { registry, call }: Pick<ManagementPortDeps, 'registry' | 'call'>,
): Promise<Listening | null> {
  if (healthPort === null) return null;
  return await listen({
    host,
    port: healthPort,
    onHttp2: (connection) => connection.destroy(),
    onRequest: managementListener({
      service,
      facts,
      registry,
      call,
      garbage: garbage ?? null,
      log: log ?? null,
      stop: stop ?? null,
    }),
  });
}

/** What goes on after the answer to the call that began it. */
export interface BackgroundWork {
  readonly compactions: Compactions;
  /** Without it nothing is imported. */
  readonly imports?: ImportJobs;
}

/** Everything the server answers. */
export function allHandlers(
  service: Service,
  facts: ServerFacts,
  { compactions, imports }: BackgroundWork,
): Handlers {
  return withCollectionNames({
    ...connectionHandlers(service, facts),
    ...databaseHandlers(service),
    ...collectionHandlers(service),
    ...aliasHandlers(service),
    ...partitionHandlers(service),
    ...indexHandlers(service),
    ...rowHandlers(service),
    ...schemaHandlers(service),
    ...readHandlers(service),
    ...maintenanceHandlers(service, compactions),
    ...(imports === undefined ? {} : importHandlers(imports)),
    ...snapshotHandlers(service),
    ...userHandlers(),
  });
}
