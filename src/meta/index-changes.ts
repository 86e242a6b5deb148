/**
 * What the DDL of indexes does to a catalog: definitions only, by name and field.
 * Source: Milvus `internal/datacoord/index_meta.go`, canCreateIndex; `index_service.go`.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { Properties } from '../schema/collection-schema.ts';
import { isVector } from '../schema/data-type.ts';
import { findField } from '../schema/fields.ts';
import type { CollectionEntry } from './catalog-draft.ts';
import { type CatalogItem, type IndexRecord, ownProperties } from './catalog-records.ts';
import {
  type CatalogChange,
  type ChangeContext,
  type CatalogSnapshot,
  indexesOf,
} from './catalog-snapshot.ts';
import type { CollectionRef } from './collection-changes.ts';
import { sameRecord } from './record.ts';

/** One index for each path into a JSON field. */
const JSON_PATH_PARAM = 'json_path';
/** How an index is kept: what may change later does not make another index of it. */
const KEEPING_PARAMS: readonly string[] = ['mmap.enabled', 'warmup', 'indexoffsetcache.enabled'];

export interface CreateIndexRequest extends CollectionRef {
  readonly fieldName: string;
  /** '': the name of the field. */
  readonly indexName: string;
  /** Validated. */
  readonly params: Properties;
  /** False: an index that is there already may have another metric. Default: true. */
  readonly isMetricGiven?: boolean;
}

export interface IndexRef extends CollectionRef {
  /** '': every index of the collection. */
  readonly indexName: string;
}

/** Null: it is there already, just so. */
export function createIndex(
  snapshot: CatalogSnapshot,
  request: CreateIndexRequest,
  context: ChangeContext,
): CatalogChange | null {
  const { fieldName } = request;
  const { record, indexes } = snapshot.collection(request.databaseName, request.collectionName);
  const field = findField(record.schema, fieldName);
  if (field === undefined) {
    throw invalidParameter(`cannot create index on non-exist field: ${fieldName}`);
  }
  const name = request.indexName === '' ? fieldName : request.indexName;
  const params = ownProperties(request.params);
  const sameName = indexes.find((index) => index.name === name);
  if (sameName !== undefined) {
    if (sameName.fieldId === field.id && isSame(sameName.params, request)) return null;
    throw invalidParameter('at most one distinct index is allowed per field');
  }
  const isTaken = indexes.some(
    (index) =>
      index.fieldId === field.id && index.params[JSON_PATH_PARAM] === params[JSON_PATH_PARAM],
  );
  if (isTaken) {
    throw invalidParameter(
      'CreateIndex failed: creating multiple indexes on same field is not supported',
    );
  }
  const index: IndexRecord = Object.freeze({
    id: context.takeId(),
    collectionId: record.id,
    name,
    fieldId: field.id,
    params,
    createdTimestamp: context.timestamp,
  });
  return { puts: [{ kind: 'index', record: index }], removes: [] };
}

/** Null: there is none of that name, which is no error. */
export function dropIndex(
  snapshot: CatalogSnapshot,
  request: IndexRef & {
    /** Without it, '' is refused when there are several. */
    readonly all?: boolean;
  },
): CatalogChange | null {
  const { indexName, all = false } = request;
  const collection = snapshot.collection(request.databaseName, request.collectionName);
  const found = collection.indexes.filter(({ name }) => indexName === '' || name === indexName);
  if (found.length === 0) return null;
  if (collection.load !== null && found.some(({ fieldId }) => isVectorField(collection, fieldId))) {
    throw invalidParameter(
      `vector index cannot be dropped on loaded collection: ${collection.record.id}`,
    );
  }
  if (found.length > 1 && !all) throw milvusError('IndexDuplicate', { fields: { indexName } });
  return { puts: [], removes: found.map((record): CatalogItem => ({ kind: 'index', record })) };
}

export interface AlterIndexRequest extends IndexRef {
  /** One of the two. */
  readonly set?: Properties;
  readonly remove?: readonly string[];
}

/** Null: it is so already. */
export function alterIndex(
  snapshot: CatalogSnapshot,
  request: AlterIndexRequest,
): CatalogChange | null {
  const { collectionName, indexName, set = {}, remove = [] } = request;
  if (Object.keys(set).length > 0 && remove.length > 0) {
    throw invalidParameter('cannot provide both DeleteKeys and ExtraParams');
  }
  const collection = snapshot.collection(request.databaseName, collectionName);
  if (indexName === '') throw invalidParameter('index name is empty');
  if (collection.load !== null) {
    throw milvusError('CollectionLoaded', {
      message: "can't alter index on loaded collection, please release the collection first",
      fields: { collection: collectionName },
    });
  }
  const puts = indexesOf(collection, indexName).flatMap((record): CatalogItem[] => {
    const kept = Object.entries({ ...record.params, ...set }).filter(
      ([key]) => !remove.includes(key),
    );
    const params = ownProperties(Object.fromEntries(kept));
    if (sameRecord(params, record.params)) return [];
    return [{ kind: 'index', record: Object.freeze({ ...record, params }) }];
  });
  return puts.length === 0 ? null : { puts, removes: [] };
}

/** Just so, or but for how it is kept by now. */
function isSame(stored: Properties, { params, isMetricGiven = true }: CreateIndexRequest): boolean {
  const metric = isMetricGiven ? {} : { metric_type: stored['metric_type'] ?? '' };
  const wanted = { ...params, ...metric };
  const built = Object.entries(stored).filter(([name]) => !KEEPING_PARAMS.includes(name));
  return sameRecord(stored, wanted) || sameRecord(Object.fromEntries(built), wanted);
}

function isVectorField(collection: CollectionEntry, fieldId: number): boolean {
  const field = collection.record.schema.fields.find(({ id }) => id === fieldId);
  return field !== undefined && isVector(field.type);
}
