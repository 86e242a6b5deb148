/** The values of an `in` list by class, without duplicates, numbers ascending; see predicate.ts. */
import { INT64_MAX, INT64_MIN } from './literal.ts';
import type { Scalar, ValueSet } from './predicate.ts';

const NO_INTEGERS = new BigInt64Array(0);
const NO_DOUBLES = new Float64Array(0);

/** An integer outside int64, which moved bounds can be, equals no value and is left out. */
export function valueSet(values: BigInt64Array | readonly Scalar[]): ValueSet {
  if (values instanceof BigInt64Array) {
    return { integers: ascending(values.slice()), doubles: NO_DOUBLES, texts: [], booleans: [] };
  }
  const integers: bigint[] = [];
  const doubles: number[] = [];
  const texts = new Set<string>();
  const booleans = new Set<boolean>();
  for (const value of values) {
    if (typeof value === 'bigint') {
      if (value >= INT64_MIN && value <= INT64_MAX) integers.push(value);
    } else if (typeof value === 'number') doubles.push(value === 0 ? 0 : value);
    else if (typeof value === 'string') texts.add(value);
    else booleans.add(value);
  }
  return {
    integers: integers.length === 0 ? NO_INTEGERS : ascending(BigInt64Array.from(integers)),
    doubles: doubles.length === 0 ? NO_DOUBLES : ascending(Float64Array.from(doubles)),
    texts: [...texts],
    booleans: [false, true].filter((value) => booleans.has(value)),
  };
}

/** Sorts in place. Equal values have equal bits: there is no -0 among doubles. */
function ascending<T extends BigInt64Array | Float64Array>(values: T): T {
  values.sort();
  // As halves: a bigint each would be an allocation.
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let count = 0;
  for (let i = 0; i < halves.length; i += 2) {
    const last = 2 * count - 2;
    if (count > 0 && halves[i] === halves[last] && halves[i + 1] === halves[last + 1]) continue;
    halves[2 * count] = halves[i]!;
    halves[2 * count + 1] = halves[i + 1]!;
    count++;
  }
  return count === values.length ? values : (values.slice(0, count) as T);
}
