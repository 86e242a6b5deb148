import { describe, expect, it } from 'vitest';
import {
  areComparable,
  castBound,
  castConstant,
  constantTypeName,
  listElementType,
  printConstant,
  readMoment,
  tryCast,
} from '../../src/query/cast.ts';
import { DataType } from '../../src/schema/data-type.ts';

describe('tryCast', () => {
  it('gives each type its own form of a constant', () => {
    expect(tryCast(DataType.Int8, 5n)).toBe(5n);
    expect(tryCast(DataType.Int64, 5.0)).toBeNull();
    expect(tryCast(DataType.Double, 5n)).toBe(5);
    expect(tryCast(DataType.Double, 9007199254740993n)).toBe(9007199254740993n);
    expect(tryCast(DataType.Float, 0.1)).toBe(Math.fround(0.1));
    expect(tryCast(DataType.Float, 16777217n)).toBe(16777216);
    expect(tryCast(DataType.Bool, true)).toBe(true);
    expect(tryCast(DataType.Bool, 1n)).toBeNull();
    expect(tryCast(DataType.VarChar, 'a')).toBe('a');
    expect(tryCast(DataType.JSON, 'a')).toBe('a');
    expect(tryCast(DataType.FloatVector, 1n)).toBeNull();
  });
});

describe('areComparable', () => {
  it('lets numbers meet numbers, text text, and JSON anything', () => {
    expect(areComparable(DataType.Int8, DataType.Double)).toBe(true);
    expect(areComparable(DataType.VarChar, DataType.VarChar)).toBe(true);
    expect(areComparable(DataType.JSON, DataType.Bool)).toBe(true);
    expect(areComparable(DataType.Bool, DataType.JSON)).toBe(true);
    expect(areComparable(DataType.Bool, DataType.Int8)).toBe(false);
    expect(areComparable(DataType.Geometry, DataType.Geometry)).toBe(false);
    expect(areComparable(DataType.Timestamptz, DataType.Timestamptz)).toBe(true);
    expect(areComparable(DataType.Int64, null)).toBe(false);
  });
});

describe('messages', () => {
  it('print constants and their types as Milvus does', () => {
    expect([1n, 1.5, 'a"b', true, [1n]].map(printConstant)).toEqual([
      'int64_val:1',
      'float_val:1.5',
      String.raw`string_val:"a\"b"`,
      'bool_val:true',
      'array_val',
    ]);
    expect([1n, 1.5, 'a', true, [1n], ['a', 1n]].map(constantTypeName)).toEqual([
      'Int64',
      'Double',
      'VarChar',
      'Bool',
      'Array[Int64]',
      'Array[None]',
    ]);
    expect(listElementType([])).toBeNull();
  });

  it('say what cannot be cast and what is no bound', () => {
    expect(() => castConstant(DataType.Int64, 'a', 0)).toThrow(
      'cannot cast value to Int64, value: string_val:"a"',
    );
    expect(() => castBound(DataType.Bool, true, 0)).toThrow(
      'invalid range operations on boolean expr',
    );
    expect(() => castBound(DataType.JSON, true, 0)).toThrow(/^invalid range operations$/);
    expect(castBound(DataType.Double, 1n, 0)).toBe(1);
    expect(readMoment('1970-01-01T00:00:01', 'UTC', 0)).toBe(1_000_000n);
    expect(() => readMoment('x', 'UTC', 0)).toThrow(
      /^invalid timestamp string: 'x'. Does not match any known format$/,
    );
  });
});
