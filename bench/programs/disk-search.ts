/**
 * Opens what indexed-fill.ts left, of an index that stays in its file, and searches it: one query a call, then
 * all in one call. Memory is that of no file, less what the engine has when an empty database is open.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackage } from '../package.ts';
import { report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const { path, queryPath, dim, widths, limit } = settings() as {
  path: string;
  queryPath: string;
  dim: number;
  widths: number[];
  limit: number;
};

/** Megabytes of memory of this process that no file stands behind. */
function anonymousMB(): number {
  globalThis.gc?.();
  const status = readFileSync('/proc/self/status', 'utf8');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
  return ((kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024) / 1e6;
}

const queries = readVectors(queryPath, dim);
const { MilvusLite } = await loadPackage();
const empty = await MilvusLite.open(`${path}.empty`);
const before = anonymousMB();
await empty.close();

const started = performance.now();
const db = await MilvusLite.open(path);
const collection = await db.collection('vectors');
await collection.search({ data: vectorAt(queries, 0), limit });
const firstMs = performance.now() - started;

const data = Array.from({ length: queries.count }, (_, i) => vectorAt(queries, i));
const found: Array<{ width: number; callMs: number[]; batchMs: number; ids: number[][] }> = [];
for (const width of widths) {
  const searchParams = { search_list: width };
  const callMs: number[] = [];
  const ids: number[][] = [];
  for (const one of data) {
    const begun = performance.now();
    const hits = await collection.search({ data: one, limit, searchParams });
    callMs.push(performance.now() - begun);
    ids.push(hits.map(({ id }) => Number(id)));
  }
  const begun = performance.now();
  await collection.search({ data, limit, searchParams });
  found.push({ width, callMs, batchMs: performance.now() - begun, ids });
}
const after = anonymousMB();
const segments = join(path, 'segments');
const images = readdirSync(segments).filter((name) => /\.idx-\d+$/.test(name));
const imageBytes = images.reduce((sum, name) => sum + statSync(join(segments, name)).size, 0);
await db.close();
report({ firstMs, imageBytes, anonymousMB: after - before, found });
