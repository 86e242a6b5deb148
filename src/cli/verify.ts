/**
 * `mlite verify`: every checksum and every reference of a database, read without a lock and without
 * changing anything; SQLite may leave its empty side files. A process may write meanwhile: what seems
 * wrong is looked at again when the pointer to it has moved on.
 */
import { systemClock } from '../base/clock.ts';
import { type ErrorName, MilvusError } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import { readCatalog } from '../meta/catalog-storage.ts';
import { assertFormatSupported, readClusterRecord } from '../meta/cluster-record.ts';
import { CLUSTER_KEY, laneKey, MANIFEST_PREFIX as POINTER_PREFIX } from '../meta/keys.ts';
import { readLane } from '../meta/lane-record.ts';
import { type ManifestPointer, readPointer } from '../meta/manifest-pointer.ts';
import type { MetaStore } from '../meta/meta-store.ts';
import { decodeRecord } from '../meta/record.ts';
import { type Manifest, objectKeys, readManifest } from '../segments/manifest.ts';
import { verifySegment } from '../segments/verify-segment.ts';
import { LOG_DIRECTORY, META_FILE, OBJECT_PREFIXES } from '../storage/paths.ts';
import { fileLog } from '../wal/file-log.ts';
import { decodeMessage } from '../wal/message.ts';
import { comparePositions, formatPosition, type Position } from '../wal/position.ts';
import {
  type DatabaseFiles,
  databaseFiles,
  LANE,
  logFiles,
  openMetaStore,
} from './database-files.ts';
import { formatBytes, formatCount, formatDuration, formatNumber } from './format.ts';
import type { Terminal } from './terminal.ts';

const ATTEMPTS_MAX = 5;

/** What damage looks like: wrong bytes, missing ones, bytes that the medium does not give. */
const DAMAGE: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'DataIntegrity',
  'IoKeyNotFound',
  'IoFailed',
]);

export interface Problem {
  /** The object, file or metadata key that is wrong. */
  readonly key: string;
  /** Bytes into it; null when it is about the whole. */
  readonly offset: number | null;
  readonly message: string;
}

export interface VerifyReport {
  readonly path: string;
  readonly isIntact: boolean;
  readonly problems: readonly Problem[];
  readonly metadataRecords: number;
  readonly collections: number;
  readonly shards: number;
  readonly segments: number;
  readonly objects: number;
  readonly rowCount: number;
  readonly objectBytes: number;
  readonly logFiles: number;
  readonly logRecords: number;
  readonly logBytes: number;
  /** Behind the last whole block of a log that was not closed; no damage. */
  readonly cutBytes: number;
  /** Objects that nothing refers to; garbage collection takes them, no damage. */
  readonly unreferenced: readonly string[];
  readonly tookMs: number;
}

export interface VerifyOptions {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly path: string;
}

/** @throws MilvusError for what is no damage: a newer format, files that may not be read */
export async function runVerify(options: VerifyOptions): Promise<VerifyReport> {
  const { terminal, path, signal } = options;
  const startMs = performance.now();
  const files = await databaseFiles(path);
  const verification = new Verification(files, terminal, signal);
  await verification.run(path);
  const report = { path, ...verification.result(), tookMs: performance.now() - startMs };
  terminal.clearProgress();
  terminal.json(report);
  printReport(terminal, report);
  return report;
}

