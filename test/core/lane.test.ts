import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { Lane } from '../../src/core/lane.ts';
import { memoryLog } from '../../src/wal/memory-log.ts';
import { LOG_START, type Position } from '../../src/wal/position.ts';

function record(byteLength: number): {
  kind: number;
  shardId: number;
  timestamp: bigint;
  payload: Uint8Array[];
} {
  return { kind: 1, shardId: 1, timestamp: 1n, payload: [new Uint8Array(byteLength)] };
}

describe('a lane', () => {
  it('makes the new beginning durable before it lets the log go', async () => {
    const log = memoryLog();
    const events: string[] = [];
    const watched = {
      ...log,
      read: log.read.bind(log),
      byteLength: log.byteLength.bind(log),
      truncate: async (before: Position): Promise<void> => {
        events.push('truncate');
        await log.truncate(before);
      },
    };
    const advanceStart = async (): Promise<void> => {
      events.push('advance');
    };
    const writer = await log.open(1);
    const lane = new Lane({
      log: watched,
      writer,
      start: LOG_START,
      advanceStart,
      logger: silentLogger,
    });
    const first = await lane.append(record(100));
    const held = lane.heldBytes;
    expect(held).toBeGreaterThanOrEqual(100);
    await lane.append(record(50));
    const { end } = lane;
    await lane.truncate(end);
    expect(events).toEqual(['advance', 'truncate']);
    expect(lane.start).toEqual(end);
    expect(lane.heldBytes).toBeLessThan(held);
    await lane.truncate(first);
    expect(events).toEqual(['advance', 'truncate']);
  });

  it('remembers that nothing is written any more', async () => {
    const log = memoryLog();
    const writer = await log.open(1);
    const poisoned = milvusError('WriterPoisoned', { message: 'log: no space' });
    let failure: Error = milvusError('EntityTooLarge');
    const failing = {
      append: () => Promise.reject(failure),
      end: LOG_START,
    } as unknown as typeof writer;
    const advanceStart = (): Promise<void> => Promise.resolve();
    const parts = { log, start: LOG_START, advanceStart, logger: silentLogger };
    const lane = new Lane({ ...parts, writer: failing });
    await expect(lane.append(record(1))).rejects.toMatchObject({ reason: 'EntityTooLarge' });
    expect(lane.failure).toBeNull();
    failure = poisoned;
    await expect(lane.append(record(1))).rejects.toBe(poisoned);
    expect(lane.failure).toBe(poisoned);
  });

  it('forgets nothing when the new beginning cannot be made durable', async () => {
    const log = memoryLog();
    const writer = await log.open(1);
    const advanceStart = (): Promise<void> => Promise.reject(new Error('full'));
    const lane = new Lane({ log, writer, start: LOG_START, advanceStart, logger: silentLogger });
    await lane.append(record(10));
    await expect(lane.truncate(lane.end)).rejects.toThrow('full');
    expect(lane.start).toEqual(LOG_START);
    let records = 0;
    for await (const entry of log.read(LOG_START)) records += entry.kind;
    expect(records).toBe(1);
  });

  it('refuses to append where nothing is written', async () => {
    const log = memoryLog();
    const advanceStart = async (): Promise<void> => undefined;
    const lane = new Lane({
      log,
      writer: null,
      start: LOG_START,
      advanceStart,
      logger: silentLogger,
    });
    await expect(lane.append(record(1))).rejects.toMatchObject({ reason: 'ReadOnly' });
    expect(lane.queuedBytes).toBe(0);
    await lane.seal();
  });
});
