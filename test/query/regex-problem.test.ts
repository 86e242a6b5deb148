import { expect, it } from 'vitest';
import { RegexProblem } from '../../src/query/regex-problem.ts';

it('is told apart from other errors by its name', () => {
  expect(new RegexProblem('missing closing )')).toMatchObject({
    name: 'RegexProblem',
    message: 'missing closing )',
  });
});
