/**
 * What the database must hold: the naive model that every simulation compares with. Plain maps, no
 * segments, no log, no files.
 *
 * A write is kept per shard, because that is what is atomic: `applied` at a timestamp, `pending` while it
 * runs, `doubtful` when it failed in a way that does not say whether it happened. Rows at a moment are the
 * applied writes up to it, in the order of their timestamps; the newest row of a key is the row.
 *
 * After a crash each pending or doubtful write of a shard has happened, or has not, and those that have
 * happened did so in some order (`outcomes`). A change of the catalog has happened or has not.
 */
import { DEFAULT_PARTITION_NAME } from '../../src/schema/collection-schema.ts';
import type { FieldDefinition } from '../../src/schema/definition.ts';
import { hashInt64, hashText } from '../../src/schema/partition-hash.ts';
import type { PrimaryKey } from '../../src/schema/primary-key.ts';
import { canonical } from './canonical.ts';
import type { Shape } from './shapes.ts';

type Values = Readonly<Record<string, unknown>>;

export interface ModelRow {
  readonly key: PrimaryKey;
  readonly partition: string;
  readonly values: Values;
}

export interface WrittenRow extends ModelRow {
  /** The key of the row that a partial upsert completes, when it gets another one; null: its own. */
  readonly was: PrimaryKey | null;
}

/** All that a write request means. */
export interface Write {
  readonly rows: readonly WrittenRow[];
  /** What rows leave out stays. */
  readonly partial: boolean;
  /** What rows do to arrays; null: they replace them. */
  readonly arrays: 'ARRAY_APPEND' | 'ARRAY_REMOVE' | null;
  readonly removes: readonly PrimaryKey[];
  readonly removesWhere: ((row: ModelRow) => boolean) | null;
  /** Only rows of this partition are removed; null: of any. */
  readonly within: string | null;
}

export interface ShardWrite {
  readonly write: Write;
  state: 'pending' | 'doubtful' | 'applied' | 'refused';
  timestamp: bigint;
  /** A delete that matched nothing has no timestamp of its own: it comes after the record whose it shows. */
  foundNothing: boolean;
}

export type Rows = Map<PrimaryKey, ModelRow>;

/** More writes in doubt than this make too many outcomes to look at. */
export const DOUBTFUL_MAX = 4;

export function shardOfKey(key: PrimaryKey, shardCount: number): number {
  return (typeof key === 'bigint' ? hashInt64(key) : hashText(key)) % shardCount;
}

/** One shard's rows and what is on the way to them. */
export class ModelShard {
  readonly #index: number;
  readonly #count: number;
  #base: Rows;
  /** Each holds what came before its `keeps` took rows away; the last goes on. */
  #stages: Stage[];
  #resets = 0;

  constructor(index: number, count: number, base: Rows = new Map(), stages = [newStage()]) {
    this.#index = index;
    this.#count = count;
    this.#base = base;
    this.#stages = stages;
  }

