/**
 * Rows of NumPy files, one a field, named after it: `vector.npy`. Format: numpy's `lib/format.py`, versions 1 to 3.
 *   0   6 bytes  \x93NUMPY
 *   6   u8 u8    version
 *   8   u16      length of the header; u32 from version 2 on
 *   …   text     a Python dictionary: descr, fortran_order, shape
 *   …            the elements, row by row
 */
import path from 'node:path';
import { DIMENSION_MAX } from '../base/limits.ts';
import type { JsonObject } from './given-rows.ts';
import { importFailed } from './import-error.ts';
import type { ImportFile } from './import-source.ts';

const MAGIC = Buffer.from('\u0093NUMPY', 'latin1');
const HEADER_BYTES_MAX = 64 * 1024;
/** Bytes of one row, of all files together; as of a row in JSON. */
const ROW_BYTES_MAX = 16 * 1024 * 1024;
/** Bytes of one batch of rows. */
const BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_ROWS_MAX = 4096;

interface Column {
  readonly name: string;
  readonly file: ImportFile;
  readonly rowCount: number;
  /** Elements of a row; null: a row is one element. */
  readonly width: number | null;
  readonly elementBytes: number;
  readonly read: (bytes: Buffer, at: number) => unknown;
  readonly start: number;
}

/** Some rows at a time. @throws MilvusError ImportFailed */
export async function* numpyRows(
  files: readonly ImportFile[],
): AsyncGenerator<JsonObject[], undefined> {
  const columns: Column[] = [];
  for (const file of files) columns.push(await columnOf(file));
  const [first] = columns;
  const rowCount = first?.rowCount ?? 0;
  const names = new Set<string>();
  for (const column of columns) {
    if (names.has(column.name)) throw importFailed(`two files are of the field ${column.name}`);
    names.add(column.name);
    if (column.rowCount !== rowCount) {
      throw importFailed(
        `inconsistent row count of field ${column.name} (${column.rowCount}) and ${first?.name ?? ''} (${rowCount})`,
      );
    }
  }
  const length = columns.reduce((sum, column) => sum + rowBytes(column), 0);
  if (length > ROW_BYTES_MAX) {
    throw importFailed(`a row has at most ${ROW_BYTES_MAX} bytes, but got ${length}`);
  }
  const batch = Math.min(
    BATCH_ROWS_MAX,
    Math.max(1, Math.floor(BATCH_BYTES / Math.max(1, length))),
  );
  for (let from = 0; from < rowCount; from += batch) {
    const count = Math.min(batch, rowCount - from);
    const rows = Array.from(
      { length: count },
      () => Object.create(null) as Record<string, unknown>,
    );
    for (const column of columns) await readInto(rows, column, from);
    yield rows;
  }
  return undefined;
}

function rowBytes({ width, elementBytes }: Column): number {
  return (width ?? 1) * elementBytes;
}

async function readInto(
  rows: Record<string, unknown>[],
  column: Column,
  from: number,
): Promise<void> {
  const { name, file, width, elementBytes, read, start } = column;
  const length = rowBytes(column);
  const offset = start + from * length;
  const bytes = await file.read(offset, offset + rows.length * length);
  if (bytes.length < rows.length * length) throw importFailed(`${file.name} ends too early`);
  for (const [i, row] of rows.entries()) {
    const at = i * length;
    row[name] =
      width === null
        ? read(bytes, at)
        : Array.from({ length: width }, (_, element) => read(bytes, at + element * elementBytes));
  }
}

async function columnOf(file: ImportFile): Promise<Column> {
  const { header, start } = await headerOf(file);
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  const isFortran = /'fortran_order'\s*:\s*True/.test(header);
  if (descr === undefined || shape === undefined) {
    throw importFailed(`the header of ${file.name} says no type or shape`);
  }
  const sizes = shape.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  const [rowCount = -1, width = null] = sizes;
  if (sizes.length > 2 || ![rowCount, width ?? 1].every(isSize)) {
    throw importFailed(`the shape (${shape}) of ${file.name} is neither rows nor vectors`);
  }
  // Rows without bytes would be as many as the header says, whatever the length of the file.
  if (width !== null && (width === 0 || width > DIMENSION_MAX)) {
    throw importFailed(
      `a row of ${file.name} has 1 to ${DIMENSION_MAX} elements, but got ${width}`,
    );
  }
  if (isFortran && width !== null) throw importFailed(`${file.name} is in Fortran order`);
  const { elementBytes, read } = elementOf(descr, file.name);
  const name = path.posix.basename(file.name.replaceAll('\\', '/'), '.npy');
  const column = { name, file, rowCount, width, elementBytes, read, start };
  if (file.byteLength < start + rowCount * rowBytes(column)) {
    throw importFailed(`${file.name} ends too early`);
  }
  return column;
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

async function headerOf(file: ImportFile): Promise<{ header: string; start: number }> {
  const begin = await file.read(0, 12);
  if (begin.length < 12 || !begin.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw importFailed(`${file.name} is no NumPy file`);
  }
  const version = begin.readUInt8(6);
  const [length, at] = version === 1 ? [begin.readUInt16LE(8), 10] : [begin.readUInt32LE(8), 12];
  if (version < 1 || version > 3 || length > HEADER_BYTES_MAX) {
    throw importFailed(`the header of ${file.name} is of a version that is not known, or too long`);
  }
  const header = (await file.read(at, at + length)).toString(version === 3 ? 'utf8' : 'latin1');
  return { header, start: at + length };
}

/** @param descr byte order, kind, bytes: `<f4`, `|b1`, `<U8` */
function elementOf(descr: string, name: string): Pick<Column, 'elementBytes' | 'read'> {
  const [, order = '', kind = '', digits = ''] = /^([<>|=]?)([bifuU])(\d+)$/.exec(descr) ?? [];
  const size = Number(digits);
  const isBig = order === '>';
  const reader = kind === 'U' ? textReader(size, isBig) : numberReader(kind + digits, isBig);
  if (reader === undefined || size === 0)
    throw importFailed(`the type ${descr} of ${name} is not supported`);
  return { elementBytes: kind === 'U' ? size * 4 : size, read: reader };
}

type Read = Column['read'];

function numberReader(type: string, isBig: boolean): Read | undefined {
  const readers: Readonly<Record<string, Read>> = {
    b1: (bytes, at) => bytes[at] !== 0,
    i1: (bytes, at) => bytes.readInt8(at),
    u1: (bytes, at) => bytes.readUInt8(at),
    i2: (bytes, at) => (isBig ? bytes.readInt16BE(at) : bytes.readInt16LE(at)),
    i4: (bytes, at) => (isBig ? bytes.readInt32BE(at) : bytes.readInt32LE(at)),
    i8: (bytes, at) => (isBig ? bytes.readBigInt64BE(at) : bytes.readBigInt64LE(at)),
    f4: (bytes, at) => (isBig ? bytes.readFloatBE(at) : bytes.readFloatLE(at)),
    f8: (bytes, at) => (isBig ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at)),
  };
  return readers[type];
}

/** UCS-4, filled up with zeros. */
function textReader(length: number, isBig: boolean): Read {
  return (bytes, at) => {
    let text = '';
    for (let i = 0; i < length; i++) {
      const place = at + i * 4;
      const point = isBig ? bytes.readUInt32BE(place) : bytes.readUInt32LE(place);
      if (point === 0) break;
      text += point > 0x10ffff ? '\u{fffd}' : String.fromCodePoint(point);
    }
    return text;
  };
}
