/** The log that the shards of this process share, and the record of where it begins. */
import type { Logger } from '../base/logger.ts';
import { type MilvusError, milvusError, toMilvusError } from '../base/errors.ts';
import { payloadByteLength } from '../wal/block.ts';
import type { Log, LogRecord, LogWriter } from '../wal/log.ts';
import { comparePositions, LOG_START, type Position } from '../wal/position.ts';

export interface LaneDeps {
  readonly log: Log;
  /** Null when the database is read only. */
  readonly writer: LogWriter | null;
  /** Where the log begins: everything before is in manifests. */
  readonly start: Position;
  /** Makes a later beginning durable. */
  readonly advanceStart: (before: Position) => Promise<void>;
  readonly logger: Logger;
}

export class Lane {
  readonly #deps: LaneDeps;
  #start: Position;
  #heldBytes = 0;
  #failure: MilvusError | null = null;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
    this.#start = deps.start;
  }

  /** Bytes that a recovery would have to read, about. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get start(): Position {
    return this.#start;
  }

  /** No record is at or after it yet. */
  get end(): Position {
    return this.#deps.writer?.end ?? LOG_START;
  }

  get queuedBytes(): number {
    return this.#deps.writer?.queuedBytes ?? 0;
  }

  async append(record: LogRecord): Promise<Position> {
    const { writer } = this.#deps;
    if (writer === null) throw milvusError('ReadOnly');
    this.#heldBytes += payloadByteLength(record);
    try {
      return await writer.append(record);
    } catch (thrown) {
      const failure = toMilvusError(thrown);
      // A record that is too large, or comes too late, says nothing of the log.
      if (failure.reason !== 'EntityTooLarge' && failure.reason !== 'Closed') {
        this.#failure = poisoned(failure);
      }
      throw thrown;
    }
  }

  /** Why nothing is written any more; null: it is, as far as the last write tells. */
  get failure(): MilvusError | null {
    return this.#failure;
  }

  /** All of it was read, from where it begins. */
  measured(heldBytes: number): void {
    this.#heldBytes = heldBytes;
  }

  /** Forgets the log before `before`: first the record of it, then the bytes. */
  async truncate(before: Position): Promise<void> {
    if (comparePositions(before, this.#start) <= 0) return;
    await this.#deps.advanceStart(before);
    this.#start = before;
    await this.#deps.log.truncate(before);
    this.#heldBytes = await this.#deps.log.byteLength(before);
  }

  async seal(): Promise<void> {
    await this.#deps.writer?.seal();
  }

  /** Lets go what was kept only because it told where the log ends; a seal tells it now. */
  async forget(): Promise<void> {
    await this.#deps.log.truncate(this.#start);
  }
}

/** The first failure is the disk's own, those behind it are refusals already. */
function poisoned(failure: MilvusError): MilvusError {
  if (failure.reason === 'WriterPoisoned') return failure;
  return milvusError('WriterPoisoned', { message: `log: ${failure.message}` }, failure);
}
