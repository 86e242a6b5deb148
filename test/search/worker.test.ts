import { describe, expect, it } from 'vitest';
import { scanTopK } from '../../src/index/kernels.ts';
import { send } from '../../src/search/task-transport.ts';
import { runScan } from '../../src/search/worker.ts';
import { floatTask } from './tasks.ts';

describe('the code of a worker thread', () => {
  it('gives the result of the scan', () => {
    const task = floatTask(500, 2);
    expect(runScan({ scan: send(task), cancelled: null })).toEqual(scanTopK(task));
    expect(runScan({ scan: send(task), cancelled: new Int32Array(1) })).toEqual(scanTopK(task));
  });

  it('stops when its word says so', () => {
    expect(runScan({ scan: send(floatTask(500, 2)), cancelled: Int32Array.of(1) })).toBe(null);
  });
});
