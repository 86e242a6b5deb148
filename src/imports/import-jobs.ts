/**
 * Imports under way and done, one running at a time. Files are read twice: first every row is checked, and only
 * when all are right they are written, so that a wrong row leaves nothing behind. What is written is as durable
 * as any insert. With `auto_commit=false` a job waits between the two until it is committed or aborted. Jobs end
 * with the server, and what it had not written by then was not imported.
 *
 *   Pending → Importing → [Uncommitted →] Completed | Failed
 */
import type { Clock } from '../base/clock.ts';
import { invalidParameter, milvusError, toMilvusError } from '../base/errors.ts';
import { FIELD_COUNT_MAX } from '../base/limits.ts';
import type { CollectionInfo } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { allowsInsertAutoId } from '../schema/properties.ts';
import { rowsToBatch } from '../schema/rows.ts';
import { requireSeparator } from './csv-rows.ts';
import { spreadDynamicKeys } from './dynamic-keys.ts';
import { rowsOf } from './given-rows.ts';
import { importFailed } from './import-error.ts';
import { formatOf, importRows } from './import-rows.ts';
import type { ImportFile, ImportSource } from './import-source.ts';
import { timeoutMs } from './import-timeout.ts';

/** Of all groups together. Milvus `dataCoord.import.maxImportFileNumPerReq`. */
const FILES_MAX = 1024;
/** Milvus `dataCoord.import.maxImportJobNum`: waiting and running. */
const JOBS_MAX = 1024;
/** Jobs that are over are kept so that they can be asked about. */
const KEPT_MAX = 1024;
/** Milvus `dataCoord.import.maxSizeInMBPerImportFile`. */
const FILE_BYTES_MAX: number = 16 * 1024 * 1024 * 1024;
/** What Linux takes as a path. */
const FILE_NAME_BYTES_MAX = 4096;
/** Names of all files of a job, which is kept; ours. */
const FILE_NAMES_BYTES_MAX: number = 512 * 1024;
/** Names and values of the options of a job; ours. */
const OPTIONS_BYTES_MAX: number = 16 * 1024;
/** Rows of one write. */
const BATCH_ROWS = 1000;
/** Of the progress: the first look at all rows. */
const CHECKED_PERCENT = 40;

export type ImportState = 'Pending' | 'Importing' | 'Uncommitted' | 'Completed' | 'Failed';

export interface ImportRequest {
  readonly databaseName: string;
  readonly collectionName: string;
  /** '': by the partition key, else the default one. */
  readonly partitionName: string;
  /** Groups of files that belong together: one file, or NumPy files of all fields. */
  readonly files: readonly (readonly string[])[];
  readonly options: Readonly<Record<string, string>>;
}

export interface ImportTask {
  readonly fileName: string;
  fileBytes: number;
  rowCount: number;
  importedCount: number;
}

export interface ImportJob extends ImportRequest {
  readonly id: bigint;
  readonly collectionId: number;
  readonly createdMs: number;
  state: ImportState;
  /** 0 to 100. */
  progress: number;
  completedMs: number | null;
  reason: string;
  readonly tasks: readonly ImportTask[];
}

export interface ImportDeps {
  readonly service: Service;
  readonly clock: Clock;
  /** Null: the server was given no directory to import from. */
  readonly source: ImportSource | null;
}

export class ImportJobs {
  readonly #deps: ImportDeps;
  readonly #jobs = new Map<bigint, ImportJob>();
  readonly #waiting: ImportJob[] = [];
  /** Jobs whose commit was asked for, until they end. */
  readonly #committed = new Set<bigint>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;

  constructor(deps: ImportDeps) {
    this.#deps = deps;
  }

