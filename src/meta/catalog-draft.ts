/**
 * How a catalog in memory changes: a draft takes the maps of a snapshot, copies what it touches (once),
 * and becomes the next snapshot. Every snapshot handed out stays as it was.
 */
import type {
  AliasRecord,
  CatalogItem,
  CollectionRecord,
  DatabaseRecord,
  IndexRecord,
  LoadRecord,
  PartitionRecord,
  SnapshotRecord,
} from './catalog-records.ts';
import { itemKey } from './catalog-records.ts';
import { damaged } from './record.ts';

export interface DatabaseEntry {
  readonly record: DatabaseRecord;
  /** Ids of its live collections by name. */
  readonly collectionIds: ReadonlyMap<string, number>;
  readonly aliases: ReadonlyMap<string, AliasRecord>;
}

export interface CollectionEntry {
  readonly record: CollectionRecord;
  /** By name, in the order of their creation. */
  readonly partitions: ReadonlyMap<string, PartitionRecord>;
  /** In the order of their creation. */
  readonly aliases: readonly string[];
  /** In the order of their creation. */
  readonly indexes: readonly IndexRecord[];
  /** In the order of their creation. */
  readonly snapshots: readonly SnapshotRecord[];
  /** Null: not loaded. */
  readonly load: LoadRecord | null;
}

export interface CatalogMaps {
  readonly databases: ReadonlyMap<number, DatabaseEntry>;
  readonly databaseIds: ReadonlyMap<string, number>;
  /** Dropped ones included. */
  readonly collections: ReadonlyMap<number, CollectionEntry>;
}

export const EMPTY_MAPS: CatalogMaps = Object.freeze({
  databases: new Map(),
  databaseIds: new Map(),
  collections: new Map(),
});

interface OwnDatabase {
  record: DatabaseRecord;
  collectionIds: Map<string, number>;
  aliases: Map<string, AliasRecord>;
}

interface OwnCollection {
  record: CollectionRecord;
  partitions: Map<string, PartitionRecord>;
  aliases: string[];
  indexes: IndexRecord[];
  snapshots: SnapshotRecord[];
  load: LoadRecord | null;
}

export class CatalogDraft {
  readonly #databases: Map<number, DatabaseEntry>;
  readonly #databaseIds: Map<string, number>;
  readonly #collections: Map<number, CollectionEntry>;
  /** Entries that are this draft's own, to be changed in place. */
  readonly #ownDatabases = new Map<number, OwnDatabase>();
  readonly #ownCollections = new Map<number, OwnCollection>();

  constructor(base: CatalogMaps) {
    this.#databases = new Map(base.databases);
    this.#databaseIds = new Map(base.databaseIds);
    this.#collections = new Map(base.collections);
  }

  /** The maps as they are now; nothing may be changed afterwards. */
  finish(): CatalogMaps {
    return {
      databases: this.#databases,
      databaseIds: this.#databaseIds,
      collections: this.#collections,
    };
  }

  /** @throws MilvusError DataIntegrity when it belongs to something that is not there */
  put(item: CatalogItem): void {
    const { kind, record } = item;
    switch (kind) {
      case 'database':
        return this.#putDatabase(record);
      case 'collection':
        return this.#putCollection(item.record, item);
      case 'partition':
        this.#collection(record.collectionId, item).partitions.set(record.name, record);
        return;
      case 'alias':
        return this.#putAlias(record, item);
      case 'index': {
        const collection = this.#collection(record.collectionId, item);
        collection.indexes = upserted(collection.indexes, record);
        return;
      }
      case 'snapshot': {
        const collection = this.#collection(record.collectionId, item);
        collection.snapshots = upserted(collection.snapshots, record);
        return;
      }
      case 'load':
        this.#collection(record.collectionId, item).load = record;
    }
  }

  remove(item: CatalogItem): void {
    const { kind, record } = item;
    switch (kind) {
      case 'database':
        this.#databases.delete(record.id);
        this.#databaseIds.delete(record.name);
        return;
      case 'collection':
        this.#takeName(record);
        this.#collections.delete(record.id);
        return;
      case 'partition':
        this.#collection(record.collectionId, item).partitions.delete(record.name);
        return;
      case 'alias':
        return this.#removeAlias(record, item);
      case 'index': {
        const collection = this.#collection(record.collectionId, item);
        collection.indexes = collection.indexes.filter(({ id }) => id !== record.id);
        return;
      }
      case 'snapshot': {
        const collection = this.#collection(record.collectionId, item);
        collection.snapshots = collection.snapshots.filter(({ id }) => id !== record.id);
        return;
      }
      case 'load':
        this.#collection(record.collectionId, item).load = null;
    }
  }

