/**
 * The ObjectStore port over a Disk: `key` is a file of that name below a directory.
 *
 * An object is written under a temporary name, synced, renamed to its key, and the directory synced: it
 * is there whole or not at all, and once `commit` resolved it stays. A key is never written twice.
 * What a crash leaves behind carries a temporary name, which `list` hides and `leftovers` shows.
 */
import { MilvusError, milvusError } from '../base/errors.ts';
import { type Random, randomName } from '../base/random.ts';
import type { Disk, DiskFile } from './disk.ts';
import type { ObjectInfo, ObjectStore, ObjectWriter } from './object-store.ts';
import {
  isTemporaryKey,
  LOG_DIRECTORY,
  OBJECT_PREFIXES,
  QUARANTINE_PREFIX,
  quarantineKey,
  temporaryKey,
} from './paths.ts';

/** Smaller chunks are gathered up to this before they are written. */
const GATHER_BYTES = 1024 * 1024;
const GATHER_BYTES_MIN = 16_384;
/** Chunks from here on are written without a copy. */
const LARGE_CHUNK_BYTES = 256 * 1024;

export interface DiskStore extends ObjectStore {
  /** Temporary files of writes that were never committed, for garbage collection; `remove` takes them. */
  leftovers(): Promise<ObjectInfo[]>;
}

/** @param directory below the disk's root; '' is the root itself */
export function diskStore(disk: Disk, directory: string, random: Random): DiskStore {
  return new ObjectsOnDisk(disk, directory, random);
}

/** Whether a log or objects are below the disk's root: then there is, or was, a database. */
export async function holdsData(disk: Disk): Promise<boolean> {
  for (const directory of [LOG_DIRECTORY, ...OBJECT_PREFIXES.map(directoryOf)]) {
    if ((await disk.list(directory)).length > 0) return true;
  }
  return false;
}

interface Reading {
  readonly file: Promise<DiskFile>;
  readers: number;
}

class ObjectsOnDisk implements DiskStore {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #random: Random;
  /** Directories known to exist. */
  readonly #made = new Set<string>();
  /** Keys whose rename is under way: the check that they are absent would not see each other. */
  readonly #committing = new Set<string>();
  /** Files that somebody reads now: reads that overlap share one opening. */
  readonly #reading = new Map<string, Reading>();

  constructor(disk: Disk, directory: string, random: Random) {
    this.#disk = disk;
    this.#root = directory === '' ? '' : `${directory}/`;
    this.#random = random;
  }

  async create(key: string): Promise<ObjectWriter> {
    await this.#makeDirectory(directoryOf(this.#path(key)));
    const temporary = this.#path(temporaryKey(key, randomName(this.#random)));
    const file = await this.#disk.open(temporary, 'create');
    return new DiskWriter({
      disk: this.#disk,
      file,
      temporary,
      publish: () => this.#publish(temporary, key),
    });
  }

  async readInto(key: string, offset: number, target: Uint8Array): Promise<void> {
    const reading = this.#reading.get(key) ?? this.#beginReading(key);
    reading.readers++;
    try {
      const file = await reading.file.catch((cause: unknown) => {
        throw isNotFound(cause) ? missing(key, cause) : cause;
      });
      const count = await file.read(target, offset);
      if (count < target.length) {
        throw milvusError('DataIntegrity', {
          message: 'object is shorter than it was written',
          fields: { key, offset, wanted: target.length, found: count },
        });
      }
    } finally {
      reading.readers--;
      if (reading.readers === 0) await this.#endReading(key, reading);
    }
  }

  byteLength(key: string): Promise<number | null> {
    return this.#disk.byteLength(this.#path(key));
  }

  async map(key: string): Promise<Uint8Array | null> {
    return (await this.#disk.map?.(this.#path(key))) ?? null;
  }

  list(prefix: string, isWanted?: (key: string) => boolean): Promise<ObjectInfo[]> {
    return this.#list(
      prefix,
      (name) => !isTemporaryKey(name) && (isWanted === undefined || isWanted(prefix + name)),
    );
  }

