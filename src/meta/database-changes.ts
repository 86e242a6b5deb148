/**
 * What the DDL of databases does to a catalog: from a snapshot and a request to a change, or a refusal.
 * Source: Milvus `internal/rootcoord/meta_table.go`, CheckIfDatabase*.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import { DATABASE_COUNT_MAX } from '../base/limits.ts';
import { validateDatabaseName } from '../schema/names.ts';
import {
  alterDatabaseProperties,
  databaseProperties,
  type GivenProperties,
  type PropertyChanges,
} from '../schema/properties.ts';
import { type DatabaseRecord, DEFAULT_DATABASE_NAME, ownProperties } from './catalog-records.ts';
import {
  type CatalogChange,
  type ChangeContext,
  type CatalogSnapshot,
  databaseNameOf,
} from './catalog-snapshot.ts';
import { sameRecord } from './record.ts';

export function createDatabase(
  snapshot: CatalogSnapshot,
  request: { readonly name: string; readonly properties?: GivenProperties },
  context: ChangeContext,
): CatalogChange {
  const { name } = request;
  validateDatabaseName(name);
  if (snapshot.findDatabase(name) !== null) {
    throw invalidParameter(`database already exist: ${name}`);
  }
  // The default database does not count.
  if (snapshot.listDatabases().length > DATABASE_COUNT_MAX) {
    throw milvusError('DatabaseNumLimitExceeded', { fields: { limit: DATABASE_COUNT_MAX } });
  }
  const record: DatabaseRecord = Object.freeze({
    id: context.takeId(),
    name,
    properties: ownProperties(databaseProperties(request.properties)),
    createdTimestamp: context.timestamp,
  });
  return { puts: [{ kind: 'database', record }], removes: [] };
}

export function dropDatabase(
  snapshot: CatalogSnapshot,
  request: { readonly name: string },
): CatalogChange {
  const name = databaseNameOf(request.name);
  validateDatabaseName(name);
  if (name === DEFAULT_DATABASE_NAME) throw invalidParameter('can not drop default database');
  const { record, collectionIds } = snapshot.database(name);
  if (collectionIds.size > 0) {
    throw invalidParameter(
      `database:${name} not empty, must drop all collections before drop database`,
    );
  }
  return { puts: [], removes: [{ kind: 'database', record }] };
}

/** Null: its properties are so already. */
export function alterDatabase(
  snapshot: CatalogSnapshot,
  request: { readonly name: string } & PropertyChanges,
): CatalogChange | null {
  const { record } = snapshot.database(request.name);
  const properties = ownProperties(alterDatabaseProperties(record.properties, request));
  if (sameRecord(properties, record.properties)) return null;
  const changed = Object.freeze({ ...record, properties });
  return { puts: [{ kind: 'database', record: changed }], removes: [] };
}
