/**
 * MetaStore on the Disk port, for simulation: what sqlite does for us in production, in a form that can
 * be crashed at every operation and opened thousands of times a second.
 *
 * An append-only file: 8 bytes of MAGIC, then one frame a transaction, written in one piece and synced.
 * A frame is the same record twice, so that no single damage takes an acknowledged transaction away:
 *
 *   0  u32  bytes of the body
 *   4  u32  CRC-32, begun at SALT, of bytes [0, 4) and of the body
 *   8  ...  body: u64 revision; u32 count and (text key, blob value) of the puts; u32 count and text
 *           key of the removes
 *
 * Only the last frame may be broken in both halves, which means that it was never acknowledged: it is
 * cut. Anything else is DataIntegrity. After a failed write the outcome is unknown; the next call
 * reads the file again, writes its last frame (or the magic) again and syncs, before it answers.
 */
import { crc32 } from '../../src/base/checksum.ts';
import { ByteReader, ByteWriter } from '../../src/base/bytes.ts';
import { milvusError } from '../../src/base/errors.ts';
import { Mutex } from '../../src/base/mutex.ts';
import type { MetaEntry, MetaStore, MetaTransaction } from '../../src/meta/meta-store.ts';
import { assertTransaction } from '../../src/meta/transaction.ts';
import type { Disk, DiskFile } from '../../src/storage/disk.ts';

const MAGIC: Uint8Array = new TextEncoder().encode('mlitjrn1');
const RECORD_HEADER_BYTES = 8;
/** Where the checksum begins, so that no record inside a value is taken for one of the journal. */
const SALT = 0x6a726e6c;

interface Frame {
  readonly revision: number;
  readonly puts: ReadonlyArray<{ readonly key: string; readonly value: Uint8Array }>;
  readonly removes: readonly string[];
  readonly byteLength: number;
}

export interface JournalMetaStoreOptions {
  readonly readOnly?: boolean;
}

/** @param path of the journal; its directory exists */
export async function journalMetaStore(
  disk: Disk,
  path: string,
  options: JournalMetaStoreOptions = {},
): Promise<MetaStore> {
  const store = new JournalMetaStore(disk, path, options.readOnly ?? false);
  await store.load();
  return store;
}

class JournalMetaStore implements MetaStore {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #readOnly: boolean;
  readonly #turn = new Mutex();
  #entries = new Map<string, MetaEntry>();
  #revision = 0;
  #end = 0;
  #file: DiskFile | null = null;
  /** A write failed: what the file holds has to be found out. */
  #isUncertain = false;
  #closed = false;

  constructor(disk: Disk, path: string, readOnly: boolean) {
    this.#disk = disk;
    this.#path = path;
    this.#readOnly = readOnly;
  }

  async get(key: string): Promise<MetaEntry | null> {
    await this.#settle();
    const entry = this.#entries.get(key);
    return entry === undefined ? null : { ...entry, value: entry.value.slice() };
  }

