/**
 * `mlite demo --crash`: a writing process is killed (SIGKILL) in the middle of an insert; then the
 * database is opened again and compared, row by row and value by value, with the journal of what was
 * acknowledged. Every acknowledged row must be there, and every other batch whole or not at all.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MilvusLite } from '../api/milvus-lite.ts';
import { batchOf, CRASH_BATCH_ROWS, CrashEvents, isAsWritten } from './crash-events.ts';
import { CommandFailure, EXIT_CODES } from './failure.ts';
import { formatCount, formatDuration, formatNumber } from './format.ts';
import type { Terminal } from './terminal.ts';

/** Batches that are acknowledged before the kill: at least so many, and up to as many again. */
const KILL_AFTER_BATCHES = 30;
/** Milliseconds into an insert at which the kill may come. */
const KILL_DELAY_MS_MAX = 3;

/** What was asked of the database, as the parent heard it. */
interface Journal {
  readonly started: Set<number>;
  readonly acknowledged: Set<number>;
}

/** What is there afterwards, against the journal. */
export interface CrashComparison {
  readonly acknowledgedBatches: number;
  readonly acknowledgedRows: number;
  /** Rows of acknowledged batches that are not there. Must be 0. */
  readonly lostRows: number;
  /** Batches that were under way when the process was killed. */
  readonly openBatches: number;
  readonly openBatchesWhole: number;
  readonly openBatchesAbsent: number;
  /** Batches of which only a part is there. Must be 0. */
  readonly tornBatches: number;
  /** Rows that nobody wrote. Must be 0. */
  readonly strangeRows: number;
  /** Rows with a value that nobody wrote. Must be 0. */
  readonly wrongRows: number;
  readonly comparedRows: number;
}

export interface CrashReport extends CrashComparison {
  readonly path: string;
  readonly rounds: number;
  readonly batchRows: number;
  /** Replayed from the log and cut from its torn end by the last opening. */
  readonly replayedRecords: number;
  readonly cutBytes: number;
  readonly reopenMs: number;
  readonly isIntact: boolean;
}

export interface CrashDemoOptions {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Null: a temporary directory, removed at the end. */
  readonly directory: string | null;
  /** How often to kill; all rounds write to the same database. */
  readonly rounds: number;
}

export async function runCrashDemo(options: CrashDemoOptions): Promise<CrashReport> {
  const { terminal, directory, rounds, signal } = options;
  const parent = directory === null ? await mkdtemp(join(tmpdir(), 'mlite-crash-')) : null;
  const path = directory ?? join(parent ?? '', 'crash.db');
  const journal: Journal = { started: new Set(), acknowledged: new Set() };
  try {
    await requireNoRows(path);
    let report: CrashReport | null = null;
    for (let round = 1; round <= rounds; round++) {
      signal.throwIfAborted();
      const killed = await writeUntilKilled(path, journal, options);
      printKill(terminal, killed, round);
      report = await reopenAndCompare(path, journal, round);
      printComparison(terminal, report);
      if (!report.isIntact) break;
    }
    if (report === null) throw new TypeError('a crash demo has at least one round');
    terminal.json(report);
    printVerdict(terminal, report);
    return report;
  } finally {
    terminal.clearProgress();
    if (parent !== null) await rm(parent, { recursive: true, force: true });
  }
}

/** @throws CommandFailure when the directory holds rows that the journal does not know */
async function requireNoRows(path: string): Promise<void> {
  const db = await MilvusLite.open(path);
  try {
    const events = await CrashEvents.open(db);
    const count = await events.count();
    if (count === 0) return;
    throw new CommandFailure(
      EXIT_CODES.failure,
      `the collection of the crash demo already holds ${formatCount(count)} rows`,
      'choose a new directory with --dir, or leave it out',
    );
  } finally {
    await db.close();
  }
}

interface Killed {
  readonly pid: number;
  readonly acknowledged: number;
  /** The batch that was under way. */
  readonly batch: number;
}

