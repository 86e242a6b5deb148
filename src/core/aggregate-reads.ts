/** Queries that ask what rows add up to: one row a group, in the order of the groups. */
import { invalidParameter } from '../base/errors.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { decodeColumn } from '../schema/value-decoders.ts';
import {
  aggregateName,
  type AggregateOutput,
  type AggregateRequest,
  resolveAggregates,
} from '../search/aggregate-names.ts';
import { meanOf } from '../search/mean.ts';
import type { AggregatePlan, AggregateTable } from '../search/plan.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { compareByTerms, type OrderTerm } from '../search/row-order.ts';
import type { RowValue } from '../search/row-values.ts';
import { sortedInTurns } from '../search/sort.ts';
import { type NamedColumn, namedColumn } from '../search/value-columns.ts';
import type { CollectionInfo } from './ports.ts';
import type { OrderRequest, QueryRowsRequest } from './requests.ts';

/** Whether the request asks for groups, or for sums beside others; a count alone needs no rows at all. */
export function asksForAggregates({ groupBy = [], outputFields = [] }: QueryRowsRequest): boolean {
  return groupBy.length > 0 || outputFields.some((name) => aggregateName(name) !== null);
}

/** What is asked for. @throws MilvusError ParameterInvalid */
export function aggregateRequest(
  { groupBy = [], outputFields = [], orderBy = [], limit, afterKey }: QueryRowsRequest,
  { schema }: CollectionInfo,
): AggregateRequest {
  if (afterKey !== undefined) {
    throw invalidParameter('aggregates are not allowed when doing iteration');
  }
  const names = groupBy.map((name) => name.trim());
  const outputs = outputFields.length === 0 ? names : outputFields.map((name) => name.trim());
  const request = resolveAggregates(outputs, names, schema);
  checkOrder(orderBy, names);
  const countsRows = request.plan.measures.some(({ reference }) => reference === null);
  if (names.length === 0 && countsRows && limit !== undefined) {
    throw invalidParameter('count entities with pagination is not allowed', { limit });
  }
  return request;
}

/** Groups are ordered by what they are groups of. */
function checkOrder(orderBy: readonly OrderRequest[], groupNames: readonly string[]): void {
  for (const { field } of orderBy) {
    if (aggregateName(field) !== null) {
      throw invalidParameter(`ORDER BY on aggregate expression '${field}' is not yet supported`);
    }
    if (groupNames.includes(field.trim())) continue;
    const targets = `Valid targets are: [${groupNames.join(' ')}]`;
    throw invalidParameter(
      `ORDER BY field '${field}' is not valid: when using GROUP BY or aggregates, ORDER BY can only reference GROUP BY columns. ${targets}`,
    );
  }
}

export interface AggregateWindow {
  readonly order: readonly OrderTerm[];
  readonly offset: number;
  readonly limit: number | undefined;
}

/** The table as columns in the order of the outputs. @throws MilvusError ParameterInvalid when a sum is too large */
export async function aggregateColumns(
  { plan, outputs }: AggregateRequest,
  table: AggregateTable,
  { order, offset, limit, turn }: AggregateWindow & { readonly turn: Turn },
): Promise<NamedColumn[]> {
  const whole = plan.by.length === 0 && table.keys.length === 0 ? tableOfNothing(plan) : table;
  const groups = await orderedGroups(plan, whole, { order, turn });
  const shown = groups.slice(offset, limit === undefined ? undefined : offset + limit);
  const columns: NamedColumn[] = [];
  for (const [id, output] of outputs.entries()) {
    const values: RowValue[] = [];
    await inPieces(shown.length, turn, (start, end) => {
      for (const group of shown.subarray(start, end)) values.push(valueOf(output, whole, group));
    });
    columns.push(namedColumn({ id, name: output.name, type: output.type }, values));
  }
  return columns;
}

/** Rows are counted and nothing else, which is told without looking at them. */
export function countsRowsOnly({ by, measures }: AggregatePlan): boolean {
  return by.length === 0 && measures.every(({ reference }) => reference === null);
}

export function countTable({ measures }: AggregatePlan, count: number): AggregateTable {
  return { keys: [[]], states: measures.map(() => [count]) };
}

/** The one group that there is when nothing is grouped by and there are no rows. */
function tableOfNothing({ measures }: AggregatePlan): AggregateTable {
  return { keys: [[]], states: measures.map(({ operator }) => [operator === 'count' ? 0 : null]) };
}

/** Groups by the terms, and where these leave it open by their values, null last. */
async function orderedGroups(
  { by }: AggregatePlan,
  { keys }: AggregateTable,
  { order, turn }: { readonly order: readonly OrderTerm[]; readonly turn: Turn },
): Promise<Uint32Array> {
  const rest = by.map(
    (reference): OrderTerm => ({ reference, isDescending: false, isNullsFirst: false }),
  );
  const terms = [...order, ...rest];
  const places = terms.map(({ reference }) =>
    by.findIndex(({ fieldId }) => fieldId === reference.fieldId),
  );
  const compare = (left: number, right: number): number => {
    const valuesOf = (group: number): RowValue[] => places.map((at) => keys[group]?.[at] ?? null);
    return compareByTerms(terms, valuesOf(left), valuesOf(right));
  };
  return await sortedInTurns(keys.length, compare, turn);
}

function valueOf(
  { name, type, from }: AggregateOutput,
  table: AggregateTable,
  group: number,
): RowValue {
  if ('by' in from) return table.keys[group]?.[from.by] ?? null;
  const stateOf = (measure: number): RowValue => table.states[measure]?.[group] ?? null;
  if ('measure' in from) {
    const state = stateOf(from.measure);
    if (typeof state !== 'bigint' || type !== DataType.Int64) return state;
    if (BigInt.asIntN(64, state) === state) return state;
    throw invalidParameter(`${name} is out of the range of Int64`, { value: state });
  }
  const sum = stateOf(from.sum);
  const count = Number(stateOf(from.count));
  if (count === 0 || sum === null) return null;
  if (from.scaled === null) return Number(sum) / count;
  return meanOf(Number(sum), Number(stateOf(from.scaled)), count);
}

/** One object a group. @param timeZone in which Timestamptz is written */
export function aggregateRows(
  columns: readonly NamedColumn[],
  timeZone: string,
): Record<string, unknown>[] {
  const decoded = columns.map(({ field, column }): [FieldSchema, unknown[]] => [
    field,
    decodeColumn(column, timeZone),
  ]);
  const rowCount = decoded[0]?.[1].length ?? 0;
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(decoded.map(([field, values]) => [field.name, values[row]])),
  );
}