  /** @throws MilvusError ImportFailed, CollectionNotFound, PartitionNotFound, TooManyRequests */
  async create(request: ImportRequest): Promise<ImportJob> {
    const { service, clock, source } = this.#deps;
    if (source === null) throw importFailed('the server was given no directory to import from');
    checkFiles(request);
    checkOptions(request);
    const collection = await service.describeCollection(request);
    checkPartition(collection, request.partitionName);
    const active = [...this.#jobs.values()].filter(isActive).length;
    if (active >= JOBS_MAX) throw milvusError('TooManyRequests');
    const job: ImportJob = {
      ...request,
      id: await service.allocateTimestamp(),
      collectionId: collection.id,
      createdMs: clock.nowMs(),
      state: 'Pending',
      progress: 0,
      completedMs: null,
      reason: '',
      tasks: request.files.map((group) => ({
        fileName: group.join(','),
        fileBytes: 0,
        rowCount: 0,
        importedCount: 0,
      })),
    };
    this.#keep(job);
    this.#run(job);
    return job;
  }

  /** @throws MilvusError ImportFailed */
  find(id: bigint): ImportJob {
    this.#endLate();
    const job = this.#jobs.get(id);
    if (job === undefined) throw importFailed(`import job does not exist, jobID=${id}`);
    return job;
  }

  /** Those of a collection, or all for ''; the oldest first. */
  list({
    databaseName,
    collectionName,
  }: Pick<ImportRequest, 'databaseName' | 'collectionName'>): ImportJob[] {
    this.#endLate();
    return [...this.#jobs.values()].filter(
      (job) =>
        job.databaseName === databaseName &&
        (collectionName === '' || job.collectionName === collectionName),
    );
  }

  /** A second commit changes nothing. @throws MilvusError ImportFailed when it waits for no commit */
  commit(id: bigint): void {
    const job = this.#known(id);
    if (job.state === 'Completed' || (job.state === 'Importing' && this.#committed.has(id))) return;
    if (job.state !== 'Uncommitted') {
      throw importFailed(`import job ${id} is in state ${job.state}, expected Uncommitted`);
    }
    this.#committed.add(id);
    job.state = 'Importing';
    this.#run(job);
  }

  /** @throws MilvusError ImportFailed when it is too late */
  abort(id: bigint): void {
    const job = this.#known(id);
    if (job.state === 'Failed') return;
    if (job.state !== 'Pending' && job.state !== 'Uncommitted') {
      throw importFailed(`import job ${id} is ${job.state}, which is too late to abort it`);
    }
    this.#fail(job, 'aborted by user');
  }

  #known(id: bigint): ImportJob {
    this.#endLate();
    const job = this.#jobs.get(id);
    if (job === undefined) throw importFailed(`import job ${id} not found`);
    return job;
  }

  /** Ends what is under way; rows that were written stay. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.idle();
  }

  /** Resolves when none is under way. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #keep(job: ImportJob): void {
    this.#jobs.set(job.id, job);
    const over = [...this.#jobs.values()].filter((one) => !isActive(one));
    for (const { id } of over.slice(0, Math.max(0, over.length - KEPT_MAX))) this.#jobs.delete(id);
  }

  #run(job: ImportJob): void {
    this.#waiting.push(job);
    this.#running ??= this.#runAll().finally(() => {
      this.#running = null;
    });
  }

  async #runAll(): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      if (job.state === 'Failed') continue;
      try {
        await this.#step(job);
      } catch (failure) {
        this.#fail(job, toMilvusError(failure).message);
      } finally {
        if (!isActive(job)) this.#committed.delete(job.id);
      }
    }
  }

  /** The first look, or the writing of what was committed, or both. */
  async #step(job: ImportJob): Promise<void> {
    if (job.state === 'Pending') {
      job.state = 'Importing';
      await this.#each(job, (rows, task, collection) => {
        const allowInsertAutoId = allowsInsertAutoId(collection.properties);
        rowsToBatch(collection.schema, rows, { allowInsertAutoId });
        task.rowCount += rows.length;
      });
      job.progress = CHECKED_PERCENT;
      if (job.options['auto_commit']?.toLowerCase() === 'false') {
        job.state = 'Uncommitted';
        for (const task of job.tasks) task.importedCount = task.rowCount;
        return;
      }
    }
    // Of a job that was committed they were counted when all was ready for it.
    const isCounted = this.#committed.has(job.id);
    let written = 0;
    const total = Math.max(
      1,
      sum(job.tasks, ({ rowCount }) => rowCount),
    );
    await this.#each(job, async (rows, task) => {
      const { databaseName, collectionName, partitionName } = job;
      const partition = partitionName === '' ? {} : { partitionName };
      await this.#deps.service.insert({ databaseName, collectionName, rows, ...partition });
      if (!isCounted) task.importedCount += rows.length;
      written += rows.length;
      job.progress = CHECKED_PERCENT + Math.floor((written / total) * (99 - CHECKED_PERCENT));
    });
    job.state = 'Completed';
    job.progress = 100;
    job.completedMs = this.#deps.clock.nowMs();
  }

  async #each(
    job: ImportJob,
    visit: (
      rows: Awaited<ReturnType<typeof rowsOf>>,
      task: ImportTask,
      collection: CollectionInfo,
    ) => Promise<void> | void,
  ): Promise<void> {
    const { service, clock } = this.#deps;
    const collection = await service.describeCollection(job);
    if (collection.id !== job.collectionId) throw importFailed('the collection is another one now');
    const { options } = job;
    const csv = {
      separator: requireSeparator(options['sep'] ?? ','),
      nullKey: options['nullkey'] ?? '',
    };
    for (const [i, task] of job.tasks.entries()) {
      const files = await this.#open(job.files[i] ?? []);
      try {
        task.fileBytes = sum(files, ({ byteLength }) => byteLength);
        for await (const given of importRows(files, collection.schema, csv)) {
          for (let start = 0; start < given.length; start += BATCH_ROWS) {
            this.#stopping.signal.throwIfAborted();
            requireTime(job, clock.nowMs());
            const rows = given
              .slice(start, start + BATCH_ROWS)
              .map((row) => spreadDynamicKeys(row, collection.schema));
            await visit(await rowsOf(rows, collection.schema, clock), task, collection);
            await clock.yieldTurn();
          }
        }
      } finally {
        for (const file of files) await file.close();
      }
    }
  }

  async #open(names: readonly string[]): Promise<ImportFile[]> {
    const files: ImportFile[] = [];
    try {
      for (const name of names) {
        const file = await this.#deps.source?.open(name);
        if (file === undefined) continue;
        files.push(file);
        if (file.byteLength > FILE_BYTES_MAX) {
          throw importFailed(`${name} has more than ${FILE_BYTES_MAX} bytes`);
        }
      }
      return files;
    } catch (failure) {
      for (const file of files) await file.close();
      throw failure;
    }
  }

  /** Ends jobs that wait longer than they may; those under way look at the time themselves. */
  #endLate(): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const job of this.#jobs.values()) {
      const isWaiting = job.state === 'Pending' || job.state === 'Uncommitted';
      if (isWaiting && isLate(job, nowMs)) this.#fail(job, LATE);
    }
  }

  #fail(job: ImportJob, reason: string): void {
    job.state = 'Failed';
    job.reason = reason;
    job.completedMs = this.#deps.clock.nowMs();
  }
}