  #putDatabase(record: DatabaseRecord): void {
    const own = this.#ownDatabase(record.id);
    if (own !== null) {
      own.record = record;
      return;
    }
    const fresh: OwnDatabase = { record, collectionIds: new Map(), aliases: new Map() };
    this.#ownDatabases.set(record.id, fresh);
    this.#databases.set(record.id, fresh);
    this.#databaseIds.set(record.name, record.id);
  }

  #putCollection(record: CollectionRecord, item: CatalogItem): void {
    const old = this.#collections.get(record.id);
    if (old === undefined) {
      const partitions = new Map<string, PartitionRecord>();
      const nothing = { aliases: [], indexes: [], snapshots: [], load: null };
      const fresh: OwnCollection = { record, partitions, ...nothing };
      this.#ownCollections.set(record.id, fresh);
      this.#collections.set(record.id, fresh);
    } else {
      this.#takeName(old.record);
      this.#collection(record.id, item).record = record;
    }
    if (record.state !== 'created') return;
    const database = this.#database(record.databaseId, item);
    if (database.collectionIds.has(record.schema.name)) {
      throw damaged(itemKey(item), `the name ${record.schema.name} is taken`);
    }
    database.collectionIds.set(record.schema.name, record.id);
  }

  #takeName(record: CollectionRecord): void {
    const database = this.#ownDatabase(record.databaseId);
    if (database?.collectionIds.get(record.schema.name) !== record.id) return;
    database.collectionIds.delete(record.schema.name);
  }

  #putAlias(record: AliasRecord, item: CatalogItem): void {
    const database = this.#database(record.databaseId, item);
    const old = database.aliases.get(record.alias);
    if (old !== undefined) this.#removeAlias(old, item);
    const collection = this.#collection(record.collectionId, item);
    database.aliases.set(record.alias, record);
    collection.aliases = [...collection.aliases, record.alias];
  }

  #removeAlias(record: AliasRecord, item: CatalogItem): void {
    this.#database(record.databaseId, item).aliases.delete(record.alias);
    const collection = this.#collection(record.collectionId, item);
    collection.aliases = collection.aliases.filter((alias) => alias !== record.alias);
  }

  #database(id: number, item: CatalogItem): OwnDatabase {
    const own = this.#ownDatabase(id);
    if (own === null)
      throw damaged(itemKey(item), `it belongs to database ${id}, which is not there`);
    return own;
  }

  #ownDatabase(id: number): OwnDatabase | null {
    const own = this.#ownDatabases.get(id);
    if (own !== undefined) return own;
    const entry = this.#databases.get(id);
    if (entry === undefined) return null;
    const { record } = entry;
    const collectionIds = new Map(entry.collectionIds);
    const copy: OwnDatabase = { record, collectionIds, aliases: new Map(entry.aliases) };
    this.#ownDatabases.set(id, copy);
    this.#databases.set(id, copy);
    return copy;
  }

  #collection(id: number, item: CatalogItem): OwnCollection {
    const own = this.#ownCollections.get(id);
    if (own !== undefined) return own;
    const entry = this.#collections.get(id);
    if (entry === undefined) {
      throw damaged(itemKey(item), `it belongs to collection ${id}, which is not there`);
    }
    const { record, load } = entry;
    const copy: OwnCollection = {
      record,
      load,
      partitions: new Map(entry.partitions),
      aliases: [...entry.aliases],
      indexes: [...entry.indexes],
      snapshots: [...entry.snapshots],
    };
    this.#ownCollections.set(id, copy);
    this.#collections.set(id, copy);
    return copy;
  }
}

function upserted<R extends { readonly id: number }>(records: readonly R[], record: R): R[] {
  const at = records.findIndex(({ id }) => id === record.id);
  return at === -1 ? [...records, record] : records.with(at, record);
}
