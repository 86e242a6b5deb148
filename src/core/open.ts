/** A database on this machine: a directory, or memory that ends with the process. */
import os from 'node:os';
import path from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { invalidParameter, MilvusError, milvusError } from '../base/errors.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { checkEngineName } from '../base/native.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { readClusterRecord } from '../meta/cluster-record.ts';
import { memoryMetaStore } from '../meta/memory-store.ts';
import { sqliteMetaStore } from '../meta/sqlite-store.ts';
import { workerPool } from '../search/pool.ts';
import type { SearchWorkers } from '../search/read-context.ts';
import { ColumnCache } from '../segments/column-cache.ts';
import {
  type DirectoryLock,
  type DirectoryPin,
  livePins,
  type LockHolder,
  lockDirectory,
  pinDirectory,
} from '../storage/directory-lock.ts';
import { holdsData } from '../storage/disk-store.ts';
import { memoryDisk } from '../storage/memory-disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { META_FILE } from '../storage/paths.ts';
import type { Durability } from '../wal/log.ts';
import { directCalls, type Engine, type RecoveryReport, type World } from './engine.ts';
import { GarbagePauses } from './garbage-pauses.ts';
import { openEngine } from './recovery.ts';
import type { Service } from './service.ts';

export const MEMORY_PATH = ':memory:';

export interface DatabaseOptions {
  /** Reads beside a process that writes; sees what was there when it opened. */
  readonly readOnly?: boolean;
  /** When a write counts as done. Default `sync`: after the device has it. */
  readonly durability?: Durability;
  /** Silent by default. */
  readonly logger?: Logger;
  /** Bytes of columns kept in memory. Default: half of the machine's. */
  readonly cacheBytes?: number;
  /** Threads that search. Default: one a core. */
  readonly threads?: number;
}

export interface Database {
  readonly service: Service;
  readonly recovery: RecoveryReport;
  /** Absolute, or `:memory:`. */
  readonly path: string;
  /** Keeps files that nothing refers to any more from being removed for a while. */
  readonly garbage: GarbagePauses;
  close(): Promise<void>;
}

/** Resources of one opening, let go in reverse order. */
type Release = () => Promise<void>;

/**
 * Opens the database at `databasePath`, creating it when there is none.
 * @throws MilvusError DirectoryLocked, DataIntegrity, FormatNotSupported, IoFailed, ParameterInvalid
 */
export async function openDatabase(
  databasePath: string,
  options: DatabaseOptions = {},
): Promise<Database> {
  checkNode();
  checkEngineName();
  checkOptions(databasePath, options);
  if (databasePath === MEMORY_PATH) return await openInMemory(options);
  const directory = path.resolve(databasePath);
  if (options.readOnly !== true) return await openDirectory(directory, options);
  return await openReader(directory, options);
}

async function openInMemory(options: DatabaseOptions): Promise<Database> {
  const disk = memoryDisk(systemClock);
  const durability = 'memory';
  return await start(MEMORY_PATH, { ...options, durability }, async (releases) => {
    const meta = memoryMetaStore();
    releases.push(async () => await meta[Symbol.asyncDispose]());
    const pinnedManifests = async (): Promise<string[]> => [];
    const nothing = async (): Promise<void> => undefined;
    return { disk, meta, pinnedManifests, pinManifests: nothing, rooted: nothing() };
  });
}

async function openDirectory(directory: string, options: DatabaseOptions): Promise<Database> {
  return await start(directory, options, async (releases) => {
    const disk = nodeDisk(directory);
    await metaBytesIn(directory);
    const rooted = makeRoot(directory);
    // Awaited below; what the lock fails with may come first.
    rooted.catch(() => undefined);
    const lock = await lockRoot(directory, rooted);
    releases.push(() => lock.release());
    const metaBytes = await metaBytesIn(directory);
    if (metaBytes === 0 && (await holdsData(disk))) throw metadataLost(directory);
    // Where the database is there already, the sync of its directory's name goes on beside the rest.
    if (metaBytes === 0) await rooted;
    const meta = await sqliteMetaStore(path.join(directory, META_FILE));
    releases.push(async () => await meta[Symbol.asyncDispose]());
    // A file that a crash left while it was created says as little as none.
    const isNew = (await readClusterRecord(meta)) === null;
    if (isNew && (await holdsData(disk))) throw metadataLost(directory);
    const pinnedManifests = async (): Promise<string[] | null> => await pinnedIn(directory);
    const pinManifests = async (): Promise<void> => undefined;
    return { disk, meta, pinnedManifests, pinManifests, rooted };
  });
}

