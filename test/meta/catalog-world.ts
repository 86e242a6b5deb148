/** A catalog to try things on, and requests that are alike but for what a test is about. */
import { Catalog } from '../../src/meta/catalog.ts';
import { FIRST_CATALOG_ID } from '../../src/meta/catalog-records.ts';
import type { CreateCollectionRequest } from '../../src/meta/collection-changes.ts';
import { IdAllocator } from '../../src/meta/ids.ts';
import { CATALOG_ID_KEY } from '../../src/meta/keys.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { buildSchema, type CollectionDefinition } from '../../src/schema/definition.ts';

/** Timestamps of all catalogs of a test: 1, 2, 3 … */
export function countingClock(): { next(): Promise<bigint> } {
  let last = 0n;
  return { next: async () => ++last };
}

export async function openCatalog(
  store: MetaStore = memoryMetaStore(),
  clock: { next(): Promise<bigint> } = countingClock(),
): Promise<Catalog> {
  const ids = new IdAllocator(store, CATALOG_ID_KEY, { first: FIRST_CATALOG_ID });
  return await Catalog.load({ store, ids, clock });
}

export function schema(
  name: string,
  changes: Partial<CollectionDefinition> = {},
): CollectionSchema {
  return buildSchema({
    name,
    fields: [
      { name: 'id', type: DataType.Int64, isPrimaryKey: true },
      { name: 'vector', type: DataType.FloatVector, dim: 4 },
      { name: 'title', type: DataType.VarChar, maxLength: 100, nullable: true },
    ],
    ...changes,
  });
}

/** With a partition key. */
export function keyedSchema(name: string): CollectionSchema {
  return schema(name, {
    fields: [
      { name: 'id', type: DataType.Int64, isPrimaryKey: true },
      { name: 'vector', type: DataType.FloatVector, dim: 4 },
      { name: 'tenant', type: DataType.VarChar, maxLength: 100, isPartitionKey: true },
    ],
  });
}

export function collection(
  name: string,
  changes: Partial<CreateCollectionRequest> = {},
): CreateCollectionRequest {
  return { databaseName: '', schema: schema(name), ...changes };
}

export function ref(
  collectionName: string,
  databaseName = '',
): {
  databaseName: string;
  collectionName: string;
} {
  return { databaseName, collectionName };
}

/** The text of the error that a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'not refused',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
