/**
 * Rows of a JSON file: a list of objects, `{"rows": [ … ]}`, or one object a line. The file is read piece by
 * piece: only rows that are under way are in memory.
 */
import { parseJsonText } from '../schema/json-text.ts';
import { isObject, type JsonObject } from './given-rows.ts';
import { importFailed } from './import-error.ts';
import { chunksOf, type ImportFile } from './import-source.ts';

/** Bytes of one row, more than a row can have. */
const ROW_BYTES_MAX = 16 * 1024 * 1024;
const DEPTH_MAX = 128;

/** Some rows at a time, in the order of the file. @throws MilvusError ImportFailed */
export async function* jsonRows(file: ImportFile): AsyncGenerator<JsonObject[], undefined> {
  const scanner = new RowScanner(file.name);
  for await (const chunk of chunksOf(file)) {
    const rows = scanner.push(chunk);
    if (rows.length > 0) yield rows;
  }
  scanner.end();
  return undefined;
}

const NEWLINE = 0x0a;

/** One object a line. @throws MilvusError ImportFailed */
export async function* jsonLineRows(file: ImportFile): AsyncGenerator<JsonObject[], undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(file)) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    rest = bytes.subarray(end);
    if (rest.length > ROW_BYTES_MAX) throw tooLong(file.name);
    const rows = linesOf(bytes.subarray(0, end), file.name);
    if (rows.length > 0) yield rows;
  }
  const last = linesOf(rest, file.name);
  if (last.length > 0) yield last;
  return undefined;
}

function linesOf(bytes: Buffer, name: string): JsonObject[] {
  const lines = bytes.toString('utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => rowOf(line, name));
}

function rowOf(text: string, name: string): JsonObject {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw importFailed(`failed to parse row of ${name}: ${cause.message}`, cause);
  }
  if (isObject(value)) return value;
  throw importFailed(`invalid JSON format of ${name}, each row should be a key-value map`);
}

function tooLong(name: string): Error {
  return importFailed(`a row of ${name} has more than ${ROW_BYTES_MAX} bytes`);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Finds the rows in bytes that come in pieces, which may end anywhere. */
class RowScanner {
  readonly #name: string;
  /** From the beginning of the row that is under way. */
  #pending: Buffer = Buffer.alloc(0);
  /** Of `pending`, looked at already. */
  #at = 0;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  /** Depth inside the list of rows; 0 until it has begun. */
  #rowsDepth = 0;
  #isDone = false;

  constructor(name: string) {
    this.#name = name;
  }

  push(chunk: Buffer): JsonObject[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const rows: JsonObject[] = [];
    let start = 0;
    for (; this.#at < this.#pending.length; this.#at++) {
      const byte = this.#pending[this.#at] ?? 0;
      if (this.#skipsText(byte) || this.#isDone) continue;
      const isBetween = this.#rowsDepth > 0 && this.#depth === this.#rowsDepth;
      if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        this.#open(byte, start);
        if (this.#rowsDepth > 0 && this.#depth === this.#rowsDepth) start = this.#at + 1;
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        if (isBetween) {
          rows.push(...this.#rowBetween(start, this.#at));
          this.#isDone = true;
        }
        this.#depth -= 1;
      } else if (byte === COMMA && isBetween) {
        rows.push(...this.#rowBetween(start, this.#at));
        start = this.#at + 1;
      }
    }
    this.#pending = this.#pending.subarray(this.#isDone ? this.#at : start);
    this.#at = this.#pending.length;
    if (this.#pending.length > ROW_BYTES_MAX) throw tooLong(this.#name);
    return rows;
  }

  end(): void {
    if (this.#isDone) return;
    throw importFailed(
      `invalid JSON format of ${this.#name}, it ends inside or has no list of rows`,
    );
  }

  /** Whether a byte belongs to a text. */
  #skipsText(byte: number): boolean {
    if (!this.#isInText) {
      this.#isInText = byte === QUOTE;
      return this.#isInText;
    }
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInText = false;
    return true;
  }

  #open(byte: number, start: number): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw importFailed(`${this.#name} nests deeper than ${DEPTH_MAX}`);
    if (this.#rowsDepth > 0 || byte !== OPEN_LIST) return;
    const before = this.#pending.toString('utf8', start, this.#at);
    // A list by itself, or the one under the only key that is read.
    const isRows = this.#depth === 1 || (this.#depth === 2 && /"rows"\s*:\s*$/.test(before));
    if (isRows) this.#rowsDepth = this.#depth;
  }

  #rowBetween(start: number, end: number): JsonObject[] {
    const text = this.#pending.toString('utf8', start, end);
    return text.trim() === '' ? [] : [rowOf(text, this.#name)];
  }
}
