import { describe, expect, it } from 'vitest';
import type { Steps } from '../../src/query/steps.ts';
import { inTurns } from '../../src/search/in-turns.ts';

function* threeSteps(done: string[]): Steps<string> {
  for (const step of ['one', 'two']) {
    done.push(step);
    yield;
  }
  done.push('three');
  return 'result';
}

describe('work in turns', () => {
  it('gives a turn behind each step where one is due', async () => {
    const done: string[] = [];
    let given = 0;
    const turn = {
      isOver: true,
      yield: async () => {
        given++;
      },
    };
    expect(await inTurns(threeSteps(done), turn)).toBe('result');
    expect([done, given]).toEqual([['one', 'two', 'three'], 3]);
    expect(await inTurns(threeSteps([]), { ...turn, isOver: false })).toBe('result');
    expect(given).toBe(3);
  });

  it('does no step more when the caller gave up', async () => {
    const done: string[] = [];
    const turn = {
      isOver: true,
      yield: async () => {
        if (done.length === 2) throw new Error('given up');
      },
    };
    await expect(inTurns(threeSteps(done), turn)).rejects.toThrow('given up');
    expect(done).toEqual(['one', 'two']);
  });
});
