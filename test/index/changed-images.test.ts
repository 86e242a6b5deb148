/**
 * Files of an open database are nobody's to change, but where one is, while it is mapped, answers may be wrong
 * and the process goes on: every index that follows numbers of an image bounds them.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';

const PROGRAM = path.join(import.meta.dirname, 'changed-images-program.ts');
const INDEXES = 16;
const canMap = nativeAddon() !== null && process.platform !== 'win32';

function expectNoHarm(engine: 'native' | 'js'): void {
  const run = spawnSync(process.execPath, [PROGRAM, engine, temporaryDirectory()], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(run.stderr).toBe('');
  expect([run.status, run.signal]).toEqual([0, null]);
  const lines = run.stdout.trim().split('\n');
  expect(lines).toHaveLength(INDEXES);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ strays: 0 });
}

it.runIf(canMap)(
  'an image that changes while it is mapped ends no process',
  () => {
    expectNoHarm('native');
  },
  60_000,
);

it('an image that changes in memory leads the twins nowhere', () => {
  expectNoHarm('js');
}, 60_000);
