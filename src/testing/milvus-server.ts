/**
 * A server of one's own for each test or test file: an empty database in a directory that is removed with it,
 * on a port that was free. Any client of Milvus may talk to it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import { openDatabase } from '../core/open.ts';
import { startServer } from '../server/server.ts';
import { factsOf } from '../server/this-machine.ts';

export interface StartOptions {
  /** Default 0: any that is free. */
  readonly port?: number;
}

export interface MilvusServer extends AsyncDisposable {
  /** `host:port`, as the Node SDK takes it. */
  readonly address: string;
  /** `http://host:port`, as pymilvus takes it. */
  readonly uri: string;
  readonly host: string;
  readonly port: number;
  /** The directory of the database, which is removed at the end. */
  readonly path: string;
  /** Ends the server and removes its directory; may be called twice. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Starts a server over an empty database.
 * @example
 *   await using server = await startMilvus();
 *   const client = new MilvusClient({ address: server.address });
 * @throws MilvusError ServiceUnavailable when the port is taken
 */
export async function startMilvus(options: StartOptions = {}): Promise<MilvusServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'milvus-lite-'));
  const undo: Array<() => Promise<void>> = [
    async () => await rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  ];
  const end = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    // What a test stores need not outlive the machine.
    const database = await openDatabase(folder, { durability: 'os' });
    undo.push(async () => await database.close());
    const { service } = database;
    const facts = await factsOf(folder, HOST);
    const place = { host: HOST, port: options.port ?? 0, healthPort: null };
    const running = await startServer({ service, facts, clock: systemClock, ...place });
    undo.push(async () => await running.close());
    const { port } = running;
    const address = `${HOST}:${port}`;
    let closing: Promise<void> | null = null;
    const closeOnce = async (): Promise<void> => {
      closing ??= end();
      await closing;
    };
    return {
      address,
      uri: `http://${address}`,
      host: HOST,
      port,
      path: folder,
      close: closeOnce,
      [Symbol.asyncDispose]: closeOnce,
    };
  } catch (failure) {
    await end();
    throw failure;
  }
}
