import { copyFile, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import { sqliteMetaStore, sqliteVersion } from '../../src/meta/sqlite-store.ts';
import { metaStoreSuite } from '../suites/meta-store-suite.ts';

let directory = '';
let count = 0;
const freshPath = (): string => join(directory, `meta-${count++}.sqlite`);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mlite-meta-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

metaStoreSuite({
  name: 'sqlite',
  isDurable: true,
  place: async () => {
    const path = freshPath();
    return { open: (readOnly = false) => sqliteMetaStore(path, { readOnly }) };
  },
});

/** A closed store with a few entries of different sizes. */
async function filled(entryCount = 30): Promise<string> {
  const path = freshPath();
  await using store = await sqliteMetaStore(path);
  for (let i = 0; i < entryCount; i++) {
    await store.transact({ puts: [{ key: `/k/${i}`, value: Buffer.alloc((i * 37) % 400, i) }] });
  }
  return path;
}

async function contentOf(path: string): Promise<Array<readonly [string, string]>> {
  await using store = await sqliteMetaStore(path);
  const entries = await store.range('');
  return entries.map(({ key, value }) => [key, Buffer.from(value).toString('hex')]);
}

const reasonOf = (error: unknown): string =>
  error instanceof MilvusError ? error.reason : String(error);

async function opened(path: string, readOnly = false): Promise<unknown> {
  try {
    await using store = await sqliteMetaStore(path, { readOnly });
    return store;
  } catch (error) {
    return error;
  }
}

it('says which SQLite it stands on', async () => {
  expect(await sqliteVersion()).toMatch(/^3\.\d+\.\d+$/);
});

describe('a sqlite file', () => {
  it('is left alone in one piece when the store is closed', async () => {
    const path = await filled();
    const isMissing = await readFile(`${path}-wal`).catch(() => null);
    expect(isMissing).toBeNull();
    expect(await contentOf(path)).toHaveLength(30);
  });

  it('is seen by a read-only opening while its writer goes on', async () => {
    const path = freshPath();
    await using writer: MetaStore = await sqliteMetaStore(path);
    await writer.transact({ puts: [{ key: '/a', value: Buffer.from('1') }] });
    await using reader = await sqliteMetaStore(path, { readOnly: true });
    expect(await reader.get('/a')).not.toBeNull();
    await writer.transact({ puts: [{ key: '/b', value: Buffer.from('2') }] });
    expect(await reader.get('/b')).not.toBeNull();
  });

  it('may be written by two stores in turns, each seeing the other', async () => {
    const path = freshPath();
    await using first = await sqliteMetaStore(path);
    await using second = await sqliteMetaStore(path);
    const revision = Number(await first.transact({ puts: [{ key: '/a', value: Buffer.of(1) }] }));
    const take = { conditions: [{ key: '/a', revision }], removes: ['/a'] };
    expect(await second.transact(take)).toBeGreaterThan(revision);
    expect(await first.transact(take)).toBeNull();
  });

  it('is refused when it is no database, another application’s, or newer', async () => {
    const path = await filled(1);
    const bytes = await readFile(path);
    const patched = async (offset: number, value: number): Promise<unknown> => {
      const copy = Buffer.from(bytes);
      copy.writeUInt32BE(value, offset);
      await writeFile(path, copy);
      return await opened(path);
    };
    expect(await patched(68, 1)).toMatchObject({ reason: 'DataIntegrity' });
    expect(await patched(60, 2)).toMatchObject({ reason: 'FormatNotSupported' });
    await writeFile(path, 'x'.repeat(5000));
    expect(await opened(path)).toMatchObject({ reason: 'DataIntegrity' });
  });

  it('is refused in a directory that does not exist, and read-only when it does not exist', async () => {
    const absent = join(directory, 'absent', 'meta.sqlite');
    expect(await opened(absent)).toMatchObject({ reason: 'IoKeyNotFound' });
    expect(await opened(freshPath(), true)).toMatchObject({ reason: 'IoKeyNotFound' });
  });

  it('never answers differently after a flipped bit: it is refused or all there', async () => {
    const path = await filled();
    const bytes = await readFile(path);
    const expected = await contentOf(path);
    let refused = 0;
    for (let round = 0; round < 150; round++) {
      const bit = (round * 7919 * 31) % (bytes.length * 8);
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      await writeFile(path, copy);
      const outcome = await contentOf(path).catch((error: unknown) => error);
      if (Array.isArray(outcome)) expect(outcome, `bit ${bit}`).toEqual(expected);
      else
        expect(['DataIntegrity', 'FormatNotSupported'], `bit ${bit}`).toContain(reasonOf(outcome));
      refused += Array.isArray(outcome) ? 0 : 1;
    }
    expect(refused).toBeGreaterThan(10);
  });
});

it.skipIf(process.platform === 'win32')('keeps its files from everybody else', async () => {
  const path = freshPath();
  await using store = await sqliteMetaStore(path);
  await store.transact({ puts: [{ key: '/a', value: Buffer.of(1) }] });
  for (const name of ['', '-wal', '-shm']) {
    expect((await stat(`${path}${name}`)).mode & 0o777, name).toBe(0o600);
  }
});

describe.skipIf(process.platform === 'win32')('where SQLite can have no side files', () => {
  /** Not even a superuser can make a file there. */
  async function preventSideFiles(path: string): Promise<void> {
    await symlink('/nowhere/at/all', `${path}-shm`);
  }

  async function withoutSideFiles(): Promise<string> {
    const path = await filled();
    await preventSideFiles(path);
    return path;
  }

  it('reads a copy of the file', async () => {
    const path = await withoutSideFiles();
    const bytes = await readFile(path);
    await using store = await sqliteMetaStore(path, { readOnly: true });
    expect((await store.range('/k/')).length).toBe(30);
    await expect(store.transact({ removes: ['/k/1'] })).rejects.toMatchObject({
      reason: 'ReadOnly',
    });
    expect(await readFile(path)).toEqual(bytes);
  });

  it('notices damage in the copy', async () => {
    const path = await withoutSideFiles();
    const bytes = await readFile(path);
    bytes[bytes.length - 40]! ^= 1;
    await writeFile(path, bytes);
    expect(reasonOf(await opened(path, true))).toBe('DataIntegrity');
  });

  it('refuses a file beside which a WAL holds changes', async () => {
    const path = await filled();
    await using writer = await sqliteMetaStore(path);
    await writer.transact({ puts: [{ key: '/later', value: Buffer.of(9) }] });
    const copy = freshPath();
    await copyFile(path, copy);
    await copyFile(`${path}-wal`, `${copy}-wal`);
    await preventSideFiles(copy);
    const failure = await opened(copy, true);
    expect(reasonOf(failure)).toBe('StoragePermissionDenied');
    expect(String(failure)).toContain('a process that did not close left changes beside the file');
  });

  it('still misses a file that is not there', async () => {
    expect(reasonOf(await opened(freshPath(), true))).toBe('IoKeyNotFound');
  });
});
