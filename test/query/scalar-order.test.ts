import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classOf, compareScalars, compareText } from '../../src/query/scalar-order.ts';

describe('compareText', () => {
  it('orders as the UTF-8 bytes do', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const order = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareText(a, b))).toBe(order);
      }),
    );
    expect(compareText('\uffff', '😀')).toBeLessThan(0);
  });
});

describe('compareScalars', () => {
  it('compares numbers by exact value and nothing across classes', () => {
    expect(compareScalars(9007199254740993n, 9007199254740992)).toBe(1);
    expect(compareScalars(2n, 2)).toBe(0);
    expect(compareScalars(false, true)).toBe(-1);
    expect(compareScalars('1', 1n)).toBeNull();
    expect(compareScalars(1n, true)).toBeNull();
    expect([classOf(1n), classOf(1.5), classOf(''), classOf(true)]).toEqual([
      'number',
      'number',
      'text',
      'boolean',
    ]);
  });
});
