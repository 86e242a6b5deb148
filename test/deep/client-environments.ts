/** Other people's clients: each set of packages in a folder outside the project, installed once. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext } from 'vitest';

export function cacheFolder(name: string): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'milvus-lite', name);
}

export interface PythonPackages {
  /** The folder's name; another one for other versions. */
  readonly name: string;
  readonly packages: readonly string[];
  /** What shows that they are there. */
  readonly imports: string;
}

/** The Python that has them. Skips the test where there is no Python or no registry. */
export function pythonWith(context: TestContext, wanted: PythonPackages): string {
  const folder = cacheFolder(wanted.name);
  const program = join(folder, 'bin', 'python');
  const isReady = (): boolean =>
    existsSync(program) &&
    // Some packages leave a log where they are imported.
    spawnSync(program, ['-c', `import ${wanted.imports}`], { cwd: folder }).status === 0;
  if (isReady()) return program;
  context.skip(spawnSync('python3', ['--version']).status !== 0, 'there is no python3');
  spawnSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const install = ['-m', 'pip', 'install', '--quiet', ...wanted.packages];
  const { status } = spawnSync(program, install, { stdio: 'inherit' });
  context.skip(status !== 0, `${wanted.name} could not be installed`);
  expect(isReady()).toBe(true);
  return program;
}

/** The folder whose `node_modules` has them. Skips the test where there is no registry. */
export function folderWith(
  context: TestContext,
  name: string,
  packages: readonly string[],
): string {
  const folder = cacheFolder(name);
  const isReady = (): boolean =>
    packages.every((one) =>
      existsSync(join(folder, 'node_modules', one.replace(/@[^@/]+$/, ''), 'package.json')),
    );
  if (isReady()) return folder;
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'];
  const install = ['install', '--prefix', folder, '--silent', ...flags, ...packages];
  const { status } = spawnSync('npm', install, { stdio: 'inherit' });
  context.skip(status !== 0, `${name} could not be installed`);
  expect(isReady()).toBe(true);
  return folder;
}

/** Runs a program to its end; it prints a line for each part that it has done. */
export async function partsOf(
  program: string,
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number | null; readonly parts: string[]; readonly errors: string }> {
  // The official Node client prints every call where this says that it is tested.
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  child.stdin.end(input);
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, parts: output.trim().split('\n'), errors };
}