class Verification {
  readonly #files: DatabaseFiles;
  readonly #terminal: Terminal;
  readonly #signal: AbortSignal;
  readonly #problems: Problem[] = [];
  readonly #referenced = new Set<string>();
  readonly #unreferenced: string[] = [];
  readonly #checkpoints: Array<{ readonly key: string; readonly position: Position }> = [];
  readonly #counts = {
    metadataRecords: 0,
    collections: 0,
    shards: 0,
    segments: 0,
    objects: 0,
    rowCount: 0,
    objectBytes: 0,
    logFiles: 0,
    logRecords: 0,
    logBytes: 0,
    cutBytes: 0,
  };

  constructor(files: DatabaseFiles, terminal: Terminal, signal: AbortSignal) {
    this.#files = files;
    this.#terminal = terminal;
    this.#signal = signal;
  }

  async run(path: string): Promise<void> {
    const meta = await this.#attempt(META_FILE, async () => await openMetaStore(path));
    // Without metadata nothing says which objects and which part of the log are the database.
    if (meta === null) return;
    try {
      await this.#checkMetadata(meta);
      await this.#checkShards(meta);
      await this.#checkLog(meta);
      await this.#findUnreferenced();
    } finally {
      await meta[Symbol.asyncDispose]();
    }
  }

  result(): Omit<VerifyReport, 'path' | 'tookMs'> {
    const problems = this.#problems;
    return {
      isIntact: problems.length === 0,
      problems,
      ...this.#counts,
      unreferenced: this.#unreferenced,
    };
  }

  async #checkMetadata(meta: MetaStore): Promise<void> {
    this.#terminal.progress('checking metadata …');
    const entries = (await this.#attempt(META_FILE, async () => await meta.range('/'))) ?? [];
    for (const { key, value } of entries) {
      this.#counts.metadataRecords++;
      await this.#attempt(key, async () => decodeRecord(key, value));
    }
    if (this.#problems.length > 0) return;
    await this.#attempt(CLUSTER_KEY, async () => {
      const record = await readClusterRecord(meta);
      if (record === null) this.#report(CLUSTER_KEY, null, 'is missing');
      else assertFormatSupported(record, 'read');
    });
    const catalog = await this.#attempt(META_FILE, async () => await readCatalog(meta));
    this.#counts.collections = catalog?.snapshot.allCollections().length ?? 0;
  }

  async #checkShards(meta: MetaStore): Promise<void> {
    const entries =
      (await this.#attempt(META_FILE, async () => await meta.range(POINTER_PREFIX))) ?? [];
    for (const { key } of entries) {
      this.#signal.throwIfAborted();
      const ids = key.slice(POINTER_PREFIX.length).split('/').map(Number);
      const [collectionId = 0, shardId = 0] = ids;
      await this.#checkShard(meta, key, { collectionId, shardId });
    }
  }

  /** Once more whenever its pointer moved on while it was checked. */
  async #checkShard(
    meta: MetaStore,
    key: string,
    { collectionId, shardId }: { collectionId: number; shardId: number },
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const pointer = await this.#attempt(
        key,
        async () => await readPointer(meta, collectionId, shardId),
      );
      if (pointer === null) return;
      const found = this.#problems.length;
      const manifest = await this.#checkManifest(pointer);
      const now = await readPointer(meta, collectionId, shardId);
      if (now?.version === pointer.version || attempt === ATTEMPTS_MAX) {
        this.#countShard(key, pointer, manifest);
        return;
      }
      this.#problems.length = found;
    }
  }

  async #checkManifest(pointer: ManifestPointer): Promise<Manifest | null> {
    const { key } = pointer.manifest;
    const manifest = await this.#attempt(
      key,
      async () => await readManifest(this.#files.store, pointer.manifest),
    );
    if (manifest === null) return null;
    if (manifest.collectionId !== pointer.collectionId || manifest.shardId !== pointer.shardId) {
      this.#report(key, null, 'is the manifest of another shard');
    }
    if (manifest.version !== pointer.version) {
      this.#report(key, null, `is version ${manifest.version}, not ${pointer.version}`);
    }
    if (comparePositions(manifest.checkpoint, pointer.checkpoint) !== 0) {
      this.#report(key, null, 'has another checkpoint than its pointer');
    }
    for (const info of manifest.segments) {
      this.#signal.throwIfAborted();
      this.#terminal.progress(`checking segment ${info.id} (${formatBytes(info.byteLength)}) …`);
      const world = { store: this.#files.store, clock: systemClock };
      this.#problems.push(...(await verifySegment(info, world)));
    }
    return manifest;
  }

  #countShard(key: string, pointer: ManifestPointer, manifest: Manifest | null): void {
    this.#counts.shards++;
    this.#referenced.add(pointer.manifest.key);
    this.#checkpoints.push({ key, position: pointer.checkpoint });
    if (manifest === null) return;
    for (const info of manifest.segments) {
      const keys = objectKeys(info);
      for (const object of keys) this.#referenced.add(object);
      this.#counts.segments++;
      this.#counts.objects += keys.length;
      this.#counts.rowCount += info.rowCount;
      this.#counts.objectBytes += info.byteLength;
    }
    for (const dropped of manifest.dropped) this.#referenced.add(dropped.key);
  }

  /** Once more whenever its beginning moved on while it was read. */
  async #checkLog(meta: MetaStore): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const lane = await this.#attempt(laneKey(LANE), async () => await readLane(meta, LANE));
      if (lane === null) return;
      const found = this.#problems.length;
      const begin = lane.truncatedBefore;
      const end = await this.#readLog(begin);
      for (const { key, position } of this.#checkpoints) {
        if (end === null || comparePositions(position, end) <= 0) continue;
        const place = `${formatPosition(position)}, behind the end of the log`;
        this.#report(key, null, `has its checkpoint at ${place}`);
      }
      const now = await readLane(meta, LANE);
      if (comparePositions(now.truncatedBefore, begin) === 0 || attempt === ATTEMPTS_MAX) return;
      this.#problems.length = found;
    }
  }

  /** @returns where it ends; null when it is damaged */
  async #readLog(begin: Position): Promise<Position | null> {
    this.#terminal.progress('checking the log …');
    const { disk } = this.#files;
    const files = await logFiles(disk);
    const log = fileLog({ disk, clock: systemClock, random: systemRandom, durability: 'sync' });
    const counts = this.#counts;
    counts.logFiles = files.length;
    counts.logBytes = files.reduce((sum, file) => sum + file.byteLength, 0);
    counts.logRecords = 0;
    try {
      return await this.#attempt(LOG_DIRECTORY, async () => {
        const { end, cutBytes } = await log.tail(begin);
        counts.cutBytes = cutBytes;
        for await (const { kind, payload, position } of log.read(begin)) {
          decodeMessage(kind, payload, `${LOG_DIRECTORY} ${formatPosition(position)}`);
          counts.logRecords++;
        }
        return end;
      });
    } finally {
      await log[Symbol.asyncDispose]();
    }
  }

  async #findUnreferenced(): Promise<void> {
    for (const prefix of OBJECT_PREFIXES) {
      for (const { key } of await this.#files.store.list(prefix)) {
        if (!this.#referenced.has(key)) this.#unreferenced.push(key);
      }
    }
    for (const { key } of await this.#files.store.leftovers()) this.#unreferenced.push(key);
  }

  /** The value, or null and a problem that says why there is none. */
  async #attempt<Value>(key: string, read: () => Promise<Value>): Promise<Value | null> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof MilvusError) || !DAMAGE.has(error.reason)) throw error;
      const { fields } = error;
      const place = fields['key'] ?? fields['file'] ?? fields['path'] ?? key;
      const offset = fields['offset'];
      this.#report(String(place), typeof offset === 'number' ? offset : null, error.message);
      return null;
    }
  }

  #report(key: string, offset: number | null, message: string): void {
    this.#problems.push({ key, offset, message });
  }
}

