/**
 * The whole engine on a simulated disk, clock and random source, with the model beside it: every operation
 * here asks both. What is not allowed to happen is thrown as a Violation; an error that faults may cause is
 * returned.
 */
import { silentLogger } from '../../src/base/logger.ts';
import { MilvusError } from '../../src/base/errors.ts';
import { directCalls, type Engine, type World } from '../../src/core/engine.ts';
import type { CollectionRef } from '../../src/core/references.ts';
import { openEngine } from '../../src/core/recovery.ts';
import type { Service } from '../../src/core/service.ts';
import type { Tuning } from '../../src/core/tuning.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import type { FieldDefinition } from '../../src/schema/definition.ts';
import type { PrimaryKey } from '../../src/schema/primary-key.ts';
import { inlineWorkers } from '../../src/search/inline-workers.ts';
import { ColumnCache } from '../../src/segments/column-cache.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { journalMetaStore } from './journal-meta-store.ts';
import {
  type Change,
  Model,
  type ModelCatalog,
  ModelCollection,
  ModelDatabase,
  type ModelRow,
  type Write,
} from './model.ts';
import { Violation } from './model-check.ts';
import { SeededRandom } from './seeded-random.ts';
import type { Shape } from './shapes.ts';
import { ShardObserver } from './shard-observer.ts';
import { SimClock } from './sim-clock.ts';
import type { SimDisk } from './sim-disk.ts';

export const META_JOURNAL = 'meta.journal';

/** A few rows fill a segment, a few records a log file. */
export const SMALL: Tuning = {
  sealBytes: 3000,
  growingBytesMax: 12_000,
  logBytesMax: 4000,
  logFileBytesMax: 1500,
  flushOnCloseBytes: 1000,
  indexRowsMin: 4,
};

export interface SimulationOptions {
  readonly disk: SimDisk;
  /** What the engine gets to see of it; the disk itself when left out. */
  readonly port?: Disk;
  readonly model?: Model;
  readonly clock?: SimClock;
  readonly seed?: number;
  readonly tuning?: Tuning;
  /** Wraps the ports of the world, to plant bugs. */
  readonly disturb?: (world: World) => World;
}

/** What came of an operation: null, or the error. */
export type Outcome = MilvusError | null;

export interface WriteOptions {
  readonly partition?: string;
  readonly partial?: boolean;
  /** What the rows do to the field `arr`. */
  readonly arrays?: 'ARRAY_APPEND' | 'ARRAY_REMOVE';
}

type Values = Readonly<Record<string, unknown>>;
export interface KeyedValues {
  readonly key: PrimaryKey;
  readonly values: Values;
}

export class Simulation {
  readonly disk: SimDisk;
  readonly clock: SimClock;
  readonly model: Model;
  readonly engine: Engine;
  readonly #meta: MetaStore;
  readonly #observer: ShardObserver;

  private constructor(
    parts: Pick<Simulation, 'disk' | 'clock' | 'model' | 'engine'>,
    meta: MetaStore,
    observer: ShardObserver,
  ) {
    this.disk = parts.disk;
    this.clock = parts.clock;
    this.model = parts.model;
    this.engine = parts.engine;
    this.#meta = meta;
    this.#observer = observer;
  }

  /** @throws MilvusError as openEngine does, when the disk fails */
  static async open(options: SimulationOptions): Promise<Simulation> {
    const { disk, model = new Model(), clock = new SimClock(), seed = 1, tuning = SMALL } = options;
    const observer = new ShardObserver();
    const port = options.port ?? disk;
    const meta = await journalMetaStore(port, META_JOURNAL);
    const plain: World = {
      clock,
      random: new SeededRandom(seed),
      disk: port,
      meta,
      workers: inlineWorkers(clock),
      cache: new ColumnCache(1 << 20),
      logger: silentLogger,
      pinnedManifests: async () => [],
      pinManifests: async () => undefined,
    };
    const world = options.disturb?.(plain) ?? plain;
    const transport = { ...directCalls, shards: observer.wrap.bind(observer) };
    const engine = await openEngine(world, {
      readOnly: false,
      durability: 'sync',
      transport,
      tuning,
    }).catch(async (failure: unknown) => {
      await attempt(async () => await meta[Symbol.asyncDispose]());
      throw failure;
    });
    for (const { name } of await engine.service.listDatabases()) {
      for (const one of await engine.service.listCollections(name)) observer.learn(one);
    }
    return new Simulation({ disk, clock, model, engine }, meta, observer);
  }

