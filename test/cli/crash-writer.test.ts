import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { CRASH_BATCH_ROWS, CrashEvents } from '../../src/cli/crash-events.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const entry = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));

it('says of every batch when it starts and when it is done, and what is done is there', async () => {
  const path = join(temporaryDirectory(), 'crash.db');
  const flags = ['--disable-warning=ExperimentalWarning'];
  const writer = spawn(process.execPath, [...flags, entry, 'crash-writer', path, '7'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    lines.push(line);
    if (line === 'done 9') writer.kill('SIGKILL');
  }
  await ended;
  expect(lines.slice(0, 6)).toEqual([
    'start 7',
    'done 7',
    'start 8',
    'done 8',
    'start 9',
    'done 9',
  ]);
  const db = await MilvusLite.open(path);
  const count = await (await CrashEvents.open(db)).count();
  await db.close();
  expect(count).toBeGreaterThanOrEqual(3 * CRASH_BATCH_ROWS);
});
