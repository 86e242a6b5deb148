/**
 * Many short values in one piece of memory: what a repeated field of text or bytes is read as and written
 * from where it holds a column, so that a million texts are not a million objects.
 */
import { isUtf8 } from 'node:buffer';
import { MalformedBytes } from '../base/bytes.ts';
import type { WireReader } from './wire-reader.ts';

export interface ByteList {
  /** One more than there are values, ascending; value i is bytes[offsets[i], offsets[i + 1]). */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

export const EMPTY_BYTE_LIST: ByteList = {
  offsets: new Uint32Array(1),
  bytes: new Uint8Array(0),
};

/** Values of one column: more than rows that a request may have. */
const VALUES_MAX = 4_194_304;

/** Values as they are met in a message, then copied side by side. */
export class ByteListBuilder {
  readonly #reader: WireReader;
  /** Where each begins, and where it ends. */
  #places = new Uint32Array(32);
  #count = 0;
  #byteLength = 0;

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  /** Takes the next length-delimited value of the message. */
  add(): void {
    if (this.#count === VALUES_MAX) throw new MalformedBytes(`more than ${VALUES_MAX} values`);
    if (this.#count * 2 === this.#places.length) {
      const places = new Uint32Array(this.#places.length * 2);
      places.set(this.#places);
      this.#places = places;
    }
    const length = this.#reader.skipBytes();
    const end = this.#reader.offset;
    this.#places[this.#count * 2] = end - length;
    this.#places[this.#count * 2 + 1] = end;
    this.#count += 1;
    this.#byteLength += length;
  }

  /** @throws MalformedBytes when `isText` and a value is not UTF-8 */
  build(isText: boolean): ByteList {
    const offsets = new Uint32Array(this.#count + 1);
    const bytes = new Uint8Array(this.#byteLength);
    let at = 0;
    for (let i = 0; i < this.#count; i++) {
      const piece = this.#reader.view(this.#places[i * 2]!, this.#places[i * 2 + 1]!);
      // Each by itself: halves of one character in two values are no text together.
      if (isText && !isUtf8(piece)) throw new MalformedBytes('text is not UTF-8');
      bytes.set(piece, at);
      at += piece.length;
      offsets[i + 1] = at;
    }
    return { offsets, bytes };
  }
}

export function byteListOf(texts: readonly string[]): ByteList {
  const bytes = Buffer.from(texts.join(''), 'utf8');
  const offsets = new Uint32Array(texts.length + 1);
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + Buffer.byteLength(text);
  return { offsets, bytes };
}

export function textAt({ offsets, bytes }: ByteList, index: number): string {
  const start = offsets[index]!;
  const end = offsets[index + 1]!;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
