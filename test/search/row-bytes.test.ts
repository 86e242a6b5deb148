import { describe, expect, it } from 'vitest';
import type { Column, ListColumn, SparseColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { checkOutputSize, leastRowBytes, rowsByteLength } from '../../src/search/row-bytes.ts';
import { int32Column, int64Column, schemaOf, textColumn, vectorColumn } from './world.ts';

const rows = Uint32Array.of(0, 2, 2);
const list = (elements: ListColumn['elements']): Column => ({
  kind: 'list',
  type: DataType.Array,
  offsets: Uint32Array.of(0, 1, 1, 3),
  elements,
  validity: null,
});

describe('bytes of rows', () => {
  it('count the values of each kind of column, a row as often as it is named', () => {
    const sparse: SparseColumn = {
      kind: 'sparse',
      type: DataType.SparseFloatVector,
      offsets: Uint32Array.of(0, 1, 1, 3),
      indices: Uint32Array.of(1, 2, 3),
      values: Float32Array.of(1, 2, 3),
      validity: null,
    };
    const floats = vectorColumn(DataType.FloatVector, 4, new Float32Array(12));
    const bits = vectorColumn(DataType.BinaryVector, 16, new Uint8Array(6));
    expect(rowsByteLength(int64Column([1, 2, 3]), rows)).toBe(24);
    expect(rowsByteLength(floats, rows)).toBe(48);
    expect(rowsByteLength(bits, rows)).toBe(6);
    expect(rowsByteLength(textColumn(['a', 'bb', 'cccc']), rows)).toBe(9);
    expect(rowsByteLength(sparse, rows)).toBe(5 * 8);
    expect(rowsByteLength(list(int32Column([1, 2, 3])), rows)).toBe(5 * 4);
    // A text has four bytes for where it ends: those that are empty are not for nothing.
    expect(rowsByteLength(list(textColumn(['x', 'yy', 'zzz'])), rows)).toBe(1 + 5 + 5 + 5 * 4);
    expect(rowsByteLength(list(floats), rows)).toBe(5 * 16);
  });

  it('are at least those of the fields that have one width', () => {
    expect(leastRowBytes(schemaOf({ dim: 4 }).fields)).toBe(8 + 16 + 4);
  });

  it('are refused above the limit, in words of the request', () => {
    expect(() => checkOutputSize('query', 104_857_600)).not.toThrow();
    expect(() => checkOutputSize('query', 104_857_601)).toThrow(
      'query results exceed the maxOutputSize Limit 104857600',
    );
    expect(() => checkOutputSize('search', 2e9)).toThrow(
      'search results exceed the maxOutputSize Limit 104857600: invalid parameter[expected=104857600][actual=2000000000]',
    );
  });
});
