/**
 * An object while it is written: counts its bytes and takes a CRC-32 of every block of
 * CHECKSUM_BLOCK_BYTES and one of the whole, so that its parent can tell any damage and name the place.
 */
import type { Clock } from '../base/clock.ts';
import { crc32 } from '../base/checksum.ts';
import { CHECKSUM_BLOCK_BYTES } from '../base/limits.ts';
import type { ObjectStore, ObjectWriter } from '../storage/object-store.ts';
import type { FileDescriptor } from './descriptor.ts';
import type { ObjectReference } from './segment-info.ts';

/** Bytes handed on at once: checksums of them take well under TURN_MS_MAX. */
const TURN_BYTES = 4 * 1024 * 1024;

const ZEROS = new Uint8Array(4096);

export class CheckedWriter {
  readonly key: string;
  readonly #writer: ObjectWriter;
  readonly #clock: Clock;
  readonly #blocks: number[] = [];
  #blockChecksum = 0;
  #blockBytes = 0;
  #checksum = 0;
  #byteLength = 0;
  #turnBytes = 0;

  private constructor(key: string, writer: ObjectWriter, clock: Clock) {
    this.key = key;
    this.#writer = writer;
    this.#clock = clock;
  }

  static async create(store: ObjectStore, key: string, clock: Clock): Promise<CheckedWriter> {
    return new CheckedWriter(key, await store.create(key), clock);
  }

  /** Bytes so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Appends; gives others a turn between blocks of work. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      const end = Math.min(bytes.length, start + TURN_BYTES - this.#turnBytes);
      const part = bytes.subarray(start, end);
      this.#check(part);
      await this.#writer.write(part);
      this.#turnBytes += part.length;
      if (this.#turnBytes === TURN_BYTES) {
        this.#turnBytes = 0;
        await this.#clock.yieldTurn();
      }
      start = end;
    }
  }

  /** Zero bytes until the length is a multiple of `alignment`, which is at most 4,096. */
  async align(alignment: number): Promise<void> {
    const spare = this.#byteLength % alignment;
    if (spare !== 0) await this.write(ZEROS.subarray(0, alignment - spare));
  }

  /** Makes the object durable and visible. */
  async commit(): Promise<{ readonly reference: ObjectReference; readonly file: FileDescriptor }> {
    if (this.#blockBytes > 0) this.#endBlock();
    await this.#writer.commit();
    const { key } = this;
    const byteLength = this.#byteLength;
    return {
      reference: { key, byteLength, checksum: this.#checksum },
      file: { key, byteLength, blocks: Uint32Array.from(this.#blocks) },
    };
  }

  /** Forgets what was written. */
  async abort(): Promise<void> {
    await this.#writer.abort();
  }

  #check(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; ) {
      const end = Math.min(bytes.length, start + CHECKSUM_BLOCK_BYTES - this.#blockBytes);
      const part = bytes.subarray(start, end);
      this.#blockChecksum = crc32(part, this.#blockChecksum);
      this.#checksum = crc32(part, this.#checksum);
      this.#blockBytes += part.length;
      this.#byteLength += part.length;
      if (this.#blockBytes === CHECKSUM_BLOCK_BYTES) this.#endBlock();
      start = end;
    }
  }

  #endBlock(): void {
    this.#blocks.push(this.#blockChecksum);
    this.#blockChecksum = 0;
    this.#blockBytes = 0;
  }
}
