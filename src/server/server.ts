/** A running server: a database's calls on one port, its health on another. */
import type { Clock } from '../base/clock.ts';
import type { Service } from '../core/service.ts';
import { Compactions } from './compactions.ts';
import { aliasHandlers } from './alias-calls.ts';
import { collectionHandlers } from './collection-calls.ts';
import { connectionHandlers } from './connection-calls.ts';
import { databaseHandlers } from './database-calls.ts';
import { indexHandlers } from './index-calls.ts';
import { maintenanceHandlers } from './maintenance-calls.ts';
import { partitionHandlers } from './partition-calls.ts';
import { readHandlers } from './read-calls.ts';
import { rowHandlers } from './row-calls.ts';
import { snapshotHandlers } from './snapshot-calls.ts';
import { userHandlers } from './user-calls.ts';
import { grpcServer } from './grpc-server.ts';
import type { Handlers } from './handlers.ts';
import { answerNothing, healthListener } from './health.ts';
import { listen } from './listen.ts';
import type { ServerFacts } from './server-facts.ts';

/** How long calls under way may take when the server stops. */
const DRAIN_MS = 10_000;

export interface ServerOptions {
  readonly service: Service;
  readonly facts: ServerFacts;
  readonly clock: Clock;
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
  const compactions = new Compactions();
  const handlers = allHandlers(service, facts, compactions);
  const grpc = grpcServer({ handlers, nowMs: () => clock.nowMs() });
  const main = await listen({
    host,
    port: options.port,
    onHttp2: (connection) => grpc.accept(connection),
    onRequest: answerNothing,
  });
  const health =
    options.healthPort === null
      ? null
      : await listen({
          host,
          port: options.healthPort,
          onHttp2: (connection) => connection.destroy(),
          onRequest: healthListener(service),
        }).catch(async (failure: unknown) => {
          await main.close();
          throw failure;
        });
  return {
    port: main.port,
    healthPort: health?.port ?? null,
    close: async () => {
      const closing = Promise.all([main.close(), health?.close() ?? Promise.resolve()]);
      const late = clock.after(DRAIN_MS, () => grpc.stop());
      await grpc.drain();
      late.cancel();
      await compactions.stop();
      grpc.stop();
      main.destroy();
      health?.destroy();
      await closing;
    },
  };
}

/** Everything the server answers. */
export function allHandlers(
  service: Service,
  facts: ServerFacts,
  compactions: Compactions,
): Handlers {
  return {
    ...connectionHandlers(service, facts),
    ...databaseHandlers(service),
    ...collectionHandlers(service),
    ...aliasHandlers(service),
    ...partitionHandlers(service),
    ...indexHandlers(service),
    ...rowHandlers(service),
    ...readHandlers(service),
    ...maintenanceHandlers(service, compactions),
    ...snapshotHandlers(service),
    ...userHandlers(),
  };
}
