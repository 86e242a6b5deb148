/** `mlite doctor`: whether this machine suits a database, and who has one open. */
import { mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, hostname, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { crc32 } from '../base/checksum.ts';
import { MilvusError } from '../base/errors.ts';
import { canMap } from '../base/mapped-memory.ts';
import { nativeState } from '../base/native.ts';
import { indexAliases } from '../core/index-states.ts';
import { sqliteVersion } from '../meta/sqlite-store.ts';
import { livePins, lockDirectory } from '../storage/directory-lock.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { formatBytes, formatDuration } from './format.ts';
import type { Terminal } from './terminal.ts';
import { packageVersion } from './version.ts';

export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  /** The figure behind it, for programs. */
  readonly value?: number | string | null;
  /** What to do; absent when all is well. */
  readonly next?: string;
}

export interface DoctorReport {
  readonly checks: readonly Check[];
}

const CHECKSUM_BYTES = 64 * 1024 * 1024;
const SYNC_ROUNDS = 40;
const SYNC_BYTES = 4096;
const SLOW_SYNC_MS = 20;
/** No device keeps a write in less: the file system is in memory, or says so before it is true. */
const UNLIKELY_SYNC_MS = 0.02;
const LOW_SPACE_BYTES = 1024 ** 3;
const LOW_FILE_LIMIT = 1024;

export async function runDoctor(options: {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** A database, whose file system and lock are looked at; null: the temporary directory's file system. */
  readonly path: string | null;
}): Promise<DoctorReport> {
  const { terminal, signal, path } = options;
  const directory = path === null ? tmpdir() : dirname(resolve(path));
  const checks: Check[] = [];
  const steps: Array<() => Promise<Check> | Check> = [
    checkNode,
    checkPlatform,
    checkEngine,
    checkIndexes,
    checkMapping,
    checkChecksum,
    checkSqlite,
    checkFileLimit,
    () => checkSpace(directory),
    () => checkSync(directory),
    ...(path === null ? [] : [() => checkLock(path)]),
  ];
  for (const step of steps) {
    signal.throwIfAborted();
    checks.push(await step());
  }
  const report = { checks };
  terminal.json(report);
  for (const check of checks) printCheck(terminal, check);
  return report;
}

async function checkNode(): Promise<Check> {
  const detail = `mlite ${await packageVersion()} on Node.js ${process.versions.node}`;
  return { name: 'node', state: 'ok', detail, value: process.versions.node };
}

function checkPlatform(): Check {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const detail =
    `${process.platform} ${process.arch}, ${availableParallelism()} threads of ${model}, ` +
    `${formatBytes(totalmem())} of memory`;
  return { name: 'machine', state: 'ok', detail, value: `${process.platform}-${process.arch}` };
}

function checkEngine(): Check {
  const name = 'engine';
  try {
    const { addon, reason } = nativeState();
    if (addon !== null) {
      const detail = `native: vectors are compared by ${addon.kernels} kernels, from ${reason}`;
      return { name, state: 'ok', detail, value: 'native' };
    }
    const detail = `js: vectors are compared in JavaScript (${reason})`;
    if (reason === 'MLITE_ENGINE=js') return { name, state: 'ok', detail, value: 'js' };
    const next =
      'answers are the same, searches are slower; in a clone, install g++ and: npm run build';
    return { name, state: 'warning', detail, value: 'js', next };
  } catch (error) {
    const next = 'unset MLITE_ENGINE, or make the kernels loadable: npm run build in a clone';
    return { name, state: 'failed', detail: textOf(error), value: null, next };
  }
}

/** Indexes of hardware that is not used here, and older names, are built as what does the same. */
function checkIndexes(): Check {
  const aliases = [...indexAliases()].map(([name, structure]) => `${name} as ${structure}`);
  const detail = `built as another: ${aliases.join(', ')}`;
  return { name: 'index aliases', state: 'ok', detail, value: aliases.length };
}

/** Vectors and indexes that are to stay in their files are in memory where these cannot be mapped. */
function checkMapping(): Check {
  const name = 'mapped files';
  if (canMap(process.execPath)) {
    const detail = 'what is mmap.enabled stays in its files, and so do DISKANN and its vectors';
    return { name, state: 'ok', detail, value: 'file' };
  }
  const detail = 'files cannot be mapped: what is mmap.enabled is in memory, and so is DISKANN';
  const next = 'answers are the same, memory has to hold it all; it takes the native engine';
  return { name, state: 'warning', detail, value: 'memory', next };
}

function checkChecksum(): Check {
  const bytes = new Uint8Array(CHECKSUM_BYTES).fill(0xa5);
  crc32(bytes);
  const startMs = performance.now();
  crc32(bytes);
  const bytesPerSecond = (CHECKSUM_BYTES / (performance.now() - startMs)) * 1000;
  const detail = `CRC-32 at ${formatBytes(bytesPerSecond)}/s`;
  return { name: 'checksum', state: 'ok', detail, value: Math.round(bytesPerSecond) };
}

