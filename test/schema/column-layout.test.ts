import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  columnKind,
  columnRowCount,
  emptyColumn,
  isValid,
  newFixedValues,
  newVectorValues,
  nullColumn,
  vectorStride,
} from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { anyShape } from './arbitraries.ts';

describe('column layout', () => {
  it('has a kind of column for each type', () => {
    expect(columnKind(DataType.Timestamptz)).toBe('fixed');
    expect(columnKind(DataType.Geometry)).toBe('bytes');
    expect(columnKind(DataType.ArrayOfVector)).toBe('list');
    expect(columnKind(DataType.Int8Vector)).toBe('vector');
    expect(columnKind(DataType.SparseFloatVector)).toBe('sparse');
  });

  it('gives a binary vector one byte for eight dimensions', () => {
    expect(vectorStride(DataType.BinaryVector, 64)).toBe(8);
    expect(vectorStride(DataType.Float16Vector, 64)).toBe(64);
  });

  it('makes empty and all-null columns of any shape', () => {
    fc.assert(
      fc.property(anyShape, fc.integer({ min: 1, max: 70 }), (shape, rowCount) => {
        const empty = emptyColumn(shape);
        expect([columnRowCount(empty), empty.validity]).toEqual([0, null]);
        const nulls = nullColumn(shape, rowCount);
        expect([nulls.kind, columnRowCount(nulls)]).toEqual([columnKind(shape.type), rowCount]);
        for (let row = 0; row < rowCount; row++) expect(isValid(nulls.validity, row)).toBe(false);
      }),
    );
  });

  it('refuses values of a type that has none of that form', () => {
    expect(() => newFixedValues(DataType.VarChar, 1)).toThrow('VarChar');
    expect(() => newVectorValues(DataType.Int64, 1)).toThrow('Int64');
  });
});
