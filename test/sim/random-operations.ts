/** The operations of a random life: which comes next, on what, and whether its outcome is allowed. */
import type { CollectionRef } from '../../src/core/references.ts';
import type { PrimaryKey } from '../../src/schema/primary-key.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { ModelCollection, ModelRow } from './model.ts';
import { answerTexts, checkSearch, difference, textsOf, Violation } from './model-check.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Shape, vectorOf } from './shapes.ts';
import { createSnapshot, dropSnapshot, restoreSnapshot } from './simulated-snapshots.ts';
import {
  attempt,
  type KeyedValues,
  type Outcome,
  type Simulation,
  type WriteOptions,
} from './simulated-engine.ts';

export interface RandomOperationsParts {
  readonly random: SeededRandom;
  /** Of the collections that are made, in turns. */
  readonly shapes: readonly Shape[];
  readonly faults: FaultPlan;
  readonly note: (line: string) => void;
}

interface Place {
  readonly ref: CollectionRef;
  readonly collection: ModelCollection;
}

interface Moment extends Place {
  readonly timestamp: bigint;
  readonly untilMs: number;
}

type Operation = (sim: Simulation, place: Place) => Promise<Outcome>;

const KEYS = 24;
const LIMIT = 1000;
const MOMENT_MS = 50_000;
const HOUR_MS = 3_600_000;
const COLLECTION_COUNT = 3;
const DATABASE = 'default';

export class RandomOperations {
  readonly #parts: RandomOperationsParts;
  readonly #random: SeededRandom;
  #moments: Moment[] = [];
  #names = 0;

