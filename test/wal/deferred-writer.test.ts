import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { DeferredWriter } from '../../src/wal/deferred-writer.ts';
import type { LogWriter } from '../../src/wal/log.ts';
import { memoryLog } from '../../src/wal/memory-log.ts';
import { comparePositions, LOG_START, type Position } from '../../src/wal/position.ts';
import { idOf, readIds, record } from '../suites/log-suite.ts';

function deferred(open: (end: Position) => Promise<LogWriter>): DeferredWriter {
  return new DeferredWriter({ term: 2, end: LOG_START, open });
}

describe('a deferred writer', () => {
  it('opens its term with the first append, behind the end that was found', async () => {
    const log = memoryLog();
    const first = await log.open(1);
    await first.append(record(1));
    const opened: Position[] = [];
    const writer = deferred(async (end) => {
      opened.push(end);
      return await log.open(2, end);
    });
    writer.foundEnd(first.end);
    expect(writer.end).toEqual(first.end);
    expect(opened).toEqual([]);
    const { end } = writer;
    const position = await writer.append(record(2));
    expect(opened).toEqual([end]);
    expect(position.term).toBe(2);
    expect(comparePositions(end, position)).toBeLessThan(0);
    expect(comparePositions(position, writer.end)).toBeLessThan(0);
    await writer.append(record(3));
    expect(opened).toHaveLength(1);
    expect(await readIds(log)).toEqual([1, 2, 3]);
  });

  it('keeps the order of its appends, those that come while the term is opened included', async () => {
    const log = memoryLog();
    const gate = Promise.withResolvers<void>();
    const writer = deferred(async () => {
      await gate.promise;
      return await log.open(2);
    });
    const positions: Array<Promise<Position>> = [];
    // Calls made when an append is acknowledged stand behind those that were made before.
    const append = (id: number): void => {
      positions.push(writer.append(record(id)));
    };
    append(1);
    positions[0]?.then(
      () => append(4),
      () => undefined,
    );
    append(2);
    append(3);
    expect(writer.queuedBytes).toBe(3 * 8);
    gate.resolve();
    await Promise.all(positions);
    await writer.append(record(5));
    expect(writer.queuedBytes).toBe(0);
    const ids = [];
    for await (const entry of log.read(LOG_START)) ids.push(idOf(entry));
    expect(ids).toEqual([1, 2, 3, 4, 5]);
  });

  it('begins once, also without an append', async () => {
    const log = memoryLog();
    let openings = 0;
    const writer = deferred(async () => {
      openings++;
      return await log.open(2);
    });
    await Promise.all([writer.begin(), writer.begin(), writer.append(record(1))]);
    expect(openings).toBe(1);
    expect(writer.hasBegun).toBe(true);
    expect((await log.tail(LOG_START)).end.term).toBe(2);
  });

  it('leaves a log that it never wrote as it ended, and accepts nothing after its seal', async () => {
    const log = memoryLog();
    const writer = deferred((end) => log.open(2, end));
    await writer.seal();
    await writer.seal();
    expect(writer.hasBegun).toBe(false);
    await expect(writer.append(record(1))).rejects.toMatchObject({ reason: 'Closed' });
    expect(await log.tail(LOG_START)).toMatchObject({ end: LOG_START, sealed: false });
  });

  it('seals what it began', async () => {
    const log = memoryLog();
    const writer = deferred((end) => log.open(2, end));
    const appended = writer.append(record(1));
    await writer.seal();
    await appended;
    expect(await log.tail(LOG_START)).toMatchObject({ sealed: true });
    await expect(writer.append(record(2))).rejects.toMatchObject({ reason: 'Closed' });
  });

  it('refuses everything once its term could not be begun', async () => {
    const log = memoryLog();
    let openings = 0;
    const writer = deferred(() => {
      openings++;
      return Promise.reject(milvusError('DiskLimitExceeded'));
    });
    const both = await Promise.allSettled([writer.append(record(1)), writer.append(record(2))]);
    for (const one of both) {
      expect(one).toMatchObject({ reason: { reason: 'DiskLimitExceeded' } });
    }
    await expect(writer.append(record(3))).rejects.toMatchObject({ reason: 'WriterPoisoned' });
    await expect(writer.seal()).rejects.toMatchObject({ reason: 'DiskLimitExceeded' });
    expect(openings).toBe(1);
    expect(writer.queuedBytes).toBe(0);
    expect(await readIds(log)).toEqual([]);
  });
});
