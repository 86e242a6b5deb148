import { describe, expect, it } from 'vitest';
import { valueSet } from '../../src/query/value-set.ts';

describe('valueSet', () => {
  it('parts the classes, sorts numbers and drops duplicates', () => {
    expect(valueSet([3n, 1n, 3n, 2.5, -0, 0, 'b', 'a', 'b', true, true])).toEqual({
      integers: BigInt64Array.of(1n, 3n),
      doubles: Float64Array.of(0, 2.5),
      texts: ['b', 'a'],
      booleans: [true],
    });
  });

  it('leaves a given array alone and out what no int64 is', () => {
    const given = BigInt64Array.of(2n, 1n, 2n);
    expect(valueSet(given).integers).toEqual(BigInt64Array.of(1n, 2n));
    expect(given).toEqual(BigInt64Array.of(2n, 1n, 2n));
    expect(valueSet([1n << 63n, 5n]).integers).toEqual(BigInt64Array.of(5n));
  });
});
