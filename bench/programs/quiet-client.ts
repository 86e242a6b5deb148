/** Light requests of the official Node SDK, one after the other, for some seconds: how long each took. */
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { report, settings } from '../processes.ts';

const { address, seconds, dim } = settings() as {
  readonly address: string;
  readonly seconds: number;
  readonly dim: number;
};
const client = new MilvusClient({ address, logLevel: 'error' });
await client.connectPromise;
const vectorOf = (seed: number): number[] =>
  Array.from({ length: dim }, (_, at) => ((seed * 31 + at * 17) % 1009) / 1009);
const ms: number[] = [];
const endMs = performance.now() + seconds * 1000;
for (let turn = 0; performance.now() < endMs; turn++) {
  const startMs = performance.now();
  const { status, results } = await client.search({
    collection_name: 'rows',
    data: [vectorOf(turn)],
    limit: 10,
    filter: `n < ${500 + (turn % 100)}`,
    output_fields: ['s'],
  });
  ms.push(performance.now() - startMs);
  if (status.code !== 0 || results.length === 0) throw new Error(`search: ${status.reason}`);
}
await client.closeConnection();
report({ ms });
