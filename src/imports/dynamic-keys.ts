/**
 * The dynamic field in rows of files: writers put its keys among the others, or under `$meta`, as an object or
 * as its text. Source: Milvus `internal/util/importutilv2/json/row_parser.go`.
 */
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { dynamicField } from '../schema/fields.ts';
import { parseJsonText } from '../schema/json-text.ts';
import { isObject, type JsonObject } from './given-rows.ts';
import { importFailed } from './import-error.ts';

/** The row with the keys of `$meta` among the others. @throws MilvusError ImportFailed */
export function spreadDynamicKeys(row: unknown, schema: CollectionSchema): unknown {
  const meta = dynamicField(schema);
  if (meta === undefined || !isObject(row) || !Object.hasOwn(row, meta.name)) return row;
  const { [meta.name]: given, ...others } = row;
  const keys = keysOf(given, meta.name);
  for (const key of Object.keys(keys)) {
    if (Object.hasOwn(others, key)) throw importFailed(`duplicated key is not allowed, key=${key}`);
    if ([...schema.fields, ...schema.structs].some(({ name }) => name === key)) {
      throw importFailed(`dynamic field cannot include the static field: ${key}`);
    }
  }
  return { ...others, ...keys };
}

function keysOf(given: unknown, name: string): JsonObject {
  if (given === null || given === '') return {};
  const value = typeof given === 'string' ? parsed(given, name) : given;
  if (isObject(value)) return value;
  throw importFailed(`the value of ${name} is a JSON object or its text`);
}

function parsed(text: string, name: string): unknown {
  try {
    return parseJsonText(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw importFailed(`the text of ${name} is no JSON: ${cause.message}`);
  }
}
