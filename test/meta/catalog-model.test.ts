import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import type { Catalog } from '../../src/meta/catalog.ts';
import type { CatalogSnapshot } from '../../src/meta/catalog-snapshot.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import { collection, countingClock, openCatalog } from './catalog-world.ts';

/** The naive catalog: nested maps, no ids, no transactions. */
interface ModelCollection {
  shardCount: number;
  partitions: Map<string, boolean>;
  /** Loaded as a whole: partitions that come later are loaded too. */
  loadsLater: boolean;
}

interface ModelDatabase {
  collections: Map<string, ModelCollection>;
  aliases: Map<string, string>;
}

type Model = Map<string, ModelDatabase>;

type Names = {
  readonly database: string;
  readonly name: string;
  readonly other: string;
  readonly partition: string;
  readonly shardCount: number;
};

interface Operation {
  /** Reason of the refusal, or null; changes the model when it is not refused. */
  readonly expected: (model: Model, names: Names) => string | null;
  readonly run: (catalog: Catalog, names: Names) => Promise<unknown>;
}

const reach = (
  model: Model,
  { database, name }: Names,
): { found: ModelCollection; trueName: string; in: ModelDatabase } | string => {
  const found = model.get(database);
  if (found === undefined) return 'DatabaseNotFound';
  const trueName = found.collections.has(name) ? name : (found.aliases.get(name) ?? '');
  const entry = found.collections.get(trueName);
  return entry === undefined ? 'CollectionNotFound' : { found: entry, trueName, in: found };
};
const refOf = ({ database, name }: Names) => ({ databaseName: database, collectionName: name });
const isLoaded = (entry: ModelCollection): boolean => [...entry.partitions.values()].some(Boolean);

/** An operation on a collection that may be named by an alias. */
const onCollection = (
  change: (entry: ModelCollection, names: Names) => string | null,
  run: Operation['run'],
): Operation => ({
  expected: (model, names) => {
    const reached = reach(model, names);
    return typeof reached === 'string' ? reached : change(reached.found, names);
  },
  run,
});

