/**
 * Rows of one segment that are deleted or superseded, each with the timestamp from which it is.
 * Invariants: a row is marked once; marks are kept in order of their timestamps, so a file that holds
 * everything up to a timestamp is a prefix, and reading the past means taking the newest ones back.
 *
 * The delete file. Little-endian.
 *   0  u32  magic "MLDB"
 *   4  u16  format version, 1
 *   6  u16  0
 *   8  u32  row count of the segment
 *  12  u32  mark count m
 *  16  u64  timestamp[m], ascending
 *   …  u32  row[m], each below the row count, none twice
 *   …  u32  CRC-32 of everything before it
 */
import { assert } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../base/bytes.ts';
import { crc32 } from '../base/checksum.ts';
import { milvusError } from '../base/errors.ts';

const MAGIC = 0x42444c4d;
const FORMAT_VERSION = 1;
const MARKS_MIN = 16;

/** Some marks, oldest first. */
export interface DeleteMarks {
  readonly rows: Uint32Array;
  readonly timestamps: BigInt64Array;
}

export class DeleteBitmap {
  #bitmap = new Bitmap(0);
  #rows = new Uint32Array(MARKS_MIN);
  #timestamps = new BigInt64Array(MARKS_MIN);
  #count = 0;

  /** Marks so far; `marks(from)` with an earlier value gives what came since. */
  get count(): number {
    return this.#count;
  }

  /** Of the newest mark; 0 while there is none. */
  get lastTimestamp(): bigint {
    return this.#count === 0 ? 0n : this.#timestamps[this.#count - 1]!;
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.#bitmap.words.byteLength + this.#rows.byteLength + this.#timestamps.byteLength;
  }

  has(row: number): boolean {
    return row < this.#bitmap.length && this.#bitmap.get(row);
  }

  /** @returns false when the row was marked before: the first mark counts */
  mark(row: number, timestamp: bigint): boolean {
    if (this.has(row)) return false;
    if (row >= this.#bitmap.length) this.#growBitmap(row + 1);
    if (this.#count === this.#rows.length) this.#growMarks();
    let at = this.#count;
    // Marks arrive in order but for those that were carried over from a compaction's inputs.
    while (at > 0 && this.#timestamps[at - 1]! > timestamp) at--;
    this.#rows.copyWithin(at + 1, at, this.#count);
    this.#timestamps.copyWithin(at + 1, at, this.#count);
    this.#rows[at] = row;
    this.#timestamps[at] = timestamp;
    this.#count++;
    this.#bitmap.set(row);
    return true;
  }

  /** Marks from the `from`-th on; views that stay as they are unless an older mark is put in between. */
  marks(from = 0): DeleteMarks {
    return {
      rows: this.#rows.subarray(from, this.#count),
      timestamps: this.#timestamps.subarray(from, this.#count),
    };
  }

  /** How many marks are at or before `timestamp`. */
  countAt(timestamp: bigint): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timestamps[middle]! <= timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Those of the first `rowCount` rows that are not marked at `timestamp`; null when it is all of them. */
  visible(rowCount: number, timestamp: bigint): Bitmap | null {
    const applied = this.countAt(timestamp);
    if (applied === 0) return null;
    const visible = Bitmap.full(rowCount);
    if (applied <= this.#count >>> 1) {
      for (let i = 0; i < applied; i++) {
        if (this.#rows[i]! < rowCount) visible.clear(this.#rows[i]!);
      }
      return visible;
    }
    const marked = this.#bitmap.words;
    const shared = Math.min(visible.words.length, marked.length);
    for (let i = 0; i < shared; i++) visible.words[i]! &= ~marked[i]!;
    for (let i = applied; i < this.#count; i++) {
      if (this.#rows[i]! < rowCount) visible.set(this.#rows[i]!);
    }
    return visible;
  }

  /** The delete file with the marks at or before `timestamp`. */
  encode(rowCount: number, timestamp: bigint): Uint8Array {
    const count = this.countAt(timestamp);
    const writer = new ByteWriter(20 + count * 12);
    writer.u32(MAGIC);
    writer.u16(FORMAT_VERSION);
    writer.u16(0);
    writer.u32(rowCount);
    writer.u32(count);
    writer.raw(new Uint8Array(this.#timestamps.buffer, 0, count * 8));
    writer.raw(new Uint8Array(this.#rows.buffer, 0, count * 4));
    writer.u32(crc32(writer.bytes()));
    return writer.bytes();
  }

  /**
   * @throws MalformedBytes when the bytes are not the delete file of a segment of `rowCount` rows
   * @throws MilvusError FormatNotSupported when a newer version wrote them
   */
  static decode(bytes: Uint8Array, rowCount: number): DeleteBitmap {
    const reader = new ByteReader(bytes);
    const checked = new ByteReader(bytes, Math.max(0, bytes.length - 4)).u32();
    if (checked !== crc32(bytes.subarray(0, -4)))
      throw new MalformedBytes('checksum does not match');
    if (reader.u32() !== MAGIC) throw new MalformedBytes('not a delete file');
    const version = reader.u16();
    if (version > FORMAT_VERSION) {
      const fields = { version, supported: FORMAT_VERSION };
      throw milvusError('FormatNotSupported', { message: 'delete file', fields });
    }
    if (version !== FORMAT_VERSION) throw new MalformedBytes(`format version is ${version}`);
    reader.u16();
    const rows = reader.u32();
    if (rows !== rowCount) throw new MalformedBytes(`made for ${rows} rows, not ${rowCount}`);
    const deletes = new DeleteBitmap();
    deletes.#read(reader, rowCount);
    if (reader.remaining !== 4) throw new MalformedBytes(`${reader.remaining} bytes left`);
    return deletes;
  }

  #read(reader: ByteReader, rowCount: number): void {
    const count = reader.u32();
    // Copied: the bytes may lie at any offset, and marks are added behind these.
    this.#timestamps = new BigInt64Array(Math.max(MARKS_MIN, count));
    new Uint8Array(this.#timestamps.buffer).set(reader.raw(count * 8));
    this.#rows = new Uint32Array(Math.max(MARKS_MIN, count));
    new Uint8Array(this.#rows.buffer).set(reader.raw(count * 4));
    this.#growBitmap(rowCount);
    for (let i = 0; i < count; i++) {
      const row = this.#rows[i]!;
      if (row >= rowCount) throw new MalformedBytes(`row ${row} of ${rowCount}`);
      if (this.#bitmap.get(row)) throw new MalformedBytes(`row ${row} is marked twice`);
      if (i > 0 && this.#timestamps[i]! < this.#timestamps[i - 1]!) {
        throw new MalformedBytes(`mark ${i} is older than the one before it`);
      }
      this.#bitmap.set(row);
    }
    this.#count = count;
  }

  #growBitmap(rowCount: number): void {
    assert(rowCount <= 2 ** 31, 'a segment has at most 2^31 rows');
    const length = Math.max(rowCount, this.#bitmap.length * 2);
    const words = new Uint32Array((length + 31) >>> 5);
    words.set(this.#bitmap.words);
    this.#bitmap = new Bitmap(length, words);
  }

  #growMarks(): void {
    const rows = new Uint32Array(this.#rows.length * 2);
    rows.set(this.#rows);
    this.#rows = rows;
    const timestamps = new BigInt64Array(rows.length);
    timestamps.set(this.#timestamps);
    this.#timestamps = timestamps;
  }
}
