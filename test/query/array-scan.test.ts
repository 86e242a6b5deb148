import { describe, expect, it } from 'vitest';
import { elementColumn, scanArrays } from '../../src/query/array-scan.ts';
import type { ListColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';
import type { Value } from './columns.ts';

const list = (elementType: DataType, values: readonly Value[]): ListColumn =>
  columnOf(DataType.Array, values, elementType) as ListColumn;

describe('elementColumn', () => {
  it('is null where the array is null or too short', () => {
    const column = elementColumn(list(DataType.Int64, [[1n, 2n], null, [], [3n]]), 0, 4);
    expect(column).toEqual({
      kind: 'fixed',
      type: DataType.Int64,
      values: BigInt64Array.of(1n, 0n, 0n, 3n),
      validity: Uint32Array.of(0b1001),
    });
  });

  it('copies texts together', () => {
    const column = elementColumn(list(DataType.VarChar, [['a', 'bc'], ['x'], ['', 'é']]), 1, 3);
    expect(column).toMatchObject({
      offsets: Uint32Array.of(0, 2, 2, 4),
      validity: Uint32Array.of(0b101),
    });
    expect(column.kind === 'bytes' && Buffer.from(column.bytes).toString()).toBe('bcé');
  });

  it('is null where the element itself is', () => {
    const { validity } = elementColumn(
      list(DataType.Int32, [
        [1, null],
        [null, 2],
      ]),
      1,
      2,
    );
    expect(validity).toEqual(Uint32Array.of(0b10));
  });
});

describe('scanArrays', () => {
  it('finds arrays that are the list, element by element', () => {
    const numbers = list(DataType.Double, [[1, 2], [1], null, [1, 2, 3], [2, 1]]);
    expect(scanArrays(numbers, [1n, 2], 5)[0]).toBe(0b00001);
    const booleans = list(DataType.Bool, [[true], [false]]);
    expect(scanArrays(booleans, [true], 2)[0]).toBe(0b01);
    const texts = list(DataType.VarChar, [['a', 'b'], ['ab'], ['a', 'b', 'c']]);
    expect(scanArrays(texts, ['a', 'b'], 3)[0]).toBe(0b001);
    expect(scanArrays(texts, ['a', 1n], 3)[0]).toBe(0);
    expect(scanArrays(list(DataType.Int32, [[1, null]]), [1n, 0n], 1)[0]).toBe(0);
  });
});
