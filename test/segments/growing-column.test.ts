import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnRowCount } from '../../src/schema/column-layout.ts';
import { growingColumn } from '../../src/segments/growing-column.ts';
import { anyColumns, randomColumn, rowsOf } from '../schema/arbitraries.ts';
import { DataType } from '../../src/schema/data-type.ts';

describe('growingColumn', () => {
  it('holds the rows of every type that were added, also while more are added', () => {
    fc.assert(
      fc.property(anyColumns, fc.boolean(), (columns, isTrimmed) => {
        const growing = growingColumn(columns[0]!);
        const expected: unknown[] = [];
        const views: Array<[unknown[], unknown[]]> = [];
        for (const column of columns) {
          const rowCount = columnRowCount(column);
          const start = Math.min(1, rowCount);
          growing.append(column, start, rowCount);
          expected.push(...rowsOf(column).slice(start));
          const half = expected.length >>> 1;
          const view = growing.view(half);
          views.push([rowsOf(view), expected.slice(0, half)]);
        }
        if (isTrimmed) growing.trim();
        expect(rowsOf(growing.view(expected.length))).toEqual(expected);
        for (const [seen, wanted] of views) expect(seen).toEqual(wanted);
      }),
    );
  });

  it('keeps a view as it was when rows are added behind it', () => {
    const column = randomColumn({ type: DataType.VarChar }, 10, 2);
    const growing = growingColumn(column);
    growing.append(column, 0, 5);
    const view = growing.view(5);
    const before = rowsOf(view);
    growing.append(column, 5, 10);
    growing.trim();
    expect(rowsOf(view)).toEqual(before);
  });

  it('puts zeros behind the last validity bit of a view', () => {
    const validity = Uint32Array.of(0b1111_1101);
    const values = new Int8Array(8);
    const growing = growingColumn({ kind: 'fixed', type: DataType.Int8, values, validity });
    growing.append({ kind: 'fixed', type: DataType.Int8, values, validity }, 0, 8);
    expect(growing.view(3).validity).toEqual(Uint32Array.of(0b101));
  });

  it('keeps dense vectors in shared memory, with room reserved when asked', () => {
    const column = randomColumn({ type: DataType.Float16Vector, dim: 8 }, 4, 1);
    const growing = growingColumn(column);
    growing.reserve(1000);
    growing.append(column, 0, 4);
    const view = growing.view(4);
    expect(view.kind === 'vector' && view.values.buffer instanceof SharedArrayBuffer).toBe(true);
    expect(view.kind === 'vector' && view.values.buffer.byteLength).toBe(16_000);
    growing.trim();
    const trimmed = growing.view(4);
    expect(trimmed.kind === 'vector' && trimmed.values.buffer.byteLength).toBe(64);
    expect(growing.byteLength).toBeGreaterThanOrEqual(64);
  });
});
