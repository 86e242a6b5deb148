/** Rows of the files of an import, whatever their format, which their endings say. */
import path from 'node:path';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { type CsvOptions, csvRows } from './csv-rows.ts';
import type { JsonObject } from './given-rows.ts';
import { importFailed } from './import-error.ts';
import { withHalfVectors } from './half-vectors.ts';
import type { ImportFile } from './import-source.ts';
import { jsonLineRows, jsonRows } from './json-rows.ts';
import { numpyRows } from './numpy-rows.ts';
import { parquetRows } from './parquet-rows.ts';

const FORMATS = {
  '.json': 'JSON',
  '.jsonl': 'JSONL',
  '.ndjson': 'JSONL',
  '.csv': 'CSV',
  '.npy': 'NumPy',
  '.parquet': 'Parquet',
} as const;

type Format = (typeof FORMATS)[keyof typeof FORMATS];

/**
 * The format of a group of files: one file, or the NumPy files of a collection's fields.
 * @throws MilvusError ImportFailed
 */
export function formatOf(names: readonly string[]): Format {
  const [first] = names;
  if (first === undefined) throw importFailed('no file to import');
  const formats: Readonly<Record<string, Format>> = FORMATS;
  const format = formats[path.extname(first)];
  if (format === undefined) throw importFailed(`unexpected file type, files=[${names.join(' ')}]`);
  for (const name of names) {
    if (formats[path.extname(name)] !== format) {
      throw importFailed(`inconsistency in file types, (${first}) vs (${name})`);
    }
  }
  if (names.length > 1 && format !== 'NumPy') {
    const word = format === 'JSONL' ? 'JSON' : format;
    throw importFailed(`for ${word} import, accepts only one file`);
  }
  return format;
}

/** @throws MilvusError ImportFailed */
export function importRows(
  files: readonly ImportFile[],
  schema: CollectionSchema,
  options: CsvOptions,
): AsyncGenerator<JsonObject[], undefined> {
  const format = formatOf(files.map(({ name }) => name));
  const [file] = files;
  if (file === undefined || format === 'NumPy') {
    return withHalfVectors(numpyRows(files), schema);
  }
  switch (format) {
    case 'JSON':
      return jsonRows(file);
    case 'JSONL':
      return jsonLineRows(file);
    case 'CSV':
      return csvRows(file, schema, options);
    default:
      return withHalfVectors(parquetRows(file), schema);
  }
}
