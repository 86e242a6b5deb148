import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import type { VerifyReport } from '../../src/cli/verify.ts';
import { CLUSTER_KEY } from '../../src/meta/keys.ts';
import { encodeRecord } from '../../src/meta/record.ts';
import { sqliteMetaStore } from '../../src/meta/sqlite-store.ts';
import { command } from './command.ts';
import { GROWING_ROWS, SEALED_ROWS, smallDatabase } from './demo-database.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Contents of a small database by file; damaged copies of it are made for each test. */
let intact: ReadonlyMap<string, Buffer>;

async function readDatabase(): Promise<Map<string, Buffer>> {
  const parent = mkdtempSync(join(tmpdir(), 'mlite-verify-'));
  try {
    const path = await smallDatabase(parent);
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => statSync(join(path, name)).isFile());
    return new Map(files.map((name) => [name, readFileSync(join(path, name))]));
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

function writeCopy(change: (files: Map<string, Buffer>) => void): string {
  const path = join(temporaryDirectory(), 'copy.db');
  const files = new Map([...intact].map(([name, bytes]) => [name, Buffer.from(bytes)]));
  change(files);
  for (const [name, bytes] of files) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), bytes);
  }
  return path;
}

async function verify(path: string): Promise<{ exitCode: number; report: VerifyReport }> {
  const { exitCode, output, errors } = await command(['verify', path, '--json']);
  expect(errors).toBe('');
  return { exitCode, report: JSON.parse(output) as VerifyReport };
}

const KINDS = {
  columns: /\.cols\.arrow$/,
  vectors: /\.vec-\d+\.arrow$/,
  keys: /\.keys$/,
  deletes: /\.del-\d+$/,
  descriptor: /^segments.\d+\.json$/,
  manifest: /^manifests./,
  log: /\.log$/,
} as const;

/** The newest file of a kind, which is the one that is referred to. */
function fileOfKind(kind: keyof typeof KINDS): string {
  const name = [...intact.keys()]
    .filter((each) => KINDS[kind].test(each))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error(`there is no file of ${kind}`);
  return name;
}

