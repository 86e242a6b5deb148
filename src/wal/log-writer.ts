/**
 * The writer of one term of the local log: group commit.
 *
 * Nothing in flight: an append goes out at once. While a block is being written and synced, appends
 * gather and go out together as the next block. Promises:
 *  - records are acknowledged in order, and in 'sync' mode only after their block is on the device: there
 *    is never more than one block that is not;
 *  - an acknowledgement is given only when, after the block was written, no file of a higher term was
 *    there. Whoever opens a higher term creates its file before reading what is here, so it sees every
 *    block that is acknowledged;
 *  - a file is synced before the next is begun, and the next one's name is durable before its first block;
 *  - after a failed write or sync nothing more is written: the bytes are left as they are, and the next
 *    opening decides what counts.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { type MilvusError, milvusError } from '../base/errors.ts';
import { BLOCK_BYTES_TARGET, LOG_SYNC_DELAY_MS, RECORD_BYTES_MAX } from '../base/limits.ts';
import type { Disk, DiskFile } from '../storage/disk.ts';
import {
  BlockFlag,
  type BlockPlace,
  type EncodedBlock,
  encodeRecords,
  encodeTermStart,
  payloadByteLength,
  type Predecessor,
  recordBytes,
} from './block.ts';
import type { Durability, LogRecord, LogWriter } from './log.ts';
import { HEAD_BYTES, highestTerm, logFile } from './log-files.ts';
import type { Position } from './position.ts';

export interface LogWriterParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly clock: Clock;
  readonly durability: Durability;
  readonly term: number;
  /** Random, names this writer in its blocks. */
  readonly writer: bigint;
  /** The term's first file, empty. */
  readonly file: DiskFile;
  /** A file that would grow beyond this is followed by another. */
  readonly fileBytesMax: number;
}

interface Waiter {
  readonly position: Position;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: unknown) => void;
}

/** A block that is being gathered. */
interface Gathering {
  readonly sequence: number;
  readonly records: LogRecord[];
  readonly waiters: Waiter[];
  byteLength: number;
}

export class FileLogWriter implements LogWriter {
  readonly term: number;
  readonly #parts: LogWriterParts;
  #file: DiskFile;
  /** Bytes written to the file. */
  #fileBytes = 0;
  /** Header checksum of the last block written. */
  #chain = 0;
  /** Blocks written; the sequence of the next. */
  #written = 0;
  /** Blocks on the device. */
  #durable = 0;
  readonly #queue: Gathering[] = [];
  /** Sequence of the next block to be gathered. */
  #gathered = 0;
  /** Sequence of the first block that waits or is in flight; that of the next one when none does. */
  #settled = 0;
  #queuedBytes = 0;
  /** What every further append is refused with; null while the writer is open. */
  #refusal: MilvusError | null = null;
  /** Set by the first failed write or sync: neither is ever tried again. */
  #failure: MilvusError | null = null;
  #pumping: Promise<void> | null = null;
  #timer: Timer | null = null;
  #syncing: Promise<void> = Promise.resolve();
  #sealing: Promise<void> | null = null;

