/**
 * Properties of databases, collections, partitions and fields: text by key. Known keys are checked with
 * Milvus's wording when they are set; unknown ones are kept as they are, for clients that know them.
 */
import { invalidParameter, milvusError, type MilvusError } from '../base/errors.ts';
import { PROPERTY_COUNT_MAX, TTL_SECONDS_MAX } from '../base/limits.ts';
import type { CollectionSchema, FieldSchema, Properties } from './collection-schema.ts';
import { DataType } from './data-type.ts';
import { findField, partitionKeyField, primaryField } from './fields.ts';
import { givenNamespaceMode, NAMESPACE_MODE } from './namespaces.ts';
import { DEFAULT_TIME_ZONE, validateTimeZone } from './timestamptz.ts';

/** As users give it; kept as text. */
export type PropertyValue = string | number | boolean | bigint;
export type GivenProperties = Readonly<Record<string, PropertyValue>>;

export interface PropertyChanges {
  readonly set?: GivenProperties;
  readonly remove?: readonly string[];
}

export interface CollectionPropertyChange {
  readonly properties: Properties;
  /** What `dynamicfield.enabled` was set to: it becomes a field or takes it away. Null: it was not set. */
  readonly dynamicField: boolean | null;
}

const TTL_SECONDS = 'collection.ttl.seconds';
const TTL_FIELD = 'ttl_field';
/** For how long reads may go back to a moment of the past; ours. */
const RETENTION_SECONDS = 'collection.retention.seconds';
const MMAP = 'mmap.enabled';
const TIME_ZONE = 'timezone';
const QUERY_MODE = 'query_mode';
const AUTO_COMPACTION = 'collection.autocompaction.enabled';
const ISOLATION = 'partitionkey.isolation';
const ALLOW_INSERT_AUTO_ID = 'allow_insert_auto_id';
const DYNAMIC_FIELD = 'dynamicfield.enabled';
const REPLICA_NUMBER = 'collection.replica.number';
const MAX_COLLECTIONS = 'database.max.collections';
/** Kept for clients that show it; rows are spread over shards by their keys in any case. */
const NAMESPACE_SHARDING = 'namespace.sharding.enabled';
const FIELD_WARMUP = 'warmup';
const COLLECTION_WARMUPS: readonly string[] = [
  'warmup.scalarField',
  'warmup.scalarIndex',
  'warmup.vectorField',
  'warmup.vectorIndex',
];

type Check = (key: string, value: string) => void;

const COLLECTION_CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  [TTL_SECONDS, checkTtlSeconds],
  [RETENTION_SECONDS, checkRetention],
  [NAMESPACE_MODE, (_key, value) => void givenNamespaceMode(value)],
  [MMAP, checkMmap],
  [TIME_ZONE, (_key, value) => validateTimeZone(value)],
  [QUERY_MODE, checkQueryMode],
  [REPLICA_NUMBER, checkCount('collection')],
  ['collection.resource_groups', checkFilled('collection')],
  ['collection.diskProtection.diskQuota.mb', checkNumber('collection')],
  [FIELD_WARMUP, refuseFieldWarmup],
  ...COLLECTION_WARMUPS.map((key): [string, Check] => [key, checkCollectionWarmup]),
  ...[
    ...[AUTO_COMPACTION, ISOLATION, ALLOW_INSERT_AUTO_ID, 'lazyload.enabled'],
    ...['disable_func_runtime_check', 'namespace.enabled', NAMESPACE_SHARDING],
    'collection.function.allowInsertNonBM25FunctionOutputs',
  ].map((key): [string, Check] => [key, checkBoolean('collection')]),
  ...['insertRate', 'deleteRate', 'bulkLoadRate', 'queryRate', 'searchRate']
    .flatMap((rate) => [`collection.${rate}.max`, `collection.${rate}.min`])
    .map((stem): [string, Check] => [`${stem}.${rateUnit(stem)}`, checkNumber('collection')]),
]);

const DATABASE_CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['database.replica.number', checkCount('database')],
  ['database.resource_groups', checkFilled('database')],
  ['database.diskQuota.mb', checkNumber('database')],
  [MAX_COLLECTIONS, checkCount('database')],
  [TIME_ZONE, (_key, value) => validateTimeZone(value)],
  ['cipher.enabled', checkBoolean('database')],
  ...['writing', 'reading', 'ddl', 'collectionDDL', 'partitionDDL', 'index', 'flush', 'compaction']
    .map((what) => `database.force.deny.${what}`)
    .map((key): [string, Check] => [key, checkBoolean('database')]),
]);

const PARTITION_CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['partition.diskProtection.diskQuota.mb', checkNumber('partition')],
]);

