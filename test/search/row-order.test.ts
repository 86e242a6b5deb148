import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { compareByTerms, OrderReader } from '../../src/search/row-order.ts';
import { fieldReference } from '../../src/search/row-values.ts';
import { int32Column, NAME, SIZE, textColumn } from './world.ts';

const size = fieldReference({ id: SIZE, type: DataType.Int32 });
const name = fieldReference({ id: NAME, type: DataType.VarChar });

describe('the order of rows', () => {
  it('is that of the first term, and of the next where it leaves a tie', () => {
    const terms = [
      { reference: size, isDescending: true, isNullsFirst: true },
      { reference: name, isDescending: false, isNullsFirst: false },
    ];
    const columns = new Map<number, Column>([
      [SIZE, int32Column([1, 2, 2, 2])],
      [NAME, textColumn(['a', null, 'z', 'b'])],
    ]);
    const reader = new OrderReader(terms, columns);
    const rows = [0, 1, 2, 3].toSorted((left, right) =>
      compareByTerms(terms, reader.read(left), reader.read(right)),
    );
    expect(rows).toEqual([3, 2, 1, 0]);
    expect(reader.readFirst(3)).toBe(2);
    expect(compareByTerms(terms, [2, null], [2, null])).toBe(0);
  });
});
