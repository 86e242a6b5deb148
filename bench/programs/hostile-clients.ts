/**
 * Clients that mean harm, until they are ended: malformed requests over HTTP and gRPC, clients that say half and
 * leave, slow ones, bodies of 65 MB. Prints `begun` when they are at it.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PREFIX, ROUTES } from '../../src/rest/routes.ts';
import { METHODS } from '../../src/wire/generated/milvus.ts';
import { hostileRequest } from '../../test/server/hostile-messages.ts';
import { KINDS, say } from '../../test/server/hostile-http.ts';
import { WireClient } from '../../test/server/wire-client.ts';
import { SeededRandom } from '../../test/sim/seeded-random.ts';
import { settings } from '../processes.ts';

/** Of each sort that asks again at once. */
const CLIENTS = 2;
/** A flood leaves no processor to anybody; what counts here is what each request does. */
const PAUSE_MS = 10;
const SLOW_CLIENTS = 50;
const SLOW_MS = 500;
const LATE_MS = 5000;
const LARGE_BYTES = 65 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const WORDS = { texts: ['books', 'default', 'id > 1', '{"nprobe": 1}', 'topk', '10', 'L2', '*'] };

const { port } = settings() as { readonly port: number };
const random = new SeededRandom(1);
const paths = Object.keys(ROUTES);
const names = Object.keys(METHODS) as (keyof typeof METHODS)[];

/** Their failures are what is wanted. */
async function again(work: () => Promise<unknown>): Promise<never> {
  for (;;) {
    await work().catch(() => undefined);
    await delay(PAUSE_MS);
  }
}

async function overHttp(): Promise<void> {
  const route = { path: PREFIX + random.pick(paths), method: 'POST' } as const;
  await say(port, random.pick(Object.values(KINDS))(route, random), LATE_MS);
}

const wire = new WireClient(port);
async function overGrpc(): Promise<void> {
  const name = random.pick(names);
  await wire.send(name, hostileRequest(name, random, WORDS), { deadlineMs: LATE_MS });
}

async function tooLarge(): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  const head = `POST ${PREFIX}/entities/insert HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked`;
  socket.write(`${head}\r\n\r\n`);
  for (let said = 0; said < LARGE_BYTES && !socket.destroyed; said += CHUNK.length) {
    socket.write(`${CHUNK.length.toString(16)}\r\n`);
    socket.write(CHUNK);
    socket.write('\r\n');
    await delay(1);
  }
  socket.destroy();
}

async function slowly(): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  for (const byte of `POST ${PREFIX}/collections/list HTTP/1.1\r\nHost: x\r\n`) {
    socket.write(byte);
    await delay(SLOW_MS);
  }
  socket.destroy();
}

const sorts = [
  ...Array.from({ length: CLIENTS }, () => overHttp),
  ...Array.from({ length: CLIENTS }, () => overGrpc),
  ...Array.from({ length: SLOW_CLIENTS }, () => slowly),
  tooLarge,
];
console.log('begun');
await Promise.all(sorts.map(again));
