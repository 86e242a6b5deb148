import { describe, expect, it } from 'vitest';
import type { BoundFilter } from '../../src/query/bind.ts';
import { prepareTables } from '../../src/query/prepare.ts';
import { scanMembership } from '../../src/query/number-scan.ts';
import { scanTextMembership } from '../../src/query/text-scan.ts';
import { valueSet } from '../../src/query/value-set.ts';
import type { BytesColumn, FixedColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';
import type { Value } from './columns.ts';

const rowsOf = (words: Uint32Array, count: number): number[] =>
  Array.from({ length: count }, (_, i) => i).filter(
    (i) => ((words[i >>> 5]! >>> (i & 31)) & 1) === 1,
  );
const fixed = (type: DataType, values: readonly Value[]): FixedColumn =>
  columnOf(type, values) as FixedColumn;

describe('tables made beforehand', () => {
  const COUNT = 70_000;
  const filterOf = (values: ReturnType<typeof valueSet>): BoundFilter => ({
    predicate: {
      kind: 'in',
      column: { access: 'value', fieldId: 1, type: DataType.Int64 },
      values,
    },
  });

  it('say the same, and are made once', async () => {
    const values = valueSet(BigInt64Array.from({ length: COUNT }, (_, i) => BigInt(i) * 3n));
    const pieces: number[] = [];
    const inPieces = async (
      count: number,
      add: (start: number, end: number) => void,
    ): Promise<void> => {
      for (let start = 0; start < count; start += 9999) {
        pieces.push(start);
        add(start, Math.min(count, start + 9999));
      }
    };
    await prepareTables(filterOf(values), inPieces);
    expect(pieces.length).toBe(8);
    await prepareTables(filterOf(values), inPieces);
    expect(pieces.length).toBe(8);
    const column = fixed(DataType.Int64, [-3n, 0n, 1n, 3n, 209_997n, 210_000n]);
    expect(rowsOf(scanMembership(column, values, 6), 6)).toEqual([1, 3, 4]);
  });

  it('are made of texts too', async () => {
    const values = valueSet(Array.from({ length: 20_000 }, (_, i) => `t${i}`));
    let pieces = 0;
    await prepareTables(filterOf(values), async (count, add) => {
      for (let start = 0; start < count; start += 5000, pieces++) add(start, start + 5000);
    });
    expect(pieces).toBe(4);
    const column = columnOf(DataType.VarChar, ['t1', 't20000', 't19999']) as BytesColumn;
    expect(rowsOf(scanTextMembership(column, values.texts, 3, null), 3)).toEqual([0, 2]);
  });

  it('are left to the scan when the list is short', async () => {
    const values = valueSet(BigInt64Array.of(1n, 2n));
    await prepareTables(filterOf(values), async () => {
      throw new Error('nothing is to be made');
    });
    expect(rowsOf(scanMembership(fixed(DataType.Int64, [1n, 5n]), values, 2), 2)).toEqual([0]);
  });
});
