import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { importDirectory } from '../../src/cli/import-directory.ts';
import { MEMORY_PATH, openDatabase } from '../../src/core/open.ts';
import { ImportJobs } from '../../src/imports/import-jobs.ts';
import type { ImportSource } from '../../src/imports/import-source.ts';
import { startServer } from '../../src/server/server.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';
import { RestClient } from '../server/rest-client.ts';
import { FACTS } from '../server/running-server.ts';
import { WireClient } from '../server/wire-client.ts';

const FIXTURES = new URL('../fixtures/parquet/', import.meta.url);
const collectionName = 'c';
const REFERENCE = { databaseName: 'default', collectionName };

interface World extends AsyncDisposable {
  readonly jobs: ImportJobs;
  readonly directory: string;
  /** Imports files, and @returns the state and the reason. */
  run(files: readonly string[], options?: Record<string, string>): Promise<string>;
  rows(): Promise<Record<string, unknown>[]>;
}

async function world(enableDynamicField = true, clock = systemClock): Promise<World> {
  const database = await openDatabase(MEMORY_PATH, { threads: 1 });
  const { service } = database;
  const directory = temporaryDirectory();
  const jobs = new ImportJobs({ service, clock, source: importDirectory(directory) });
  await service.createCollection('default', {
    name: collectionName,
    enableDynamicField,
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'vector', type: 'FloatVector', dim: 2 },
      { name: 'word', type: 'VarChar', maxLength: 20, nullable: true },
      { name: 'tags', type: 'Array', elementType: 'Int32', maxCapacity: 4, nullable: true },
    ],
    indexes: [
      { fieldName: 'vector', indexName: '', params: { index_type: 'FLAT', metric_type: 'L2' } },
    ],
  });
  await service.loadCollection(REFERENCE);
  return {
    jobs,
    directory,
    async run(files, options = {}) {
      const job = await jobs.create({ ...REFERENCE, partitionName: '', files: [files], options });
      await jobs.idle();
      return `${job.state} ${job.reason}`.trim();
    },
    async rows() {
      const outputFields = ['*'];
      const strong = { consistencyLevel: 'Strong' as const, filter: 'id >= 0', limit: 16_384 };
      return (await service.query({ ...REFERENCE, ...strong, outputFields })).rows;
    },
    async [Symbol.asyncDispose]() {
      await jobs.stop();
      await database.close();
    },
  };
}

const ROWS = [
  { id: 1, vector: [1, 2], word: 'a', tags: [1, 2], extra: { deep: 'x"[,' } },
  { id: 2, vector: [3, 4], word: null, tags: null },
];
const FOUND = [
  { id: 1n, vector: Float32Array.of(1, 2), word: 'a', tags: [1, 2], extra: { deep: 'x"[,' } },
  { id: 2n, vector: Float32Array.of(3, 4), word: null, tags: null },
];

describe('an import of JSON', () => {
  it.each([
    ['a list', 'a.json', JSON.stringify(ROWS)],
    ['a list of rows by name', 'a.json', JSON.stringify({ rows: ROWS }, null, 3)],
    ['a line a row', 'a.jsonl', ROWS.map((row) => JSON.stringify(row)).join('\n')],
    ['lines that end', 'a.ndjson', `${ROWS.map((row) => JSON.stringify(row)).join('\r\n')}\n\n`],
  ])('as %s', async (_name, file, text) => {
    await using here = await world();
    writeFileSync(join(here.directory, file), text);
    expect(await here.run([file])).toBe('Completed');
    expect(await here.rows()).toEqual(FOUND);
  });

  it('in many pieces', async () => {
    await using here = await world();
    const rows = Array.from({ length: 9000 }, (_, id) => ({
      id,
      vector: [id, -id],
      word: `w${id}`,
      text: '\\"]}[{,'.repeat(id % 30),
    }));
    writeFileSync(join(here.directory, 'many.json'), JSON.stringify(rows));
    expect(await here.run(['many.json'])).toBe('Completed');
    const found = await here.rows();
    expect(found).toHaveLength(9000);
    expect(found[8999]).toMatchObject({ id: 8999n, text: '\\"]}[{,'.repeat(29) });
  });

  it.each([
    ['[{"id":1,"vector":[1,2]},{"id":2}]', 'vector'],
    ['[{"id":1,"vector":[1,2]},{"id":2,"vector":[1]}]', 'dim'],
    ['[{"id":1,"vector":[1,2]},7]', 'key-value map'],
    ['[{"id":1,"vector":[1,2]}', 'ends inside'],
    ['{"lines":[]}', 'no list of rows'],
    ['', 'no list of rows'],
    ['[{"id":1,"vector":[1,2],}]', 'failed to parse row'],
    [`[${'['.repeat(1000)}`, 'nests deeper'],
  ])('leaves nothing behind when it is %.40s', async (text, words) => {
    await using here = await world();
    writeFileSync(join(here.directory, 'a.json'), text);
    const outcome = await here.run(['a.json']);
    expect(outcome).toMatch(/^Failed /);
    expect(outcome).toContain(words);
    expect(await here.rows()).toEqual([]);
  });
});

