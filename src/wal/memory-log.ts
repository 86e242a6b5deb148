/** The Log port in memory, for databases that live as long as their process. Payloads are copied in. */
import { milvusError } from '../base/errors.ts';
import { RECORD_BYTES_MAX } from '../base/limits.ts';
import { payloadByteLength } from './block.ts';
import {
  checkEnd,
  type Log,
  type LogEntry,
  type LogRecord,
  type LogTail,
  type LogWriter,
} from './log.ts';
import { comparePositions, LOG_START, type Position } from './position.ts';

export function memoryLog(): Log {
  return new MemoryLog();
}

class MemoryLog implements Log {
  #entries: LogEntry[] = [];
  #writer: MemoryLogWriter | null = null;

  async open(term: number, end?: Position): Promise<LogWriter> {
    const highest = this.#writer?.term ?? 0;
    if (term <= highest) {
      throw milvusError('ServiceUnavailable', {
        message: `log: term ${term} is not above term ${highest}, which was opened before`,
        fields: { term, highest },
      });
    }
    checkEnd(this.#end, end);
    this.#writer?.fence(term);
    this.#writer = new MemoryLogWriter(term, (entry) => this.#entries.push(entry));
    return this.#writer;
  }

  async *read(from: Position): AsyncGenerator<LogEntry, LogTail> {
    const entries = this.#entries.slice();
    const tail = await this.tail(from);
    for (const entry of entries) {
      if (comparePositions(entry.position, from) >= 0) yield entry;
    }
    return tail;
  }

  async tail(from: Position): Promise<LogTail> {
    const sealed = this.#writer?.isSealed ?? false;
    return { end: this.#end, sealed, cutBytes: 0, heldBytes: await this.byteLength(from) };
  }

  async truncate(before: Position): Promise<void> {
    this.#entries = this.#entries.filter((entry) => comparePositions(entry.position, before) >= 0);
  }

  async byteLength(from: Position): Promise<number> {
    let total = 0;
    for (const entry of this.#entries) {
      if (comparePositions(entry.position, from) >= 0) total += entry.payload.length;
    }
    return total;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#writer?.close();
  }

  get #end(): Position {
    return this.#writer?.end ?? LOG_START;
  }
}

class MemoryLogWriter implements LogWriter {
  readonly term: number;
  readonly queuedBytes = 0;
  readonly #keep: (entry: LogEntry) => void;
  #sequence = 0;
  #refusal: Error | null = null;
  #isSealed = false;

  constructor(term: number, keep: (entry: LogEntry) => void) {
    this.term = term;
    this.#keep = keep;
  }

  get end(): Position {
    return { term: this.term, sequence: this.#sequence, index: 0 };
  }

  get isSealed(): boolean {
    return this.#isSealed;
  }

  async append(record: LogRecord): Promise<Position> {
    if (this.#refusal !== null) throw this.#refusal;
    const byteLength = payloadByteLength(record);
    if (byteLength > RECORD_BYTES_MAX) {
      const fields = { byteLength, max: RECORD_BYTES_MAX };
      throw milvusError('EntityTooLarge', { message: 'log record', fields });
    }
    const payload = new Uint8Array(byteLength);
    let at = 0;
    for (const chunk of record.payload) {
      payload.set(chunk, at);
      at += chunk.length;
    }
    const position = this.end;
    this.#sequence += 1;
    this.#keep({ ...record, payload, position });
    return position;
  }

  async seal(): Promise<void> {
    if (this.#isSealed) return;
    if (this.#refusal !== null) throw this.#refusal;
    this.#isSealed = true;
    this.#refusal = milvusError('Closed', { message: 'log writer is sealed' });
  }

  fence(term: number): void {
    this.#refusal = milvusError('WriterPoisoned', {
      message: `log: term ${this.term} was ended by term ${term}`,
      fields: { term: this.term, endedBy: term },
    });
  }

  close(): void {
    this.#refusal ??= milvusError('Closed', { message: 'log writer' });
  }
}
