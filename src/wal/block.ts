/**
 * One block of the log: what one group commit writes. The same bytes in a local file and in an object.
 * Little-endian; every block starts 8-byte aligned in its file.
 *
 *   0  u32  magic "MLWB"
 *   4  u16  format version
 *   6  u16  flags: 1 first block of its term, 2 seal, 4 records were acknowledged only when durable
 *   8  u64  term
 *  16  u64  sequence: 0 for the first block of a term, then one more each, without a gap
 *  24  u64  durable: every block of this term with a lower sequence than this was durable when this
 *           block was handed to the disk
 *  32  u64  writer: random, one for each opened term
 *  40  u64  lowest timestamp of its records, 0 without records
 *  48  u64  highest timestamp of its records
 *  56  u32  number of records
 *  60  u32  byteLength of the body, a multiple of 8
 *  64  u32  chain: header checksum of the block before it in its term; in the first block of a term,
 *           header checksum of the last block of the term before it, or 0
 *  68  u32  CRC-32 of the body
 *  72  u32  zero
 *  76  u32  header checksum: CRC-32 of bytes [0, 76)
 *  80  ...  body
 *
 * The body of the first block of a term says which blocks before it count, and so ends the term before:
 *   0  u64  term before it, 0 for none       16  u64  first sequence in the name of that term's last file
 *   8  u64  sequence at which it ends        24  u64  bytes of that file up to its end
 *
 * Any other body is records, one behind the other:
 *   0  u32  byteLength of the payload         8  u64  shard id
 *   4  u8   kind                             16  u64  timestamp
 *   5  3 zero bytes                          24  ...  payload, then zeros up to a multiple of 8
 *
 * The places of magic, version and header checksum are the same in every version, so that a newer block
 * is told from a damaged one. Through the chain a header checksum vouches for everything before it.
 */
import { assert } from '../base/assert.ts';
import { crc32 } from '../base/checksum.ts';
import { milvusError } from '../base/errors.ts';
import { RECORD_BYTES_MAX } from '../base/limits.ts';
import type { LogRecord } from './log.ts';

export const BLOCK_MAGIC: Uint8Array = Uint8Array.of(0x4d, 0x4c, 0x57, 0x42);
export const BLOCK_HEADER_BYTES = 80;
export const RECORD_HEADER_BYTES = 24;
const FORMAT_VERSION = 1;
const CHECKSUM_AT = 76;
const PREDECESSOR_BYTES = 32;
/** A body is one record of the largest size, or several that are smaller together. */
const BODY_BYTES_MAX = RECORD_BYTES_MAX + RECORD_HEADER_BYTES + 8;

export const BlockFlag: {
  readonly TermStart: 1;
  readonly Seal: 2;
  readonly AcknowledgedWhenDurable: 4;
} = Object.freeze({ TermStart: 1, Seal: 2, AcknowledgedWhenDurable: 4 });

/** Which blocks before a term count: those of `term` below `sequence`, and whatever those rest upon. */
export interface Predecessor {
  /** 0: there are none. */
  readonly term: number;
  readonly sequence: number;
  /** In the name of the last file that counts. */
  readonly firstSequence: number;
  /** Where the last block that counts ends in that file. */
  readonly byteLength: number;
}

export const NO_PREDECESSOR: Predecessor = Object.freeze({
  term: 0,
  sequence: 0,
  firstSequence: 0,
  byteLength: 0,
});

export interface BlockHeader {
  readonly flags: number;
  readonly term: number;
  readonly sequence: number;
  readonly durable: number;
  readonly writer: bigint;
  readonly minTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly recordCount: number;
  readonly bodyBytes: number;
  readonly chain: number;
  readonly bodyChecksum: number;
  readonly checksum: number;
}

/** Everything about a block that its records do not say. */
export type BlockPlace = Pick<
  BlockHeader,
  'flags' | 'term' | 'sequence' | 'durable' | 'writer' | 'chain'
>;

export interface EncodedBlock {
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
  /** The next block's chain. */
  readonly checksum: number;
}

/** Bytes that a payload of `payloadBytes` takes in a block. */
export function recordBytes(payloadBytes: number): number {
  return RECORD_HEADER_BYTES + payloadBytes + padding(payloadBytes);
}

export function payloadByteLength(record: LogRecord): number {
  let total = 0;
  for (const chunk of record.payload) total += chunk.length;
  return total;
}

