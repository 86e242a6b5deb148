/**
 * The catalog of a database: what there is, and every DDL operation as one transaction.
 *
 *  - A change is worked out against a snapshot and takes effect only if the stored catalog is still the
 *    one of that snapshot (/c/version); if not, the catalog is read again and the change worked out anew.
 *    So every refusal and every limit holds at the moment of the change, whoever else changes things.
 *  - A refused operation leaves nothing behind; one that the catalog already satisfies writes nothing.
 *  - When the answer of the store is lost, reading decides: the operation happened, or it throws.
 *
 * Methods that change throw MilvusErrors as Milvus does: the rules are in the `*-changes.ts` files.
 */
import { must } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { META_ATTEMPTS_MAX } from '../base/limits.ts';
import { Mutex } from '../base/mutex.ts';
import type { GivenProperties, PropertyChanges } from '../schema/properties.ts';
import { type AliasRequest, alterAlias, createAlias, dropAlias } from './alias-changes.ts';
import type { CollectionEntry } from './catalog-draft.ts';
import {
  DEFAULT_DATABASE_ID,
  DEFAULT_DATABASE_NAME,
  type DatabaseRecord,
  type PartitionRecord,
  type SnapshotRecord,
} from './catalog-records.ts';
import {
  type CatalogChange,
  CatalogSnapshot,
  type ChangeContext,
  partitionOf,
} from './catalog-snapshot.ts';
import { readCatalog, type StoredCatalog, tookEffect, transactionOf } from './catalog-storage.ts';
import {
  type AlterCollectionRequest,
  type AlterSchemaRequest,
  alterCollection,
  alterSchema,
  COLLECTION_IDS_MAX,
  type CollectionRef,
  type CreateCollectionRequest,
  createCollection,
  dropCollection,
  forgetCollection,
  type RenameRequest,
  renameCollection,
  truncateCollection,
} from './collection-changes.ts';
import { tooBusy } from './compare-and-set.ts';
import { alterDatabase, createDatabase, dropDatabase } from './database-changes.ts';
import type { IdAllocator } from './ids.ts';
import {
  type AlterIndexRequest,
  alterIndex,
  type CreateIndexRequest,
  createIndex,
  dropIndex,
  type IndexRef,
} from './index-changes.ts';
import { CATALOG_VERSION_KEY } from './keys.ts';
import {
  type LoadRequest,
  loadCollection,
  loadPartitions,
  type PartitionsRef,
  releaseCollection,
  releasePartitions,
} from './load-changes.ts';
import type { MetaStore, MetaTransaction } from './meta-store.ts';
import {
  type CreateSnapshotRequest,
  createSnapshot,
  dropSnapshot,
  pinSnapshot,
  type RestoreRequest,
  restoreCollection,
  snapshotNamed,
  unpinSnapshot,
} from './snapshot-changes.ts';
import { createPartition, dropPartition, type PartitionRef } from './partition-changes.ts';

export interface CatalogDeps {
  readonly store: MetaStore;
  /** Over CATALOG_ID_KEY, from FIRST_CATALOG_ID on. */
  readonly ids: IdAllocator;
  /** Gives every change its timestamp: a HybridClock. */
  readonly clock: { next(): Promise<bigint> };
}

export interface CatalogOptions {
  /** Nothing is created where there is no catalog. */
  readonly readOnly?: boolean;
}

/** From the catalog as it is to what changes; null: it is so already. */
type Plan = (snapshot: CatalogSnapshot, context: ChangeContext) => CatalogChange | null;

export class Catalog {
  readonly #deps: CatalogDeps;
  readonly #turn = new Mutex();
  #stored: StoredCatalog;

  private constructor(deps: CatalogDeps, stored: StoredCatalog) {
    this.#deps = deps;
    this.#stored = stored;
  }

  /** The catalog of a store, with the default database in it if it is new. */
  static async load(deps: CatalogDeps, options: CatalogOptions = {}): Promise<Catalog> {
    let stored = await readCatalog(deps.store);
    if (stored === null && options.readOnly === true) {
      throw milvusError('DataIntegrity', { message: 'metadata: there is no catalog' });
    }
    if (stored === null) {
      await deps.store.transact(initialTransaction(await deps.clock.next()));
      stored = await readCatalog(deps.store);
    }
    return new Catalog(deps, must(stored, 'a catalog that was created is there'));
  }

  /** What there is, as of the last change or refresh; stays as it is. */
  get snapshot(): CatalogSnapshot {
    return this.#stored.snapshot;
  }

