import { describe, expect, it } from 'vitest';
import { bound } from './struct-rows.ts';

const ELEMENTS = 'element_filter(people, $[age] > 1)';

describe('where a sample and an element filter may stand', () => {
  it.each<[string, string]>([
    ['not random_sample(0.5)', 'random sample expression cannot be used in unary expression'],
    ['not (n > 1 and random_sample(0.5))', 'random sample expression cannot be used in unary'],
    [`!${ELEMENTS}`, 'element filter expression cannot be used in unary expression'],
    ['n > 1 or random_sample(0.5)', 'random sample expression cannot be used in logical or'],
    ['random_sample(0.5) or n > 1', 'random sample expression cannot be used in logical or'],
    [`n > 1 or (n < 9 and ${ELEMENTS})`, 'element filter expression cannot be used in logical or'],
    [`${ELEMENTS} || ${ELEMENTS}`, 'element filter expression cannot be used in logical or'],
    [
      'random_sample(0.5) and n > 1',
      'random sample expression can only be the last expression in the logical and expression',
    ],
    [
      `${ELEMENTS} && n > 0`,
      'element filter expression can only be the last expression in the logical and expression',
    ],
    [`${ELEMENTS} and random_sample(0.5)`, 'element filter expression can only be the last'],
    [`random_sample(0.5) and ${ELEMENTS}`, 'random sample expression can only be the last'],
    ['(n > 1 and random_sample(0.5)) and n < 9', 'random sample expression can only be the last'],
    ['random_sample(0.5) == true', 'not supported'],
  ])('%s', (text, message) => {
    expect(() => bound(text)).toThrow(message);
  });

  it('keeps what stands before it', () => {
    expect(bound('n > 1 and random_sample(0.25)')).toMatchObject({
      predicate: { kind: 'range' },
      sample: 0.25,
    });
    expect(bound('random_sample(0.25)')).toEqual({
      predicate: { kind: 'constant', value: true },
      sample: 0.25,
    });
    expect(bound(`n > 1 and n < 9 and ${ELEMENTS}`)).toMatchObject({
      predicate: { kind: 'and' },
      elements: { kind: 'match' },
    });
  });
});