const OPERATIONS: Readonly<Record<string, Operation>> = {
  createDatabase: {
    expected: (model, { database }) => {
      if (model.has(database)) return 'ParameterInvalid';
      model.set(database, { collections: new Map(), aliases: new Map() });
      return null;
    },
    run: (catalog, { database }) => catalog.createDatabase({ name: database }),
  },
  dropDatabase: {
    expected: (model, { database }) => {
      if (database === 'default') return 'ParameterInvalid';
      const found = model.get(database);
      if (found === undefined) return 'DatabaseNotFound';
      if (found.collections.size > 0) return 'ParameterInvalid';
      model.delete(database);
      return null;
    },
    run: (catalog, { database }) => catalog.dropDatabase({ name: database }),
  },
  createCollection: {
    expected: (model, { database, name, shardCount }) => {
      const found = model.get(database);
      if (found === undefined) return 'DatabaseNotFound';
      if (found.aliases.has(name)) return 'AliasCollectionNameConflict';
      const old = found.collections.get(name);
      if (old !== undefined) {
        const isSame = old.shardCount === shardCount && old.partitions.size === 1;
        return isSame ? null : 'ParameterInvalid';
      }
      const partitions = new Map([['_default', false]]);
      found.collections.set(name, { shardCount, partitions, loadsLater: false });
      return null;
    },
    run: (catalog, { database, name, shardCount }) =>
      catalog.createCollection(collection(name, { databaseName: database, shardCount })),
  },
  dropCollection: {
    expected: (model, { database, name }) => {
      const found = model.get(database);
      if (found?.aliases.has(name) === true) return 'ParameterInvalid';
      const isAliased = [...(found?.aliases.values() ?? [])].includes(name);
      if (found?.collections.has(name) === true && isAliased) return 'ParameterInvalid';
      found?.collections.delete(name);
      return null;
    },
    run: (catalog, names) => catalog.dropCollection(refOf(names)),
  },
  rename: {
    expected: (model, { database, name, other }) => {
      const found = model.get(database);
      if (name === other) return 'ParameterInvalid';
      if (found === undefined) return 'DatabaseNotFound';
      if (found.aliases.has(name)) return 'ParameterInvalid';
      if (found.aliases.has(other)) return 'AliasCollectionNameConflict';
      if (found.collections.has(other)) return 'ParameterInvalid';
      const entry = found.collections.get(name);
      if (entry === undefined) return 'CollectionNotFound';
      found.collections.delete(name);
      found.collections.set(other, entry);
      for (const [alias, target] of found.aliases) {
        if (target === name) found.aliases.set(alias, other);
      }
      return null;
    },
    run: (catalog, names) =>
      catalog.renameCollection({ ...refOf(names), newName: names.other, newDatabaseName: null }),
  },
  move: {
    expected: (model, { database, name }) => {
      const [from, to] = [model.get(database), model.get('default')];
      if (database === 'default') return 'ParameterInvalid';
      if (from === undefined || to === undefined) return 'DatabaseNotFound';
      if (from.aliases.has(name)) return 'ParameterInvalid';
      if (to.aliases.has(name)) return 'AliasCollectionNameConflict';
      if (to.collections.has(name)) return 'ParameterInvalid';
      const entry = from.collections.get(name);
      if (entry === undefined) return 'CollectionNotFound';
      if ([...from.aliases.values()].includes(name)) return 'ParameterInvalid';
      from.collections.delete(name);
      to.collections.set(name, entry);
      return null;
    },
    run: (catalog, names) =>
      catalog.renameCollection({
        ...refOf(names),
        newName: names.name,
        newDatabaseName: 'default',
      }),
  },
  createAlias: {
    expected: (model, { database, name, other }) => {
      const found = model.get(database);
      if (found === undefined) return 'DatabaseNotFound';
      if (found.collections.has(other)) return 'AliasCollectionNameConflict';
      if (!found.collections.has(name)) return 'CollectionNotFound';
      const old = found.aliases.get(other);
      if (old !== undefined && old !== name) return 'AliasAlreadyExists';
      found.aliases.set(other, name);
      return null;
    },
    run: (catalog, names) => catalog.createAlias({ ...refOf(names), alias: names.other }),
  },
  alterAlias: {
    expected: (model, { database, name, other }) => {
      const found = model.get(database);
      if (found === undefined) return 'DatabaseNotFound';
      if (found.collections.has(other)) return 'AliasCollectionNameConflict';
      if (!found.collections.has(name)) return 'CollectionNotFound';
      if (!found.aliases.has(other)) return 'AliasNotFound';
      found.aliases.set(other, name);
      return null;
    },
    run: (catalog, names) => catalog.alterAlias({ ...refOf(names), alias: names.other }),
  },
  dropAlias: {
    expected: (model, { database, name }) => {
      const found = model.get(database);
      if (found === undefined) return 'DatabaseNotFound';
      return found.aliases.delete(name) ? null : 'AliasNotFound';
    },
    run: (catalog, { database, name }) =>
      catalog.dropAlias({ databaseName: database, alias: name }),
  },
  createPartition: onCollection(
    (entry, { partition }) => {
      if (!entry.partitions.has(partition)) entry.partitions.set(partition, entry.loadsLater);
      return null;
    },
    (catalog, names) =>
      catalog.createPartition({ ...refOf(names), partitionName: names.partition }),
  ),
  dropPartition: {
    expected: (model, names) => {
      if (names.partition === '_default') return 'ParameterInvalid';
      const reached = reach(model, names);
      if (typeof reached === 'string') return reached;
      if (reached.found.partitions.get(names.partition) === true) return 'ParameterInvalid';
      reached.found.partitions.delete(names.partition);
      return null;
    },
    run: (catalog, names) =>
      catalog.dropPartition({ ...refOf(names), partitionName: names.partition }),
  },
  load: onCollection(
    (entry) => {
      for (const name of entry.partitions.keys()) entry.partitions.set(name, true);
      entry.loadsLater = true;
      return null;
    },
    (catalog, names) => catalog.loadCollection(refOf(names)),
  ),
  release: onCollection(
    (entry) => {
      for (const name of entry.partitions.keys()) entry.partitions.set(name, false);
      entry.loadsLater = false;
      return null;
    },
    (catalog, names) => catalog.releaseCollection(refOf(names)),
  ),
  loadPartition: onCollection(
    (entry, { partition }) => {
      if (!entry.partitions.has(partition)) return 'PartitionNotFound';
      entry.partitions.set(partition, true);
      return null;
    },
    (catalog, names) =>
      catalog.loadPartitions({ ...refOf(names), partitionNames: [names.partition] }),
  ),
  releasePartition: onCollection(
    (entry, { partition }) => {
      if (!entry.partitions.has(partition)) return 'PartitionNotFound';
      entry.partitions.set(partition, false);
      if (!isLoaded(entry)) entry.loadsLater = false;
      return null;
    },
    (catalog, names) =>
      catalog.releasePartitions({ ...refOf(names), partitionNames: [names.partition] }),
  ),
  forget: {
    expected: () => null,
    run: async (catalog) => {
      for (const { record } of catalog.snapshot.droppedCollections()) {
        await catalog.forgetCollection({ collectionId: record.id });
      }
    },
  },
};

