/** The public door: opens a database directory, and is the database `default` in it. */
import { systemClock } from '../base/clock.ts';
import { withinCall } from '../core/call.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../core/open.ts';
import type { DatabaseInfo } from '../core/ports.ts';
import type { CallOptions } from '../core/requests.ts';
import { CALL_MEMBERS, CHANGE_MEMBERS, checkedCall } from './arguments.ts';
import {
  type Members,
  propertyTexts,
  requireMembers,
  requireText,
  requireTexts,
} from './checks.ts';
import { DatabaseView } from './database-view.ts';
import type { PropertyChanges } from './requests.ts';
import { Session } from './session.ts';

const DEFAULT_DATABASE = 'default';

export interface OpenOptions extends DatabaseOptions, CallOptions {}

const OPEN_MEMBERS: Members<OpenOptions> = {
  ...CALL_MEMBERS,
  readOnly: true,
  durability: true,
  logger: true,
  cacheBytes: true,
  threads: true,
};

/**
 * An open database. One process at a time may open a directory for writing; others may read it with
 * `readOnly`. Nothing keeps the process alive after `close()`.
 * @example
 *   await using db = await MilvusLite.open('./demo.db');
 *   const books = await db.collection('books', {
 *     schema: { id: f.int64({ primary: true }), title: f.varChar(), vector: f.floatVector(8) },
 *   });
 */
export class MilvusLite extends DatabaseView implements AsyncDisposable {
  /** What opening found and did: rows replayed from the log, bytes of a torn end that were cut. */
  readonly recovery: Database['recovery'];

  /** Use {@link MilvusLite.open}. */
  constructor(database: Database) {
    super(new Session(database), DEFAULT_DATABASE);
    this.recovery = database.recovery;
  }

  /**
   * Opens a database directory, creating it when there is none; `:memory:` keeps everything in memory.
   * @param options.durability when a write resolves: after the bytes are on the device (`sync`, the
   *        default), after the operating system has them (`os`), or at once (`memory`)
   * An opening that is given up rejects when nothing of it is at work any more.
   * @throws MilvusError DirectoryLocked that names the process which has it open; DataIntegrity with file
   *         and offset for damage; FormatNotSupported when a newer version wrote it
   */
  static async open(path: string, options: OpenOptions = {}): Promise<MilvusLite> {
    requireMembers('options', options, OPEN_MEMBERS);
    let opening: Promise<Database> | null = null;
    try {
      const database = await withinCall(options, systemClock, () => {
        opening = openDatabase(path, options);
        return opening;
      });
      return new MilvusLite(database);
    } catch (error) {
      await closeGivenUp(opening);
      throw error;
    }
  }

  /** The directory it was opened from. */
  get path(): string {
    return this.session.database.path;
  }

  get isClosed(): boolean {
    return this.session.isClosed;
  }

  /** The collections of another database of this directory. Costs nothing: calls check that it exists. */
  database(name: string): DatabaseView {
    requireText('name', name);
    return new DatabaseView(this.session, name);
  }

  /** @throws MilvusError DatabaseNameInvalid; ParameterInvalid when it exists */
  async createDatabase(
    name: string,
    options: CallOptions & {
      readonly properties?: Readonly<Record<string, string | number | boolean>>;
    } = {},
  ): Promise<DatabaseView> {
    requireText('name', name);
    requireMembers('options', options, { ...CALL_MEMBERS, properties: true });
    const { properties = {}, ...call } = options;
    await this.session.service.createDatabase(name, propertyTexts(properties), call);
    return this.database(name);
  }

  /** @throws MilvusError ParameterInvalid when it has collections, or is the default database */
  async dropDatabase(name: string, options: CallOptions = {}): Promise<void> {
    requireText('name', name);
    await this.session.service.dropDatabase(name, checkedCall(options));
  }

  async listDatabases(options: CallOptions = {}): Promise<DatabaseInfo[]> {
    return await this.session.service.listDatabases(checkedCall(options));
  }

  /** @throws MilvusError DatabaseNotFound */
  async describeDatabase(name: string, options: CallOptions = {}): Promise<DatabaseInfo> {
    requireText('name', name);
    return await this.session.service.describeDatabase(name, checkedCall(options));
  }

  /** Sets properties of a database and removes those of `options.remove`. */
  async alterDatabase(
    name: string,
    properties: Readonly<Record<string, string | number | boolean>>,
    options: PropertyChanges = {},
  ): Promise<void> {
    requireText('name', name);
    requireMembers('options', options, CHANGE_MEMBERS);
    const { remove, ...call } = options;
    if (remove !== undefined) requireTexts('remove', remove);
    const change = { set: propertyTexts(properties), ...(remove === undefined ? {} : { remove }) };
    await this.session.service.alterDatabase(name, change, call);
  }

  /**
   * Waits for running writes, records the clean end of the log and frees everything. May be called
   * twice; afterwards every other call fails with Closed.
   */
  async close(): Promise<void> {
    await this.session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Waits for an opening whose caller gave up, and closes what it opens in the end. */
async function closeGivenUp(opening: Promise<Database> | null): Promise<void> {
  const [opened] = await Promise.allSettled([opening]);
  // Whatever fails from here on, the caller is told why it gave up.
  if (opened.status === 'fulfilled') await Promise.allSettled([opened.value?.close()]);
}
