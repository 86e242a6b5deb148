/**
 * Many clients at once against one server, each of which knows what its own rows have to be.
 *
 * A client owns a range of keys, and does one thing after the other: inserts, upserts, deletes by keys and by
 * filter, gets, queries, counts and searches, all with strong consistency. What it is answered about its own rows
 * has to be what its model says, exactly; of everybody's rows it knows that none comes twice, that scores are in
 * order, and that each is whole: vector and tag follow from key and version. Meanwhile somebody flushes and
 * compacts.
 */
import { MilvusClient, type RowData } from '@zilliz/milvus2-sdk-node';
import { SeededRandom } from '../sim/seeded-random.ts';

export const CLIENTS = 32;
const COLLECTION = 'everybody';
const DIM = 8;
/** Keys of one client; the rows that there may be are bounded by it. */
const KEYS = 200;
const BATCH_MAX = 20;
const LIMIT = 10;
const ALL_MAX = 16_384;
const KEEP_MS = 2000;
/** Machines may be slow; the official client's own patience is 15 seconds. */
const TIMEOUT_MS = 120_000;
const FAULTS_MAX = 20;
const FIELDS = ['id', 'owner', 'version', 'tag', 'v'];

interface Row {
  readonly id: number;
  readonly owner: number;
  readonly version: number;
  readonly tag: string;
  readonly v: readonly number[];
}

export interface Outcome {
  readonly calls: number;
  /** By what was called. */
  readonly callsOf: Readonly<Record<string, number>>;
  /** Rows at the end. */
  readonly rows: number;
  readonly faults: readonly string[];
}

/** Everything of a row follows from its key and its version, so that half of a write would be seen. */
function rowOf(id: number, version: number): Row {
  const owner = Math.floor(id / KEYS);
  const v = Array.from({ length: DIM }, (_, i) => (id * (i + 1) * 31 + version * (i + 7)) % 101);
  return { id, owner, version, tag: `t${(id + version) % 7}`, v };
}

/** As the official client answers rows: int64 is text. */
function rowIn(answered: RowData): Row {
  const { id, owner, version, tag, v } = answered;
  const numbers = Array.from(v as readonly number[], Number);
  const row = { id: Number(id), owner: Number(owner), version: Number(version) };
  return { ...row, tag: String(tag), v: numbers };
}

/** Squared, as Milvus scores it; exact, since all values are small integers. */
function distance(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, i) => sum + (value - (right[i] ?? 0)) ** 2, 0);
}

class Check {
  readonly faults: string[] = [];
  readonly callsOf: Record<string, number> = {};

  count(name: string): void {
    this.callsOf[name] = (this.callsOf[name] ?? 0) + 1;
  }

  same(what: string, actual: unknown, expected: unknown): void {
    const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (found !== wanted) this.fault(`${what}: ${found} instead of ${wanted}`);
  }

  fault(text: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push(text.slice(0, 2000));
  }
}

type Act = (client: OneClient) => Promise<void>;

/** One client and what it knows. */
class OneClient {
  readonly #number: number;
  readonly #sdk: MilvusClient;
  readonly #random: SeededRandom;
  readonly #check: Check;
  readonly #own = new Map<number, Row>();
  #version = 0;

  constructor(number: number, address: string, { seed, check }: { seed: number; check: Check }) {
    this.#number = number;
    this.#sdk = new MilvusClient({ address, timeout: TIMEOUT_MS });
    this.#random = new SeededRandom(seed * 1000 + number);
    this.#check = check;
  }

