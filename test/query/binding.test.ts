import { expect, it } from 'vitest';
import type { CallNode } from '../../src/query/ast.ts';
import { checkArguments } from '../../src/query/binding.ts';

it('counts arguments and knows options', () => {
  const call = (args: number, options: string[]): CallNode => ({
    kind: 'call',
    name: 'f',
    args: Array.from({ length: args }, () => ({ kind: 'literal', value: 1n, at: 0 }) as const),
    options: options.map((name) => ({ name, value: 1n })),
    at: 0,
  });
  expect(() => checkArguments(call(2, ['slop']), 2, ['slop'])).not.toThrow();
  expect(() => checkArguments(call(1, []), 2)).toThrow('f takes 2 arguments, but got 1');
  expect(() => checkArguments(call(1, ['slop']), 1)).toThrow('f has no option slop');
});
