/**
 * What the DDL of aliases does to a catalog. An alias stands for a collection of its own database and
 * shares its names with the collections.
 * Source: Milvus `internal/rootcoord/meta_table.go`, CheckIfAlias*.
 */
import { type MilvusError, milvusError } from '../base/errors.ts';
import { validateAlias } from '../schema/names.ts';
import type { CollectionEntry } from './catalog-draft.ts';
import type { AliasRecord } from './catalog-records.ts';
import {
  type CatalogChange,
  type ChangeContext,
  type CatalogSnapshot,
  collectionNotFound,
  databaseNameOf,
} from './catalog-snapshot.ts';

export interface AliasRequest {
  readonly databaseName: string;
  readonly collectionName: string;
  readonly alias: string;
}

export function createAlias(
  snapshot: CatalogSnapshot,
  request: AliasRequest,
  context: ChangeContext,
): CatalogChange | null {
  const { databaseName, collectionName, alias } = request;
  validateAlias(alias);
  assertNoCollection(snapshot, request);
  const collection = snapshot.findCollectionByName(databaseName, collectionName);
  if (collection === null) throw collectionNotFound(databaseName, collectionName);
  const existing = snapshot.findAlias(databaseName, alias);
  if (existing === null) return putAlias(collection, alias, context);
  if (existing.collectionId === collection.record.id) return null;
  const other = snapshot.collectionById(existing.collectionId)?.record.schema.name ?? '';
  throw milvusError('AliasAlreadyExists', {
    message: `${alias} is alias to another collection: ${other}`,
    fields: { database: databaseNameOf(databaseName), alias },
  });
}

/** Points an alias at another collection. */
export function alterAlias(
  snapshot: CatalogSnapshot,
  request: AliasRequest,
  context: ChangeContext,
): CatalogChange | null {
  const { databaseName, collectionName, alias } = request;
  validateAlias(alias);
  assertNoCollection(snapshot, request);
  const collection = snapshot.findCollectionByName(databaseName, collectionName);
  if (collection === null) {
    throw milvusError('CollectionNotFound', { fields: { collection: collectionName } });
  }
  const existing = snapshot.alias(databaseName, alias);
  if (existing.collectionId === collection.record.id) return null;
  return putAlias(collection, alias, context);
}

export function dropAlias(
  snapshot: CatalogSnapshot,
  request: { readonly databaseName: string; readonly alias: string },
): CatalogChange {
  const record = snapshot.alias(request.databaseName, request.alias);
  return { puts: [], removes: [{ kind: 'alias', record }] };
}

export function aliasConflict(databaseName: string, alias: string, message?: string): MilvusError {
  const fields = { database: databaseNameOf(databaseName), alias };
  return milvusError(
    'AliasCollectionNameConflict',
    message === undefined ? { fields } : { message, fields },
  );
}

function assertNoCollection(snapshot: CatalogSnapshot, request: AliasRequest): void {
  const { databaseName, alias } = request;
  if (snapshot.findCollectionByName(databaseName, alias) === null) return;
  throw aliasConflict(databaseName, alias);
}

function putAlias(
  collection: CollectionEntry,
  alias: string,
  context: ChangeContext,
): CatalogChange {
  const record: AliasRecord = Object.freeze({
    databaseId: collection.record.databaseId,
    alias,
    collectionId: collection.record.id,
    createdTimestamp: context.timestamp,
  });
  return { puts: [{ kind: 'alias', record }], removes: [] };
}
