/** The ways into a database that must not differ: in the process by a path, and over the network. */
import path from 'node:path';
import { MilvusClient } from '../../src/compat.ts';
import { startMilvus } from '../../src/testing.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

export interface Door extends AsyncDisposable {
  readonly client: MilvusClient;
  /** Of further clients. */
  readonly address: string;
}

async function embedded(): Promise<Door> {
  const directory = await temporaryDirectory();
  return await open(path.join(directory.path, 'demo.db'), directory);
}

async function gRPC(): Promise<Door> {
  const server = await startMilvus();
  return await open(server.address, server);
}

async function open(address: string, ground: AsyncDisposable): Promise<Door> {
  const client = new MilvusClient({ address, logLevel: 'error' });
  await client.connectPromise;
  return {
    client,
    address,
    async [Symbol.asyncDispose]() {
      await client.closeConnection();
      await ground[Symbol.asyncDispose]();
    },
  };
}

export const DOORS: Readonly<Record<string, () => Promise<Door>>> = { embedded, gRPC };