/**
 * A writer may forget log that this reader was about to read, between its look at the checkpoints and
 * its look at the log; looking again finds both moved on.
 */
const READER_ATTEMPTS = 5;

async function openReader(directory: string, options: DatabaseOptions): Promise<Database> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(directory, options, async (releases) => {
        if ((await metaBytesIn(directory)) === 0) throw await nothingToRead(directory);
        const meta = await sqliteMetaStore(path.join(directory, META_FILE), { readOnly: true });
        releases.push(async () => await meta[Symbol.asyncDispose]());
        const pin = await pinReader(directory);
        if (pin !== null) releases.push(() => pin.release());
        const pinManifests = async (keys: readonly string[]): Promise<void> => {
          // Who reads no manifest keeps nothing from being collected.
          await (keys.length === 0 ? pin?.release() : pin?.update(keys));
        };
        const pinnedManifests = async (): Promise<null> => null;
        const rooted = Promise.resolve();
        return { disk: nodeDisk(directory), meta, pinnedManifests, pinManifests, rooted };
      });
    } catch (failure) {
      const moved =
        failure instanceof MilvusError &&
        (failure.reason === 'DataIntegrity' || failure.reason === 'IoKeyNotFound');
      if (!moved || attempt === READER_ATTEMPTS) throw failure;
    }
  }
}

/**
 * Bytes of the metadata; 0 also where there is none.
 * @throws MilvusError ParameterInvalid when a file stands where the directory should
 */
async function metaBytesIn(directory: string): Promise<number> {
  try {
    return (await nodeDisk(directory).byteLength(META_FILE)) ?? 0;
  } catch (failure) {
    if (!(failure instanceof MilvusError && failure.fields['code'] === 'ENOTDIR')) throw failure;
    const fields = { path: directory };
    const message = 'the path of a database is not a directory, or lies below a file';
    throw milvusError('ParameterInvalid', { message, fields }, failure);
  }
}

async function nothingToRead(directory: string): Promise<MilvusError> {
  if (await holdsData(nodeDisk(directory))) return metadataLost(directory);
  const message = 'there is no database to read';
  return milvusError('IoKeyNotFound', { message, fields: { path: directory } });
}

/** A log and objects without metadata are a database that lost it, and not room for a new one. */
function metadataLost(directory: string): MilvusError {
  return milvusError('DataIntegrity', {
    message: `the database lost its metadata: ${META_FILE} is missing or empty`,
    fields: { file: path.join(directory, META_FILE) },
  });
}

/** For the message that the next opener gets. */
function thisProcess(): LockHolder {
  const since = new Date(systemClock.nowMs()).toISOString();
  return { pid: process.pid, host: os.hostname(), since };
}

/**
 * While it names no manifest no object is collected: which ones are read is known only when the metadata is.
 * Null on a medium where nothing can be written, by anybody.
 */
async function pinReader(directory: string): Promise<DirectoryPin | null> {
  const holder = thisProcess();
  try {
    return await pinDirectory(directory, { random: systemRandom, holder, manifestKeys: [] });
  } catch (failure) {
    if (failure instanceof MilvusError && failure.reason === 'StoragePermissionDenied') return null;
    throw failure;
  }
}

/** Manifests that readers of the directory name; null when one names none. */
async function pinnedIn(directory: string): Promise<string[] | null> {
  const pins = await livePins(directory);
  if (pins.some(({ manifestKeys }) => manifestKeys.length === 0)) return null;
  return pins.flatMap(({ manifestKeys }) => manifestKeys);
}

