/**
 * A LogWriter whose term begins with its first append: opening a log that ended cleanly, and reading only,
 * makes nothing durable. Promises:
 *  - no record is appended before the term is open, and appends keep the order of their calls;
 *  - the term begins where this writer says that the log ends, or not at all;
 *  - a term that could not be begun is not tried again: every later append is refused, as after a failed
 *    append.
 */
import { type MilvusError, milvusError } from '../base/errors.ts';
import { payloadByteLength } from './block.ts';
import type { LogRecord, LogWriter } from './log.ts';
import type { Position } from './position.ts';

export interface DeferredWriterOptions {
  readonly term: number;
  /** Every record that is there lies below it; `foundEnd` may move it on. */
  readonly end: Position;
  /** Takes the term and opens it behind `end`. */
  readonly open: (end: Position) => Promise<LogWriter>;
}

interface Waiter {
  readonly record: LogRecord;
  readonly resolve: (position: Promise<Position>) => void;
  readonly reject: (error: unknown) => void;
}

export class DeferredWriter implements LogWriter {
  readonly term: number;
  readonly #open: (end: Position) => Promise<LogWriter>;
  #end: Position;
  #writer: LogWriter | null = null;
  #beginning: Promise<void> | null = null;
  #waiters: Waiter[] = [];
  #waitingBytes = 0;
  #refusal: MilvusError | null = null;

  constructor({ term, end, open }: DeferredWriterOptions) {
    this.term = term;
    this.#end = end;
    this.#open = open;
  }

  get queuedBytes(): number {
    return this.#waitingBytes + (this.#writer?.queuedBytes ?? 0);
  }

  get end(): Position {
    return this.#writer?.end ?? this.#end;
  }

  /** Whether the term was opened, or is being opened. */
  get hasBegun(): boolean {
    return this.#beginning !== null;
  }

  /** The log was read: this is where its records end. */
  foundEnd(end: Position): void {
    this.#end = end;
  }

  append(record: LogRecord): Promise<Position> {
    if (this.#writer !== null) return this.#writer.append(record);
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
    const appended = new Promise<Position>((resolve, reject) => {
      this.#waiters.push({ record, resolve, reject });
      this.#waitingBytes += payloadByteLength(record);
    });
    // Whoever waits hears of a failure.
    this.begin().catch(() => undefined);
    return appended;
  }

  /** Opens the term now; once, however often it is called. */
  begin(): Promise<void> {
    this.#beginning ??= this.#begin();
    return this.#beginning;
  }

  /** Seals the term; a log whose term was never begun stays as it ended. */
  async seal(): Promise<void> {
    if (this.#beginning === null) {
      this.#refusal ??= milvusError('Closed', { message: 'log writer is sealed' });
      return;
    }
    await this.#beginning;
    await this.#writer?.seal();
  }

  async #begin(): Promise<void> {
    try {
      const writer = await this.#open(this.#end);
      // In one step: an append that comes now comes behind those that waited.
      this.#writer = writer;
      for (const { record, resolve } of this.#takeWaiters()) resolve(writer.append(record));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      this.#refusal = milvusError('WriterPoisoned', { message: `log: ${message}` }, cause);
      for (const { reject } of this.#takeWaiters()) reject(cause);
      throw cause;
    }
  }

  #takeWaiters(): Waiter[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#waitingBytes = 0;
    return waiters;
  }
}