  clone(): ModelShard {
    const stages = this.#stages.map(({ writes, keeps }) => {
      return { writes: writes.map((write) => ({ ...write })), keeps };
    });
    return new ModelShard(this.#index, this.#count, this.#base, stages);
  }

  begin(write: Write): ShardWrite {
    const begun: ShardWrite = { write, state: 'pending', timestamp: 0n, foundNothing: false };
    this.#stages.at(-1)?.writes.push(begun);
    return begun;
  }

  /** One letter a write, and how often its rows were replaced. */
  get progress(): string {
    const letters = this.#stages.map(({ writes }) => writes.map(({ state }) => state[0]).join(''));
    return `${this.#resets}${letters.join('|')}`;
  }

  get doubtfulCount(): number {
    const writes = this.#stages.flatMap((stage) => stage.writes);
    return writes.filter(({ state }) => state === 'doubtful').length;
  }

  /**
   * Rows as of `timestamp`; null: with everything that is applied. Moments before rows were taken away are
   * forgotten.
   */
  rowsAt(timestamp: bigint | null): Rows {
    let rows = new Map(this.#base);
    for (const { writes, keeps } of this.#stages) {
      for (const write of inOrder(writes)) {
        if (timestamp !== null && write.timestamp > timestamp) break;
        this.#apply(rows, write.write);
      }
      if (keeps !== null) rows = kept(rows, keeps);
    }
    return rows;
  }

  /** Every set of rows that a crash now may leave. */
  outcomes(): Rows[] {
    if (this.doubtfulCount > DOUBTFUL_MAX) throw new Error('too many writes in doubt');
    let outcomes: Rows[] = [new Map(this.#base)];
    for (const { writes, keeps } of this.#stages) {
      for (const rows of outcomes)
        for (const { write } of inOrder(writes)) this.#apply(rows, write);
      const open = writes.filter(({ state }) => state === 'pending' || state === 'doubtful');
      outcomes = outcomes.flatMap((rows) => this.#orders(rows, open));
      if (keeps !== null) outcomes = outcomes.map((rows) => kept(rows, keeps));
    }
    return outcomes;
  }

  /** Rows are taken away at once; what is in doubt before stays before. */
  filter(keeps: (row: ModelRow) => boolean): void {
    const last = this.#stages.at(-1) as Stage;
    last.keeps = keeps;
    this.#stages.push(newStage());
  }

  /** These rows are the truth from here on; what was before is forgotten. */
  reset(rows: Rows): void {
    this.#base = rows;
    this.#stages = [newStage()];
    this.#resets += 1;
  }

  /** `rows` with every choice of the writes, in every order. */
  #orders(rows: Rows, open: readonly ShardWrite[]): Rows[] {
    const outcomes = [rows];
    for (const write of open) {
      const next = new Map(rows);
      this.#apply(next, write.write);
      outcomes.push(
        ...this.#orders(
          next,
          open.filter((other) => other !== write),
        ),
      );
    }
    return outcomes;
  }

  #isHere(key: PrimaryKey): boolean {
    return shardOfKey(key, this.#count) === this.#index;
  }

  #apply(rows: Rows, write: Write): void {
    const { rows: news, partial, removes, removesWhere, within } = write;
    const before = partial ? new Map(rows) : rows;
    for (const [key, row] of rows) {
      const isWithin = within === null || row.partition === within;
      if (isWithin && removesWhere?.(row) === true) rows.delete(key);
    }
    for (const key of removes) {
      const row = rows.get(key);
      if (row !== undefined && (within === null || row.partition === within)) rows.delete(key);
    }
    for (const { was, ...row } of news) {
      if (!this.#isHere(row.key)) continue;
      const old = partial ? before.get(was ?? row.key) : undefined;
      const values = { ...old?.values, ...withArrays(row.values, old?.values, write.arrays) };
      rows.set(row.key, old === undefined ? row : { ...old, key: row.key, values });
    }
  }
}

function withArrays(values: Values, old: Values | undefined, op: Write['arrays']): Values {
  if (op === null) return values;
  const lists = Object.entries(values).filter(([, value]) => Array.isArray(value));
  const changed = lists.map(([name, value]): [string, unknown] => {
    const before = (old?.[name] ?? []) as readonly unknown[];
    const operand = value as readonly unknown[];
    const isKept = (one: unknown): boolean => !operand.includes(one);
    return [name, op === 'ARRAY_APPEND' ? [...before, ...operand] : before.filter(isKept)];
  });
  return { ...values, ...Object.fromEntries(changed) };
}

interface Stage {
  readonly writes: ShardWrite[];
  keeps: ((row: ModelRow) => boolean) | null;
}

function newStage(): Stage {
  return { writes: [], keeps: null };
}

function kept(rows: Rows, keeps: (row: ModelRow) => boolean): Rows {
  return new Map([...rows].filter(([, row]) => keeps(row)));
}

/** The applied ones. */
function inOrder(writes: readonly ShardWrite[]): ShardWrite[] {
  return writes
    .filter(({ state }) => state === 'applied')
    .sort((a, b) => {
      if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
      return Number(a.foundNothing) - Number(b.foundNothing);
    });
}

export class ModelCollection {
  readonly shape: Shape;
  readonly shards: readonly ModelShard[];
  readonly partitions: Set<string>;
  readonly addedFields: AddedField[];
  /** What each snapshot of it holds, by its name: a collection that does not change. */
  readonly snapshots: Map<string, ModelCollection>;
  /** Fields that were ever added. */
  fieldCount = 0;
  /** A change of it failed half-way: reads are not compared until the database is opened again. */
  isMurky = false;

  constructor(shape: Shape, from?: ModelCollection) {
    this.shape = shape;
    this.shards =
      from?.shards.map((shard) => shard.clone()) ??
      Array.from({ length: shape.shardCount }, (_, i) => new ModelShard(i, shape.shardCount));
    this.partitions = new Set(from?.partitions ?? firstPartitions(shape));
    this.addedFields = [...(from?.addedFields ?? [])];
    this.snapshots = new Map(from?.snapshots);
    this.fieldCount = from?.fieldCount ?? 0;
    this.isMurky = from?.isMurky ?? false;
  }

  clone(): ModelCollection {
    return new ModelCollection(this.shape, this);
  }

  /** A collection of its own with the rows that are there now; nothing may be in flight. */
  copy(): ModelCollection {
    const copy = this.clone();
    for (const [i, shard] of copy.shards.entries()) {
      shard.reset((this.shards[i] as ModelShard).rowsAt(null));
    }
    copy.snapshots.clear();
    return copy;
  }

  rowsAt(timestamp: bigint | null): Rows {
    return new Map(this.shards.flatMap((shard) => [...shard.rowsAt(timestamp)]));
  }

  /** Of writes by state: changes whenever what must survive changes. */
  get progress(): string {
    return this.shards.map((shard) => shard.progress).join('/');
  }

  /** Keeps only what `keeps` says. */
  filterRows(keeps: (row: ModelRow) => boolean): void {
    for (const shard of this.shards) shard.filter(keeps);
  }

  addField(field: FieldDefinition): void {
    this.fieldCount += 1;
    this.addedFields.push({ ...field, heldAs: `late ${this.fieldCount}` });
  }

  dropField(name: string): void {
    const at = this.addedFields.findIndex((field) => field.name === name);
    this.addedFields.splice(at, 1);
  }

  /** Values as rows of the model have them: a later field of the same name does not see them. */
  held(values: Values): Values {
    const names = new Map(this.addedFields.map(({ name, heldAs }) => [name, heldAs]));
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [names.get(name) ?? name, value]),
    );
  }

  /** A row as a query with every field gives it. */
  shown(row: ModelRow): Values {
    const others = Object.entries(row.values).filter(([name]) => !name.startsWith('late '));
    const values: Record<string, unknown> = { ...Object.fromEntries(others), id: row.key };
    for (const field of this.shape.definition.fields) {
      values[field.name] ??= field.defaultValue ?? null;
    }
    for (const { name, heldAs, defaultValue } of this.addedFields) {
      values[name] = row.values[heldAs] ?? defaultValue ?? null;
    }
    return values;
  }
}

