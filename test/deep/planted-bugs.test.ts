/**
 * Shows that the simulations see what they are for: each planted bug, put into a copy of the sources, has to
 * be found, and said to be what it is; and where it was found there has to be nothing without it.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Found } from '../sim/hunt.ts';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HUNT_MS = 5 * 60_000;

/** The sources of `file` with the bug in them. @throws Error when they are not those it was made for */
function planted({ name, file, from, to }: PlantedBug): string {
  const source = readFileSync(join(ROOT, 'src', file), 'utf8');
  const parts = source.split(from);
  if (parts.length !== 2) {
    throw new Error(`${name}: what it changes is ${parts.length - 1} times in src/${file}`);
  }
  return parts.join(to);
}

async function inCopy<T>(bug: PlantedBug, work: (folder: string) => Promise<T>): Promise<T> {
  const source = planted(bug);
  const copy = mkdtempSync(join(tmpdir(), 'mlite-planted-'));
  try {
    for (const folder of ['src', 'test/sim'])
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    writeFileSync(join(copy, 'src', bug.file), source);
    return await work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What the simulations in `folder` say of its sources; null when they see nothing. */
function hunt(folder: string, how: readonly string[]): Promise<Found | null> {
  return new Promise((resolve, reject) => {
    const program = join(folder, 'test', 'sim', 'hunt.ts');
    const child = spawn(process.execPath, [program, ...how], { timeout: HUNT_MS });
    let said = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(said) as Found | null);
      else reject(new Error(`hunt ended with ${code ?? signal}: ${complaint}`));
    });
  });
}

describe('planted bugs', () => {
  const catches: string[] = [];
  afterAll(() => console.info(catches.join('\n')));

  it('are as many as were promised, each a change of text that is there once', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(22);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
    for (const bug of PLANTED_BUGS) planted(bug);
  });

  it.concurrent.each(PLANTED_BUGS)('are caught: $name', { timeout: 3 * HUNT_MS }, async (bug) => {
    const near = bug.near === undefined ? [] : [`scenario ${bug.near}`];
    const found = await inCopy(bug, (copy) => hunt(copy, ['everywhere', ...near]));
    if (found === null) throw new Error('nothing was found');
    expect(found.violation).toMatch(bug.says);
    expect(await hunt(ROOT, ['only', found.place]), 'without the bug').toBeNull();
    const violation = found.violation.replaceAll(/\s+/g, ' ').slice(0, 200);
    catches.push(`${bug.name} | ${found.place} | ${violation}`);
  });
});
