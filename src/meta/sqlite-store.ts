/**
 * MetaStore in one SQLite file: table kv(k, v, rev), and one row of state beside it.
 *
 * Guarantees, beyond those of the port:
 *  - synchronous=FULL in WAL mode, set and read back on every opening (better-sqlite3's build falls to
 *    NORMAL, which loses commits at a power cut);
 *  - every commit is carried into the main file before it is reported, so that the WAL never holds
 *    what is not elsewhere too: damage to it costs nothing;
 *  - `state` counts the entries and combines their checksums (XOR of CRC-32 over key, revision and
 *    value); opening compares, so that an entry that vanished is noticed like one that changed;
 *  - after a commit that failed, other than for want of room, the connection is given up and the next
 *    call opens the file anew, so that reading decides what became of it as it would after a crash.
 */
import fs from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { assert, must } from '../base/assert.ts';
import { crc32 } from '../base/checksum.ts';
import { MilvusError, milvusError } from '../base/errors.ts';
import type { MetaEntry, MetaStore, MetaTransaction } from './meta-store.ts';
import { assertTransaction } from './transaction.ts';

/** Versions before it can damage a file when two connections write and checkpoint at once. */
const SQLITE_VERSION_MIN = [3, 51, 3] as const;
/** "mlit", in the header of the file. */
const APPLICATION_ID = 0x6d_6c_69_74;
const FORMAT_VERSION = 1;
const BUSY_TIMEOUT_MS = 1000;
/** Bytes 18 and 19 of the file: how it is written and read. */
const ROLLBACK_FORMAT = 1;
const WAL_FORMAT = 2;
/** A file of up to so many pages is checked in well under a millisecond, hence at every opening. */
const QUICK_CHECK_PAGES = 1024;

const PRAGMAS: ReadonlyArray<readonly [string, number]> = [
  ['busy_timeout', BUSY_TIMEOUT_MS],
  ['synchronous', 2],
  ['foreign_keys', 1],
  ['trusted_schema', 0],
  ['cell_size_check', 1],
  ['fullfsync', 1],
  ['checkpoint_fullfsync', 1],
  ['wal_autocheckpoint', 0],
];

const CREATE = `
  CREATE TABLE kv (k TEXT PRIMARY KEY, v BLOB NOT NULL, rev INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    clean INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    digest INTEGER NOT NULL
  ) STRICT;
  INSERT INTO state VALUES (1, 1, 0, 0, 0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT_VERSION};
`;

interface Row {
  readonly k: string;
  readonly v: Uint8Array;
  readonly rev: number;
}

interface StateRow {
  /** 0 from the first change after an opening until the store is closed. */
  readonly clean: number;
  readonly revision: number;
  readonly entries: number;
  readonly digest: number;
}

type Database = BetterSqlite3.Database;
type Statement = BetterSqlite3.Statement;

export interface SqliteMetaStoreOptions {
  /**
   * Changes nothing, and needs no lock; the file must exist. Where SQLite cannot have its side files
   * because nothing may be written there, a copy in memory is read.
   */
  readonly readOnly?: boolean;
}

/**
 * Opens or creates the store in the file `path`, whose directory exists.
 * @throws MilvusError DataIntegrity, FormatNotSupported, IoKeyNotFound, IoFailed, DiskLimitExceeded
 */
export async function sqliteMetaStore(
  path: string,
  options: SqliteMetaStoreOptions = {},
): Promise<MetaStore> {
  const store = new SqliteMetaStore(BetterSqlite3, path, options.readOnly ?? false);
  await store.open();
  return store;
}

/** The version of SQLite that stores are kept with. @throws Error when better-sqlite3 does not load */
export async function sqliteVersion(): Promise<string> {
  const database = new BetterSqlite3(':memory:');
  try {
    return versionOf(database);
  } finally {
    database.close();
  }
}

class SqliteMetaStore implements MetaStore {
  readonly #class: typeof BetterSqlite3;
  readonly #path: string;
  readonly #readOnly: boolean;
  /** Null after a failed commit, until the next call. */
  #connection: Connection | null = null;
  #closed = false;

