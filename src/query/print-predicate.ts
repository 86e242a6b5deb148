/**
 * A bound condition in the words of the filter language, for people who ask what a filter became: names for field
 * ids, operands in the order in which they are asked, long lists and texts cut short.
 */
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { wkbToWkt } from '../schema/geometry.ts';
import { DEFAULT_TIME_ZONE, formatTimestamptz } from '../schema/timestamptz.ts';
import { filterFieldIds } from './facts.ts';
import { INT64_MAX, INT64_MIN, printLiteral } from './literal.ts';
import { compareScalars } from './scalar-order.ts';
import type {
  ColumnRef,
  ElementColumn,
  GeometryPredicate,
  LengthColumn,
  ListValue,
  MatchPredicate,
  Predicate,
  RangePredicate,
  Scalar,
  ShiftedPredicate,
  ValueSet,
} from './predicate.ts';

/** Values of a list that are shown. */
const VALUES_MAX = 5;
/** Characters of a text that are shown. */
const TEXT_MAX = 80;
const BEYOND_FLOAT = '1e308';

export function printPredicate(predicate: Predicate, schema: CollectionSchema): string {
  return printIn({ schema, isNegated: false }, predicate);
}

interface Place {
  readonly schema: CollectionSchema;
  /** Inside of a `not`, where UNKNOWN is something else than false. */
  readonly isNegated: boolean;
}

function printIn(place: Place, predicate: Predicate): string {
  const { schema } = place;
  const name = (column: ColumnRef | LengthColumn): string => columnName(column, schema);
  switch (predicate.kind) {
    case 'constant':
      return String(predicate.value);
    case 'not':
      return `not (${printIn({ ...place, isNegated: true }, predicate.operand)})`;
    case 'and':
    case 'or':
      return predicate.operands
        .map((operand) => printOperand(place, operand))
        .join(` ${predicate.kind} `);
    case 'null':
      return `${fieldName(predicate.fieldId, schema)} is null`;
    case 'exists':
      return `exists ${name(predicate.column)}`;
    case 'range':
      return printRange(place, name(predicate.column), predicate);
    case 'in':
      return `${name(predicate.column)} in ${printValues(predicate.values, predicate.column.type)}`;
    case 'like':
      return `${name(predicate.column)} like ${printText(predicate.pattern)}`;
    case 'regex':
      return `${name(predicate.column)} =~ ${printText(predicate.pattern)}`;
    case 'prefix':
      return `starts_with(${name(predicate.left)}, ${name(predicate.right)})`;
    case 'arithmetic': {
      const { operator, operand, range } = predicate;
      return printRange(
        place,
        `(${name(range.column)} ${operator} ${printLiteral(operand)})`,
        range,
      );
    }
    case 'columns':
      return `${name(predicate.left)} ${predicate.operator} ${name(predicate.right)}`;
    case 'list':
      return `${name(predicate.column)} == ${printList(predicate.values)}`;
    case 'contains': {
      const values = printValues(predicate.values, DataType.JSON, predicate.lists);
      return `array_contains_${predicate.mode}(${name(predicate.column)}, ${values})`;
    }
    case 'match':
      return printMatch(place, predicate);
    case 'geometry':
      return printGeometry(name(predicate.column), predicate);
    case 'shifted':
      return printShifted(place, name(predicate.range.column), predicate);
    default:
      return unnamed(predicate, schema);
  }
}

/** What this file has no words for: its kind, and the fields it is about. */
function unnamed(predicate: Predicate, schema: CollectionSchema): string {
  const names = filterFieldIds({ predicate }).map((id) => fieldName(id, schema));
  return `${predicate.kind}(${names.join(', ')})`;
}

function printOperand(place: Place, operand: Predicate): string {
  const text = printIn(place, operand);
  return operand.kind === 'and' || operand.kind === 'or' ? `(${text})` : text;
}

function fieldName(id: number, schema: CollectionSchema): string {
  return schema.fields.find((field) => field.id === id)?.name ?? `field ${id}`;
}

function columnName(column: ColumnRef | LengthColumn, schema: CollectionSchema): string {
  const name = fieldName(column.fieldId, schema);
  if (column.access === 'element') return elementName(name, column, schema);
  if (column.access === 'value') return name;
  const path = (column.path ?? []).map((step) => `[${printLiteral(step)}]`).join('');
  return column.access === 'length' ? `array_length(${name}${path})` : name + path;
}

/** `array[2]`; of a struct array `struct[2][sub]`. */
function elementName(
  name: string,
  { fieldId, index }: ElementColumn,
  schema: CollectionSchema,
): string {
  const struct = schema.fields.find(({ id }) => id === fieldId)?.structName;
  if (struct === undefined) return `${name}[${index}]`;
  return `${struct}[${index}]${name.slice(struct.length)}`;
}

function printRange({ isNegated }: Place, subject: string, given: RangePredicate): string {
  const range = withinInt64(given);
  const { lower, upper, lowerInclusive, upperInclusive, column } = range;
  if (lower !== null && lower === upper && lowerInclusive && upperInclusive) {
    return `${subject} == ${printScalar(lower, column.type)}`;
  }
  if (!isEmpty(range)) return printBounds(subject, range);
  if (!isNegated) return 'false';
  const bounds = [
    { ...range, upper: null },
    { ...range, lower: null },
  ].filter((bound) => bound.lower !== null || bound.upper !== null);
  return bounds.map((bound) => printBounds(subject, bound)).join(' and ');
}

