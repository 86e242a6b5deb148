/** A database where nothing may be written: a process without the right to reads it, and finds it whole. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/core/open.ts';
import { createDocs, DOCS, docs } from '../suites/service-fixtures.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
/** Who owns nothing; a superuser may write everywhere. */
const NOBODY = 65_534;

/** Takes away, or gives back, the right to write `root` and all below it. */
function setWritable(root: string, isWritable: boolean): void {
  const names = readdirSync(root, { recursive: true, withFileTypes: true });
  for (const entry of names) {
    const mode = entry.isDirectory() ? 0o555 : 0o444;
    chmodSync(path.join(entry.parentPath, entry.name), isWritable ? mode | 0o200 : mode);
  }
  chmodSync(root, isWritable ? 0o755 : 0o555);
}

/** Runs node as one who may not write there. */
function run(args: readonly string[]): { status: number | null; output: string } {
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    ...user,
  });
  return { status, output: `${stdout}${stderr}` };
}

it.skipIf(process.platform === 'win32')('is read, inspected and verified', async () => {
  const directory = await temporaryDirectory();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  chmodSync(directory.path, 0o755);
  const original = path.join(directory.path, 'db');
  const writer = await openDatabase(original);
  await createDocs(writer.service);
  await writer.service.insert({ ...DOCS, rows: docs(0, 20) });
  await writer.service.flush(DOCS);
  await writer.service.insert({ ...DOCS, rows: docs(20, 25) });
  await writer.close();
  const medium = path.join(directory.path, 'medium');
  cpSync(original, medium, { recursive: true });
  rmSync(path.join(medium, 'pins'), { recursive: true, force: true });
  setWritable(medium, false);
  onTestFinished(() => setWritable(medium, true));

  const program = `
    import { openDatabase } from './src/core/open.ts';
    const { service, close } = await openDatabase(${JSON.stringify(medium)}, { readOnly: true });
    console.log('rows', await service.count({ databaseName: '', collectionName: 'docs' }));
    await close();`;
  expect(run(['--input-type=module-typescript', '-e', program])).toEqual({
    status: 0,
    output: 'rows 25\n',
  });
  for (const command of ['inspect', 'verify']) {
    const { status, output } = run(['src/bin.ts', command, medium]);
    expect(output).not.toContain('error');
    expect(status, output).toBe(0);
  }
});