describe('mlite verify', () => {
  beforeAll(async () => {
    intact = await readDatabase();
  });

  it('finds nothing wrong with an intact database, and counts what it checked', async () => {
    const { exitCode, report } = await verify(writeCopy(() => undefined));
    expect(report.problems).toEqual([]);
    expect(report.warnings).toEqual([]);
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({
      isIntact: true,
      collections: 1,
      shards: 1,
      segments: 1,
      rowCount: SEALED_ROWS,
      logFiles: 1,
    });
    expect(report.logRecords).toBeGreaterThan(0);
    expect(GROWING_ROWS).toBeGreaterThan(0);
  });

  it('changes no file', async () => {
    const path = writeCopy(() => undefined);
    const digest = (): Record<string, string> =>
      Object.fromEntries(
        [...intact.keys()].map((name) => [
          name,
          createHash('sha256')
            .update(readFileSync(join(path, name)))
            .digest('hex'),
        ]),
      );
    const before = digest();
    await verify(path);
    expect(digest()).toEqual(before);
  });

  it.each(['columns', 'vectors', 'keys', 'deletes', 'descriptor', 'manifest', 'log'] as const)(
    'ends with 5 and names the file of a flipped bit in the %s',
    async (kind) => {
      const name = fileOfKind(kind);
      const path = writeCopy((files) => {
        const bytes = files.get(name)!;
        const middle = Math.floor(bytes.length / 2);
        bytes[middle]! ^= 4;
      });
      const { exitCode, report } = await verify(path);
      expect(exitCode).toBe(5);
      expect(report.isIntact).toBe(false);
      expect(report.problems.map(({ key }) => key)).toContain(name);
    },
  );

  it('says at which byte a block is damaged', async () => {
    const name = fileOfKind('vectors');
    const path = writeCopy((files) => {
      files.get(name)![10]! ^= 1;
    });
    const { report } = await verify(path);
    expect(report.problems).toContainEqual(expect.objectContaining({ key: name, offset: 0 }));
  });

  it('notices a record of the metadata that changed', async () => {
    const path = writeCopy((files) => {
      const bytes = files.get('meta.sqlite')!;
      const at = bytes.lastIndexOf('books');
      expect(at).toBeGreaterThan(0);
      bytes.write('rooks', at);
    });
    const { exitCode, report } = await verify(path);
    expect(exitCode).toBe(5);
    expect(report.problems.length).toBeGreaterThan(0);
  });

  it.each(Object.keys(KINDS) as Array<keyof typeof KINDS>)(
    'ends with 5 when the %s is missing',
    async (kind) => {
      const path = writeCopy((files) => files.delete(fileOfKind(kind)));
      expect((await verify(path)).exitCode).toBe(5);
    },
  );

  it('finds nothing wrong while a process writes, flushes and compacts', async () => {
    const path = writeCopy(() => undefined);
    const db = await MilvusLite.open(path);
    const books = await db.collection('books');
    let isDone = false;
    const writing = (async () => {
      for (let id = 1000; !isDone; id++) {
        await books.upsert([{ id: id % 40, title: 'again', vector: new Float32Array(16) }]);
        if (id % 5 === 0) await books.flush();
        if (id % 20 === 0) await books.compact();
      }
    })();
    try {
      for (let round = 0; round < 8; round++) {
        const { exitCode, report } = await verify(path);
        expect(report.problems).toEqual([]);
        expect(exitCode).toBe(0);
      }
    } finally {
      isDone = true;
      await writing;
      await db.close();
    }
  });

  it('takes a newer format for what it is, and not for damage', async () => {
    const path = writeCopy(() => undefined);
    const store = await sqliteMetaStore(join(path, 'meta.sqlite'));
    const record = { id: 'x', formatVersion: 2, minReaderVersion: 2, createdMs: 0 };
    const puts = [{ key: CLUSTER_KEY, value: encodeRecord(CLUSTER_KEY, record) }];
    await store.transact({ puts });
    await store[Symbol.asyncDispose]();
    const { exitCode, output, errors } = await command(['verify', path]);
    expect(exitCode).toBe(1);
    expect(`${output}${errors}`).not.toContain('damaged');
    expect(errors).toContain('the database needs a newer milvus-lite to read it');
    expect(errors).toContain('npm install milvus-lite@latest');
  });

  it('takes a torn end of a log that was not closed for no damage', async () => {
    const name = fileOfKind('log');
    const path = writeCopy((files) => {
      // Without the seal, and with the half of a block that a crash left.
      const bytes = files.get(name)!;
      files.set(name, bytes.subarray(0, bytes.length - 17));
    });
    const { exitCode, report } = await verify(path);
    expect(report.problems).toEqual([]);
    expect(exitCode).toBe(0);
    expect(report.cutBytes).toBeGreaterThan(0);
  });

  it('ends with 5 when a log that was closed lost records, as opening does', async () => {
    const name = fileOfKind('log');
    const path = writeCopy((files) => {
      const bytes = files.get(name)!;
      files.set(name, bytes.subarray(0, bytes.length - 200));
    });
    await expect(MilvusLite.open(path)).rejects.toMatchObject({ reason: 'DataIntegrity' });
    const { exitCode, report } = await verify(path);
    expect(exitCode).toBe(5);
    expect(report.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('ends before position'),
    ]);
  });

  it('warns of a clean end whose mark is damaged, and does not call every checksum right', async () => {
    const name = fileOfKind('log');
    const path = writeCopy((files) => {
      const bytes = files.get(name)!;
      bytes[bytes.length - 30]! ^= 1;
    });
    const { exitCode, report } = await verify(path);
    expect(exitCode).toBe(0);
    expect(report.warnings).toMatchObject([{ key: 'wal' }]);
    const { output } = await command(['verify', path]);
    expect(output).toContain('warning  wal: the mark of its clean end is damaged or missing');
    expect(output).not.toContain('Every checksum');
    expect(output).not.toContain('unfinished write');
  });

  it.each(['missing', 'empty'])('ends with 5 when the metadata is %s', async (how) => {
    const path = writeCopy((files) => {
      files.delete('meta.sqlite');
      if (how === 'empty') files.set('meta.sqlite', Buffer.alloc(0));
    });
    const { exitCode, report } = await verify(path);
    expect(exitCode).toBe(5);
    expect(report.problems).toMatchObject([{ key: join(path, 'meta.sqlite') }]);
    const inspected = await command(['inspect', path]);
    expect(inspected.exitCode).toBe(5);
    expect(inspected.errors).not.toContain('create one');
    expect(existsSync(join(path, 'meta.sqlite'))).toBe(how === 'empty');
  });

  it('lists objects that nothing refers to', async () => {
    const path = writeCopy(() => undefined);
    const [segment] = readdirSync(join(path, 'segments'));
    const stranger = join(path, 'segments', '999999.keys');
    cpSync(join(path, 'segments', segment!), stranger);
    expect((await verify(path)).report.unreferenced).toContain('segments/999999.keys');
    rmSync(stranger);
    expect((await verify(path)).report.unreferenced).not.toContain('segments/999999.keys');
  });

  it('prints what is damaged for people', async () => {
    const name = fileOfKind('keys');
    const path = writeCopy((files) => {
      files.get(name)![0]! ^= 1;
    });
    const { exitCode, output } = await command(['verify', path]);
    expect(exitCode).toBe(5);
    expect(output).toMatch(new RegExp(`damaged {2}${name} at byte 0: `));
  });

  it('says of a damaged index that it is built again, and that no row is lost', async () => {
    const path = join(temporaryDirectory(), 'indexed.db');
    const db = await MilvusLite.open(path);
    const points = await db.collection('points', {
      schema: {
        id: f.int64({ primary: true }),
        vector: f.floatVector(4, { index: { type: 'HNSW', metric: 'L2' } }),
      },
    });
    const rows = Array.from({ length: 6000 }, (_, id) => ({
      id,
      vector: [id, id % 7, id % 11, 1],
    }));
    await points.insert(rows);
    await points.flush();
    await points.waitForIndex('vector');
    await db.close();
    const segments = join(path, 'segments');
    const image = readdirSync(segments).find((name) => /\.idx-\d+$/.test(name));
    const bytes = readFileSync(join(segments, image!));
    bytes[bytes.length >>> 1]! ^= 1;
    writeFileSync(join(segments, image!), bytes);
    const { exitCode, report } = await verify(path);
    expect(exitCode).toBe(5);
    expect(report.problems).toMatchObject([{ key: `segments/${image}`, isRebuilt: true }]);
    const { output } = await command(['verify', path]);
    expect(output).toContain('No row and no reference is damaged; the indexes are built again');
  });

  it('ends with 3 where no database is', async () => {
    const path = temporaryDirectory();
    expect((await command(['verify', path])).exitCode).toBe(3);
    expect(existsSync(join(path, 'meta.sqlite'))).toBe(false);
  });
});
