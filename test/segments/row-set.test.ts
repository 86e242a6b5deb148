import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascendingRows, writtenWithin } from '../../src/segments/row-set.ts';

describe('row sets', () => {
  it('are ascending and hold a row once', () => {
    expect(ascendingRows(Uint32Array.of(5, 1, 5, 0, 1))).toEqual(Uint32Array.of(0, 1, 5));
    expect(ascendingRows(new Uint32Array(0))).toEqual(new Uint32Array(0));
  });

  it('hold the rows written within two timestamps', () => {
    const near = fc.bigInt({ min: 2n ** 32n - 4n, max: 2n ** 32n + 4n });
    const timestamp = fc.oneof(near, fc.bigInt({ min: 0n, max: 2n ** 62n }));
    fc.assert(
      fc.property(
        fc.array(timestamp, { maxLength: 70 }),
        timestamp,
        timestamp,
        (list, from, to) => {
          const rows = writtenWithin(BigInt64Array.from(list), from, to);
          const expected = list.flatMap((value, row) =>
            value >= from && value <= to ? [row] : [],
          );
          expect([...rows.toOffsets()]).toEqual(expected);
        },
      ),
    );
  });
});
