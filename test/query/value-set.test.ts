import { describe, expect, it } from 'vitest';
import { ValueSetMaker, isUnfinished, valueSet } from '../../src/query/value-set.ts';

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

  it('is made in pieces as it is at once, and is unfinished until then', async () => {
    const list = Array.from(
      { length: 9000 },
      (_, i) => [BigInt((i * 7919) % 5000), i / 7, `t${i % 10}`][i % 3]!,
    );
    const maker = new ValueSetMaker(list, null);
    expect(isUnfinished(maker.set)).toBe(true);
    expect(maker.set.integers).toHaveLength(0);
    await maker.makeInPieces(async (count, work) => {
      for (let start = 0; start < count; start += 1001) work(start, Math.min(count, start + 1001));
    });
    expect(isUnfinished(maker.set)).toBe(false);
    expect(maker.set).toEqual(valueSet(list));
    expect(structuredClone(maker.set)).toEqual(valueSet(list));
  });

  it('casts each value, and fails as the cast does', () => {
    expect(valueSet([1n, 2n], (value) => Number(value) + 0.5).doubles).toEqual(
      Float64Array.of(1.5, 2.5),
    );
    const refuse = (): never => {
      throw new Error('no');
    };
    expect(() => valueSet([1n], refuse)).toThrow('no');
  });
});
