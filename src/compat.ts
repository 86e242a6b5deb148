/**
 * The official Node SDK, with a client whose address may be a path: then it talks to the database there, in
 * this process, by the same calls. Everything else of the SDK is here as it is, so that a program changes
 * nothing but what it imports. The SDK is the user's own: it comes with no installation of this package.
 */
import {
  type ClientConfig,
  getGRPCService,
  LOADER_OPTIONS,
  MilvusClient as NetworkClient,
} from '@zilliz/milvus2-sdk-node';
import { type CallCodec, InProcessChannel } from './compat/in-process-channel.ts';
import { databasePathOf } from './compat/embedded-address.ts';

export * from '@zilliz/milvus2-sdk-node';

/** The SDK's own name for a client that does not connect yet. */
const SKIP_CONNECT = '__SKIP_CONNECT__';
const SERVICE = 'milvus.proto.milvus.MilvusService';

/**
 * The SDK's client. With the address of a path (`./demo.db`, `/var/data/demo`, `file:` …, `:memory:`) it opens
 * the database there instead of a connection; clients of one process may share it. `closeConnection()` closes
 * it with the last of them.
 * @example
 *   const client = new MilvusClient({ address: './demo.db' });
 *   await client.connectPromise;
 *   await client.closeConnection();
 */
export class MilvusClient extends NetworkClient {
  readonly #channel: InProcessChannel | null = null;

  /** @param configOrAddress the SDK's configuration, or the address alone */
  constructor(
    configOrAddress: ClientConfig | string,
    ...rest: [
      ssl?: boolean,
      username?: string,
      password?: string,
      channelOptions?: NonNullable<ClientConfig['channelOptions']>,
    ]
  ) {
    const address = typeof configOrAddress === 'string' ? configOrAddress : configOrAddress.address;
    const databasePath = typeof address === 'string' ? databasePathOf(address) : null;
    if (databasePath === null) {
      super(configOrAddress, ...rest);
      return;
    }
    const config = typeof configOrAddress === 'string' ? { address } : configOrAddress;
    super({ ...config, ...NO_NETWORK });
    this.#channel = new InProcessChannel({
      databasePath,
      codecs: codecsOf(config),
      databaseName: () => this.metadata.get('dbname') ?? '',
    });
    // The SDK keeps connections in a pool, of which it uses these methods.
    this.channelPool = this.#channel as unknown as typeof this.channelPool;
    if (config[SKIP_CONNECT] !== true) this.connect(NetworkClient.sdkInfo.version);
    this.config.address = address;
  }

  /** Ends the connection, or closes the database when no other client of this process has it open. */
  override async closeConnection(): ReturnType<NetworkClient['closeConnection']> {
    const status = await super.closeConnection();
    await this.#channel?.clear();
    return status;
  }
}

/** Nothing is connected to or reported: there is nobody on the other side. The address is well formed only. */
const NO_NETWORK = {
  address: 'localhost:19530',
  [SKIP_CONNECT]: true,
  telemetry: { enabled: false },
  pool: { min: 0, max: 1 },
  isGlobal: false,
};

function codecsOf({ loaderOptions }: ClientConfig): Readonly<Record<string, CallCodec>> {
  const options = { ...LOADER_OPTIONS, ...loaderOptions };
  return getGRPCService({ serviceName: SERVICE }, options).service;
}
