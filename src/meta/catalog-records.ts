/**
 * The records of the catalog: what each says, its key and its form at rest. All are immutable; ids come
 * from one counter and are never given twice, so that a key never means two things.
 */
import { unreachable } from '../base/assert.ts';
import { MalformedBytes } from '../base/bytes.ts';
import { invalidParameter } from '../base/errors.ts';
import { PROPERTY_COUNT_MAX } from '../base/limits.ts';
import type { CollectionSchema, Properties } from '../schema/collection-schema.ts';
import { decodeSchema, encodeSchema } from '../schema/schema-json.ts';
import {
  aliasKey,
  collectionKey,
  databaseKey,
  indexKey,
  loadKey,
  nameKey,
  partitionKey,
  snapshotKey,
} from './keys.ts';
import { type ManifestReference, readManifestReference } from './manifest-pointer.ts';
import type { MetaEntry } from './meta-store.ts';
import { damaged, encodeRecord } from './record.ts';
import { decodeFields, type RecordFields } from './record-fields.ts';

export const DEFAULT_DATABASE_ID = 1;
export const DEFAULT_DATABASE_NAME = 'default';
/** Ids below it are not given to what users create. */
export const FIRST_CATALOG_ID = 100n;

export interface DatabaseRecord {
  readonly id: number;
  readonly name: string;
  readonly properties: Properties;
  readonly createdTimestamp: bigint;
}

export const CONSISTENCY_LEVELS = ['Strong', 'Session', 'Bounded', 'Eventually'] as const;
/** What a read waits for, unless it says otherwise itself. */
export type ConsistencyLevel = (typeof CONSISTENCY_LEVELS)[number];
export const CONSISTENCY_LEVEL_DEFAULT: ConsistencyLevel = 'Bounded';

const COLLECTION_STATES = ['created', 'dropped'] as const;
/** Dropped: nobody sees it any more; its record stays until its shards are gone. */
export type CollectionState = (typeof COLLECTION_STATES)[number];

export interface CollectionRecord {
  readonly id: number;
  readonly databaseId: number;
  /** Its name is the collection's. */
  readonly schema: CollectionSchema;
  /** Shard s is `shardIds[s]`, unique in the database directory; how many there are never changes. */
  readonly shardIds: readonly number[];
  readonly properties: Properties;
  readonly consistencyLevel: ConsistencyLevel;
  readonly createdTimestamp: bigint;
  /** Of the last change of anything here. */
  readonly updatedTimestamp: bigint;
  /** Rows written at or before it are gone; 0 when it was never truncated. */
  readonly truncatedTimestamp: bigint;
  readonly state: CollectionState;
}

export interface PartitionRecord {
  readonly id: number;
  readonly collectionId: number;
  readonly name: string;
  readonly createdTimestamp: bigint;
}

export interface AliasRecord {
  readonly databaseId: number;
  readonly alias: string;
  readonly collectionId: number;
  readonly createdTimestamp: bigint;
}

export interface IndexRecord {
  readonly id: number;
  readonly collectionId: number;
  readonly name: string;
  readonly fieldId: number;
  /** As the user gave them: `index_type`, `metric_type` and the rest, all text. */
  readonly params: Properties;
  readonly createdTimestamp: bigint;
}

/** What a collection was at one moment. */
export interface SnapshotRecord {
  readonly id: number;
  readonly collectionId: number;
  readonly name: string;
  readonly description: string;
  /** Its rows are those of this hybrid timestamp. */
  readonly timestamp: bigint;
  /** Wall-clock milliseconds. */
  readonly createdMs: number;
  readonly schema: CollectionSchema;
  readonly properties: Properties;
  readonly consistencyLevel: ConsistencyLevel;
  readonly truncatedTimestamp: bigint;
  readonly partitions: ReadonlyArray<Pick<PartitionRecord, 'id' | 'name'>>;
  readonly indexes: ReadonlyArray<Pick<IndexRecord, 'id' | 'name' | 'fieldId' | 'params'>>;
  /** By shard; null: the shard had no segment yet. */
  readonly manifests: ReadonlyArray<ManifestReference | null>;
  /** Wall-clock milliseconds until which its segments are not compacted; 0: they may be. */
  readonly protectedUntilMs: number;
  /** Who keeps it from being dropped, until when in wall-clock milliseconds; 0: for ever. */
  readonly pins: ReadonlyArray<{ readonly id: number; readonly untilMs: number }>;
}

