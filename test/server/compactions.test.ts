import { describe, expect, it } from 'vitest';
import { Compactions } from '../../src/server/compactions.ts';
import { SimClock } from '../sim/sim-clock.ts';

interface Shard {
  readonly shardId: number;
  readonly segments: readonly { readonly id: number; readonly partitionId: number }[];
}

const shards = (...ids: number[]): Shard[] => [
  { shardId: 1, segments: ids.map((id) => ({ id, partitionId: 1 })) },
];

interface Held {
  readonly run: () => Promise<readonly Shard[]>;
  readonly finish: (after: readonly Shard[]) => void;
}

function held(): Held {
  const { promise, resolve } = Promise.withResolvers<readonly Shard[]>();
  return { run: () => promise, finish: resolve };
}

describe('compactions', () => {
  it('are under way until they are done, and then say what went into what', async () => {
    const clock = new SimClock(0);
    const compactions = new Compactions(clock);
    const { run, finish } = held();
    const answered = compactions.start(1n, { before: shards(1, 2, 3), run, namesKept: false });
    clock.advance(1000);
    await answered;
    expect(compactions.find(1n)).toMatchObject({ isDone: false, merges: [] });
    finish(shards(3, 4));
    await compactions.idle();
    expect(compactions.find(1n)).toEqual({
      isDone: true,
      merges: [{ sources: [1, 2], target: 4 }],
      failure: null,
    });
  });

  it('that are quick are done when they are answered', async () => {
    const compactions = new Compactions(new SimClock(0));
    const { run, finish } = held();
    const answered = compactions.start(1n, { before: shards(1, 2), run, namesKept: false });
    finish(shards(3));
    await answered;
    expect(compactions.find(1n)).toMatchObject({ isDone: true });
  });

  it('that find nothing to do have no merges, but those that are forced name every segment', async () => {
    const compactions = new Compactions(new SimClock(0));
    const run = (): Promise<Shard[]> => Promise.resolve(shards(1, 4));
    await compactions.start(1n, { before: shards(1, 4), run, namesKept: false });
    expect(compactions.find(1n).merges).toEqual([]);
    await compactions.start(2n, { before: shards(1, 2, 3), run, namesKept: true });
    expect(compactions.find(2n).merges).toEqual([
      { sources: [1], target: 1 },
      { sources: [2, 3], target: 4 },
    ]);
  });

  it('say of what is gone for good that it went nowhere', async () => {
    const compactions = new Compactions(new SimClock(0));
    const run = (): Promise<Shard[]> => Promise.resolve(shards(1));
    await compactions.start(1n, { before: shards(1, 2), run, namesKept: false });
    expect(compactions.find(1n).merges).toEqual([{ sources: [2], target: null }]);
  });

  it('merge what is of one partition on one shard', async () => {
    const compactions = new Compactions(new SimClock(0));
    const before = [
      {
        shardId: 1,
        segments: [
          { id: 1, partitionId: 1 },
          { id: 2, partitionId: 2 },
          { id: 3, partitionId: 1 },
        ],
      },
      { shardId: 2, segments: [{ id: 4, partitionId: 1 }] },
    ];
    const after = [
      {
        shardId: 1,
        segments: [
          { id: 5, partitionId: 1 },
          { id: 6, partitionId: 2 },
        ],
      },
      { shardId: 2, segments: [{ id: 7, partitionId: 1 }] },
    ];
    await compactions.start(1n, { before, run: () => Promise.resolve(after), namesKept: false });
    expect(compactions.find(1n).merges).toEqual([
      { sources: [1, 3], target: 5 },
      { sources: [2], target: 6 },
      { sources: [4], target: 7 },
    ]);
  });

  it('end where they are when the server does', async () => {
    const compactions = new Compactions(new SimClock(0));
    const run = (signal: AbortSignal): Promise<Shard[]> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    const answered = compactions.start(1n, { before: [], run, namesKept: false });
    await compactions.stop();
    await answered;
    expect(compactions.find(1n)).toMatchObject({ isDone: true });
  });

  it('tell of their failure', async () => {
    const compactions = new Compactions(new SimClock(0));
    const failure = new Error('disk');
    const run = (): Promise<Shard[]> => Promise.reject(failure);
    await compactions.start(1n, { before: [], run, namesKept: false });
    expect(compactions.find(1n)).toMatchObject({ isDone: true, failure });
  });

  it('are forgotten when many came after them, and never when they are new', async () => {
    const compactions = new Compactions(new SimClock(0));
    const merging = {
      before: shards(1, 2),
      run: () => Promise.resolve(shards(3)),
      namesKept: false,
    };
    for (let id = 0n; id < 1100n; id++) await compactions.start(id, merging);
    expect(compactions.find(1099n).merges).toHaveLength(1);
    expect(compactions.find(0n).merges).toEqual([]);
  });

  it('that nobody knows have nothing left to do', () => {
    const nothing = { isDone: true, merges: [], failure: null };
    expect(new Compactions(new SimClock(0)).find(5000n)).toEqual(nothing);
  });
});
