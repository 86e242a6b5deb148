/**
 * `like`: `%` stands for any run of characters, `_` for one character, `\` takes the next one as it is.
 *
 * The matcher takes time linear in the text: a part between two `%` is found by Knuth-Morris-Pratt, one
 * with `_` in it by bit-parallel Shift-And, and the first place where a part fits is always good enough.
 * It works on UTF-8 bytes as they stand; only a pattern with `_` needs the text as code points.
 */
import { utf8 } from './literal.ts';

/** The unit of a part that any character fits. */
const ANY = -1;

/** Whether no backslash is left at the end with nothing to protect. */
export function isPatternComplete(pattern: string): boolean {
  let slashes = 0;
  while (pattern[pattern.length - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 0;
}

/** The one text that a pattern without wildcards matches, or null when it has some. */
export function exactText(pattern: string): string | null {
  const parts = split(pattern);
  if (parts.length !== 1 || parts[0]!.includes(ANY)) return null;
  return textOf(parts[0]!);
}

/** Characters of the longest part with `_` that is looked for all over the text. */
export function longestMaskedPart(pattern: string): number {
  const masked = split(pattern)
    .slice(1, -1)
    .filter((part) => part.includes(ANY));
  return masked.reduce((most, part) => Math.max(most, part.length), 0);
}

/** The pattern that matches `text` and nothing else. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}

/** What every match begins with, as far as no wildcard stands before it. */
export function literalPrefix(pattern: string): string {
  const first = split(pattern)[0]!;
  const any = first.indexOf(ANY);
  return textOf(any < 0 ? first : first.slice(0, any));
}

/** Runs of literal characters: every match has each of them inside. */
export function literalPieces(pattern: string): string[] {
  const pieces: string[] = [];
  for (const part of split(pattern)) {
    let start = 0;
    for (let i = 0; i <= part.length; i++) {
      if (i < part.length && part[i] !== ANY) continue;
      if (i > start) pieces.push(textOf(part.slice(start, i)));
      start = i + 1;
    }
  }
  return pieces;
}

/** Whether it matches exactly what begins with its literal prefix. */
export function isPrefixPattern(pattern: string): boolean {
  const [first, ...rest] = split(pattern);
  const isOpenEnd = rest.length > 0 && rest.every((part) => part.length === 0);
  return isOpenEnd && !first!.includes(ANY);
}

function textOf(points: readonly number[]): string {
  let text = '';
  for (const point of points) text += String.fromCodePoint(point);
  return text;
}

/** The parts between `%`, each as code points and ANY; the first and the last are anchored. */
function split(pattern: string): number[][] {
  const parts: number[][] = [[]];
  let escaped = false;
  for (const character of pattern) {
    const part = parts[parts.length - 1]!;
    const point = character.codePointAt(0)!;
    if (escaped) {
      part.push(point);
      escaped = false;
    } else if (character === '\\') escaped = true;
    else if (character === '%') {
      // Several in a row stand for no more than one.
      if (parts.length === 1 || part.length > 0) parts.push([]);
    } else part.push(character === '_' ? ANY : point);
  }
  return parts;
}

type Units = Uint8Array | Int32Array;

/** A part to look for: by its failure table, or by the bits each unit sets when it holds ANY. */
interface Part {
  readonly units: Units;
  readonly failure: Int32Array;
  readonly masks: ReadonlyMap<number, Uint32Array> | null;
  readonly anyMask: Uint32Array;
}

/** A pattern without `_` in the form that native kernels take. */
export interface LikePieces {
  /** The prefix, the suffix, and the parts in between. */
  readonly texts: Uint8Array;
  readonly lengths: Uint32Array;
  /** Of every byte in between. */
  readonly failures: Int32Array;
  readonly isExact: boolean;
}

/** A pattern with `_` in the same form. */
export interface MaskedPieces {
  /** Code points of the prefix, the suffix, and the parts in between; ANY where any character fits. */
  readonly points: Int32Array;
  readonly lengths: Uint32Array;
  readonly isExact: boolean;
}

/** One pattern, ready for many texts. */
export class LikeMatcher {
  private readonly prefix: Units;
  private readonly suffix: Units;
  private readonly middle: readonly Part[];
  private readonly isExact: boolean;
  /** Units of the shortest text that may match. */
  private readonly least: number;
  private readonly byCodePoint: boolean;
  private points = new Int32Array(256);
  /** Null when there is a `_` in the pattern. */
  readonly pieces: LikePieces | null;
  /** Null when there is none. */
  readonly maskedPieces: MaskedPieces | null;

  constructor(pattern: string) {
    const parts = split(pattern);
    this.byCodePoint = parts.some((part) => part.includes(ANY));
    const units = parts.map((part) =>
      this.byCodePoint ? Int32Array.from(part) : utf8(textOf(part)),
    );
    this.isExact = units.length === 1;
    this.prefix = units[0]!;
    this.suffix = this.isExact ? new Uint8Array(0) : units[units.length - 1]!;
    this.middle = units
      .slice(1, -1)
      .filter((part) => part.length > 0)
      .map(preparePart);
    this.least = units.reduce((sum, part) => sum + part.length, 0);
    this.pieces = this.byCodePoint ? null : this.piecesOf(this.middle);
    this.maskedPieces = this.byCodePoint ? this.maskedPiecesOf(this.middle) : null;
  }

  private maskedPiecesOf(middle: readonly Part[]): MaskedPieces {
    const parts = [this.prefix, this.suffix, ...middle.map(({ units }) => units)];
    return {
      points: joined(parts, new Int32Array(this.least)),
      lengths: Uint32Array.from(parts, ({ length }) => length),
      isExact: this.isExact,
    };
  }

  private piecesOf(middle: readonly Part[]): LikePieces {
    const parts = [this.prefix, this.suffix, ...middle.map(({ units }) => units)];
    return {
      texts: joined(parts, new Uint8Array(this.least)),
      lengths: Uint32Array.from(parts, ({ length }) => length),
      failures: joined(
        middle.map(({ failure }) => failure),
        new Int32Array(this.least - this.prefix.length - this.suffix.length),
      ),
      isExact: this.isExact,
    };
  }

  /** Whether the UTF-8 text bytes[start, end) matches as a whole. */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.byCodePoint) return this.matchesUnits(bytes, start, end);
    if (this.points.length < end - start) this.points = new Int32Array((end - start) * 2);
    return this.matchesUnits(this.points, 0, decodePoints(bytes, start, end, this.points));
  }

  private matchesUnits(text: Units, start: number, end: number): boolean {
    const { prefix, suffix, least } = this;
    if (end - start < least || (this.isExact && end - start > least)) return false;
    if (!fitsAt(text, start, prefix) || !fitsAt(text, end - suffix.length, suffix)) return false;
    let at = start + prefix.length;
    for (let i = 0; i < this.middle.length; i++) {
      at = findPart(text, at, end - suffix.length, this.middle[i]!);
      if (at < 0) return false;
    }
    return true;
  }
}

