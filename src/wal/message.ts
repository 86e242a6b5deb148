/**
 * What the records of the log say, and their bytes. Little-endian; the record's kind (wal/block.ts) is
 * the message's, its timestamp and shard are the record's.
 *
 * Every message begins with
 *   0  u8   format version of this kind, 1
 *   1  u8   1 when a request id follows, else 0
 *   2  u16  zero
 *   4  u32  a number: schema version (insert, upsert, schema change), else 0
 *   8  16 bytes  request id, zeros without one
 *
 * insert (1)            rows
 * delete (2)            partitions, keys
 * upsert (3)            partitions and keys of what is replaced, rows
 * schema change (4)     nothing more
 * drop partition (5)    u64 partition id
 * truncate (6)          nothing more
 * flush (7)             nothing more
 *
 * partitions  u32 count, or 2^32 - 1 for all; u32 zero; u64 each
 * keys        u32 kind (1 int64, 2 text), u32 count; int64: i64 each; text: u32 count + 1 offsets from 0, UTF-8 bytes;
 *             zeros up to a multiple of 8
 * rows        u32 number of batches, u32 zero; each: u64 partition id, u64 byteLength, a batch as in
 *             schema/batch-codec.ts, zeros up to a multiple of 8
 *
 * Every part begins at a multiple of 8, so that columns are read in place. One request to one shard is
 * one message, whatever partitions it touches: it is durable whole or not at all.
 */
import { assert } from '../base/assert.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../base/bytes.ts';
import { milvusError } from '../base/errors.ts';
import { BATCH_ROWS_MAX, GENERAL_CAPACITY_MAX } from '../base/limits.ts';
import { decodeBatch, encodeBatch } from '../schema/batch-codec.ts';
import type { ColumnBatch } from '../schema/column.ts';

export const MessageKind: {
  readonly insert: 1;
  readonly delete: 2;
  readonly upsert: 3;
  readonly schemaChange: 4;
  readonly dropPartition: 5;
  readonly truncate: 6;
  readonly flush: 7;
} = Object.freeze({
  insert: 1,
  delete: 2,
  upsert: 3,
  schemaChange: 4,
  dropPartition: 5,
  truncate: 6,
  flush: 7,
});

/** Rows of one partition. */
export interface MessageRows {
  readonly partitionId: number;
  readonly batch: ColumnBatch;
}

/** Primary keys: int64, or UTF-8 by ascending offsets. */
export type MessageKeys =
  | { readonly kind: 'int64'; readonly values: BigInt64Array }
  | { readonly kind: 'text'; readonly offsets: Uint32Array; readonly bytes: Uint8Array };

interface Request {
  /** 16 bytes by which a repeated request is known; null when the caller gave none. */
  readonly requestId: Uint8Array | null;
}

interface Replaced {
  /** Where the keys are deleted; null: in every partition. */
  readonly partitionIds: readonly number[] | null;
  readonly keys: MessageKeys;
}

export interface InsertMessage extends Request {
  readonly kind: 'insert';
  readonly schemaVersion: number;
  readonly rows: readonly MessageRows[];
}

export interface DeleteMessage extends Request, Replaced {
  readonly kind: 'delete';
}

/** Deletes the keys, then inserts the rows; nobody sees one without the other. */
export interface UpsertMessage extends Request, Replaced {
  readonly kind: 'upsert';
  readonly schemaVersion: number;
  readonly rows: readonly MessageRows[];
}

/** Rows from here on follow this schema. */
export interface SchemaChangeMessage extends Request {
  readonly kind: 'schemaChange';
  readonly schemaVersion: number;
}

export interface DropPartitionMessage extends Request {
  readonly kind: 'dropPartition';
  readonly partitionId: number;
}

/** Every row before this is gone. */
export interface TruncateMessage extends Request {
  readonly kind: 'truncate';
}

/** What was growing before this is being sealed. */
export interface FlushMessage extends Request {
  readonly kind: 'flush';
}

