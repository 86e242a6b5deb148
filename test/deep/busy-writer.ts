/**
 * The process beside which test/deep/read-only.test.ts reads: in each generation it writes batches one after
 * the other, replaces some of their rows, flushes and compacts, and in the end truncates the collection.
 * Says `ready`, then each generation it begins.
 *
 *   node busy-writer.ts <directory>
 */
import { writeSync } from 'node:fs';
import { openDatabase } from '../../src/core/open.ts';

const BATCHES = 14;
const ROWS = 10;
const docs = { databaseName: '', collectionName: 'docs' };
const { service } = await openDatabase(process.argv[2] ?? '', { threads: 1 });
await service.createCollection('', {
  name: 'docs',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'generation', type: 'Int64' },
    { name: 'vector', type: 'FloatVector', dim: 4, params: { metric_type: 'L2' } },
  ],
});
await service.loadCollection(docs);
writeSync(1, 'ready\n');

for (let generation = 1; ; generation++) {
  writeSync(1, `generation ${generation}\n`);
  for (let batch = 0; batch < BATCHES; batch++) {
    const rows = Array.from({ length: ROWS }, (_, i) => {
      const id = batch * ROWS + i;
      return { id, generation, vector: new Float32Array(4).fill(id + generation / 8) };
    });
    await service.insert({ ...docs, rows });
    // The same rows again: the older ones are superseded, in segments too.
    if (batch % 4 === 3) await service.upsert({ ...docs, rows });
    if (batch % 3 === 2) await service.flush(docs);
    if (batch % 6 === 5) await service.compact(docs);
  }
  await service.truncateCollection(docs);
}
