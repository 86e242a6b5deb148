import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { cancellation, checkSignal, inPieces, Turn } from '../../src/search/read-context.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { hurriedClock } from './world.ts';

describe('a cancelled read', () => {
  it('fails with what the caller aborted with', () => {
    const abort = (reason?: unknown): AbortSignal => AbortSignal.abort(reason);
    expect(cancellation(abort()).reason).toBe('Cancelled');
    expect(cancellation(abort('enough')).cause).toBe('enough');
    expect(cancellation(abort(new DOMException('late', 'TimeoutError'))).reason).toBe(
      'DeadlineExceeded',
    );
    const own = milvusError('Closed');
    expect(cancellation(abort(own))).toBe(own);
    expect(() => checkSignal(abort())).toThrow('context canceled');
    expect(() => checkSignal(new AbortController().signal)).not.toThrow();
    expect(() => checkSignal(undefined)).not.toThrow();
  });
});

describe('a turn', () => {
  it('is over after its time and begins again after a yield', async () => {
    let nowMs = 0;
    const clock = { ...hurriedClock(), monotonicMs: () => nowMs };
    const turn = new Turn({ clock });
    expect(turn.isOver).toBe(false);
    nowMs = 10;
    expect(turn.isOver).toBe(true);
    await turn.yield();
    expect(turn.isOver).toBe(false);
  });

  it('hears a cancellation when it yields', async () => {
    const controller = new AbortController();
    const turn = new Turn({ clock: hurriedClock(), signal: controller.signal });
    await turn.yield();
    controller.abort();
    await expect(turn.yield()).rejects.toThrow('context canceled');
  });
});

describe('pieces of work', () => {
  it('cover everything once, in order, and give turns in between', async () => {
    for (const count of [0, 1, 63, 64, 65, 1000, 10_000]) {
      const clock = hurriedClock();
      const pieces: Array<[number, number]> = [];
      await inPieces(count, new Turn({ clock }), (start, end) => pieces.push([start, end]));
      expect(pieces.map(([start]) => start)).toEqual(
        [0, ...pieces.map(([, end]) => end)].slice(0, pieces.length),
      );
      expect(pieces.at(-1)?.[1] ?? 0).toBe(count);
      expect(clock.yields.count).toBe(pieces.length);
    }
  });

  it('are larger while they are quick, and smaller when they are slow', async () => {
    const clock = new SimClock();
    const sizes: number[] = [];
    await inPieces(20_000, new Turn({ clock }), (start, end) => {
      sizes.push(end - start);
      if (end - start > 1000) clock.advance(50);
    });
    expect(sizes.slice(0, 5)).toEqual([64, 128, 256, 512, 1024]);
    expect(Math.max(...sizes.slice(5))).toBeLessThanOrEqual(1024);
  });
});