/** A block of records (or of none, for a seal). Payloads are not copied: they appear in `chunks` as they are. */
export function encodeRecords(place: BlockPlace, records: readonly LogRecord[]): EncodedBlock {
  // All small parts lie in one buffer: the block header, then for each record its header behind the
  // padding of the record before it.
  const fixed = new Uint8Array(BLOCK_HEADER_BYTES + records.length * (RECORD_HEADER_BYTES + 8));
  const view = new DataView(fixed.buffer);
  const chunks: Uint8Array[] = [];
  let sliceStart = 0;
  let at = BLOCK_HEADER_BYTES;
  let bodyBytes = 0;
  let minTimestamp = records.length === 0 ? 0n : (1n << 64n) - 1n;
  let maxTimestamp = 0n;
  for (const record of records) {
    const payloadBytes = payloadByteLength(record);
    view.setUint32(at, payloadBytes, true);
    view.setUint8(at + 4, record.kind);
    view.setBigUint64(at + 8, BigInt(record.shardId), true);
    view.setBigUint64(at + 16, record.timestamp, true);
    at += RECORD_HEADER_BYTES;
    chunks.push(fixed.subarray(sliceStart, at), ...record.payload);
    sliceStart = at;
    at += padding(payloadBytes);
    bodyBytes += recordBytes(payloadBytes);
    if (record.timestamp < minTimestamp) minTimestamp = record.timestamp;
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
  }
  if (at > sliceStart) chunks.push(fixed.subarray(sliceStart, at));
  return finish(chunks, {
    ...place,
    minTimestamp,
    maxTimestamp,
    recordCount: records.length,
    bodyBytes,
  });
}

/** The first block of a term. */
export function encodeTermStart(place: BlockPlace, predecessor: Predecessor): EncodedBlock {
  const bytes = new Uint8Array(BLOCK_HEADER_BYTES + PREDECESSOR_BYTES);
  const view = new DataView(bytes.buffer, BLOCK_HEADER_BYTES);
  view.setBigUint64(0, BigInt(predecessor.term), true);
  view.setBigUint64(8, BigInt(predecessor.sequence), true);
  view.setBigUint64(16, BigInt(predecessor.firstSequence), true);
  view.setBigUint64(24, BigInt(predecessor.byteLength), true);
  return finish([bytes], {
    ...place,
    minTimestamp: 0n,
    maxTimestamp: 0n,
    recordCount: 0,
    bodyBytes: PREDECESSOR_BYTES,
  });
}

/** Writes the header into the first chunk, whose first bytes are kept for it. */
function finish(
  chunks: readonly Uint8Array[],
  header: Omit<BlockHeader, 'checksum' | 'bodyChecksum'>,
): EncodedBlock {
  const [first] = chunks;
  assert(
    first !== undefined && first.length >= BLOCK_HEADER_BYTES,
    'a block begins with its header',
  );
  assert(header.bodyBytes <= BODY_BYTES_MAX, 'a block body is within its bound');
  let bodyChecksum = crc32(first.subarray(BLOCK_HEADER_BYTES));
  for (let i = 1; i < chunks.length; i++) bodyChecksum = crc32(chunks[i]!, bodyChecksum);
  const view = new DataView(first.buffer, first.byteOffset, BLOCK_HEADER_BYTES);
  first.set(BLOCK_MAGIC);
  view.setUint16(4, FORMAT_VERSION, true);
  view.setUint16(6, header.flags, true);
  view.setBigUint64(8, BigInt(header.term), true);
  view.setBigUint64(16, BigInt(header.sequence), true);
  view.setBigUint64(24, BigInt(header.durable), true);
  view.setBigUint64(32, header.writer, true);
  view.setBigUint64(40, header.minTimestamp, true);
  view.setBigUint64(48, header.maxTimestamp, true);
  view.setUint32(56, header.recordCount, true);
  view.setUint32(60, header.bodyBytes, true);
  view.setUint32(64, header.chain, true);
  view.setUint32(68, bodyChecksum, true);
  const checksum = crc32(first.subarray(0, CHECKSUM_AT));
  view.setUint32(CHECKSUM_AT, checksum, true);
  return { chunks, byteLength: BLOCK_HEADER_BYTES + header.bodyBytes, checksum };
}

/** Why bytes are no block. */
export type BlockDamage =
  | 'truncated'
  | 'bad magic'
  | 'bad header checksum'
  | 'bad header'
  | 'bad body checksum';

/** Reads blocks out of the bytes of one file; nothing is copied. */
export class BlockDecoder {
  readonly bytes: Uint8Array;
  readonly #file: string;
  readonly #view: DataView;