  constructor(databaseClass: typeof BetterSqlite3, path: string, readOnly: boolean) {
    this.#class = databaseClass;
    this.#path = path;
    this.#readOnly = readOnly;
  }

  async open(): Promise<void> {
    this.#use('open', () => undefined);
  }

  async get(key: string): Promise<MetaEntry | null> {
    return this.#use('get', (connection) => connection.get(key));
  }

  async range(prefix: string): Promise<MetaEntry[]> {
    return this.#use('range', (connection) => connection.range(prefix));
  }

  async transact(transaction: MetaTransaction): Promise<number | null> {
    assertTransaction(transaction);
    if (this.#readOnly && !this.#closed) throw milvusError('ReadOnly');
    return this.#use('transact', (connection) => {
      try {
        return connection.transact(transaction);
      } catch (error) {
        connection.rollBack();
        // Nothing of it is in the file when there was no room for it.
        if (isOutOfSpace(error)) throw error;
        this.#connection = null;
        connection.abandon();
        throw error;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    try {
      connection.close(this.#readOnly);
    } catch (error) {
      throw storeError(error, this.#path, 'close');
    }
  }

  #use<T>(operation: string, task: (connection: Connection) => T): T {
    if (this.#closed) throw milvusError('Closed');
    try {
      this.#connection ??= openConnection(this.#class, this.#path, this.#readOnly);
      return task(this.#connection);
    } catch (error) {
      throw storeError(error, this.#path, operation);
    }
  }
}

/** One open file and its prepared statements. */
class Connection {
  readonly #database: Database;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #select: Statement;
  readonly #range: Statement;
  readonly #put: Statement;
  readonly #remove: Statement;
  readonly #selectState: Statement;
  readonly #updateState: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#select = database.prepare('SELECT k, v, rev FROM kv WHERE k = ?');
    this.#range = database.prepare('SELECT k, v, rev FROM kv WHERE k >= ? AND k < ? ORDER BY k');
    this.#put = database.prepare(
      'INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v, rev = excluded.rev',
    );
    this.#remove = database.prepare('DELETE FROM kv WHERE k = ?');
    this.#selectState = database.prepare('SELECT clean, revision, entries, digest FROM state');
    this.#updateState = database.prepare(
      'UPDATE state SET clean = ?, revision = ?, entries = ?, digest = ?',
    );
  }

  get(key: string): MetaEntry | null {
    const row = this.#row(key);
    return row === undefined ? null : entryOf(row);
  }

  range(prefix: string): MetaEntry[] {
    // No key holds a byte above '~', so this bound is behind all of them.
    return (this.#range.all(prefix, `${prefix}\x7f`) as Row[]).map(entryOf);
  }

  transact(transaction: MetaTransaction): number | null {
    this.#begin.run();
    for (const { key, revision } of transaction.conditions ?? []) {
      if ((this.#row(key)?.rev ?? 0) === revision) continue;
      this.rollBack();
      return null;
    }
    const revision = this.#change(transaction);
    this.#commit.run();
    this.checkpoint('PASSIVE');
    return revision;
  }

  /** Everything is where the state row says, and SQLite finds its own structure whole. */
  verify(): void {
    const pageCount = this.#database.pragma('page_count', { simple: true }) as number;
    const state = this.#state();
    if (state.clean === 0 || pageCount <= QUICK_CHECK_PAGES) {
      const verdict = this.#database.pragma('quick_check(1)', { simple: true });
      if (verdict !== 'ok') throw notWhole(String(verdict));
    }
    const rows = this.#range.all('', '\x7f') as Row[];
    let digest = 0;
    for (const row of rows) digest ^= digestOf(row);
    const found = { entries: rows.length, digest: digest >>> 0 };
    if (found.entries !== state.entries || found.digest !== state.digest) {
      throw notWhole(
        `${found.entries} entries with checksum ${found.digest}, ` +
          `${state.entries} with ${state.digest} were written`,
      );
    }
  }

  /**
   * Syncs the WAL and carries it into the main file. Without room for that the WAL stays what counts: it
   * is durable by then, and the next commit tries again.
   */
  checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      this.#database.pragma(`wal_checkpoint(${mode})`, { simple: true });
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
    }
  }

  close(readOnly: boolean): void {
    try {
      if (readOnly) return;
      const state = this.#state();
      if (state.clean === 0) {
        this.#updateState.run(1, state.revision, state.entries, state.digest);
      }
      this.checkpoint('TRUNCATE');
    } catch (error) {
      // Without room for the mark the next opening checks as after a crash.
      if (!isOutOfSpace(error)) throw error;
    } finally {
      this.#database.close();
    }
  }

  rollBack(): void {
    if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
  }

  /** Closes without a word; what was committed stays committed. */
  abandon(): void {
    this.#database.close();
  }

  /** @returns the revision of this change */
  #change(transaction: MetaTransaction): number {
    const state = this.#state();
    const revision = state.revision + 1;
    let { entries, digest } = state;
    const forget = (key: string): void => {
      const old = this.#row(key);
      if (old === undefined) return;
      entries -= 1;
      digest ^= digestOf(old);
    };
    for (const { key, value } of transaction.puts ?? []) {
      forget(key);
      this.#put.run(key, value, revision);
      entries += 1;
      digest ^= digestOf({ k: key, v: value, rev: revision });
    }
    for (const key of transaction.removes ?? []) {
      forget(key);
      this.#remove.run(key);
    }
    this.#updateState.run(0, revision, entries, digest >>> 0);
    return revision;
  }

  #row(key: string): Row | undefined {
    return this.#select.get(key) as Row | undefined;
  }

  #state(): StateRow {
    return must(this.#selectState.get() as StateRow | undefined, 'the state row is always there');
  }
}

function openConnection(
  databaseClass: typeof BetterSqlite3,
  path: string,
  readOnly: boolean,
): Connection {
  const options = { readonly: readOnly, fileMustExist: readOnly, timeout: BUSY_TIMEOUT_MS };
  try {
    return connect(new databaseClass(path, options), path, readOnly);
  } catch (error) {
    if (!readOnly || !isWithoutSideFiles(error, path)) throw error;
    return connect(new databaseClass(copyInMemory(path), { readonly: true }), null, true);
  }
}

/** @param path null for a copy in memory */
function connect(database: Database, path: string | null, readOnly: boolean): Connection {
  try {
    assertVersion(database);
    const isNew = checkIdentity(database);
    if (isNew && readOnly) throw notWhole('the file is empty');
    // Like every other file; what SQLite puts beside it takes its mode.
    if (isNew && path !== null) fs.chmodSync(path, 0o600);
    configure(database, { readOnly, isCopy: path === null });
    if (isNew) database.exec(`BEGIN IMMEDIATE; ${CREATE} COMMIT`);
    const connection = new Connection(database);
    // What an unclean end left in the WAL is made durable before anybody acts on it.
    if (!readOnly) connection.checkpoint('TRUNCATE');
    connection.verify();
    return connection;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A file in WAL mode needs its side files even to be read, and they cannot be made where nothing is written. */
function isWithoutSideFiles(error: unknown, path: string): boolean {
  const code = codeOf(error);
  const isRefused = code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY');
  return isRefused && fs.existsSync(path);
}

/**
 * The file as it would be without a WAL: it says in two bytes of its header that it has one.
 * @throws MilvusError StoragePermissionDenied when there is a WAL that may hold more than the file
 */
function copyInMemory(path: string): Buffer {
  if ((fs.statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw milvusError('StoragePermissionDenied', {
      message:
        'metadata: a process that did not close left changes beside the file, which cannot be ' +
        'read where nothing may be written; open a copy, or open it once where writing is allowed',
      fields: { file: `${path}-wal` },
    });
  }
  const bytes = fs.readFileSync(path);
  if (bytes[18] !== WAL_FORMAT || bytes[19] !== WAL_FORMAT) {
    throw notWhole('its journal mode is not wal');
  }
  bytes.fill(ROLLBACK_FORMAT, 18, 20);
  return bytes;
}

function versionOf(database: Database): string {
  const row = database.prepare('SELECT sqlite_version() AS version').get() as {
    readonly version: string;
  };
  return row.version;
}

function assertVersion(database: Database): void {
  const version = versionOf(database);
  const parts = version.split('.').map(Number);
  const index = SQLITE_VERSION_MIN.findIndex((part, at) => part !== parts[at]);
  const isNewEnough = index === -1 || (parts[index] ?? 0) > (SQLITE_VERSION_MIN[index] ?? 0);
  assert(isNewEnough, `SQLite ${version} is older than ${SQLITE_VERSION_MIN.join('.')}`);
}

/** @returns whether nothing was written yet */
function checkIdentity(database: Database): boolean {
  const applicationId = database.pragma('application_id', { simple: true });
  const version = database.pragma('user_version', { simple: true }) as number;
  if (applicationId === 0 && version === 0) {
    const { count } = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as {
      readonly count: number;
    };
    if (count === 0) return true;
  }
  if (applicationId !== APPLICATION_ID) throw notWhole('it belongs to another application');
  if (version > FORMAT_VERSION) {
    throw milvusError('FormatNotSupported', {
      message: 'metadata file',
      fields: { version, supported: FORMAT_VERSION },
    });
  }
  if (version !== FORMAT_VERSION) throw notWhole(`its version is ${version}`);
  return false;
}

function configure(
  database: Database,
  { readOnly, isCopy }: { readonly readOnly: boolean; readonly isCopy: boolean },
): void {
  for (const [name, value] of PRAGMAS) {
    database.pragma(`${name} = ${value}`, { simple: true });
    expectPragma(database, name, value);
  }
  if (isCopy) return;
  if (readOnly) {
    const mode = String(database.pragma('journal_mode', { simple: true }));
    if (mode !== 'wal') throw notWhole(`its journal mode is ${mode}`);
    return;
  }
  database.pragma('journal_mode = WAL', { simple: true });
  expectPragma(database, 'journal_mode', 'wal');
}

function expectPragma(database: Database, name: string, value: number | string): void {
  const actual = database.pragma(name, { simple: true });
  if (actual === value) return;
  throw milvusError('IoFailed', {
    message: 'SQLite does not keep a setting',
    fields: { setting: name, expected: value, actual: String(actual) },
  });
}

function entryOf(row: Row): MetaEntry {
  return { key: row.k, value: new Uint8Array(row.v), revision: row.rev };
}

function digestOf(row: Row): number {
  return crc32(row.v, crc32(Buffer.from(`${row.k}\n${row.rev}\n`)));
}

function notWhole(message: string): MilvusError {
  return milvusError('DataIntegrity', { message: `not a whole metadata file: ${message}` });
}

function isOutOfSpace(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE';
}

function codeOf(error: unknown): string {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return hasCode ? String(error.code) : '';
}

/** Errors by the beginning of SQLite's code. */
const REASONS = [
  ['SQLITE_FULL', 'DiskLimitExceeded'],
  ['SQLITE_CORRUPT', 'DataIntegrity'],
  ['SQLITE_NOTADB', 'DataIntegrity'],
  // A statement that does not fit the tables: the schema is not the one that was written.
  ['SQLITE_ERROR', 'DataIntegrity'],
  ['SQLITE_CANTOPEN', 'IoKeyNotFound'],
  ['SQLITE_READONLY', 'StoragePermissionDenied'],
  ['SQLITE_PERM', 'StoragePermissionDenied'],
  ['SQLITE_AUTH', 'StoragePermissionDenied'],
  ['SQLITE_BUSY', 'ServiceUnavailable'],
  ['SQLITE_LOCKED', 'ServiceUnavailable'],
] as const;

/** Broken promises of ours rise as they are; everything else says what was done to which file. */
function storeError(error: unknown, path: string, operation: string): unknown {
  if (error instanceof MilvusError) {
    return new MilvusError(
      error.reason,
      `${error.message}[file=${path}]`,
      error.fields,
      error.cause,
    );
  }
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  // better-sqlite3 looks for the directory itself, and throws this when there is none.
  const isMissing =
    error instanceof TypeError && error.message.includes('directory does not exist');
  if (!code.startsWith('SQLITE_') && !isMissing) return error;
  const found = REASONS.find(([prefix]) => code.startsWith(prefix));
  const reason = isMissing ? 'IoKeyNotFound' : (found?.[1] ?? 'IoFailed');
  const message = `metadata: ${error.message}`;
  return milvusError(reason, { message, fields: { file: path, operation, code } }, error);
}
