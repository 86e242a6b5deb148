import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { nativeState } from '../../src/base/native.ts';
import type { Check, DoctorReport } from '../../src/cli/doctor.ts';
import { command } from './command.ts';
import { smallDatabase } from './demo-database.ts';
import { temporaryDirectory } from './temporary-directory.ts';

async function doctor(
  ...args: string[]
): Promise<{ exitCode: number; checks: Map<string, Check> }> {
  const { exitCode, output } = await command(['doctor', '--json', ...args]);
  const { checks } = JSON.parse(output) as DoctorReport;
  return { exitCode, checks: new Map(checks.map((check) => [check.name, check])) };
}

describe('mlite doctor', () => {
  it('checks Node, machine, engine, checksums, SQLite, limits, space and durable writes', async () => {
    const { exitCode, checks } = await doctor();
    expect(exitCode).toBe(0);
    expect([...checks.keys()]).toEqual([
      'node',
      'machine',
      'engine',
      'index aliases',
      'mapped files',
      'checksum',
      'sqlite',
      'open files',
      'free space',
      'durable write',
    ]);
    const { addon } = nativeState();
    expect(checks.get('engine')).toMatchObject(
      addon === null ? { value: 'js' } : { state: 'ok', value: 'native' },
    );
    expect(checks.get('engine')?.detail).toContain(addon === null ? 'JavaScript' : addon.kernels);
    expect(checks.get('index aliases')).toMatchObject({
      state: 'ok',
      value: 9,
      detail:
        'built as another: AISAQ as DISKANN, BRUTE_FORCE as FLAT, GPU_BRUTE_FORCE as FLAT, ' +
        'GPU_IVF_FLAT as IVF_FLAT, GPU_IVF_PQ as IVF_PQ, GPU_CAGRA as HNSW, Trie as TRIE, ' +
        'marisa-trie as TRIE, Asceneding as STL_SORT',
    });
    expect(checks.get('mapped files')).toMatchObject(
      addon === null ? { state: 'warning', value: 'memory' } : { state: 'ok', value: 'file' },
    );
    expect(checks.get('sqlite')?.value).toMatch(/^3\.\d+\.\d+$/);
    expect(checks.get('node')).toMatchObject({ value: process.versions.node });
  });

  it('says who has a database open, and leaves nothing beside it', async () => {
    const path = await smallDatabase();
    expect((await doctor(path)).checks.get('lock')).toMatchObject({ state: 'ok', value: 'free' });
    const db = await MilvusLite.open(path);
    try {
      expect((await doctor(path)).checks.get('lock')).toMatchObject({
        state: 'ok',
        value: `held by ${process.pid}`,
      });
    } finally {
      await db.close();
    }
    expect(readdirSync(dirname(path))).toEqual(['small.db']);
  });

  it('takes a path where no database is yet', async () => {
    const { exitCode, checks } = await doctor(join(temporaryDirectory(), 'new.db'));
    expect(exitCode).toBe(0);
    expect(checks.get('lock')).toMatchObject({ state: 'ok', value: null });
  });

  it('fails where nothing can be written, and says what to do', async () => {
    const { exitCode, checks } = await doctor('/nowhere/at/all');
    expect(exitCode).toBe(1);
    expect(checks.get('free space')).toMatchObject({ state: 'failed' });
    expect(checks.get('free space')?.next).toContain('choose');
    expect(checks.get('durable write')).toMatchObject({ state: 'failed' });
  });
});
