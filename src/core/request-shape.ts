/**
 * What comes from callers without types: each part of a request has the type it must have, before anything
 * looks into it. What the parts say is checked where it is used.
 */
import { invalidParameter } from '../base/errors.ts';
import { validateTimeZone } from '../schema/timestamptz.ts';

type Kind =
  | 'text'
  | 'texts'
  | 'list'
  | 'rows'
  | 'operations'
  | 'number'
  | 'bigint'
  | 'boolean'
  | 'object'
  | 'objects'
  | 'groups';

const KINDS: Readonly<Record<string, Kind>> = {
  databaseName: 'text',
  collectionName: 'text',
  collectionId: 'number',
  schema: 'object',
  partitionName: 'text',
  namespace: 'text',
  partitionNames: 'texts',
  rows: 'rows',
  ids: 'list',
  filter: 'text',
  parameters: 'object',
  outputFields: 'texts',
  consistencyLevel: 'text',
  guaranteeTimestamp: 'bigint',
  snapshotTimestamp: 'bigint',
  ignoreGrowing: 'boolean',
  refuseReleased: 'boolean',
  partial: 'boolean',
  fieldOps: 'operations',
  timezone: 'text',
  fieldName: 'text',
  metric: 'text',
  limit: 'number',
  offset: 'number',
  roundDecimal: 'number',
  params: 'object',
  batchSize: 'number',
  hints: 'text',
  groupBy: 'groups',
  orderBy: 'objects',
  aggregation: 'object',
};

const IS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  texts: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  list: (value) => Array.isArray(value) || ArrayBuffer.isView(value),
  rows: (value) => (Array.isArray(value) ? value.every(isObject) : isColumns(value)),
  operations: (value) => Array.isArray(value) && value.every(isOperation),
  number: (value) => typeof value === 'number',
  bigint: (value) => typeof value === 'bigint',
  boolean: (value) => typeof value === 'boolean',
  object: isObject,
  objects: (value) => Array.isArray(value) && value.every(isObject),
  // Of searches with their size, of queries by names alone.
  groups: (value) => (Array.isArray(value) ? IS.texts(value) : isObject(value)),
};

const NAMES: Readonly<Record<Kind, string>> = {
  text: 'a string',
  texts: 'a list of strings',
  list: 'a list',
  rows: 'a list of objects',
  operations: 'a list of { fieldName, op }',
  number: 'a number',
  bigint: 'a bigint',
  boolean: 'true or false',
  object: 'an object',
  objects: 'a list of objects',
  groups: 'a list of strings or an object',
};

/** @throws MilvusError ParameterInvalid that names the part, what it must be and what came */
export function checkRequest(request: object): void {
  const parts = new Map<string, unknown>(Object.entries(request));
  // Rows and names must be there; what may be left out may also be undefined.
  for (const [name, value] of parts) {
    const kind = KINDS[name];
    if (kind === undefined || (value === undefined && name !== 'rows')) continue;
    if (IS[kind](value)) continue;
    throw invalidParameter(`${name} must be ${NAMES[kind]}`, { actual: describe(value) });
  }
  const timezone = parts.get('timezone');
  if (typeof timezone === 'string') validateTimeZone(timezone);
}

function isColumns(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'rowCount' in value && 'columns' in value;
}

function isOperation(value: unknown): boolean {
  return isObject(value) && typeof Reflect.get(value as object, 'fieldName') === 'string';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list with something else in it' : typeof value;
}
