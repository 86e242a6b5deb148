import { describe, expect, it } from 'vitest';
import { isAlwaysTrue, primaryKeysOf } from '../../src/query/facts.ts';
import { bound } from './struct-rows.ts';

describe('random_sample', () => {
  it.each(['1', '0', '-9', '1.0', '0.0', '-0.5', '0.99999999999', '1e-11', '"a"', 'true', '[0.1]'])(
    'refuses %s',
    (factor) => {
      expect(() => bound(`random_sample(${factor})`)).toThrow(
        `the sample factor should be between 0 and 1 and not too close to 0 or 1`,
      );
    },
  );

  it('takes a constant, a template value or what folds to one', () => {
    expect(bound('random_sample(0.1)').sample).toBe(0.1);
    expect(bound('RANDOM_SAMPLE({p})', { p: 0.5 }).sample).toBe(0.5);
    expect(bound('random_sample(0.25 * 2)').sample).toBe(0.5);
  });

  it('refuses what is no constant, and another number of arguments', () => {
    expect(() => bound('random_sample(n)')).toThrow('should be a const float expression');
    expect(() => bound('random_sample()')).toThrow('sample factor missed: random_sample()');
    expect(() => bound('random_sample(0.1, 0.2)')).toThrow('sample factor missed');
  });

  it('is no filter that lets every row pass, nor one that keys alone decide', () => {
    expect(isAlwaysTrue(bound('random_sample(0.5)'))).toBe(false);
    expect(primaryKeysOf(bound('id in [1, 2] and random_sample(0.5)'), 100)).toEqual({
      keys: [1n, 2n],
      exact: false,
    });
  });
});
