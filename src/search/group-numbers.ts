/**
 * Numbers for groups of rows, in the order in which they are met. Rows are of one group when all their values
 * are the same; null is a value like another.
 */
import type { Column } from '../schema/column.ts';
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import { GROUP_NUMBERS_MAX } from '../base/limits.ts';
import { type RowValue, type ValueReader, type ValueReference, valueReader } from './row-values.ts';

/** The values that the rows of a group have in common, one a reference. */
export type GroupValues = readonly RowValue[];

export class GroupNumbers {
  readonly #numbers = new Map<RowValue, number>();
  readonly #countMax: number;

  constructor(countMax: number = GROUP_NUMBERS_MAX) {
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#numbers.size;
  }

  /**
   * The number of a group; a new one when it was not met.
   * @throws MilvusError ParameterInvalid when there are too many
   */
  numberOf(values: GroupValues): number {
    const name = nameOf(values);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    if (number >= this.#countMax) {
      throw invalidParameter(
        `rows are of more than ${this.#countMax} groups; a filter that leaves fewer rows makes them fewer`,
      );
    }
    this.#numbers.set(name, number);
    return number;
  }

  /** -1 when it was not met. */
  find(values: GroupValues): number {
    return this.#numbers.get(nameOf(values)) ?? -1;
  }
}

/** The same for the same values only. A single one is its own. */
function nameOf(values: GroupValues): RowValue {
  if (values.length === 1) return values[0] ?? null;
  let name = '';
  for (const value of values) {
    const text = String(value);
    name += `${typeof value} ${text.length} ${text}`;
  }
  return name;
}

/** Reads the values of the rows of some columns. The list that it returns is filled again by the next call. */
export function groupReader(
  references: readonly ValueReference[],
  columns: ReadonlyMap<number, Column>,
): (row: number) => GroupValues {
  const readers: ValueReader[] = references.map((reference) =>
    valueReader(reference, must(columns.get(reference.fieldId), 'group fields are loaded')),
  );
  const values: RowValue[] = readers.map(() => null);
  return (row) => {
    for (let i = 0; i < readers.length; i++) values[i] = readers[i]!(row);
    return values;
  };
}
