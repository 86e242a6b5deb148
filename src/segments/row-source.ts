/**
 * Rows on their way into a sealed segment: columns piece by piece, so that no column has to be in memory
 * as a whole. The pieces of every field cover the same rows in the same order; each call starts again.
 */
import type { FieldSchema } from '../schema/collection-schema.ts';
import { missingColumn } from '../schema/column-builder.ts';
import type { Column, ColumnBatch } from '../schema/column.ts';

export interface RowSource {
  readonly rowCount: number;
  pieces(field: FieldSchema): AsyncIterable<Column>;
  timestamps(): AsyncIterable<BigInt64Array>;
}

export interface TimedBatch {
  readonly batch: ColumnBatch;
  /** One a row. */
  readonly timestamps: BigInt64Array;
}

/** Rows that are in memory, in the order given; fields they lack come as their default or null. */
export function rowsOfBatches(batches: readonly TimedBatch[]): RowSource {
  return {
    rowCount: batches.reduce((sum, { batch }) => sum + batch.rowCount, 0),
    async *pieces(field) {
      for (const { batch } of batches) {
        yield batch.columns.get(field.id) ?? missingColumn(field, batch.rowCount);
      }
    },
    async *timestamps() {
      for (const { timestamps } of batches) yield timestamps;
    },
  };
}