  get rows(): readonly Row[] {
    return [...this.#own.values()];
  }

  async live(untilMs: number): Promise<void> {
    const acts = Object.entries(ACTS);
    while (performance.now() < untilMs && this.#check.faults.length === 0) {
      const [name, act] = this.#random.pick(acts);
      try {
        await act(this);
      } catch (failure) {
        this.#check.fault(`client ${this.#number}, ${name}: ${String(failure)}`);
      }
      this.#check.count(name);
    }
    await this.#sdk.closeConnection();
  }

  /** Of the client's keys some that have rows, or some that have none. */
  #keys(haveRows: boolean | null): number[] {
    const first = this.#number * KEYS;
    const count = 1 + this.#random.integer(BATCH_MAX);
    const keys = Array.from({ length: count }, () => first + this.#random.integer(KEYS));
    return [...new Set(keys)].filter((key) => haveRows === null || this.#own.has(key) === haveRows);
  }

  #newRows(keys: readonly number[]): Row[] {
    this.#version += 1;
    return keys.map((key) => rowOf(key, this.#version));
  }

  #keep(rows: readonly Row[]): void {
    for (const row of rows) this.#own.set(row.id, row);
  }

  #inOrder(keep: (row: Row) => boolean): Row[] {
    return this.rows.filter(keep).sort((left, right) => left.id - right.id);
  }

  async insert(): Promise<void> {
    const rows = this.#newRows(this.#keys(false));
    if (rows.length === 0) return;
    const answer = await this.#sdk.insert({ collection_name: COLLECTION, data: rows.map(asData) });
    this.#said('insert', answer.status, Number(answer.insert_cnt), rows.length);
    this.#keep(rows);
  }

  async upsert(): Promise<void> {
    const rows = this.#newRows(this.#keys(null));
    const answer = await this.#sdk.upsert({ collection_name: COLLECTION, data: rows.map(asData) });
    this.#said('upsert', answer.status, Number(answer.upsert_cnt), rows.length);
    this.#keep(rows);
  }

  async deleteKeys(): Promise<void> {
    const ids = this.#keys(true);
    if (ids.length === 0) return;
    const { status } = await this.#sdk.delete({ collection_name: COLLECTION, ids });
    this.#said('delete by keys', status, 0, 0);
    for (const id of ids) this.#own.delete(id);
  }

  async deleteByFilter(): Promise<void> {
    const tag = `t${this.#random.integer(7)}`;
    const from = this.#number * KEYS + this.#random.integer(KEYS);
    const filter = `owner == ${this.#number} && tag == "${tag}" && id >= ${from}`;
    const { status } = await this.#sdk.delete({ collection_name: COLLECTION, filter });
    this.#said('delete by filter', status, 0, 0);
    for (const row of this.rows) if (row.tag === tag && row.id >= from) this.#own.delete(row.id);
  }

  async get(): Promise<void> {
    const ids = this.#keys(null);
    const answer = await this.#sdk.get({
      collection_name: COLLECTION,
      ids,
      output_fields: FIELDS,
      consistency_level: 'Strong',
    } as never);
    const rows = answer.data.map(rowIn).sort((left, right) => left.id - right.id);
    this.#check.same(
      `get ${ids.join(' ')}`,
      rows,
      this.#inOrder(({ id }) => ids.includes(id)),
    );
  }

  async query(): Promise<void> {
    const most = this.#random.integer(this.#version + 1);
    const rows = await this.#queried(`owner == ${this.#number} && version <= ${most}`);
    const expected = this.#inOrder(({ version }) => version <= most);
    this.#check.same(`client ${this.#number} up to ${most}`, rows, expected);
  }

  async count(): Promise<void> {
    const tag = `t${this.#random.integer(7)}`;
    const answer = await this.#sdk.query({
      collection_name: COLLECTION,
      filter: `owner == ${this.#number} && tag == "${tag}"`,
      output_fields: ['count(*)'],
      consistency_level: 'Strong',
    } as never);
    const counted = Number(answer.data[0]?.['count(*)']);
    this.#check.same('count', counted, this.#inOrder((row) => row.tag === tag).length);
  }

  /** Of everybody: rows may come and go meanwhile, but not twice, and not in halves. */
  async queryOthers(): Promise<void> {
    const owner = this.#random.integer(CLIENTS);
    const rows = await this.#queried(`owner == ${owner}`);
    this.#areWhole(rows);
  }

  async searchOwn(): Promise<void> {
    const [wanted] = this.#newRows([this.#number * KEYS + this.#random.integer(KEYS)]);
    const found = await this.#found(wanted?.v ?? [], `owner == ${this.#number}`);
    const expected = this.rows
      .map((row) => ({ row, score: distance(row.v, wanted?.v ?? []) }))
      .sort((left, right) => left.score - right.score || left.row.id - right.row.id)
      .slice(0, LIMIT);
    this.#check.same('search of own rows', found, expected);
  }

  async searchAll(): Promise<void> {
    const vector = rowOf(this.#random.integer(CLIENTS * KEYS), 1 + this.#random.integer(50)).v;
    const found = await this.#found(vector, '');
    this.#areWhole(found.map(({ row }) => row));
    for (const [i, { row, score }] of found.entries()) {
      this.#check.same('score', score, distance(row.v, vector));
      if (i > 0 && score < (found[i - 1]?.score ?? 0)) this.#check.fault('scores out of order');
    }
  }

  async #found(vector: readonly number[], filter: string): Promise<{ row: Row; score: number }[]> {
    const answer = await this.#sdk.search({
      collection_name: COLLECTION,
      data: [...vector],
      filter,
      limit: LIMIT,
      output_fields: FIELDS,
      consistency_level: 'Strong',
    } as never);
    this.#said('search', answer.status, 0, 0);
    const hits = answer.results as unknown as readonly (RowData & { readonly score: number })[];
    return hits.map((hit) => ({ row: rowIn(hit), score: hit.score }));
  }

  async #queried(filter: string): Promise<Row[]> {
    const answer = await this.#sdk.query({
      collection_name: COLLECTION,
      filter,
      output_fields: FIELDS,
      limit: ALL_MAX,
      consistency_level: 'Strong',
    } as never);
    this.#said('query', answer.status, 0, 0);
    return answer.data.map(rowIn).sort((left, right) => left.id - right.id);
  }

  #areWhole(rows: readonly Row[]): void {
    this.#check.same('rows come once', new Set(rows.map(({ id }) => id)).size, rows.length);
    for (const row of rows) this.#check.same('a row', row, rowOf(row.id, row.version));
    // Of its own rows a client knows more.
    for (const row of rows.filter(({ owner }) => owner === this.#number)) {
      this.#check.same('an own row', row, this.#own.get(row.id));
    }
  }

  #said(what: string, status: { reason: string; code?: number }, got: number, want: number): void {
    if ((status.code ?? 0) !== 0) this.#check.fault(`${what}: ${status.reason}`);
    this.#check.same(`${what} counts`, got, want);
  }
}

