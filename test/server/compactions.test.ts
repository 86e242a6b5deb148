import { describe, expect, it } from 'vitest';
import { Compactions } from '../../src/server/compactions.ts';

const segments = (...ids: number[]): { id: number }[] => ids.map((id) => ({ id }));

describe('compactions', () => {
  it('are under way until they are done, and then say what went into what', async () => {
    const compactions = new Compactions();
    let finish: (after: { id: number }[]) => void = () => undefined;
    const run = (): Promise<{ id: number }[]> =>
      new Promise((resolve) => {
        finish = resolve;
      });
    compactions.start(1n, { before: segments(1, 2, 3), run });
    expect(compactions.find(1n)).toMatchObject({ isDone: false, merges: [] });
    finish(segments(3, 4));
    await compactions.idle();
    expect(compactions.find(1n)).toEqual({
      isDone: true,
      merges: [{ sources: [1, 2], target: 4 }],
      failure: null,
    });
  });

  it('that find nothing to do have no merges', async () => {
    const compactions = new Compactions();
    compactions.start(1n, { before: segments(1), run: () => Promise.resolve(segments(1)) });
    await compactions.idle();
    expect(compactions.find(1n).merges).toEqual([]);
  });

  it('end where they are when the server does', async () => {
    const compactions = new Compactions();
    const run = (signal: AbortSignal): Promise<{ id: number }[]> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    compactions.start(1n, { before: [], run });
    await compactions.stop();
    expect(compactions.find(1n)).toMatchObject({ isDone: true });
  });

  it('tell of their failure', async () => {
    const compactions = new Compactions();
    const failure = new Error('disk');
    compactions.start(1n, { before: [], run: () => Promise.reject(failure) });
    await compactions.idle();
    expect(compactions.find(1n)).toMatchObject({ isDone: true, failure });
  });

  it('are forgotten when many came after them, and never when they are new', async () => {
    const compactions = new Compactions();
    const run = (): Promise<{ id: number }[]> => Promise.resolve([{ id: 2 }]);
    for (let id = 0n; id < 1100n; id++) compactions.start(id, { before: [{ id: 1 }], run });
    await compactions.idle();
    expect(compactions.find(1099n).merges).toEqual([{ sources: [1], target: 2 }]);
    expect(compactions.find(0n).merges).toEqual([]);
  });

  it('that nobody knows have nothing left to do', () => {
    const nothing = { isDone: true, merges: [], failure: null };
    expect(new Compactions().find(5000n)).toEqual(nothing);
  });
});
