/** What clients that mean harm do to the searches of one that does not, in turns with and without them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { METHODS, PlaceholderGroup } from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import { WireClient } from '../../test/server/wire-client.ts';
import { inDirectory, program, run } from '../processes.ts';
import { type Findings, figure, rounded } from '../result.ts';
import { endServer, startServer } from '../servers.ts';
import { median, quantile } from '../statistics.ts';
import { syntheticVectors, type VectorSet, vectorAt, writeVectors } from '../vectors.ts';

const ROWS = 20_000;
const DIM = 128;
const ROUNDS = 5;
const SEARCHES = 1000;
const WARM_SEARCHES = 300;
const FLOAT_VECTOR = 101;
const BIN = join(import.meta.dirname, '..', '..', 'dist', 'bin.js');

export async function hostile(): Promise<Findings> {
  return await inDirectory(async (directory) => {
    const path = join(directory, 'rows.db');
    const vectorPath = join(directory, 'rows.f32');
    const set = syntheticVectors(ROWS, DIM);
    writeVectors(vectorPath, set);
    await run(program('fill.ts', { path, vectorPath, dim: DIM, logBytes: 0 }));
    const args = [BIN, 'serve', path, '--port', '0', '--metrics-port', '0', '--json'];
    const server = await startServer(args, (text) => text);
    const { port } = JSON.parse(server.address) as { readonly port: number };
    const client = new WireClient(port);
    const quiet: number[] = [];
    const attacked: number[] = [];
    try {
      await client.call('LoadCollection', { collectionName: 'vectors' });
      await searchTimes(client, set, WARM_SEARCHES);
      for (let round = 0; round < ROUNDS; round++) {
        quiet.push(quantile(await searchTimes(client, set, SEARCHES), 0.99));
        attacked.push(await besideHostile(port, () => searchTimes(client, set, SEARCHES)));
      }
    } finally {
      client[Symbol.dispose]();
      await endServer(server.process);
    }
    const value = rounded(median(attacked) / median(quiet));
    const what = 'p99 of searches beside hostile clients against without';
    return {
      parameters: { rows: ROWS, dimension: DIM, searches: SEARCHES, rounds: ROUNDS },
      figures: [
        figure('p99 of searches', 'ms', quiet),
        figure('p99 of searches beside hostile clients', 'ms', attacked),
      ],
      targets: [{ what, value, bound: 2, rule: 'at most', unit: 'times' }],
    };
  });
}

async function besideHostile(port: number, times: () => Promise<number[]>): Promise<number> {
  const told = program('hostile-clients.ts', { port });
  const child = spawn(told.command, told.arguments, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    return quantile(await times(), 0.99);
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
}

/** Milliseconds of each search, one after the other. */
async function searchTimes(client: WireClient, set: VectorSet, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const request = requestOf(set, (i * 17) % set.count);
    const startedMs = performance.now();
    await client.send('Search', request);
    times.push(performance.now() - startedMs);
  }
  return times;
}

function requestOf(set: VectorSet, row: number): Uint8Array {
  const vector = vectorAt(set, row);
  const values = [new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)];
  const pairs = { anns_field: 'vector', topk: '10', metric_type: 'IP' };
  return encodeMessage(METHODS.Search.request, {
    collectionName: 'vectors',
    placeholderGroup: encodeMessage(PlaceholderGroup, {
      placeholders: [{ tag: '$0', type: FLOAT_VECTOR, values }],
    }),
    searchParams: Object.entries(pairs).map(([key, value]) => ({ key, value })),
    nq: 1n,
  });
}
