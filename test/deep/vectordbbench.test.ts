/** VectorDBBench, unmodified: its Milvus clients run a small case to the end against a server of ours. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runServer } from '../server/running-server.ts';
import { partsOf, pythonWith } from './client-environments.ts';

const SCRIPT = join(import.meta.dirname, 'vectordbbench_program.py');
const GRAPH = ['--m', '16', '--ef-construction', '100', '--ef-search', '64'];
/** Each runs for 15 s, most of which the benchmark starts processes. The other clients differ by index only. */
const CASES = [
  { command: 'milvushnsw', options: [...GRAPH, '--num-shards', '2'], recall: 0.9 },
  { command: 'milvusdiskann', options: ['--search-list', '50'], recall: 0.9 },
  { command: 'milvusautoindex', options: ['--use-partition-key'], recall: 0.6 },
];

describe('VectorDBBench', () => {
  it.for(CASES)('$command loads, optimizes and searches', async (given, context) => {
    const python = pythonWith(context, {
      name: 'vectordb-bench-2.0.0',
      packages: ['vectordb-bench==2.0.0', 'pymilvus>=2.6.15,<3'],
      imports: 'vectordb_bench, pymilvus',
    });
    await using server = await runServer();
    const folder = await mkdtemp(join(tmpdir(), 'vectordbbench-'));
    try {
      const address = `http://127.0.0.1:${server.port}`;
      const args = [SCRIPT, folder, address, given.command, ...given.options];
      const { code, parts, errors } = await partsOf(python, args);
      expect(code, errors).toBe(0);
      expect(Number(parts.at(-1))).toBeGreaterThan(given.recall);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