describe('an import of CSV', () => {
  it('reads cells by the types of their fields', async () => {
    await using here = await world();
    const lines = [
      '\u{feff}id,vector,word,tags,$meta',
      '1,"[1, 2]",a,"[1,2]","{""extra"":{""deep"":""x\\""[,""}}"',
      '',
      '2,"[3,4]",,,{}',
    ];
    writeFileSync(join(here.directory, 'a.csv'), lines.join('\r\n'));
    expect(await here.run(['a.csv'])).toBe('Completed');
    expect(await here.rows()).toEqual(FOUND);
  });

  it('has other separators and other words for null', async () => {
    await using here = await world();
    writeFileSync(join(here.directory, 'a.csv'), 'id|vector|word\n1|[1,2]|nil\n2|[3,4]|"n|"\n');
    expect(await here.run(['a.csv'], { sep: '|', nullkey: 'nil' })).toBe('Completed');
    expect(await here.rows()).toMatchObject([{ word: null }, { word: 'n|' }]);
  });

  it.each([
    ['id,vector\n1', 'number of fields'],
    ['id,id\n1,2', 'names a field twice'],
    ['', 'no header'],
    ['id,vector\n1,"[1,2]', 'inside quotes'],
    ['id,vector\n1,[1', 'no JSON'],
    ['id,vector\n1,x"y', 'bare quote'],
    ['id,vector\nx,"[1,2]"', 'id'],
  ])('refuses %j', async (text, words) => {
    await using here = await world();
    writeFileSync(join(here.directory, 'a.csv'), text);
    expect(await here.run(['a.csv'])).toContain(words);
    expect(await here.rows()).toEqual([]);
  });
});

function numpy(descr: string, shape: string, data: Uint8Array, version = 1): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  const begin = Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  const padded = text.padEnd(117 - begin.length, ' ').concat('\n');
  if (version === 1) length.writeUInt16LE(padded.length);
  else length.writeUInt32LE(padded.length);
  return Buffer.concat([begin, length, Buffer.from(padded), data]);
}

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

