/** Rows of a Parquet file, some of a row group at a time. */
import zlib from 'node:zlib';
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { isObject, type JsonObject } from './given-rows.ts';
import { importFailed } from './import-error.ts';
import type { ImportFile } from './import-source.ts';

const ROWS_PER_BATCH = 1000;
/** Bytes that a compressed page may become. */
const PAGE_BYTES_MAX = 256 * 1024 * 1024;

/** Bytes that are read at a time; a row group's column is the longest. */
const SLICE_BYTES_MAX = 1024 * 1024 * 1024;

type Decompress = (input: Uint8Array, outputLength: number) => Uint8Array;

const limited =
  (
    decompress: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array,
  ): Decompress =>
  (input) =>
    decompress(input, { maxOutputLength: PAGE_BYTES_MAX });

/** Snappy is the library's own. */
const COMPRESSORS = {
  GZIP: limited(zlib.gunzipSync),
  BROTLI: limited(zlib.brotliDecompressSync),
  // Node has it since 22.15.
  ...('zstdDecompressSync' in zlib ? { ZSTD: limited(zlib.zstdDecompressSync) } : {}),
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
  const rowCount = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < rowCount; rowStart += ROWS_PER_BATCH) {
    const rowEnd = Math.min(rowStart + ROWS_PER_BATCH, rowCount);
    const window = { rowStart, rowEnd, metadata, compressors: COMPRESSORS };
    const rows = await read(
      file,
      async () => await parquetReadObjects({ file: source, ...window }),
    );
    yield rows.map(rowOf);
  }
  return undefined;
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
function rowOf(given: Record<string, unknown>): JsonObject {
  const row = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(given)) {
    if (name === '$meta' && typeof value === 'string') Object.assign(row, metaOf(value));
    else row[name] = value ?? null;
  }
  return row;
}

function metaOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch (cause) {
    throw importFailed(`the dynamic field is no JSON: ${text}`, cause);
  }
}
