/** The databases in which bits are flipped, and what reads tell of them. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { databaseFiles, openMetaStore } from '../../src/cli/database-files.ts';
import { openDatabase } from '../../src/core/open.ts';
import type { CollectionRef } from '../../src/core/references.ts';
import type { Row } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import { ManifestPointers } from '../../src/meta/manifest-pointer.ts';
import type { CollectionDefinition, FieldDefinition } from '../../src/schema/definition.ts';
import { objectKeys, readManifest } from '../../src/segments/manifest.ts';
import { OBJECT_PREFIXES } from '../../src/storage/paths.ts';
import { canonical } from '../sim/canonical.ts';

/** Inserted at once, in this order, as the last writes of the database that was not closed. */
export const LAST_IDS = [200, 201, 202, 203, 204, 205];

interface Sample {
  readonly definition: CollectionDefinition;
  readonly vector: string;
  /** Where a search begins. */
  readonly query: unknown;
  readonly row: (id: number, version: number) => Row;
  readonly id: (id: number) => bigint | string;
}

const ID: FieldDefinition = { name: 'id', type: 'Int64', isPrimaryKey: true };

const BOOKS: Sample = {
  definition: {
    name: 'books',
    fields: [
      ID,
      { name: 'title', type: 'VarChar', maxLength: 64 },
      { name: 'pages', type: 'Int32', nullable: true },
      { name: 'facts', type: 'JSON' },
      { name: 'vector', type: 'FloatVector', dim: 6, params: { metric_type: 'L2' } },
      { name: 'words', type: 'SparseFloatVector' },
    ],
  },
  vector: 'vector',
  query: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
  id: BigInt,
  row: (id, version) => ({
    id,
    title: `book ${id}, edition ${version}`,
    pages: id % 3 === 0 ? null : id * 7 + version,
    facts: { id, tags: ['a', `t${version}`] },
    vector: Float32Array.from({ length: 6 }, (_, axis) => Math.sin(id * 6 + axis + version)),
    words: { [id % 50]: 0.5, [100 + version]: 1.5 },
  }),
};

const MARKS: Sample = {
  definition: {
    name: 'marks',
    shardCount: 2,
    fields: [
      { name: 'name', type: 'VarChar', maxLength: 32, isPrimaryKey: true },
      { name: 'weights', type: 'Array', elementType: 'Double', maxCapacity: 4 },
      { name: 'bits', type: 'BinaryVector', dim: 32, params: { metric_type: 'HAMMING' } },
    ],
  },
  vector: 'bits',
  query: Uint8Array.of(1, 2, 3, 4),
  id: (id) => `mark ${id}`,
  row: (id, version) => ({
    name: `mark ${id}`,
    weights: [id / 4, version],
    bits: Uint8Array.of(id, id * 3, version, 255 - id),
  }),
};

const SAMPLES = [BOOKS, MARKS];

const refOf = (sample: Sample): CollectionRef => ({
  databaseName: '',
  collectionName: sample.definition.name,
});

/** Where the last writes of the database that was not closed went. */
export const LAST: CollectionRef = refOf(BOOKS);

function rowsOf(sample: Sample, from: number, to: number, version = 0): Row[] {
  return Array.from({ length: to - from }, (_, i) => sample.row(from + i, version));
}

async function create(service: Service): Promise<void> {
  for (const sample of SAMPLES) {
    await service.createCollection('', sample.definition);
    await service.loadCollection(refOf(sample));
  }
}

/** Everything that reads can tell, as text. */
export async function answersOf(service: Service): Promise<string> {
  const found: unknown[] = [await service.listDatabases(), await service.listCollections('')];
  for (const sample of SAMPLES) {
    const ref = refOf(sample);
    const all = { ...ref, outputFields: ['*'] };
    const key = sample.definition.fields[0]?.name ?? '';
    const filter = key === 'id' ? 'id >= 0' : `${key} != ""`;
    const data = [sample.query];
    const ids = [1, 2, 17, 40, 77, 205].map(sample.id);
    const search = { ...all, data, fieldName: sample.vector, limit: 12 };
    const { rows } = await service.query({ ...all, filter });
    const { results } = await service.search(search);
    const got = await service.query({ ...all, ids });
    found.push(rows, await service.count(ref), results, got.rows);
  }
  return canonical(found);
}

/** Segments of every level, delete files, several manifests, and rows that are only in the log. */
export async function buildClean(directory: string): Promise<string> {
  const db = await openDatabase(directory, { threads: 1 });
  const { service } = db;
  await create(service);
  for (const sample of SAMPLES) {
    const ref = refOf(sample);
    for (const from of [0, 45]) {
      await service.insert({ ...ref, rows: rowsOf(sample, from, from + 45) });
      await service.flush(ref);
    }
    await service.delete({ ...ref, ids: [3, 4, 5].map(sample.id) });
    await service.compact(ref);
    await service.insert({ ...ref, rows: rowsOf(sample, 100, 130) });
    await service.flush(ref);
    await service.delete({ ...ref, ids: [8, 9, 101, 102].map(sample.id) });
    await service.upsert({ ...ref, rows: rowsOf(sample, 20, 24, 1) });
    await service.flush(ref);
  }
  for (const sample of SAMPLES) {
    const ref = refOf(sample);
    await service.insert({ ...ref, rows: rowsOf(sample, 200, 212) });
    await service.upsert({ ...ref, rows: rowsOf(sample, 60, 63, 2) });
    await service.delete({ ...ref, ids: [103, 201].map(sample.id) });
  }
  const answers = await answersOf(service);
  await db.close();
  await removeOldObjects(directory);
  return answers;
}

/** What compaction replaced would be collected in an hour; no flip is wasted on it. */
async function removeOldObjects(directory: string): Promise<void> {
  const { store } = await databaseFiles(directory);
  const meta = await openMetaStore(directory);
  const { all } = await ManifestPointers.load(meta, 0);
  await meta[Symbol.asyncDispose]();
  const used = new Set<string>();
  for (const { manifest: reference } of all) {
    const { segments } = await readManifest(store, reference);
    for (const key of [reference.key, ...segments.flatMap((info) => objectKeys(info))])
      used.add(key);
  }
  for (const prefix of OBJECT_PREFIXES) {
    for (const { key } of await store.list(prefix)) {
      if (!used.has(key)) rmSync(path.join(directory, key));
    }
  }
}

/** Rows that only the log has, of which the last came all at once; copied while it is open. */
export async function buildUnclean(directory: string, copy: string): Promise<string> {
  const db = await openDatabase(directory, { threads: 1 });
  const { service } = db;
  await create(service);
  await service.insert({ ...refOf(BOOKS), rows: rowsOf(BOOKS, 0, 20) });
  await service.flush(refOf(BOOKS));
  for (let round = 0; round < 5; round++) {
    const from = 30 + round * 4;
    for (const sample of SAMPLES) {
      await service.insert({ ...refOf(sample), rows: rowsOf(sample, from, from + 4) });
    }
    await service.delete({ ...refOf(BOOKS), ids: [BigInt(from)] });
  }
  await Promise.all(
    LAST_IDS.map(async (id) => {
      await service.insert({ ...refOf(BOOKS), rows: rowsOf(BOOKS, id, id + 1) });
    }),
  );
  const reader = await openDatabase(directory, { readOnly: true, threads: 1 });
  const answers = await answersOf(service);
  // By another process: closing a file drops the locks that this one has on it.
  execFileSync('cp', ['-r', directory, copy]);
  await reader.close();
  await db.close();
  return answers;
}
