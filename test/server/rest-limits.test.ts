import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestClient } from './rest-client.ts';
import { systemClock } from '../../src/base/clock.ts';
import { MEMORY_PATH, openDatabase } from '../../src/core/open.ts';
import type { Service } from '../../src/core/service.ts';
import { startServer } from '../../src/server/server.ts';
import { FACTS, runServer, type TestServer } from './running-server.ts';

let server: TestServer;
let rest: RestClient;
beforeAll(async () => {
  server = await runServer();
  rest = new RestClient(server.port);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const PATH = '/v2/vectordb/collections/list';

async function allOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

describe('a request of the HTTP interface', () => {
  it('is refused where there is no such path or method', async () => {
    const missing = await rest.send('collections/nothing', {});
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({ code: 404, message: '404 page not found' });
    expect((await fetch(`http://127.0.0.1:${server.port}${PATH}`)).status).toBe(404);
    expect((await rest.send('__proto__', {})).status).toBe(404);
    expect((await rest.send('/toString', {})).status).toBe(404);
  });

  it('has a body of 64 MiB at most', async () => {
    const declared = connect(server.port, '127.0.0.1');
    declared.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{`);
    expect(await allOf(declared)).toMatch(/^HTTP\/1.1 413 [^]*"code":1102/);
    const response = await rest
      .send('collections/list', `{"a":"${'x'.repeat(65 * 1024 * 1024)}"}`)
      .catch((failure: unknown) => failure);
    if (response instanceof Response) expect(response.status).toBe(413);
    expect((await rest.post('collections/list', {}))['code']).toBe(0);
  });

  it('is refused, to be tried again, while requests under way are too large together', async () => {
    const large = 64 * 1024 * 1024;
    const waiting: Socket[] = [];
    for (const byteLength of [large, large, large, large, large, large, large, large - 10]) {
      const socket = connect(server.port, '127.0.0.1');
      const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: ${byteLength}`;
      socket.write(`${head}\r\nExpect: 100-continue\r\n\r\n`);
      await once(socket, 'data');
      waiting.push(socket);
    }
    const body = '{"dbName":"default"}';
    const refused = { code: 8, message: expect.stringContaining('too large together') as unknown };
    expect(await rest.post('collections/list', body)).toMatchObject(refused);
    const chunked = connect(server.port, '127.0.0.1');
    chunked.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    chunked.end(`14\r\n${body}\r\n0\r\n\r\n`);
    expect(await allOf(chunked)).toMatch(/^HTTP\/1.1 200 [^]*"code":8/);
    const overGrpc = await server.client.call('ShowCollections', { dbName: 'a'.repeat(20) });
    expect(overGrpc.status).toMatchObject({ code: 8 });
    expect(await rest.post('collections/list', {})).toMatchObject({ code: 0 });
    await Promise.all(waiting.map((socket) => allOf(socket.end())));
    expect(await rest.post('collections/list', body)).toMatchObject({ code: 0 });
  });

  it('is answered when the client has closed its half of the connection', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.end(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`);
    expect(await allOf(socket)).toMatch(/^HTTP\/1.1 200 [^]*"code":0/);
  });

  it('may break off anywhere', async () => {
    const pieces = [
      '',
      'P',
      'PRI',
      `POST ${PATH}`,
      `POST ${PATH} HTTP/1.1\r\nContent-Length: 9\r\n\r\n{`,
    ];
    for (const piece of pieces) {
      const socket = connect(server.port, '127.0.0.1');
      socket.end(piece);
      await allOf(socket);
      const reset = connect(server.port, '127.0.0.1', () => {
        reset.write(piece === '' ? ' ' : piece, () => reset.resetAndDestroy());
      });
      await allOf(reset);
    }
    expect((await rest.post('collections/list', {}))['code']).toBe(0);
  });

  it('ends when its time is over', async () => {
    const refused = await rest.post('collections/list', {}, { 'Request-Timeout': 'soon' });
    expect(refused).toMatchObject({ code: 1100 });
    const late = await rest.send('collections/list', {}, { 'Request-Timeout': '0' });
    expect(late.status).toBe(408);
    expect(await late.json()).toEqual({ code: 10_001, message: 'request timeout' });
    const fine = await rest.post('collections/list', {}, { 'Request-Timeout': '60' });
    expect(fine).toMatchObject({ code: 0 });
  });

  it('is refused from pages of other sites, since there are no users', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const response = await rest.send('collections/list', {}, { 'Sec-Fetch-Site': site });
      expect(response.status).toBe(403);
    }
    expect((await rest.send('collections/list', {}, { 'Sec-Fetch-Site': 'none' })).status).toBe(
      200,
    );
  });

  it('is refused from pages of other hosts, whose browser says no more than that', async () => {
    const own = `127.0.0.1:${server.port}`;
    const statusFor = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await rest.send('collections/list', {}, headers)).status;
    for (const origin of ['null', 'http://127.0.0.1', 'https://evil.example', `http://x@${own}0`]) {
      expect(await statusFor({ Origin: origin })).toBe(403);
    }
    expect(await statusFor({ Origin: `http://${own}` })).toBe(200);
    // The host that a proxy asks is not the one that the browser does.
    const proxied = { Origin: 'http://localhost:5173', 'Sec-Fetch-Site': 'same-origin' };
    expect(await statusFor(proxied)).toBe(200);
    // Links lead from anywhere to what only reads.
    expect(await statusFor({ Referer: 'https://docs.example/' })).toBe(200);
  });

  it('is refused from pages whose name came to mean this machine', async () => {
    const statusFor = async (host: string, more = ''): Promise<string> => {
      const socket = connect(server.port, '127.0.0.1');
      const head = `POST ${PATH} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\n`;
      socket.write(`${head}Connection: close\r\n${more}\r\n{}`);
      return (await allOf(socket)).slice(9, 12);
    };
    const from = (host: string): string => `Origin: http://${host}\r\n`;
    const rebound = `evil.example:${server.port}`;
    expect(await statusFor(rebound, from(rebound))).toBe('403');
    for (const host of ['127.0.0.1', '[::1]:19530', 'localhost:19530', 'a.localhost']) {
      expect(await statusFor(host, from(host))).toBe('200');
    }
    // Who is no page may call us by any name; where a browser trusts the connection, the name is proven.
    expect(await statusFor('milvus.internal:19530')).toBe('200');
    const proven = `${from('milvus.example')}Sec-Fetch-Site: same-origin\r\n`;
    expect(await statusFor('milvus.example', proven)).toBe('200');
  });

  it('gets its answer from a server that stops, and later ones get none', async () => {
    const database = await openDatabase(MEMORY_PATH, { threads: 1 });
    const asked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const service: Service = Object.create(database.service, {
      listCollections: {
        value: async () => {
          asked.resolve();
          await goOn.promise;
          return [];
        },
      },
    }) as Service;
    const place = { host: '127.0.0.1', port: 0, healthPort: null, clock: systemClock };
    const running = await startServer({ service, facts: FACTS, ...place });
    const client = new RestClient(running.port);
    const answer = client.post('collections/list', {});
    await asked.promise;
    const closed = running.close();
    await expect(client.post('collections/list', {})).rejects.toThrow('fetch failed');
    goOn.resolve();
    expect(await answer).toEqual({ code: 0, data: [] });
    await closed;
    await database.close();
  });

  it('has its trace id and its credentials accepted', async () => {
    const headers = { 'X-Milvus-Trace-Id': 'abc', Authorization: 'Bearer root:Milvus' };
    const response = await rest.send('collections/list', {}, headers);
    expect(response.headers.get('X-Milvus-Trace-Id')).toBe('abc');
    expect(response.status).toBe(200);
  });
});
