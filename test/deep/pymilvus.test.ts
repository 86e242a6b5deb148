/** The official Python client, unmodified, against a server of ours. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { runServer } from '../server/running-server.ts';

const VERSION = '3.0.2';
const PARTS = ['quick_start', 'every_type', 'errors', 'databases', 'books', 'asks', 'awaited'];

/** Python with that client, installed outside the project once. */
function python(context: TestContext): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'milvus-lite', `pymilvus-${VERSION}`);
  const program = join(folder, 'bin', 'python');
  const isReady = (): boolean =>
    existsSync(program) && spawnSync(program, ['-c', 'import pymilvus']).status === 0;
  if (isReady()) return program;
  context.skip(spawnSync('python3', ['--version']).status !== 0, 'there is no python3');
  spawnSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const install = ['-m', 'pip', 'install', '--quiet', `pymilvus==${VERSION}`, 'numpy'];
  const { status } = spawnSync(program, install, { stdio: 'inherit' });
  context.skip(status !== 0, 'the client could not be installed');
  expect(isReady()).toBe(true);
  return program;
}

describe('pymilvus', () => {
  it('does its work, from the quick start to the errors', async (context) => {
    const program = python(context);
    await using server = await runServer();
    const script = join(import.meta.dirname, 'pymilvus_program.py');
    const child = spawn(program, [script, `http://127.0.0.1:${server.port}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    const [code] = (await once(child, 'exit')) as [number | null];
    expect({ code, parts: output.trim().split('\n') }, errors).toEqual({ code: 0, parts: PARTS });
  });
});
