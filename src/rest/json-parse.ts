/**
 * The JSON of a request, with exact int64, in turns: the members of a long list at the top (rows, vectors), or
 * in an object there (values of a filter's places), are parsed some at a time, so that a request of 64 MiB holds
 * nobody up. What has to be parsed at once may have so many keys and values only; text that nests deeper than
 * JSON_NESTING_MAX is refused before anything walks down into it.
 */
import { isUtf8 } from 'node:buffer';
import type { Clock } from '../base/clock.ts';
import { JSON_KEYS_AT_ONCE_MAX, JSON_VALUES_AT_ONCE_MAX } from '../base/limits.ts';
import { isObject, type JsonObject } from '../imports/given-rows.ts';
import { parseJsonText } from '../schema/json-text.ts';
import { restError } from './rest-errors.ts';

/** Nesting of a request; rows and filters of ours need less. */
const JSON_NESTING_MAX = 128;
/** Bytes that are parsed in one turn: a few milliseconds. */
const TURN_BYTES = 64 * 1024;

/** @throws MilvusError JsonFormatRequired when it is no JSON object, or too deep */
export async function parseJsonObject(bytes: Buffer, clock: Clock): Promise<JsonObject> {
  if (bytes.length === 0) {
    throw restError('JsonFormatRequired', 'the request body should be nil, however {} is valid');
  }
  if (!isUtf8(bytes)) throw restError('JsonFormatRequired', 'the body is no UTF-8');
  const lists = await longLists(bytes, clock);
  // Go reads null into anything, and some clients send it for nothing.
  const object = requireObject(parsePiece(withoutLists(bytes, lists)) ?? {});
  for (const list of lists) {
    const members: unknown[] = [];
    for (const [start, end] of list.pieces) {
      await clock.yieldTurn();
      // Spread would put each on the stack.
      for (const member of parsePiece(`[${bytes.toString('utf8', start, end)}]`) as unknown[]) {
        members.push(member);
      }
    }
    const keys = list.keys.map((place) => keyText(bytes, place));
    setList(object, keys, members);
  }
  return object;
}

function setList(object: JsonObject, [key = '', inner]: readonly string[], list: unknown[]): void {
  if (inner === undefined) return setOwn(object, key, list);
  const parent = object[key];
  // It is something else where the same key comes again.
  if (isObject(parent)) setOwn(parent, inner, list);
}

function setOwn(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function requireObject(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw restError('JsonFormatRequired', 'the body is no JSON object');
}

function parsePiece(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw restError('JsonFormatRequired', cause.message, cause);
  }
}

/** What is parsed in one stretch: the members of objects and of lists in it. */
class Stretch {
  #keys = 0;
  #values = 0;

  addKey(): void {
    this.#keys++;
    refuseMore('keys', this.#keys, JSON_KEYS_AT_ONCE_MAX);
  }

  addValue(): void {
    this.#values++;
    refuseMore('values', this.#values, JSON_VALUES_AT_ONCE_MAX);
  }

  /** The other is parsed in the same stretch after all. */
  add(other: Stretch): void {
    this.#keys += other.#keys;
    this.#values += other.#values;
    refuseMore('keys', this.#keys, JSON_KEYS_AT_ONCE_MAX);
    refuseMore('values', this.#values, JSON_VALUES_AT_ONCE_MAX);
  }
}

function refuseMore(what: string, count: number, max: number): void {
  if (count <= max) return;
  const where = 'in one member of a list, or beside the lists at the top';
  throw restError('JsonFormatRequired', `JSON has more than ${max} ${what} ${where}`);
}

/** From the first byte to the one behind the last. */
type Place = readonly [start: number, end: number];

/** A list that is a value of the outermost object, or of an object that is. */
interface LongList {
  /** Where the texts of its keys are, the outermost first. */
  readonly keys: readonly Place[];
  /** Of its members, without brackets. */
  readonly start: number;
  readonly end: number;
  /** Whole members each, one behind the other. */
  readonly pieces: readonly Place[];
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Walks over the brackets and texts only; whether all of it is JSON is the parser's to say. */
async function longLists(bytes: Buffer, clock: Clock): Promise<LongList[]> {
  const found: LongList[] = [];
  let pieces: Place[] = [];
  const rest = new Stretch();
  let stretch = rest;
  let depth = 0;
  /** Of the members of the list that may be long; 0: there is none. */
  let listDepth = 0;
  let listStart = 0;
  let pieceStart = 0;
  let lastText: Place = [0, 0];
  let key = lastText;
  let innerKey = lastText;
  let nextTurn = TURN_BYTES;
  for (let at = 0; at < bytes.length; at++) {
    if (at >= nextTurn) {
      nextTurn = at + TURN_BYTES;
      await clock.yieldTurn();
    }
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = textEnd(bytes, at);
      lastText = [at, end];
      at = end - 1;
    } else if (byte === COLON) {
      stretch.addKey();
      if (depth === 1) key = lastText;
      else if (depth === 2) innerKey = lastText;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > JSON_NESTING_MAX) {
        throw restError('JsonFormatRequired', `JSON nests deeper than ${JSON_NESTING_MAX}`);
      }
      if (byte === OPEN_LIST && listDepth === 0 && (depth === 2 || depth === 3)) {
        listDepth = depth;
        stretch = new Stretch();
        listStart = at + 1;
        pieceStart = listStart;
        pieces = [];
      }
    } else if (byte === COMMA) {
      stretch.addValue();
      if (depth === listDepth && at - pieceStart >= TURN_BYTES) {
        pieces.push([pieceStart, at]);
        stretch = new Stretch();
        pieceStart = at + 1;
      }
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1;
      if (listDepth > 0 && depth < listDepth) {
        if (pieces.length > 0) {
          pieces.push([pieceStart, at]);
          const keys = listDepth === 2 ? [key] : [key, innerKey];
          found.push({ keys, start: listStart, end: at, pieces });
        } else {
          rest.add(stretch);
        }
        stretch = rest;
        listDepth = 0;
      }
    }
  }
  return found;
}

function keyText(bytes: Buffer, [start, end]: Place): string {
  return String(parsePiece(bytes.toString('utf8', start, end)));
}

/** Behind the closing quote of the text that begins at `start`, or behind everything. */
function textEnd(bytes: Buffer, start: number): number {
  let quote = start;
  for (;;) {
    quote = bytes.indexOf(QUOTE, quote + 1);
    if (quote < 0) return bytes.length;
    let slashes = 0;
    while (bytes[quote - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
}

function withoutLists(bytes: Buffer, lists: readonly LongList[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of lists) {
    parts.push(bytes.toString('utf8', at, start));
    at = end;
  }
  parts.push(bytes.toString('utf8', at));
  return parts.join('');
}
