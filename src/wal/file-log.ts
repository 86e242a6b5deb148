/**
 * The Log port over files `<directory>/<term>-<first sequence>.log` (wal/block.ts has the bytes,
 * wal/log-files.ts which files count, wal/log-walk.ts what damage is, wal/log-writer.ts how it is written).
 *
 * Opening term T, in this order:
 *  1. create T's first file: from here on no lower term's append is acknowledged;
 *  2. find where the log ends, cutting a torn tail; the opener may say where that must be;
 *  3. write its last blocks again, sync the file in which it ends, and the directory: what counts from
 *     now on must not depend on bytes or names that a crash could still take;
 *  4. write T's first block, which names that end, and sync it.
 * What lies behind the end stays in its file and is ignored for ever. A crash before 4 leaves a term that
 * was never opened.
 *
 * Any number of FileLogs, in this process or in others, may read while one writes.
 */
import type { Clock } from '../base/clock.ts';
import { MilvusError, milvusError } from '../base/errors.ts';
import { LOG_FILE_BYTES_MAX } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import type { Disk } from '../storage/disk.ts';
import { LOG_DIRECTORY } from '../storage/paths.ts';
import { BLOCK_HEADER_BYTES, NO_PREDECESSOR } from './block.ts';
import {
  checkEnd,
  type Durability,
  type Log,
  type LogEntry,
  type LogTail,
  type LogWriter,
} from './log.ts';
import {
  damaged,
  highestTerm,
  listLogFiles,
  loadChain,
  type LogFile,
  logFile,
  type TermLink,
} from './log-files.ts';
import { LogWalk, type ScannedBlock, type ScannedFile, type WalkEnd } from './log-walk.ts';
import { FileLogWriter } from './log-writer.ts';
import { LOG_START, type Position } from './position.ts';

export interface FileLogOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly durability: Durability;
  /** Below the disk's root. */
  readonly directory?: string;
  /** Bytes at which a file is followed by another; LOG_FILE_BYTES_MAX when left out. */
  readonly fileBytesMax?: number;
}

export function fileLog(options: FileLogOptions): Log {
  return new FileLog(options);
}

class FileLog implements Log {
  readonly #options: FileLogOptions;
  readonly #disk: Disk;
  readonly #directory: string;
  #writer: FileLogWriter | null = null;
  #truncating: Promise<void> = Promise.resolve();

  constructor(options: FileLogOptions) {
    this.#options = options;
    this.#disk = options.disk;
    this.#directory = options.directory ?? LOG_DIRECTORY;
  }

