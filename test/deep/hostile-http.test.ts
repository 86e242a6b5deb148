/**
 * Thousands of HTTP requests that are malformed or mean harm, to every route of the clients' port and of the
 * management port: none ends the process, none is answered as a fault of the server, and others are served.
 */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PREFIX, ROUTES } from '../../src/rest/routes.ts';
import { V1_PREFIX, V1_READS, V1_ROUTES } from '../../src/rest/v1-routes.ts';
import { consoleRoutes } from '../../src/server/console-routes.ts';
import { healthRoutes } from '../../src/server/health.ts';
import { managementRoutes } from '../../src/server/management-routes.ts';
import { type HttpAnswer, KINDS, type Route, say } from '../server/hostile-http.ts';
import { FACTS, runServer, type TestServer } from '../server/running-server.ts';
import { createBooks } from './hostile-books.ts';
import { SeededRandom } from '../sim/seeded-random.ts';

/** Clients at a time. */
const CLIENTS = 16;
const ROUNDS = 2;
const LATE_MS = 30_000;
/** The code of a failure that nobody foresaw. */
const INTERNAL = 5;
const BODY_BYTES = 65 * 1024 * 1024;
const CHUNK = Buffer.alloc(1024 * 1024, 'x');

interface Place {
  readonly port: number;
  readonly route: Route;
}

function everyPlace({ port, healthPort, service }: TestServer): Place[] {
  const posts = [
    ...Object.keys(ROUTES).map((path) => PREFIX + path),
    ...Object.keys(V1_ROUTES).map((path) => V1_PREFIX + path),
  ];
  const reads = Object.keys(V1_READS).map((path) => V1_PREFIX + path);
  const facts = FACTS;
  const managed = Object.keys({
    ...healthRoutes(service),
    ...managementRoutes({ service, facts, garbage: null, log: null, stop: null }),
    ...consoleRoutes({ service, facts, call: () => Promise.reject(new Error('only its paths')) }),
    '/metrics': null,
    '/metrics_default': null,
  });
  return [
    ...posts.map((path): Place => ({ port, route: { path, method: 'POST' } })),
    ...reads.map((path): Place => ({ port, route: { path, method: 'GET' } })),
    ...managed.map((path): Place => ({ port: healthPort, route: { path, method: 'GET' } })),
  ];
}

/** What is wrong with an answer; null: it is one that a client at fault may get. */
function faultIn({ status, text, isLate }: HttpAnswer): string | null {
  if (isLate) return 'no answer';
  if (status === null) return null;
  const isFault = status >= 500 && status !== 501 && status !== 505;
  const isUnforeseen = text.includes(`{"code":${INTERNAL},`) || text.includes('{"code":65535,');
  return isFault || isUnforeseen ? text.slice(0, 400) : null;
}

const tally = { requests: 0, answers: 0, successes: 0 };

/** Hostile clients beside each other, until all of it is said. */
async function attack(places: readonly Place[], seed: number): Promise<string[]> {
  const random = new SeededRandom(seed);
  const kinds = Object.entries(KINDS);
  const left = places.flatMap((place) => kinds.map((kind) => ({ ...place, kind })));
  const faults: string[] = [];
  const client = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [kind, make] = next.kind;
      const answer = await say(next.port, make(next.route, random), LATE_MS);
      const fault = faultIn(answer);
      if (fault !== null) faults.push(`${next.route.path}, ${kind}: ${fault}`);
      tally.requests += 1;
      if (answer.status !== null) tally.answers += 1;
      if (answer.status === 200) tally.successes += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return faults;
}

/** 65 MB that nobody announced; whether the server put an end to it. */
async function sayTooMuch(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (let said = 0; said < BODY_BYTES && !socket.destroyed; said += CHUNK.length) {
    socket.write(`${CHUNK.length.toString(16)}\r\n`);
    socket.write(CHUNK);
    const isMore = socket.write('\r\n');
    if (isMore) continue;
    const drained = new Promise<void>((resolve) => {
      socket.once('drain', resolve);
    });
    await Promise.race([drained, closed]);
  }
  await closed;
  return Buffer.concat(chunks).toString();
}

describe('hostile requests over HTTP', () => {
  it('to every route are refused or answered, and others are served', async () => {
    await using server = await runServer();
    await createBooks(server);
    const places = everyPlace(server);
    expect(Object.keys(KINDS).length).toBeGreaterThan(20);
    for (let round = 0; round < ROUNDS; round++) {
      const faults = await attack(places, 20_241_122 + round);
      expect(faults.slice(0, 10)).toEqual([]);
      await createBooks(server);
    }
    // Some got past every check of form, and did something.
    expect(tally.successes).toBeGreaterThan(500);
    expect(tally.answers).toBeGreaterThan(tally.requests / 2);
    expect((await server.client.call('CheckHealth', {})).isHealthy).toBe(true);
    const healthy = await fetch(`http://127.0.0.1:${server.healthPort}/healthz`);
    expect(await healthy.text()).toBe('OK');
  });

  it('with 65 MB that nobody announced are put an end to, and held by nobody', async () => {
    await using server = await runServer();
    await createBooks(server);
    for (const path of [`${PREFIX}/entities/insert`, `${V1_PREFIX}/insert`]) {
      const said = await sayTooMuch(server.port, path);
      if (said !== '') expect(said).toMatch(/^HTTP\/1\.1 413 /);
    }
    const managed = await sayTooMuch(server.healthPort, '/log/level');
    if (managed !== '') expect(managed).toMatch(/^HTTP\/1\.1 413 /);
    const response = await fetch(`http://127.0.0.1:${server.port}${PREFIX}/collections/list`, {
      method: 'POST',
      body: '{}',
    });
    expect(await response.json()).toMatchObject({ code: 0, data: ['books'] });
  });
});
