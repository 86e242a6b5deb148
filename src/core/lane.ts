/** The log that the shards of this process share, and the record of where it begins. */
import type { Logger } from '../base/logger.ts';
import { milvusError } from '../base/errors.ts';
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
    return await writer.append(record);
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
