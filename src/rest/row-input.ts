/**
 * Rows as JSON says them -> rows as the engine takes them. What JSON cannot say is told otherwise: int64 as
 * text, bytes in base64 (binary and half-width vectors). A number in a text field is its text, text in a number
 * field its number, as in Milvus; a text in a JSON field is JSON if it can be read so. Everything else is the
 * engine's to check. Source: Milvus `internal/distributed/proxy/httpserver/utils.go`, checkAndSetData.
 */
import type { Clock } from '../base/clock.ts';
import { invalidParameter } from '../base/errors.ts';
import type { Row } from '../core/requests.ts';
import type {
  CollectionSchema,
  FieldSchema,
  StructFieldSchema,
} from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { elementField, isHidden, structSubFields, subFieldName } from '../schema/fields.ts';
import { parseJsonText } from '../schema/json-text.ts';
import { isObject, type JsonObject } from './json-parse.ts';
import { jsonText } from './json-write.ts';

const ROWS_PER_TURN = 256;

type Convert = (value: unknown) => unknown;

/** @throws MilvusError ParameterInvalid for what is no row, and for keys that no field has */
export async function rowsOf(
  list: readonly unknown[],
  schema: CollectionSchema,
  clock: Clock,
): Promise<Row[]> {
  const converters = convertersOf(schema);
  const rows: Row[] = [];
  for (const [i, given] of list.entries()) {
    if (i % ROWS_PER_TURN === ROWS_PER_TURN - 1) await clock.yieldTurn();
    rows.push(rowOf(given, converters, schema.enableDynamicField));
  }
  return rows;
}

function rowOf(
  given: unknown,
  converters: ReadonlyMap<string, Convert>,
  hasDynamicField: boolean,
): Row {
  if (!isObject(given)) {
    throw invalidParameter(`a row should be a JSON object, but got ${jsonText(given)}`);
  }
  const row = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(given)) {
    const convert = converters.get(key);
    if (convert !== undefined) row[key] = value === null ? null : convert(value);
    else if (!hasDynamicField) {
      throw invalidParameter('has pass more field without dynamic schema, please check it', {
        field: key,
      });
    } else if (value !== null) row[key] = value;
  }
  return row;
}

function convertersOf(schema: CollectionSchema): Map<string, Convert> {
  const converters = new Map<string, Convert>();
  for (const field of schema.fields) {
    if (!isHidden(field) && field.structName === undefined) {
      converters.set(field.name, converterOf(field));
    }
  }
  for (const struct of schema.structs) {
    converters.set(struct.name, structConverter(struct, schema));
  }
  return converters;
}

function structConverter(struct: StructFieldSchema, schema: CollectionSchema): Convert {
  const converters = new Map<string, Convert>();
  for (const field of structSubFields(schema, struct)) {
    converters.set(subFieldName(field), converterOf(elementField(field)));
  }
  return (value) => {
    if (!Array.isArray(value)) return value;
    return value.map((element: unknown) => {
      if (!isObject(element)) return element;
      return convertMembers(element, converters);
    });
  };
}

function convertMembers(
  element: JsonObject,
  converters: ReadonlyMap<string, Convert>,
): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(element)) {
    object[key] = converters.get(key)?.(value) ?? value;
  }
  return object;
}

const asIs: Convert = (value) => value;

function converterOf(field: FieldSchema): Convert {
  switch (field.type) {
    case DataType.Bool:
      return (value) => booleanOf(value);
    case DataType.Int8:
    case DataType.Int16:
    case DataType.Int32:
    case DataType.Int64:
      return (value) => integerOf(value);
    case DataType.Float:
    case DataType.Double:
      return (value) => numberOf(value);
    case DataType.VarChar:
    case DataType.Text:
      return (value) => (typeof value === 'string' ? value : jsonText(value));
    case DataType.JSON:
      return (value) => (typeof value === 'string' ? jsonOf(value) : value);
    case DataType.BinaryVector:
    case DataType.Float16Vector:
    case DataType.BFloat16Vector:
      return (value) => (typeof value === 'string' ? bytesOf(value, field.name) : value);
    case DataType.SparseFloatVector:
      return (value) => (typeof value === 'string' ? jsonOf(value) : value);
    default:
      return asIs;
  }
}

const INTEGER = /^[+-]?\d{1,19}$/;

/** What is no integer stays as it is, and is refused where it is checked. */
function integerOf(value: unknown): unknown {
  return typeof value === 'string' && INTEGER.test(value) ? BigInt(value) : value;
}

function numberOf(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : number;
}

function booleanOf(value: unknown): unknown {
  if (value === 'true' || value === 1) return true;
  if (value === 'false' || value === 0) return false;
  return value;
}

function jsonOf(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure;
    return text;
  }
}

const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** @throws MilvusError ParameterInvalid */
export function bytesOf(text: string, fieldName: string): Uint8Array {
  if (BASE64.test(text)) return Buffer.from(text, 'base64');
  throw invalidParameter(`the vector of field ${fieldName} is neither a list nor base64`);
}