const LATE = 'import timeout';

/** At its very end too: a timeout below the clock's step has passed at once. */
function isLate({ options, createdMs }: ImportJob, nowMs: number): boolean {
  return nowMs >= createdMs + timeoutMs(options['timeout']);
}

/** @throws MilvusError ImportFailed */
function requireTime(job: ImportJob, nowMs: number): void {
  if (isLate(job, nowMs)) throw importFailed(LATE);
}

function isActive({ state }: ImportJob): boolean {
  return state !== 'Completed' && state !== 'Failed';
}

function sum<T>(all: readonly T[], valueOf: (one: T) => number): number {
  return all.reduce((total, one) => total + valueOf(one), 0);
}

function checkFiles({ files }: ImportRequest): void {
  if (files.every((group) => group.length === 0)) {
    throw importFailed('import request is empty');
  }
  const count = Math.max(
    files.length,
    sum(files, ({ length }) => length),
  );
  if (count > FILES_MAX) {
    const counts = `${FILES_MAX}, but got ${count}`;
    throw importFailed(`The max number of import files should not exceed ${counts}`);
  }
  let nameBytes = 0;
  for (const group of files) nameBytes += checkGroup(group);
  if (nameBytes > FILE_NAMES_BYTES_MAX) {
    throw importFailed(
      `names of the files of an import have at most ${FILE_NAMES_BYTES_MAX} bytes, but got ${nameBytes}`,
    );
  }
}

/** Files of a group are open at the same time. @returns the bytes of their names */
function checkGroup(group: readonly string[]): number {
  if (group.length > FIELD_COUNT_MAX) {
    throw importFailed(
      `files of one group are at most ${FIELD_COUNT_MAX}, one a field, but got ${group.length}`,
    );
  }
  let bytes = 0;
  for (const name of group) {
    const length = Buffer.byteLength(name);
    if (length > FILE_NAME_BYTES_MAX) {
      throw importFailed(
        `the name of a file has at most ${FILE_NAME_BYTES_MAX} bytes, but got ${length}`,
      );
    }
    bytes += length;
  }
  formatOf(group);
  const twice = group.find((name, i) => group.indexOf(name) !== i);
  if (twice !== undefined) throw importFailed(`a group has the file ${twice} twice`);
  return bytes;
}

function checkOptions({ options }: ImportRequest): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(options)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (bytes > OPTIONS_BYTES_MAX) {
    throw invalidParameter(`options have at most ${OPTIONS_BYTES_MAX} bytes, but got ${bytes}`);
  }
  requireSeparator(options['sep'] ?? ',');
  timeoutMs(options['timeout']);
  for (const name of ['backup', 'l0_import']) {
    if (options[name]?.toLowerCase() === 'true') {
      throw milvusError('Unimplemented', { message: `imports with ${name}` });
    }
  }
  const autoCommit = options['auto_commit']?.toLowerCase() ?? 'true';
  if (autoCommit !== 'true' && autoCommit !== 'false') {
    throw invalidParameter('options.auto_commit must be one of "true" or "false"');
  }
}

/** @throws MilvusError PartitionNotFound */
function checkPartition({ partitions }: CollectionInfo, name: string): void {
  if (name === '' || partitions.some((one) => one.name === name)) return;
  throw milvusError('PartitionNotFound', { fields: { partition: name } });
}
