/**
 * The Protocol Buffers wire format, written: see wire-reader.ts. A message is written front to back; the
 * length of a part inside is known before it is written, because its codec measures it first.
 */
import { assert } from '../base/assert.ts';

/** Bytes of a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

const SIGNED_BYTES = 10;

/** Bytes of a varint of 64 bits; a negative one is written as its two's complement. */
export function varint64Length(value: bigint): number {
  if (value < 0n) return SIGNED_BYTES;
  let length = 1;
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) length++;
  return length;
}

/** Bytes of an int32, which is written as 64 bits when it is negative. */
export function int32Length(value: number): number {
  return value < 0 ? SIGNED_BYTES : varintLength(value);
}

export class WireWriter {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;

  /** @param byteLength of the whole message */
  constructor(byteLength: number) {
    this.#bytes = Buffer.allocUnsafeSlow(byteLength);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, byteLength);
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  varint64(value: bigint): void {
    if (value >= 0n && value <= Number.MAX_SAFE_INTEGER) return this.varint(Number(value));
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  int32(value: number): void {
    if (value < 0) this.varint64(BigInt(value));
    else this.varint(value);
  }

  float(value: number): void {
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  double(value: number): void {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  raw(value: Uint8Array): void {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** @param byteLength of `text` in UTF-8 */
  text(text: string, byteLength: number): void {
    const written = this.#bytes.write(text, this.#at, byteLength, 'utf8');
    assert(written === byteLength, 'text takes the bytes it was measured at');
    this.#at += byteLength;
  }

  /** @throws AssertionError when what was written is not what was measured */
  finish(): Uint8Array {
    assert(this.#at === this.#bytes.length, 'a message takes the bytes it was measured at');
    return this.#bytes;
  }
}