  constructor(parts: LogWriterParts) {
    this.term = parts.term;
    this.#parts = parts;
    this.#file = parts.file;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get end(): Position {
    if (this.#parts.durability !== 'memory') {
      return { term: this.term, sequence: this.#settled, index: 0 };
    }
    const last = this.#queue.at(-1);
    if (last === undefined) return { term: this.term, sequence: this.#gathered, index: 0 };
    return { term: this.term, sequence: last.sequence, index: last.records.length };
  }

  /** Every block below this position is written whole; acknowledged records are below it. */
  get readable(): Position {
    const { durability } = this.#parts;
    const sequence = durability === 'sync' ? this.#durable : this.#written;
    return { term: this.term, sequence, index: 0 };
  }

  /** Sequence of the first block that a crash may take. */
  get durable(): number {
    return this.#durable;
  }

  /** Writes the term's first block; durable when it resolves. */
  async start(predecessor: Predecessor, chain: number): Promise<void> {
    this.#chain = chain;
    const place = this.#place(BlockFlag.TermStart);
    await this.#write(encodeTermStart(place, predecessor));
    await this.#makeDurable();
    this.#gathered = this.#written;
    this.#settled = this.#written;
  }

  append(record: LogRecord): Promise<Position> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
    const payloadBytes = payloadByteLength(record);
    if (payloadBytes > RECORD_BYTES_MAX) {
      const fields = { byteLength: payloadBytes, max: RECORD_BYTES_MAX };
      return Promise.reject(milvusError('EntityTooLarge', { message: 'log record', fields }));
    }
    const block = this.#gather(record, recordBytes(payloadBytes));
    const position = {
      term: this.term,
      sequence: block.sequence,
      index: block.records.length - 1,
    };
    const acknowledged =
      this.#parts.durability === 'memory'
        ? Promise.resolve(position)
        : new Promise<Position>((resolve, reject) => {
            block.waiters.push({ position, resolve, reject });
          });
    this.#pumping ??= this.#pump();
    return acknowledged;
  }

  seal(): Promise<void> {
    this.#sealing ??= this.#seal();
    return this.#sealing;
  }

  /** Ends this writer for a higher term: what is queued is refused, what is in flight settles first. */
  async fence(term: number): Promise<void> {
    // In 'memory' mode what is queued has been acknowledged.
    if (this.#parts.durability === 'memory') await this.close();
    this.#refuseQueued(endedBy(this.term, term));
    await this.close();
  }

  /** Waits for everything accepted to be written, or refused. */
  async drain(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
  }

  /** Writes what was accepted and closes the file, without a seal. */
  async close(): Promise<void> {
    this.#refusal ??= milvusError('Closed', { message: 'log writer' });
    await this.drain();
    await this.#stopSyncing();
    await this.#file.close();
  }

  /** The block that a record of `byteLength` bytes joins: the last one that waits, or a new one. */
  #gather(record: LogRecord, byteLength: number): Gathering {
    let block = this.#queue.at(-1);
    if (block === undefined || block.byteLength + byteLength > BLOCK_BYTES_TARGET) {
      block = { sequence: this.#gathered, records: [], waiters: [], byteLength: 0 };
      this.#gathered += 1;
      this.#queue.push(block);
    }
    block.records.push(record);
    block.byteLength += byteLength;
    this.#queuedBytes += byteLength;
    return block;
  }

  /** Writes one block after the other until none waits. Never rejects. */
  async #pump(): Promise<void> {
    for (let block = this.#queue.shift(); block !== undefined; block = this.#queue.shift()) {
      try {
        await this.#commit(block);
      } catch (cause) {
        this.#settle(block, cause);
        this.#poison(cause);
        break;
      }
      this.#settled = block.sequence + 1;
      this.#settle(block, null);
    }
    this.#pumping = null;
  }

  async #commit(block: Gathering): Promise<void> {
    const encoded = encodeRecords(this.#place(0), block.records);
    const { fileBytesMax } = this.#parts;
    if (this.#fileBytes > 0 && this.#fileBytes + encoded.byteLength > fileBytesMax) {
      await this.#roll();
    }
    await this.#write(encoded);
    if (this.#parts.durability === 'sync') {
      await this.#makeDurable();
    } else if (this.#parts.durability === 'os') {
      await this.#checkNotEnded();
      this.#scheduleSync();
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #place(flags: number): BlockPlace {
    const { durability, writer } = this.#parts;
    const mode = durability === 'sync' ? BlockFlag.AcknowledgedWhenDurable : 0;
    return {
      flags: flags | mode,
      term: this.term,
      sequence: this.#written,
      durable: this.#durable,
      writer,
      chain: this.#chain,
    };
  }

  async #write(block: EncodedBlock): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await this.#file.write(block.chunks, this.#fileBytes);
    this.#fileBytes += block.byteLength;
    this.#chain = block.checksum;
    this.#written += 1;
  }

  /** Syncs all that is written; meanwhile looks for a higher term, which is possible once it is written. */
  async #makeDurable(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const written = this.#written;
    await Promise.all([this.#file.sync(), this.#checkNotEnded()]);
    this.#durable = Math.max(this.#durable, written);
  }

  async #checkNotEnded(): Promise<void> {
    const { disk, directory } = this.#parts;
    const highest = highestTerm(await disk.list(directory));
    if (highest > this.term) throw endedBy(this.term, highest);
  }

  async #roll(): Promise<void> {
    const { disk, directory } = this.#parts;
    await this.#stopSyncing();
    if (this.#durable < this.#written) await this.#makeDurable();
    await this.#file.close();
    this.#file = await disk.open(logFile(directory, this.term, this.#written).path, 'create');
    this.#fileBytes = 0;
    // Without it a crash could keep the blocks to come and lose their file's name.
    await disk.syncDirectory(directory);
  }

  #scheduleSync(): void {
    this.#timer ??= this.#parts.clock.after(LOG_SYNC_DELAY_MS, () => {
      this.#timer = null;
      this.#syncing = this.#syncInBackground();
    });
  }

  /** Never rejects: a failure shows at the next append. */
  async #syncInBackground(): Promise<void> {
    const written = this.#written;
    try {
      await this.#file.sync();
      this.#durable = Math.max(this.#durable, written);
      if (this.#durable < this.#written) this.#scheduleSync();
    } catch (cause) {
      this.#poison(cause);
    }
  }

  async #stopSyncing(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#syncing;
    // A sync that found newer blocks has set the timer again.
    (this.#timer as Timer | null)?.cancel();
    this.#timer = null;
  }

  async #seal(): Promise<void> {
    if (this.#refusal !== null) throw this.#refusal;
    this.#refusal = milvusError('Closed', { message: 'log writer is sealed' });
    const sealed = this.#refusal;
    await this.drain();
    await this.#stopSyncing();
    // A failure or a higher term took the place of the refusal while it drained.
    if (this.#refusal !== sealed) throw this.#refusal;
    try {
      if (this.#durable < this.#written) await this.#makeDurable();
      // In a file of its own: whoever opens the log next finds its end without reading what it does not need.
      if (this.#fileBytes >= HEAD_BYTES) await this.#roll();
      await this.#write(encodeRecords(this.#place(BlockFlag.Seal), []));
      await this.#makeDurable();
      await this.#file.close();
    } catch (cause) {
      this.#poison(cause);
      throw cause;
    }
  }

  #settle(block: Gathering, error: unknown): void {
    this.#queuedBytes -= block.byteLength;
    for (const { position, resolve, reject } of block.waiters) {
      if (error === null) resolve(position);
      else reject(error);
    }
  }

  #poison(cause: unknown): void {
    if (this.#failure !== null) return;
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#failure = milvusError('WriterPoisoned', { message: `log: ${message}` }, cause);
    this.#refuseQueued(this.#failure);
  }

  #refuseQueued(refusal: MilvusError): void {
    this.#refusal = refusal;
    for (const block of this.#queue.splice(0)) this.#settle(block, refusal);
  }
}

function endedBy(term: number, higher: number): MilvusError {
  return milvusError('WriterPoisoned', {
    message: `log: term ${term} was ended by term ${higher}`,
    fields: { term, endedBy: higher },
  });
}
