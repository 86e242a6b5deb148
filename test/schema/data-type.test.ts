import { describe, expect, it } from 'vitest';
import {
  DataType,
  dataTypeName,
  isDenseVector,
  isVector,
  vectorByteLength,
} from '../../src/schema/data-type.ts';

describe('data types', () => {
  it('have the names that Milvus prints', () => {
    expect(dataTypeName(21)).toBe('VarChar');
    expect(dataTypeName(DataType.BFloat16Vector)).toBe('BFloat16Vector');
    expect(dataTypeName(27)).toBe('DataType(27)');
  });

  it('know which are vectors, and which of them have dimensions of their own', () => {
    const types = Object.values(DataType);
    expect(types.filter(isVector)).toEqual([100, 101, 102, 103, 104, 105, 106]);
    expect(types.filter(isDenseVector)).toEqual([100, 101, 102, 103, 105]);
  });

  it('know the bytes of a dense vector', () => {
    expect(vectorByteLength(DataType.BinaryVector, 64)).toBe(8);
    expect(vectorByteLength(DataType.FloatVector, 64)).toBe(256);
    expect(vectorByteLength(DataType.Float16Vector, 64)).toBe(128);
    expect(vectorByteLength(DataType.BFloat16Vector, 64)).toBe(128);
    expect(vectorByteLength(DataType.Int8Vector, 64)).toBe(64);
  });
});
