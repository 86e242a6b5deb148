/** Opens what indexed-fill.ts left and searches it by its index, one query a call. */
import { loadPackage } from '../package.ts';
import { report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const WARM_UP_RUNS = 200;

const { path, queryPath, dim, widths, limit } = settings() as {
  path: string;
  queryPath: string;
  dim: number;
  widths: number[];
  limit: number;
};
const queries = readVectors(queryPath, dim);
const { MilvusLite } = await loadPackage();
const started = performance.now();
const db = await MilvusLite.open(path);
const collection = await db.collection('vectors');
await collection.search({ data: vectorAt(queries, 0), limit });
const firstMs = performance.now() - started;
for (let i = 0; i < WARM_UP_RUNS; i++) {
  const data = vectorAt(queries, i % queries.count);
  await collection.search({ data, limit, searchParams: { ef: widths[0]! } });
}

const found: Array<{ width: number; callMs: number[]; ids: number[][] }> = [];
for (const width of widths) {
  const callMs: number[] = [];
  const ids: number[][] = [];
  for (let i = 0; i < queries.count; i++) {
    const data = vectorAt(queries, i);
    const begun = performance.now();
    const hits = await collection.search({ data, limit, searchParams: { ef: width } });
    callMs.push(performance.now() - begun);
    ids.push(hits.map(({ id }) => Number(id)));
  }
  found.push({ width, callMs, ids });
}
const rssMB = process.memoryUsage.rss() / 1e6;
await db.close();
report({ firstMs, found, rssMB });