/** No value is in the range. */
function isEmpty({
  lower,
  upper,
  lowerInclusive,
  upperInclusive,
  column,
}: RangePredicate): boolean {
  if (column.type !== DataType.JSON) {
    if (lower === INT64_MAX && !lowerInclusive) return true;
    if (upper === INT64_MIN && !upperInclusive) return true;
  }
  if (lower === null || upper === null) return false;
  const order = compareScalars(lower, upper) ?? -1;
  return order > 0 || (order === 0 && !(lowerInclusive && upperInclusive));
}

/** What an integer is compared with may lie beyond int64, which the language has no words for. */
function withinInt64(range: RangePredicate): RangePredicate {
  if (range.column.type === DataType.JSON) return range;
  let { lower, upper, lowerInclusive, upperInclusive } = range;
  if (typeof lower === 'bigint' && lower > INT64_MAX) {
    [lower, lowerInclusive] = [INT64_MAX, false];
  } else if (typeof lower === 'bigint' && lower < INT64_MIN) {
    [lower, lowerInclusive] = upper === null ? [INT64_MIN, true] : [null, false];
  }
  if (typeof upper === 'bigint' && upper < INT64_MIN) {
    [upper, upperInclusive] = [INT64_MIN, false];
  } else if (typeof upper === 'bigint' && upper > INT64_MAX) {
    [upper, upperInclusive] = lower === null ? [INT64_MAX, true] : [null, false];
  }
  return { ...range, lower, lowerInclusive, upper, upperInclusive };
}

function printBounds(subject: string, range: RangePredicate): string {
  const { lower, upper, lowerInclusive, upperInclusive } = range;
  const { type } = range.column;
  const low = lower === null ? '' : printScalar(lower, type);
  const high = upper === null ? '' : printScalar(upper, type);
  const atMost = upperInclusive ? '<=' : '<';
  if (lower === null) return `${subject} ${atMost} ${high}`;
  if (upper === null) return `${subject} ${lowerInclusive ? '>=' : '>'} ${low}`;
  return `${low} ${lowerInclusive ? '<=' : '<'} ${subject} ${atMost} ${high}`;
}

function printScalar(value: Scalar, type: DataType): string {
  if (type === DataType.Timestamptz && typeof value === 'bigint') {
    return `ISO '${formatTimestamptz(value, DEFAULT_TIME_ZONE)}'`;
  }
  if (typeof value === 'string') return printText(value);
  // What is beyond a Float is its infinity.
  if (value === Number.POSITIVE_INFINITY) return BEYOND_FLOAT;
  return value === Number.NEGATIVE_INFINITY ? `-${BEYOND_FLOAT}` : printLiteral(value);
}

function printText(text: string): string {
  return printLiteral(text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`);
}

function printValues(values: ValueSet, type: DataType, lists: readonly ListValue[] = []): string {
  const { integers, doubles, texts, booleans } = values;
  const count = integers.length + doubles.length + texts.length + booleans.length + lists.length;
  const shown = [
    ...integers.subarray(0, VALUES_MAX),
    ...doubles.subarray(0, VALUES_MAX),
    ...texts.slice(0, VALUES_MAX),
    ...booleans,
  ].map((value) => printScalar(value, type));
  const all = [...shown, ...lists.slice(0, VALUES_MAX).map(printList)].slice(0, VALUES_MAX);
  return `[${all.join(', ')}${more(count)}]`;
}

function printList(list: ListValue): string {
  const shown = list
    .slice(0, VALUES_MAX)
    .map((value) =>
      typeof value === 'object' ? printList(value) : printScalar(value, DataType.JSON),
    );
  return `[${shown.join(', ')}${more(list.length)}]`;
}

function more(count: number): string {
  return count > VALUES_MAX ? `, … ${count} values` : '';
}

function printMatch(place: Place, match: MatchPredicate): string {
  const { schema } = place;
  const struct = schema.structs.find(({ fieldIds }) => fieldIds.includes(match.fieldId));
  const prefix = `${struct?.name ?? ''}[`;
  const fields = schema.fields.map((field) =>
    field.name.startsWith(prefix)
      ? { ...field, name: `$${field.name.slice(prefix.length - 1)}` }
      : field,
  );
  // Elements of which it is UNKNOWN do not count, whatever stands around.
  const condition = printPredicate(match.operand, { ...schema, fields });
  const { quantifier, threshold } = match;
  const isCounted = quantifier !== 'any' && quantifier !== 'all';
  const tail = isCounted ? `, threshold=${threshold}` : '';
  return `match_${quantifier}(${struct?.name ?? ''}, ${condition}${tail})`;
}

function printGeometry(name: string, { test }: GeometryPredicate): string {
  if (test.kind === 'isvalid') return `st_isvalid(${name})`;
  const wkt = printText(wkbToWkt(test.wkb));
  const tail = test.kind === 'dwithin' ? `, ${test.meters}` : '';
  return `st_${test.kind}(${name}, ${wkt}${tail})`;
}

function printShifted(
  place: Place,
  name: string,
  { months, micros, range }: ShiftedPredicate,
): string {
  const sign = months < 0 || (months === 0 && micros < 0n) ? '-' : '+';
  const [size, rest] = sign === '-' ? [-months, -micros] : [months, micros];
  const clock = rest === 0n ? '' : `T${rest / 1_000_000n}S`;
  return printRange(place, `(${name} ${sign} INTERVAL 'P${size}M${clock}')`, range);
}