export type Message =
  | InsertMessage
  | DeleteMessage
  | UpsertMessage
  | SchemaChangeMessage
  | DropPartitionMessage
  | TruncateMessage
  | FlushMessage;

const FORMAT_VERSION = 1;
const REQUEST_ID_BYTES = 16;
const ALL_PARTITIONS = 0xffffffff;
const KEYS_INT64 = 1;
const KEYS_TEXT = 2;
const KINDS = new Map<number, Message['kind']>(
  Object.entries(MessageKind).map(([kind, code]) => [code, kind as Message['kind']]),
);

/** A message as the `kind` and `payload` of a LogRecord. Long columns and keys are not copied. */
export function encodeMessage(message: Message): { kind: number; payload: Uint8Array[] } {
  const parts = new Chunks();
  const head = new ByteWriter(64);
  head.u8(FORMAT_VERSION);
  head.u8(message.requestId === null ? 0 : 1);
  head.u16(0);
  head.u32('schemaVersion' in message ? message.schemaVersion : 0);
  const requestId = message.requestId ?? new Uint8Array(REQUEST_ID_BYTES);
  assert(requestId.length === REQUEST_ID_BYTES, 'a request id has 16 bytes');
  head.raw(requestId);
  if (message.kind === 'dropPartition') head.u64(message.partitionId);
  parts.push(head.bytes());
  if ('keys' in message) pushReplaced(parts, message);
  if ('rows' in message) pushRows(parts, message.rows);
  return { kind: MessageKind[message.kind], payload: parts.chunks };
}

/**
 * The message in a record. Columns and keys are views of `payload` where its alignment allows.
 * @param where says in errors which record it is
 * @throws MilvusError FormatNotSupported, DataIntegrity
 */
export function decodeMessage(kind: number, payload: Uint8Array, where: string): Message {
  try {
    return readMessage(kind, new ByteReader(payload));
  } catch (cause) {
    if (!(cause instanceof MalformedBytes)) throw cause;
    throw milvusError(
      'DataIntegrity',
      { message: `log record: ${cause.message}`, fields: { record: where } },
      cause,
    );
  }
}

function readMessage(code: number, reader: ByteReader): Message {
  const kind = KINDS.get(code);
  const version = reader.u8();
  if (kind === undefined || version > FORMAT_VERSION) {
    throw milvusError('FormatNotSupported', {
      fields: { record: code, version, supported: FORMAT_VERSION },
    });
  }
  const hasRequestId = reader.u8() === 1;
  reader.u16();
  const schemaVersion = reader.u32();
  const idBytes = reader.raw(REQUEST_ID_BYTES);
  const requestId = hasRequestId ? idBytes : null;
  const message = readBody(reader, { kind, schemaVersion, requestId });
  if (reader.remaining !== 0) throw new MalformedBytes(`${reader.remaining} bytes too many`);
  return message;
}

function readBody(
  reader: ByteReader,
  head: { kind: Message['kind']; schemaVersion: number; requestId: Uint8Array | null },
): Message {
  const { kind, schemaVersion, requestId } = head;
  switch (kind) {
    case 'insert':
      return { kind, requestId, schemaVersion, rows: readRows(reader) };
    case 'delete':
      return { kind, requestId, ...readReplaced(reader) };
    case 'upsert':
      return { kind, requestId, schemaVersion, ...readReplaced(reader), rows: readRows(reader) };
    case 'schemaChange':
      return { kind, requestId, schemaVersion };
    case 'dropPartition':
      return { kind, requestId, partitionId: reader.u64() };
    default:
      return { kind, requestId };
  }
}

/** A list of chunks that knows its length. */
class Chunks {
  readonly chunks: Uint8Array[] = [];
  #byteLength = 0;

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.#byteLength += chunk.length;
  }

  align(): void {
    const spare = -this.#byteLength & 7;
    if (spare > 0) this.push(new Uint8Array(spare));
  }
}

