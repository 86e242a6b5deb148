/**
 * One value inside JSON text, found and read in place: no tree is built, nothing is decoded that the
 * path does not meet. The text is JSON, as the door of the database has made sure; of anything else
 * the answer is some answer, in time linear in its length, within its bounds.
 *
 * A step of a path is a key where it meets an object and, when it is written like one, an index where
 * it meets an array. Of equal keys in one object the first counts.
 */
import { INT64_MAX, INT64_MIN, utf8 } from './literal.ts';
import { equalBytes } from './text-table.ts';

export type JsonKind = 'absent' | 'null' | 'boolean' | 'number' | 'text' | 'array' | 'object';

export interface JsonStep {
  readonly key: Uint8Array;
  /** -1 when the key is no index. */
  readonly index: number;
}

const stepsOfPaths = new WeakMap<readonly string[], readonly JsonStep[]>();

/** Made once as long as the path lives: rows come in slices. */
export function jsonSteps(path: readonly string[]): readonly JsonStep[] {
  const known = stepsOfPaths.get(path);
  if (known !== undefined) return known;
  const steps = path.map((key) => ({
    key: utf8(key),
    index: /^(?:0|[1-9]\d{0,8})$/.test(key) ? Number(key) : -1,
  }));
  stepsOfPaths.set(path, steps);
  return steps;
}

const NO_BYTES = new Uint8Array(0);

const latin = new TextDecoder('latin1');

export class JsonCursor {
  kind: JsonKind = 'absent';
  /** Of a number: a double, or a bigint where no double holds the integer and int64 does. */
  number: number | bigint = 0;
  /** Whether the number is written without point and exponent. */
  isInteger = false;
  boolean = false;
  /** Of a text: its characters are textBytes[textStart, textEnd) in UTF-8. */
  textBytes: Uint8Array = NO_BYTES;
  textStart = 0;
  textEnd = 0;

  /** Of a member of an object: its name. */
  key: Uint8Array = NO_BYTES;

  private bytes: Uint8Array = NO_BYTES;
  private end = 0;
  private valueAt = 0;
  /** Room for texts with escapes, made for the first of them. */
  private decoded: Uint8Array = NO_BYTES;

  /** Moves to what stands at `steps` of bytes[start, end) and reads it, but for arrays and objects. */
  find(bytes: Uint8Array, start: number, end: number, steps: readonly JsonStep[]): void {
    this.bytes = bytes;
    this.end = end;
    let at = this.skipSpace(start);
    for (let i = 0; i < steps.length && at >= 0; i++) at = this.child(at, steps[i]!);
    if (at < 0 || at >= end) this.kind = 'absent';
    else this.read(at);
  }

  /** Where the value begins that was read last: what `moveTo` goes back to. */
  get place(): number {
    return this.valueAt;
  }

  /** Reads the value at a `place` of the same text once more. */
  moveTo(place: number): void {
    this.read(place);
  }

  /** Of an array: reads its first element. False when it has none. */
  firstElement(): boolean {
    return this.element(this.skipSpace(this.valueAt + 1));
  }

  /** Inside an array: reads the element after the one just read. False at its end. */
  nextElement(): boolean {
    const at = this.skipSpace(this.skipValue(this.valueAt));
    return this.bytes[at] === 44 && at < this.end && this.element(this.skipSpace(at + 1));
  }

  /** Of an object: reads its first member. False when it has none. */
  firstMember(): boolean {
    return this.memberAt(this.skipSpace(this.valueAt + 1));
  }

  /** Inside an object: reads the member after the one just read. False at its end. */
  nextMember(): boolean {
    const at = this.skipSpace(this.skipValue(this.valueAt));
    return this.bytes[at] === 44 && at < this.end && this.memberAt(this.skipSpace(at + 1));
  }

