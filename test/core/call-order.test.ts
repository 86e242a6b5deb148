import { describe, expect, it } from 'vitest';
import { CallOrder } from '../../src/core/call-order.ts';

const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('a line of calls', () => {
  it('lets each go when all before it have left, in whatever order they leave', async () => {
    const order = new CallOrder();
    const places = [order.enter('a'), order.enter('a'), order.enter('a')];
    const ready: number[] = [];
    for (const [i, place] of places.entries()) void place.ready.then(() => ready.push(i));
    await turns();
    expect(ready).toEqual([0]);
    places[1]!.leave();
    await turns();
    expect(ready).toEqual([0]);
    places[0]!.leave();
    places[0]!.leave();
    await turns();
    expect(ready).toEqual([0, 1, 2]);
  });

  it('holds up no other line', async () => {
    const order = new CallOrder();
    order.enter('a');
    await expect(order.enter('b').ready).resolves.toBeUndefined();
  });

  it('is forgotten when the last has left', async () => {
    const order = new CallOrder();
    order.enter('a').leave();
    await turns();
    const place = order.enter('a');
    await expect(place.ready).resolves.toBeUndefined();
  });
});