  /** Takes in what others changed. */
  async refresh(): Promise<CatalogSnapshot> {
    return await this.#turn.run(async () => {
      const version = await this.#deps.store.get(CATALOG_VERSION_KEY);
      if (version?.revision !== this.#stored.revision) await this.#reload();
      return this.snapshot;
    });
  }

  // Databases.

  async createDatabase(request: {
    readonly name: string;
    readonly properties?: GivenProperties;
  }): Promise<DatabaseRecord> {
    await this.#change((snapshot, context) => createDatabase(snapshot, request, context));
    return this.snapshot.database(request.name).record;
  }

  async dropDatabase(request: { readonly name: string }): Promise<void> {
    await this.#change((snapshot) => dropDatabase(snapshot, request));
  }

  async alterDatabase(
    request: { readonly name: string } & PropertyChanges,
  ): Promise<DatabaseRecord> {
    await this.#change((snapshot) => alterDatabase(snapshot, request));
    return this.snapshot.database(request.name).record;
  }

  // Collections.

  async createCollection(request: CreateCollectionRequest): Promise<CollectionEntry> {
    const plan: Plan = (snapshot, context) => createCollection(snapshot, request, context);
    await this.#change(plan, COLLECTION_IDS_MAX);
    return this.snapshot.collection(request.databaseName, request.schema.name);
  }

  /** @returns what was dropped, to be taken apart; null: there was none of that name */
  async dropCollection(request: CollectionRef): Promise<CollectionEntry | null> {
    const change = await this.#change((snapshot, context) =>
      dropCollection(snapshot, request, context),
    );
    const [item] = change?.puts ?? [];
    if (item?.kind !== 'collection') return null;
    const dropped = this.snapshot.droppedCollections();
    return dropped.find(({ record }) => record.id === item.record.id) ?? null;
  }

  /** Removes the records of a dropped collection; the caller has taken its shards away. */
  async forgetCollection(request: { readonly collectionId: number }): Promise<void> {
    await this.#change((snapshot) => forgetCollection(snapshot, request));
  }

  async renameCollection(request: RenameRequest): Promise<CollectionEntry> {
    const { newDatabaseName, newName } = request;
    await this.#change((snapshot, context) => renameCollection(snapshot, request, context));
    const isMoved = newDatabaseName !== null && newDatabaseName !== '';
    return this.snapshot.collection(isMoved ? newDatabaseName : request.databaseName, newName);
  }

  /** Rows up to `truncatedTimestamp` of the answer are gone. */
  async truncateCollection(request: CollectionRef): Promise<CollectionEntry> {
    await this.#change((snapshot, context) => truncateCollection(snapshot, request, context));
    return this.#collection(request);
  }

  async alterCollection(request: AlterCollectionRequest): Promise<CollectionEntry> {
    await this.#change((snapshot, context) => alterCollection(snapshot, request, context));
    return this.#collection(request);
  }

  async alterSchema(request: AlterSchemaRequest): Promise<CollectionEntry> {
    await this.#change((snapshot, context) => alterSchema(snapshot, request, context));
    return this.#collection(request);
  }

  // Load state.

  async loadCollection(request: LoadRequest): Promise<CollectionEntry> {
    await this.#change((snapshot) => loadCollection(snapshot, request));
    return this.#collection(request);
  }

  async releaseCollection(request: CollectionRef): Promise<CollectionEntry> {
    await this.#change((snapshot) => releaseCollection(snapshot, request));
    return this.#collection(request);
  }

  async loadPartitions(request: LoadRequest & PartitionsRef): Promise<CollectionEntry> {
    await this.#change((snapshot) => loadPartitions(snapshot, request));
    return this.#collection(request);
  }

  async releasePartitions(request: PartitionsRef): Promise<CollectionEntry> {
    await this.#change((snapshot) => releasePartitions(snapshot, request));
    return this.#collection(request);
  }

  // Partitions.

  async createPartition(request: PartitionRef): Promise<PartitionRecord> {
    await this.#change((snapshot, context) => createPartition(snapshot, request, context));
    return partitionOf(this.#collection(request), request.partitionName.trim());
  }

  /** @returns what was dropped; null: there was none of that name */
  async dropPartition(request: PartitionRef): Promise<PartitionRecord | null> {
    const change = await this.#change((snapshot) => dropPartition(snapshot, request));
    const [item] = change?.removes ?? [];
    return item?.kind === 'partition' ? item.record : null;
  }

  // Aliases.

  async createAlias(request: AliasRequest): Promise<void> {
    await this.#change((snapshot, context) => createAlias(snapshot, request, context));
  }

  async alterAlias(request: AliasRequest): Promise<void> {
    await this.#change((snapshot, context) => alterAlias(snapshot, request, context));
  }

  async dropAlias(request: Pick<AliasRequest, 'databaseName' | 'alias'>): Promise<void> {
    await this.#change((snapshot) => dropAlias(snapshot, request));
  }

  // Index definitions.

  async createIndex(request: CreateIndexRequest): Promise<CollectionEntry> {
    await this.#change((snapshot, context) => createIndex(snapshot, request, context));
    return this.#collection(request);
  }

  async dropIndex(request: IndexRef & { readonly all?: boolean }): Promise<CollectionEntry> {
    await this.#change((snapshot) => dropIndex(snapshot, request));
    return this.#collection(request);
  }

  async alterIndex(request: AlterIndexRequest): Promise<CollectionEntry> {
    await this.#change((snapshot) => alterIndex(snapshot, request));
    return this.#collection(request);
  }

  // Snapshots.

  async createSnapshot(request: CreateSnapshotRequest): Promise<SnapshotRecord> {
    await this.#change((snapshot, context) => createSnapshot(snapshot, request, context));
    return snapshotNamed(this.snapshot, request);
  }

  async dropSnapshot(request: Parameters<typeof dropSnapshot>[1]): Promise<void> {
    await this.#change((snapshot) => dropSnapshot(snapshot, request));
  }

  /** @returns the id of the pin */
  async pinSnapshot(request: Parameters<typeof pinSnapshot>[1]): Promise<number> {
    const change = await this.#change((snapshot, context) =>
      pinSnapshot(snapshot, request, context),
    );
    const [item] = change?.puts ?? [];
    const pins = item?.kind === 'snapshot' ? item.record.pins : [];
    return must(pins.at(-1), 'a pinned snapshot has a pin').id;
  }

  async unpinSnapshot(request: { readonly pinId: number }): Promise<void> {
    await this.#change((snapshot) => unpinSnapshot(snapshot, request));
  }

  async restoreCollection(request: RestoreRequest): Promise<CollectionEntry> {
    await this.#change((snapshot, context) => restoreCollection(snapshot, request, context));
    return this.#collection(request);
  }

  /** Ids that nothing has and nothing had. */
  async takeIds(count: number): Promise<number[]> {
    const first = Number(await this.#deps.ids.allocate(count));
    return Array.from({ length: count }, (_, i) => first + i);
  }

  #collection({ databaseName, collectionName }: CollectionRef): CollectionEntry {
    return this.snapshot.collection(databaseName, collectionName);
  }

  /**
   * @param idCount ids that the plan takes at most
   * @returns the change that was made, or null when there was nothing to change
   */
  async #change(plan: Plan, idCount = 1): Promise<CatalogChange | null> {
    return await this.#turn.run(async () => {
      for (let attempt = 0; attempt < META_ATTEMPTS_MAX; attempt++) {
        const timestamp = await this.#deps.clock.next();
        const { ids } = this.#deps;
        // No await from here to the end of the plan: the ids that are left are its own.
        while (ids.available < idCount) await ids.reserve(idCount);
        const takeId = (): number => Number(must(ids.tryAllocate(), 'ids were reserved'));
        const base = this.#stored;
        const change = plan(base.snapshot, { timestamp, takeId });
        if (change === null || (await this.#commit(base, change))) return change;
        await this.#reload();
      }
      throw tooBusy(CATALOG_VERSION_KEY);
    });
  }

  /** @returns false when the stored catalog is not `base` any more */
  async #commit(base: StoredCatalog, change: CatalogChange): Promise<boolean> {
    const transaction = transactionOf(base, change);
    let revision: number | null;
    try {
      revision = await this.#deps.store.transact(transaction);
    } catch (error) {
      await this.#reload();
      if (await tookEffect(this.#deps.store, transaction)) return true;
      throw error;
    }
    if (revision === null) return false;
    this.#stored = { snapshot: base.snapshot.with(change), revision };
    return true;
  }

  async #reload(): Promise<void> {
    this.#stored = must(await readCatalog(this.#deps.store), 'a catalog does not vanish');
  }
}

function initialTransaction(createdTimestamp: bigint): MetaTransaction {
  const record: DatabaseRecord = {
    id: DEFAULT_DATABASE_ID,
    name: DEFAULT_DATABASE_NAME,
    properties: {},
    createdTimestamp,
  };
  const nothing = { snapshot: CatalogSnapshot.of(0, []), revision: 0 };
  return transactionOf(nothing, { puts: [{ kind: 'database', record }], removes: [] });
}
