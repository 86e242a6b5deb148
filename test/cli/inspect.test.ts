import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { f } from '../../src/api/fields.ts';
import type { IndexOptions } from '../../src/api/index-options.ts';
import type { InspectReport } from '../../src/cli/inspect.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { numbersFrom } from '../suites/vector-index-suite.ts';
import { command } from './command.ts';
import { GROWING_ROWS, SEALED_ROWS, smallDatabase } from './demo-database.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Enough for more than a scan. */
const SOME_ROWS = 2200;

describe('mlite inspect', () => {
  it('says what is in segments and what is in the log', async () => {
    const path = await smallDatabase();
    const { exitCode, output } = await command(['inspect', path, '--json']);
    expect(exitCode).toBe(0);
    const report = JSON.parse(output) as InspectReport;
    expect(report.databases).toEqual(['default']);
    const [books] = report.collections;
    expect(books).toMatchObject({
      database: 'default',
      name: 'books',
      isDynamic: false,
      rowCount: SEALED_ROWS + GROWING_ROWS,
      deletedCount: 3,
      properties: { 'collection.ttl.seconds': '100000' },
    });
    expect(books?.fields).toEqual([
      { name: 'id', type: 'Int64 primary key' },
      { name: 'title', type: 'VarChar(50)' },
      { name: 'vector', type: 'FloatVector(16)' },
    ]);
    const [shard] = books?.shards ?? [];
    expect(shard?.manifestVersion).toBeGreaterThan(0);
    expect(shard?.checkpoint).toMatch(/^\d+\/\d+\/\d+$/);
    const segments = Object.fromEntries((shard?.segments ?? []).map((each) => [each.state, each]));
    expect(segments['sealed']).toMatchObject({ rowCount: SEALED_ROWS, deletedCount: 3, level: 0 });
    expect(segments['growing']).toMatchObject({ rowCount: GROWING_ROWS });
    expect(segments['sealed']?.bytesPerRow).toBeGreaterThan(16 * 4);
    expect(report.log).toMatchObject({ term: 1, endsCleanly: true, cutBytes: 0 });
    expect(report.log.replayedRecords).toBeGreaterThan(0);
    expect(report.log.byteLength).toBe(
      report.log.files.reduce((sum, file) => sum + file.byteLength, 0),
    );
  });

  it('prints the same for people', async () => {
    const { output } = await command(['inspect', await smallDatabase()]);
    expect(output).toContain('default.books');
    expect(output).toMatch(/320 rows \(3 deleted\), .* bytes a row/);
    expect(output).toContain('FloatVector(16)');
    expect(output).toMatch(/log {2}.* in 1 file, term 1/);
  });

  it('says what an index is built as, and where it is kept', async () => {
    const path = join(temporaryDirectory(), 'indexed.db');
    const db = await MilvusLite.open(path);
    const schema = { id: f.int64({ primary: true }), one: f.floatVector(8), two: f.floatVector(8) };
    const docs = await db.collection('docs', { schema });
    await docs.insert(
      Array.from({ length: SOME_ROWS }, (_, id) => {
        const vector = Array.from({ length: 8 }, (_element, i) => Math.sin(id * (i + 1)));
        return { id, one: vector, two: vector };
      }),
    );
    await docs.flush();
    await docs.indexes.create('one', { type: 'DISKANN', metric: 'L2', max_degree: 8 });
    await docs.indexes.create('two', { type: 'IVF_SQ8', metric: 'L2', nlist: 4 });
    await docs.waitForIndex(undefined, { timeoutMs: 60_000 });
    await db.close();
    const { output } = await command(['inspect', path, '--json']);
    const [shard] = (JSON.parse(output) as InspectReport).collections[0]?.shards ?? [];
    const canStay = nativeAddon() !== null;
    expect(shard?.segments[0]?.indexes.map(({ name, kept }) => [name, kept]).sort()).toEqual([
      ['one', canStay ? 'file' : 'memory'],
      ['two', 'memory'],
    ]);
    const printed = (await command(['inspect', path])).output;
    expect(printed).toMatch(/kept in/);
    expect(printed).toMatch(/one +DISKANN L2 max_degree=8 .*(?:file|memory)/);
  });

  it('works while another process has the database open', async () => {
    const path = await smallDatabase();
    const db = await MilvusLite.open(path);
    try {
      expect((await command(['inspect', path])).exitCode).toBe(0);
    } finally {
      await db.close();
    }
  });
});

const DIM = 384;
const ROWS = 1200;
const LISTS = { metric: 'COSINE', nlist: 1 } as const;
const GRAPH = { metric: 'COSINE', M: 16, efConstruction: 16 } as const;
const CENTROIDS = LISTS.nlist * DIM * 4;

/** As docs/indexes.md has them in its table, and bytes that are no row's. */
const INDEXES: readonly (readonly [string, IndexOptions, number])[] = [
  ['IVF_FLAT', { type: 'IVF_FLAT', ...LISTS }, CENTROIDS],
  ['IVF_SQ8', { type: 'IVF_SQ8', ...LISTS }, CENTROIDS + DIM * 8],
  ['IVF_PQ', { type: 'IVF_PQ', ...LISTS, m: 48 }, CENTROIDS + DIM * 256 * 4],
  ['IVF_RABITQ', { type: 'IVF_RABITQ', ...LISTS }, CENTROIDS],
  ['SCANN', { type: 'SCANN', ...LISTS }, CENTROIDS + DIM * 16 * 4],
  ['HNSW', { type: 'HNSW', ...GRAPH }, 0],
  ['HNSW_SQ', { type: 'HNSW_SQ', ...GRAPH }, DIM * 8],
  ['HNSW_PQ', { type: 'HNSW_PQ', ...GRAPH, m: 48 }, DIM * 256 * 4],
];

/** The first number of the last column of the table of bytes. */
function documented(index: string): number {
  const page = readFileSync(new URL('../../docs/indexes.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('| bytes a row, beside the vector |'));
  const line = table.split('\n').find((each) => each.startsWith(`| \`${index}\``));
  return Number(/\d+/.exec(line?.split('|').at(-2) ?? '')?.[0]);
}

it('inspects the bytes a vector that the documentation says an index has', async () => {
  const path = join(temporaryDirectory(), 'indexed.db');
  const random = numbersFrom(1);
  await using db = await MilvusLite.open(path);
  const schema = { id: f.int64({ primary: true }), vector: f.floatVector(DIM) };
  const docs = await db.collection('docs', { schema });
  const vector = (): Float32Array => Float32Array.from({ length: DIM }, () => random() - 0.5);
  await docs.insert(Array.from({ length: ROWS }, (_, id) => ({ id, vector: vector() })));
  await docs.flush();
  for (const [name, options, besides] of INDEXES) {
    await docs.indexes.create('vector', options);
    await docs.waitForIndex('vector', { timeoutMs: 60_000 });
    const { output } = await command(['inspect', path, '--json']);
    const { collections } = JSON.parse(output) as InspectReport;
    const segments = collections.flatMap(({ shards }) => shards.flatMap((shard) => shard.segments));
    const [index] = segments.flatMap(({ indexes }) => indexes);
    const bytes = (index?.bytesPerRow ?? 0) - besides / ROWS;
    expect(bytes / documented(name), name).toBeGreaterThan(0.99);
    expect(bytes / documented(name), name).toBeLessThan(1.02);
    await docs.indexes.drop('vector');
  }
}, 60_000);