function printReport(terminal: Terminal, report: VerifyReport): void {
  const { problems, unreferenced } = report;
  terminal.line(`${terminal.style('bold', report.path)}  ${formatDuration(report.tookMs)}`);
  terminal.line(
    `  metadata  ${formatNumber(report.metadataRecords, 'record')}, ` +
      `${formatNumber(report.collections, 'collection')}, ${formatNumber(report.shards, 'manifest')}`,
  );
  terminal.line(
    `  segments  ${formatCount(report.segments)} with ${formatNumber(report.rowCount, 'row')} in ` +
      `${formatNumber(report.objects, 'object')}, ${formatBytes(report.objectBytes)}`,
  );
  const cut =
    report.cutBytes > 0 ? `; ${formatNumber(report.cutBytes, 'byte')} of an unfinished write` : '';
  terminal.line(
    `  log       ${formatNumber(report.logRecords, 'record')} in ${formatNumber(report.logFiles, 'file')}, ` +
      `${formatBytes(report.logBytes)}${cut}`,
  );
  if (unreferenced.length > 0) {
    terminal.line(
      `  unreferenced ${formatNumber(unreferenced.length, 'object')}, left to garbage collection`,
    );
  }
  for (const problem of problems) {
    const offset = problem.offset === null ? '' : ` at byte ${problem.offset}`;
    terminal.line(
      `  ${terminal.style('red', 'damaged')}  ${problem.key}${offset}: ${problem.message}`,
    );
  }
  terminal.line(
    problems.length === 0
      ? terminal.style('green', 'Every checksum and every reference is right.')
      : terminal.style(
          'red',
          `${formatNumber(problems.length, 'problem')}: restore a copy of these files from before.`,
        ),
  );
}
