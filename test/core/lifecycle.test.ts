import { describe, expect, it } from 'vitest';
import { Lifecycle } from '../../src/core/lifecycle.ts';

describe('a life cycle', () => {
  it('waits for running work before it shuts down, and shuts down once', async () => {
    const lifecycle = new Lifecycle({ readOnly: false });
    const { promise, resolve } = Promise.withResolvers<void>();
    const events: string[] = [];
    const work = lifecycle.run('write', async () => {
      await promise;
      events.push('worked');
    });
    const shutDown = async (): Promise<void> => {
      events.push('shut down');
    };
    const closings = [lifecycle.close(shutDown), lifecycle.close(shutDown)];
    resolve();
    await Promise.all([work, ...closings]);
    await lifecycle.close(shutDown);
    expect(events).toEqual(['worked', 'shut down']);
  });

  it('shuts down after work that failed', async () => {
    const lifecycle = new Lifecycle({ readOnly: false });
    const failing = lifecycle.run('read', async () => {
      throw new Error('no');
    });
    let isDown = false;
    const closing = lifecycle.close(async () => {
      isDown = true;
    });
    await expect(failing).rejects.toThrow('no');
    await closing;
    expect(isDown).toBe(true);
  });

  it('starts nothing once it is closing, and no write where only reads are allowed', async () => {
    let started = 0;
    const work = async (): Promise<void> => {
      started++;
    };
    const reader = new Lifecycle({ readOnly: true });
    expect(() => reader.run('write', work)).toThrow('database is read only');
    await reader.run('read', work);
    const closing = reader.close(async () => undefined);
    expect(() => reader.run('read', work)).toThrow('database is closed');
    await closing;
    expect(started).toBe(1);
  });

  it('tells every closer that shutting down failed', async () => {
    const lifecycle = new Lifecycle({ readOnly: false });
    const shutDown = (): Promise<void> => Promise.reject(new Error('stuck'));
    await expect(lifecycle.close(shutDown)).rejects.toThrow('stuck');
    await expect(lifecycle.close(shutDown)).rejects.toThrow('stuck');
  });
});
