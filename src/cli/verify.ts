/**
 * `mlite verify`: every checksum and every reference of a database, read without a lock and without
 * changing anything; SQLite may leave its empty side files. A process may write meanwhile: what seems
 * wrong is looked at again when the pointer to it has moved on.
 */
import { systemClock } from '../base/clock.ts';
import { type ErrorName, MilvusError } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import type { SnapshotRecord } from '../meta/catalog-records.ts';
import { readCatalog } from '../meta/catalog-storage.ts';
import { assertFormatSupported, readClusterRecord } from '../meta/cluster-record.ts';
import { CLUSTER_KEY, laneKey, MANIFEST_PREFIX as POINTER_PREFIX } from '../meta/keys.ts';
import { readLane } from '../meta/lane-record.ts';
import { type ManifestPointer, readPointer } from '../meta/manifest-pointer.ts';
import type { MetaStore } from '../meta/meta-store.ts';
import { decodeRecord } from '../meta/record.ts';
import { type Manifest, objectKeys, readManifest } from '../segments/manifest.ts';
import type { SegmentInfo } from '../segments/segment-info.ts';
import { type SegmentProblem, verifySegment } from '../segments/verify-segment.ts';
import { LOG_DIRECTORY, META_FILE, OBJECT_PREFIXES } from '../storage/paths.ts';
import { fileLog } from '../wal/file-log.ts';
import type { Log, LogTail } from '../wal/log.ts';
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

/** Of an object, a file or a metadata key. */
export type Problem = SegmentProblem;

export interface VerifyReport {
  readonly path: string;
  readonly isIntact: boolean;
  readonly problems: readonly Problem[];
  /** What is wrong without anything being lost. */
  readonly warnings: readonly Problem[];
  readonly metadataRecords: number;
  readonly collections: number;
  readonly snapshots: number;
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
  readonly #warnings: Problem[] = [];
  readonly #referenced = new Set<string>();
  readonly #unreferenced: string[] = [];
  readonly #checkpoints: Array<{ readonly key: string; readonly position: Position }> = [];
  readonly #counts = {
    metadataRecords: 0,
    collections: 0,
    snapshots: 0,
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
      warnings: this.#warnings,
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
    for (const record of catalog?.snapshot.allSnapshots() ?? []) await this.#checkSnapshot(record);
  }

  /** Every object of every manifest of it, whether or not a collection still has it. */
  async #checkSnapshot({ manifests }: SnapshotRecord): Promise<void> {
    this.#counts.snapshots++;
    for (const reference of manifests) {
      if (reference === null) continue;
      const { key } = reference;
      const { store } = this.#files;
      this.#referenced.add(key);
      const manifest = await this.#attempt(key, async () => await readManifest(store, reference));
      for (const info of manifest?.segments ?? []) {
        const keys = objectKeys(info);
        // What two refer to is checked once.
        const isNew = keys.some((object) => !this.#referenced.has(object));
        for (const object of keys) this.#referenced.add(object);
        if (isNew) await this.#checkSegment(info);
      }
    }
  }

  async #checkSegment(info: SegmentInfo): Promise<void> {
    this.#signal.throwIfAborted();
    this.#terminal.progress(`checking segment ${info.id} (${formatBytes(info.byteLength)}) …`);
    const world = { store: this.#files.store, clock: systemClock };
    this.#problems.push(...(await verifySegment(info, world)));
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
    for (const info of manifest.segments) await this.#checkSegment(info);
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
      this.#warnings.length = 0;
      const tail = await this.#readLog(begin);
      if (tail !== null) await this.#checkEnd(tail, lane.durableEnd);
      const now = await readLane(meta, LANE);
      if (comparePositions(now.truncatedBefore, begin) === 0 || attempt === ATTEMPTS_MAX) return;
      this.#problems.length = found;
    }
  }

  /** What opening asks of the end of a log: that it holds all that was known to be durable. */
  async #checkEnd({ end, sealed }: LogTail, durableEnd: Position): Promise<void> {
    for (const { key, position } of this.#checkpoints) {
      if (comparePositions(position, end) <= 0) continue;
      const place = `${formatPosition(position)}, behind the end of the log`;
      this.#report(key, null, `has its checkpoint at ${place}`);
    }
    const isClosedHere = comparePositions(end, durableEnd) === 0 && durableEnd.term > 0;
    if (isClosedHere && !sealed) {
      const message =
        'the mark of its clean end is damaged or missing; every record before is there';
      this.#warnings.push({ key: LOG_DIRECTORY, offset: null, message, isRebuilt: false });
    }
    if (comparePositions(end, durableEnd) >= 0) return;
    await using log = this.#log();
    // The log knows what may be missing there.
    await this.#attempt(LOG_DIRECTORY, async () => await log.tail(durableEnd));
  }

  #log(): Log {
    const { disk } = this.#files;
    return fileLog({ disk, clock: systemClock, random: systemRandom, durability: 'sync' });
  }

  /** @returns how it ends; null when it is damaged */
  async #readLog(begin: Position): Promise<LogTail | null> {
    this.#terminal.progress('checking the log …');
    const files = await logFiles(this.#files.disk);
    await using log = this.#log();
    const counts = this.#counts;
    counts.logFiles = files.length;
    counts.logBytes = files.reduce((sum, file) => sum + file.byteLength, 0);
    counts.logRecords = 0;
    return await this.#attempt(LOG_DIRECTORY, async () => {
      const tail = await log.tail(begin);
      counts.cutBytes = tail.cutBytes;
      for await (const { kind, payload, position } of log.read(begin)) {
        decodeMessage(kind, payload, `${LOG_DIRECTORY} ${formatPosition(position)}`);
        counts.logRecords++;
      }
      return tail;
    });
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
    this.#problems.push({ key, offset, message, isRebuilt: false });
  }
}

