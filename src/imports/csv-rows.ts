/**
 * Rows of a CSV file (RFC 4180): the first line names the fields, a cell may stand in quotes, with quotes in it
 * doubled. A cell is read by the type of its field: lists, vectors, structs and JSON are JSON text.
 */
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType, isVector } from '../schema/data-type.ts';
import { parseJsonText } from '../schema/json-text.ts';
import type { JsonObject } from './given-rows.ts';
import { importFailed } from './import-error.ts';
import { chunksOf, type ImportFile } from './import-source.ts';

const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;
const REFUSED_SEPARATORS: readonly string[] = ['\0', '\n', '\r', '"', '\u{fffd}'];
const META = '$meta';

export interface CsvOptions {
  /** One character. */
  readonly separator: string;
  /** The text that stands for null. */
  readonly nullKey: string;
}

/** @throws MilvusError ImportFailed */
export function requireSeparator(text: string): string {
  const [first = ','] = text;
  if (!REFUSED_SEPARATORS.includes(first)) return first;
  throw importFailed(`unsupported csv separator: ${text}`);
}

/** Some rows at a time. @throws MilvusError ImportFailed */
export async function* csvRows(
  file: ImportFile,
  schema: CollectionSchema,
  options: CsvOptions,
): AsyncGenerator<JsonObject[], undefined> {
  const scanner = new LineScanner(file.name, options.separator);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let read: ((cells: readonly string[]) => JsonObject) | null = null;
  const rowsOf = (lines: string[][]): JsonObject[] => {
    const [first] = lines;
    if (read === null && first !== undefined) {
      read = rowReader(first, { schema, file, options });
      lines.shift();
    }
    return read === null ? [] : lines.map(read);
  };
  for await (const chunk of chunksOf(file)) {
    const rows = rowsOf(scanner.push(decoded(decoder, chunk, file.name)));
    if (rows.length > 0) yield rows;
  }
  const rows = rowsOf(scanner.end());
  if (read === null) throw importFailed(`${file.name} has no header`);
  if (rows.length > 0) yield rows;
  return undefined;
}

function decoded(decoder: InstanceType<typeof TextDecoder>, chunk: Buffer, name: string): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw importFailed(`${name} is no UTF-8`, cause);
  }
}

/** Lines of cells in text that comes in pieces. */
class LineScanner {
  readonly #name: string;
  readonly #separator: string;
  #cell = '';
  #cells: string[] = [];
  #isQuoted = false;
  /** A quote was met inside quotes: it ends them unless another one follows. */
  #isQuoteOpen = false;
  #length = 0;

  constructor(name: string, separator: string) {
    this.#name = name;
    this.#separator = separator;
  }

  push(text: string): string[][] {
    const lines: string[][] = [];
    for (const character of text) {
      this.#length += 1;
      if (this.#length > LINE_CHARACTERS_MAX) {
        throw importFailed(
          `a line of ${this.#name} has more than ${LINE_CHARACTERS_MAX} characters`,
        );
      }
      if (this.#isQuoted && !this.#isQuoteOpen) {
        if (character === '"') this.#isQuoteOpen = true;
        else this.#cell += character;
      } else if (character === '"') this.#quote();
      else {
        this.#isQuoted = false;
        this.#isQuoteOpen = false;
        if (character === this.#separator) this.#endCell();
        else if (character === '\n') lines.push(...this.#endLine());
        else this.#cell += character;
      }
    }
    return lines;
  }

  end(): string[][] {
    if (this.#isQuoted && !this.#isQuoteOpen) {
      throw importFailed(`${this.#name} ends inside quotes`);
    }
    return this.#endLine();
  }

  #quote(): void {
    if (this.#isQuoteOpen) {
      this.#cell += '"';
      this.#isQuoteOpen = false;
    } else if (this.#cell === '') this.#isQuoted = true;
    else throw importFailed(`a bare quote in a cell of ${this.#name}`);
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = '';
  }

  /** Empty lines are none. */
  #endLine(): string[][] {
    if (this.#cell.endsWith('\r')) this.#cell = this.#cell.slice(0, -1);
    const isEmpty = this.#cells.length === 0 && this.#cell === '';
    this.#endCell();
    const cells = this.#cells;
    this.#cells = [];
    this.#length = 0;
    this.#isQuoted = false;
    this.#isQuoteOpen = false;
    return isEmpty ? [] : [cells];
  }
}

function rowReader(
  header: readonly string[],
  {
    schema,
    file,
    options,
  }: {
    readonly schema: CollectionSchema;
    readonly file: ImportFile;
    readonly options: CsvOptions;
  },
): (cells: readonly string[]) => JsonObject {
  const names = header.map((name, i) => (i === 0 ? name.replace(/^\u{feff}/u, '') : name).trim());
  if (new Set(names).size !== names.length) {
    throw importFailed(`${file.name} names a field twice`);
  }
  const readers = names.map((name) => cellReader(name, schema));
  return (cells) => {
    if (cells.length !== names.length) {
      throw importFailed(
        `the number of fields in a row (${cells.length}) of ${file.name} is not equal to the header (${names.length})`,
      );
    }
    const row = Object.create(null) as Record<string, unknown>;
    for (const [i, cell] of cells.entries()) {
      const name = names[i] ?? '';
      const value = cell === options.nullKey ? null : readers[i]?.(cell);
      if (name === META && typeof value === 'object') Object.assign(row, value);
      else row[name] = value;
    }
    return row;
  };
}

function cellReader(name: string, schema: CollectionSchema): (cell: string) => unknown {
  const asIs = (cell: string): unknown => cell;
  const json = (cell: string): unknown => jsonCell(name, cell);
  if (name === META || schema.structs.some((struct) => struct.name === name)) return json;
  const type = schema.fields.find((field) => field.name === name)?.type;
  if (type === undefined) return asIs;
  return type === DataType.Array || type === DataType.JSON || isVector(type) ? json : asIs;
}

function jsonCell(name: string, cell: string): unknown {
  try {
    return parseJsonText(cell);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw importFailed(`a cell of field ${name} is no JSON: ${cause.message}`, cause);
  }
}
