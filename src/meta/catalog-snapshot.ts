/** The catalog at one moment, in memory: look-ups without waiting, with Milvus's answers for what is not there. */
import { invalidParameter, milvusError } from '../base/errors.ts';
import {
  CatalogDraft,
  type CatalogMaps,
  type CollectionEntry,
  type DatabaseEntry,
  EMPTY_MAPS,
} from './catalog-draft.ts';
import {
  type AliasRecord,
  type CatalogItem,
  type CollectionRecord,
  type DatabaseRecord,
  DEFAULT_DATABASE_NAME,
  type IndexRecord,
  type PartitionRecord,
  type SnapshotRecord,
} from './catalog-records.ts';
import type { ManifestPointer } from './manifest-pointer.ts';

/** What a DDL operation does to the catalog, all of it or nothing. */
export interface CatalogChange {
  readonly puts: readonly CatalogItem[];
  readonly removes: readonly CatalogItem[];
  /** Of shards that come into being with what is put. */
  readonly pointers?: readonly ManifestPointer[];
}

/** What a change may use beside the snapshot. */
export interface ChangeContext {
  /** Of the change; above every timestamp given before. */
  readonly timestamp: bigint;
  /** An id that nothing has and nothing had. */
  takeId(): number;
}

export type LoadState = 'not loaded' | 'loaded';

export class CatalogSnapshot {
  /** Grows by one with each change. */
  readonly version: number;
  readonly #maps: CatalogMaps;

  private constructor(version: number, maps: CatalogMaps) {
    this.version = version;
    this.#maps = maps;
  }

  /** @param items databases first, then collections, then what belongs to them */
  static of(version: number, items: readonly CatalogItem[]): CatalogSnapshot {
    const draft = new CatalogDraft(EMPTY_MAPS);
    for (const item of items) draft.put(item);
    return new CatalogSnapshot(version, draft.finish());
  }

