import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { decodeBatch, encodeBatch, encodeBatchWhole } from '../../src/schema/batch-codec.ts';
import type { ColumnBatch } from '../../src/schema/column.ts';
import { anyBatch, randomColumn, rowsOf } from './arbitraries.ts';

function expectEqual(actual: ColumnBatch, expected: ColumnBatch): void {
  expect(actual.rowCount).toBe(expected.rowCount);
  expect([...actual.columns.keys()]).toEqual([...expected.columns.keys()]);
  for (const [id, column] of expected.columns) {
    const { kind, type } = column;
    expect(actual.columns.get(id)).toMatchObject({ kind, type });
    expect(rowsOf(actual.columns.get(id)!)).toEqual(rowsOf(column));
  }
}

const wide: ColumnBatch = {
  rowCount: 1000,
  columns: new Map([
    [100, randomColumn({ type: 5 }, 1000, 1)],
    [101, randomColumn({ type: 101, dim: 32 }, 1000, 2)],
    [102, randomColumn({ type: 21 }, 1000, 3)],
  ]),
};

describe('batch codec', () => {
  it('gives back every batch, from aligned and unaligned memory', () => {
    fc.assert(
      fc.property(anyBatch, fc.nat({ max: 7 }), (batch, shift) => {
        const bytes = encodeBatchWhole(batch);
        const moved = new Uint8Array(bytes.length + shift).subarray(shift);
        moved.set(bytes);
        expectEqual(decodeBatch(moved), batch);
        expect(encodeBatchWhole(decodeBatch(moved))).toEqual(bytes);
      }),
    );
  });

  it('says the same in chunks as in one piece, and does not copy long buffers', () => {
    const chunks = encodeBatch(wide);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(encodeBatchWhole(wide)));
    const vectors = wide.columns.get(101)!;
    const shared = chunks.some(
      (chunk) => 'values' in vectors && chunk.buffer === vectors.values.buffer,
    );
    expect(shared).toBe(true);
  });

  it('decodes aligned bytes without a copy', () => {
    const bytes = encodeBatchWhole(wide);
    for (const column of decodeBatch(bytes).columns.values()) {
      const buffer = 'values' in column ? column.values.buffer : column.offsets.buffer;
      expect(buffer).toBe(bytes.buffer);
    }
  });

  it('has an 8-byte boundary before every buffer', () => {
    const decoded = decodeBatch(encodeBatchWhole(wide));
    const text = decoded.columns.get(102)!;
    expect(text.kind === 'bytes' && text.bytes.byteOffset % 8).toBe(0);
  });

  it('refuses every cut and every lengthening', () => {
    const small: ColumnBatch = {
      rowCount: 3,
      columns: new Map([
        [100, randomColumn({ type: 5 }, 3, 1)],
        [101, randomColumn({ type: 22, elementType: 21 }, 3, 5)],
      ]),
    };
    const bytes = encodeBatchWhole(small);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeBatch(bytes.subarray(0, length))).toThrow(MalformedBytes);
    }
    expect(() => decodeBatch(Buffer.concat([bytes, new Uint8Array(8)]))).toThrow(MalformedBytes);
  });

  it('survives any damage: an error, or a batch of the said size', () => {
    fc.assert(
      fc.property(
        anyBatch,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
        (batch, edits) => {
          const bytes = encodeBatchWhole(batch);
          for (const [at, value] of edits) bytes[at % Math.min(bytes.length, 160)] = value;
          try {
            const decoded = decodeBatch(bytes);
            for (const column of decoded.columns.values()) {
              expect(rowsOf(column)).toHaveLength(decoded.rowCount);
            }
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(MalformedBytes);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('survives arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeBatch(bytes)).toThrow(MalformedBytes);
      }),
    );
  });

  it('refuses offsets that descend, spare validity bits, a field twice and unknown types', () => {
    const batch = (): Uint8Array =>
      encodeBatchWhole({
        rowCount: 2,
        columns: new Map([
          [
            100,
            {
              kind: 'bytes',
              type: 21,
              offsets: Uint32Array.of(0, 2, 3),
              bytes: Uint8Array.of(65, 66, 67),
              validity: Uint32Array.of(0b11),
            },
          ],
          [101, randomColumn({ type: 4 }, 2, 2)],
        ]),
      });
    const broken = (at: number, value: number): Uint8Array => {
      const bytes = batch();
      bytes[at] = value;
      return bytes;
    };
    expect(() => decodeBatch(broken(48, 0b111))).toThrow('validity');
    expect(() => decodeBatch(broken(60, 9))).toThrow('offsets');
    expect(() => decodeBatch(broken(32, 100))).toThrow('twice');
    expect(() => decodeBatch(broken(21, 99))).toThrow('another kind');
    expect(() => decodeBatch(broken(20, 9))).toThrow('another kind');
    expect(() => decodeBatch(broken(22, 2))).toThrow('flags');
    expect(() => decodeBatch(broken(24, 8))).toThrow('dimensions');
    expect(() => decodeBatch(broken(0, 0))).toThrow('not a batch');
    expect(() => decodeBatch(broken(12, 200))).toThrow('columns do not fit');
  });

  it('refuses to encode a column that lacks rows', () => {
    const columns = new Map([[100, randomColumn({ type: 5 }, 2, 1)]]);
    expect(() => encodeBatch({ rowCount: 3, columns })).toThrow('every row');
  });
});
