/**
 * `mlite demo`: 5,000 real rows with their embeddings are stored, made durable and asked questions, and
 * the lines of code that do it are shown.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineSchema, type Hit } from '../api/schema.ts';
import type { Collection } from '../api/collection.ts';
import { f } from '../api/fields.ts';
import { MilvusLite } from '../api/milvus-lite.ts';
import {
  EMBEDDING_DIM,
  questionNamed,
  type Question,
  readPackages,
  readQuestions,
} from './demo-data.ts';
import { CommandFailure, EXIT_CODES } from './failure.ts';
import { formatBytes, formatCount, formatDuration, wrapText } from './format.ts';
import type { Terminal } from './terminal.ts';

const BATCH_ROWS = 500;
const HITS = 3;
const COLLECTION = 'packages';
const TEXT_WIDTH = 88;

/** The program that the demo is, as one would write it. A test runs it. */
export const DEMO_CODE = `import { MilvusLite, f } from 'milvus-lite';

const db = await MilvusLite.open('./demo.db');
const packages = await db.collection('packages', {
  schema: {
    id: f.int64({ primary: true }),
    name: f.varChar({ maxLength: 100 }),
    section: f.varChar({ maxLength: 50 }),
    installed_kb: f.int64(),
    embedding: f.floatVector(384, { metric: 'COSINE' }),
  },
  dynamic: true, // everything else a row has is stored too
});
await packages.insert(rows); // durable when it returns
const hits = await packages.search({
  data: question,
  filter: 'section == "games" and installed_kb < 20000',
  limit: 3,
  outputFields: ['name', 'section'],
});
for (const hit of hits) console.log(hit.score.toFixed(3), hit.fields.name);
await db.close();`;

const packageSchema = defineSchema({
  id: f.int64({ primary: true }),
  name: f.varChar({ maxLength: 100 }),
  about: f.varChar({ maxLength: 2000 }),
  section: f.varChar({ maxLength: 50 }),
  priority: f.varChar({ maxLength: 20 }),
  installed_kb: f.int64(),
  homepage: f.varChar({ maxLength: 500, nullable: true }),
  tags: f.array(f.varChar({ maxLength: 100 }), { maxCapacity: 64 }),
  depends: f.int32(),
  embedding: f.floatVector(EMBEDDING_DIM, { metric: 'COSINE' }),
});

type PackageSchema = typeof packageSchema;

const OUTPUT_FIELDS = ['name', 'about', 'section', 'installed_kb'] as const;

type PackageHit = Hit<PackageSchema, (typeof OUTPUT_FIELDS)[number]>;

/** The shipped questions that are asked, and the filters they are asked with. */
const ASKED: ReadonlyArray<{ readonly question: string; readonly filter: string | null }> = [
  { question: 'play chess against the computer', filter: null },
  {
    question: 'play chess against the computer',
    filter: 'section == "games" and installed_kb < 20000',
  },
  { question: 'learn to type faster', filter: null },
  { question: 'astronomy planetarium', filter: 'depends <= 20 and homepage is not null' },
  { question: 'convert audio to mp3', filter: 'section in ["sound", "video"]' },
];

export interface DemoAnswer {
  readonly question: string;
  readonly filter: string | null;
  readonly tookMs: number;
  readonly hits: ReadonlyArray<{
    readonly id: bigint;
    readonly score: number;
    readonly name: string;
    readonly section: string;
    readonly installedKb: bigint;
    readonly about: string;
  }>;
}

export interface DemoReport {
  readonly path: string;
  /** False for a temporary directory, which is gone by now. */
  readonly isKept: boolean;
  readonly rowCount: number;
  readonly dim: number;
  /** Rows were there from an earlier run. */
  readonly isReused: boolean;
  readonly openMs: number;
  readonly insertMs: number;
  readonly flushMs: number;
  readonly segmentBytes: number;
  readonly segmentCount: number;
  readonly answers: readonly DemoAnswer[];
  readonly totalMs: number;
  readonly code: string;
}

export interface DemoOptions {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Null: a temporary directory, removed at the end. */
  readonly directory: string | null;
}

export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const { terminal, signal, directory } = options;
  const isKept = directory !== null;
  const parent = isKept ? null : await mkdtemp(join(tmpdir(), 'mlite-demo-'));
  const path = directory ?? join(parent ?? '', 'demo.db');
  try {
    const report = await storeAndAsk({ terminal, signal, path, isKept });
    terminal.json(report);
    printFarewell(terminal, report);
    return report;
  } finally {
    terminal.clearProgress();
    if (parent !== null) await rm(parent, { recursive: true, force: true });
  }
}

