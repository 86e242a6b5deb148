/** The order of rows by values of their fields: the first term decides, the next where it leaves a tie. */
import { must } from '../base/assert.ts';
import type { Column } from '../schema/column.ts';
import {
  compareValues,
  type RowValue,
  type ValueReader,
  type ValueReference,
  valueReader,
} from './row-values.ts';

export interface OrderTerm {
  readonly reference: ValueReference;
  readonly isDescending: boolean;
  /** Rows without a value come before all others, whatever the direction. */
  readonly isNullsFirst: boolean;
}

/** Values of a row, one a term. */
export type OrderValues = readonly RowValue[];

/** Negative when a row with the values `left` comes first, 0 when the terms leave it open. */
export function compareByTerms(
  terms: readonly OrderTerm[],
  left: OrderValues,
  right: OrderValues,
): number {
  for (let i = 0; i < terms.length; i++) {
    const order = compareByTerm(terms[i]!, left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

export function compareByTerm(
  { reference, isDescending, isNullsFirst }: OrderTerm,
  left: RowValue,
  right: RowValue,
): number {
  if (left === null || right === null) {
    if (left === right) return 0;
    return (left === null) === isNullsFirst ? -1 : 1;
  }
  const order = compareValues(left, right, reference);
  return isDescending ? -order : order;
}

/** Reads the values of rows of some columns, a fresh list a row. */
export class OrderReader {
  readonly #readers: readonly ValueReader[];

  constructor(terms: readonly OrderTerm[], columns: ReadonlyMap<number, Column>) {
    this.#readers = terms.map(({ reference }) =>
      valueReader(reference, must(columns.get(reference.fieldId), 'order fields are loaded')),
    );
  }

  read(row: number): OrderValues {
    return this.#readers.map((reader) => reader(row));
  }

  /** The value of the first term alone. */
  readFirst(row: number): RowValue {
    return this.#readers[0]!(row);
  }
}
