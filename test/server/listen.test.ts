import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { listen } from '../../src/server/listen.ts';

const HTTP1 = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const HTTP2 = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

it.each([HTTP1, HTTP2])(
  'waits as long as an answer takes, once it knows who asks: %j',
  async (first) => {
    const given = Promise.withResolvers<Socket>();
    const listening = await listen({
      host: '127.0.0.1',
      port: 0,
      onHttp2: (connection) => given.resolve(connection as Socket),
      onRequest: ({ socket }) => given.resolve(socket),
    });
    const client = connect(listening.port, '127.0.0.1');
    client.write(first);
    expect((await given.promise).timeout).toBe(0);
    const closed = once(client, 'close');
    listening.destroy();
    await Promise.all([closed, listening.close()]);
  },
);
