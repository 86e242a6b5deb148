/**
 * Object store port: immutable objects by key, the same over a local disk and over S3.
 * A key is written once; `create` followed by `commit` makes the object visible and durable as a whole.
 */

export interface ObjectInfo {
  readonly key: string;
  readonly byteLength: number;
  /** Wall-clock milliseconds at which it was stored. */
  readonly modifiedMs: number;
}

export interface ObjectWriter {
  /** Appends; resolves when the next chunk may come (back-pressure). */
  write(chunk: Uint8Array): Promise<void>;
  /** Durable and visible under its key from here on. @throws MilvusError IoFailed when the key exists */
  commit(): Promise<void>;
  /** Forgets what was written; safe after a failed write or commit. */
  abort(): Promise<void>;
}

export interface ObjectStore {
  create(key: string): Promise<ObjectWriter>;
  /**
   * Bytes [offset, offset + target.length) into `target`.
   * @throws MilvusError DataIntegrity when there is no such object, or it is shorter
   */
  readInto(key: string, offset: number, target: Uint8Array): Promise<void>;
  byteLength(key: string): Promise<number | null>;
  /** All bytes of an object, mapped into memory; null where that cannot be. Absent where objects are no files. */
  map?(key: string): Promise<Uint8Array | null>;
  /**
   * Objects whose key starts with `prefix` (which ends with '/'), sorted by key.
   * @param isWanted others are left out: where each object has to be asked about, they are not
   */
  list(prefix: string, isWanted?: (key: string) => boolean): Promise<ObjectInfo[]>;
  /** Keys that are not there are no error. */
  remove(keys: readonly string[]): Promise<void>;
  /** Moves an object nobody refers to out of the way, so that a person can look at it. */
  quarantine(key: string): Promise<void>;
}