const LOAD_KINDS = ['collection', 'partitions'] as const;

/** A loaded collection; there is none of a collection that is not loaded. */
export interface LoadRecord {
  readonly collectionId: number;
  /** What was asked for; partitions created later are loaded with a collection and not beside partitions. */
  readonly kind: (typeof LOAD_KINDS)[number];
  readonly partitionIds: readonly number[];
  readonly replicaCount: number;
  /** Names of the fields to load; empty: all. */
  readonly loadFields: readonly string[];
  readonly resourceGroups: readonly string[];
}

/** A record and what it is a record of. */
export type CatalogItem =
  | { readonly kind: 'database'; readonly record: DatabaseRecord }
  | { readonly kind: 'collection'; readonly record: CollectionRecord }
  | { readonly kind: 'partition'; readonly record: PartitionRecord }
  | { readonly kind: 'alias'; readonly record: AliasRecord }
  | { readonly kind: 'index'; readonly record: IndexRecord }
  | { readonly kind: 'snapshot'; readonly record: SnapshotRecord }
  | { readonly kind: 'load'; readonly record: LoadRecord };

export function itemKey({ kind, record }: CatalogItem): string {
  switch (kind) {
    case 'database':
      return databaseKey(record.id);
    case 'collection':
      return collectionKey(record.databaseId, record.id);
    case 'partition':
      return partitionKey(record.collectionId, record.id);
    case 'alias':
      return aliasKey(record.databaseId, record.alias);
    case 'index':
      return indexKey(record.collectionId, record.id);
    case 'snapshot':
      return snapshotKey(record.collectionId, record.id);
    case 'load':
      return loadKey(record.collectionId);
    default:
      return unreachable(kind);
  }
}

/** A copy that stays as it is. @throws MilvusError ParameterInvalid when they are more than PROPERTY_COUNT_MAX */
export function ownProperties(properties: Properties): Properties {
  const entries = Object.entries(properties);
  if (entries.length > PROPERTY_COUNT_MAX) {
    throw invalidParameter(`at most ${PROPERTY_COUNT_MAX} properties, but got ${entries.length}`);
  }
  return Object.freeze(Object.fromEntries(entries));
}

/** The key that makes a collection's name its own; null when it has none any more. */
export function collectionNameKey(record: CollectionRecord): string | null {
  return record.state === 'created' ? nameKey(record.databaseId, record.schema.name) : null;
}

export function encodeItem(item: CatalogItem): Uint8Array {
  if (item.kind !== 'collection' && item.kind !== 'snapshot') {
    return encodeRecord(itemKey(item), item.record);
  }
  const { schema, ...rest } = item.record;
  return encodeRecord(itemKey(item), { ...rest, schema: encodeSchema(schema) });
}

const DECODERS = {
  db: (fields: RecordFields): CatalogItem => ({ kind: 'database', record: databaseOf(fields) }),
  coll: (fields: RecordFields): CatalogItem => ({
    kind: 'collection',
    record: collectionOf(fields),
  }),
  part: (fields: RecordFields): CatalogItem => ({ kind: 'partition', record: partitionOf(fields) }),
  alias: (fields: RecordFields): CatalogItem => ({ kind: 'alias', record: aliasOf(fields) }),
  index: (fields: RecordFields): CatalogItem => ({ kind: 'index', record: indexOf(fields) }),
  snap: (fields: RecordFields): CatalogItem => ({ kind: 'snapshot', record: snapshotOf(fields) }),
  load: (fields: RecordFields): CatalogItem => ({ kind: 'load', record: loadOf(fields) }),
} as const;

const ITEM_KEY = /^\/c\/(db|coll|part|alias|index|snap)\//;

/**
 * The record of an entry, or null when its key is of something else than a record of the catalog.
 * @throws MilvusError DataIntegrity, FormatNotSupported
 */
