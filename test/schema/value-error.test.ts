import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import { describeType, notFinite, refusedValue, wrongType } from '../../src/schema/value-error.ts';

describe('refused values', () => {
  it('say expected and actual first, then where', () => {
    const error = refusedValue(
      'too big',
      { field: 'f', row: 3, element: 1 },
      { expected: 5, actual: 6 },
    );
    expect(error.message).toBe(
      'too big: invalid parameter[expected=5][actual=6][field=f][row=3][element=1]',
    );
    expect(error).toMatchObject({ code: 1100, isInputError: true, retriable: false });
    expect(error.fields).toEqual({ expected: 5, actual: 6, field: 'f', row: 3, element: 1 });
  });

  it('name types as pymilvus does', () => {
    const place = { field: 'f', row: 0 };
    expect(wrongType(DataType.SparseFloatVector, 7, place).message).toContain(
      'should be a sparse_float_vector, but got a {number}',
    );
    expect(wrongType(DataType.BFloat16Vector, 7, place).message).toContain('bfloat16_vector');
    expect(wrongType(DataType.VarChar, 7, place).message).toContain('should be a varchar');
  });

  it('print floats as Go does', () => {
    const printed = [Number.NaN, Infinity, -Infinity].map(
      (value) => notFinite(value, { field: 'f', row: 0 }).message,
    );
    expect(printed.map((message) => message.slice(0, 12))).toEqual([
      "value 'NaN' ",
      "value '+Inf'",
      "value '-Inf'",
    ]);
  });

  it('tell what a value is', () => {
    expect([null, undefined, 1n, [], {}, new Map(), new Float32Array(1)].map(describeType)).toEqual(
      ['null', 'undefined', 'bigint', 'Array', 'object', 'Map', 'Float32Array'],
    );
  });
});