  get service(): Service {
    return this.engine.service;
  }

  /** Writes are refused until it is opened again. */
  get isPoisoned(): boolean {
    return this.#observer.isPoisoned;
  }

  async close(): Promise<Outcome> {
    const outcome = await attempt(() => this.engine.close());
    const meta = await attempt(async () => await this.#meta[Symbol.asyncDispose]());
    return outcome ?? meta;
  }

  // ── Rows ─────────────────────────────────────────────────────────────────────────────────────────

  async insert(
    ref: CollectionRef,
    rows: readonly KeyedValues[],
    options: WriteOptions = {},
  ): Promise<Outcome> {
    return await this.#write(ref, rows, { ...options, upsert: false });
  }

  async upsert(
    ref: CollectionRef,
    rows: readonly KeyedValues[],
    options: WriteOptions = {},
  ): Promise<Outcome> {
    return await this.#write(ref, rows, { ...options, upsert: true });
  }

  async delete(
    ref: CollectionRef,
    keys: readonly PrimaryKey[],
    options: WriteOptions = {},
  ): Promise<Outcome> {
    const write = { ...NOTHING, removes: keys, within: options.partition ?? null };
    return await this.#tracked(
      ref,
      () => write,
      async (timeoutMs) => {
        await this.service.delete({ ...ref, ids: keys, ...partitionPart(options) }, { timeoutMs });
      },
    );
  }

