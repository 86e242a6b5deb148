import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldSchema } from '../../src/schema/collection-schema.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import {
  keyAt,
  keyColumn,
  keysOf,
  normalizePrimaryKey,
  normalizePrimaryKeys,
  refuseDuplicateKeys,
} from '../../src/schema/primary-key.ts';

function keyField(type: 'Int64' | 'VarChar'): FieldSchema {
  const fields = [
    { name: 'id', type, isPrimaryKey: true, ...(type === 'VarChar' ? { maxLength: 10 } : {}) },
    { name: 'v', type: 'FloatVector', dim: 2 } as const,
  ];
  return buildSchema({ name: 'c', fields }).fields[0]!;
}
const int64 = keyField('Int64');
const text = keyField('VarChar');

describe('primary keys', () => {
  it('of int64 are bigints or safe integers', () => {
    const keys = [
      1,
      -1,
      0,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      -(2n ** 63n),
      2n ** 63n - 1n,
    ];
    expect(normalizePrimaryKeys(int64, keys)).toEqual(keys.map(BigInt));
    fc.assert(
      fc.property(fc.maxSafeInteger(), (key) => {
        expect(normalizePrimaryKey(int64, key)).toBe(BigInt(key));
      }),
    );
  });

  it('of VarChar are text', () => {
    const keys = ['', 'é', '😀x'];
    const column = keyColumn(text, keys);
    expect(keysOf(column)).toEqual(keys);
    expect(keyAt(column, 2)).toBe('😀x');
  });

  it('of another type are refused with field and row', () => {
    expect(() => normalizePrimaryKeys(int64, [1, '2'])).toThrow(
      'The Input data type is inconsistent with defined schema, {id} field should be a int64, but got a {string} instead: invalid parameter[expected=int64][actual=string][field=id][row=1]',
    );
    expect(() => normalizePrimaryKey(text, 7n)).toThrow('{id} field should be a varchar');
    expect(() => normalizePrimaryKeys(int64, [1, null])).toThrow('{null} instead');
    expect(() => normalizePrimaryKey(text, null)).toThrow('{null} instead');
    expect(() => normalizePrimaryKey(int64, 1.5)).toThrow('{number}');
    expect(() => normalizePrimaryKey(int64, 2 ** 53)).toThrow(
      'the 0th element (9007199254740992) out of range: [-9007199254740991, 9007199254740991]',
    );
    expect(() => normalizePrimaryKey(int64, 2n ** 63n)).toThrow(
      'out of range: [-9223372036854775808',
    );
    expect(() => normalizePrimaryKey(text, 'a long long key')).toThrow(
      'length of varchar field id exceeds max length, row number: 0, length: 15, max length: 10',
    );
    expect(() => normalizePrimaryKey(text, '\ud800')).toThrow('lone surrogate');
  });

  it('that stand twice in a batch are refused', () => {
    expect(() => refuseDuplicateKeys(keyColumn(int64, [1, 2, 1n]), 'id')).toThrow(
      'duplicate primary keys are not allowed in the same batch: invalid parameter[field=id][value=1][row=2][firstRow=0]',
    );
    expect(() => refuseDuplicateKeys(keyColumn(text, ['a', 'A']), 'id')).not.toThrow();
  });
});
