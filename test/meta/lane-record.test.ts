import { describe, expect, it } from 'vitest';
import {
  advanceTruncation,
  bumpTerm,
  readLane,
  recordDurableEnd,
} from '../../src/meta/lane-record.ts';
import { LOG_BEGINNING } from '../../src/meta/log-point.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import { failingStore } from './failing-store.ts';

const at = (term: number, sequence: number, index = 0) => ({ term, sequence, index });

describe('a lane', () => {
  it('is new until it is opened', async () => {
    const lane = await readLane(memoryMetaStore(), 'main');
    expect(lane).toEqual({ term: 0, truncatedBefore: LOG_BEGINNING, durableEnd: LOG_BEGINNING });
  });

  it('gives each opener a term of its own, all at once', async () => {
    const store = memoryMetaStore();
    const lanes = await Promise.all(Array.from({ length: 10 }, () => bumpTerm(store, 'main')));
    const terms = lanes.map(({ term }) => term).sort((a, b) => a - b);
    expect(terms).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await readLane(store, 'other')).term).toBe(0);
  });

  it('gives no term whose taking had an unknown outcome to anybody', async () => {
    const { store, failNext } = failingStore(memoryMetaStore());
    failNext('after');
    await expect(bumpTerm(store, 'main')).rejects.toMatchObject({ reason: 'IoFailed' });
    expect((await bumpTerm(store, 'main')).term).toBe(2);
  });

  it('moves its beginning forward only, and keeps it over terms', async () => {
    const store = memoryMetaStore();
    await bumpTerm(store, 'main');
    const moved = await advanceTruncation(store, 'main', { term: 1, before: at(1, 5, 2) });
    expect(moved).toMatchObject({ term: 1, truncatedBefore: at(1, 5, 2) });
    const back = await advanceTruncation(store, 'main', { term: 1, before: at(1, 5, 1) });
    expect(back).toEqual(moved);
    const next = { term: 2, truncatedBefore: at(1, 5, 2) };
    expect(await bumpTerm(store, 'main')).toMatchObject(next);
    expect(await readLane(store, 'main')).toMatchObject(next);
  });

  it('remembers the farthest end that a clean close left, over terms', async () => {
    const store = memoryMetaStore();
    await bumpTerm(store, 'main');
    await recordDurableEnd(store, 'main', at(1, 7));
    await recordDurableEnd(store, 'main', at(1, 6));
    await advanceTruncation(store, 'main', { term: 1, before: at(1, 5) });
    await bumpTerm(store, 'main');
    expect(await readLane(store, 'main')).toEqual({
      term: 2,
      truncatedBefore: at(1, 5),
      durableEnd: at(1, 7),
    });
  });

  it('is moved no more by the owner of a lower term', async () => {
    const store = memoryMetaStore();
    await bumpTerm(store, 'main');
    await bumpTerm(store, 'main');
    const late = advanceTruncation(store, 'main', { term: 1, before: at(1, 9) });
    await expect(late).rejects.toMatchObject({ reason: 'ChannelMisrouted', code: 507 });
    expect((await readLane(store, 'main')).truncatedBefore).toEqual(LOG_BEGINNING);
  });

  it('may be told again what was told and not answered', async () => {
    const { store, failNext } = failingStore(memoryMetaStore());
    await bumpTerm(store, 'main');
    failNext('after');
    const move = { term: 1, before: at(1, 3) };
    await expect(advanceTruncation(store, 'main', move)).rejects.toMatchObject({ code: 1001 });
    expect((await advanceTruncation(store, 'main', move)).truncatedBefore).toEqual(at(1, 3));
  });
});
