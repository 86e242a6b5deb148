import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { inlineWorkers, scanInline } from '../../src/search/inline-workers.ts';
import { floatTask } from './tasks.ts';
import { hurriedClock } from './world.ts';

describe('workers on the calling thread', () => {
  it('give the result of the scan', async () => {
    await using workers = inlineWorkers(systemClock);
    const task = floatTask(1000, 3);
    expect(workers.parallelism).toBe(1);
    expect(await workers.run(task)).toEqual(scanTopK(task));
  });

  it('let others have their turn between steps', async () => {
    const clock = hurriedClock();
    await scanInline(floatTask(50_000, 64), { clock });
    expect(clock.yields.count).toBeGreaterThan(10);
  });

  it('stop when the caller gives up', async () => {
    const controller = new AbortController();
    const clock = hurriedClock();
    const scan = scanInline(floatTask(5000, 1), { clock, signal: controller.signal });
    controller.abort();
    await expect(scan).rejects.toThrow('context canceled');
    expect(clock.yields.count).toBe(1);
  });

  it('refuse tasks once they are closed', async () => {
    const workers = inlineWorkers(systemClock);
    await workers[Symbol.asyncDispose]();
    await expect(workers.run(floatTask(1, 1))).rejects.toThrow('database is closed');
  });
});