  /** Whether the value is null, or an object or array with nothing but such values inside. */
  isHollow(): boolean {
    if (this.kind !== 'object' && this.kind !== 'array') {
      return this.kind === 'null' || this.kind === 'absent';
    }
    const stop = this.skipValue(this.valueAt);
    for (let at = this.valueAt; at < stop; ) {
      const code = this.bytes[at]!;
      if (code === 34) {
        at = this.skipString(at);
        // A text that no colon follows is a value, not a key.
        if (this.bytes[this.skipSpace(at)] !== 58) return false;
      } else if (isPunctuation(code)) at++;
      else if (code === 110) at = this.skipValue(at);
      else return false;
    }
    return true;
  }

  /** The JSON text of the value. */
  rawText(): string {
    const { bytes, valueAt } = this;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return text.toString('utf8', valueAt, this.skipValue(valueAt));
  }

  private element(at: number): boolean {
    if (at >= this.end || this.bytes[at] === 93) return false;
    this.read(at);
    return true;
  }

  private memberAt(at: number): boolean {
    if (at >= this.end || this.bytes[at] !== 34) return false;
    const keyEnd = this.skipString(at);
    const isPlain = !this.bytes.subarray(at + 1, keyEnd - 1).includes(92);
    if (isPlain) this.key = this.bytes.slice(at + 1, keyEnd - 1);
    else {
      const length = this.decodeText(at + 1, keyEnd - 1);
      this.key = this.decoded.slice(0, length);
    }
    const colon = this.skipSpace(keyEnd);
    const value = this.skipSpace(colon + 1);
    if (this.bytes[colon] !== 58 || value >= this.end) return false;
    this.read(value);
    return true;
  }

  /** Where the member or element that `step` names begins, or -1. */
  private child(at: number, step: JsonStep): number {
    const code = this.bytes[at];
    if (code === 123) return this.member(at, step.key);
    if (code !== 91 || step.index < 0) return -1;
    let element = this.skipSpace(at + 1);
    if (this.bytes[element] === 93) return -1;
    for (let i = 0; element < this.end; i++) {
      if (i === step.index) return element;
      element = this.skipSpace(this.skipValue(element));
      if (this.bytes[element] !== 44) return -1;
      element = this.skipSpace(element + 1);
    }
    return -1;
  }

  private member(at: number, key: Uint8Array): number {
    let next = this.skipSpace(at + 1);
    while (next < this.end && this.bytes[next] === 34) {
      const keyEnd = this.skipString(next);
      const isWanted = this.isKey(next + 1, keyEnd - 1, key);
      next = this.skipSpace(keyEnd);
      if (this.bytes[next] !== 58) return -1;
      next = this.skipSpace(next + 1);
      if (isWanted) return next;
      next = this.skipSpace(this.skipValue(next));
      if (this.bytes[next] !== 44) return -1;
      next = this.skipSpace(next + 1);
    }
    return -1;
  }

  private isKey(start: number, end: number, key: Uint8Array): boolean {
    for (let i = start; i < end; i++) {
      if (this.bytes[i] === 92) {
        const length = this.decodeText(start, end);
        return equalBytes(this.decoded, 0, length, key);
      }
    }
    return equalBytes(this.bytes, start, end, key);
  }

  private read(at: number): void {
    this.valueAt = at;
    switch (this.bytes[at]) {
      case 123:
        this.kind = 'object';
        break;
      case 91:
        this.kind = 'array';
        break;
      case 34:
        this.kind = 'text';
        this.readText(at);
        break;
      case 116:
      case 102:
        this.kind = 'boolean';
        this.boolean = this.bytes[at] === 116;
        break;
      case 110:
        this.kind = 'null';
        break;
      default:
        this.kind = 'number';
        this.number = this.readNumber(at);
    }
  }

  private readText(at: number): void {
    const start = at + 1;
    const end = this.skipString(at) - 1;
    for (let i = start; i < end; i++) {
      if (this.bytes[i] !== 92) continue;
      this.textEnd = this.decodeText(start, end);
      this.textBytes = this.decoded;
      this.textStart = 0;
      return;
    }
    this.textBytes = this.bytes;
    this.textStart = start;
    this.textEnd = end;
  }