  readonly #rowOperations: readonly (readonly [number, string, Operation])[] = [
    [22, 'insert', (sim, place) => this.#insert(sim, place)],
    [14, 'upsert', (sim, place) => this.#upsert(sim, place)],
    [8, 'partial upsert', (sim, place) => this.#upsertPart(sim, place)],
    [9, 'delete', (sim, place) => this.#delete(sim, place)],
    [5, 'delete where', (sim, place) => this.#deleteWhere(sim, place)],
    [6, 'query', (sim, place) => this.#query(sim, place)],
    [5, 'flush', (sim, { ref }) => sim.flush(ref)],
    [4, 'compact', (sim, { ref }) => sim.compact(ref)],
  ];

  /** Alone: nothing else runs on the same collection. */
  readonly #otherOperations: readonly (readonly [number, string, Operation])[] = [
    [5, 'search', (sim, place) => this.#search(sim, place)],
    [5, 'filter', (sim, place) => this.#filter(sim, place)],
    [5, 'get', (sim, place) => this.#get(sim, place)],
    [4, 'read a moment', (sim) => this.#readMoment(sim)],
    [2, 'truncate', (sim, { ref }) => this.#losingMoments(() => sim.truncate(ref))],
    [3, 'create partition', (sim, place) => this.#createPartition(sim, place)],
    [2, 'drop partition', (sim, place) => this.#dropPartition(sim, place)],
    [3, 'create index', (sim, { ref }) => sim.createIndex(ref)],
    [1, 'drop index', (sim, { ref }) => sim.dropIndex(ref)],
    [3, 'add field', (sim, place) => this.#addField(sim, place)],
    [2, 'drop field', (sim, place) => this.#dropField(sim, place)],
    [3, 'change arrays', (sim, place) => this.#changeArrays(sim, place)],
    [3, 'create collection', (sim) => this.#createCollection(sim)],
    [1, 'drop collection', (sim, { ref }) => this.#dropCollection(sim, ref)],
    [1, 'rename collection', (sim, { ref }) => this.#rename(sim, ref)],
    [2, 'alias', (sim, place) => this.#alias(sim, place)],
    [2, 'create snapshot', (sim, place) => this.#createSnapshot(sim, place)],
    [1, 'restore snapshot', (sim, place) => this.#restoreSnapshot(sim, place)],
    [1, 'drop snapshot', (sim, place) => this.#dropSnapshot(sim, place)],
  ];

  constructor(parts: RandomOperationsParts) {
    this.#parts = parts;
    this.#random = parts.random;
  }

  /** The database was opened again: what was leased before is not. */
  forget(): void {
    this.#moments = [];
  }

  /** @returns how many operations it did */
  async step(sim: Simulation): Promise<number> {
    const { all } = sim.model.catalog;
    const usable = all.filter(({ collection }) => !collection.isMurky);
    if (usable.length === 0) {
      const outcome = await this.#createCollection(sim);
      this.#judge(sim, 'create collection', outcome);
      return 1;
    }
    const roll = this.#random.next();
    if (roll < 0.04) return await this.#passTime(sim);
    if (roll < 0.2) return await this.#burst(sim, this.#place(usable));
    const table = roll < 0.75 ? this.#rowOperations : this.#otherOperations;
    const [, name, run] = this.#choose(table);
    const faults = this.#parts.faults.count;
    const outcome = await run(sim, this.#place(usable));
    this.#judge(sim, name, outcome, faults);
    return 1;
  }

  #place(
    usable: readonly {
      databaseName: string;
      collectionName: string;
      collection: ModelCollection;
    }[],
  ): Place {
    const { databaseName, collectionName, collection } = this.#random.pick(usable);
    return { ref: { databaseName, collectionName }, collection };
  }

  /** Several at once, on the same keys. */
  async #burst(sim: Simulation, place: Place): Promise<number> {
    const chosen = Array.from({ length: 2 + this.#random.integer(2) }, () =>
      this.#choose(this.#rowOperations),
    );
    const faults = this.#parts.faults.count;
    const outcomes = await Promise.all(chosen.map(([, , run]) => run(sim, place)));
    for (const [i, [, name]] of chosen.entries()) {
      const outcome = outcomes[i] ?? null;
      // A row may be deleted while a partial upsert of it waits for its turn.
      const isRace = outcome?.isInputError === true && name === 'partial upsert';
      this.#judge(sim, `${name} beside others`, isRace ? null : outcome, faults);
    }
    return chosen.length;
  }

  #choose<T>(table: readonly (readonly [number, string, T])[]): readonly [number, string, T] {
    let rest = this.#random.next() * table.reduce((sum, [weight]) => sum + weight, 0);
    for (const row of table) {
      rest -= row[0];
      if (rest < 0) return row;
    }
    return table[0] as readonly [number, string, T];
  }

  /** Without a fault nothing fails. */
  #judge(sim: Simulation, name: string, outcome: Outcome, faultsBefore = 0): void {
    const { faults, note } = this.#parts;
    note(`${name}: ${outcome?.message ?? 'ok'}`);
    if (outcome === null || sim.disk.isCrashed) return;
    // A fault before may have poisoned the log, or the failure of a background task is met only now.
    const isExcused = faults.count > Math.min(faultsBefore, 0);
    if (!isExcused)
      throw new Violation(`${name} failed without a fault: ${outcome.message}`, { cause: outcome });
  }

  // ── Rows ─────────────────────────────────────────────────────────────────────────────────────────

  async #insert(sim: Simulation, place: Place): Promise<Outcome> {
    const { shape } = place.collection;
    const rows = this.#someKeys().map((i) => ({
      key: shape.key(i),
      values: { ...shape.row(this.#random), ...this.#lateValues(place) },
    }));
    return await sim.insert(place.ref, rows, this.#maybePartition(place));
  }

  async #upsert(sim: Simulation, place: Place): Promise<Outcome> {
    const { shape } = place.collection;
    const keys = shape.autoId ? this.#livingKeys(place) : this.#someKeys().map((i) => shape.key(i));
    if (keys.length === 0) return null;
    const rows = keys.map((key) => ({
      key,
      values: { ...shape.row(this.#random), ...this.#lateValues(place) },
    }));
    return await sim.upsert(place.ref, rows, this.#maybePartition(place));
  }

  /** Of the fields that were added. */
  #lateValues({ collection }: Place): Record<string, unknown> {
    const late = collection.addedFields.filter(() => this.#random.chance(0.6));
    return Object.fromEntries(
      late.map(({ name, type }) => {
        const value = this.#random.integer(100);
        return [name, type === 'Int64' ? BigInt(value) : value];
      }),
    );
  }

  /** One more element where there is room for it, else one less. */
  async #changeArrays(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    const rows = [...collection.rowsAt(null).values()].filter(({ values }) => 'arr' in values);
    if (rows.length === 0) return null;
    const { key, values } = this.#random.pick(rows);
    const length = ((values['arr'] ?? []) as readonly unknown[]).length;
    const arrays = length < 3 ? 'ARRAY_APPEND' : 'ARRAY_REMOVE';
    const operand = { arr: [this.#random.pick(['a', 'bc', 'd'])] };
    return await sim.upsert(ref, [{ key, values: operand }], { partial: true, arrays });
  }

  async #upsertPart(sim: Simulation, place: Place): Promise<Outcome> {
    const { shape } = place.collection;
    const keys = this.#livingKeys(place);
    if (keys.length === 0) return null;
    const rows: KeyedValues[] = keys.map((key) => ({ key, values: shape.part(this.#random) }));
    return await sim.upsert(place.ref, rows, { partial: true });
  }

  async #delete(sim: Simulation, place: Place): Promise<Outcome> {
    const { shape } = place.collection;
    const keys = shape.autoId ? this.#livingKeys(place) : this.#someKeys().map((i) => shape.key(i));
    if (keys.length === 0) return null;
    return await sim.delete(place.ref, keys, this.#maybePartition(place));
  }

  async #deleteWhere(sim: Simulation, place: Place): Promise<Outcome> {
    const value = this.#random.integer(10);
    const filter = this.#random.pick([
      { text: `n == ${value}`, matches: (n: number) => n === value },
      {
        text: `n >= ${value} and n < ${value + 2}`,
        matches: (n: number) => n >= value && n < value + 2,
      },
      { text: `not (n != ${value})`, matches: (n: number) => n === value },
    ]);
    return await sim.deleteWhere(place.ref, filter, this.#maybePartition(place));
  }

  /** Distinct. */
  #someKeys(): number[] {
    const count = 1 + this.#random.integer(this.#random.chance(0.1) ? 12 : 4);
    return [...new Set(Array.from({ length: count }, () => this.#random.integer(KEYS)))];
  }

  #livingKeys({ collection }: Place): PrimaryKey[] {
    const keys = [...collection.rowsAt(null).keys()];
    const from = this.#random.integer(keys.length + 1);
    return keys.slice(from, from + 1 + this.#random.integer(4));
  }

  #maybePartition({ collection }: Place): WriteOptions {
    if (!collection.shape.hasPartitions || this.#random.chance(0.6)) return {};
    return { partition: this.#random.pick([...collection.partitions].sort()) };
  }

  // ── Reads ────────────────────────────────────────────────────────────────────────────────────────

  /** All rows; compared when everything beside it has settled, at the moment that it says it saw. */
  async #query(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    const outcome = await this.#reading(async () => {
      const answer = await sim.service.query({
        ...ref,
        filter: '',
        limit: LIMIT,
        outputFields: ['*'],
      });
      const { timestamp } = answer;
      const untilMs = sim.clock.monotonicMs() + MOMENT_MS;
      const moment = { ref, collection, timestamp, untilMs };
      // An answer at a moment waits for every write before it, so the model knows them all by then.
      const again = await this.#rowsOfMoment(sim, moment);
      const wrong = difference(answerTexts(answer.rows), again);
      if (wrong !== null) throw new Violation(`a moment differs from its first read: ${wrong}`);
      this.#moments.push(moment);
    });
    // Nothing held the moment between the two reads: compaction may have gone past it, and says so.
    return outcome?.message.startsWith('the moment to read at is too long ago') === true
      ? null
      : outcome;
  }

  async #readMoment(sim: Simulation): Promise<Outcome> {
    const nowMs = sim.clock.monotonicMs();
    this.#moments = this.#moments.filter(({ untilMs }) => untilMs > nowMs);
    if (this.#moments.length === 0) return null;
    const moment = this.#random.pick(this.#moments);
    return await this.#reading(async () => {
      const actual = await this.#rowsOfMoment(sim, moment);
      const { collection, timestamp } = moment;
      const wrong = difference(textsOf(collection, collection.rowsAt(timestamp)), actual);
      if (wrong !== null) throw new Violation(`moment ${timestamp}: ${wrong}`);
    });
  }

  async #rowsOfMoment(
    sim: Simulation,
    { ref, timestamp }: Moment,
  ): Promise<Map<PrimaryKey, string>> {
    const request = { ...ref, filter: '', limit: LIMIT, outputFields: ['*'] };
    return answerTexts(
      (await sim.service.query({ ...request, snapshotTimestamp: timestamp })).rows,
    );
  }

  async #search(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    const request = {
      service: sim.service,
      vector: vectorOf(this.#random),
      limit: 1 + this.#random.integer(6),
    };
    return await this.#reading(() => checkSearch(ref, collection, request));
  }

  async #filter(sim: Simulation, place: Place): Promise<Outcome> {
    const bound = this.#random.integer(10);
    const { partition } = this.#maybePartition(place);
    return await this.#reading(async () => {
      const { rows } = await sim.service.query({
        ...place.ref,
        filter: `n > ${bound}`,
        limit: LIMIT,
        outputFields: ['*'],
        ...(partition === undefined ? {} : { partitionNames: [partition] }),
      });
      const isWanted = (row: ModelRow): boolean =>
        (row.values['n'] as number) > bound &&
        (partition === undefined || row.partition === partition);
      this.#compare(place.collection, isWanted, rows);
    });
  }

  async #get(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    const ids = this.#someKeys().map((i) => collection.shape.key(i));
    return await this.#reading(async () => {
      const { rows } = await sim.service.query({ ...ref, ids, outputFields: ['*'] });
      this.#compare(collection, (row) => ids.includes(row.key), rows);
    });
  }

  #compare(
    collection: ModelCollection,
    isWanted: (row: ModelRow) => boolean,
    rows: readonly Record<string, unknown>[],
  ): void {
    const wanted = [...collection.rowsAt(null)].filter(([, row]) => isWanted(row));
    const wrong = difference(textsOf(collection, new Map(wanted)), answerTexts(rows));
    if (wrong !== null) throw new Violation(wrong);
  }

  async #reading(read: () => Promise<void>): Promise<Outcome> {
    return await attempt(read);
  }

  // ── Catalog ──────────────────────────────────────────────────────────────────────────────────────

  async #createCollection(sim: Simulation): Promise<Outcome> {
    if (sim.model.catalog.all.length >= COLLECTION_COUNT) return null;
    this.#names += 1;
    const name = this.#random.chance(0.3) ? 'again' : `c${this.#names}`;
    if (sim.model.catalog.databases.get(DATABASE)?.collections.has(name) === true) return null;
    const ref = { databaseName: DATABASE, collectionName: name };
    return await sim.createCollection(ref, this.#random.pick(this.#parts.shapes));
  }

  async #dropCollection(sim: Simulation, ref: CollectionRef): Promise<Outcome> {
    const aliases =
      sim.model.catalog.databases.get(ref.databaseName)?.aliases ?? new Map<string, string>();
    for (const [alias, target] of aliases) {
      if (target !== ref.collectionName) continue;
      const outcome = await sim.dropAlias(ref.databaseName, alias);
      if (outcome !== null) return outcome;
    }
    return await this.#losingMoments(() => sim.dropCollection(ref));
  }

  async #rename(sim: Simulation, ref: CollectionRef): Promise<Outcome> {
    this.#names += 1;
    return await this.#losingMoments(() => sim.renameCollection(ref, `r${this.#names}`));
  }

  async #createPartition(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    if (!collection.shape.hasPartitions || collection.partitions.size > 3) return null;
    const name = this.#random.pick(['left', 'right', 'third']);
    if (collection.partitions.has(name)) return null;
    return await sim.createPartition(ref, name);
  }

  async #dropPartition(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    const names = [...collection.partitions].filter((name) => !name.startsWith('_')).sort();
    if (!collection.shape.hasPartitions || names.length === 0) return null;
    return await this.#losingMoments(() => sim.dropPartition(ref, this.#random.pick(names)));
  }

  async #addField(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    if (collection.addedFields.length >= 2) return null;
    const isTaken = collection.addedFields.some((field) => field.name === 'late0');
    const name = isTaken ? 'late1' : 'late0';
    if (collection.addedFields.some((field) => field.name === name)) return null;
    const type = this.#random.pick(['Int64', 'Double'] as const);
    const field = this.#random.chance(0.5)
      ? { name, type: 'Int32' as const, nullable: true, defaultValue: 4 }
      : { name, type, nullable: true };
    return await this.#losingMoments(() => sim.addField(ref, field));
  }

  async #dropField(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    if (collection.addedFields.length === 0) return null;
    const { name } = this.#random.pick(collection.addedFields);
    return await this.#losingMoments(() => sim.dropField(ref, name));
  }

  async #alias(sim: Simulation, { ref }: Place): Promise<Outcome> {
    const aliases = sim.model.catalog.databases.get(ref.databaseName)?.aliases;
    if (aliases?.has('nick') !== true) return await sim.createAlias(ref, 'nick');
    if (this.#random.chance(0.5)) return await sim.dropAlias(ref.databaseName, 'nick');
    return await sim.alterAlias(ref, 'nick');
  }

  async #createSnapshot(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    const isDoubtful = collection.shards.some(({ doubtfulCount }) => doubtfulCount > 0);
    if (isDoubtful || collection.snapshots.size >= 2) return null;
    this.#names += 1;
    const isProtected = this.#random.chance(0.5);
    return await createSnapshot(sim, ref, { snapshotName: `s${this.#names}`, isProtected });
  }

  async #restoreSnapshot(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    const names = [...collection.snapshots.keys()];
    if (names.length === 0 || sim.model.catalog.all.length >= COLLECTION_COUNT) return null;
    this.#names += 1;
    const snapshotName = this.#random.pick(names);
    return await restoreSnapshot(sim, ref, { snapshotName, targetName: `b${this.#names}` });
  }

  async #dropSnapshot(sim: Simulation, { ref, collection }: Place): Promise<Outcome> {
    const names = [...collection.snapshots.keys()];
    return names.length === 0 ? null : await dropSnapshot(sim, ref, this.#random.pick(names));
  }

  async #losingMoments(change: () => Promise<Outcome>): Promise<Outcome> {
    this.#moments = [];
    return await change();
  }

  // ── Time ─────────────────────────────────────────────────────────────────────────────────────────

  async #passTime(sim: Simulation): Promise<number> {
    const roll = this.#random.next();
    if (roll < 0.3) sim.clock.jump(this.#random.integer(4 * HOUR_MS) - 2 * HOUR_MS);
    else await sim.advance(roll < 0.8 ? 11_000 : roll < 0.9 ? 700_000 : 25 * HOUR_MS);
    this.#parts.note('time');
    return 1;
  }
}