/** Runs a writer, keeps its journal, and kills it when it has done enough and is at it. */
async function writeUntilKilled(
  path: string,
  journal: Journal,
  options: CrashDemoOptions,
): Promise<Killed> {
  const firstBatch = Math.max(-1, ...journal.started) + 1;
  const killAfter = KILL_AFTER_BATCHES + Math.floor(Math.random() * KILL_AFTER_BATCHES);
  const writer = spawnWriter(path, firstBatch);
  const ended = once(writer, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let acknowledged = 0;
  let killedAt: number | null = null;
  for await (const line of createInterface({ input: writer.stdout, crlfDelay: Infinity })) {
    const [word, number] = line.split(' ');
    const batch = Number(number);
    if (word === 'start') journal.started.add(batch);
    else if (word === 'done') {
      journal.acknowledged.add(batch);
      acknowledged++;
      options.terminal.progress(
        `process ${writer.pid ?? 0} acknowledged ${acknowledged} batches …`,
      );
    }
    const isEnough = acknowledged >= killAfter && word === 'start';
    if (killedAt === null && (isEnough || options.signal.aborted)) {
      killedAt = batch;
      killSoon(writer, Math.random() * KILL_DELAY_MS_MAX);
    }
  }
  const [exitCode, signal] = await ended;
  options.signal.throwIfAborted();
  if (killedAt !== null && signal !== null) {
    const last = Math.max(...journal.started);
    return { pid: writer.pid ?? 0, acknowledged, batch: last };
  }
  throw new CommandFailure(
    EXIT_CODES.failure,
    `the writing process ended by itself with code ${exitCode}`,
  );
}

function spawnWriter(
  path: string,
  firstBatch: number,
): ChildProcess & { stdout: NodeJS.ReadableStream } {
  // Beside this file: `bin.js` when compiled, `bin.ts` when run from the sources.
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? '../bin.ts' : '../bin.js', import.meta.url));
  const flags = isSource ? ['--disable-warning=ExperimentalWarning'] : [];
  return spawn(process.execPath, [...flags, entry, 'crash-writer', path, String(firstBatch)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function killSoon(writer: ChildProcess, delayMs: number): void {
  void delay(delayMs).then(() => writer.kill('SIGKILL'));
}

async function reopenAndCompare(
  path: string,
  journal: Journal,
  rounds: number,
): Promise<CrashReport> {
  const startMs = performance.now();
  const db = await MilvusLite.open(path);
  try {
    const events = await CrashEvents.open(db);
    await events.count();
    const reopenMs = performance.now() - startMs;
    const rowsOfBatch = new Map<number, number>();
    let comparedRows = 0;
    let wrongRows = 0;
    for await (const page of events.pages()) {
      for (const row of page) {
        comparedRows++;
        if (!isAsWritten(row)) wrongRows++;
        const batch = batchOf(row.id);
        rowsOfBatch.set(batch, (rowsOfBatch.get(batch) ?? 0) + 1);
      }
    }
    const comparison = compareWithJournal(journal, rowsOfBatch, { comparedRows, wrongRows });
    const { replayedRecords, cutBytes } = db.recovery;
    const isIntact =
      comparison.lostRows +
        comparison.tornBatches +
        comparison.strangeRows +
        comparison.wrongRows ===
      0;
    return {
      path,
      rounds,
      batchRows: CRASH_BATCH_ROWS,
      ...comparison,
      replayedRecords,
      cutBytes,
      reopenMs,
      isIntact,
    };
  } finally {
    await db.close();
  }
}

/** @param rowsOfBatch how many rows of each batch are there */
export function compareWithJournal(
  journal: Journal,
  rowsOfBatch: ReadonlyMap<number, number>,
  counted: { readonly comparedRows: number; readonly wrongRows: number },
): CrashComparison {
  let lostRows = 0;
  let openBatches = 0;
  let openBatchesWhole = 0;
  let openBatchesAbsent = 0;
  let tornBatches = 0;
  for (const batch of journal.started) {
    const found = rowsOfBatch.get(batch) ?? 0;
    if (found > 0 && found !== CRASH_BATCH_ROWS) tornBatches++;
    if (journal.acknowledged.has(batch)) {
      lostRows += Math.max(0, CRASH_BATCH_ROWS - found);
      continue;
    }
    openBatches++;
    if (found === CRASH_BATCH_ROWS) openBatchesWhole++;
    if (found === 0) openBatchesAbsent++;
  }
  let strangeRows = 0;
  for (const [batch, found] of rowsOfBatch) if (!journal.started.has(batch)) strangeRows += found;
  return {
    acknowledgedBatches: journal.acknowledged.size,
    acknowledgedRows: journal.acknowledged.size * CRASH_BATCH_ROWS,
    lostRows,
    openBatches,
    openBatchesWhole,
    openBatchesAbsent,
    tornBatches,
    strangeRows,
    ...counted,
  };
}

function printKill(terminal: Terminal, killed: Killed, round: number): void {
  terminal.line(
    `${terminal.style('bold', `round ${round}`)}  process ${killed.pid} acknowledged ` +
      `${killed.acknowledged} batches of ${CRASH_BATCH_ROWS} rows, then ` +
      `${terminal.style('red', 'SIGKILL')} while it wrote batch ${killed.batch}`,
  );
}

function printComparison(terminal: Terminal, report: CrashReport): void {
  const state = (count: number): string =>
    terminal.style(count === 0 ? 'green' : 'red', formatCount(count));
  terminal.line(
    `  opened again in ${formatDuration(report.reopenMs)}: ${formatNumber(report.replayedRecords, 'record')} replayed, ` +
      `${formatNumber(report.cutBytes, 'byte')} of an unfinished write cut`,
  );
  terminal.line(
    `  ${formatCount(report.comparedRows)} rows compared with the journal: ${state(report.lostRows)} lost of ` +
      `${formatCount(report.acknowledgedRows)} acknowledged, ${state(report.wrongRows)} with a wrong value, ` +
      `${state(report.strangeRows)} that nobody wrote`,
  );
  terminal.line(
    `  not acknowledged: ${formatNumber(report.openBatches, 'batch', 'batches')}, of which ${report.openBatchesWhole} there as a whole, ` +
      `${report.openBatchesAbsent} not at all, ${state(report.tornBatches)} in part`,
  );
}

function printVerdict(terminal: Terminal, report: CrashReport): void {
  terminal.line();
  terminal.line(
    report.isIntact
      ? terminal.style('green', 'Every acknowledged row is there, and no batch is there in part.')
      : terminal.style(
          'red',
          'The database is not what was acknowledged. This is a defect: please report it.',
        ),
  );
}
