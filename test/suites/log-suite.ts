/** What every Log does. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RECORD_BYTES_MAX } from '../../src/base/limits.ts';
import type { Log, LogEntry, LogRecord } from '../../src/wal/log.ts';
import { comparePositions, LOG_START, type Position } from '../../src/wal/position.ts';

export interface LogUnderTest {
  readonly log: Log;
  /** Another log object over the same storage; null when the storage lives in the object. */
  readonly again: (() => Log) | null;
  dispose(): Promise<void>;
}

/** A record that says who it is. */
export function record(id: number, payloadBytes = 8): LogRecord {
  const payload = new Uint8Array(Math.max(4, payloadBytes)).fill(id & 0xff);
  new DataView(payload.buffer).setUint32(0, id, true);
  return { kind: (id % 7) + 1, shardId: id % 3, timestamp: BigInt(1000 + id), payload: [payload] };
}

export function idOf(entry: { payload: Uint8Array }): number {
  return new DataView(entry.payload.buffer, entry.payload.byteOffset).getUint32(0, true);
}

export async function readAll(log: Log, from: Position = LOG_START): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of log.read(from)) entries.push(entry);
  return entries;
}

export async function readIds(log: Log, from: Position = LOG_START): Promise<number[]> {
  return (await readAll(log, from)).map(idOf);
}

