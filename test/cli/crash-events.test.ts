import { describe, expect, it } from 'vitest';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import {
  batchOf,
  CRASH_BATCH_ROWS,
  type CrashEvent,
  CrashEvents,
  crashEvent,
  isAsWritten,
} from '../../src/cli/crash-events.ts';

async function stored(...batches: number[]): Promise<CrashEvent[]> {
  const db = await MilvusLite.open(':memory:');
  const events = await CrashEvents.open(db);
  for (const batch of batches) await events.insert(batch);
  await events.flush();
  const rows: CrashEvent[] = [];
  for await (const page of events.pages()) rows.push(...page);
  expect(await events.count()).toBe(rows.length);
  await db.close();
  return rows;
}

describe('CrashEvents', () => {
  it('writes batches that do not overlap, and reads them as they were written', async () => {
    const rows = await stored(0, 7);
    expect(rows).toHaveLength(2 * CRASH_BATCH_ROWS);
    expect(new Set(rows.map(({ id }) => batchOf(id)))).toEqual(new Set([0, 7]));
    expect(rows.every(isAsWritten)).toBe(true);
    expect(rows.some(({ label }) => label === null)).toBe(true);
  });
});

describe('isAsWritten', () => {
  it('notices every value that changed', () => {
    const row = crashEvent(307n);
    const vector = row.vector.slice();
    vector[5] = 9;
    expect(isAsWritten(row)).toBe(true);
    expect(isAsWritten({ ...row, id: 308n })).toBe(false);
    expect(isAsWritten({ ...row, label: 'other' })).toBe(false);
    expect(isAsWritten({ ...row, weight: row.weight + 1 })).toBe(false);
    expect(isAsWritten({ ...row, batch: 4 })).toBe(false);
    expect(isAsWritten({ ...row, vector })).toBe(false);
    expect(isAsWritten({ ...row, vector: row.vector.subarray(1) })).toBe(false);
  });
});