  private readNumber(at: number): number | bigint {
    const { bytes } = this;
    const stop = this.skipValue(at);
    let value = 0;
    let i = bytes[at] === 45 ? at + 1 : at;
    for (; i < stop && bytes[i]! >= 48 && bytes[i]! <= 57; i++) value = value * 10 + bytes[i]! - 48;
    this.isInteger = i === stop;
    if (i === stop && stop - at <= 15) return bytes[at] === 45 ? -value : value;
    const text = latin.decode(bytes.subarray(at, stop));
    const near = Number(text);
    if (i < stop || Number.isSafeInteger(near)) return near;
    const exact = BigInt(text);
    return exact >= INT64_MIN && exact <= INT64_MAX ? exact : near;
  }

  private skipSpace(at: number): number {
    let next = at;
    while (next < this.end) {
      const code = this.bytes[next];
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
      next++;
    }
    return next;
  }

  /** The offset behind the string that begins at `at`. */
  private skipString(at: number): number {
    const { bytes, end } = this;
    let next = at + 1;
    while (next < end && bytes[next] !== 34) next += bytes[next] === 92 ? 2 : 1;
    return Math.min(next + 1, end);
  }

  /** The offset behind the value that begins at `at`. */
  private skipValue(at: number): number {
    const { bytes, end } = this;
    let depth = 0;
    for (let next = at; next < end; ) {
      const code = bytes[next]!;
      if (code === 34) next = this.skipString(next);
      else if (code === 123 || code === 91) {
        depth++;
        next++;
        continue;
      } else if (code === 125 || code === 93) {
        depth--;
        next++;
      } else if (isPunctuation(code)) next++;
      else next = this.skipScalar(next);
      if (depth <= 0) return next;
    }
    return end;
  }

  private skipScalar(at: number): number {
    let next = at;
    while (next < this.end && !isPunctuation(this.bytes[next]!)) next++;
    return next;
  }

  /** Replaces the escapes of bytes[start, end) into `decoded`, which may be a new one. @returns its length */
  private decodeText(start: number, end: number): number {
    const { bytes } = this;
    if (this.decoded.length < end - start) this.decoded = new Uint8Array((end - start) * 2);
    const { decoded } = this;
    let length = 0;
    for (let i = start; i < end; ) {
      const code = bytes[i]!;
      if (code !== 92) {
        decoded[length++] = code;
        i++;
      } else if (bytes[i + 1] !== 117) {
        decoded[length++] = simpleEscape(bytes[i + 1]!);
        i += 2;
      } else {
        let point = this.hexQuad(i + 2);
        i += 6;
        if (point >= 0xd800 && point < 0xdc00 && bytes[i] === 92 && bytes[i + 1] === 117) {
          const low = this.hexQuad(i + 2);
          if (low >= 0xdc00 && low < 0xe000) {
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            i += 6;
          }
        }
        length = writePoint(decoded, length, point);
      }
    }
    return length;
  }

  private hexQuad(at: number): number {
    let value = 0;
    for (let i = at; i < at + 4; i++) {
      const code = this.bytes[i]!;
      value = value * 16 + (code <= 57 ? code - 48 : (code | 32) - 87);
    }
    return value;
  }
}

/** Space, brackets, comma and colon. */
function isPunctuation(code: number): boolean {
  return (
    code === 44 ||
    code === 58 ||
    code === 123 ||
    code === 125 ||
    code === 91 ||
    code === 93 ||
    code === 32 ||
    code === 10 ||
    code === 13 ||
    code === 9
  );
}

function simpleEscape(code: number): number {
  switch (code) {
    case 98:
      return 8;
    case 102:
      return 12;
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    default:
      return code;
  }
}

/** UTF-8 of a code point; half a surrogate pair becomes U+FFFD. @returns the length after it */
function writePoint(out: Uint8Array, at: number, point: number): number {
  const code = point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
  if (code < 0x80) {
    out[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    out[at] = 0xc0 | (code >> 6);
    out[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  if (code < 0x10000) {
    out[at] = 0xe0 | (code >> 12);
    out[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    out[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  out[at] = 0xf0 | (code >> 18);
  out[at + 1] = 0x80 | ((code >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((code >> 6) & 0x3f);
  out[at + 3] = 0x80 | (code & 0x3f);
  return at + 4;
}
