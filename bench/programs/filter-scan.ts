/**
 * Filters over a million rows, from their text to the number of rows that match, as bench/trials/filter-scan.ts
 * names them; and the same questions to SQLite. Columns are worked out from the row's number, so that every
 * engine has the same.
 */
import { DatabaseSync } from 'node:sqlite';
import { compileLongFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { prepareTables } from '../../src/query/prepare.ts';
import type { ParameterValues } from '../../src/query/template.ts';
import type { InPieces } from '../../src/query/value-set.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { fieldNamed } from '../../src/schema/fields.ts';
import { peakRssMB, report, settings } from '../processes.ts';

interface Told {
  readonly rows: number;
  readonly rounds: number;
  readonly questions: ReadonlyArray<{ readonly filter: string; readonly sql: string }>;
  readonly lists: readonly number[];
}

const told = settings() as Told;
const { rows, rounds } = told;
const MODULUS = 1_000_003;
const keyOf = (row: number): number => (row * 7919) % MODULUS;

const schema = buildSchema({
  name: 'rows',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'i', type: 'Int64' },
    { name: 'n', type: 'Int32' },
    { name: 'd', type: 'Double' },
    { name: 's', type: 'VarChar', maxLength: 20 },
    { name: 'v', type: 'FloatVector', dim: 2 },
  ],
});
const columns = new Map<number, Column>();
const setColumn = (name: string, column: Column): void => {
  columns.set(fieldNamed(schema, name).id, column);
};
const fixed = (type: DataType, values: BigInt64Array | Int32Array | Float64Array): Column => ({
  kind: 'fixed',
  type,
  values,
  validity: null,
});

const large = new BigInt64Array(new SharedArrayBuffer(rows * 8));
for (let row = 0; row < rows; row++) large[row] = BigInt(keyOf(row)) * 1000n;
setColumn('i', fixed(DataType.Int64, large));
const small = Int32Array.from({ length: rows }, (_, row) => (row * 31) % 1000);
setColumn('n', fixed(DataType.Int32, small));
const doubles = Float64Array.from({ length: rows }, (_, row) => keyOf(row) / 1000);
setColumn('d', fixed(DataType.Double, doubles));
const bytes = Buffer.from(Array.from({ length: rows }, (_, row) => `item-${keyOf(row)}`).join(''));
const offsets = new Uint32Array(rows + 1);
for (let row = 0; row < rows; row++) {
  offsets[row + 1] = offsets[row]! + 5 + String(keyOf(row)).length;
}
setColumn('s', { kind: 'bytes', type: DataType.VarChar, offsets, bytes, validity: null });

const source = {
  rowCount: rows,
  column(fieldId: number): Column {
    const column = columns.get(fieldId);
    if (column === undefined) throw new Error(`no column ${fieldId}`);
    return column;
  },
};
const atOnce: InPieces = async (count, work) => work(0, count);

async function ask(text: string, parameters: ParameterValues = {}): Promise<number> {
  const filter = await compileLongFilter(text, schema, {
    parameters,
    timeZone: 'UTC',
    inPieces: atOnce,
  });
  await prepareTables(filter, atOnce);
  return evaluateFilter(filter, source).count();
}

interface Timed {
  readonly ms: number[];
  readonly count: number;
}

async function timed(work: () => Promise<number> | number): Promise<Timed> {
  const ms: number[] = [];
  let count = 0;
  for (let round = -1; round < rounds; round++) {
    const startMs = performance.now();
    count = await work();
    // The first one compiles what it runs.
    if (round >= 0) ms.push(performance.now() - startMs);
  }
  return { ms, count };
}

const database = new DatabaseSync(':memory:');
database.exec(`
  create table rows (i integer not null, n integer not null, d real not null, s text not null);
  insert into rows
    with recursive c(k) as (select 0 union all select k + 1 from c where k + 1 < ${rows})
    select (k * 7919 % ${MODULUS}) * 1000, k * 31 % 1000, (k * 7919 % ${MODULUS}) / 1000.0,
      'item-' || (k * 7919 % ${MODULUS}) from c;
  pragma case_sensitive_like = 1;
`);

function askSqlite(sql: string): number {
  const [row] = database.prepare(`select count(*) as count from rows where ${sql}`).all();
  return Number(row?.['count']);
}

const questions = [];
for (const { filter, sql } of told.questions) {
  const ours = await timed(() => ask(filter));
  const sqlite = await timed(() => askSqlite(sql));
  questions.push({ ours, sqlite });
}
const lists = [];
for (const length of told.lists) {
  // Every second value is there.
  const values = BigInt64Array.from(
    { length },
    (_, at) => BigInt(keyOf(at * 3)) * 1000n + BigInt(at & 1),
  );
  const text = `i in [${values.join(',')}]`;
  const fromArray = await timed(() => ask('i in {values}', { values }));
  const fromText = await timed(() => ask(text));
  database.exec('create temp table list (value integer primary key)');
  database.exec(`insert or ignore into list with recursive c(k) as (select 0 union all
    select k + 1 from c where k + 1 < ${length})
    select (k * 3 * 7919 % ${MODULUS}) * 1000 + (k & 1) from c`);
  const sqlite = await timed(() => askSqlite('i in (select value from list)'));
  database.exec('drop table list');
  lists.push({ fromArray, fromText, sqlite });
}
report({ questions, lists, rssMB: peakRssMB() });