function pushReplaced(parts: Chunks, { partitionIds, keys }: Replaced): void {
  const head = new ByteWriter(64);
  head.u32(partitionIds === null ? ALL_PARTITIONS : partitionIds.length);
  head.u32(0);
  for (const id of partitionIds ?? []) head.u64(id);
  const count = keys.kind === 'int64' ? keys.values.length : keys.offsets.length - 1;
  head.u32(keys.kind === 'int64' ? KEYS_INT64 : KEYS_TEXT);
  head.u32(count);
  parts.push(head.bytes());
  if (keys.kind === 'int64') {
    parts.push(bytesOf(keys.values));
  } else {
    // The column may be a piece of a longer one: offsets are stored from 0.
    const start = keys.offsets[0]!;
    const end = keys.offsets[count]!;
    parts.push(bytesOf(start === 0 ? keys.offsets : keys.offsets.map((offset) => offset - start)));
    parts.push(keys.bytes.subarray(start, end));
  }
  parts.align();
}

function readReplaced(reader: ByteReader): Replaced {
  const partitionCount = reader.u32();
  reader.u32();
  let partitionIds: number[] | null = null;
  if (partitionCount !== ALL_PARTITIONS) {
    checkCount(partitionCount, GENERAL_CAPACITY_MAX);
    partitionIds = [];
    for (let i = 0; i < partitionCount; i++) partitionIds.push(reader.u64());
  }
  const kind = reader.u32();
  const count = reader.u32();
  checkCount(count, BATCH_ROWS_MAX);
  const keys = readKeys(reader, kind, count);
  reader.align(8);
  return { partitionIds, keys };
}

function readKeys(reader: ByteReader, kind: number, count: number): MessageKeys {
  if (kind === KEYS_INT64) {
    const { buffer, byteOffset } = aligned(reader.raw(count * 8), 8);
    return { kind: 'int64', values: new BigInt64Array(buffer, byteOffset, count) };
  }
  if (kind !== KEYS_TEXT) throw new MalformedBytes(`key kind ${kind}`);
  const { buffer, byteOffset } = aligned(reader.raw((count + 1) * 4), 4);
  const offsets = new Uint32Array(buffer, byteOffset, count + 1);
  for (let i = 0; i < count; i++) {
    if (offsets[i]! > offsets[i + 1]!) throw new MalformedBytes(`offsets of key ${i} go backwards`);
  }
  if (offsets[0] !== 0) throw new MalformedBytes('offsets of keys do not begin with 0');
  return { kind: 'text', offsets, bytes: reader.raw(offsets[count]!) };
}

function pushRows(parts: Chunks, rows: readonly MessageRows[]): void {
  const count = new ByteWriter(8);
  count.u32(rows.length);
  count.u32(0);
  parts.push(count.bytes());
  for (const { partitionId, batch } of rows) {
    const chunks = encodeBatch(batch);
    let byteLength = 0;
    for (const chunk of chunks) byteLength += chunk.length;
    const head = new ByteWriter(16);
    head.u64(partitionId);
    head.u64(byteLength);
    parts.push(head.bytes());
    for (const chunk of chunks) parts.push(chunk);
    parts.align();
  }
}

function readRows(reader: ByteReader): MessageRows[] {
  const count = reader.u32();
  reader.u32();
  checkCount(count, GENERAL_CAPACITY_MAX);
  const rows: MessageRows[] = [];
  for (let i = 0; i < count; i++) {
    const partitionId = reader.u64();
    const byteLength = reader.u64();
    rows.push({ partitionId, batch: decodeBatch(reader.raw(byteLength)) });
    reader.align(8);
  }
  return rows;
}

function checkCount(count: number, max: number): void {
  if (count > max) throw new MalformedBytes(`${count} entries, at most ${max}`);
}

function bytesOf(array: BigInt64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The same bytes where a typed array of `alignment` bytes an element may begin. */
function aligned(bytes: Uint8Array, alignment: number): Uint8Array {
  return bytes.byteOffset % alignment === 0 ? bytes : bytes.slice();
}