/** A field that was added, and the name under which rows of the model hold its values. */
interface AddedField extends FieldDefinition {
  readonly heldAs: string;
}

function firstPartitions(shape: Shape): string[] {
  const count = shape.definition.partitionCount;
  if (count === undefined) return [DEFAULT_PARTITION_NAME];
  return Array.from({ length: count }, (_, i) => `${DEFAULT_PARTITION_NAME}_${i}`);
}

export class ModelDatabase {
  readonly collections = new Map<string, ModelCollection>();
  /** Collection by alias. */
  readonly aliases = new Map<string, string>();
}

export class ModelCatalog {
  readonly databases = new Map<string, ModelDatabase>([['default', new ModelDatabase()]]);

  clone(): ModelCatalog {
    const copy = new ModelCatalog();
    for (const [name, { collections, aliases }] of this.databases) {
      const database = new ModelDatabase();
      for (const [key, one] of collections) database.collections.set(key, one.clone());
      for (const [alias, target] of aliases) database.aliases.set(alias, target);
      copy.databases.set(name, database);
    }
    return copy;
  }

  collection(databaseName: string, name: string): ModelCollection {
    const found = this.databases.get(databaseName)?.collections.get(name);
    if (found === undefined) throw new Error(`the model has no collection ${databaseName}.${name}`);
    return found;
  }

  /** All, in a fixed order. */
  get all(): { databaseName: string; collectionName: string; collection: ModelCollection }[] {
    return [...this.databases].flatMap(([databaseName, { collections }]) =>
      [...collections].map(([collectionName, collection]) => {
        return { databaseName, collectionName, collection };
      }),
    );
  }

  /** Names, partitions, aliases, fields and snapshots, as text to compare. */
  describe(): string {
    const databases = [...this.databases].map(([name, { collections, aliases }]) => ({
      name,
      aliases: Object.fromEntries([...aliases].sort(byName)),
      collections: [...collections].sort(byName).map(([key, one]) => ({
        key,
        partitions: [...one.partitions].sort(),
        fields: [...one.shape.definition.fields, ...one.addedFields].map((field) => field.name),
        snapshots: [...one.snapshots.keys()].sort(),
      })),
    }));
    return canonical(databases.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}

/** A change of the catalog: what it does when it happens. */
export interface Change {
  readonly name: string;
  readonly apply: (catalog: ModelCatalog) => void;
}

export class Model {
  catalog: ModelCatalog;
  /** Begun, and not known to have happened or not. One at a time. */
  change: Change | null = null;

  constructor(catalog: ModelCatalog = new ModelCatalog()) {
    this.catalog = catalog;
  }

  /** As it is now, for a check later on. */
  freeze(): Model {
    const frozen = new Model(this.catalog.clone());
    frozen.change = this.change;
    return frozen;
  }

  /** Text that is equal as long as the same must survive a crash. */
  promises(): string {
    const progress = this.catalog.all.map(({ collection }) => collection.progress);
    return `${this.catalog.describe()} ${progress.join()} ${this.change?.name ?? ''}`;
  }

  /** Catalogs that a crash now may leave. */
  candidates(): ModelCatalog[] {
    if (this.change === null) return [this.catalog];
    const changed = this.catalog.clone();
    this.change.apply(changed);
    return [this.catalog, changed];
  }
}
