/**
 * The order of system calls behind insert, flush and the commit of a manifest, as the kernel saw it:
 * what durability rests upon, from the log's first byte to the removal of its last.
 */
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../storage/temporary-directory.ts';
import { type SystemCall, traceProgram } from './strace.ts';

const SOURCE = path.join(import.meta.dirname, '..', '..', 'src');
const INSERTS = 6;

/** Opened twice, so that the second opening has log files of the first to remove, and once more to read. */
const PROGRAM = `
  import { writeSync } from 'node:fs';
  import { openDatabase } from '${SOURCE}/core/open.ts';
  const docs = { databaseName: '', collectionName: 'docs' };
  const say = (text) => writeSync(1, text);
  const open = () => openDatabase(process.argv[1], { threads: 1 });
  let db = await open();
  await db.service.createCollection('', {
    name: 'docs',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'vector', type: 'FloatVector', dim: 64, params: { metric_type: 'L2' } },
    ],
  });
  say('created');
  for (let id = 0; id < ${INSERTS}; id++) {
    await db.service.insert({ ...docs, rows: [{ id, vector: new Float32Array(64) }] });
    say('acknowledged');
  }
  await db.close();
  db = await open();
  await db.service.delete({ ...docs, ids: [1n] });
  say('acknowledged');
  await db.service.flush(docs);
  say('flushed');
  await db.service.delete({ ...docs, ids: [2n] });
  say('acknowledged');
  await db.service.flush(docs);
  say('flushed');
  await db.service.loadCollection(docs);
  await db.close();
  say('closed');
  db = await open();
  const { results } = await db.service.search({ ...docs, data: new Float32Array(64), limit: 3 });
  await db.close();
  say('found ' + results[0].length);
`;

const isLog = ({ what }: SystemCall): boolean => /^wal\/.*\.log$/.test(what);
const isMeta = ({ what }: SystemCall): boolean => what.startsWith('meta.sqlite');
const isObject = ({ what }: SystemCall): boolean => /^(segments|manifests)\//.test(what);

describe('system calls of the engine', () => {
  let trace: SystemCall[];

  beforeAll(async () => {
    await using directory = await temporaryDirectory();
    trace = traceProgram(PROGRAM, path.join(directory.path, 'db'));
  });

  const said = (text: string): number[] =>
    trace.flatMap(({ kind, what }, i) => (kind === 'say' && what === text ? [i] : []));

  /** The calls between two, both left out. */
  const between = (from: number, to: number): SystemCall[] => trace.slice(from + 1, to);

  it('sync the log between the bytes of a write and its acknowledgement', () => {
    const acknowledged = said('acknowledged');
    expect(acknowledged.length).toBe(INSERTS + 2);
    for (const [i, at] of acknowledged.entries()) {
      const from = i === 0 ? said('created')[0]! : acknowledged[i - 1]!;
      const log = between(from, at).filter(isLog);
      const lastWrite = log.findLastIndex(({ kind }) => kind === 'write');
      expect(lastWrite, `acknowledgement ${i} has bytes in the log`).toBeGreaterThanOrEqual(0);
      const synced = log.slice(lastWrite).find(({ kind }) => kind === 'sync')?.what;
      expect(synced, `acknowledgement ${i}`).toBe(log[lastWrite]!.what);
    }
  });

  it('leave nothing un-synced that an acknowledgement or a flush speaks of', () => {
    const dirty = new Set<string>();
    const unnamed = new Set<string>();
    for (const call of trace) {
      const { kind, what } = call;
      const counts = isLog(call) || isObject(call) || isMeta(call);
      if (kind === 'say') {
        expect([...dirty], `un-synced at "${what}"`).toEqual([]);
        expect([...unnamed], `names not durable at "${what}"`).toEqual([]);
      } else if (kind === 'sync') {
        dirty.delete(what);
        for (const name of unnamed) if (path.dirname(name) === what) unnamed.delete(name);
      } else if (kind === 'write' && counts && !what.endsWith('-shm')) dirty.add(what);
      else if (kind === 'create' || kind === 'rename') {
        const isNamed = (isLog(call) || isObject(call)) && !what.endsWith('.tmp');
        if (isNamed) unnamed.add(what);
      }
    }
  });

  it('make nothing durable for a process that opens a database, reads and closes it', () => {
    const [closed] = said('closed');
    const [found] = said('found 3');
    const calls = between(closed!, found!);
    expect(calls.filter(({ kind }) => kind === 'sync')).toEqual([]);
    const written = calls.filter(({ kind }) => kind === 'write' || kind === 'remove');
    // SQLite's index of a log that stays empty, and its side files at the end.
    const aside = /^(meta\.sqlite-(shm|wal)|lock\.json)$/;
    expect(written.filter(({ what }) => !aside.test(what))).toEqual([]);
    expect(calls.filter(({ kind, what }) => kind === 'create' && isLog({ kind, what }))).toEqual(
      [],
    );
  });

  it('make data durable, then its name, then the pointer to it, and only then let the log go', () => {
    expect(said('flushed').length).toBe(2);
    for (const [i, end] of said('flushed').entries()) {
      const begin = said('acknowledged').findLast((at) => at < end)!;
      const calls = between(begin, end);
      const at = (kind: SystemCall['kind'], test: (call: SystemCall) => boolean): number[] =>
        calls.flatMap((call, index) => (call.kind === kind && test(call) ? [index] : []));
      const renames = at('rename', isObject);
      const manifestRename = at('rename', ({ what }) => what.startsWith('manifests/'));
      expect(manifestRename.length, `flush ${i} writes one manifest`).toBe(1);
      expect(renames.length).toBeGreaterThan(1);
      for (const rename of renames) {
        const { what } = calls[rename]!;
        const folder = path.dirname(what);
        // Bytes of the object were synced under its temporary name before it got its own.
        const before = calls.slice(0, rename);
        const lastWrite = before.findLastIndex(
          ({ kind, what: file }) => kind === 'write' && path.dirname(file) === folder,
        );
        const file = before[lastWrite]?.what ?? '';
        const synced = before
          .slice(lastWrite)
          .some((call) => call.kind === 'sync' && call.what === file);
        expect(synced, `${file} before it became ${what}`).toBe(true);
        const directorySync = at('sync', (call) => call.what === folder).find(
          (sync) => sync > rename,
        );
        expect(directorySync, `the name ${what} is durable`).toBeDefined();
      }
      const named = at('sync', ({ what }) => what === 'manifests').find(
        (sync) => sync > manifestRename[0]!,
      );
      const commit = at('write', ({ what }) => what === 'meta.sqlite-wal').find(
        (write) => write > named!,
      );
      const committed = at('sync', ({ what }) => what === 'meta.sqlite-wal').find(
        (sync) => sync > commit!,
      );
      expect(commit, 'the pointer moves after the manifest has its name').toBeDefined();
      expect(committed).toBeGreaterThan(commit!);
      const lastSegment = renames.findLast((rename) => rename !== manifestRename[0])!;
      expect(manifestRename[0], 'the manifest comes after what it names').toBeGreaterThan(
        lastSegment,
      );
      for (const removal of at('remove', isLog)) expect(removal).toBeGreaterThan(committed!);
    }
    const removed = trace.filter((call) => call.kind === 'remove' && isLog(call));
    expect(removed.length, 'log files were removed').toBeGreaterThan(0);
  });
});
