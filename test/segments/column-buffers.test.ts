import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { columnRowCount } from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  BufferCutter,
  bufferByteLength,
  bufferKinds,
  ColumnMeter,
  valueWidth,
} from '../../src/segments/column-buffers.ts';
import { anyColumns, randomColumn } from '../schema/arbitraries.ts';
import type { Column } from '../../src/schema/column.ts';
import type { ColumnShape } from '../../src/schema/column-layout.ts';

function shapeOf(column: Column): ColumnShape {
  if (column.kind === 'vector') return { type: column.type, dim: column.dim };
  if (column.kind !== 'list') return { type: column.type };
  const { elements } = column;
  return elements.kind === 'vector'
    ? { type: column.type, elementType: elements.type, dim: elements.dim }
    : { type: column.type, elementType: elements.type };
}

describe('column buffers', () => {
  it('are listed in the order in which they are stored', () => {
    const roles = (shape: ColumnShape): string[] =>
      bufferKinds(shape).map(({ role, ofElements }) => (ofElements ? `element ${role}` : role));
    expect(roles({ type: DataType.Bool })).toEqual(['validity', 'bits']);
    expect(roles({ type: DataType.FloatVector, dim: 4 })).toEqual(['validity', 'values']);
    expect(roles({ type: DataType.JSON })).toEqual(['validity', 'offsets', 'bytes']);
    expect(roles({ type: DataType.SparseFloatVector })).toEqual([
      'validity',
      'offsets',
      'indices',
      'values',
    ]);
    expect(roles({ type: DataType.Array, elementType: DataType.VarChar })).toEqual([
      'validity',
      'offsets',
      'element offsets',
      'element bytes',
    ]);
  });

  it('are as long as the meter says, however the rows come in pieces', () => {
    fc.assert(
      fc.property(anyColumns, (columns) => {
        const shape = shapeOf(columns[0]!);
        const total = columns.reduce((sum, column) => sum + columnRowCount(column), 0);
        const meter = new ColumnMeter(total);
        for (const column of columns) meter.add(column);
        const size = meter.size();
        for (const kind of bufferKinds(shape)) {
          if (kind.role === 'validity') continue;
          const cutter = new BufferCutter(kind);
          let length = 0;
          for (const column of columns) length += cutter.cut(column).length;
          length += cutter.rest().length;
          expect(length).toBe(bufferByteLength(shape, kind, size));
        }
      }),
    );
  });

  it('carries bits over from piece to piece', () => {
    const bools = (...values: number[]): Column => ({
      kind: 'fixed',
      type: DataType.Bool,
      values: Uint8Array.from(values),
      validity: null,
    });
    const cutter = new BufferCutter({ role: 'bits', ofElements: false });
    const cut = [cutter.cut(bools(1, 0, 1)), cutter.cut(bools(0, 0, 0, 1, 1, 1)), cutter.rest()];
    expect(Buffer.concat(cut)).toEqual(Buffer.from([0b1100_0101, 1]));
  });

  it('knows the nulls of all pieces as one bitmap', () => {
    const piece = (valid: number): Column => ({
      kind: 'fixed',
      type: DataType.Int8,
      values: new Int8Array(3),
      validity: Uint32Array.of(valid),
    });
    const meter = new ColumnMeter(6);
    meter.add(piece(0b101));
    meter.add(piece(0b011));
    expect(meter.size()).toMatchObject({ nullCount: 2, validity: Uint32Array.of(0b011101) });
  });

  it('insists on every row', () => {
    const meter = new ColumnMeter(4);
    meter.add(randomColumn({ type: DataType.Int8 }, 3, 1));
    expect(() => meter.size()).toThrow(AssertionError);
  });

  it('knows the bytes of one value', () => {
    expect(valueWidth({ type: DataType.BinaryVector, dim: 24 })).toBe(3);
    expect(valueWidth({ type: DataType.BFloat16Vector, dim: 8 })).toBe(16);
    expect(valueWidth({ type: DataType.Timestamptz })).toBe(8);
  });
});