const ACTS: Readonly<Record<string, Act>> = {
  insert: async (client) => await client.insert(),
  upsert: async (client) => await client.upsert(),
  'delete by keys': async (client) => await client.deleteKeys(),
  'delete by filter': async (client) => await client.deleteByFilter(),
  get: async (client) => await client.get(),
  query: async (client) => await client.query(),
  count: async (client) => await client.count(),
  'query of others': async (client) => await client.queryOthers(),
  'search of own': async (client) => await client.searchOwn(),
  'search of all': async (client) => await client.searchAll(),
};

function asData({ id, owner, version, tag, v }: Row): RowData {
  return { id, owner, version, tag, v: [...v] };
}

/** Creates the collection, lets all clients live for so long, and compares what is left. */
export async function runClients(
  address: string,
  { seed, milliseconds }: { readonly seed: number; readonly milliseconds: number },
): Promise<Outcome> {
  const keeper = new MilvusClient({ address, timeout: TIMEOUT_MS });
  const check = new Check();
  await createCollection(keeper);
  const clients = Array.from(
    { length: CLIENTS },
    (_, number) => new OneClient(number, address, { seed, check }),
  );
  const untilMs = performance.now() + milliseconds;
  const lives = Promise.all(clients.map(async (client) => await client.live(untilMs)));
  await Promise.all([lives, keepHouse(keeper, { untilMs, check })]);
  const expected = clients.flatMap(({ rows }) => rows).sort((left, right) => left.id - right.id);
  const left = await keeper.query({
    collection_name: COLLECTION,
    filter: 'id >= 0',
    output_fields: FIELDS,
    limit: ALL_MAX,
    consistency_level: 'Strong',
  } as never);
  const rows = left.data.map(rowIn).sort((one, other) => one.id - other.id);
  check.same('all rows at the end', rows, expected);
  await keeper.closeConnection();
  const calls = Object.values(check.callsOf).reduce((sum, count) => sum + count, 0);
  return { calls, callsOf: check.callsOf, rows: rows.length, faults: check.faults };
}

async function createCollection(sdk: MilvusClient): Promise<void> {
  await sdk.createCollection({
    collection_name: COLLECTION,
    shards_num: 2,
    fields: [
      { name: 'id', data_type: 'Int64', is_primary_key: true },
      { name: 'owner', data_type: 'Int32' },
      { name: 'version', data_type: 'Int64' },
      { name: 'tag', data_type: 'VarChar', max_length: 8 },
      { name: 'v', data_type: 'FloatVector', dim: DIM },
    ],
  } as never);
  // Its hits are exact, so that a model can say which they are.
  const index = { field_name: 'v', index_type: 'FLAT', metric_type: 'L2' };
  await sdk.createIndex({ collection_name: COLLECTION, ...index });
  await sdk.loadCollectionSync({ collection_name: COLLECTION });
}

/** Rows become segments, and segments one, while all others work. */
async function keepHouse(
  sdk: MilvusClient,
  { untilMs, check }: { readonly untilMs: number; readonly check: Check },
): Promise<void> {
  for (let turn = 0; performance.now() < untilMs && check.faults.length === 0; turn++) {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, Math.min(KEEP_MS, Math.max(0, untilMs - performance.now())));
    });
    const name = turn % 2 === 0 ? 'flush' : 'compact';
    try {
      if (turn % 2 === 0) await sdk.flushSync({ collection_names: [COLLECTION] });
      else await sdk.compact({ collection_name: COLLECTION });
    } catch (failure) {
      check.fault(`${name}: ${String(failure)}`);
    }
    check.count(name);
  }
}
