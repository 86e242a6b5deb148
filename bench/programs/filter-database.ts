/**
 * What an application asks of a collection with a million rows, from the call to the answer, as
 * bench/trials/filter-database.ts names it: counts by filters, groups, searches by filters; and what SQLite says.
 */
import { DatabaseSync } from 'node:sqlite';
import { loadPackage } from '../package.ts';
import { peakRssMB, report, settings } from '../processes.ts';

interface Question {
  readonly kind: 'count' | 'group' | 'search';
  /** A `$` stands for the number of the round: a filter that comes again is not evaluated again. */
  readonly filter: string;
  readonly by?: string;
  readonly sql?: string;
}

interface Told {
  readonly path: string;
  readonly rows: number;
  readonly dim: number;
  readonly rounds: number;
  readonly questions: readonly Question[];
  readonly indexed: readonly number[];
  readonly listLength: number;
}

interface Timed {
  readonly ms: readonly number[];
  readonly count: number;
}

const { path, rows, dim, rounds, questions, indexed, listLength } = settings() as Told;
const BATCH_ROWS = 20_000;
const MODULUS = 1_000_003;
const CATEGORIES = 50;
const keyOf = (row: number): number => (row * 7919) % MODULUS;
const coordinate = (row: number, at: number): number => ((row * 31 + at * 17) % 1009) / 1009;

const { MilvusLite, f } = await loadPackage();
const db = await MilvusLite.open(path);
const collection = await db.collection('rows', {
  schema: {
    id: f.int64({ primary: true }),
    i: f.int64(),
    n: f.int32(),
    d: f.double(),
    s: f.varChar({ maxLength: 20 }),
    c: f.varChar({ maxLength: 20 }),
    v: f.floatVector(dim, { metric: 'L2' }),
  },
});
for (let start = 0; start < rows; start += BATCH_ROWS) {
  const count = Math.min(BATCH_ROWS, rows - start);
  await collection.insert(
    Array.from({ length: count }, (_, at) => {
      const row = start + at;
      return {
        id: row,
        i: keyOf(row) * 1000,
        n: (row * 31) % 1000,
        d: keyOf(row) / 1000,
        s: `item-${keyOf(row)}`,
        c: `category ${row % CATEGORIES}`,
        v: Float32Array.from({ length: dim }, (__, k) => coordinate(row, k)),
      };
    }),
  );
}
await collection.flush();
await collection.compact();

const database = new DatabaseSync(':memory:');
database.exec(`
  create table rows (i integer not null, n integer not null, d real not null, s text not null, c text not null);
  insert into rows
    with recursive c(k) as (select 0 union all select k + 1 from c where k + 1 < ${rows})
    select (k * 7919 % ${MODULUS}) * 1000, k * 31 % 1000, (k * 7919 % ${MODULUS}) / 1000.0,
      'item-' || (k * 7919 % ${MODULUS}), 'category ' || (k % ${CATEGORIES}) from c;
  pragma case_sensitive_like = 1;
`);

async function timed(work: (round: number) => Promise<number> | number): Promise<Timed> {
  const ms: number[] = [];
  let count = 0;
  for (let round = 0; round <= rounds; round++) {
    const startMs = performance.now();
    count = await work(round);
    // The first one reads and compiles what the others use.
    if (round > 0) ms.push(performance.now() - startMs);
  }
  return { ms, count };
}

async function ask({ kind, filter, by = '' }: Question, round: number): Promise<number> {
  const text = filter.replaceAll('$', String(round));
  const where = text === '' ? {} : { filter: text };
  if (kind === 'count') return await collection.count(where);
  if (kind === 'group') {
    const show = [by, 'count(*)', 'avg(d)'];
    const groups = await collection.aggregates.query({ ...where, groupBy: [by], show });
    return groups.length;
  }
  const data = Float32Array.from({ length: dim }, (_, k) => coordinate(round * 13, k));
  const hits = await collection.search({ ...where, data, limit: 10 });
  return hits.length;
}

function askSqlite(sql: string, round: number): number {
  const found = database.prepare(sql.replaceAll('$', String(round))).all();
  return sql.includes('group by') ? found.length : Number(found[0]?.['count']);
}

async function inList(round: number): Promise<number> {
  const values = BigInt64Array.from(
    { length: listLength },
    (_, at) => BigInt(keyOf(at * 3)) * 1000n + BigInt((at + round) & 1),
  );
  return await collection.count({ filter: 'i in {values}', params: { values } });
}

const scanned: Array<{ ours: Timed; sqlite: Timed | null }> = [];
for (const question of questions) {
  const ours = await timed((round) => ask(question, round));
  const { sql } = question;
  const sqlite = sql === undefined ? null : await timed((round) => askSqlite(sql, round));
  scanned.push({ ours, sqlite });
}
const list = await timed(inList);
const INDEXES = [
  ['i', { type: 'STL_SORT' }],
  ['c', { type: 'BITMAP' }],
  ['s', { type: 'NGRAM', min_gram: 2, max_gram: 3 }],
] as const;
for (const [field, options] of INDEXES) {
  await collection.indexes.create(field, { ...options, name: `by_${field}` });
  await collection.waitForIndex(`by_${field}`, { timeoutMs: 600_000 });
}
const byIndex: Timed[] = [];
for (const at of indexed)
  byIndex.push(await timed((round) => ask(questions[at]!, rounds + round + 1)));
await db.close();
report({ scanned, list, byIndex, rssMB: peakRssMB() });