const FIELD_CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  [MMAP, checkMmap],
  ['field.skipLoad', checkBoolean('field')],
]);

/**
 * Properties of a new collection.
 * @throws MilvusError ParameterInvalid, IllegalCollectionSchema
 */
export function collectionProperties(
  schema: CollectionSchema,
  given: GivenProperties = {},
): Properties {
  const properties = checked(given, COLLECTION_CHECKS);
  checkAgainstSchema(schema, properties);
  if (TTL_SECONDS in properties && TTL_FIELD in properties) {
    throw invalidParameter('collection TTL and ttl field cannot be set at the same time');
  }
  return properties;
}

/**
 * Properties of a collection after a change, which either sets or removes.
 * @throws MilvusError ParameterInvalid, IllegalCollectionSchema
 */
export function alterCollectionProperties(
  schema: CollectionSchema,
  current: Properties,
  changes: PropertyChanges,
): CollectionPropertyChange {
  checkChanges(changes);
  if (changes.remove?.includes(DYNAMIC_FIELD) === true) {
    throw invalidParameter(
      `cannot delete key ${DYNAMIC_FIELD}, dynamic field schema could support set to true/false`,
    );
  }
  refuseNamespaceChanges(changes);
  const set = checked(changes.set ?? {}, COLLECTION_CHECKS);
  checkAgainstSchema(schema, set);
  if (TTL_SECONDS in set && TTL_FIELD in set) {
    throw invalidParameter('collection TTL and ttl field cannot be set at the same time');
  }
  if (TTL_SECONDS in set && TTL_FIELD in current) {
    throw invalidParameter('ttl field is already exists, cannot be set collection TTL');
  }
  if (TTL_FIELD in set && TTL_SECONDS in current) {
    throw invalidParameter('collection TTL is already set, cannot be set ttl field');
  }
  const { [DYNAMIC_FIELD]: dynamic, ...kept } = set;
  const dynamicField = dynamic === undefined ? null : parseDynamic(dynamic);
  return { properties: merged(current, kept, changes.remove), dynamicField };
}

/** Properties of a new database. @throws MilvusError ParameterInvalid */
export function databaseProperties(given: GivenProperties = {}): Properties {
  return checked(given, DATABASE_CHECKS);
}

/** Properties of a database after a change, which either sets or removes. @throws MilvusError ParameterInvalid */
export function alterDatabaseProperties(current: Properties, changes: PropertyChanges): Properties {
  checkChanges(changes);
  return merged(current, checked(changes.set ?? {}, DATABASE_CHECKS), changes.remove);
}

/** @throws MilvusError ParameterInvalid */
export function partitionProperties(given: GivenProperties = {}): Properties {
  return checked(given, PARTITION_CHECKS);
}

/** Parameters of a field but for its dimensions, length and capacity. @throws MilvusError ParameterInvalid */
export function fieldParams(fieldName: string, given: GivenProperties): Properties {
  const params = checked(given, FIELD_CHECKS);
  const problem = warmupProblem(params[FIELD_WARMUP] ?? 'disable');
  if (problem !== null) {
    throw invalidParameter(`invalid warmup policy for field ${fieldName}: ${problem}`);
  }
  return params;
}

/** Vectors of the field stay in their files, which are mapped instead of read. */
export function isKeptMapped({ params }: FieldSchema): boolean {
  return params[MMAP] === 'true';
}

/** As `isKeptMapped`, of an index. @param properties of its collection, which hold where it says nothing */
export function isIndexKeptMapped(params: Properties, properties: Properties): boolean {
  return (params[MMAP] ?? properties[MMAP]) === 'true';
}

/**
 * The schema with what the collection says of mapping said of each field that says nothing itself.
 * @param inFiles ids of fields that are mapped whatever is said
 */
export function schemaAsKept(
  schema: CollectionSchema,
  properties: Properties,
  inFiles: readonly number[] = [],
): CollectionSchema {
  const mapped = properties[MMAP];
  if (mapped === undefined && inFiles.length === 0) return schema;
  const fields = schema.fields.map((field) => {
    const kept = inFiles.includes(field.id) ? 'true' : (field.params[MMAP] ?? mapped);
    return kept === field.params[MMAP] || kept === undefined
      ? field
      : { ...field, params: { ...field.params, [MMAP]: kept } };
  });
  return { ...schema, fields };
}

/** Seconds after which rows expire; null when they never do. */
export function ttlSeconds(properties: Properties): number | null {
  const seconds = Number(properties[TTL_SECONDS] ?? -1);
  return seconds > 0 ? seconds : null;
}