  with(change: CatalogChange): CatalogSnapshot {
    const draft = new CatalogDraft(this.#maps);
    for (const item of change.removes) draft.remove(item);
    for (const item of change.puts) draft.put(item);
    return new CatalogSnapshot(this.version + 1, draft.finish());
  }

  // Databases. '' is the default database everywhere.

  listDatabases(): readonly DatabaseRecord[] {
    return [...this.#maps.databases.values()].map(({ record }) => record);
  }

  findDatabase(name: string): DatabaseEntry | null {
    const id = this.#maps.databaseIds.get(databaseNameOf(name));
    return id === undefined ? null : (this.#maps.databases.get(id) ?? null);
  }

  /** @throws MilvusError DatabaseNotFound */
  database(name: string): DatabaseEntry {
    const found = this.findDatabase(name);
    if (found === null) {
      throw milvusError('DatabaseNotFound', { fields: { database: databaseNameOf(name) } });
    }
    return found;
  }

  /** '' when the database is gone, which happens to dropped collections only. */
  databaseName(databaseId: number): string {
    return this.#maps.databases.get(databaseId)?.record.name ?? '';
  }

  // Collections. Names of aliases count where nothing else is said.

  /** @throws MilvusError DatabaseNotFound */
  listCollections(databaseName: string): readonly CollectionEntry[] {
    const ids = [...this.database(databaseName).collectionIds.values()];
    return ids.flatMap((id) => this.#maps.collections.get(id) ?? []);
  }

  /** @throws MilvusError DatabaseNotFound */
  findCollection(databaseName: string, name: string): CollectionEntry | null {
    const database = this.database(databaseName);
    const id = database.collectionIds.get(name) ?? database.aliases.get(name)?.collectionId;
    return id === undefined ? null : (this.#maps.collections.get(id) ?? null);
  }

  /** @throws MilvusError DatabaseNotFound, CollectionNotFound */
  collection(databaseName: string, name: string): CollectionEntry {
    const found = this.findCollection(databaseName, name);
    if (found === null) throw collectionNotFound(databaseName, name);
    return found;
  }

  /** By its own name only. */
  findCollectionByName(databaseName: string, name: string): CollectionEntry | null {
    const id = this.database(databaseName).collectionIds.get(name);
    return id === undefined ? null : (this.#maps.collections.get(id) ?? null);
  }

  /** The record of an id, also of a dropped collection. */
  recordById(id: number): CollectionRecord | null {
    return this.#maps.collections.get(id)?.record ?? null;
  }

  /** Null also when it was dropped. */
  collectionById(id: number): CollectionEntry | null {
    const found = this.#maps.collections.get(id);
    return found?.record.state === 'created' ? found : null;
  }

  /** Every live collection of every database. */
  allCollections(): readonly CollectionEntry[] {
    return [...this.#maps.collections.values()].filter(({ record }) => record.state === 'created');
  }

  /** Every snapshot of every live collection. */
  allSnapshots(): readonly SnapshotRecord[] {
    return this.allCollections().flatMap(({ snapshots }) => snapshots);
  }

  /** Those whose shards have to be taken away before their records are. */
  droppedCollections(): readonly CollectionEntry[] {
    return [...this.#maps.collections.values()].filter(({ record }) => record.state === 'dropped');
  }

  get collectionCount(): number {
    return this.allCollections().length;
  }

  /** Sum over collections of partitions x shards: what GENERAL_CAPACITY_MAX bounds. */
  get generalSize(): number {
    let size = 0;
    for (const { record, partitions } of this.allCollections()) {
      size += partitions.size * record.shardIds.length;
    }
    return size;
  }

  // Aliases.

  /** @throws MilvusError DatabaseNotFound */
  findAlias(databaseName: string, alias: string): AliasRecord | null {
    return this.database(databaseName).aliases.get(alias) ?? null;
  }

  /** @throws MilvusError DatabaseNotFound, AliasNotFound */
  alias(databaseName: string, alias: string): AliasRecord {
    const found = this.findAlias(databaseName, alias);
    if (found === null) throw aliasNotFound(databaseName, alias);
    return found;
  }

  /**
   * @param collectionName null: of every collection of the database
   * @throws MilvusError DatabaseNotFound, CollectionNotFound
   */
  listAliases(databaseName: string, collectionName: string | null): readonly AliasRecord[] {
    const aliases = [...this.database(databaseName).aliases.values()];
    if (collectionName === null) return aliases;
    const collection = this.findCollectionByName(databaseName, collectionName);
    if (collection === null) {
      throw milvusError('CollectionNotFound', { fields: { collection: collectionName } });
    }
    return aliases.filter(({ collectionId }) => collectionId === collection.record.id);
  }
}

/** @throws MilvusError PartitionNotFound */
export function partitionOf(collection: CollectionEntry, name: string): PartitionRecord {
  const found = collection.partitions.get(name);
  if (found === undefined) {
    throw milvusError('PartitionNotFound', { fields: { partition: name } });
  }
  return found;
}

/** The index of a name, or every index for ''. @throws MilvusError IndexNotFound when there is none */
export function indexesOf(collection: CollectionEntry, name: string): readonly IndexRecord[] {
  const found = collection.indexes.filter((index) => name === '' || index.name === name);
  if (found.length > 0) return found;
  const fields = name === '' ? { collection: collection.record.schema.name } : { indexName: name };
  throw milvusError('IndexNotFound', { fields });
}

export function loadStateOf(collection: CollectionEntry, partitionId?: number): LoadState {
  const { load } = collection;
  if (load === null) return 'not loaded';
  if (partitionId === undefined || load.partitionIds.includes(partitionId)) return 'loaded';
  return 'not loaded';
}

export function databaseNameOf(name: string): string {
  return name === '' ? DEFAULT_DATABASE_NAME : name;
}

export function collectionNotFound(databaseName: string, name: string): Error {
  if (name === '') return invalidParameter('collection name should not be empty');
  const database = databaseNameOf(databaseName);
  return milvusError('CollectionNotFound', { fields: { database, collection: name } });
}

export function aliasNotFound(databaseName: string, alias: string): Error {
  return milvusError('AliasNotFound', {
    fields: { database: databaseNameOf(databaseName), alias },
  });
}
