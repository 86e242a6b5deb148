import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { type CrashReport, compareWithJournal } from '../../src/cli/crash-demo.ts';
import { CrashEvents } from '../../src/cli/crash-events.ts';
import { command } from './command.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const journal = { started: new Set([0, 1, 2, 3]), acknowledged: new Set([0, 1]) };
const counted = { comparedRows: 0, wrongRows: 0 };

describe('mlite demo --crash', () => {
  it('loses nothing when the writer is killed, and says so', async () => {
    const { exitCode, output } = await command(['demo', '--crash', '--rounds', '2', '--json']);
    const report = JSON.parse(output) as CrashReport;
    expect(report).toMatchObject({
      isIntact: true,
      rounds: 2,
      lostRows: 0,
      tornBatches: 0,
      strangeRows: 0,
      wrongRows: 0,
    });
    expect(report.acknowledgedRows).toBeGreaterThanOrEqual(2 * 30 * 100);
    expect(report.comparedRows).toBeGreaterThanOrEqual(report.acknowledgedRows);
    expect(exitCode).toBe(0);
  });

  it('refuses a directory with rows that it did not write', async () => {
    const path = join(temporaryDirectory(), 'mine.db');
    const db = await MilvusLite.open(path);
    await (await CrashEvents.open(db)).insert(0);
    await db.close();
    const { exitCode, errors } = await command(['demo', '--crash', '--dir', path]);
    expect(exitCode).toBe(1);
    expect(errors).toContain('already holds 100 rows');
  });

  it('ends with 130 when it is interrupted', async () => {
    const entry = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
    const flags = ['--disable-warning=ExperimentalWarning'];
    const args = ['demo', '--crash', '--rounds', '1000'];
    const child = spawn(process.execPath, [...flags, entry, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [exitCode] = (await once(child, 'exit')) as [number | null];
    expect(exitCode).toBe(130);
  });
});

describe('compareWithJournal', () => {
  const compare = (...rows: Array<[number, number]>) =>
    compareWithJournal(journal, new Map(rows), counted);

  it('accepts unacknowledged batches whole or not at all', () => {
    expect(compare([0, 100], [1, 100], [2, 100])).toMatchObject({
      lostRows: 0,
      tornBatches: 0,
      strangeRows: 0,
      openBatches: 2,
      openBatchesWhole: 1,
      openBatchesAbsent: 1,
    });
  });

  it('counts lost rows, torn batches and rows that nobody wrote', () => {
    expect(compare([0, 100], [1, 40])).toMatchObject({ lostRows: 60, tornBatches: 1 });
    expect(compare([0, 100])).toMatchObject({ lostRows: 100, tornBatches: 0 });
    expect(compare([0, 100], [1, 100], [3, 7])).toMatchObject({ lostRows: 0, tornBatches: 1 });
    expect(compare([0, 100], [1, 100], [9, 5])).toMatchObject({ strangeRows: 5 });
  });

  it('counts a batch that is there twice as torn', () => {
    expect(compare([0, 200], [1, 100])).toMatchObject({ tornBatches: 1 });
  });
});
