/** Compares a running engine with the model; what differs is thrown as a Violation. */
import type { CollectionRef } from '../../src/core/references.ts';
import type { Service } from '../../src/core/service.ts';
import type { PrimaryKey } from '../../src/schema/primary-key.ts';
import { canonical } from './canonical.ts';
import {
  type Model,
  type ModelCatalog,
  type ModelCollection,
  type ModelRow,
  type Rows,
  shardOfKey,
} from './model.ts';

/** A promise that was not kept. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Rows as text, by key. */
type Texts = Map<PrimaryKey, string>;

const LIMIT = 16_384;

const shownTexts = new WeakMap<ModelRow, { readonly fields: string; readonly text: string }>();

export function textOf(collection: ModelCollection, row: ModelRow): string {
  const fields = collection.addedFields.map(({ heldAs }) => heldAs).join();
  const known = shownTexts.get(row);
  if (known?.fields === fields) return known.text;
  const text = canonical(collection.shown(row));
  shownTexts.set(row, { fields, text });
  return text;
}

export function textsOf(collection: ModelCollection, rows: Rows): Texts {
  return new Map([...rows].map(([key, row]) => [key, textOf(collection, row)]));
}

export function answerTexts(rows: readonly Record<string, unknown>[]): Texts {
  const texts: Texts = new Map();
  for (const row of rows) {
    const key = row['id'] as PrimaryKey;
    if (texts.has(key)) throw new Violation(`key ${key} was answered twice`);
    texts.set(key, canonical(row));
  }
  return texts;
}

/** Null when equal, else the first difference in words. */
export function difference(expected: Texts, actual: Texts): string | null {
  for (const [key, text] of expected) {
    const found = actual.get(key);
    if (found === undefined) return `row ${key} is missing: ${text}`;
    if (found !== text) return `row ${key} is ${found}, should be ${text}`;
  }
  for (const [key, text] of actual)
    if (!expected.has(key)) return `row ${key} should not be: ${text}`;
  return null;
}

