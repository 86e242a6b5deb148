/**
 * A bound condition in the words of the filter language, for people who ask what a filter became: names for field
 * ids, operands in the order in which they are asked, long lists and texts cut short.
 */
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { wkbToWkt } from '../schema/geometry.ts';
import { DEFAULT_TIME_ZONE, formatTimestamptz } from '../schema/timestamptz.ts';
import { filterFieldIds } from './facts.ts';
import { printLiteral } from './literal.ts';
import type {
  ColumnRef,
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

export function printPredicate(predicate: Predicate, schema: CollectionSchema): string {
  const name = (column: ColumnRef | LengthColumn): string => columnName(column, schema);
  switch (predicate.kind) {
    case 'constant':
      return String(predicate.value);
    case 'not':
      return `not (${printPredicate(predicate.operand, schema)})`;
    case 'and':
    case 'or':
      return predicate.operands
        .map((operand) => printOperand(operand, schema))
        .join(` ${predicate.kind} `);
    case 'null':
      return `${fieldName(predicate.fieldId, schema)} is null`;
    case 'exists':
      return `exists ${name(predicate.column)}`;
    case 'range':
      return printRange(name(predicate.column), predicate);
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
      return printRange(`(${name(range.column)} ${operator} ${operand})`, range);
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
      return printMatch(predicate, schema);
    case 'geometry':
      return printGeometry(name(predicate.column), predicate);
    case 'shifted':
      return printShifted(name(predicate.range.column), predicate);
    default:
      return unnamed(predicate, schema);
  }
}

/** What this file has no words for: its kind, and the fields it is about. */
function unnamed(predicate: Predicate, schema: CollectionSchema): string {
  const names = filterFieldIds({ predicate }).map((id) => fieldName(id, schema));
  return `${predicate.kind}(${names.join(', ')})`;
}

function printOperand(operand: Predicate, schema: CollectionSchema): string {
  const text = printPredicate(operand, schema);
  return operand.kind === 'and' || operand.kind === 'or' ? `(${text})` : text;
}

function fieldName(id: number, schema: CollectionSchema): string {
  return schema.fields.find((field) => field.id === id)?.name ?? `field ${id}`;
}

function columnName(column: ColumnRef | LengthColumn, schema: CollectionSchema): string {
  const name = fieldName(column.fieldId, schema);
  if (column.access === 'element') return `${name}[${column.index}]`;
  if (column.access === 'value') return name;
  const path = (column.path ?? []).map((step) => `[${printLiteral(step)}]`).join('');
  return column.access === 'length' ? `array_length(${name}${path})` : name + path;
}

function printRange(subject: string, range: RangePredicate): string {
  const { lower, upper, lowerInclusive, upperInclusive } = range;
  const { type } = range.column;
  if (lower !== null && lower === upper) return `${subject} == ${printScalar(lower, type)}`;
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
  return typeof value === 'string' ? printText(value) : printLiteral(value);
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

function printMatch(match: MatchPredicate, schema: CollectionSchema): string {
  const struct = schema.structs.find(({ fieldIds }) => fieldIds.includes(match.fieldId));
  const prefix = `${struct?.name ?? ''}[`;
  const fields = schema.fields.map((field) =>
    field.name.startsWith(prefix)
      ? { ...field, name: `$${field.name.slice(prefix.length - 1)}` }
      : field,
  );
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

function printShifted(name: string, { months, micros, range }: ShiftedPredicate): string {
  const sign = months < 0 || (months === 0 && micros < 0n) ? '-' : '+';
  const [size, rest] = sign === '-' ? [-months, -micros] : [months, micros];
  const clock = rest === 0n ? '' : `T${rest / 1_000_000n}S`;
  return printRange(`(${name} ${sign} INTERVAL 'P${size}M${clock}')`, range);
}