/** Seconds for which rows that are deleted stay readable at moments when they were there. */
export function retentionSeconds(properties: Properties): number {
  return Number(properties[RETENTION_SECONDS] ?? 0);
}

/** Name of the Timestamptz field that says when a row expires. */
export function ttlFieldName(properties: Properties): string | null {
  return properties[TTL_FIELD] ?? null;
}

/** The first zone that is set: the request's, the collection's, the database's; else UTC. */
export function effectiveTimeZone(
  requested: string | undefined,
  ...levels: readonly Properties[]
): string {
  if (requested !== undefined && requested !== '') return requested;
  for (const properties of levels) {
    const timeZone = properties[TIME_ZONE];
    if (timeZone !== undefined) return timeZone;
  }
  return DEFAULT_TIME_ZONE;
}

/** A collection begins with the zone of its database unless it says one, and keeps it whatever becomes of that. */
export function inTimeZone<Definition extends { readonly properties?: GivenProperties }>(
  { [TIME_ZONE]: timeZone }: Properties,
  definition: Definition,
): Definition {
  if (timeZone === undefined) return definition;
  return { ...definition, properties: { [TIME_ZONE]: timeZone, ...definition.properties } };
}

/** Whether rows may bring their own values for a generated key. */
export function allowsInsertAutoId(properties: Properties): boolean {
  return isTrue(properties[ALLOW_INSERT_AUTO_ID]);
}

/** Whether the collection is compacted in the background; it is unless said otherwise. */
export function isAutoCompacted(properties: Properties): boolean {
  return isTrue(properties[AUTO_COMPACTION] ?? 'true');
}

/** Whether every search names one partition key. */
export function isPartitionKeyIsolated(properties: Properties): boolean {
  return isTrue(properties[ISOLATION]);
}

/** Whether a search may ask for up to a million hits. */
export function hasLargeTopK(properties: Properties): boolean {
  return properties[QUERY_MODE] === LARGE_TOP_K;
}

/** Replicas that loading makes, when the request does not say. */
export function replicaNumber(properties: Properties): number {
  return Number(properties[REPLICA_NUMBER] ?? 1);
}

/** Collections that a database may hold; null when only the system's limit counts. */
export function maxCollections(properties: Properties): number | null {
  const maximum = properties[MAX_COLLECTIONS];
  return maximum === undefined ? null : Number(maximum);
}

const LARGE_TOP_K = 'large_topk';

/** As Go's strconv.ParseBool, which pymilvus's "True" must pass. */
function parseBoolean(value: string): boolean | null {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(value)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(value) ? false : null;
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && parseBoolean(value) === true;
}

function checked(given: GivenProperties, checks: ReadonlyMap<string, Check>): Properties {
  const keys = Object.keys(given);
  if (keys.length > PROPERTY_COUNT_MAX) {
    throw invalidParameter(`at most ${PROPERTY_COUNT_MAX} properties, but got ${keys.length}`);
  }
  const entries = keys.map((key): [string, string] => {
    const value: unknown = given[key];
    if (!['string', 'number', 'boolean', 'bigint'].includes(typeof value)) {
      throw invalidParameter(
        `the value of property ${key} should be text, but got ${typeof value}`,
      );
    }
    const text = String(value);
    checks.get(key)?.(key, text);
    return [key, text];
  });
  return Object.fromEntries(entries);
}

function merged(current: Properties, set: Properties, remove: readonly string[] = []): Properties {
  const entries = Object.entries({ ...current, ...set });
  return Object.fromEntries(entries.filter(([key]) => !remove.includes(key)));
}

/** How rows lie by their namespaces is decided once. */
function refuseNamespaceChanges({ set = {}, remove = [] }: PropertyChanges): void {
  if (NAMESPACE_MODE in set) {
    throw invalidParameter(
      `cannot alter ${NAMESPACE_MODE} via alter_collection_properties; namespace mode is ` +
        'immutable after collection creation',
    );
  }
  if (remove.includes(NAMESPACE_MODE)) {
    throw invalidParameter(
      `cannot delete ${NAMESPACE_MODE}; namespace mode is immutable after collection creation`,
    );
  }
  if (NAMESPACE_SHARDING in set) {
    throw invalidParameter(`cannot alter ${NAMESPACE_SHARDING} after collection creation`);
  }
  if (remove.includes(NAMESPACE_SHARDING)) {
    throw invalidParameter(`cannot delete ${NAMESPACE_SHARDING} after collection creation`);
  }
}

