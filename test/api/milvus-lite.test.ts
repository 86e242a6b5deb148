import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite, type OpenOptions } from '../../src/api/milvus-lite.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';

const fields = { id: f.int64({ primary: true }), vector: f.floatVector(2) };
const row = { id: 1, vector: [1, 2] };

async function open(path = ':memory:', options: OpenOptions = {}): Promise<MilvusLite> {
  const db = await MilvusLite.open(path, options);
  onTestFinished(() => db.close());
  return db;
}

describe('MilvusLite.open', () => {
  it('finds rows again that were there when it was closed', async () => {
    const path = join(temporaryDirectory(), 'a.db');
    const first = await open(path);
    await (await first.collection('c', { schema: fields })).insert([row]);
    await first.close();
    const second = await open(path);
    expect(await (await second.collection('c', { schema: fields })).get(1)).toEqual([
      { id: 1n, vector: new Float32Array([1, 2]) },
    ]);
    expect(second.recovery).toMatchObject({ cutBytes: 0 });
    expect(second.path).toBe(path);
  });

  it('leaves no file when everything is in memory', async () => {
    await open(':memory:');
    expect(existsSync(':memory:')).toBe(false);
  });

  it('names the holder of a directory that is open', async () => {
    const path = temporaryDirectory();
    await open(path);
    await expect(MilvusLite.open(path)).rejects.toMatchObject({
      reason: 'DirectoryLocked',
      fields: { path, pid: process.pid },
    });
  });

  it('reads beside a writer with readOnly, and refuses to write', async () => {
    const path = temporaryDirectory();
    const writer = await open(path);
    await (await writer.collection('c', { schema: fields })).insert([row]);
    const reader = await open(path, { readOnly: true });
    const collection = await reader.collection('c', { schema: fields });
    expect(await collection.count()).toBe(1);
    for await (const page of collection.iterate()) expect(page).toHaveLength(1);
    expect(await collection.search({ data: [1, 2], limit: 1 })).toHaveLength(1);
    await expect(collection.insert([row])).rejects.toMatchObject({ reason: 'ReadOnly' });
    await expect(reader.createDatabase('other')).rejects.toMatchObject({ reason: 'ReadOnly' });
  });

  it('reads with readOnly what was released before', async () => {
    const path = temporaryDirectory();
    const writer = await open(path);
    const written = await writer.collection('c', { schema: fields });
    await written.insert([row]);
    await written.release();
    await writer.close();
    const collection = await (await open(path, { readOnly: true })).collection('c');
    expect(await collection.count()).toBe(1);
    expect(await collection.get(1)).toHaveLength(1);
    expect(await collection.search({ data: [1, 2], limit: 1 })).toHaveLength(1);
  });

  it('names the directory that it cannot make', async () => {
    const opening = MilvusLite.open('/proc/none/db');
    await expect(opening).rejects.toMatchObject({ fields: { path: '/proc/none/db' } });
    await expect(opening).rejects.toThrow('the directory of the database cannot be made');
  });

  it('gives up when its signal aborts, and leaves nothing open', async () => {
    const path = temporaryDirectory();
    const abort = new AbortController();
    const opening = MilvusLite.open(path, { signal: abort.signal });
    abort.abort(new Error('changed my mind'));
    await expect(opening).rejects.toMatchObject({ reason: 'Cancelled' });
    await expect(MilvusLite.open(path, { signal: abort.signal })).rejects.toMatchObject({
      reason: 'Cancelled',
    });
    // Nothing of the opening is at work any more: it made what it made, and a later one gets the lock.
    const left = readdirSync(path);
    await setTimeout(20);
    expect(readdirSync(path)).toEqual(left);
    await (await open(path)).close();
  });

  it('refuses a path that is no text', async () => {
    await expect(MilvusLite.open('')).rejects.toMatchObject({ reason: 'ParameterInvalid' });
  });
});

describe('MilvusLite.close', () => {
  it('may be called twice, and by await using', async () => {
    const db = await open();
    await Promise.all([db.close(), db.close()]);
    await db.close();
    expect(db.isClosed).toBe(true);
    const other = await MilvusLite.open(':memory:');
    await other[Symbol.asyncDispose]();
    expect(other.isClosed).toBe(true);
  });

  it('ends every later call with Closed, on the database and on its collections', async () => {
    const db = await open();
    const collection = await db.collection('c', { schema: fields });
    const other = await db.createDatabase('other');
    await db.close();
    const calls = [
      () => db.listDatabases(),
      () => db.collection('c'),
      () => other.listCollections(),
      () => collection.insert([row]),
      () => collection.search({ data: [1, 2], limit: 1 }),
      () => collection.partitions.list(),
      () => collection.iterate().next(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ reason: 'Closed' });
  });
});

describe('databases', () => {
  it('keep collections of the same name apart', async () => {
    const db = await open();
    const other = await db.createDatabase('other', {
      properties: { 'database.max.collections': 7 },
    });
    await (await db.collection('c', { schema: fields })).insert([row]);
    const twin = await other.collection('c', { schema: fields });
    expect(await twin.count()).toBe(0);
    expect((await db.listDatabases()).map(({ name }) => name)).toEqual(['default', 'other']);
    expect((await db.describeDatabase('other')).properties).toEqual({
      'database.max.collections': '7',
    });
  });

  it('are altered, and dropped when they are empty', async () => {
    const db = await open();
    const other = await db.createDatabase('other');
    await db.alterDatabase('other', { timezone: 'Europe/Zurich' });
    expect((await db.describeDatabase('other')).properties).toEqual({ timezone: 'Europe/Zurich' });
    await db.alterDatabase('other', {}, { remove: ['timezone'] });
    expect((await db.describeDatabase('other')).properties).toEqual({});
    await other.collection('c', { schema: fields });
    await expect(db.dropDatabase('other')).rejects.toThrow(/not empty/);
    await other.dropCollection('c');
    await db.dropDatabase('other');
    await expect(other.listCollections()).rejects.toMatchObject({ reason: 'DatabaseNotFound' });
  });
});
