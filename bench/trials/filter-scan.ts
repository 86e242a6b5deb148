/** What filters over a million rows cost, from their text to the number of rows, beside SQLite and DuckDB. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded, type Target } from '../result.ts';
import { median } from '../statistics.ts';

const ROWS = 1_000_000;
const ROUNDS = 9;
const LISTS = [10_000, 1_000_000];
/** Bytes of a value of the column that is compared, where all of them are read. */
const QUESTIONS = [
  { filter: 'i > 500000000', sql: 'i > 500000000', bytes: 8 },
  { filter: 'i == 7919000', sql: 'i = 7919000', bytes: 8 },
  { filter: '100000 < i < 900000000', sql: 'i > 100000 and i < 900000000', bytes: 8 },
  { filter: 'n > 500', sql: 'n > 500', bytes: 4 },
  { filter: 'd > 500.5', sql: 'd > 500.5', bytes: 8 },
  { filter: 'n > 500 and d < 250.0', sql: 'n > 500 and d < 250.0', bytes: 12 },
  { filter: 'i % 7 == 3', sql: 'i % 7 = 3', bytes: 8 },
  { filter: '(n & 4) == 4', sql: '(n & 4) = 4', bytes: 4 },
  { filter: 's == "item-7919"', sql: "s = 'item-7919'", bytes: 15 },
  { filter: 's like "item-79%"', sql: "s like 'item-79%'", bytes: 15 },
  { filter: 's like "%791%"', sql: "s like '%791%'", bytes: 15 },
  {
    filter: 's =~ "79[0-9]1$"',
    sql: "s glob '*79[0-9]1'",
    duckdb: "regexp_matches(s, '79[0-9]1$')",
    bytes: 15,
  },
];

interface Timed {
  readonly ms: readonly number[];
  readonly count: number;
}

interface Found {
  readonly questions: ReadonlyArray<{ readonly ours: Timed; readonly sqlite: Timed }>;
  readonly lists: ReadonlyArray<{
    readonly fromArray: Timed;
    readonly fromText: Timed;
    readonly sqlite: Timed;
  }>;
  readonly rssMB: number;
}

interface Peer {
  readonly version: string;
  readonly questions: readonly Timed[];
  readonly lists: readonly Timed[];
}

export async function filterScan(): Promise<Findings> {
  const questions = QUESTIONS.map(({ filter, sql, duckdb = sql }) => ({ filter, sql, duckdb }));
  const told = { rows: ROWS, rounds: ROUNDS, questions, lists: LISTS };
  const found = await run<Found>(program('filter-scan.ts', told));
  const peer = await askDuckdb(told);
  const figures: Figure[] = [];
  const targets: Target[] = [];
  for (const [at, { filter, bytes }] of QUESTIONS.entries()) {
    const { ours, sqlite } = found.questions[at]!;
    checkCount(filter, ours, sqlite, peer?.questions[at]);
    figures.push(figure(filter, 'ms', ours.ms, found.rssMB));
    figures.push(
      figure(
        `${filter}: bytes read`,
        'GB/s',
        ours.ms.map((ms) => (ROWS * bytes) / ms / 1e6),
      ),
    );
    figures.push(figure(`${filter}: SQLite`, 'ms', sqlite.ms));
    if (peer === null) continue;
    const other = peer.questions[at]!;
    figures.push(figure(`${filter}: DuckDB`, 'ms', other.ms));
    targets.push(besideDuckdb(filter, ours, other));
  }
  for (const [at, length] of LISTS.entries()) {
    const { fromArray, fromText, sqlite } = found.lists[at]!;
    const what = `in ${length} values`;
    checkCount(what, fromArray, fromText, sqlite, peer?.lists[at]);
    figures.push(figure(`${what}: from an array`, 'ms', fromArray.ms));
    figures.push(figure(`${what}: from text`, 'ms', fromText.ms));
    figures.push(figure(`${what}: SQLite, from a table`, 'ms', sqlite.ms));
    if (peer === null) continue;
    const other = peer.lists[at]!;
    figures.push(figure(`${what}: DuckDB, from a table`, 'ms', other.ms));
    targets.push(besideDuckdb(`${what}, from an array`, fromArray, other));
  }
  const { fromArray, fromText } = found.lists.at(-1)!;
  targets.push(atMost('a million values from an array', fromArray.ms, 200));
  targets.push(atMost('a million values from text', fromText.ms, 1000));
  const versions = peer === null ? {} : { duckdb: peer.version };
  return { parameters: { rows: ROWS, rounds: ROUNDS, ...versions }, figures, targets };
}

function besideDuckdb(what: string, ours: Timed, peer: Timed): Target {
  const value = rounded(median(ours.ms) / median(peer.ms));
  return { what: `${what}: of DuckDB's time`, value, bound: 2, rule: 'at most', unit: 'x' };
}

function atMost(what: string, ms: readonly number[], bound: number): Target {
  return { what, value: rounded(median(ms)), bound, rule: 'at most', unit: 'ms' };
}

/** @throws Error when engines that were asked the same do not say the same */
function checkCount(what: string, ...all: ReadonlyArray<Timed | undefined>): void {
  const counts = new Set(all.flatMap((each) => (each === undefined ? [] : [each.count])));
  if (counts.size > 1) throw new Error(`${what}: ${[...counts].join(', ')} rows`);
}

/** Null where it is not installed; bench/PEERS.md says how. */
async function askDuckdb(told: object): Promise<Peer | null> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const python = join(cache, 'milvus-lite', 'duckdb-peer', 'bin', 'python');
  if (!existsSync(python)) return null;
  const file = join(import.meta.dirname, '..', 'peers', 'filter_duckdb.py');
  return await run<Peer>({ command: python, arguments: [file, JSON.stringify(told)] });
}
