/**
 * Shows that the simulations see what they are for: each planted bug, put into a copy of the sources, has to
 * be found within a bounded number of schedules and crash states.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TIMEOUT_MS = 10 * 60_000;

/** What the simulations say about the sources with `bug` in them; empty when they see nothing. */
async function hunt(bug: PlantedBug | null): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'mlite-planted-'));
  try {
    for (const folder of ['src', 'test/sim'])
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    if (bug !== null) {
      const file = join(copy, 'src', bug.file);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(bug.from, () => bug.to),
      );
    }
    return await run(join(copy, 'test', 'sim', 'hunt.ts'));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function run(program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(said.trim());
      else reject(new Error(`hunt ended with ${code}: ${complaint}`));
    });
  });
}

describe('planted bugs', () => {
  it('are twenty at least, each a change of text that is there once', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(20);
    for (const { name, file, from } of PLANTED_BUGS) {
      const parts = readFileSync(join(ROOT, 'src', file), 'utf8').split(from);
      expect(parts.length, name).toBe(2);
    }
  });

  it.concurrent.each(PLANTED_BUGS)('are caught: $name', { timeout: TIMEOUT_MS }, async (bug) => {
    const found = await hunt(bug);
    expect(found).not.toBe('');
  });
});