describe('an import of NumPy files', () => {
  it('takes a file a field', async () => {
    await using here = await world();
    mkdirSync(join(here.directory, 'np'));
    const write = (name: string, bytes: Buffer): void =>
      writeFileSync(join(here.directory, 'np', `${name}.npy`), bytes);
    write('id', numpy('<i8', '2,', bytesOf(BigInt64Array.of(1n, 2n))));
    write('vector', numpy('<f8', '2, 2', bytesOf(Float64Array.of(1, 2, 3, 4)), 2));
    const words = Uint32Array.of(0x61, 0, 0x1f600, 0x62);
    write('word', numpy('<U2', '2,', bytesOf(words)));
    write('tags', numpy('>i2', '2, 1', Buffer.from([0, 7, 1, 0])));
    const names = ['id', 'vector', 'word', 'tags'].map((name) => `np/${name}.npy`);
    expect(await here.run(names)).toBe('Completed');
    expect(await here.rows()).toEqual([
      { id: 1n, vector: Float32Array.of(1, 2), word: 'a', tags: [7] },
      { id: 2n, vector: Float32Array.of(3, 4), word: '\u{1f600}b', tags: [256] },
    ]);
  });

  it.each<[string, Buffer, string]>([
    ['another magic', Buffer.from('no numpy here'), 'no NumPy file'],
    ['half of it', numpy('<i8', '9,', new Uint8Array(8)), 'ends too early'],
    ['three dimensions', numpy('<i8', '1, 1, 1', new Uint8Array(8)), 'neither rows nor vectors'],
    ['another type', numpy('<c8', '1,', new Uint8Array(8)), 'not supported'],
    ['a negative shape', numpy('<i8', '-1,', new Uint8Array(8)), 'neither rows nor vectors'],
    ['texts of no length', numpy('<U0', '1000000000,', new Uint8Array(8)), 'not supported'],
    ['vectors of no length', numpy('<f4', '1000000000, 0', new Uint8Array(8)), 'got 0'],
    ['long vectors', numpy('|u1', '1, 32769', new Uint8Array(32_769)), 'but got 32769'],
    ['long texts', numpy('<U4194305', '0,', new Uint8Array(8)), 'but got 16777220'],
    ['another version', numpy('<i8', '1,', new Uint8Array(8), 9), 'version'],
  ])('refuses %s', async (_name, bytes, words) => {
    await using here = await world();
    writeFileSync(join(here.directory, 'id.npy'), bytes);
    expect(await here.run(['id.npy'])).toContain(words);
  });

  it('refuses two files of a field', async () => {
    await using here = await world();
    mkdirSync(join(here.directory, 'np'));
    for (const name of ['id.npy', 'np/id.npy']) {
      writeFileSync(join(here.directory, name), numpy('<i8', '1,', new Uint8Array(8)));
    }
    expect(await here.run(['id.npy', 'np/id.npy'])).toContain('two files are of the field id');
  });

  it('refuses fields of different lengths', async () => {
    await using here = await world();
    writeFileSync(join(here.directory, 'id.npy'), numpy('<i8', '1,', new Uint8Array(8)));
    writeFileSync(join(here.directory, 'vector.npy'), numpy('<f4', '2, 2', new Uint8Array(16)));
    expect(await here.run(['id.npy', 'vector.npy'])).toContain('inconsistent row count');
  });
});

describe('an import of Parquet', () => {
  it.each(['snappy', 'zstd', 'gzip', 'none'])('with pages in %s', async (name) => {
    await using here = await world();
    copyFileSync(new URL(`${name}.parquet`, FIXTURES), join(here.directory, 'a.parquet'));
    expect(await here.run(['a.parquet'])).toBe('Completed');
    expect(await here.rows()).toEqual(FOUND);
  });

  it('with a byte changed anywhere ends, and takes nobody with it', async () => {
    await using here = await world();
    const whole = readFileSync(new URL('snappy.parquet', FIXTURES));
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      writeFileSync(join(here.directory, 'a.parquet'), damaged);
      expect(await here.run(['a.parquet'])).toMatch(/^(?:Completed|Failed )/);
    }
  });

  it('refuses what is no Parquet', async () => {
    await using here = await world();
    writeFileSync(join(here.directory, 'a.parquet'), gzipSync('nothing'));
    expect(await here.run(['a.parquet'])).toMatch(/^Failed failed to read a.parquet: /);
  });
});

