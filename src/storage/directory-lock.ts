/**
 * Who has a database directory open: one writer, and any number of read-only processes with their pins.
 *
 * A lock is an open `BEGIN EXCLUSIVE` transaction on a sqlite file of its own. The kernel holds it and
 * lets go when the process ends, however it ends; no time-out ever takes it from a living process. The
 * file beside it says who holds it, for messages only.
 *
 * A pin keeps garbage collection from removing what a read-only process reads: `pins/<random>.pin` is such
 * a lock, `pins/<random>.json` beside it lists the manifests; an empty list is one that is not known yet.
 * A pin whose lock can be taken is stale.
 *
 * Locks are taken in one piece: SQLite works on the calling thread, and the few calls of node:fs that
 * belong to it take less time there than their way to a thread and back.
 *
 * POSIX drops a process's locks on a file when that process closes any descriptor of it: these sqlite
 * files are therefore never opened with node:fs. Locks over network file systems are not to be trusted:
 * they are refused.
 */
import { chmodSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { milvusError } from '../base/errors.ts';
import { type Random, randomName } from '../base/random.ts';
import { diskError } from './node-disk.ts';
import {
  LOCK_FILE,
  LOCK_HOLDER_FILE,
  PIN_DIRECTORY,
  pinContentName,
  pinFileName,
} from './paths.ts';

const PIN_ATTEMPTS_MAX = 16;

/** The process that holds a lock or a pin. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, when it opened the directory. */
  readonly since: string;
}

export interface DirectoryLock {
  /** Lets go; may be called twice. */
  release(): Promise<void>;
}

export interface DirectoryPin extends DirectoryLock {
  /** Pins these manifests instead. */
  update(manifestKeys: readonly string[]): Promise<void>;
}

export interface LivePin extends LockHolder {
  /** Empty: nothing may be removed that any manifest ever named. */
  readonly manifestKeys: readonly string[];
}

/**
 * Takes the one writer's lock of the database at `directory`, which must exist.
 * @throws MilvusError DirectoryLocked, at once, when another process or this one holds it
 */
export async function lockDirectory(directory: string, holder: LockHolder): Promise<DirectoryLock> {
  refuseNetworkFileSystem(directory);
  const held = tryLock(path.join(directory, LOCK_FILE));
  const holderPath = path.join(directory, LOCK_HOLDER_FILE);
  if (held === null) throw await lockedError(directory, holderPath);
  try {
    replaceFile(holderPath, JSON.stringify(holder));
  } catch (error) {
    held.release();
    throw error;
  }
  return {
    release: async () => {
      if (!held.isHeld()) return;
      // While the lock is held: afterwards the file may be the next holder's.
      await fs.rm(holderPath, { force: true });
      held.release();
    },
  };
}

/** Keeps `manifestKeys`, and all they refer to, from garbage collection until released or the process ends. */
export async function pinDirectory(
  directory: string,
  options: {
    readonly random: Random;
    readonly holder: LockHolder;
    readonly manifestKeys: readonly string[];
  },
): Promise<DirectoryPin> {
  const pins = path.join(directory, PIN_DIRECTORY);
  await io('make directory', PIN_DIRECTORY, fs.mkdir(pins, { recursive: true, mode: 0o700 }));
  for (let attempt = 0; attempt < PIN_ATTEMPTS_MAX; attempt++) {
    const pinPath = path.join(pins, pinFileName(randomName(options.random)));
    const pin = await tryPin(pinPath, options.holder, options.manifestKeys);
    // Garbage collection found it between its creation and its lock, and took it for stale.
    if (pin !== null) return pin;
  }
  throw milvusError('IoFailed', {
    message: 'no pin could be made',
    fields: { path: PIN_DIRECTORY, attempts: PIN_ATTEMPTS_MAX },
  });
}

/** The pins whose processes live; stale ones are removed. For the holder of the lock only. */
export async function livePins(directory: string): Promise<LivePin[]> {
  const pins = path.join(directory, PIN_DIRECTORY);
  const live: LivePin[] = [];
  for (const name of await listDirectory(pins)) {
    if (!name.endsWith('.pin')) continue;
    const pinPath = path.join(pins, name);
    const contentPath = path.join(pins, pinContentName(name));
    const stale = tryLock(pinPath);
    if (stale === null) {
      live.push(await readPin(contentPath));
      continue;
    }
    // Removed while locked, so that its maker sees that it is gone when it gets the lock.
    const isRemoved = await remove(pinPath);
    await remove(contentPath);
    stale.release();
    // Windows removes no open file; there the maker's own handle keeps it from going.
    if (!isRemoved) await remove(pinPath);
  }
  return live;
}

async function tryPin(
  pinPath: string,
  holder: LockHolder,
  manifestKeys: readonly string[],
): Promise<DirectoryPin | null> {
  const contentPath = path.join(path.dirname(pinPath), pinContentName(path.basename(pinPath)));
  const write = async (keys: readonly string[]): Promise<void> =>
    replaceFile(contentPath, JSON.stringify({ ...holder, manifestKeys: keys }));
  // Before the lock: whoever finds the lock held finds what it pins.
  await write(manifestKeys);
  const held = tryLock(pinPath);
  if (held === null) return null;
  if (!(await exists(pinPath)) || !(await exists(contentPath))) {
    held.release();
    return null;
  }
  return {
    update: write,
    release: async () => {
      if (!held.isHeld()) return;
      held.release();
      await remove(pinPath);
      await remove(contentPath);
    },
  };
}

