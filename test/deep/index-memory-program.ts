/**
 * Creates, searches and drops the same index again and again: the program of test/deep/index-memory.test.ts.
 *
 *   node --expose-gc index-memory-program.ts <directory> <cycles>
 *
 * Prints one JSON object a line: resident bytes of the process after each cycle, garbage collected. An image
 * is about 20 MB beside little data: a graph with many links.
 */
import { setTimeout } from 'node:timers/promises';
import { f } from '../../src/api/fields.ts';
import type { IndexOptions } from '../../src/api/index-options.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';

const [directory = '', cyclesText = ''] = process.argv.slice(2);
const ROWS = 1200;
const DIM = 2048;
/** Enough that workers have their share: each thread has a heap of its own. */
const QUERIES = 64;

const GRAPH: IndexOptions = { type: 'HNSW', metric: 'JACCARD', M: 2048, efConstruction: 16 };

/** Bits that repeat from the row's number. */
function bitsOf(row: number): Uint8Array {
  let state = row + 1;
  return Uint8Array.from({ length: DIM / 8 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/** Threads that have nothing to do collect their garbage when they see fit. */
async function residentBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await setTimeout(20);
  }
  return process.memoryUsage().rss;
}

const db = await MilvusLite.open(directory);
const schema = { id: f.int64({ primary: true }), bits: f.binaryVector(DIM) };
const docs = await db.collection('docs', { schema });
await docs.insert(Array.from({ length: ROWS }, (_, id) => ({ id, bits: bitsOf(id) })));
await docs.flush();
const data = Array.from({ length: QUERIES }, (_, id) => bitsOf(id));

for (let cycle = 0; cycle < Number(cyclesText); cycle++) {
  await docs.indexes.create('bits', GRAPH);
  while ((await docs.indexes.describe('bits')).state !== 'Finished') await setTimeout(5);
  const hits = await docs.search({ data, limit: 3 });
  const found = hits.filter(([best], query) => best?.id === BigInt(query)).length;
  await docs.indexes.drop('bits');
  console.log(JSON.stringify({ found, residentBytes: await residentBytes() }));
}
await db.close();
