/**
 * Disk port: files by path, with nothing hidden. Paths use '/' and are relative to the root that the
 * implementation was given. Names come from ids only, never from a user.
 *
 * What a crash may undo: bytes written and not synced (in whole, in part, in any order), and names
 * created, renamed or removed in a directory that was not synced since.
 * Failures are MilvusErrors: IoKeyNotFound, DiskLimitExceeded (no space), StoragePermissionDenied, IoFailed.
 */

export type OpenMode =
  /** The file must exist. */
  | 'read'
  /** The file must exist; reads and writes. */
  | 'write'
  /** The file must not exist. */
  | 'create';

export interface DiskFile {
  /** Fills `target` from `offset`; @returns the bytes read, fewer than asked only at the end of the file. */
  read(target: Uint8Array, offset: number): Promise<number>;
  /** Writes all of `chunks`, one behind the other, from `offset`. */
  write(chunks: readonly Uint8Array[], offset: number): Promise<void>;
  /** Bytes written before this call survive a crash after it (fdatasync). */
  sync(): Promise<void>;
  truncate(byteLength: number): Promise<void>;
  byteLength(): Promise<number>;
  close(): Promise<void>;
}

export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** Atomic; replaces `to` when it exists. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in a directory, sorted; empty when it does not exist. */
  list(directory: string): Promise<string[]>;
  /** Creates a directory ('' is the root) and its missing parents, each made durable in its own parent. */
  makeDirectory(directory: string): Promise<void>;
  /** Names created, renamed or removed in `directory` before this call survive a crash after it. */
  syncDirectory(directory: string): Promise<void>;
  /** Bytes of a file, or null when there is none. */
  byteLength(path: string): Promise<number | null>;
  /**
   * All bytes of a file that never changes, mapped into memory; null where that cannot be. Absent where no
   * file of the system stands behind it.
   */
  map?(path: string): Promise<Uint8Array | null>;
  /** Wall-clock milliseconds of the last write to a file, or null when there is none. */
  modifiedMs(path: string): Promise<number | null>;
}