/** All of `parts` one behind the other. @param room  as long as they are */
function joined<T extends Units>(parts: readonly Units[], room: T): T {
  let at = 0;
  for (const part of parts) {
    room.set(part, at);
    at += part.length;
  }
  return room;
}

function fitsAt(text: Units, at: number, part: Units): boolean {
  for (let i = 0; i < part.length; i++) {
    if (part[i] !== ANY && part[i] !== text[at + i]) return false;
  }
  return true;
}

function preparePart(units: Units): Part {
  if (!units.includes(ANY)) {
    return { units, failure: failureTable(units), masks: null, anyMask: new Uint32Array(0) };
  }
  const words = (units.length + 31) >>> 5;
  const anyMask = new Uint32Array(words);
  for (let i = 0; i < units.length; i++) if (units[i] === ANY) anyMask[i >>> 5]! |= 1 << (i & 31);
  const masks = new Map<number, Uint32Array>();
  for (let i = 0; i < units.length; i++) {
    const unit = units[i]!;
    if (unit === ANY) continue;
    const mask = masks.get(unit) ?? anyMask.slice();
    mask[i >>> 5]! |= 1 << (i & 31);
    masks.set(unit, mask);
  }
  return { units, failure: new Int32Array(0), masks, anyMask };
}

function failureTable(units: Units): Int32Array {
  const table = new Int32Array(units.length);
  for (let i = 1, length = 0; i < units.length; i++) {
    while (length > 0 && units[i] !== units[length]) length = table[length - 1]!;
    if (units[i] === units[length]) length++;
    table[i] = length;
  }
  return table;
}

/** Where the first occurrence of a part within [start, end) ends, or -1. */
function findPart(text: Units, start: number, end: number, part: Part): number {
  if (part.masks !== null) return findByBits(text, start, end, part);
  const { units, failure } = part;
  let length = 0;
  for (let i = start; i < end; i++) {
    const unit = text[i];
    while (length > 0 && unit !== units[length]) length = failure[length - 1]!;
    if (unit === units[length]) length++;
    if (length === units.length) return i + 1;
  }
  return -1;
}

/** Bit j of the state: the last j + 1 units fit the first j + 1 of the part. */
function findByBits(text: Units, start: number, end: number, part: Part): number {
  const { units, masks, anyMask } = part;
  const state = new Uint32Array(anyMask.length);
  const lastWord = state.length - 1;
  const lastBit = 1 << ((units.length - 1) & 31);
  for (let i = start; i < end; i++) {
    const mask = masks?.get(text[i]!) ?? anyMask;
    let carry = 1;
    for (let word = 0; word <= lastWord; word++) {
      const before = state[word]!;
      state[word] = ((before << 1) | carry) & mask[word]!;
      carry = before >>> 31;
    }
    if ((state[lastWord]! & lastBit) !== 0) return i + 1;
  }
  return -1;
}

/** Code points of UTF-8 into `points`. @returns how many */
function decodePoints(bytes: Uint8Array, start: number, end: number, points: Int32Array): number {
  let count = 0;
  for (let i = start; i < end; ) {
    const lead = bytes[i]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let point = length === 1 ? lead : lead & (0x7f >> length);
    for (let j = 1; j < length && i + j < end; j++) point = (point << 6) | (bytes[i + j]! & 0x3f);
    points[count++] = point;
    i += length;
  }
  return count;
}
