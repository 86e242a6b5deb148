/**
 * What an application asks of a collection with a million rows by filters, from the call to the answer, beside
 * SQLite, DuckDB and PyPI milvus-lite with the same rows.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { median } from '../statistics.ts';

const DIM = 8;
const ROUNDS = 9;
/** Python milvus-lite takes seconds a question. */
const PYTHON_ROUNDS = 2;
const LIST_LENGTH = 10_000;
/** Times that Python milvus-lite takes at least of ours, and that ours takes at most of DuckDB's. */
const PYTHON_TIMES = 10;
const DUCKDB_TIMES = 2;
/** Answers below this are as fast as anybody asks for; and the call itself is not of the scan. */
const LEAST_MS = 1;

interface Question {
  readonly what: string;
  readonly kind: 'count' | 'group' | 'search';
  /** A `$` stands for the number of the round. */
  readonly filter: string;
  readonly by?: string;
  readonly sql?: string;
  /** Whether it is asked by an index again. */
  readonly isIndexed?: boolean;
}

const count = (what: string, filter: string, where: string, isIndexed = false): Question => ({
  ...{ what: `count, ${what}`, kind: 'count', filter, isIndexed },
  sql: `select count(*) as count from rows${where === '' ? '' : ` where ${where}`}`,
});
const group = (by: string, filter: string, where: string): Question => ({
  ...{ what: `by ${by}${filter === '' ? '' : ', filtered'}`, kind: 'group', filter, by },
  sql: `select ${by}, count(*), avg(d) from rows${where} group by ${by}`,
});

const QUESTIONS: readonly Question[] = [
  count('all', '', ''),
  count('int64 >', 'i > 50000000$', 'i > 50000000$'),
  count('int64 ==', 'i == $000', 'i = $000', true),
  count('remainder', 'i % 7 == $', 'i % 7 = $'),
  count('int32 and double', 'n > 50$ and d < 250.0', 'n > 50$ and d < 250.0'),
  count('VarChar ==', 'c == "category 1$"', "c = 'category 1$'", true),
  count('like prefix', 's like "item-79$%"', "s like 'item-79$%'"),
  count('like part', 's like "%79$1%"', "s like '%79$1%'", true),
  group('n', '', ''),
  group('c', '', ''),
  group('c', 'i > 50000000$', ' where i > 50000000$'),
  { what: 'search, half match', kind: 'search', filter: 'n < 50$' },
  { what: 'search, 1 % match', kind: 'search', filter: 'n >= 50$ and n < 51$' },
];

interface Timed {
  readonly ms: readonly number[];
  readonly count: number;
}

interface Found {
  readonly scanned: ReadonlyArray<{ readonly ours: Timed; readonly sqlite: Timed | null }>;
  readonly list: Timed;
  readonly byIndex: readonly Timed[];
  readonly rssMB: number;
}

interface Python {
  readonly questions: ReadonlyArray<Timed | null>;
  readonly list: Timed | null;
}

interface Duckdb {
  readonly version: string;
  readonly statements: readonly Timed[];
}

/** One question, and who answered it in which time. */
interface Line {
  readonly what: string;
  readonly ours: Timed;
  readonly byIndex?: Timed | undefined;
  readonly sqlite?: Timed | null;
  readonly duckdb?: Timed | undefined;
  readonly python?: Timed | null | undefined;
}

export async function filterDatabase(rows: number): Promise<Findings> {
  return await inDirectory(async (directory) => {
    const indexed = QUESTIONS.flatMap(({ isIndexed }, at) => (isIndexed === true ? [at] : []));
    const told = { rows, dim: DIM, rounds: ROUNDS, listLength: LIST_LENGTH, questions: QUESTIONS };
    const ours = { ...told, path: join(directory, 'ours.db'), indexed };
    const found = await run<Found>(program('filter-database.ts', ours));
    const duckdb = await askDuckdb(rows);
    const python = await askPeer<Python>('python-peer', 'filter_milvus_lite.py', {
      ...told,
      rounds: PYTHON_ROUNDS,
      path: join(directory, 'python.db'),
    });
    const withSql = QUESTIONS.filter(({ sql }) => sql !== undefined);
    const lines: Line[] = QUESTIONS.map((question, at) => ({
      what: question.what,
      ...found.scanned[at]!,
      byIndex: found.byIndex[indexed.indexOf(at)],
      duckdb: duckdb?.statements[withSql.indexOf(question)],
      python: python?.questions[at],
    }));
    lines.push({ what: 'in 10,000 values', ours: found.list, python: python?.list });
    const versions = duckdb === null ? {} : { duckdb: duckdb.version };
    return {
      parameters: { rows, dimension: DIM, rounds: ROUNDS, ...versions },
      figures: lines.flatMap((line) => figuresOf(line, found.rssMB)),
      targets: lines.flatMap(targetsOf),
    };
  });
}

function figuresOf({ what, ours, byIndex, sqlite, duckdb, python }: Line, rssMB: number): Figure[] {
  // Another number of rounds asks for other rows in the last of them.
  const counts = new Set([ours, sqlite, duckdb].flatMap((one) => one?.count ?? []));
  if (counts.size > 1) throw new Error(`${what}: ${[...counts].join(', ')} rows`);
  const figures = [figure(what, 'ms', ours.ms, rssMB)];
  const others = {
    'by an index': byIndex,
    SQLite: sqlite,
    DuckDB: duckdb,
    'milvus-lite 3.2': python,
  };
  for (const [name, timed] of Object.entries(others)) {
    if (timed !== undefined && timed !== null)
      figures.push(figure(`${what}: ${name}`, 'ms', timed.ms));
  }
  return figures;
}

function targetsOf({ what, ours, duckdb, python }: Line): Target[] {
  const targets: Target[] = [];
  const ms = Math.max(LEAST_MS, median(ours.ms));
  if (duckdb !== undefined) {
    const value = rounded(ms / Math.max(LEAST_MS, median(duckdb.ms)));
    const bound = DUCKDB_TIMES;
    targets.push({ what: `${what}: of DuckDB's time`, value, bound, rule: 'at most', unit: 'x' });
  }
  if (python !== undefined && python !== null) {
    const value = rounded(median(python.ms) / median(ours.ms));
    const bound = PYTHON_TIMES;
    targets.push({
      what: `${what}: milvus-lite's time`,
      value,
      bound,
      rule: 'at least',
      unit: 'x',
    });
  }
  return targets;
}

async function askDuckdb(rows: number): Promise<Duckdb | null> {
  const statements = QUESTIONS.flatMap(({ sql }) => (sql === undefined ? [] : [sql]));
  const told = { rows, rounds: ROUNDS, questions: [], lists: [], statements };
  return await askPeer<Duckdb>('duckdb-peer', 'filter_duckdb.py', told);
}

/** Null where it is not installed; bench/README.md says how. */
async function askPeer<Answer>(
  environment: string,
  script: string,
  told: object,
): Promise<Answer | null> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const python = join(cache, 'milvus-lite', environment, 'bin', 'python');
  if (!existsSync(python)) return null;
  const file = join(import.meta.dirname, '..', 'peers', script);
  return await run<Answer>({ command: python, arguments: [file, JSON.stringify(told)] });
}
