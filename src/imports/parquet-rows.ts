/**
 * Rows of a Parquet file. A row group is decoded once, one column after the other, and its rows are told some
 * at a time: so it has to fit in memory.
 */
import zlib from 'node:zlib';
import {
  type AsyncBuffer,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { parseJsonText } from '../schema/json-text.ts';
import { isObject, type JsonObject } from './given-rows.ts';
import { importFailed } from './import-error.ts';
import type { ImportFile } from './import-source.ts';

const ROWS_PER_BATCH = 1000;
/** Bytes of a row group, uncompressed. */
const GROUP_BYTES_MAX: number = 128 * 1024 * 1024;
/** Rows of a row group: repeated values need next to no bytes. What Arrow writes at most when not told otherwise. */
const GROUP_ROWS_MAX = 1024 * 1024;
/** Bytes that are read at a time: a column of a row group, which compression may have made longer. */
const SLICE_BYTES_MAX: number = 2 * GROUP_BYTES_MAX;
/** Characters of a text that an error tells. */
const TOLD_LENGTH_MAX = 100;

type Decompress = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

/** The pages of a row group together become no longer than it may be. Snappy is the library's own. */
function compressorsOfGroup(): Compressors {
  let left = GROUP_BYTES_MAX;
  const limited =
    (decompress: Decompress) =>
    (input: Uint8Array): Uint8Array => {
      const bytes = decompress(input, { maxOutputLength: Math.max(1, left) });
      left -= bytes.length;
      return bytes;
    };
  return {
    GZIP: limited(zlib.gunzipSync),
    BROTLI: limited(zlib.brotliDecompressSync),
    // Node has it since 22.15.
    ...('zstdDecompressSync' in zlib ? { ZSTD: limited(zlib.zstdDecompressSync) } : {}),
  };
}

const decoder = new TextDecoder();
const PARSERS = {
  jsonFromBytes: (bytes: Uint8Array | undefined): unknown =>
    bytes === undefined ? undefined : parseJsonText(decoder.decode(bytes)),
};

/** @throws MilvusError ImportFailed */
export async function* parquetRows(file: ImportFile): AsyncGenerator<JsonObject[], undefined> {
  const source: AsyncBuffer = {
    byteLength: file.byteLength,
    slice: (start, end) => {
      const bytes = sliceOf(file, start, end);
      // The library asks ahead, and does not wait for what it has no use for any more.
      bytes.catch(() => undefined);
      return bytes;
    },
  };
  const metadata = await read(file, async () => await parquetMetadataAsync(source));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows);
    checkGroup(file, count, Number(group.total_byte_size));
    const window = { metadata, rowStart, rowEnd: rowStart + count };
    const columns = await read(file, async () => await columnsOf(source, window));
    for (let start = 0; start < count; start += ROWS_PER_BATCH) {
      yield rowsOf(columns, start, Math.min(start + ROWS_PER_BATCH, count));
    }
    rowStart += count;
  }
  return undefined;
}

function checkGroup({ name }: ImportFile, rowCount: number, byteLength: number): void {
  if (!(rowCount >= 0 && rowCount <= GROUP_ROWS_MAX && byteLength <= GROUP_BYTES_MAX)) {
    const bounds = `${GROUP_ROWS_MAX} rows and ${GROUP_BYTES_MAX} bytes`;
    throw importFailed(
      `a row group of ${name} has at most ${bounds}, but got ${rowCount} and ${byteLength}; write smaller row groups`,
    );
  }
}

interface Column {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** Of the rows of one group. */
async function columnsOf(
  file: AsyncBuffer,
  window: { readonly metadata: FileMetaData; readonly rowStart: number; readonly rowEnd: number },
): Promise<Column[]> {
  const { metadata, rowStart, rowEnd } = window;
  if (rowStart === rowEnd) return [];
  const options = { file, ...window, compressors: compressorsOfGroup(), parsers: PARSERS };
  const columns: Column[] = [];
  for (const { element } of parquetSchema(metadata).children) {
    const { name } = element;
    const pages: DecodedArray[] = [];
    await parquetRead({
      ...options,
      columns: [name],
      onChunk: ({ columnData }) => void pages.push(columnData),
    });
    const values: unknown[] = [];
    for (const page of pages) {
      for (const value of page) values.push(value);
    }
    // The library may decode rows behind those that were asked for.
    if (values.length < rowEnd - rowStart) throw new Error(`the column ${name} ends too early`);
    columns.push({ name, values });
  }
  return columns;
}

/** Rows [start, end) of a group. */
function rowsOf(columns: readonly Column[], start: number, end: number): JsonObject[] {
  const rows: JsonObject[] = [];
  for (let at = start; at < end; at++) {
    rows.push(rowOf(columns, at));
  }
  return rows;
}

/** Places come from the file itself, which may say anything. */
async function sliceOf(
  file: ImportFile,
  start: number,
  end = file.byteLength,
): Promise<ArrayBuffer> {
  const from = start < 0 ? file.byteLength + start : start;
  const isInside = from >= 0 && end >= from && end <= file.byteLength;
  if (!isInside || end - from > SLICE_BYTES_MAX) {
    throw importFailed(`${file.name} refers to bytes that it does not have`);
  }
  return Uint8Array.from(await file.read(from, end)).buffer;
}

/** What the library throws says what is wrong with the file. */
async function read<T>(file: ImportFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw importFailed(`failed to read ${file.name}: ${message}`, cause);
  }
}

/** The dynamic field is text in JSON, as Milvus's own writer has it. */
function rowOf(columns: readonly Column[], at: number): JsonObject {
  const row = Object.create(null) as Record<string, unknown>;
  for (const { name, values } of columns) {
    const value = values[at] ?? null;
    if (name === '$meta' && value !== null) Object.assign(row, metaOf(value));
    else row[name] = value;
  }
  return row;
}

/** @param value text, or the object where the file says that the text is JSON */
function metaOf(value: unknown): JsonObject {
  if (typeof value !== 'string') return isObject(value) ? value : {};
  try {
    const parsed = parseJsonText(value);
    return isObject(parsed) ? parsed : {};
  } catch (cause) {
    throw importFailed(`the dynamic field is no JSON: ${value.slice(0, TOLD_LENGTH_MAX)}`, cause);
  }
}
