/**
 * What a query with aggregates asks for, from names as users give them: `count(*)`, `avg(price)`, fields that
 * it groups by. Rules and wording are Milvus's: `internal/agg`, `internal/proxy/task_query.go`.
 */
import { invalidParameter } from '../base/errors.ts';
import { AGGREGATES_MAX } from '../base/limits.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import { findField } from '../schema/fields.ts';
import type { AggregatePlan, Measure } from './plan.ts';
import { fieldReference, type ValueReference } from './row-values.ts';
import { checkFieldCount } from './value-names.ts';

export type AggregateOperator = 'count' | 'sum' | 'avg' | 'min' | 'max';

/** An aggregate as it is written. */
export interface AggregateName {
  readonly operator: AggregateOperator;
  /** `*` for rows as such. */
  readonly fieldName: string;
}

const AGGREGATE = /^(sum|count|avg|min|max)\s*\(\s*([\w*]*)\s*\)$/i;

/** Null when the name is none of an aggregate. */
export function aggregateName(name: string): AggregateName | null {
  const match = AGGREGATE.exec(name.trim());
  const [, operator = '', fieldName = ''] = match ?? [];
  if (match === null) return null;
  return { operator: operator.toLowerCase() as AggregateOperator, fieldName };
}

/** A column of the answer. */
export interface AggregateOutput {
  /** As the user wrote it. */
  readonly name: string;
  readonly type: DataType;
  /** Position among the groups' values; or of one measure; or of the sums and the count of an average. */
  readonly from: { readonly by: number } | { readonly measure: number } | AveragePlace;
}

interface AveragePlace {
  readonly sum: number;
  readonly count: number;
  /** Null: no sum is beyond a double. */
  readonly scaled: number | null;
}

export interface AggregateRequest {
  readonly plan: AggregatePlan;
  readonly outputs: readonly AggregateOutput[];
  /** Names of the fields of `plan.by`. */
  readonly groupNames: readonly string[];
}

const NUMBERS: ReadonlySet<DataType> = new Set<DataType>([
  ...[DataType.Int8, DataType.Int16, DataType.Int32, DataType.Int64],
  ...[DataType.Float, DataType.Double],
]);
const ORDERED: ReadonlySet<DataType> = new Set<DataType>([
  ...NUMBERS,
  ...[DataType.VarChar, DataType.Timestamptz],
]);
const GROUPED: ReadonlySet<DataType> = new Set<DataType>([
  ...[DataType.Int8, DataType.Int16, DataType.Int32, DataType.Int64],
  ...[DataType.VarChar, DataType.Timestamptz],
]);

/**
 * @param names what the answer shows
 * @throws MilvusError ParameterInvalid
 */
export function resolveAggregates(
  names: readonly string[],
  groupNames: readonly string[],
  schema: CollectionSchema,
): AggregateRequest {
  if (groupNames.length > 0) checkFieldCount('group_by_fields', groupNames);
  const measures = new Measures(schema);
  const parsed = names.map((name) => ({ name, aggregate: aggregateName(name) }));
  const places = parsed.map(({ name, aggregate }) =>
    aggregate === null ? null : measures.add(name, aggregate),
  );
  const fields = groupNames.map((name) => groupField(name, schema));
  const outputs = parsed.map(({ name }, i): AggregateOutput => {
    const place = places[i] ?? null;
    if (place !== null) return place;
    const by = groupNames.indexOf(name);
    const field = fields[by];
    if (field === undefined) throw notAllowed(name, groupNames);
    return { name, type: field.type, from: { by } };
  });
  return { plan: { by: fields.map(fieldReference), measures: measures.list }, outputs, groupNames };
}

function groupField(name: string, schema: CollectionSchema): FieldSchema {
  const field = findField(schema, name);
  if (field === undefined) throw invalidParameter(`field ${name} not exist`, { field: name });
  if (GROUPED.has(field.type)) return field;
  const type = dataTypeName(field.type);
  throw invalidParameter(`group by field ${name} has unsupported data type ${type}`);
}

function notAllowed(name: string, groupNames: readonly string[]): Error {
  const allowed =
    groupNames.length > 0
      ? `when using GROUP BY, output_fields can only contain group_by fields ([${groupNames.join(' ')}]) or aggregation expressions`
      : 'when using aggregation functions (e.g., count(*)), output_fields can only contain aggregation expressions, not regular columns';
  return invalidParameter(`output field '${name}' is not allowed: ${allowed}`);
}

/** Measures without duplicates. */
class Measures {
  readonly list: Measure[] = [];
  readonly #schema: CollectionSchema;

  constructor(schema: CollectionSchema) {
    this.#schema = schema;
  }

  add(name: string, { operator, fieldName }: AggregateName): AggregateOutput {
    if (fieldName === '*') {
      if (operator !== 'count') {
        throw invalidParameter(`${operator}(*) is not supported, only count(*) is allowed`);
      }
      const measure = this.#place({ operator: 'count', reference: null });
      return { name, type: DataType.Int64, from: { measure } };
    }
    const field = findField(this.#schema, fieldName);
    if (field === undefined) {
      throw invalidParameter(
        `target field ${fieldName} for aggregation:${operator} does not exist`,
      );
    }
    checkAggregateType(operator, field.type);
    const reference = fieldReference(field);
    if (operator !== 'avg') {
      const measure = this.#place({ operator, reference });
      return { name, type: resultType(operator, field.type), from: { measure } };
    }
    const sum = this.#place({ operator: 'sum', reference });
    const count = this.#place({ operator: 'count', reference });
    const isDouble = field.type === DataType.Double;
    const scaled = isDouble ? this.#place({ operator: 'scaled', reference }) : null;
    return { name, type: DataType.Double, from: { sum, count, scaled } };
  }

  #place(measure: Measure): number {
    const known = this.list.findIndex((one) => isSame(one, measure));
    if (known >= 0) return known;
    const isPart = measure.operator === 'scaled';
    const asked = this.list.filter(({ operator }) => operator !== 'scaled').length;
    if (!isPart && asked === AGGREGATES_MAX) {
      throw invalidParameter(`at most ${AGGREGATES_MAX} aggregates are allowed in one request`);
    }
    this.list.push(measure);
    return this.list.length - 1;
  }
}

function isSame(left: Measure, right: Measure): boolean {
  return left.operator === right.operator && idOf(left.reference) === idOf(right.reference);
}

function idOf(reference: ValueReference | null): number | null {
  return reference?.fieldId ?? null;
}

/** @throws MilvusError ParameterInvalid when values of the type have no such aggregate */
export function checkAggregateType(operator: AggregateOperator, type: DataType): void {
  const isSupported =
    operator === 'count'
      ? true
      : (operator === 'sum' || operator === 'avg' ? NUMBERS : ORDERED).has(type);
  if (isSupported) return;
  const name = dataTypeName(type);
  throw invalidParameter(`aggregation operator ${operator} does not support data type ${name}`);
}

/** What a sum, an average, a count or an extreme of values of a type is. */
export function resultType(operator: AggregateOperator, type: DataType): DataType {
  if (operator === 'count') return DataType.Int64;
  if (operator === 'avg') return DataType.Double;
  if (operator !== 'sum') return type;
  return type === DataType.Float || type === DataType.Double ? DataType.Double : DataType.Int64;
}