  async leftovers(): Promise<ObjectInfo[]> {
    const found: ObjectInfo[] = [];
    for (const prefix of OBJECT_PREFIXES) found.push(...(await this.#list(prefix, isTemporaryKey)));
    return found;
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      try {
        await this.#disk.remove(this.#path(key));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  async quarantine(key: string): Promise<void> {
    await this.#makeDirectory(directoryOf(this.#path(QUARANTINE_PREFIX)));
    const target = this.#path(quarantineKey(key, randomName(this.#random)));
    await this.#disk.rename(this.#path(key), target);
    await this.#disk.syncDirectory(directoryOf(target));
    await this.#disk.syncDirectory(directoryOf(this.#path(key)));
  }

  #beginReading(key: string): Reading {
    const reading = { file: this.#disk.open(this.#path(key), 'read'), readers: 0 };
    this.#reading.set(key, reading);
    return reading;
  }

  async #endReading(key: string, { file }: Reading): Promise<void> {
    this.#reading.delete(key);
    // Every reader has heard of an opening that failed.
    const opened = await file.catch(() => null);
    await opened?.close();
  }

  async #publish(temporary: string, key: string): Promise<void> {
    const path = this.#path(key);
    const isFree = !this.#committing.has(path);
    this.#committing.add(path);
    try {
      if (!isFree || (await this.#disk.byteLength(path)) !== null) {
        throw milvusError('IoFailed', { message: 'object exists already', fields: { key } });
      }
      await this.#disk.rename(temporary, path);
      await this.#disk.syncDirectory(directoryOf(path));
    } finally {
      if (isFree) this.#committing.delete(path);
    }
  }

  async #list(prefix: string, wanted: (name: string) => boolean): Promise<ObjectInfo[]> {
    const directory = directoryOf(this.#path(prefix));
    const infos: ObjectInfo[] = [];
    for (const name of await this.#disk.list(directory)) {
      if (!wanted(name)) continue;
      const path = `${directory}/${name}`;
      const byteLength = await this.#disk.byteLength(path);
      const modifiedMs = await this.#disk.modifiedMs(path);
      // Another task may have removed it since it was listed.
      if (byteLength === null || modifiedMs === null) continue;
      infos.push({ key: prefix + name, byteLength, modifiedMs });
    }
    return infos;
  }

  async #makeDirectory(directory: string): Promise<void> {
    if (this.#made.has(directory)) return;
    await this.#disk.makeDirectory(directory);
    this.#made.add(directory);
  }

  #path(key: string): string {
    return this.#root + key;
  }
}

interface DiskWriterParts {
  readonly disk: Disk;
  readonly file: DiskFile;
  readonly temporary: string;
  /** Gives the synced temporary file its key. */
  readonly publish: () => Promise<void>;
}

class DiskWriter implements ObjectWriter {
  readonly #parts: DiskWriterParts;
  #gathered: Uint8Array | null = null;
  #gatheredBytes = 0;
  #offset = 0;

  constructor(parts: DiskWriterParts) {
    this.#parts = parts;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length >= LARGE_CHUNK_BYTES) return this.#flush(chunk);
    if (this.#gatheredBytes + chunk.length > GATHER_BYTES) await this.#flush(null);
    this.#room(chunk.length).set(chunk, this.#gatheredBytes);
    this.#gatheredBytes += chunk.length;
  }

  /** The gathered bytes, with room for `extra` more; most objects never need all of it. */
  #room(extra: number): Uint8Array {
    const wanted = this.#gatheredBytes + extra;
    const held = this.#gathered;
    if (held !== null && held.length >= wanted) return held;
    // Not zeroed: only what was gathered is written.
    const grown = Buffer.allocUnsafeSlow(
      Math.min(GATHER_BYTES, Math.max(wanted, GATHER_BYTES_MIN, wanted * 2)),
    );
    if (held !== null) grown.set(held.subarray(0, this.#gatheredBytes));
    this.#gathered = grown;
    return grown;
  }

  async commit(): Promise<void> {
    const { file, publish } = this.#parts;
    await this.#flush(null);
    await file.sync();
    await file.close();
    await publish();
  }

  async abort(): Promise<void> {
    const { disk, file, temporary } = this.#parts;
    await file.close();
    try {
      await disk.remove(temporary);
    } catch (error) {
      // After a commit, or a commit that failed late, the temporary name is gone.
      if (!isNotFound(error)) throw error;
    }
  }

  /** Writes what was gathered and then `chunk`. */
  async #flush(chunk: Uint8Array | null): Promise<void> {
    const chunks: Uint8Array[] = [];
    if (this.#gathered !== null) chunks.push(this.#gathered.subarray(0, this.#gatheredBytes));
    if (chunk !== null) chunks.push(chunk);
    if (chunks.length === 0) return;
    await this.#parts.file.write(chunks, this.#offset);
    this.#offset += this.#gatheredBytes + (chunk?.length ?? 0);
    this.#gatheredBytes = 0;
    this.#gathered = null;
  }
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Only what something refers to is read: that it is gone is damage. */
function missing(key: string, cause: unknown): Error {
  return milvusError('DataIntegrity', { message: 'object is missing', fields: { key } }, cause);
}

function isNotFound(error: unknown): boolean {
  return error instanceof MilvusError && error.reason === 'IoKeyNotFound';
}
