/**
 * The schema that a read is meant in. All pages of an iteration are read by the schema of its first page: what a
 * filter, an output or an order names is then the same field on every page, whatever was added meanwhile. When a
 * field of that schema is gone, later pages are refused: rows are never left out in silence.
 */
import { milvusError } from '../base/errors.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { partitionKeyField } from '../schema/fields.ts';
import type { CollectionInfo } from './ports.ts';
import type { QueryRowsRequest, SearchRowsRequest } from './requests.ts';

type MeantRead = Pick<
  QueryRowsRequest | SearchRowsRequest,
  'collectionId' | 'schema' | 'databaseName' | 'collectionName'
>;

/** The last collection that a schema was applied to: what is worked out for it is then found again. */
const meant = new WeakMap<CollectionSchema, { of: CollectionInfo; as: CollectionInfo }>();

/**
 * The collection as the request means it.
 * @throws MilvusError CollectionNotFound when the name has come to mean another one, SchemaMismatch when a field
 *   of the request's schema is gone
 */
export function collectionAsMeant(request: MeantRead, collection: CollectionInfo): CollectionInfo {
  const { collectionId = collection.id, databaseName: database, schema } = request;
  if (collectionId !== collection.id) {
    const fields = { database, collection: request.collectionName };
    throw milvusError('CollectionNotFound', { fields });
  }
  if (schema === undefined || schema.version === collection.schema.version) return collection;
  const known = meant.get(schema);
  if (known?.of === collection) return known.as;
  const as = readBy(schema, collection);
  meant.set(schema, { of: collection, as });
  return as;
}

function readBy(schema: CollectionSchema, collection: CollectionInfo): CollectionInfo {
  const current = new Map(collection.schema.fields.map((field) => [field.id, field]));
  const gone = schema.fields.find((field) => !isSame(field, current.get(field.id)));
  // Another partition key would put rows elsewhere than the read looks for them.
  const key = partitionKeyField(collection.schema)?.id;
  if (gone !== undefined || partitionKeyField(schema)?.id !== key) {
    throw milvusError('SchemaMismatch', {
      message: 'the schema of the collection has changed between two pages of an iteration',
      fields: {
        collection: collection.name,
        ...(gone === undefined ? {} : { field: gone.name }),
        expected: schema.version,
        actual: collection.schema.version,
      },
    });
  }
  const ids = new Set(schema.fields.map(({ id }) => id));
  const indexes = collection.indexes.filter(({ fieldId }) => ids.has(fieldId));
  return { ...collection, schema, indexes };
}

/** Ids are never given again: what else may change of a field changes no value. */
function isSame(field: FieldSchema, current: FieldSchema | undefined): boolean {
  return current !== undefined && current.name === field.name && current.type === field.type;
}
