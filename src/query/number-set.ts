/**
 * Whether a number is one of a list's integers and doubles, by exact value: 2 is 2.0, and integers that one double
 * stands for are kept apart. The tables are those of the list (number-scan.ts), made once and beforehand.
 */
import { INT64_MAX, INT64_MIN } from './literal.ts';
import { tableOf } from './number-scan.ts';
import type { ValueSet } from './predicate.ts';
import type { WordTable } from './word-table.ts';

export class NumberSet {
  readonly isEmpty: boolean;
  private readonly integers: WordTable | null;
  private readonly doubles: WordTable | null;
  private readonly double = new Float64Array(1);
  private readonly doubleWords: Int32Array = new Int32Array(this.double.buffer);
  private readonly integer = new BigInt64Array(1);
  private readonly integerWords: Int32Array = new Int32Array(this.integer.buffer);

  constructor({ integers, doubles }: ValueSet) {
    this.integers = integers.length === 0 ? null : tableOf(integers);
    this.doubles = doubles.length === 0 ? null : tableOf(doubles);
    this.isEmpty = this.integers === null && this.doubles === null;
  }

  has(value: number | bigint): boolean {
    if (typeof value === 'bigint')
      return this.hasInteger(value) || this.hasDouble(Number(value), value);
    return this.hasDouble(value, value) || (Number.isInteger(value) && this.hasWhole(value));
  }

  /** @param exact  what the double is to equal */
  private hasDouble(value: number, exact: number | bigint): boolean {
    if (this.doubles === null || value < exact || value > exact) return false;
    // Adding zero turns -0 into 0, which the table holds.
    this.double[0] = value + 0;
    return this.doubles.has(this.doubleWords[0]!, this.doubleWords[1]!);
  }

  private hasWhole(value: number): boolean {
    if (this.integers === null) return false;
    if (!Number.isSafeInteger(value)) return this.hasInteger(BigInt(value));
    const high = Math.floor(value / 4294967296);
    return this.integers.has((value - high * 4294967296) | 0, high);
  }

  private hasInteger(value: bigint): boolean {
    if (this.integers === null || value < INT64_MIN || value > INT64_MAX) return false;
    this.integer[0] = value;
    return this.integers.has(this.integerWords[0]!, this.integerWords[1]!);
  }
}
