/**
 * Log port: one writer a term, many readers, many shards in one log.
 *
 * Promises, kept by every implementation (test/suites/log-suite.ts):
 *  - a record is acknowledged only when it and everything before it in its term is durable;
 *  - what was read once is a prefix of every later read;
 *  - opening term T ends all lower terms: none of their appends is acknowledged afterwards;
 *  - a failed append or sync poisons the writer: every later append fails until the log is opened again;
 *  - nothing at or after the truncation point is forgotten.
 */
import { milvusError } from '../base/errors.ts';
import { comparePositions, formatPosition, type Position } from './position.ts';

/** When an append is acknowledged. */
export type Durability =
  /** After the bytes are on the device. */
  | 'sync'
  /** After the operating system has them; synced in the background, at most a second later. */
  | 'os'
  /** At once; for logs in memory and for tests. */
  | 'memory';

/** What a record is to its shard; the payload's meaning is in wal/message.ts. */
export interface LogRecord {
  readonly kind: number;
  /** Numeric id of the shard it belongs to. */
  readonly shardId: number;
  /** Hybrid timestamp; never decreases within a shard. */
  readonly timestamp: bigint;
  /** Chunks, one behind the other; they must not change until the append has resolved. */
  readonly payload: readonly Uint8Array[];
}

/** A record as it was read. Its payload is a view, 8-byte aligned, that keeps the whole file's bytes alive. */
export interface LogEntry extends Omit<LogRecord, 'payload'> {
  readonly payload: Uint8Array;
  readonly position: Position;
}

export interface LogWriter {
  readonly term: number;
  /**
   * Appends in call order; resolves with the record's position when durable.
   * @throws MilvusError WriterPoisoned, DiskLimitExceeded, IoFailed (then nothing more is accepted), EntityTooLarge
   */
  append(record: LogRecord): Promise<Position>;
  /** Bytes accepted and not yet durable: the caller slows down above LOG_QUEUE_BYTES_MAX. */
  readonly queuedBytes: number;
  /**
   * Every record below it is acknowledged, and every one that is not, or is still to come, is at or after
   * it: never behind the durable end, so it may be kept as a place to read from.
   */
  readonly end: Position;
  /** Waits for what is queued, records the log's durable end, and accepts nothing more. */
  seal(): Promise<void>;
}

/** What reading the log found at its end; part of the recovery report. */
export interface LogTail {
  /** Where the valid log ends: position the next record would have had; of a sealed one that of its seal. */
  readonly end: Position;
  /** The last writer sealed it. */
  readonly sealed: boolean;
  /** Bytes cut off behind the last valid block; never more than one unacknowledgeable group of blocks. */
  readonly cutBytes: number;
  /** Bytes held from where reading began, to a file's precision. */
  readonly heldBytes: number;
}

export interface Log extends AsyncDisposable {
  /**
   * Opens a new term, higher than every earlier one, and fences those.
   * @param end where the caller found the log's end; left out: wherever it is
   * @throws MilvusError ServiceUnavailable when a term as high was opened before, or the log ends elsewhere
   */
  open(term: number, end?: Position): Promise<LogWriter>;
  /**
   * Every record at or after `from`, in order, up to the end as of the call. LOG_START means everything
   * that is still held; any other position must still be held or be where the held part begins.
   * @returns when it is read to its end: how it ended
   * @throws MilvusError DataIntegrity with file and byte offset for anything but a torn tail
   */
  read(from: Position): AsyncGenerator<LogEntry, LogTail>;
  /** Where the log ends and how; checks every block from `from` on. */
  tail(from: Position): Promise<LogTail>;
  /** Forgets records before `before`; a no-op when they are gone. The caller made them superfluous. */
  truncate(before: Position): Promise<void>;
  /** Bytes held at or after `from`, to a file's precision, for the policy that bounds the log. */
  byteLength(from: Position): Promise<number>;
}

/**
 * A log that goes on behind the place up to which its opener read it was written by another since.
 * @param expected undefined: any end will do
 */
export function checkEnd(end: Position, expected: Position | undefined): void {
  if (expected === undefined || comparePositions(end, expected) === 0) return;
  const [ends, read] = [formatPosition(end), formatPosition(expected)];
  throw milvusError('ServiceUnavailable', {
    message: `log: it ends at ${ends}, and was read up to ${read}: another wrote it`,
    fields: { end: ends, read },
  });
}
