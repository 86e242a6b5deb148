import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapFile } from '../../src/base/mapped-memory.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { hnsw } from '../../src/index/hnsw.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { send } from '../../src/search/task-transport.ts';
import { runScan, searchIndex } from '../../src/search/worker.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';
import { indexTask, indexWorld } from '../suites/vector-index-suite.ts';
import { floatTask } from './tasks.ts';

describe('the code of a worker thread', () => {
  it('gives the result of the scan', () => {
    const task = floatTask(500, 2);
    expect(runScan({ scan: send(task), cancelled: null })).toEqual(scanTopK(task));
    expect(runScan({ scan: send(task), cancelled: new Int32Array(1) })).toEqual(scanTopK(task));
  });

  it.runIf(nativeAddon() !== null && process.platform !== 'win32')(
    'answers the same from files that are mapped, the first time and the next',
    () => {
      const type = DataType.FloatVector;
      const world = indexWorld({ type, metric: 'L2', rowCount: 200 });
      const build = { max_degree: 8, search_list_size: 40, pq_code_budget_gb_ratio: 1 };
      const task = indexTask({ structure: 'DISKANN', build }, world);
      const image = hnsw().build(task)!;
      const mapped = (bytes: Uint8Array, name: string): Uint8Array => {
        const path = join(temporaryDirectory(), name);
        writeFileSync(path, bytes);
        return mapFile(path, bytes.length)!;
      };
      const { queries, queryCount, values } = world;
      const rows = mapped(new Uint8Array(values.buffer), 'vectors');
      const asked = { queries, queryCount, topK: 5, parameters: { search_list_size: 50 } };
      const search = { structure: 'DISKANN', ...asked, allowed: null, isChecked: false } as const;
      const vectors = { ...task.vectors, values: new Float32Array(rows.buffer) };
      const inMemory = searchIndex(send({ ...search, image, vectors: task.vectors }));
      const inFiles = send({ ...search, image: mapped(image, 'image'), vectors });
      expect(typeof inMemory).toBe('object');
      expect(searchIndex(structuredClone(inFiles))).toEqual(inMemory);
      expect(searchIndex(structuredClone(inFiles))).toEqual(inMemory);
    },
  );

  it('stops when its word says so', () => {
    expect(runScan({ scan: send(floatTask(500, 2)), cancelled: Int32Array.of(1) })).toBe(null);
  });
});
