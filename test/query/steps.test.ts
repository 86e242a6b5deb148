import { expect, it } from 'vitest';
import { finish, type Steps } from '../../src/query/steps.ts';

it('does all steps in one stretch', () => {
  let sum = 0;
  function* adding(): Steps<number> {
    for (let i = 1; i <= 4; i++) {
      sum += i;
      yield;
    }
    return sum;
  }
  expect(finish(adding())).toBe(10);
});