/** The engine's catalog in the words of ModelCatalog.describe. */
export async function describeCatalog(service: Service): Promise<string> {
  const databases = [];
  for (const { name } of await service.listDatabases()) {
    const collections = await service.listCollections(name);
    const aliases = await service.listAliases({ databaseName: name, collectionName: null });
    const snapshots = new Map<string, string[]>();
    for (const { name: collectionName } of collections) {
      const found = await service.snapshots.list({ databaseName: name, collectionName });
      snapshots.set(collectionName, found.map((one) => one.name).sort());
    }
    databases.push({
      name,
      aliases: Object.fromEntries(
        aliases
          .map((one) => [one.alias, one.collectionName] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
      collections: collections
        .map((one) => ({
          key: one.name,
          partitions: one.partitions.map((partition) => partition.name).sort(),
          fields: one.schema.fields.filter((field) => !field.isDynamic).map((field) => field.name),
          snapshots: snapshots.get(one.name),
        }))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    });
  }
  return canonical(databases.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

export async function readTexts(service: Service, ref: CollectionRef): Promise<Texts> {
  return answerTexts(
    (await service.query({ ...ref, filter: '', limit: LIMIT, outputFields: ['*'] })).rows,
  );
}

/** While it runs and nothing is in flight: catalog and rows are exactly the model's. */
export async function checkLive(model: Model, service: Service): Promise<void> {
  const found = await describeCatalog(service);
  const expected = model.catalog.describe();
  if (found !== expected) throw new Violation(`catalog is ${found}, should be ${expected}`);
  await loadAll(service, model.catalog);
  for (const { databaseName, collectionName, collection } of model.catalog.all) {
    if (!collection.isMurky) await checkRows({ databaseName, collectionName }, collection, service);
  }
}

/** Rows, and their number, of one collection. */
export async function checkRows(
  ref: CollectionRef,
  collection: ModelCollection,
  service: Service,
): Promise<void> {
  const rows = collection.rowsAt(null);
  const wrong = difference(textsOf(collection, rows), await readTexts(service, ref));
  if (wrong !== null) throw new Violation(`${ref.collectionName}: ${wrong}`);
  await checkCount(ref, rows.size, service);
}

async function checkCount(ref: CollectionRef, expected: number, service: Service): Promise<void> {
  const count = await service.count(ref);
  if (count !== expected) {
    throw new Violation(`${ref.collectionName}: count(*) is ${count}, should be ${expected}`);
  }
}

/**
 * After a crash: what is there is what was acknowledged, with each write in flight wholly there or not at
 * all, shard by shard. @returns the catalog that is the truth from here on
 */
export async function checkRecovered(model: Model, service: Service): Promise<ModelCatalog> {
  const found = await describeCatalog(service);
  const candidates = model.candidates();
  const matching = candidates.filter((one) => one.describe() === found);
  if (matching.length === 0) {
    const expected = candidates.map((one) => one.describe()).join(' or ');
    throw new Violation(`catalog is ${found}, should be ${expected}`);
  }
  await loadAll(service, matching[0] as ModelCatalog);
  const problems: string[] = [];
  for (const candidate of matching) {
    const settled = candidate.clone();
    const problem = await settleRows(settled, service);
    if (problem === null) return settled;
    problems.push(problem);
  }
  throw new Violation(problems.join('\n  or '));
}

/** A crash or a fault may come between a collection and its load. */
async function loadAll(service: Service, catalog: ModelCatalog): Promise<void> {
  for (const { databaseName, collectionName } of catalog.all) {
    const ref = { databaseName, collectionName };
    const { partitions } = await service.describeCollection(ref);
    if (partitions.some(({ loaded }) => !loaded)) await service.loadCollection(ref);
  }
}

async function settleRows(catalog: ModelCatalog, service: Service): Promise<string | null> {
  for (const { databaseName, collectionName, collection } of catalog.all) {
    const ref = { databaseName, collectionName };
    const actual = await readTexts(service, ref);
    for (const [index, shard] of collection.shards.entries()) {
      const here: Texts = new Map();
      for (const [key, text] of actual) {
        if (shardOfKey(key, collection.shards.length) === index) here.set(key, text);
      }
      const outcomes = shard.outcomes();
      const outcome = outcomes.find((rows) => difference(textsOf(collection, rows), here) === null);
      if (outcome === undefined) {
        const reason = difference(textsOf(collection, outcomes[0] as Rows), here);
        return `${collectionName}, shard ${index}, ${outcomes.length} outcomes: ${reason}`;
      }
      shard.reset(outcome);
    }
    collection.isMurky = false;
    await checkCount(ref, actual.size, service);
  }
  return null;
}

/**
 * A search that is exact, by an index too: scores of the best, every second time of those in a range, and
 * every hit a row with that score.
 */
export async function checkSearch(
  ref: CollectionRef,
  collection: ModelCollection,
  request: { readonly service: Service; readonly vector: Float32Array; readonly limit: number },
): Promise<void> {
  const { service, vector, limit } = request;
  const rows = collection.rowsAt(null);
  const range = limit % 2 === 0 ? { radius: 60 - limit * 5, range_filter: limit } : null;
  const isInRange = (score: number): boolean =>
    range === null || (score >= range.range_filter && score < range.radius);
  const answer = await service.search({
    ...ref,
    data: vector,
    fieldName: 'v',
    limit,
    // As wide as all rows: a graph is exact then.
    params: { ef: LIMIT, ...range },
    outputFields: ['n'],
  });
  const scoreOf = (row: ModelRow): number => {
    const v = row.values['v'] as Float32Array;
    return (v[0]! - vector[0]!) ** 2 + (v[1]! - vector[1]!) ** 2;
  };
  const expected = [...rows.values()]
    .map(scoreOf)
    .filter(isInRange)
    .sort((a, b) => a - b)
    .slice(0, limit);
  const hits = answer.results[0] ?? [];
  const scores = hits.map(({ score }) => score);
  if (canonical(scores) !== canonical(expected)) {
    throw new Violation(
      `${ref.collectionName}: scores are ${scores.join()}, should be ${expected.join()}`,
    );
  }
  for (const { id, score, fields } of hits) {
    const row = rows.get(id);
    if (row === undefined || scoreOf(row) !== score || fields['n'] !== row.values['n']) {
      throw new Violation(`${ref.collectionName}: hit ${id} with score ${score} is not a row`);
    }
  }
}
