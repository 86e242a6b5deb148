import { describe, expect, it } from 'vitest';
import type { FieldSchema } from '../../src/schema/collection-schema.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { buildSchema, type FieldDefinition } from '../../src/schema/definition.ts';
import { encodeColumn, encodeInt64, integerRange } from '../../src/schema/value-encoders.ts';
import { rowsOf } from './arbitraries.ts';

function field(definition: Omit<FieldDefinition, 'name'>): FieldSchema {
  return buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'v', type: 'FloatVector', dim: 2 },
      { name: 'f', ...definition },
    ],
  }).fields[2]!;
}

describe('encodeColumn', () => {
  it('puts zeros and empty ranges where a row is null', () => {
    expect(encodeColumn(field({ type: 'Int16' }), [1, null, 3], 'UTC')).toEqual({
      kind: 'fixed',
      type: DataType.Int16,
      values: Int16Array.of(1, 0, 3),
      validity: Uint32Array.of(0b101),
    });
    expect(
      encodeColumn(field({ type: 'VarChar', maxLength: 5 }), ['a', null, 'bc'], 'UTC'),
    ).toEqual({
      kind: 'bytes',
      type: DataType.VarChar,
      offsets: Uint32Array.of(0, 1, 1, 3),
      bytes: new Uint8Array(Buffer.from('abc')),
      validity: Uint32Array.of(0b101),
    });
    const list = field({ type: 'Array', elementType: 'Int64', maxCapacity: 3 });
    expect(rowsOf(encodeColumn(list, [[1, 2n], null, []], 'UTC'))).toEqual([[1n, 2n], null, []]);
  });

  it('takes vectors for a search as for a row', () => {
    const column = encodeColumn(
      field({ type: 'Float16Vector', dim: 2 }),
      [[1, 2]],
      'UTC',
      (row) => ({ field: 'f', row }),
    );
    expect(column).toMatchObject({
      kind: 'vector',
      dim: 2,
      values: Uint16Array.of(0x3c00, 0x4000),
    });
  });
});

describe('encodeInt64', () => {
  it('writes numbers of either sign as exactly as bigints', () => {
    const numbers = [
      0,
      -0,
      1,
      -1,
      2 ** 32,
      -(2 ** 32),
      2 ** 53 - 1,
      1 - 2 ** 53,
      4294967295,
      -4294967297,
    ];
    const encoded = encodeInt64(numbers, (row) => ({ field: 'f', row }));
    expect(Array.from(encoded)).toEqual(numbers.map(BigInt));
  });
});

describe('integerRange', () => {
  it('is that of two’s complement', () => {
    expect(integerRange(DataType.Int8)).toEqual({ low: -128, high: 127 });
    expect(integerRange(DataType.Int16)).toEqual({ low: -32768, high: 32767 });
    expect(integerRange(DataType.Int32)).toEqual({ low: -2147483648, high: 2147483647 });
  });
});
