import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchByteLength,
  ColumnBuilder,
  columnByteLength,
  concatColumns,
  missingColumn,
  sliceBatch,
  sliceColumn,
  takeBatch,
  takeRows,
} from '../../src/schema/column-builder.ts';
import { columnRowCount, isValid } from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';
import type { FieldSchema } from '../../src/schema/collection-schema.ts';
import { buildSchema, type FieldDefinition } from '../../src/schema/definition.ts';
import { decodeColumn } from '../../src/schema/value-decoders.ts';
import { anyBatch, anyColumns, anyShape, randomColumn, rowsOf } from './arbitraries.ts';

function field(definition: FieldDefinition): FieldSchema {
  const schema = buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'v', type: 'FloatVector', dim: 2 },
      definition,
    ],
  });
  return schema.fields[2]!;
}

describe('sliceColumn', () => {
  it('has the rows of the range and shares the memory', () => {
    fc.assert(
      fc.property(anyColumns, fc.nat(), fc.nat(), ([column], a, b) => {
        const count = columnRowCount(column!);
        const [start, end] = [a % (count + 1), b % (count + 1)].sort((x, y) => x - y);
        const slice = sliceColumn(column!, start!, end!);
        expect(rowsOf(slice)).toEqual(rowsOf(column!).slice(start, end));
        if ('values' in slice && 'values' in column!) {
          expect(slice.values.buffer).toBe(column.values.buffer);
        }
      }),
    );
  });

  it('refuses a range beyond the column', () => {
    expect(() => sliceColumn(randomColumn({ type: 5 }, 3, 1), 1, 4)).toThrow('lies in its column');
  });
});

describe('takeRows', () => {
  it('takes bytes from wherever they lie', () => {
    for (const dim of [8, 16, 24, 32]) {
      for (const start of [0, 1, 2, 3, 4]) {
        const width = dim / 8;
        const memory = Uint8Array.from({ length: start + 5 * width }, (_, i) => i * 7);
        const values = memory.subarray(start);
        const column = {
          kind: 'vector' as const,
          type: DataType.BinaryVector,
          dim,
          values,
          validity: null,
        };
        expect(rowsOf(takeRows(column, Uint32Array.of(4, 0, 2)))).toEqual(
          [4, 0, 2].map((row) => [...values.slice(row * width, (row + 1) * width)]),
        );
      }
    }
  });

  it('has the wanted rows in the wanted order, as often as wanted', () => {
    fc.assert(
      fc.property(anyColumns, fc.array(fc.nat(), { maxLength: 60 }), ([column], picks) => {
        const count = columnRowCount(column!);
        const rows = Uint32Array.from(count === 0 ? [] : picks.map((pick) => pick % count));
        const all = rowsOf(column!);
        expect(rowsOf(takeRows(column!, rows))).toEqual(Array.from(rows, (row) => all[row]));
      }),
    );
  });

  it('takes from a slice that begins in the middle of a word', () => {
    const column = sliceColumn(randomColumn({ type: 102, dim: 3 }, 9, 7), 1, 9);
    expect(rowsOf(takeRows(column, Uint32Array.of(7, 0)))).toEqual([
      rowsOf(column)[7],
      rowsOf(column)[0],
    ]);
  });

  it('has no validity when none of the taken rows is null', () => {
    const column = { ...randomColumn({ type: 5 }, 3, 1), validity: Uint32Array.of(0b101) };
    expect(takeRows(column, Uint32Array.of(0, 2)).validity).toBeNull();
    expect(takeRows(column, Uint32Array.of(1)).validity).toEqual(Uint32Array.of(0));
  });
});

describe('concatColumns', () => {
  it('has the rows of all columns one after the other', () => {
    fc.assert(
      fc.property(anyColumns, (columns) => {
        expect(rowsOf(concatColumns(columns))).toEqual(columns.flatMap(rowsOf));
      }),
    );
  });
});

describe('batches', () => {
  it('are taken, cut and joined column by column', () => {
    fc.assert(
      fc.property(anyBatch, fc.nat(), (batch, at) => {
        const cut = at % (batch.rowCount + 1);
        const parts = [sliceBatch(batch, 0, cut), sliceBatch(batch, cut, batch.rowCount)];
        const order = Uint32Array.from({ length: batch.rowCount }, (_, i) => i);
        const joined = new Map(
          Array.from(batch.columns.keys(), (id) => [
            id,
            concatColumns(parts.map(({ columns }) => columns.get(id)!)),
          ]),
        );
        const together = { rowCount: batch.rowCount, columns: joined };
        for (const whole of [together, takeBatch(batch, order)]) {
          expect(whole.rowCount).toBe(batch.rowCount);
          expect([...whole.columns.keys()]).toEqual([...batch.columns.keys()]);
          for (const [id, column] of batch.columns) {
            expect(rowsOf(whole.columns.get(id)!)).toEqual(rowsOf(column));
          }
        }
      }),
    );
  });
});

