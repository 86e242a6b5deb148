import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOfValues, namedColumn } from '../../src/search/value-columns.ts';
import { textColumn } from './world.ts';

describe('columns of values', () => {
  it('say which are null, and hold zero there', () => {
    expect(columnOfValues(DataType.Int32, [1, null, 3])).toEqual({
      kind: 'fixed',
      type: DataType.Int32,
      values: Int32Array.of(1, 0, 3),
      validity: Uint32Array.of(0b101),
    });
    expect(columnOfValues(DataType.VarChar, ['é', null, 'a'])).toEqual(
      textColumn(['é', null, 'a']),
    );
    expect(columnOfValues(DataType.Int64, [1n, 2n]).validity).toBeNull();
  });

  it('may stand for a field', () => {
    const { field, column } = namedColumn({ id: 3, name: 'n', type: DataType.Bool }, [true, null]);
    expect(field).toMatchObject({ id: 3, name: 'n', type: DataType.Bool, nullable: true });
    expect(column).toMatchObject({ kind: 'fixed', values: Uint8Array.of(1, 0) });
  });
});
