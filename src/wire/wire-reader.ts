/**
 * The Protocol Buffers wire format, read: a cursor over the bytes of a message that checks every bound.
 *
 *   message   { tag, value } *             tag = field number << 3 | wire type, a varint
 *   0 varint  7 bits a byte, low ones first, at most 10 bytes
 *   1 fixed   8 bytes, little-endian
 *   2 bytes   varint length, bytes
 *   5 fixed   4 bytes, little-endian
 *
 * Wire types 3 and 4 (groups) are refused: nothing of Milvus has them.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
import { isUtf8 } from 'node:buffer';
import { MalformedBytes } from '../base/bytes.ts';

export const WireType = { Varint: 0, Fixed64: 1, Bytes: 2, Fixed32: 5 } as const;

const VARINT_BYTES_MAX = 10;
/** Messages, and numbers that stand alone, of one message: arrays of two fields of a million rows are as many. */
const PARTS_MAX = 4_194_304;
/** Longer text is decoded by Buffer, shorter by a loop, which is faster where all of it is ASCII. */
const SHORT_TEXT_BYTES = 24;

export class WireReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;
  /** Of the part that is read. */
  #end: number;
  #partsLeft: number = PARTS_MAX;

  /** @param bytes a whole message */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  /** Reads the next length-delimited value by `read`, for which the reader ends where the value does. */
  inside<Value>(read: () => Value): Value {
    const outerEnd = this.#end;
    const end = this.#length() + this.#at;
    this.#end = end;
    const value = read();
    this.#at = end;
    this.#end = outerEnd;
    return value;
  }

  /**
   * Before each part that becomes an object of its own, which takes much more memory than its bytes.
   * @throws MalformedBytes when a message has too many of them
   */
  countPart(): void {
    this.#partsLeft -= 1;
    if (this.#partsLeft < 0) throw new MalformedBytes(`more than ${PARTS_MAX} parts`);
  }

  /** The low 32 bits of a varint, as a signed number. */
  int32(): number {
    return this.uint32() | 0;
  }

  /** The low 32 bits of a varint. */
  uint32(): number {
    const first = this.#at < this.#end ? this.#bytes[this.#at]! : 0x80;
    if (first < 0x80) {
      this.#at += 1;
      return first;
    }
    let value = 0;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.#bytes[this.#take(1)]!;
      if (i < 5) value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value >>> 0;
    }
    throw new MalformedBytes(`a varint of more than ${VARINT_BYTES_MAX} bytes`);
  }

  /** A varint as an unsigned integer of 64 bits. */
  uint64(): bigint {
    let low = 0;
    let high = 0;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.#bytes[this.#take(1)]!;
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else if (i < 9) high |= bits << (7 * i - 32);
      else high |= bits << 31;
      if (byte < 0x80) {
        return high === 0 ? BigInt(low >>> 0) : (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      }
    }
    throw new MalformedBytes(`a varint of more than ${VARINT_BYTES_MAX} bytes`);
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A view of the next length-delimited value. */
  bytes(): Uint8Array {
    const length = this.#length();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** @throws MalformedBytes when it is not UTF-8 */
  string(): string {
    const length = this.#length();
    const at = this.#take(length);
    if (length <= SHORT_TEXT_BYTES) {
      const text = this.#ascii(at, at + length);
      if (text !== null) return text;
    }
    if (!isUtf8(this.#bytes.subarray(at, at + length))) {
      throw new MalformedBytes('text is not UTF-8');
    }
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** The next length-delimited value as little-endian numbers of `width` bytes, in memory of their own. */
  packedFixed(width: 4 | 8): ArrayBuffer {
    const length = this.#length();
    const at = this.#take(length);
    if (length % width !== 0) throw new MalformedBytes(`packed numbers of ${width} in ${length}`);
    const start = this.#bytes.byteOffset + at;
    return this.#bytes.buffer.slice(start, start + length) as ArrayBuffer;
  }

  /** How many varints the rest is. @throws MalformedBytes when the last one is cut off */
  countVarints(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let count = 0;
    for (let at = this.#at; at < end; at++) count += (bytes[at]! >>> 7) ^ 1;
    if (this.remaining > 0 && bytes[end - 1]! >= 0x80) {
      throw new MalformedBytes('a varint is cut off');
    }
    return count;
  }

  /**
   * The rest, which is as many varints as `countVarints` said, as integers of 64 bits.
   * @param out low and high words by turns: a bigint each would be an allocation
   */
  varintWords(out: Int32Array): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < out.length; i += 2) {
      let byte = bytes[at++]!;
      let low = byte & 0x7f;
      if (byte >= 0x80) {
        byte = bytes[at++]!;
        low |= (byte & 0x7f) << 7;
      }
      for (let shift = 14; byte >= 0x80 && shift < 28; shift += 7) {
        byte = bytes[at++]!;
        low |= (byte & 0x7f) << shift;
      }
      if (byte >= 0x80) {
        byte = bytes[at++]!;
        low |= byte << 28;
        let high = (byte & 0x7f) >>> 4;
        for (let length = 5; byte >= 0x80; length++) {
          if (length === VARINT_BYTES_MAX) {
            throw new MalformedBytes(`a varint of more than ${VARINT_BYTES_MAX} bytes`);
          }
          byte = bytes[at++]!;
          // Of the last byte that may be there one bit is left.
          high |= (byte & 0x7f) << (7 * length - 32);
        }
        out[i + 1] = high;
      }
      out[i] = low;
    }
    this.#at = at;
  }

  get offset(): number {
    return this.#at;
  }

  /** Past the next length-delimited value. @returns its bytes */
  skipBytes(): number {
    const length = this.#length();
    this.#at += length;
    return length;
  }

  /** Bytes of the message from `start` to `end`, which were met before. */
  view(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  /** Past the value of a field of `wireType`. */
  skip(wireType: number): void {
    switch (wireType) {
      case WireType.Varint:
        this.uint64();
        return;
      case WireType.Fixed64:
        this.#take(8);
        return;
      case WireType.Bytes:
        this.#take(this.#length());
        return;
      case WireType.Fixed32:
        this.#take(4);
        return;
      default:
        throw new MalformedBytes(`wire type ${wireType}`);
    }
  }

  #ascii(start: number, end: number): string | null {
    let text = '';
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at]!;
      if (byte >= 0x80) return null;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #length(): number {
    const length = this.uint64();
    if (length > BigInt(this.remaining)) {
      throw new MalformedBytes(`${length} bytes wanted, ${this.remaining} left`);
    }
    return Number(length);
  }

  #take(byteLength: number): number {
    const at = this.#at;
    if (byteLength > this.#end - at) {
      throw new MalformedBytes(`${byteLength} bytes wanted, ${this.#end - at} left`);
    }
    this.#at = at + byteLength;
    return at;
  }
}
