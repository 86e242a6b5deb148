import { describe, expect, it } from 'vitest';
import type { CallNode } from '../../src/query/ast.ts';
import { checkArguments } from '../../src/query/binding.ts';
import { readFilter } from '../../src/query/parser.ts';

describe('arguments of a call', () => {
  const call = readFilter('f(1, 2, most = 3)') as CallNode;

  it('are counted', () => {
    expect(() => checkArguments(call, 2, ['most'])).not.toThrow();
    expect(() => checkArguments(call, 1, ['most'])).toThrow('f takes 1 argument, but got 2');
    expect(() => checkArguments(call, 3, ['most'])).toThrow('f takes 3 arguments, but got 2');
  });

  it('have options that the call knows', () => {
    expect(() => checkArguments(call, 2)).toThrow('f has no option most');
  });
});
