/** Little-endian cursors over bytes: the writer grows, the reader checks every bound. */
import { assert } from './assert.ts';

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes that end early or are not what the format says. Callers make it a MilvusError with the place. */
export class MalformedBytes extends Error {
  override readonly name = 'MalformedBytes';
}

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** Makes room for `extra` bytes and returns where they start. */
  reserve(extra: number): number {
    const start = this.#length;
    const need = start + extra;
    if (need > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(need, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = need;
    return start;
  }

  u8(value: number): void {
    const at = this.reserve(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.reserve(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.reserve(4);
    this.#view.setUint32(at, value, true);
  }

  /** An unsigned integer up to 2^53 - 1 in eight bytes. */
  u64(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'u64 holds a safe non-negative integer');
    this.big(BigInt(value));
  }

  /** A bigint in [0, 2^64) or, as two's complement, in [-2^63, 0). */
  big(value: bigint): void {
    const at = this.reserve(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
  }

  f64(value: number): void {
    const at = this.reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Bytes as they are, without a length. */
  raw(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.#bytes.set(value, at);
  }

  /** u32 length and bytes. */
  blob(value: Uint8Array): void {
    this.u32(value.length);
    this.raw(value);
  }

  /** u32 length and UTF-8. */
  text(value: string): void {
    this.blob(utf8Encoder.encode(value));
  }

  /** Zero bytes until the length is a multiple of `alignment`. */
  align(alignment: number): void {
    const spare = this.#length % alignment;
    if (spare !== 0) this.#bytes.fill(0, this.reserve(alignment - spare), this.#length);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** The bytes written so far; a view that the next write may move. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): number {
    const value = this.big();
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new MalformedBytes(`integer ${value} is not safe`);
    return Number(value);
  }

  /** Unsigned; use BigInt.asIntN(64, …) for a signed value. */
  big(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A view of the next `byteLength` bytes. */
  raw(byteLength: number): Uint8Array {
    const at = this.#take(byteLength);
    return this.bytes.subarray(at, at + byteLength);
  }

  blob(): Uint8Array {
    return this.raw(this.u32());
  }

  /** @throws MalformedBytes when it is not UTF-8 */
  text(): string {
    const bytes = this.blob();
    try {
      return utf8Decoder.decode(bytes);
    } catch (cause) {
      throw new MalformedBytes('text is not UTF-8', { cause });
    }
  }

  align(alignment: number): void {
    const spare = this.#at % alignment;
    if (spare !== 0) this.#take(alignment - spare);
  }

  #take(byteLength: number): number {
    const at = this.#at;
    if (byteLength > this.bytes.length - at) {
      throw new MalformedBytes(
        `${byteLength} bytes wanted at ${at}, ${this.bytes.length - at} left`,
      );
    }
    this.#at = at + byteLength;
    return at;
  }
}
