import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { LONG_CALL_MS, TURN_MS_MAX, TURN_WAIT_MS_MAX } from '../../src/base/limits.ts';
import { HeldTime, heldTimeOf, TurnQueue, turnQueue } from '../../src/search/turn-queue.ts';
import { SimClock } from '../sim/sim-clock.ts';

function held(ms: number): HeldTime {
  const time = new HeldTime();
  for (let left = ms; left > 0; left -= TURN_MS_MAX) time.add(Math.min(left, TURN_MS_MAX));
  return time;
}

/** A loop whose turns are taken by hand. */
class HandClock extends SimClock {
  readonly asked: number[] = [];
  #resume: (() => void) | null = null;

  override yieldTurn(turnCount = 1): Promise<void> {
    this.asked.push(turnCount);
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  async turn(): Promise<void> {
    this.#resume?.();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
}

describe('the queue of turns', () => {
  it('lets one go on in a turn of the loop, those first that had least', async () => {
    const clock = new HandClock();
    const queue = new TurnQueue(clock);
    const order: string[] = [];
    const work = async (name: string, time: HeldTime): Promise<void> => {
      await queue.wait(time);
      order.push(name);
    };
    void work('most', held(12));
    void work('least', held(4));
    void work('some', held(8));
    void work('least, later', held(4));
    expect(order).toEqual([]);
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      await clock.turn();
      seen.push(order.length);
    }
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(order).toEqual(['least', 'least, later', 'some', 'most']);
    expect(clock.asked).toEqual([1, 1, 1, 1]);
  });

  it('lets the loop turn some times more before what is long', async () => {
    const clock = new HandClock();
    const queue = new TurnQueue(clock);
    void queue.wait(held(LONG_CALL_MS - 1));
    await clock.turn();
    void queue.wait(held(LONG_CALL_MS));
    await clock.turn();
    expect(clock.asked[0]).toBe(1);
    expect(clock.asked[1]).toBeGreaterThan(1);
  });

  it('puts what came meanwhile, and is light, before what is long', async () => {
    const clock = new HandClock();
    const queue = new TurnQueue(clock);
    const order: string[] = [];
    void queue.wait(held(100)).then(() => order.push('long'));
    void queue.wait(held(1)).then(() => order.push('light'));
    await clock.turn();
    expect(order).toEqual(['light']);
    await clock.turn();
    expect(order).toEqual(['light', 'long']);
  });

  it('keeps nobody waiting for others longer than its bound', async () => {
    const clock = new HandClock();
    const queue = new TurnQueue(clock);
    let isServed = false;
    void queue.wait(held(100)).then(() => {
      isServed = true;
    });
    let turns = 0;
    for (; !isServed && turns < 1000; turns++) {
      void queue.wait(held(1));
      clock.advance(1);
      await clock.turn();
    }
    expect(turns).toBe(TURN_WAIT_MS_MAX);
  });

  it('tells all who wait that the clock has failed, and goes on behind it', async () => {
    const clock = new SimClock();
    const queue = new TurnQueue(clock);
    const { yieldTurn } = clock;
    clock.yieldTurn = () => Promise.reject(new Error('no turn'));
    const waits = [held(1), held(2)].map((time) => queue.wait(time));
    for (const result of await Promise.allSettled(waits)) expect(result.status).toBe('rejected');
    clock.yieldTurn = yieldTurn;
    await queue.wait(held(1));
  });

  it('is one for all that run by the same clock', async () => {
    expect(turnQueue(systemClock)).toBe(turnQueue(systemClock));
    expect(turnQueue(new SimClock())).not.toBe(turnQueue(new SimClock()));
  });
});

describe('the time that a call has held the thread', () => {
  it('is that of all of its work, which is known by its signal', () => {
    const { signal } = new AbortController();
    heldTimeOf(signal).add(3);
    expect(heldTimeOf(signal).heldMs).toBe(3);
    expect(heldTimeOf(new AbortController().signal).heldMs).toBe(0);
    expect(heldTimeOf(undefined)).not.toBe(heldTimeOf(undefined));
  });

  it('counts no wait for a disk, and no clock that goes back', () => {
    const time = new HeldTime();
    time.add(1000);
    expect(time.heldMs).toBeLessThanOrEqual(2 * TURN_MS_MAX);
    const before = time.heldMs;
    time.add(-5);
    expect(time.heldMs).toBe(before);
    expect(time.isLong).toBe(false);
    time.add(1000);
    expect(time.isLong).toBe(true);
  });
});
