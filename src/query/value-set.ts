/**
 * The values of an `in` list by class, without duplicates, numbers ascending; see predicate.ts.
 *
 * A list may have a million values. What is done to them is cut into stages of pieces, so that whoever binds
 * a filter on the serving thread can give turns in between; until then the set is empty and unfinished.
 */
import { INT64_MAX, INT64_MIN } from './literal.ts';
import type { ListValue, Scalar, ValueSet } from './predicate.ts';
import type { ListConstant } from './template.ts';
import { WordSort } from './word-sort.ts';

/** Calls `work` on consecutive pieces of [0, count). */
export type InPieces = (count: number, work: (start: number, end: number) => void) => Promise<void>;

/** A value of the list as the column compares with it. @throws FilterProblem */
export type ListCast = (value: Scalar | ListValue) => Scalar;

interface Stage {
  readonly count: number;
  run(start: number, end: number): void;
}

const NO_INTEGERS = new BigInt64Array(0);
const NO_DOUBLES = new Float64Array(0);
/** Values that are sorted as fast by comparing them. */
const SHORT_LIST = 4096;

const unfinished = new WeakSet<ValueSet>();

/** Whether the set is to be made yet, so that nobody may look at its values. */
export function isUnfinished(set: ValueSet): boolean {
  return unfinished.has(set);
}

/** The set of a list. An integer outside int64, which moved bounds can be, equals no value and is left out. */
export function valueSet(values: ListConstant, cast: ListCast | null = null): ValueSet {
  return new ValueSetMaker(values, cast).make();
}

export class ValueSetMaker {
  readonly set: ValueSet;
  private readonly made: { -readonly [Name in keyof ValueSet]: ValueSet[Name] };
  private readonly list: ListConstant;
  private readonly cast: ListCast | null;
  private integers: BigInt64Array = NO_INTEGERS;
  private integerCount = 0;
  private doubles: Float64Array = NO_DOUBLES;
  private doubleCount = 0;
  private readonly texts = new Set<string>();
  private readonly booleans = new Set<boolean>();

  /** @param cast  null: the values are those of the list */
  constructor(list: ListConstant, cast: ListCast | null) {
    this.list = list;
    this.cast = cast;
    this.made = { integers: NO_INTEGERS, doubles: NO_DOUBLES, texts: [], booleans: [] };
    this.set = this.made;
    unfinished.add(this.set);
  }

  /** @throws what `cast` throws */
  make(): ValueSet {
    for (const stage of this.stages()) stage.run(0, stage.count);
    return this.set;
  }

  /** As make, giving turns. */
  async makeInPieces(inPieces: InPieces): Promise<void> {
    for (const stage of this.stages()) {
      await inPieces(stage.count, (start, end) => stage.run(start, end));
    }
  }

  private *stages(): Generator<Stage, void, void> {
    const { list, cast } = this;
    if (list instanceof BigInt64Array && cast === null) {
      const integers = new BigInt64Array(list.length);
      this.integers = integers;
      this.integerCount = list.length;
      yield {
        count: list.length,
        run: (start, end) => integers.set(list.subarray(start, end), start),
      };
    } else yield { count: list.length, run: (start, end) => this.collect(start, end) };
    const integers = this.integers.subarray(0, this.integerCount);
    const doubles = this.doubles.subarray(0, this.doubleCount);
    for (const numbers of [integers, doubles]) {
      if (numbers.length <= SHORT_LIST) numbers.sort();
      else {
        const sort = new WordSort(numbers);
        yield { count: sort.work, run: (start, end) => sort.run(start, end) };
      }
    }
    const ofIntegers = new Distinct(integers);
    yield { count: integers.length, run: (start, end) => ofIntegers.run(start, end) };
    this.made.integers = ofIntegers.values();
    const ofDoubles = new Distinct(doubles);
    yield { count: doubles.length, run: (start, end) => ofDoubles.run(start, end) };
    this.made.doubles = ofDoubles.values();
    this.made.texts = [...this.texts];
    this.made.booleans = [false, true].filter((value) => this.booleans.has(value));
    unfinished.delete(this.set);
  }

  private collect(start: number, end: number): void {
    const { list, cast } = this;
    for (let i = start; i < end; i++) {
      const value = list[i]!;
      this.take(cast === null ? (value as Scalar) : cast(value));
    }
  }

  private take(value: Scalar): void {
    switch (typeof value) {
      case 'bigint':
        if (value < INT64_MIN || value > INT64_MAX) return;
        if (this.integerCount === 0) this.integers = new BigInt64Array(this.list.length);
        this.integers[this.integerCount++] = value;
        break;
      case 'number':
        if (this.doubleCount === 0) this.doubles = new Float64Array(this.list.length);
        // No -0: equal values have equal bits.
        this.doubles[this.doubleCount++] = value === 0 ? 0 : value;
        break;
      case 'string':
        this.texts.add(value);
        break;
      default:
        this.booleans.add(value);
    }
  }
}

/** Of ascending numbers each once, moved to the front. */
class Distinct<Numbers extends BigInt64Array | Float64Array> {
  private readonly numbers: Numbers;
  /** As halves: a bigint each would be an allocation. */
  private readonly halves: Int32Array;
  private count = 0;

  constructor(numbers: Numbers) {
    this.numbers = numbers;
    this.halves = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2);
  }

  /** Looks at numbers [start, end), one piece after another. */
  run(start: number, end: number): void {
    const { halves } = this;
    let { count } = this;
    for (let i = start * 2; i < end * 2; i += 2) {
      const last = 2 * count - 2;
      if (count > 0 && halves[i] === halves[last] && halves[i + 1] === halves[last + 1]) continue;
      halves[2 * count] = halves[i]!;
      halves[2 * count + 1] = halves[i + 1]!;
      count++;
    }
    this.count = count;
  }

  /** A copy, where room for more was made than there are: whoever keeps the set keeps only the values. */
  values(): Numbers {
    const { numbers, count } = this;
    const isWhole = count === numbers.length && numbers.buffer.byteLength === count * 8;
    return isWhole ? numbers : (numbers.slice(0, count) as Numbers);
  }
}
