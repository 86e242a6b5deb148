/**
 * The descriptor of a sealed segment: where every column lies, and the checksums of every block of its
 * files. Readers need nothing else to find a byte; it is read whole, once, and checked against the
 * checksum that the manifest holds. JSON:
 *
 *   formatVersion, segmentId, rowCount, schemaVersion
 *   files[]    key, byteLength, blocks: CRC-32 of each CHECKSUM_BLOCK_BYTES, u32 little-endian in base64
 *   columns[]  fieldId, type, elementType?, dim?, nullCount, file: index into files,
 *              buffers[]: [offset, byteLength] in the file, in the order of column-buffers.ts
 *   keys       file, kind, filterByteLength: the part of the key index that says which keys are absent
 *
 * Row timestamps are the column of field 1.
 */
import { milvusError } from '../base/errors.ts';
import { MalformedBytes } from '../base/bytes.ts';
import { crc32 } from '../base/checksum.ts';
import { CHECKSUM_BLOCK_BYTES } from '../base/limits.ts';
import type { ColumnShape } from '../schema/column-layout.ts';
import { DataType } from '../schema/data-type.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { segmentIdOfKey } from '../storage/paths.ts';
import type { KeyKind } from './key-list.ts';
import type { ObjectReference } from './segment-info.ts';
import { JsonValue } from './strict-json.ts';

const FORMAT_VERSION = 1;
/** How a descriptor begins, in every version. */
const HEAD = /^\{"formatVersion":([0-9]{1,9})[,}]/;
const HEAD_BYTES = 32;
const KEY_KINDS = ['int64', 'text'] as const;
const DATA_TYPES = Object.values(DataType);

/** An object and the checksums of its blocks. */
export interface FileDescriptor {
  readonly key: string;
  readonly byteLength: number;
  /** CRC-32 of each CHECKSUM_BLOCK_BYTES; the last block may be shorter. */
  readonly blocks: Uint32Array;
}

/** Bytes [offset, offset + byteLength) of a file. */
export interface BufferRange {
  readonly offset: number;
  readonly byteLength: number;
}

export interface ColumnDescriptor extends ColumnShape {
  readonly fieldId: number;
  readonly nullCount: number;
  /** Index of its file. */
  readonly file: number;
  readonly buffers: readonly BufferRange[];
}

export interface KeysDescriptor {
  readonly file: number;
  readonly kind: KeyKind;
  readonly filterByteLength: number;
}

export interface SegmentDescriptor {
  readonly segmentId: number;
  readonly rowCount: number;
  readonly schemaVersion: number;
  readonly files: readonly FileDescriptor[];
  readonly columns: ReadonlyMap<number, ColumnDescriptor>;
  readonly keys: KeysDescriptor;
}

export function encodeDescriptor(descriptor: SegmentDescriptor): Uint8Array {
  const { segmentId, rowCount, schemaVersion, keys } = descriptor;
  const files = descriptor.files.map(encodeFile);
  const columns = [...descriptor.columns.values()].map((column) => ({
    ...column,
    buffers: column.buffers.map(({ offset, byteLength }) => [offset, byteLength]),
  }));
  const formatVersion = FORMAT_VERSION;
  const json = { formatVersion, segmentId, rowCount, schemaVersion, files, columns, keys };
  return Buffer.from(`${JSON.stringify(json)}\n`);
}

/** @throws MalformedBytes, MilvusError FormatNotSupported */
export function decodeDescriptor(bytes: Uint8Array): SegmentDescriptor {
  refuseNewer(bytes);
  const json = JsonValue.parse(new TextDecoder().decode(bytes)).object(
    'formatVersion',
    'segmentId',
    'rowCount',
    'schemaVersion',
    'files',
    'columns',
    'keys',
  );
  json.get('formatVersion').oneOf([FORMAT_VERSION]);
  const files = json.get('files').list().map(decodeFile);
  const columns = json
    .get('columns')
    .list()
    .map((column) => decodeColumn(column, files));
  const keys = json.get('keys').object('file', 'kind', 'filterByteLength');
  return {
    segmentId: json.get('segmentId').count(),
    rowCount: json.get('rowCount').count(),
    schemaVersion: json.get('schemaVersion').count(),
    files,
    columns: new Map(columns.map((column) => [column.fieldId, column])),
    keys: {
      file: fileIndex(keys.get('file'), files),
      kind: keys.get('kind').oneOf(KEY_KINDS),
      filterByteLength: keys.get('filterByteLength').count(),
    },
  };
}

/** Before anything else is looked at: a newer format may have other names. */
function refuseNewer(bytes: Uint8Array): void {
  const head = new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES));
  const version = Number(HEAD.exec(head)?.[1] ?? FORMAT_VERSION);
  if (version <= FORMAT_VERSION) return;
  const fields = { version, supported: FORMAT_VERSION };
  throw milvusError('FormatNotSupported', { message: 'segment descriptor', fields });
}

/**
 * Reads and checks the descriptor of a segment.
 * @throws MilvusError DataIntegrity when it is not what the reference says, FormatNotSupported
 */