export function logSuite(name: string, make: () => Promise<LogUnderTest>): void {
  describe(`${name} is a log`, () => {
    let made: LogUnderTest;
    let log: Log;

    beforeEach(async () => {
      made = await make();
      ({ log } = made);
    });

    afterEach(() => made.dispose());

    it('is empty at first', async () => {
      expect(await readAll(log)).toEqual([]);
      const tail = { end: LOG_START, sealed: false, cutBytes: 0, heldBytes: 0 };
      expect(await log.tail(LOG_START)).toEqual(tail);
      expect(await log.byteLength(LOG_START)).toBe(0);
      await log.truncate({ term: 5, sequence: 5, index: 0 });
    });

    it('reads records back in order, with everything they carry', async () => {
      const writer = await log.open(1);
      const records = [0, 1, 7, 8, 9, 100_000].map((payloadBytes, id) => record(id, payloadBytes));
      const positions = await Promise.all(records.map((one) => writer.append(one)));
      const entries = await readAll(log);
      expect(entries.map(idOf)).toEqual([0, 1, 2, 3, 4, 5]);
      for (const [i, entry] of entries.entries()) {
        const { kind, shardId, timestamp, payload } = records[i] as LogRecord;
        expect(entry).toMatchObject({ kind, shardId, timestamp, position: positions[i] });
        expect(Buffer.compare(entry.payload, Buffer.concat(payload as Uint8Array[]))).toBe(0);
        expect(entry.payload.byteOffset % 8).toBe(0);
      }
    });

    it('joins the chunks of a payload, and takes an empty one', async () => {
      const writer = await log.open(1);
      const chunks = [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)];
      await writer.append({ kind: 1, shardId: 1, timestamp: 5n, payload: chunks });
      await writer.append({ kind: 2, shardId: 1, timestamp: 6n, payload: [] });
      expect((await readAll(log)).map(({ payload }) => [...payload])).toEqual([[1, 2, 3], []]);
    });

    it('gives positions that grow with every append and never fall below the end', async () => {
      const writer = await log.open(3);
      let last: Position = LOG_START;
      for (let i = 0; i < 20; i++) {
        const { end } = writer;
        const [first, second] = await Promise.all([
          writer.append(record(i)),
          writer.append(record(i)),
        ]);
        for (const position of [first, second]) {
          expect(position.term).toBe(3);
          expect(comparePositions(position, last)).toBeGreaterThan(0);
          last = position;
        }
        expect(comparePositions(first, end)).toBeGreaterThanOrEqual(0);
      }
    });

    it('has its end at or below every record that is not acknowledged yet', async () => {
      const writer = await log.open(1);
      const pending: Promise<Position>[] = [];
      const ends: Position[] = [];
      for (let i = 0; i < 20; i++) {
        pending.push(writer.append(record(i)));
        ends.push(writer.end);
      }
      const positions = await Promise.all(pending);
      const isImmediate = comparePositions(ends[0] as Position, positions[0] as Position) > 0;
      for (const [i, end] of ends.entries()) {
        const first = positions[isImmediate ? i + 1 : 0];
        if (first !== undefined) expect(comparePositions(end, first)).toBeLessThanOrEqual(0);
      }
      for (const position of positions) {
        expect(comparePositions(writer.end, position)).toBeGreaterThan(0);
      }
    });

    it('acknowledges in the order of the appends', async () => {
      const writer = await log.open(1);
      const order: number[] = [];
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          await writer.append(record(i));
          order.push(i);
        }),
      );
      expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i));
    });

    it('reads from any position on', async () => {
      const writer = await log.open(1);
      const positions = await Promise.all(
        Array.from({ length: 30 }, (_, i) => writer.append(record(i))),
      );
      for (const [i, position] of positions.entries()) {
        expect(await readIds(log, position)).toEqual(
          Array.from({ length: 30 - i }, (_, k) => i + k),
        );
      }
      expect(await readIds(log, writer.end)).toEqual([]);
    });

    it('reads up to the end as of the call, while appends go on', async () => {
      const writer = await log.open(1);
      await writer.append(record(1));
      const reading = readIds(log);
      const appending = Promise.all([writer.append(record(2)), writer.append(record(3))]);
      expect((await reading)[0]).toBe(1);
      await appending;
      expect(await readIds(log)).toEqual([1, 2, 3]);
    });

    it('counts the bytes that wait', async () => {
      const writer = await log.open(1);
      expect(writer.queuedBytes).toBe(0);
      await Promise.all([writer.append(record(1, 1000)), writer.append(record(2, 1000))]);
      await writer.seal();
      expect(writer.queuedBytes).toBe(0);
    });

    it('refuses a record above the limit and goes on', async () => {
      const writer = await log.open(1);
      const half = new Uint8Array(RECORD_BYTES_MAX / 2 + 1);
      const refused = writer.append({ kind: 1, shardId: 1, timestamp: 1n, payload: [half, half] });
      await expect(refused).rejects.toMatchObject({ reason: 'EntityTooLarge' });
      await writer.append(record(1));
      expect(await readIds(log)).toEqual([1]);
    });

    it('accepts nothing after the seal, and says that it is sealed', async () => {
      const writer = await log.open(1);
      await writer.append(record(1));
      const waiting = writer.append(record(2));
      await writer.seal();
      await writer.seal();
      await waiting;
      await expect(writer.append(record(3))).rejects.toMatchObject({ reason: 'Closed' });
      expect(await log.tail(LOG_START)).toMatchObject({ sealed: true, cutBytes: 0 });
      expect(await readIds(log)).toEqual([1, 2]);
    });

    it('tells where it ends', async () => {
      const writer = await log.open(1);
      expect((await log.tail(LOG_START)).end.term).toBe(1);
      await writer.append(record(1));
      const { end } = writer;
      expect(await log.tail(LOG_START)).toMatchObject({ end, sealed: false, cutBytes: 0 });
    });

    it('tells the same when it is read to its end, and how much it holds', async () => {
      const writer = await log.open(1);
      for (const id of [1, 2, 3]) await writer.append(record(id));
      await writer.seal();
      const entries = log.read(LOG_START);
      let count = 0;
      let next = await entries.next();
      for (; next.done !== true; next = await entries.next()) count++;
      expect(count).toBe(3);
      expect(next.value).toEqual(await log.tail(LOG_START));
      expect(next.value).toMatchObject({
        sealed: true,
        heldBytes: await log.byteLength(LOG_START),
      });
    });

    it('opens a term behind the end that its opener knows, and behind no other', async () => {
      await (await log.open(1, LOG_START)).append(record(1));
      await expect(log.open(2, LOG_START)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
      const { end } = await log.tail(LOG_START);
      await (await log.open(3, end)).append(record(2));
      expect(await readIds(log)).toEqual([1, 2]);
    });

    it('continues with a higher term, which ends the lower one', async () => {
      const lower = await log.open(1);
      await lower.append(record(1));
      const higher = await log.open(4);
      await expect(lower.append(record(2))).rejects.toMatchObject({ reason: 'WriterPoisoned' });
      await expect(lower.seal()).rejects.toMatchObject({ reason: 'WriterPoisoned' });
      await higher.append(record(3));
      expect(await readIds(log)).toEqual([1, 3]);
      expect(comparePositions(higher.end, lower.end)).toBeGreaterThan(0);
    });

    it('keeps what a lower term had acknowledged, and nothing it had refused', async () => {
      const lower = await log.open(1);
      const settled = Promise.allSettled(
        Array.from({ length: 40 }, (_, i) => lower.append(record(i))),
      );
      const higher = await log.open(2);
      const kept = (await settled).filter(({ status }) => status === 'fulfilled').length;
      await higher.append(record(100));
      expect(await readIds(log)).toEqual([...Array.from({ length: kept }, (_, i) => i), 100]);
    });

    it('opens no term twice, and none below', async () => {
      await log.open(3);
      await expect(log.open(3)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
      await expect(log.open(2)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    });

    it('forgets nothing at or after the truncation point', async () => {
      const writer = await log.open(1);
      const positions: Position[] = [];
      for (let i = 0; i < 20; i++) positions.push(await writer.append(record(i)));
      await log.truncate(positions[7] as Position);
      await log.truncate(positions[3] as Position);
      expect((await readIds(log, positions[7])).at(0)).toBe(7);
      expect((await readIds(log)).slice(-13)).toEqual(Array.from({ length: 13 }, (_, i) => 7 + i));
      await writer.append(record(20));
      expect(await readIds(log, positions[19])).toEqual([19, 20]);
    });

    it('goes on after everything was truncated', async () => {
      const first = await log.open(1);
      await first.append(record(1));
      await log.truncate(first.end);
      await first.append(record(2));
      const { end } = first;
      await first.seal();
      await log.truncate(end);
      const second = await log.open(2);
      await second.append(record(3));
      expect(await readIds(log, end)).toEqual([3]);
      await log.truncate(second.end);
      await second.append(record(4));
      expect((await readIds(log)).at(-1)).toBe(4);
    });

    it('holds fewer bytes from a later position on', async () => {
      const writer = await log.open(1);
      await writer.append(record(1, 1000));
      expect(await log.byteLength(LOG_START)).toBeGreaterThanOrEqual(1000);
      expect(await log.byteLength({ term: 2, sequence: 0, index: 0 })).toBe(0);
    });

    it('may be disposed of twice, and accepts nothing afterwards', async () => {
      const writer = await log.open(1);
      await writer.append(record(1));
      await log[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
      await expect(writer.append(record(2))).rejects.toMatchObject({ reason: 'Closed' });
    });

    it('is read by another log object while it is written', async () => {
      if (made.again === null) return;
      const writer = await log.open(1);
      for (let i = 0; i < 10; i++) {
        await writer.append(record(i));
        await using other = made.again();
        expect((await readIds(other)).length).toBe(i + 1);
        expect((await other.tail(LOG_START)).end).toEqual(writer.end);
      }
    });

    it('gives no acknowledgement once another log object has opened a higher term', async () => {
      if (made.again === null) return;
      const zombie = await log.open(1);
      await zombie.append(record(1));
      await using other = made.again();
      const writer = await other.open(2);
      await expect(zombie.append(record(2))).rejects.toThrow(/term 1 was ended by term 2/);
      await expect(zombie.append(record(3))).rejects.toMatchObject({ reason: 'WriterPoisoned' });
      await writer.append(record(4));
      expect(await readIds(other)).toEqual([1, 4]);
    });
  });
}
