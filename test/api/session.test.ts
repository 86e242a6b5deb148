import { describe, expect, it } from 'vitest';
import { Session } from '../../src/api/session.ts';
import type { Database } from '../../src/core/open.ts';
import type { Service } from '../../src/core/service.ts';

function database(close: () => Promise<void>): Database {
  return {
    service: { marker: true } as unknown as Service,
    recovery: {} as Database['recovery'],
    garbage: {} as Database['garbage'],
    path: './x.db',
    close,
  };
}

describe('Session', () => {
  it('gives the service until it is closed', async () => {
    const session = new Session(database(async () => undefined));
    expect(session.service).toMatchObject({ marker: true });
    const closing = session.close();
    expect(session.isClosed).toBe(true);
    expect(() => session.service).toThrow('database is closed[path=./x.db]');
    await closing;
  });

  it('closes once, and lets every later call wait for the first', async () => {
    let closes = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const session = new Session(
      database(() => {
        closes++;
        return promise;
      }),
    );
    const order: string[] = [];
    const first = session.close().then(() => order.push('first'));
    const second = session.close().then(() => order.push('second'));
    order.push('closing');
    resolve();
    await Promise.all([first, second]);
    expect(closes).toBe(1);
    expect(order).toEqual(['closing', 'first', 'second']);
  });

  it('tells every caller of close that it failed', async () => {
    const session = new Session(database(() => Promise.reject(new Error('disk full'))));
    await expect(session.close()).rejects.toThrow('disk full');
    await expect(session.close()).rejects.toThrow('disk full');
  });
});