function checkChanges(changes: PropertyChanges): void {
  const setCount = Object.keys(changes.set ?? {}).length;
  const removeCount = changes.remove?.length ?? 0;
  if (setCount === 0 && removeCount === 0) {
    throw invalidParameter('no properties or delete keys provided');
  }
  if (setCount > 0 && removeCount > 0) {
    throw invalidParameter('can not provide properties and deletekeys at the same time');
  }
}

function checkAgainstSchema(schema: CollectionSchema, properties: Properties): void {
  const ttlField = properties[TTL_FIELD];
  if (ttlField !== undefined) {
    const field = findField(schema, ttlField);
    if (field === undefined) {
      throw invalidParameter(`ttl field name ${ttlField} not found in schema`);
    }
    if (field.type !== DataType.Timestamptz) {
      throw invalidParameter(`ttl field must be timestamptz, field name = ${ttlField}`);
    }
  }
  if (isTrue(properties[ISOLATION]) && partitionKeyField(schema) === undefined) {
    throw milvusError('IllegalCollectionSchema', {
      message:
        'partition key isolation mode is enabled but no partition key field is set. Please set the partition key first',
      fields: { collection: schema.name },
    });
  }
  if (isTrue(properties[ALLOW_INSERT_AUTO_ID]) && !primaryField(schema).autoId) {
    throw invalidParameter(
      `the value for ${ALLOW_INSERT_AUTO_ID} must be false when autoID is false`,
    );
  }
}

function parseDynamic(value: string): boolean {
  const enabled = parseBoolean(value);
  if (enabled === null) {
    throw invalidParameter(`invalid dynamic schema property value: ${value}`);
  }
  return enabled;
}

function rateUnit(stem: string): string {
  if (stem.startsWith('collection.queryRate')) return 'qps';
  return stem.startsWith('collection.searchRate') ? 'vps' : 'mb';
}

function checkRetention(key: string, value: string): void {
  if (/^\d{1,10}$/.test(value) && Number(value) <= TTL_SECONDS_MAX) return;
  throw invalidParameter(`${key} is out of range, expect [0, ${TTL_SECONDS_MAX}], got ${value}`);
}

function checkTtlSeconds(_key: string, value: string): void {
  if (!/^[+-]?\d+$/.test(value)) {
    throw invalidParameter('collection TTL is not a valid positive integer', { value });
  }
  const seconds = Number(value);
  if (seconds < -1 || seconds > TTL_SECONDS_MAX) {
    throw invalidParameter(
      `collection TTL is out of range, expect [-1, ${TTL_SECONDS_MAX}], got ${seconds}`,
    );
  }
}

function checkMmap(_key: string, value: string): void {
  if (parseBoolean(value) === null) {
    throw invalidParameter(`invalid ${MMAP} value: ${value}, expected: true, false`);
  }
}

function checkQueryMode(_key: string, value: string): void {
  if (value !== LARGE_TOP_K) {
    throw invalidParameter(
      `invalid ${QUERY_MODE} value "${value}", valid values: [${LARGE_TOP_K}]`,
    );
  }
}

/** What is wrong with a policy; null when nothing is. */
function warmupProblem(value: string): string | null {
  if (value === 'disable' || value === 'sync' || value === 'async') return null;
  return `invalid warmup policy: ${value}, must be 'disable', 'sync' or 'async'`;
}

function checkCollectionWarmup(key: string, value: string): void {
  const problem = warmupProblem(value);
  if (problem !== null) throw invalidParameter(`invalid warmup value for key ${key}: ${problem}`);
}

function refuseFieldWarmup(key: string): void {
  throw invalidParameter(
    `warmup key '${key}' is only allowed at field level, use warmup.scalarField/warmup.scalarIndex/warmup.vectorField/warmup.vectorIndex at collection level`,
  );
}

type Level = 'collection' | 'database' | 'partition' | 'field';

function invalidProperty(level: Level, key: string, value: string): MilvusError {
  return invalidParameter(`invalid ${level} property: [key=${key}] [value=${value}]`);
}

function checkBoolean(level: Level): Check {
  return (key, value) => {
    if (parseBoolean(value) === null) throw invalidProperty(level, key, value);
  };
}

/** A whole number from 1 on. */
function checkCount(level: Level): Check {
  return (key, value) => {
    if (!/^\d{1,9}$/.test(value) || Number(value) < 1) throw invalidProperty(level, key, value);
  };
}

/** A number; -1 means no limit. */
function checkNumber(level: Level): Check {
  return (key, value) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isFinite(number) || (number < 0 && number !== -1)) {
      throw invalidProperty(level, key, value);
    }
  };
}

function checkFilled(level: Level): Check {
  return (key, value) => {
    if (value.split(',').some((part) => part.trim() === ''))
      throw invalidProperty(level, key, value);
  };
}