  /**
   * @param bytes 8-byte aligned in their buffer
   * @param file for messages
   */
  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.#file = file;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * The header at `offset`, checked by itself.
   * @throws MilvusError FormatNotSupported for an intact block of a newer version
   */
  header(offset: number): BlockHeader | BlockDamage {
    const view = this.#view;
    if (offset + BLOCK_HEADER_BYTES > this.bytes.length) return 'truncated';
    for (let i = 0; i < BLOCK_MAGIC.length; i++) {
      if (this.bytes[offset + i] !== BLOCK_MAGIC[i]) return 'bad magic';
    }
    const checksum = view.getUint32(offset + CHECKSUM_AT, true);
    if (crc32(this.bytes.subarray(offset, offset + CHECKSUM_AT)) !== checksum) {
      return 'bad header checksum';
    }
    const version = view.getUint16(offset + 4, true);
    if (version > FORMAT_VERSION) {
      throw milvusError('FormatNotSupported', {
        fields: { file: this.#file, offset, version, supported: FORMAT_VERSION },
      });
    }
    const header: BlockHeader = {
      flags: view.getUint16(offset + 6, true),
      term: Number(view.getBigUint64(offset + 8, true)),
      sequence: Number(view.getBigUint64(offset + 16, true)),
      durable: Number(view.getBigUint64(offset + 24, true)),
      writer: view.getBigUint64(offset + 32, true),
      minTimestamp: view.getBigUint64(offset + 40, true),
      maxTimestamp: view.getBigUint64(offset + 48, true),
      recordCount: view.getUint32(offset + 56, true),
      bodyBytes: view.getUint32(offset + 60, true),
      chain: view.getUint32(offset + 64, true),
      bodyChecksum: view.getUint32(offset + 68, true),
      checksum,
    };
    return isPlausible(header) ? header : 'bad header';
  }

  /** Whether the body of the block whose header is at `offset` is there and intact. */
  checkBody(header: BlockHeader, offset: number): BlockDamage | null {
    const start = offset + BLOCK_HEADER_BYTES;
    if (start + header.bodyBytes > this.bytes.length) return 'truncated';
    const body = this.bytes.subarray(start, start + header.bodyBytes);
    return crc32(body) === header.bodyChecksum ? null : 'bad body checksum';
  }

  /** What the first block of a term, checked before, says of the term before it. */
  predecessor(offset: number): Predecessor {
    const at = offset + BLOCK_HEADER_BYTES;
    const u64 = (index: number): number => Number(this.#view.getBigUint64(at + index * 8, true));
    return { term: u64(0), sequence: u64(1), firstSequence: u64(2), byteLength: u64(3) };
  }

  /**
   * The record at `at` of a body that ends at `bodyEnd` and was checked before.
   * @returns the record, and where the next begins; null when the body does not hold what its checksum covers
   */
  record(at: number, bodyEnd: number): DecodedRecord | null {
    const view = this.#view;
    if (at + RECORD_HEADER_BYTES > bodyEnd) return null;
    const payloadBytes = view.getUint32(at, true);
    const end = at + recordBytes(payloadBytes);
    if (payloadBytes > RECORD_BYTES_MAX || end > bodyEnd) return null;
    const start = at + RECORD_HEADER_BYTES;
    return {
      kind: view.getUint8(at + 4),
      shardId: Number(view.getBigUint64(at + 8, true)),
      timestamp: view.getBigUint64(at + 16, true),
      payload: this.bytes.subarray(start, start + payloadBytes),
      end,
    };
  }
}

export interface DecodedRecord {
  readonly kind: number;
  readonly shardId: number;
  readonly timestamp: bigint;
  readonly payload: Uint8Array;
  readonly end: number;
}

function isPlausible(header: BlockHeader): boolean {
  const isStart = (header.flags & BlockFlag.TermStart) !== 0;
  return (
    Number.isSafeInteger(header.term) &&
    Number.isSafeInteger(header.sequence) &&
    header.durable <= header.sequence &&
    header.bodyBytes <= BODY_BYTES_MAX &&
    header.bodyBytes % 8 === 0 &&
    header.recordCount * RECORD_HEADER_BYTES <= header.bodyBytes &&
    isStart === (header.sequence === 0) &&
    (!isStart || header.bodyBytes === PREDECESSOR_BYTES)
  );
}

function padding(byteLength: number): number {
  return -byteLength & 7;
}