  async open(term: number, expectedEnd?: Position): Promise<LogWriter> {
    await this.#writer?.fence(term);
    await this.#disk.makeDirectory(this.#directory);
    const highest = highestTerm(await this.#disk.list(this.#directory));
    if (term <= highest) {
      throw milvusError('ServiceUnavailable', {
        message: `log: term ${term} is not above term ${highest}, which was opened before`,
        fields: { term, highest },
      });
    }
    const first = logFile(this.#directory, term, 0);
    const file = await this.#disk.open(first.path, 'create');
    try {
      const { end, tail } = await this.#endBelow(term);
      checkEnd(positionOf(end), expectedEnd);
      const syncing = tail === null ? null : this.#writeAgain(tail);
      await Promise.all([syncing, this.#disk.syncDirectory(this.#directory)]);
      const { clock, durability, random } = this.#options;
      const writer = new FileLogWriter({
        disk: this.#disk,
        directory: this.#directory,
        clock,
        durability,
        term,
        writer: new DataView(random.bytes(8).slice().buffer).getBigUint64(0),
        file,
        fileBytesMax: this.#options.fileBytesMax ?? LOG_FILE_BYTES_MAX,
      });
      await writer.start(predecessorOf(end), end.checksum);
      this.#writer = writer;
      return writer;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async *read(from: Position): AsyncGenerator<LogEntry, LogTail> {
    const walk = await this.#walk(from);
    for (let scanned = await walk.next(); scanned !== null; scanned = await walk.next()) {
      for (const block of scanned.blocks) {
        const { term, sequence } = block.header;
        if (term === from.term && sequence < from.sequence) continue;
        const skip = term === from.term && sequence === from.sequence ? from.index : 0;
        yield* entries(scanned, block, skip);
      }
    }
    return tailAt(walk.end);
  }

  async tail(from: Position): Promise<LogTail> {
    const walk = await this.#walk(from);
    for (let scanned = await walk.next(); scanned !== null; scanned = await walk.next()) {
      for (const block of scanned.blocks) checkRecords(scanned, block);
    }
    return tailAt(walk.end);
  }

  truncate(before: Position): Promise<void> {
    const done = this.#truncating.then(() => this.#truncate(before));
    // A failed truncation does not stop the next one from trying.
    this.#truncating = done.catch(() => undefined);
    return done;
  }

  async byteLength(from: Position): Promise<number> {
    const files = await listLogFiles(this.#disk, this.#directory);
    let total = 0;
    for (const [i, file] of files.entries()) {
      if (isBelow(file, files[i + 1], from)) continue;
      total += (await this.#disk.byteLength(file.path)) ?? 0;
    }
    return total;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#truncating;
    await this.#writer?.close();
  }

  async #walk(from: Position): Promise<LogWalk> {
    const writer = this.#writer;
    // In 'memory' mode what waits to be written is acknowledged already.
    if (this.#options.durability === 'memory') await writer?.drain();
    const bound = writer?.readable ?? null;
    const files = await listLogFiles(this.#disk, this.#directory);
    const chain = await loadChain(this.#disk, files, from.term);
    return new LogWalk(this.#disk, chain, { from, bound });
  }

  /** Where the log of all terms below `term` ends. */
  async #endBelow(term: number): Promise<{ end: WalkEnd; tail: Tail | null }> {
    const files = await listLogFiles(this.#disk, this.#directory);
    const chain = await loadChain(
      this.#disk,
      files.filter((file) => file.term < term),
      term,
    );
    const last = chain.at(-1);
    if (last === undefined) return { end: NOTHING, tail: null };
    // All files but the last are whole, because each was synced before the next was begun.
    const start = last.files.at(-2) ?? last.files.at(-1);
    const from = { term: last.term, sequence: start?.firstSequence ?? 0, index: 0 };
    const walk = new LogWalk(this.#disk, [last], { from, bound: null });
    let tail: Tail | null = null;
    for (let scanned = await walk.next(); scanned !== null; scanned = await walk.next()) {
      if (scanned.blocks.length > 0) tail = tailOf(scanned, walk.end.byteLength);
    }
    return { end: walk.end, tail };
  }

  /**
   * A sync of these bytes may have failed, and the system may have forgotten since that they are not on
   * the device: only writing them again makes sure.
   */
  async #writeAgain(tail: Tail): Promise<void> {
    const file = await this.#disk.open(tail.file.path, 'write');
    try {
      await file.write([tail.bytes], tail.offset);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #truncate(before: Position): Promise<void> {
    const files = await listLogFiles(this.#disk, this.#directory);
    const chain = await loadChain(this.#disk, files, before.term);
    const kept = this.#lastHeld(chain);
    for (const [i, file] of files.entries()) {
      if (file.path === kept?.path || !canRemove(file, files[i + 1], { before, chain })) return;
      await this.#remove(file);
    }
  }

  /** The file of the last durable block, which says where the log ends; the one after it may be empty yet. */
  #lastHeld(chain: readonly TermLink[]): LogFile | undefined {
    const files = chain.at(-1)?.files ?? [];
    const last = files.at(-1);
    const writer = this.#writer;
    const isBegun =
      writer?.term !== last?.term || (writer?.durable ?? 0) > (last?.firstSequence ?? 0);
    return isBegun ? last : (files.at(-2) ?? last);
  }

  /** Durable before the next removal, so that a crash cannot take a younger file and bring back an older. */
  async #remove(file: LogFile): Promise<void> {
    try {
      await this.#disk.remove(file.path);
    } catch (error) {
      if (!(error instanceof MilvusError && error.reason === 'IoKeyNotFound')) throw error;
    }
    await this.#disk.syncDirectory(this.#directory);
  }
}

const NOTHING: WalkEnd = Object.freeze({
  term: 0,
  sequence: 0,
  file: null,
  byteLength: 0,
  checksum: 0,
  sealed: false,
  cutBytes: 0,
  heldBytes: 0,
});

/** A seal is no record: it stands where the next one would have been. */
function positionOf({ term, sequence, sealed }: WalkEnd): Position {
  if (term === 0) return LOG_START;
  return { term, sequence: sealed ? sequence - 1 : sequence, index: 0 };
}

function tailAt(end: WalkEnd): LogTail {
  const { sealed, cutBytes, heldBytes } = end;
  return { end: positionOf(end), sealed, cutBytes, heldBytes };
}

/** Blocks at the end of a file of which none says that they are durable. */
interface Tail {
  readonly file: LogFile;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** @param end bytes of the file that count */
function tailOf({ file, decoder, blocks }: ScannedFile, end: number): Tail {
  const durable = blocks.at(-1)?.header.durable ?? 0;
  const offset = blocks.find(({ header }) => header.sequence >= durable)?.offset ?? 0;
  return { file, offset, bytes: decoder.bytes.subarray(offset, end) };
}

function predecessorOf(end: WalkEnd): typeof NO_PREDECESSOR {
  if (end.file === null) return NO_PREDECESSOR;
  const { term, sequence, byteLength } = end;
  return { term, sequence, firstSequence: end.file.firstSequence, byteLength };
}

function* entries(scanned: ScannedFile, block: ScannedBlock, skip: number): Generator<LogEntry> {
  const { term, sequence, recordCount, bodyBytes } = block.header;
  const bodyEnd = block.offset + BLOCK_HEADER_BYTES + bodyBytes;
  let at = block.offset + BLOCK_HEADER_BYTES;
  for (let index = 0; index < recordCount; index++) {
    const record = scanned.decoder.record(at, bodyEnd);
    if (record === null) throw damaged(scanned.file, at, 'record does not fit its block');
    at = record.end;
    if (index < skip) continue;
    const { kind, shardId, timestamp, payload } = record;
    yield { kind, shardId, timestamp, payload, position: { term, sequence, index } };
  }
}

function checkRecords(scanned: ScannedFile, block: ScannedBlock): void {
  const { recordCount, bodyBytes } = block.header;
  const bodyEnd = block.offset + BLOCK_HEADER_BYTES + bodyBytes;
  let at = block.offset + BLOCK_HEADER_BYTES;
  for (let index = 0; index < recordCount; index++) {
    const record = scanned.decoder.record(at, bodyEnd);
    if (record === null) throw damaged(scanned.file, at, 'record does not fit its block');
    at = record.end;
  }
}

/** Whether every block of `file` is certainly below `from`, judging by names alone. */
function isBelow(file: LogFile, next: LogFile | undefined, from: Position): boolean {
  if (file.term !== from.term) return file.term < from.term;
  return next?.term === file.term && next.firstSequence <= from.sequence;
}

function canRemove(
  file: LogFile,
  next: LogFile | undefined,
  context: { before: Position; chain: readonly TermLink[] },
): boolean {
  const { before, chain } = context;
  if (isBelow(file, next, before)) return true;
  // The last file of the term that `before` is in: its successor knows where it ends.
  const link = chain.find(({ term }) => term === file.term);
  const end = link?.end ?? null;
  return file.term === before.term && end !== null && end.sequence <= before.sequence;
}
