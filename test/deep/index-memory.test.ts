/**
 * An index is created, searched and dropped again and again: its images, about twenty megabytes each, are given
 * back, by the thread that built them, by those that searched them, and by the one that read them.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

const PROGRAM = path.join(import.meta.dirname, 'index-memory-program.ts');
const CYCLES = 32;
/** 1,200 rows with 4,096 links each. */
const IMAGE_BYTES = 1200 * 4096 * 4;

it('leaves no image behind when an index is dropped', async () => {
  await using directory = await temporaryDirectory();
  const run = spawnSync(
    process.execPath,
    ['--expose-gc', PROGRAM, directory.path, String(CYCLES)],
    { encoding: 'utf8' },
  );
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  const cycles = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { found: number; residentBytes: number });
  expect(cycles).toHaveLength(CYCLES);
  expect(new Set(cycles.map(({ found }) => found))).toEqual(new Set([64]));
  // What threads may keep for a while is the same in both halves; what is never given back is not.
  const peak = (from: number): number =>
    Math.max(...cycles.slice(from, from + CYCLES / 2).map(({ residentBytes }) => residentBytes));
  const growth = peak(CYCLES / 2) - peak(0);
  expect(growth).toBeLessThan((IMAGE_BYTES * CYCLES) / 4);
});
