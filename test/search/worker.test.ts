import { describe, expect, it } from 'vitest';
import { scanTopK } from '../../src/index/kernels.ts';
import { runScan } from '../../src/search/worker.ts';
import { floatTask } from './tasks.ts';

describe('the code of a worker thread', () => {
  it('gives the result of the scan', () => {
    const task = floatTask(500, 2);
    expect(runScan({ scan: task, cancelled: null, memories: [] })).toEqual(scanTopK(task));
    expect(runScan({ scan: task, cancelled: new Int32Array(1), memories: [] })).toEqual(
      scanTopK(task),
    );
  });

  it('stops when its word says so', () => {
    expect(runScan({ scan: floatTask(500, 2), cancelled: Int32Array.of(1), memories: [] })).toBe(
      null,
    );
  });
});
