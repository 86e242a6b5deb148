/** The native code without its glue, under the address and undefined-behaviour sanitizers. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
/** What the build says where no compiler has sanitizers. */
const NO_COMPILER = 2;

it('reads and writes nothing beside its arrays, and has no undefined behaviour', (context) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'tools', 'build-native.ts'), '--sanitize'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  context.skip(status === NO_COMPILER, 'there is no compiler with sanitizers');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^\d+ parts passed$/m);
});
