import { describe, expect, it } from 'vitest';
import { Mutex } from '../../src/base/mutex.ts';

describe('a mutex', () => {
  it('runs one task at a time, in order of arrival', async () => {
    const mutex = new Mutex();
    const events: string[] = [];
    const task = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
    };
    await Promise.all([mutex.run(task('a')), mutex.run(task('b')), mutex.run(task('c'))]);
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(mutex.length).toBe(0);
  });

  it('gives a failure to its caller and goes on with the next', async () => {
    const mutex = new Mutex();
    const failing = mutex.run(() => Promise.reject(new Error('mine')));
    const next = mutex.run(async () => 'fine');
    await expect(failing).rejects.toThrow('mine');
    await expect(next).resolves.toBe('fine');
  });
});