describe('an import', () => {
  it('reads nothing outside of its directory', async () => {
    await using here = await world();
    const outside = temporaryDirectory();
    writeFileSync(join(outside, 'secret.json'), JSON.stringify(ROWS));
    symlinkSync(join(outside, 'secret.json'), join(here.directory, 'link.json'));
    symlinkSync(outside, join(here.directory, 'links'));
    mkdirSync(join(here.directory, 'folder.json'));
    const names = [
      join(outside, 'secret.json'),
      `../${outside.split('/').at(-1)}/secret.json`,
      'a/../../secret.json',
      'link.json',
      'links/secret.json',
      'folder.json',
      'none.json',
      '\0.json',
      '..\\secret.json',
    ];
    for (const name of names) expect(await here.run([name])).toContain('Failed no file');
    expect(await here.rows()).toEqual([]);
  });

  // Windows has none.
  it.skipIf(process.platform === 'win32')('does not wait for a writer of a pipe', async () => {
    await using here = await world();
    execFileSync('mkfifo', [join(here.directory, 'a.json')]);
    expect(await here.run(['a.json'])).toContain('Failed no file');
  });

  it('is refused at once when its files cannot be right', async () => {
    await using here = await world();
    const refused = async (files: string[][], options: Record<string, string> = {}) =>
      await here.jobs.create({ ...REFERENCE, partitionName: '', files, options }).catch(String);
    expect(await refused([])).toContain('import request is empty');
    expect(await refused([[]])).toContain('import request is empty');
    expect(await refused([['a.txt']])).toContain('unexpected file type');
    expect(await refused([['a.json', 'b.json']])).toContain(
      'for JSON import, accepts only one file',
    );
    expect(await refused([['a.parquet', 'b.parquet']])).toContain('for Parquet import');
    expect(await refused([['a.npy', 'b.csv']])).toContain('inconsistency in file types');
    expect(await refused(Array.from({ length: 1025 }, () => ['a.json']))).toContain(
      'should not exceed 1024',
    );
    const files = Array.from({ length: 1025 }, (_, i) => `${i}.npy`);
    const groups = Array.from({ length: 17 }, (_, i) => files.slice(i * 64, i * 64 + 64));
    expect(await refused(groups)).toContain('should not exceed 1024, but got 1025');
    expect(await refused([files.slice(0, 65)])).toContain('at most 64, one a field, but got 65');
    expect(await refused([['a.npy', 'b.npy', 'a.npy']])).toContain('the file a.npy twice');
    const long = (bytes: number): string => `${'ä'.repeat((bytes - 5) / 2)}.json`;
    expect(await refused([[long(4097)]])).toContain('at most 4096 bytes, but got 4097');
    expect(await refused(Array.from({ length: 300 }, () => [long(2001)]))).toContain(
      'at most 524288 bytes',
    );
    expect(await refused([['a.json']], { any: 'x'.repeat(20_000) })).toContain(
      'at most 16384 bytes, but got 20003',
    );
    expect(await refused([['a.csv']], { sep: '"' })).toContain('unsupported csv separator');
    expect(await refused([['a.json']], { backup: 'true' })).toContain('unimplemented');
    expect(await refused([['a.json']], { auto_commit: 'maybe' })).toContain('auto_commit');
    const other = { ...REFERENCE, files: [['a.json']], options: {} };
    await expect(here.jobs.create({ ...other, partitionName: 'p' })).rejects.toThrow(
      'partition not found[partition=p]',
    );
    const unknown = { ...other, collectionName: 'no', partitionName: '' };
    await expect(here.jobs.create(unknown)).rejects.toThrow('collection not found');
  });

  it('waits for its commit where it is asked to, and may be aborted', async () => {
    await using here = await world();
    writeFileSync(join(here.directory, 'a.json'), JSON.stringify(ROWS));
    const request = {
      ...REFERENCE,
      partitionName: '',
      files: [['a.json']],
      options: { auto_commit: 'false' },
    };
    const first = await here.jobs.create(request);
    const second = await here.jobs.create(request);
    await here.jobs.idle();
    expect(first).toMatchObject({
      state: 'Uncommitted',
      tasks: [{ rowCount: 2, importedCount: 2 }],
    });
    expect(await here.rows()).toEqual([]);
    here.jobs.abort(second.id);
    expect(second).toMatchObject({ state: 'Failed', reason: 'aborted by user' });
    expect(() => here.jobs.commit(second.id)).toThrow('is in state Failed, expected Uncommitted');
    here.jobs.commit(first.id);
    // Again before the first has been carried out: the rows come once.
    here.jobs.commit(first.id);
    await here.jobs.idle();
    here.jobs.commit(first.id);
    expect(first).toMatchObject({ state: 'Completed', progress: 100 });
    expect(() => here.jobs.abort(first.id)).toThrow('too late');
    expect(await here.rows()).toHaveLength(2);
    expect(() => here.jobs.find(7n)).toThrow('does not exist');
    expect(() => here.jobs.commit(7n)).toThrow('import job 7 not found');
    expect(() => here.jobs.abort(7n)).toThrow('import job 7 not found');
  });

  it('that waits longer than its timeout has failed', async () => {
    // However fast the machine: all of it happens within one millisecond of this clock.
    const nowMs = systemClock.nowMs();
    await using here = await world(true, { ...systemClock, nowMs: () => nowMs });
    writeFileSync(join(here.directory, 'a.json'), JSON.stringify(ROWS));
    const request = { ...REFERENCE, partitionName: '', files: [['a.json']] };
    const options = { auto_commit: 'false', timeout: '1h30m' };
    const patient = await here.jobs.create({ ...request, options });
    const hurried = await here.jobs.create({ ...request, options: { timeout: '1ns' } });
    await here.jobs.idle();
    expect(here.jobs.find(patient.id).state).toBe('Uncommitted');
    expect(here.jobs.find(hurried.id)).toMatchObject({
      state: 'Failed',
      reason: expect.stringContaining('import timeout') as string,
    });
    for (const timeout of ['soon', '-1s', '5', '']) {
      const refused = here.jobs.create({ ...request, options: { timeout } });
      await expect(refused).rejects.toThrow('parse timeout failed');
    }
  });

  it('ends with the server', async () => {
    await using here = await world();
    const source: ImportSource = {
      open: async (name) => ({
        name,
        byteLength: 2 ** 30,
        read: async (start, end) => Buffer.from('{"id":1,"vector":[1,2]}\n'.padEnd(end - start)),
        close: async () => undefined,
      }),
    };
    const database = await openDatabase(MEMORY_PATH, { threads: 1 });
    const { service } = database;
    await service.createCollection('default', {
      name: collectionName,
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'vector', type: 'FloatVector', dim: 2 },
      ],
    });
    const jobs = new ImportJobs({ service, clock: systemClock, source });
    const request = { ...REFERENCE, partitionName: '', files: [['a.jsonl']], options: {} };
    const job = await jobs.create(request);
    await systemClock.yieldTurn();
    await jobs.stop();
    expect(job.state).toBe('Failed');
    await database.close();
    expect(here.jobs.list(REFERENCE)).toEqual([]);
  });
});