describe('ColumnBuilder', () => {
  it('gives the same column row by row as in bulk, with nulls between', () => {
    fc.assert(
      fc.property(anyColumns, fc.nat({ max: 3 }), (columns, nulls) => {
        const builder = new ColumnBuilder(columns[0]!);
        const expected: unknown[] = [];
        for (const [i, column] of columns.entries()) {
          if (i % 2 === 0) builder.appendColumn(column);
          else
            for (let row = 0; row < columnRowCount(column); row++) builder.appendRow(column, row);
          builder.appendNulls(nulls);
          expected.push(...rowsOf(column), ...Array<null>(nulls).fill(null));
          expect(builder.rowCount).toBe(expected.length);
        }
        expect(rowsOf(builder.build())).toEqual(expected);
      }),
    );
  });

  it('starts empty for a field of any shape', () => {
    fc.assert(
      fc.property(anyShape, fc.nat(), (shape, seed) => {
        const builder = new ColumnBuilder(shape);
        const column = randomColumn(shape, 5, seed);
        builder.appendColumn(column);
        expect(rowsOf(builder.build())).toEqual(rowsOf(column));
      }),
    );
  });

  it('refuses a column of another type', () => {
    expect(() =>
      new ColumnBuilder({ type: 5 }).appendColumn(randomColumn({ type: 4 }, 1, 1)),
    ).toThrow('one type a column');
  });
});

describe('missingColumn', () => {
  it('is null for a nullable field of any type', () => {
    for (const definition of [
      { name: 'f', type: 'Int32', nullable: true },
      { name: 'f', type: 'VarChar', maxLength: 3, nullable: true },
      { name: 'f', type: 'Array', elementType: 'Int8', maxCapacity: 3, nullable: true },
      { name: 'f', type: 'BinaryVector', dim: 16, nullable: true },
      { name: 'f', type: 'SparseFloatVector', nullable: true },
    ] as const) {
      const column = missingColumn(field(definition), 35);
      expect(columnRowCount(column)).toBe(35);
      for (let row = 0; row < 35; row++) expect(isValid(column.validity, row)).toBe(false);
    }
  });

  it('is the default in every row when there is one', () => {
    const values = (definition: Partial<FieldDefinition>): unknown[] =>
      decodeColumn(missingColumn(field({ name: 'f', ...definition } as FieldDefinition), 3), 'UTC');
    expect(values({ type: 'Bool', defaultValue: true })).toEqual([true, true, true]);
    expect(values({ type: 'Int64', defaultValue: 2n ** 62n })).toEqual(Array(3).fill(2n ** 62n));
    expect(values({ type: 'Double', defaultValue: 0.5 })).toEqual([0.5, 0.5, 0.5]);
    expect(values({ type: 'VarChar', maxLength: 9, defaultValue: 'é!' })).toEqual([
      'é!',
      'é!',
      'é!',
    ]);
    expect(values({ type: 'VarChar', maxLength: 9, defaultValue: '' })).toEqual(['', '', '']);
    expect(values({ type: 'Geometry', defaultValue: 'POINT(1 2)' })[2]).toBe('POINT (1 2)');
    expect(values({ type: 'Timestamptz', defaultValue: '2024-01-01T00:00:00Z' })[1]).toBe(
      '2024-01-01T00:00:00Z',
    );
  });

  it('needs a field that is nullable or has a default', () => {
    expect(() => missingColumn(field({ name: 'f', type: 'Int8' }), 1)).toThrow('nullable');
  });
});

describe('columnByteLength', () => {
  it('counts what belongs to the rows of a slice and no more', () => {
    fc.assert(
      fc.property(anyColumns, ([column]) => {
        const count = columnRowCount(column!);
        const half = sliceColumn(column!, count >>> 1, count);
        const copy = takeRows(
          half,
          Uint32Array.from({ length: columnRowCount(half) }, (_, i) => i),
        );
        expect(columnByteLength(half)).toBe(columnByteLength(copy));
      }),
    );
  });

  it('adds up for a batch', () => {
    const batch = {
      rowCount: 10,
      columns: new Map([[100, randomColumn({ type: 101, dim: 4 }, 10, 3)]]),
    };
    expect(batchByteLength(batch)).toBe(columnByteLength(batch.columns.get(100)!));
    expect(batchByteLength(batch)).toBeGreaterThanOrEqual(160);
  });
});