function printReport(terminal: Terminal, report: VerifyReport): void {
  const { problems, warnings, unreferenced } = report;
  terminal.line(`${terminal.style('bold', report.path)}  ${formatDuration(report.tookMs)}`);
  terminal.line(
    `  metadata  ${formatNumber(report.metadataRecords, 'record')}, ` +
      `${formatNumber(report.collections, 'collection')}, ` +
      `${formatNumber(report.snapshots, 'snapshot')}, ${formatNumber(report.shards, 'manifest')}`,
  );
  terminal.line(
    `  segments  ${formatCount(report.segments)} with ${formatNumber(report.rowCount, 'row')} in ` +
      `${formatNumber(report.objects, 'object')}, ${formatBytes(report.objectBytes)}`,
  );
  // Behind a clean end nothing was being written: the warning says what those bytes are.
  const cut =
    report.cutBytes > 0 && warnings.length === 0
      ? `; ${formatNumber(report.cutBytes, 'byte')} of an unfinished write`
      : '';
  terminal.line(
    `  log       ${formatNumber(report.logRecords, 'record')} in ${formatNumber(report.logFiles, 'file')}, ` +
      `${formatBytes(report.logBytes)}${cut}`,
  );
  if (unreferenced.length > 0) {
    terminal.line(
      `  unreferenced ${formatNumber(unreferenced.length, 'object')}, left to garbage collection`,
    );
  }
  for (const { key, message } of warnings) {
    terminal.line(`  ${terminal.style('yellow', 'warning')}  ${key}: ${message}`);
  }
  for (const problem of problems) {
    const offset = problem.offset === null ? '' : ` at byte ${problem.offset}`;
    const colour = problem.isRebuilt ? 'yellow' : 'red';
    terminal.line(
      `  ${terminal.style(colour, 'damaged')}  ${problem.key}${offset}: ${problem.message}`,
    );
  }
  terminal.line(verdictOf(report, terminal));
}

function verdictOf({ problems, warnings }: VerifyReport, terminal: Terminal): string {
  const lost = problems.filter(({ isRebuilt }) => !isRebuilt);
  const rebuilt = 'indexes are built again when the database is open for writing';
  if (lost.length > 0) {
    const count = formatNumber(lost.length, 'problem');
    const rest = lost.length < problems.length ? ` The other ${rebuilt}.` : '';
    return terminal.style('red', `${count}: restore a copy of these files from before.${rest}`);
  }
  if (problems.length > 0) {
    return terminal.style('yellow', `No row and no reference is damaged; the ${rebuilt}.`);
  }
  if (warnings.length > 0) {
    return terminal.style('yellow', 'No row and no reference is damaged; see the warning.');
  }
  return terminal.style('green', 'Every checksum and every reference is right.');
}