async function checkSqlite(): Promise<Check> {
  try {
    const version = await sqliteVersion();
    return {
      name: 'sqlite',
      state: 'ok',
      detail: `SQLite ${version} for metadata and locks`,
      value: version,
    };
  } catch (error) {
    return {
      name: 'sqlite',
      state: 'failed',
      detail: `better-sqlite3 does not load: ${textOf(error)}`,
      value: null,
      next: 'install again on this machine: npm install milvus-lite',
    };
  }
}

function checkFileLimit(): Check {
  const limit = openFileLimit();
  if (limit === null) {
    return { name: 'open files', state: 'ok', detail: 'no limit is known', value: null };
  }
  const isLow = limit < LOW_FILE_LIMIT;
  return {
    name: 'open files',
    state: isLow ? 'warning' : 'ok',
    detail: `at most ${limit} in this process`,
    value: limit,
    ...(isLow ? { next: 'raise it for large databases: ulimit -n 4096' } : {}),
  };
}

/** The soft limit of file descriptors, where the platform has one. */
function openFileLimit(): number | null {
  const report = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : null;
}

async function checkSpace(directory: string): Promise<Check> {
  const name = 'free space';
  try {
    const { bavail, bsize } = await statfs(directory);
    const free = bavail * bsize;
    const isLow = free < LOW_SPACE_BYTES;
    return {
      name,
      state: isLow ? 'warning' : 'ok',
      detail: `${formatBytes(free)} at ${directory}`,
      value: free,
      ...(isLow ? { next: 'free some space: a full disk stops writes until there is room' } : {}),
    };
  } catch (error) {
    const next = 'choose a directory that is there';
    return { name, state: 'failed', detail: textOf(error), value: null, next };
  }
}

async function checkSync(directory: string): Promise<Check> {
  const name = 'durable write';
  let probe: string | null = null;
  try {
    probe = await mkdtemp(join(directory, '.mlite-doctor-'));
    const times = await syncTimes(probe);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    const detail = `${formatDuration(median)} (slowest ${formatDuration(times.at(-1) ?? 0)}) at ${directory}`;
    const value = Math.round(median * 1000) / 1000;
    if (median < UNLIKELY_SYNC_MS) {
      const next =
        'this file system is in memory, or does not wait for its device: a power cut loses writes';
      return { name, state: 'warning', detail, value, next };
    }
    if (median > SLOW_SYNC_MS) {
      const next =
        "write in batches, or open with durability: 'os' where losing a second is acceptable";
      return { name, state: 'warning', detail, value, next };
    }
    return { name, state: 'ok', detail, value };
  } catch (error) {
    const next = `make ${directory} writable, or choose another place`;
    return { name, state: 'failed', detail: textOf(error), value: null, next };
  } finally {
    if (probe !== null) await rm(probe, { recursive: true, force: true });
  }
}

/** Milliseconds of small durable appends, ascending. */
async function syncTimes(directory: string): Promise<number[]> {
  const file = await nodeDisk(directory).open('probe', 'create');
  try {
    const times: number[] = [];
    const chunk = new Uint8Array(SYNC_BYTES);
    for (let round = 0; round < SYNC_ROUNDS; round++) {
      const startMs = performance.now();
      await file.write([chunk], round * SYNC_BYTES);
      await file.sync();
      times.push(performance.now() - startMs);
    }
    return times.sort((a, b) => a - b);
  } finally {
    await file.close();
  }
}

/** Takes the lock for a moment: only the kernel knows whether somebody holds it. */
async function checkLock(path: string): Promise<Check> {
  const name = 'lock';
  const isThere = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere) {
    return { name, state: 'ok', detail: `there is no database at ${path} yet`, value: null };
  }
  try {
    const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    const lock = await lockDirectory(path, holder);
    try {
      const readers = await livePins(path);
      const detail = `nobody writes to ${path}; ${readers.length} processes read it`;
      return { name, state: 'ok', detail, value: 'free' };
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!(error instanceof MilvusError)) throw error;
    if (error.reason === 'DirectoryLocked') {
      const { pid, host } = error.fields;
      const detail = `process ${String(pid)} on ${String(host)} has ${path} open for writing`;
      return { name, state: 'ok', detail, value: `held by ${String(pid)}` };
    }
    const next = 'check who owns the files, and that the file system is a local one';
    return { name, state: 'failed', detail: error.message, value: null, next };
  }
}

function printCheck(terminal: Terminal, check: Check): void {
  const marks = {
    ok: terminal.style('green', 'ok     '),
    warning: terminal.style('yellow', 'warning'),
    failed: terminal.style('red', 'failed '),
  };
  terminal.line(`${marks[check.state]}  ${check.name.padEnd(13)}  ${check.detail}`);
  if (check.next !== undefined) terminal.line(`         ${''.padEnd(13)}  ${check.next}`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