interface HeldLock {
  isHeld(): boolean;
  release(): void;
}

/** The kernel's lock on the sqlite file at `file`, which is created when missing; null when it is held. */
function tryLock(file: string): HeldLock | null {
  let database: BetterSqlite3.Database | null = null;
  try {
    database = new BetterSqlite3(file, { timeout: 0 });
    // Nothing is ever committed: without a journal file there is none to be left behind.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    restrict(file);
  } catch (cause) {
    database?.close();
    const code = (cause as { code?: string }).code ?? '';
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return null;
    throw lockError(file, code, cause);
  }
  const held = database;
  return {
    isHeld: () => held.open,
    release: () => {
      held.close();
    },
  };
}

/** What SQLite and the file system say of a directory that one may read only. */
const DENIED: readonly string[] = [
  'SQLITE_READONLY',
  'SQLITE_PERM',
  'SQLITE_AUTH',
  'SQLITE_CANTOPEN',
  'EACCES',
  'EPERM',
  'EROFS',
];

function lockError(file: string, code: string, cause: unknown): Error {
  const isDenied = DENIED.some((prefix) => code.startsWith(prefix));
  const fields = { path: path.basename(file), operation: 'lock', code };
  return milvusError(isDenied ? 'StoragePermissionDenied' : 'IoFailed', { fields }, cause);
}

async function lockedError(directory: string, holderPath: string): Promise<Error> {
  const holder = await readHolder(holderPath);
  const who =
    holder === null
      ? 'another process'
      : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  const isThis = holder?.pid === process.pid && holder.host === os.hostname();
  return milvusError('DirectoryLocked', {
    message: isThis
      ? `${directory} is open in ${who}, which is this one; use what opened it, or open it with readOnly`
      : `${directory} is open in ${who}; open it with readOnly, or stop that process`,
    fields: {
      path: directory,
      pid: holder?.pid ?? 'unknown',
      host: holder?.host ?? 'unknown',
    },
  });
}

/** For a message only: whatever cannot be read is unknown. */
async function readHolder(holderPath: string): Promise<LockHolder | null> {
  try {
    const parsed = JSON.parse(await fs.readFile(holderPath, 'utf8')) as Partial<LockHolder>;
    const { pid, host, since } = parsed;
    if (typeof pid !== 'number' || typeof host !== 'string') return null;
    return { pid, host, since: since ?? 'unknown' };
  } catch {
    return null;
  }
}

/** @throws MilvusError DataIntegrity when a living pin does not say what it pins */
async function readPin(contentPath: string): Promise<LivePin> {
  try {
    const parsed = JSON.parse(await fs.readFile(contentPath, 'utf8')) as LivePin;
    if (Array.isArray(parsed.manifestKeys)) return parsed;
    throw new TypeError('no list of manifests');
  } catch (cause) {
    const fields = { path: path.join(PIN_DIRECTORY, path.basename(contentPath)) };
    throw milvusError('DataIntegrity', { message: 'pin cannot be read', fields }, cause);
  }
}

/** Whole for whoever reads it, and not synced: it says who lives, and nobody lives after a crash. */
function replaceFile(file: string, content: string): void {
  const temporary = `${file}.tmp`;
  const name = path.basename(file);
  ioSync('write', name, () => writeFileSync(temporary, content, { mode: 0o600 }));
  ioSync('rename', name, () => renameSync(temporary, file));
}

/** Another process may be removing it, when it is a pin. */
function restrict(file: string): void {
  try {
    chmodSync(file, 0o600);
  } catch (error) {
    ignoreMissing(error);
  }
}

async function listDirectory(directory: string): Promise<string[]> {
  try {
    return (await fs.readdir(directory)).sort();
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}

/** Whether the file is gone; one that cannot be removed now is found again by the next call. */
async function remove(file: string): Promise<boolean> {
  try {
    await fs.rm(file, { force: true });
    return true;
  } catch {
    return false;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await fs.stat(file);
    return true;
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

async function io<T>(operation: string, name: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    throw diskError(operation, name, cause as NodeJS.ErrnoException);
  }
}

function ioSync<T>(operation: string, name: string, task: () => T): T {
  try {
    return task();
  } catch (cause) {
    throw diskError(operation, name, cause as NodeJS.ErrnoException);
  }
}

/** `statfs` types of Linux: NFS, SMB, CIFS, SMB2, AFS, Coda. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
]);

/** Name of the network file system with this `statfs` type, or null for any other. */
export function networkFileSystem(type: number): string | null {
  return NETWORK_FILE_SYSTEMS.get(type) ?? null;
}

function refuseNetworkFileSystem(directory: string): void {
  const { type } = ioSync('statfs', directory, () => statfsSync(directory));
  const name = process.platform === 'linux' ? networkFileSystem(type) : null;
  if (name === null) return;
  throw milvusError('OperationNotSupported', {
    message: `${directory} is on ${name}, where locks and durable writes cannot be relied on`,
    fields: { path: directory, fileSystem: name },
  });
}
