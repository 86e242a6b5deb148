/**
 * Counts, sums and extremes of rows by group, for the rows of a chunk, of segments and of shards alike: what
 * parts know of their groups is added up to what the whole knows, exactly. Memory is that of the groups, of
 * which there are at most AGGREGATE_GROUPS_MAX.
 *
 * A null row counts for `count(*)` only. Sums of integers are exact, whatever their size.
 */
import { assert, must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import { AGGREGATE_GROUPS_MAX } from '../base/limits.ts';
import { isValid } from '../schema/column-layout.ts';
import type { Column, Validity } from '../schema/column.ts';
import { fieldWithId } from '../schema/fields.ts';
import { MEAN_SCALE } from './mean.ts';
import type { Source } from './source.ts';
import { GroupNumbers, groupReader, type GroupValues } from './group-numbers.ts';
import type { AggregatePlan, AggregateTable, Measure, QueryPlan } from './plan.ts';
import { inPieces, type Turn } from './read-context.ts';
import { NO_GROUP, RowGroups } from './row-groups.ts';
import { compareValues, type RowValue, type ValueReference, valueReader } from './row-values.ts';

/** @throws MilvusError ParameterInvalid when there are too many groups */
export async function aggregateRows(
  { schema }: QueryPlan,
  aggregate: AggregatePlan,
  { sources, turn }: { readonly sources: readonly Source[]; readonly turn: Turn },
): Promise<AggregateTable> {
  const aggregation = new Aggregation(aggregate);
  const references = [...aggregate.by, ...aggregate.measures.map(({ reference }) => reference)];
  const ids = new Set(references.flatMap((one) => (one === null ? [] : [one.fieldId])));
  const fields = [...ids].map((id) => fieldWithId(schema, id));
  for (const { chunk, allowed } of sources) {
    const columns = fields.length === 0 ? new Map() : await chunk.load(fields);
    const rows = aggregation.open(columns);
    await inPieces(chunk.rowCount, turn, (start, end) => {
      rows.add(start, end, allowed === null ? null : (row) => allowed.get(row));
    });
  }
  return aggregation.table();
}

export async function mergeTables(
  aggregate: AggregatePlan,
  tables: readonly AggregateTable[],
  turn: Turn,
): Promise<AggregateTable> {
  const [first] = tables;
  if (first !== undefined && tables.length === 1) return first;
  const aggregation = new Aggregation(aggregate);
  for (const table of tables) {
    await inPieces(table.keys.length, turn, (start, end) => aggregation.merge(table, start, end));
  }
  return aggregation.table();
}

export function emptyTable({ measures }: AggregatePlan): AggregateTable {
  return { keys: [], states: measures.map(() => []) };
}

class Aggregation {
  readonly #plan: AggregatePlan;
  readonly #numbers = new GroupNumbers();
  readonly #keys: GroupValues[] = [];
  readonly #totals: readonly Totals[];

  constructor(plan: AggregatePlan) {
    this.#plan = plan;
    this.#totals = plan.measures.map(totalsOf);
  }

  /** Rows of these columns are added. */
  open(columns: ReadonlyMap<number, Column>): ChunkRows {
    const { by, measures } = this.#plan;
    const reader = groupReader(by, columns);
    const columnOf = (reference: ValueReference): Column =>
      must(columns.get(reference.fieldId), 'fields of measures are loaded');
    const adders = measures.map(({ reference }, i) => {
      const totals = must(this.#totals[i], 'every measure has totals');
      return totals.open(reference === null ? null : columnOf(reference));
    });
    const alike = RowGroups.of(by, columns);
    const groupAt = (row: number): number => this.#groupOf(reader(row));
    return {
      add: (start, end, isAllowed) => {
        const groups = new Uint32Array(end - start);
        for (let row = start; row < end; row++) {
          if (isAllowed !== null && !isAllowed(row)) groups[row - start] = NO_GROUP;
          else if (alike === null) groups[row - start] = groupAt(row);
        }
        alike?.fill(groups, start, groupAt);
        for (const add of adders) add(groups, start, this.#keys.length);
      },
    };
  }

  merge({ keys, states }: AggregateTable, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const group = this.#groupOf(keys[i]!);
      for (const [measure, totals] of this.#totals.entries()) {
        totals.merge(group, states[measure]![i]!);
      }
    }
  }

  table(): AggregateTable {
    const count = this.#keys.length;
    return { keys: this.#keys, states: this.#totals.map((totals) => totals.states(count)) };
  }

  #groupOf(values: GroupValues): number {
    const group = this.#numbers.numberOf(values);
    if (group < this.#keys.length) return group;
    if (group >= AGGREGATE_GROUPS_MAX) {
      throw invalidParameter(
        `GROUP BY produced too many groups (${group + 1}). Add filters or increase common.groupBy.maxGroups (current: ${AGGREGATE_GROUPS_MAX})`,
      );
    }
    this.#keys.push([...values]);
    return group;
  }
}

interface ChunkRows {
  add(start: number, end: number, isAllowed: ((row: number) => boolean) | null): void;
}

/** Adds the rows behind `start`, one a group, of which there are `groupCount` so far. */
type Adder = (groups: Uint32Array, start: number, groupCount: number) => void;

/** As long as `count` at least; twice as long where it was too short. */
function withRoom<T extends Float64Array | Uint8Array>(values: T, count: number): T {
  if (count <= values.length) return values;
  const length = Math.max(count, values.length * 2);
  const grown = values instanceof Float64Array ? new Float64Array(length) : new Uint8Array(length);
  grown.set(values);
  return grown as T;
}

/** One measure of all groups. */
interface Totals {
  open(column: Column | null): Adder;
  merge(group: number, state: RowValue): void;
  /** Of the first `count` groups. */
  states(count: number): RowValue[];
}

function totalsOf({ operator, reference }: Measure): Totals {
  if (operator === 'count') return new Counts();
  const of = must(reference, 'only rows as such are counted without a field');
  if (operator === 'sum') return new Sums(1);
  if (operator === 'scaled') return new Sums(MEAN_SCALE);
  return new Extremes(of, operator === 'min' ? -1 : 1);
}

class Counts implements Totals {
  #counts = new Float64Array(0);

  open(column: Column | null): Adder {
    const validity = column?.validity ?? null;
    return (groups, start, groupCount) => {
      const counts = withRoom(this.#counts, groupCount);
      for (let i = 0; i < groups.length; i++) {
        const group = groups[i]!;
        if (group !== NO_GROUP && isValid(validity, start + i)) counts[group]!++;
      }
      this.#counts = counts;
    };
  }

  merge(group: number, state: RowValue): void {
    this.#counts = withRoom(this.#counts, group + 1);
    this.#counts[group]! += Number(state);
  }

  states(count: number): RowValue[] {
    return Array.from({ length: count }, (_, group) => this.#counts[group] ?? 0);
  }
}

/** Whole numbers below it are exact as numbers, and so is the sum of two of them. */
const SAFE_SUM = 2 ** 52;

class Sums implements Totals {
  /** Sums of floating point numbers, and of integers up to SAFE_SUM. */
  #sums = new Float64Array(0);
  /** Which groups have one. */
  #isMet = new Uint8Array(0);
  /** What went beyond it, and sums of 64 bits. */
  readonly #large: bigint[] = [];
  #isInteger = false;
  readonly #scale: number;

  /** @param scale what floating point numbers are multiplied by, a power of two */
  constructor(scale: number) {
    this.#scale = scale;
  }

  open(column: Column | null): Adder {
    assert(column?.kind === 'fixed', 'sums are of numbers');
    const { values, validity } = column;
    this.#isInteger = !(values instanceof Float32Array || values instanceof Float64Array);
    if (values instanceof BigInt64Array) return this.#wideAdder(values, validity);
    if (this.#isInteger) {
      return (groups, start, groupCount) => {
        this.#reserve(groupCount);
        for (let i = 0; i < groups.length; i++) {
          const group = groups[i]!;
          if (group === NO_GROUP || !isValid(validity, start + i)) continue;
          this.#add(group, values[start + i]!);
        }
      };
    }
    return (groups, start, groupCount) => {
      this.#reserve(groupCount);
      const [sums, isMet, scale] = [this.#sums, this.#isMet, this.#scale];
      for (let i = 0; i < groups.length; i++) {
        const group = groups[i]!;
        if (group === NO_GROUP || !isValid(validity, start + i)) continue;
        sums[group]! += values[start + i]! * scale;
        isMet[group] = 1;
      }
    };
  }

  /** Most values of 64 bits are small: they are summed up as numbers, which makes no bigint of them. */
  #wideAdder(values: BigInt64Array, validity: Validity): Adder {
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    return (groups, start, groupCount) => {
      this.#reserve(groupCount);
      for (let i = 0; i < groups.length; i++) {
        const group = groups[i]!;
        const row = start + i;
        if (group === NO_GROUP || !isValid(validity, row)) continue;
        const value = words[row * 2 + 1]! * 4_294_967_296 + (words[row * 2]! >>> 0);
        if (Math.abs(value) < SAFE_SUM) this.#add(group, value);
        else this.#addLarge(group, values[row]!);
      }
    };
  }

  merge(group: number, state: RowValue): void {
    this.#reserve(group + 1);
    if (typeof state === 'bigint') {
      this.#isInteger = true;
      this.#addLarge(group, state);
    } else if (typeof state === 'number') this.#add(group, state);
  }

  states(count: number): RowValue[] {
    return Array.from({ length: count }, (_, group) => {
      const sum = this.#isMet[group] === 1 ? this.#sums[group] : undefined;
      const large = this.#large[group];
      if (!this.#isInteger) return sum ?? null;
      return sum === undefined && large === undefined ? null : BigInt(sum ?? 0) + (large ?? 0n);
    });
  }

  #reserve(groupCount: number): void {
    this.#sums = withRoom(this.#sums, groupCount);
    this.#isMet = withRoom(this.#isMet, groupCount);
  }

  #add(group: number, value: number): void {
    const sum = this.#sums[group]! + value;
    this.#isMet[group] = 1;
    if (!this.#isInteger || Math.abs(sum) < SAFE_SUM) {
      this.#sums[group] = sum;
      return;
    }
    this.#sums[group] = 0;
    this.#addLarge(group, BigInt(sum));
  }

  #addLarge(group: number, value: bigint): void {
    this.#large[group] = (this.#large[group] ?? 0n) + value;
  }
}

class Extremes implements Totals {
  readonly #reference: ValueReference;
  /** 1 when the greatest is wanted, -1 for the least. */
  readonly #sign: number;
  readonly #values: RowValue[] = [];

  constructor(reference: ValueReference, sign: number) {
    this.#reference = reference;
    this.#sign = sign;
  }

  open(column: Column | null): Adder {
    const reader = valueReader(this.#reference, must(column, 'extremes are of a field'));
    return (groups, start) => {
      for (let i = 0; i < groups.length; i++) {
        const group = groups[i]!;
        if (group !== NO_GROUP) this.merge(group, reader(start + i));
      }
    };
  }

  merge(group: number, state: RowValue): void {
    if (state === null) return;
    const best = this.#values[group] ?? null;
    const isBetter = best === null || compareValues(state, best, this.#reference) * this.#sign > 0;
    if (isBetter) this.#values[group] = state;
  }

  states(count: number): RowValue[] {
    return Array.from({ length: count }, (_, group) => this.#values[group] ?? null);
  }
}