export async function readDescriptor(
  store: ObjectStore,
  reference: ObjectReference,
): Promise<SegmentDescriptor> {
  const bytes = await readObject(store, reference);
  try {
    return decodeDescriptor(bytes);
  } catch (cause) {
    if (!(cause instanceof MalformedBytes)) throw cause;
    throw malformedObject(reference.key, cause);
  }
}

/**
 * The descriptor of a segment, which has the files of that id though a restored segment has another.
 * @throws MilvusError DataIntegrity also when it is that of another segment
 */
export async function readOwnDescriptor(
  store: ObjectStore,
  info: { readonly descriptor: ObjectReference; readonly rowCount: number },
): Promise<SegmentDescriptor> {
  const descriptor = await readDescriptor(store, info.descriptor);
  const { key } = info.descriptor;
  const { segmentId } = descriptor;
  if (segmentId === segmentIdOfKey(key) && descriptor.rowCount === info.rowCount) return descriptor;
  throw milvusError('DataIntegrity', {
    message: 'the descriptor is that of another segment',
    fields: { key, found: segmentId },
  });
}

/**
 * A small object as a whole.
 * @throws MilvusError DataIntegrity when its length or checksum is another
 */
export async function readObject(
  store: ObjectStore,
  reference: ObjectReference,
): Promise<Uint8Array> {
  const { key, byteLength, checksum } = reference;
  const bytes = new Uint8Array(byteLength);
  const reading = store.readInto(key, 0, bytes);
  // Awaited below; another length says more than what it makes reading fail with.
  reading.catch(() => undefined);
  const found = await store.byteLength(key);
  if (found !== null && found !== byteLength) {
    throw milvusError('DataIntegrity', {
      message: 'object has another length',
      fields: { key, expected: byteLength, found },
    });
  }
  await reading;
  const actual = crc32(bytes);
  if (actual !== checksum) {
    throw milvusError('DataIntegrity', {
      message: 'checksum of object does not match',
      fields: { key, expected: checksum, found: actual },
    });
  }
  return bytes;
}

/** An object whose checksum holds and whose content makes no sense: it was written wrongly. */
export function malformedObject(key: string, cause: MalformedBytes): Error {
  return milvusError('DataIntegrity', { message: cause.message, fields: { key } }, cause);
}

export function encodeFile({ key, byteLength, blocks }: FileDescriptor): object {
  const bytes = Buffer.from(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  return { key, byteLength, blocks: bytes.toString('base64') };
}

/** @throws MalformedBytes */
export function decodeFile(value: JsonValue): FileDescriptor {
  const json = value.object('key', 'byteLength', 'blocks');
  const byteLength = json.get('byteLength').count();
  const bytes = Buffer.from(json.get('blocks').text(), 'base64');
  const blockCount = Math.ceil(byteLength / CHECKSUM_BLOCK_BYTES);
  if (bytes.length !== blockCount * 4) {
    throw new MalformedBytes(`${bytes.length / 4} checksums of ${blockCount} blocks`);
  }
  const blocks = new Uint32Array(blockCount);
  new Uint8Array(blocks.buffer).set(bytes);
  return { key: json.get('key').text(), byteLength, blocks };
}

function decodeColumn(value: JsonValue, files: readonly FileDescriptor[]): ColumnDescriptor {
  const json = value.object(
    'fieldId',
    'type',
    'elementType?',
    'dim?',
    'nullCount',
    'file',
    'buffers',
  );
  const file = fileIndex(json.get('file'), files);
  const buffers = json
    .get('buffers')
    .list()
    .map((range) => decodeRange(range, files[file]!.byteLength));
  const elementType = json.get('elementType')?.oneOf(DATA_TYPES);
  const dim = json.get('dim')?.count();
  return {
    fieldId: json.get('fieldId').count(),
    type: json.get('type').oneOf(DATA_TYPES),
    ...(elementType === undefined ? {} : { elementType }),
    ...(dim === undefined ? {} : { dim }),
    nullCount: json.get('nullCount').count(),
    file,
    buffers,
  };
}

function decodeRange(value: JsonValue, fileByteLength: number): BufferRange {
  const [offset, byteLength, ...more] = value.list().map((item) => item.count());
  if (offset === undefined || byteLength === undefined || more.length > 0) {
    throw new MalformedBytes('a range is an offset and a length');
  }
  if (offset + byteLength > fileByteLength) {
    throw new MalformedBytes(`range ${offset} + ${byteLength} of ${fileByteLength} bytes`);
  }
  return { offset, byteLength };
}

function fileIndex(value: JsonValue, files: readonly FileDescriptor[]): number {
  const index = value.count();
  if (index >= files.length) throw new MalformedBytes(`file ${index} of ${files.length}`);
  return index;
}

/** Runs a decoder on the verified bytes of `key`. @throws MilvusError DataIntegrity */
export function decodeObject<Value>(key: string, decode: () => Value): Value {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof MalformedBytes)) throw cause;
    throw malformedObject(key, cause);
  }
}
