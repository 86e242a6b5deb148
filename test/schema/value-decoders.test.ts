import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnRowCount, isValid } from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { decodeColumn, decodeTexts } from '../../src/schema/value-decoders.ts';
import { anyColumns, randomColumn } from './arbitraries.ts';

describe('decodeColumn', () => {
  it('has null exactly where the row is', () => {
    fc.assert(
      fc.property(
        anyColumns.filter(
          ([column]) => column!.type !== DataType.JSON && column!.type !== DataType.Geometry,
        ),
        ([column]) => {
          const values = decodeColumn(column!, 'UTC');
          expect(values).toHaveLength(columnRowCount(column!));
          for (const [row, value] of values.entries()) {
            expect(value === null).toBe(!isValid(column!.validity, row));
          }
        },
      ),
    );
  });

  it('copies vectors out of shared memory', () => {
    const values = new Float32Array(new SharedArrayBuffer(16));
    values.set([1, 2, 3, 4]);
    const column = {
      kind: 'vector',
      type: DataType.FloatVector,
      dim: 2,
      values,
      validity: null,
    } as const;
    const [, second] = decodeColumn(column, 'UTC') as Float32Array[];
    expect(second).toEqual(Float32Array.of(3, 4));
    expect(second!.buffer).toBeInstanceOf(ArrayBuffer);
  });
});

describe('decodeTexts', () => {
  it('reads text whose offsets do not begin at 0', () => {
    const column = {
      kind: 'bytes',
      type: DataType.VarChar,
      offsets: Uint32Array.of(1, 3, 3, 4),
      bytes: Buffer.from('xéab'.slice(0, 4)).subarray(0, 5),
      validity: Uint32Array.of(0b101),
    } as const;
    expect(decodeTexts(column)).toEqual(['é', null, 'a']);
  });

  it('is as long as the column', () => {
    const column = randomColumn({ type: DataType.VarChar }, 12, 4);
    expect(column.kind === 'bytes' && decodeTexts(column)).toHaveLength(12);
  });
});