it('clients of HTTP and of gRPC import files, and ask how far they are', async () => {
  const database = await openDatabase(MEMORY_PATH, { threads: 1 });
  const directory = temporaryDirectory();
  const imports = importDirectory(directory);
  const place = { host: '127.0.0.1', port: 0, healthPort: null, clock: systemClock };
  const server = await startServer({ service: database.service, facts: FACTS, imports, ...place });
  const rest = new RestClient(server.port);
  using client = new WireClient(server.port);
  await rest.post('collections/create', { collectionName, dimension: 2 });
  writeFileSync(join(directory, 'a.json'), '[{"id":1,"vector":[1,2],"n":1}]');
  writeFileSync(join(directory, 'b.json'), '[{"id":2,"vector":[1]}]');
  const created = await rest.post('jobs/import/create', { collectionName, files: [['a.json']] });
  const { jobId } = created['data'] as { jobId: string };
  const described = async (): Promise<Record<string, unknown>> =>
    (await rest.post('jobs/import/describe', { jobId }))['data'] as Record<string, unknown>;
  await expect.poll(async () => (await described())['state']).toBe('Completed');
  expect(await described()).toMatchObject({
    jobId,
    collectionName,
    progress: 100,
    importedRows: 1,
    totalRows: 1,
    fileSize: 31,
    details: [{ fileName: 'a.json', state: 'Completed', importedRows: 1 }],
  });
  const { tasks } = await client.call('Import', { collectionName, files: ['b.json'] });
  const [task = 0n] = tasks;
  const state = async () => await client.call('GetImportState', { task });
  await expect.poll(async () => (await state()).state).toBe(1);
  const { infos } = await state();
  expect(infos.find(({ key }) => key === 'failed_reason')?.value).toContain('dim');
  const listed = await client.call('ListImportTasks', { collectionName });
  expect(listed.tasks).toMatchObject([
    { state: 6, rowCount: 1n },
    { state: 1, rowCount: 0n },
  ]);
  expect(await rest.post('jobs/import/list', { collectionName })).toMatchObject({
    data: { records: [{ jobId, state: 'Completed' }, { state: 'Failed' }] },
  });
  expect(await rest.post('jobs/import/abort', { jobId })).toMatchObject({ code: 2100 });
  expect(await rest.post('jobs/import/commit', { jobId })).toEqual({ code: 0, data: {} });
  expect(await rest.post('jobs/import/describe', { jobId: '5' })).toMatchObject({ code: 2100 });
  expect(await rest.post('jobs/import/describe', { jobId: 'x' })).toMatchObject({ code: 1100 });
  expect(await rest.post('jobs/import/describe', {})).toMatchObject({ code: 1802 });
  expect(await rest.post('jobs/import/create', { collectionName })).toMatchObject({ code: 1802 });
  const strong = { collectionName, consistencyLevel: 'Strong', outputFields: ['n'] };
  expect(await rest.post('entities/query', strong)).toMatchObject({ data: [{ id: 1, n: 1 }] });
  await server.close();
  await database.close();
});