  async range(prefix: string): Promise<MetaEntry[]> {
    await this.#settle();
    return [...this.#entries.values()]
      .filter(({ key }) => key.startsWith(prefix))
      .map((entry) => ({ ...entry, value: entry.value.slice() }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async transact(transaction: MetaTransaction): Promise<number | null> {
    assertTransaction(transaction);
    if (this.#closed) throw milvusError('Closed');
    if (this.#readOnly) throw milvusError('ReadOnly');
    const puts = (transaction.puts ?? []).map(({ key, value }) => ({ key, value: value.slice() }));
    return await this.#turn.run(async () => {
      await this.#reloadIfUncertain();
      for (const { key, revision } of transaction.conditions ?? []) {
        if ((this.#entries.get(key)?.revision ?? 0) !== revision) return null;
      }
      const revision = this.#revision + 1;
      const frame = encodeFrame(revision, puts, transaction.removes ?? []);
      this.#isUncertain = true;
      await this.#writeDurably(this.#openFile(), frame, this.#end);
      this.#isUncertain = false;
      this.#end += frame.length;
      this.#apply({ revision, puts, removes: transaction.removes ?? [], byteLength: frame.length });
      return revision;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turn.run(async () => {
      await this.#file?.close();
      this.#file = null;
    });
  }

  /** Reads the journal, cuts a frame that was never acknowledged, and makes the last one durable. */
  async load(): Promise<void> {
    const bytes = await this.#readAll();
    this.#entries = new Map();
    this.#revision = 0;
    this.#end = MAGIC.length;
    let lastBytes = 0;
    while (this.#end < bytes.length) {
      const frame = decodeFrame(bytes, this.#end, this.#revision);
      if (frame === null) break;
      lastBytes = frame.byteLength;
      this.#end += frame.byteLength;
      this.#apply(frame);
    }
    this.#assertNothingFollows(bytes);
    if (this.#readOnly) return;
    const file = this.#openFile();
    if (this.#end < bytes.length) await file.truncate(this.#end);
    // A sync that failed may have dropped what reading still shows: only writing it again counts.
    if (lastBytes === 0) await this.#writeMagic(file);
    else {
      const at = this.#end - lastBytes;
      await this.#writeDurably(file, healed(bytes, at, lastBytes), at);
    }
  }

  async #readAll(): Promise<Uint8Array> {
    const byteLength = await this.#disk.byteLength(this.#path);
    if (byteLength === null && !this.#readOnly) {
      this.#file = await this.#disk.open(this.#path, 'create');
      return MAGIC;
    }
    this.#file ??= await this.#disk.open(this.#path, this.#readOnly ? 'read' : 'write');
    const bytes = new Uint8Array(byteLength ?? 0);
    const read = await this.#file.read(bytes, 0);
    const isWhole = read >= MAGIC.length && MAGIC.every((byte, at) => byte === bytes[at]);
    if (isWhole) return bytes.subarray(0, read);
    // The magic is durable before the first frame: a file without one never held any.
    if (read <= MAGIC.length && !this.#readOnly) return MAGIC;
    throw milvusError('DataIntegrity', { message: 'not a journal', fields: { file: this.#path } });
  }

  async #writeMagic(file: DiskFile): Promise<void> {
    await this.#writeDurably(file, MAGIC, 0);
    await this.#disk.syncDirectory(directoryOf(this.#path));
  }

  async #writeDurably(file: DiskFile, bytes: Uint8Array, offset: number): Promise<void> {
    await file.write([bytes], offset);
    await file.sync();
  }

  #assertNothingFollows(bytes: Uint8Array): void {
    for (let at = this.#end + 1; at + RECORD_HEADER_BYTES <= bytes.length; at++) {
      const record = decodeRecordAt(bytes, at);
      if (record === null || record.revision <= this.#revision + 1) continue;
      throw milvusError('DataIntegrity', {
        message: 'journal is damaged before its end',
        fields: { file: this.#path, offset: this.#end },
      });
    }
  }

  #apply(frame: Frame): void {
    this.#revision = frame.revision;
    for (const { key, value } of frame.puts) {
      this.#entries.set(key, { key, value, revision: frame.revision });
    }
    for (const key of frame.removes) this.#entries.delete(key);
  }

  async #settle(): Promise<void> {
    if (this.#closed) throw milvusError('Closed');
    if (this.#isUncertain) await this.#turn.run(() => this.#reloadIfUncertain());
  }

  async #reloadIfUncertain(): Promise<void> {
    if (!this.#isUncertain) return;
    await this.load();
    this.#isUncertain = false;
  }

  #openFile(): DiskFile {
    if (this.#file === null) throw milvusError('Closed');
    return this.#file;
  }
}

function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

function encodeFrame(
  revision: number,
  puts: Frame['puts'],
  removes: readonly string[],
): Uint8Array {
  const record = new ByteWriter(1024);
  record.u32(0);
  record.u32(0);
  record.u64(revision);
  record.u32(puts.length);
  for (const { key, value } of puts) {
    record.text(key);
    record.blob(value);
  }
  record.u32(removes.length);
  for (const key of removes) record.text(key);
  const bytes = record.bytes();
  record.setU32(0, bytes.length - RECORD_HEADER_BYTES);
  const salted = crc32(bytes.subarray(0, 4), SALT);
  record.setU32(4, crc32(bytes.subarray(RECORD_HEADER_BYTES), salted));
  return twice(bytes);
}

/** The frame at `at` from whichever half is whole, or null. */
function decodeFrame(bytes: Uint8Array, at: number, after: number): Frame | null {
  const first = decodeRecordAt(bytes, at);
  if (first?.revision === after + 1) return { ...first, byteLength: first.byteLength * 2 };
  // The first half is broken, and its length with it perhaps: look for the second.
  for (let half = at + RECORD_HEADER_BYTES; half < bytes.length; half++) {
    const second = decodeRecordAt(bytes, half);
    const isSecond = second?.revision === after + 1 && half - at === second.byteLength;
    if (second !== null && isSecond) return { ...second, byteLength: second.byteLength * 2 };
  }
  return null;
}

/** Its values are views of `bytes`. */
function decodeRecordAt(bytes: Uint8Array, at: number): Frame | null {
  if (at + RECORD_HEADER_BYTES > bytes.length) return null;
  const reader = new ByteReader(bytes, at);
  const bodyBytes = reader.u32();
  const stored = reader.u32();
  if (bodyBytes < 16 || bodyBytes > reader.remaining) return null;
  const body = reader.raw(bodyBytes);
  if (stored !== crc32(body, crc32(bytes.subarray(at, at + 4), SALT))) return null;
  const fields = new ByteReader(body);
  const revision = fields.u64();
  const puts: Array<{ readonly key: string; readonly value: Uint8Array }> = [];
  for (let left = fields.u32(); left > 0; left--) {
    const key = fields.text();
    puts.push({ key, value: fields.blob() });
  }
  const removes: string[] = [];
  for (let left = fields.u32(); left > 0; left--) removes.push(fields.text());
  return { revision, puts, removes, byteLength: RECORD_HEADER_BYTES + bodyBytes };
}

/** The frame with both halves as they were written; the second may be cut off. */
function healed(bytes: Uint8Array, at: number, byteLength: number): Uint8Array {
  const half = byteLength / 2;
  const whole = decodeRecordAt(bytes, at)?.byteLength === half ? at : at + half;
  return twice(bytes.subarray(whole, whole + half));
}

function twice(record: Uint8Array): Uint8Array {
  const frame = new Uint8Array(record.length * 2);
  frame.set(record);
  frame.set(record, record.length);
  return frame;
}
