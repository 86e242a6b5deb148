import { describe, expect, it } from 'vitest';
import { jsonLengths } from '../../src/query/json-length.ts';
import type { BytesColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';

describe('jsonLengths', () => {
  const rows = [{ a: [1, [2, 3], { k: [4] }] }, { a: [] }, { a: 'x' }, {}, null, { a: { 0: [] } }];
  const column = columnOf(DataType.JSON, rows) as BytesColumn;

  it('counts the elements of one level, and knows nothing where no array is', () => {
    const lengths = jsonLengths({ column, path: ['a'], rowCount: 6 }, null);
    expect([...lengths.values]).toEqual([3, 0, 0, 0, 0, 0]);
    expect(lengths.validity?.[0]).toBe(0b000011);
    expect(jsonLengths({ column, path: ['a', '1'], rowCount: 6 }, null).values[0]).toBe(2);
  });

  it('passes over the rows that are not asked for', () => {
    expect(jsonLengths({ column, path: ['a'], rowCount: 6 }, Uint32Array.of(2)).validity?.[0]).toBe(
      2,
    );
  });
});