interface Ground extends Pick<World, 'disk' | 'meta' | 'pinnedManifests' | 'pinManifests'> {
  /** The name of the directory is durable; before that nothing is. */
  readonly rooted: Promise<void>;
}

async function start(
  databasePath: string,
  options: DatabaseOptions,
  prepare: (releases: Release[]) => Promise<Ground>,
): Promise<Database> {
  const releases: Release[] = [];
  const clock: Clock = systemClock;
  const random: Random = systemRandom;
  try {
    const ground = await prepare(releases);
    const { threads, cacheBytes, logger = silentLogger, durability = 'sync' } = options;
    const workers: SearchWorkers = workerPool(
      threads === undefined ? { clock } : { clock, threadCount: threads },
    );
    releases.push(async () => await workers[Symbol.asyncDispose]());
    const cache = new ColumnCache(cacheBytes ?? Math.floor(os.totalmem() / 2));
    const garbage = new GarbagePauses(clock);
    const pinnedManifests = async (): Promise<readonly string[] | null> =>
      garbage.isPaused ? null : await ground.pinnedManifests();
    const world: World = { ...ground, pinnedManifests, clock, random, workers, cache, logger };
    const readOnly = options.readOnly === true;
    const engine = await openEngine(world, { readOnly, durability, transport: directCalls });
    releases.push(() => engine.close());
    await ground.rooted;
    return database({ path: databasePath, garbage }, engine, releases);
  } catch (failure) {
    await releaseAll(releases);
    throw failure;
  }
}

function database(
  facts: Pick<Database, 'path' | 'garbage'>,
  engine: Engine,
  releases: Release[],
): Database {
  let closing: Promise<void> | null = null;
  return {
    ...facts,
    service: engine.service,
    recovery: engine.recovery,
    close: async () => {
      closing ??= releaseAll(releases);
      await closing;
    },
  };
}

/** Lets everything go, also when letting go of one fails. */
async function releaseAll(releases: Release[]): Promise<void> {
  const failures: unknown[] = [];
  for (const release of releases.splice(0).reverse()) {
    try {
      await release();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Takes the lock of a directory that is there, or will be once it is `rooted`. */
async function lockRoot(directory: string, rooted: Promise<void>): Promise<DirectoryLock> {
  try {
    return await lockDirectory(directory, thisProcess());
  } catch (failure) {
    if (!(failure instanceof MilvusError && failure.reason === 'IoKeyNotFound')) throw failure;
    await rooted;
    return await lockDirectory(directory, thisProcess());
  }
}

/** The directory itself and its parents, made durable; everything else is below it. */
async function makeRoot(directory: string): Promise<void> {
  const { root } = path.parse(directory);
  const parts = path.relative(root, directory).split(path.sep);
  try {
    await nodeDisk(root).makeDirectory(parts.join('/'));
  } catch (failure) {
    if (!(failure instanceof MilvusError)) throw failure;
    const { reason, fields } = failure;
    const message = 'the directory of the database cannot be made';
    // A parent that is not there and cannot be: nothing that was looked for is missing.
    const name = reason === 'IoKeyNotFound' ? 'IoFailed' : reason;
    throw milvusError(name, { message, fields: { ...fields, path: directory } }, failure);
  }
}

/** Before anything native is loaded: it would end an older process. */
function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return;
  throw milvusError('OperationNotSupported', {
    message: `milvus-lite needs Node.js 22.13 or newer, and this is ${process.versions.node}`,
  });
}

function checkOptions(databasePath: string, options: DatabaseOptions): void {
  if (typeof databasePath !== 'string' || databasePath === '' || databasePath.includes('\0')) {
    throw invalidParameter('the path of a database is a directory name or :memory:', {
      path: databasePath,
    });
  }
  const { durability, cacheBytes, threads } = options;
  if (durability !== undefined && !['sync', 'os', 'memory'].includes(durability)) {
    throw invalidParameter('durability is sync, os or memory', { durability });
  }
  if (cacheBytes !== undefined && !(cacheBytes >= 0)) {
    throw invalidParameter('cacheBytes is a number of bytes', { cacheBytes });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw invalidParameter('threads is a whole number from 1 on', { threads });
  }
}