const sorted = <T>(map: Iterable<readonly [string, T]>): Array<readonly [string, T]> =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

function describeModel(model: Model): unknown {
  return sorted(model).map(([name, { collections, aliases }]) => [
    name,
    sorted(collections).map(([collectionName, entry]) => [
      collectionName,
      entry.shardCount,
      isLoaded(entry),
      sorted(entry.partitions),
      [...aliases.keys()].filter((alias) => aliases.get(alias) === collectionName).sort(),
    ]),
    sorted(aliases),
  ]);
}

function describeSnapshot(snapshot: CatalogSnapshot): unknown {
  return sorted(
    snapshot.listDatabases().map(({ name }): readonly [string, string] => [name, name]),
  ).map(([name]) => [
    name,
    sorted(
      snapshot
        .listCollections(name)
        .map((entry): readonly [string, typeof entry] => [entry.record.schema.name, entry]),
    ).map(([collectionName, { record, load, partitions, aliases }]) => [
      collectionName,
      record.shardIds.length,
      load !== null,
      sorted(partitions).map(([partition, { id }]) => [
        partition,
        load?.partitionIds.includes(id) ?? false,
      ]),
      [...aliases].sort(),
    ]),
    sorted(
      snapshot
        .listAliases(name, null)
        .map(({ alias, collectionId }): readonly [string, string] => [
          alias,
          snapshot.collectionById(collectionId)?.record.schema.name ?? '',
        ]),
    ),
  ]);
}

type Step = { readonly operation: string; readonly names: Names };

/** Where the steps meet often, so that most of them do something. */
const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.constantFrom(
    ...Object.keys(OPERATIONS),
    ...['createCollection', 'createPartition', 'createAlias', 'load', 'loadPartition'],
  ),
  names: fc.record({
    database: fc.constantFrom('default', 'default', 'default', 'docs', 'docs', 'more'),
    name: fc.constantFrom('a', 'a', 'a', 'b', 'c'),
    other: fc.constantFrom('b', 'c', 'd', 'd'),
    partition: fc.constantFrom('_default', 'p', 'p', 'q'),
    shardCount: fc.constantFrom(1, 1, 1, 2),
  }),
});

const named = (operation: string, database: string, name: string): Step => ({
  operation,
  names: { database, name, other: 'd', partition: 'p', shardCount: 1 },
});
const PRELUDE: readonly Step[] = [
  named('createDatabase', 'docs', 'a'),
  named('createCollection', 'default', 'a'),
  named('createCollection', 'default', 'b'),
  named('createCollection', 'docs', 'a'),
];

it('agrees with naive maps after every step, in memory and read from the store', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 20, maxLength: 60 }),
    async (steps) => {
      const store = memoryMetaStore();
      const clock = countingClock();
      const catalog = await openCatalog(store, clock);
      const model: Model = new Map([['default', { collections: new Map(), aliases: new Map() }]]);
      for (const { operation, names } of [...PRELUDE, ...steps]) {
        const { expected, run } = OPERATIONS[operation] ?? OPERATIONS['forget']!;
        const before = catalog.snapshot;
        const outcome = await run(catalog, names).then(
          () => null,
          (error: unknown) => (error instanceof MilvusError ? error.reason : error),
        );
        expect(outcome, operation).toBe(expected(model, names));
        if (outcome !== null) expect(catalog.snapshot).toBe(before);
        expect(describeSnapshot(catalog.snapshot), operation).toEqual(describeModel(model));
        const reloaded = await openCatalog(store, clock);
        expect(describeSnapshot(reloaded.snapshot), operation).toEqual(describeModel(model));
        expect(reloaded.snapshot.version).toBe(catalog.snapshot.version);
      }
    },
  );
  await fc.assert(property, { numRuns: 120 });
});
