/** A server over a database in memory, on a port of its own. */
import { systemClock } from '../../src/base/clock.ts';
import { MEMORY_PATH, openDatabase } from '../../src/core/open.ts';
import type { GarbagePauses } from '../../src/core/garbage-pauses.ts';
import type { Service } from '../../src/core/service.ts';
import { LogLevel } from '../../src/server/log-level.ts';
import { startServer } from '../../src/server/server.ts';
import { WireClient } from './wire-client.ts';

export interface TestServer extends AsyncDisposable {
  readonly service: Service;
  readonly garbage: GarbagePauses;
  readonly client: WireClient;
  readonly port: number;
  readonly healthPort: number;
}

export const FACTS = {
  version: 'v2.6.0',
  nodeVersion: '24.0.0',
  startedAt: '2024-01-01T00:00:00.000Z',
  address: '127.0.0.1:19530',
  hardware: () => ({
    cpuCount: 2,
    cpuPercent: 1,
    memoryBytes: 3,
    memoryUsedBytes: 2,
    diskBytes: 5,
    diskUsedBytes: 4,
  }),
};

export async function runServer(): Promise<TestServer> {
  const database = await openDatabase(MEMORY_PATH, { threads: 1 });
  const { service, garbage } = database;
  const place = { host: '127.0.0.1', port: 0, healthPort: 0 };
  const log = new LogLevel('warn', () => undefined);
  const deps = { service, facts: FACTS, clock: systemClock, garbage, log };
  const server = await startServer({ ...deps, ...place });
  const client = new WireClient(server.port);
  return {
    service,
    garbage,
    client,
    port: server.port,
    healthPort: server.healthPort ?? 0,
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server.close();
      await database.close();
    },
  };
}