export function decodeItem(entry: MetaEntry): CatalogItem | null {
  const { key } = entry;
  const kind = key.startsWith('/p/') ? 'load' : ITEM_KEY.exec(key)?.[1];
  if (kind === undefined) return null;
  const decode = DECODERS[kind as keyof typeof DECODERS];
  const item = decode(decodeFields(key, entry.value));
  Object.freeze(item.record);
  if (itemKey(item) !== key) throw damaged(key, 'a record of something else');
  return item;
}

function databaseOf(fields: RecordFields): DatabaseRecord {
  return {
    id: fields.integer('id'),
    name: fields.text('name'),
    properties: fields.textMap('properties'),
    createdTimestamp: fields.big('createdTimestamp'),
  };
}

function collectionOf(fields: RecordFields): CollectionRecord {
  return {
    id: fields.integer('id'),
    databaseId: fields.integer('databaseId'),
    schema: schemaOf(fields),
    shardIds: Object.freeze(fields.integers('shardIds')),
    properties: fields.textMap('properties'),
    consistencyLevel: fields.choice('consistencyLevel', CONSISTENCY_LEVELS),
    createdTimestamp: fields.big('createdTimestamp'),
    updatedTimestamp: fields.big('updatedTimestamp'),
    truncatedTimestamp: fields.big('truncatedTimestamp'),
    state: fields.choice('state', COLLECTION_STATES),
  };
}

function partitionOf(fields: RecordFields): PartitionRecord {
  return {
    id: fields.integer('id'),
    collectionId: fields.integer('collectionId'),
    name: fields.text('name'),
    createdTimestamp: fields.big('createdTimestamp'),
  };
}

function aliasOf(fields: RecordFields): AliasRecord {
  return {
    databaseId: fields.integer('databaseId'),
    alias: fields.text('alias'),
    collectionId: fields.integer('collectionId'),
    createdTimestamp: fields.big('createdTimestamp'),
  };
}

function indexOf(fields: RecordFields): IndexRecord {
  return {
    id: fields.integer('id'),
    collectionId: fields.integer('collectionId'),
    name: fields.text('name'),
    fieldId: fields.integer('fieldId'),
    params: fields.textMap('params'),
    createdTimestamp: fields.big('createdTimestamp'),
  };
}

function snapshotOf(fields: RecordFields): SnapshotRecord {
  return {
    id: fields.integer('id'),
    collectionId: fields.integer('collectionId'),
    name: fields.text('name'),
    description: fields.text('description'),
    timestamp: fields.big('timestamp'),
    createdMs: fields.integer('createdMs'),
    schema: schemaOf(fields),
    properties: fields.textMap('properties'),
    consistencyLevel: fields.choice('consistencyLevel', CONSISTENCY_LEVELS),
    truncatedTimestamp: fields.big('truncatedTimestamp'),
    partitions: fields.objects('partitions', (one) => {
      return { id: one.integer('id'), name: one.text('name') };
    }),
    indexes: fields.objects('indexes', (one) => ({
      id: one.integer('id'),
      name: one.text('name'),
      fieldId: one.integer('fieldId'),
      params: one.textMap('params'),
    })),
    manifests: fields.nullableObjects('manifests', readManifestReference),
    protectedUntilMs: fields.integer('protectedUntilMs'),
    pins: fields.objects('pins', (one) => {
      return { id: one.integer('id'), untilMs: one.integer('untilMs') };
    }),
  };
}

function loadOf(fields: RecordFields): LoadRecord {
  return {
    collectionId: fields.integer('collectionId'),
    kind: fields.choice('kind', LOAD_KINDS),
    partitionIds: Object.freeze(fields.integers('partitionIds')),
    replicaCount: fields.integer('replicaCount'),
    loadFields: Object.freeze(fields.texts('loadFields')),
    resourceGroups: Object.freeze(fields.texts('resourceGroups')),
  };
}

function schemaOf(fields: RecordFields): CollectionSchema {
  try {
    return freezeDeep(decodeSchema(fields.text('schema')));
  } catch (cause) {
    if (!(cause instanceof MalformedBytes)) throw cause;
    throw damaged(fields.key, cause.message, cause);
  }
}

function freezeDeep<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  for (const member of Object.values(value)) freezeDeep(member);
  return Object.freeze(value);
}