  /** @param filter on `n` only */
  async deleteWhere(
    ref: CollectionRef,
    filter: { readonly text: string; readonly matches: (n: number) => boolean },
    options: WriteOptions = {},
  ): Promise<Outcome> {
    const removesWhere = (row: ModelRow): boolean => filter.matches(row.values['n'] as number);
    const write = { ...NOTHING, removesWhere, within: options.partition ?? null };
    return await this.#tracked(
      ref,
      () => write,
      async (timeoutMs) => {
        await this.service.delete(
          { ...ref, filter: filter.text, ...partitionPart(options) },
          { timeoutMs },
        );
      },
    );
  }

  async #write(
    ref: CollectionRef,
    rows: readonly KeyedValues[],
    options: WriteOptions & { readonly upsert: boolean },
  ): Promise<Outcome> {
    const collection = this.#collection(ref);
    const { shape } = collection;
    const { upsert, partial = false, partition = '_default', arrays } = options;
    const renames = shape.autoId;
    const writeOf = (keys: readonly PrimaryKey[]): Write => ({
      ...NOTHING,
      partial,
      arrays: arrays ?? null,
      removes: renames && upsert ? rows.map(({ key }) => key) : [],
      rows: rows.map(({ key, values }, i) => {
        const held = collection.held(values);
        const row = { partition, values: held, was: renames && partial ? key : null };
        return { ...row, key: renames ? (keys[i] as PrimaryKey) : key };
      }),
    });
    const given = rows.map(({ key, values }) =>
      renames && !upsert ? values : { id: key, ...values },
    );
    return await this.#tracked(ref, writeOf, async (timeoutMs) => {
      const request = { ...ref, rows: given, ...partitionPart(options) };
      const fieldOps = arrays === undefined ? [] : [{ fieldName: 'arr', op: arrays }];
      if (upsert) await this.service.upsert({ ...request, partial, fieldOps }, { timeoutMs });
      else await this.service.insert(request, { timeoutMs });
    });
  }

  async #tracked(
    ref: CollectionRef,
    writeOf: (keys: readonly PrimaryKey[]) => Write,
    run: (timeoutMs: number) => Promise<void>,
  ): Promise<Outcome> {
    const tracked = { collection: this.#collection(ref), writeOf };
    const nowMs = this.clock.nowMs();
    return await attempt(() => this.#observer.track(nowMs, tracked, run));
  }

  #collection(ref: CollectionRef): ModelCollection {
    return this.model.catalog.collection(ref.databaseName, ref.collectionName);
  }

  // ── Catalog ──────────────────────────────────────────────────────────────────────────────────────

  /** Creates and loads. */
  async createCollection(ref: CollectionRef, shape: Shape): Promise<Outcome> {
    const definition = { ...shape.definition, name: ref.collectionName };
    const created = await this.change(
      `create ${ref.collectionName}`,
      ({ databases }) => {
        databases
          .get(ref.databaseName)
          ?.collections.set(ref.collectionName, new ModelCollection(shape));
      },
      async () => {
        await this.service.createCollection(ref.databaseName, definition);
      },
    );
    return created ?? (await attempt(() => this.service.loadCollection(ref)));
  }

  async dropCollection(ref: CollectionRef): Promise<Outcome> {
    return await this.change(
      `drop ${ref.collectionName}`,
      ({ databases }) => databases.get(ref.databaseName)?.collections.delete(ref.collectionName),
      () => this.service.dropCollection(ref),
    );
  }

  async renameCollection(ref: CollectionRef, newName: string): Promise<Outcome> {
    return await this.change(
      `rename ${ref.collectionName} to ${newName}`,
      (catalog) => {
        const database = catalog.databases.get(ref.databaseName) as ModelDatabase;
        database.collections.set(newName, catalog.collection(ref.databaseName, ref.collectionName));
        database.collections.delete(ref.collectionName);
        for (const [alias, target] of database.aliases) {
          if (target === ref.collectionName) database.aliases.set(alias, newName);
        }
      },
      () => this.service.renameCollection({ ...ref, newName, newDatabaseName: null }),
    );
  }

  /** To a database that is there, under its name. It has no aliases. */
  async moveCollection(ref: CollectionRef, newDatabaseName: string): Promise<Outcome> {
    const { databaseName, collectionName } = ref;
    return await this.change(
      `move ${collectionName} to ${newDatabaseName}`,
      (catalog) => {
        const collection = catalog.collection(databaseName, collectionName);
        catalog.databases.get(newDatabaseName)?.collections.set(collectionName, collection);
        catalog.databases.get(databaseName)?.collections.delete(collectionName);
      },
      () => this.service.renameCollection({ ...ref, newName: collectionName, newDatabaseName }),
    );
  }

  /** A graph over the vectors; the model knows of none, for no answer may depend on it. */
  async createIndex(ref: CollectionRef): Promise<Outcome> {
    const params = { index_type: 'HNSW', metric_type: 'L2', M: '4', efConstruction: '32' };
    return await attempt(() =>
      this.service.createIndex({ ...ref, fieldName: 'v', indexName: 'v', params }),
    );
  }

  /** Milvus drops the index of vectors only when the collection is released. */
  async dropIndex(ref: CollectionRef): Promise<Outcome> {
    return await attempt(async () => {
      await this.service.releaseCollection(ref);
      await this.service.dropIndex({ ...ref, indexName: 'v' });
      await this.service.loadCollection(ref);
    });
  }

  async truncate(ref: CollectionRef): Promise<Outcome> {
    return await this.#changeRows(
      `truncate ${ref.collectionName}`,
      ref,
      (collection) => collection.filterRows(() => false),
      () => this.service.truncateCollection(ref),
    );
  }

  async createPartition(ref: CollectionRef, partitionName: string): Promise<Outcome> {
    const created = await this.change(
      `create partition ${partitionName}`,
      (catalog) =>
        catalog.collection(ref.databaseName, ref.collectionName).partitions.add(partitionName),
      () => this.service.createPartition({ ...ref, partitionName }),
    );
    return created ?? (await attempt(() => this.service.loadCollection(ref)));
  }

  /** Milvus drops a partition only when it is released. */
  async dropPartition(ref: CollectionRef, partitionName: string): Promise<Outcome> {
    const released = await attempt(() =>
      this.service.releasePartitions({ ...ref, partitionNames: [partitionName] }),
    );
    if (released !== null) {
      // It may be released all the same: reads of the collection would then leave its rows out.
      this.#collection(ref).isMurky = true;
      return released;
    }
    return await this.#changeRows(
      `drop partition ${partitionName}`,
      ref,
      (collection) => {
        collection.partitions.delete(partitionName);
        collection.filterRows((row) => row.partition !== partitionName);
      },
      () => this.service.dropPartition({ ...ref, partitionName }),
    );
  }

  async addField(ref: CollectionRef, field: FieldDefinition): Promise<Outcome> {
    return await this.change(
      `add field ${field.name}`,
      (catalog) => catalog.collection(ref.databaseName, ref.collectionName).addField(field),
      () => this.service.addField({ ...ref, field }),
    );
  }

  async dropField(ref: CollectionRef, fieldName: string): Promise<Outcome> {
    return await this.change(
      `drop field ${fieldName}`,
      (catalog) => catalog.collection(ref.databaseName, ref.collectionName).dropField(fieldName),
      () => this.service.dropField({ ...ref, dropped: { fieldName } }),
    );
  }

  async createAlias(ref: CollectionRef, alias: string): Promise<Outcome> {
    return await this.change(
      `create alias ${alias}`,
      ({ databases }) => databases.get(ref.databaseName)?.aliases.set(alias, ref.collectionName),
      () => this.service.createAlias({ ...ref, alias }),
    );
  }

  async alterAlias(ref: CollectionRef, alias: string): Promise<Outcome> {
    return await this.change(
      `alter alias ${alias}`,
      ({ databases }) => databases.get(ref.databaseName)?.aliases.set(alias, ref.collectionName),
      () => this.service.alterAlias({ ...ref, alias }),
    );
  }

  async dropAlias(databaseName: string, alias: string): Promise<Outcome> {
    return await this.change(
      `drop alias ${alias}`,
      ({ databases }) => databases.get(databaseName)?.aliases.delete(alias),
      () => this.service.dropAlias({ databaseName, alias }),
    );
  }

  async createDatabase(name: string): Promise<Outcome> {
    return await this.change(
      `create database ${name}`,
      ({ databases }) => databases.set(name, new ModelDatabase()),
      () => this.service.createDatabase(name, {}),
    );
  }

  async dropDatabase(name: string): Promise<Outcome> {
    return await this.change(
      `drop database ${name}`,
      ({ databases }) => databases.delete(name),
      () => this.service.dropDatabase(name),
    );
  }

  /** A change that also takes rows away: when it fails half-way, only opening again says how it ended. */
  async #changeRows(
    name: string,
    ref: CollectionRef,
    apply: (collection: ModelCollection) => void,
    run: () => Promise<unknown>,
  ): Promise<Outcome> {
    const applyTo = (catalog: ModelCatalog): void =>
      apply(catalog.collection(ref.databaseName, ref.collectionName));
    const outcome = await this.change(name, applyTo, run);
    if (outcome !== null && this.model.change !== null) this.#collection(ref).isMurky = true;
    return outcome;
  }

  /** A change of the catalog: when it is interrupted, it has happened wholly or not at all. */
  async change(
    name: string,
    apply: (catalog: ModelCatalog) => unknown,
    run: () => Promise<unknown>,
  ): Promise<Outcome> {
    if (this.model.change !== null) throw new Error(`${this.model.change.name} is in flight`);
    const change: Change = { name, apply: (catalog) => void apply(catalog) };
    this.model.change = change;
    const outcome = await attempt(async () => void (await run()));
    if (outcome?.isInputError === true) this.model.change = null;
    else if (outcome === null) {
      change.apply(this.model.catalog);
      this.model.change = null;
    }
    return outcome;
  }

  // ── Housekeeping ─────────────────────────────────────────────────────────────────────────────────

  async flush(ref: CollectionRef): Promise<Outcome> {
    return await attempt(async () => void (await this.service.flush(ref)));
  }

  async compact(ref: CollectionRef): Promise<Outcome> {
    return await attempt(async () => void (await this.service.compact(ref)));
  }

  /** Time passes, timers fire, and what they start comes to rest. */
  async advance(byMs: number): Promise<void> {
    this.clock.advance(byMs);
    await turns(200);
  }
}

const NOTHING: Write = {
  rows: [],
  partial: false,
  arrays: null,
  removes: [],
  removesWhere: null,
  within: null,
};

function partitionPart({ partition }: WriteOptions): { partitionName?: string } {
  return partition === undefined ? {} : { partitionName: partition };
}

export async function attempt(run: () => Promise<void>): Promise<Outcome> {
  try {
    await run();
    return null;
  } catch (failure) {
    if (failure instanceof MilvusError) return failure;
    if (failure instanceof Error && failure.name === 'SimCrash')
      return new MilvusError('IoFailed', failure.message, {});
    throw failure instanceof Violation
      ? failure
      : new Violation(`not a MilvusError: ${String(failure)}`, { cause: failure });
  }
}

export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}