async function storeAndAsk(options: {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly path: string;
  readonly isKept: boolean;
}): Promise<DemoReport> {
  const { terminal, signal, path, isKept } = options;
  const startMs = performance.now();
  terminal.progress('reading 5,000 packages …');
  const rows = await readPackages();
  const questions = await readQuestions();
  terminal.line(
    `${terminal.style('bold', `${formatCount(rows.length)} packages`)} of a Linux distribution, each with an ` +
      `embedding of ${EMBEDDING_DIM} dimensions`,
  );
  terminal.line();
  const [db, openMs] = await timed(() => MilvusLite.open(path, { signal }));
  try {
    const packages = await db.collection(COLLECTION, { schema: packageSchema, signal });
    printStep(terminal, 'opened', openMs, path);
    const isReused = await holdsRows(packages, rows.length, path);
    const [, insertMs] = await timed(() => (isReused ? null : insertAll(packages, rows, options)));
    printInserted(terminal, { isReused, insertMs, rowCount: rows.length });
    const [, flushMs] = await timed(() => packages.flush({ signal }));
    const segments = await packages.segments({ signal });
    const segmentBytes = segments.reduce((sum, segment) => sum + segment.byteLength, 0);
    printStep(terminal, 'flushed', flushMs, `${formatBytes(segmentBytes)} in segments`);

    const answers: DemoAnswer[] = [];
    for (const { question, filter } of ASKED) {
      const answer = await ask(packages, questionNamed(questions, question), filter, signal);
      printAnswer(terminal, answer);
      answers.push(answer);
    }
    return {
      path,
      isKept,
      rowCount: rows.length,
      dim: EMBEDDING_DIM,
      isReused,
      openMs,
      insertMs,
      flushMs,
      segmentBytes,
      segmentCount: segments.length,
      answers,
      totalMs: performance.now() - startMs,
      code: DEMO_CODE,
    };
  } finally {
    await db.close();
  }
}

/** Whether an earlier run stored the rows. @throws CommandFailure when they are not all there */
async function holdsRows(
  packages: Collection<PackageSchema>,
  rowCount: number,
  path: string,
): Promise<boolean> {
  const count = await packages.count();
  if (count === 0 || count === rowCount) return count > 0;
  throw new CommandFailure(
    EXIT_CODES.failure,
    `the collection ${COLLECTION} holds ${formatCount(count)} rows, not the demo's ${formatCount(rowCount)}`,
    `choose a new directory with --dir, or look at this one: mlite inspect ${path}`,
  );
}

async function insertAll(
  packages: Collection<PackageSchema>,
  rows: Awaited<ReturnType<typeof readPackages>>,
  options: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH_ROWS) {
    await packages.insert(rows.slice(start, start + BATCH_ROWS), { signal: options.signal });
    options.terminal.progress(`inserted ${formatCount(start + BATCH_ROWS)} rows …`);
  }
}

async function ask(
  packages: Collection<PackageSchema>,
  question: Question,
  filter: string | null,
  signal: AbortSignal,
): Promise<DemoAnswer> {
  const [hits, tookMs] = await timed<PackageHit[]>(() =>
    packages.search({
      data: question.embedding,
      limit: HITS,
      outputFields: OUTPUT_FIELDS,
      signal,
      ...(filter === null ? {} : { filter }),
    }),
  );
  return {
    question: question.text,
    filter,
    tookMs,
    hits: hits.map(({ id, score, fields }) => ({
      id,
      score,
      name: fields.name,
      section: fields.section,
      installedKb: fields.installed_kb,
      about: fields.about,
    })),
  };
}

function printStep(terminal: Terminal, verb: string, tookMs: number, detail: string): void {
  const time = terminal.style('dim', formatDuration(tookMs).padStart(8));
  terminal.line(`  ${terminal.style('green', verb.padEnd(9))} ${time}  ${detail}`);
}

function printInserted(
  terminal: Terminal,
  inserted: { readonly isReused: boolean; readonly insertMs: number; readonly rowCount: number },
): void {
  const { isReused, insertMs, rowCount } = inserted;
  if (isReused) {
    printStep(terminal, 'found', 0, `${formatCount(rowCount)} rows of an earlier run`);
    return;
  }
  const batches = Math.ceil(rowCount / BATCH_ROWS);
  const rate = formatCount(Math.round((rowCount / insertMs) * 1000));
  const detail = `${formatCount(rowCount)} rows in ${batches} batches (${rate} rows/s), each on disk when it returns`;
  printStep(terminal, 'inserted', insertMs, detail);
}

function printAnswer(terminal: Terminal, answer: DemoAnswer): void {
  terminal.line();
  const time = terminal.style('dim', formatDuration(answer.tookMs));
  terminal.line(`${terminal.style('bold', `“${answer.question}”`)}  ${time}`);
  if (answer.filter !== null) terminal.line(`  where ${terminal.style('yellow', answer.filter)}`);
  for (const hit of answer.hits) {
    const size = formatBytes(Number(hit.installedKb) * 1024);
    const facts = terminal.style('dim', `${hit.section}, ${size}`);
    terminal.line(`  ${hit.score.toFixed(3)}  ${terminal.style('cyan', hit.name)}  ${facts}`);
    for (const line of wrapText(hit.about, TEXT_WIDTH)) terminal.line(`         ${line}`);
  }
  if (answer.hits.length === 0) terminal.line('  nothing matches');
}

function printFarewell(terminal: Terminal, report: DemoReport): void {
  terminal.line();
  terminal.line(terminal.style('bold', 'The code that does this:'));
  terminal.line();
  for (const line of report.code.split('\n')) terminal.line(line === '' ? '' : `  ${line}`);
  terminal.line();
  terminal.line(`All of it took ${formatDuration(report.totalMs)}.`);
  terminal.line(
    report.isKept
      ? `The database is in ${report.path}: mlite inspect ${report.path}`
      : 'Keep the database with --dir <path>; pull the plug on it with: mlite demo --crash',
  );
}

async function timed<Result>(work: () => Promise<Result> | Result): Promise<[Result, number]> {
  const startMs = performance.now();
  const result = await work();
  return [result, performance.now() - startMs];
}
