/**
 * The Disk port over the machine's file system.
 *
 * Files are created 0600, directories 0700. A file's `sync` is fdatasync, a directory's is fsync of the
 * directory itself (Windows has none and makes names durable by itself). Callback functions of node:fs
 * are used because they take one turn of the thread pool and allocate less than node:fs/promises; a small
 * write takes none.
 *
 * The root is one directory, not a name: when it is moved, removed or replaced while it is in use, nothing is
 * created, renamed or removed under the name that it had.
 */
import fs from 'node:fs';
import path from 'node:path';
import { assert } from '../base/assert.ts';
import { type ErrorName, type MilvusError, milvusError } from '../base/errors.ts';
import { mapFile } from '../base/mapped-memory.ts';
import type { Disk, DiskFile, OpenMode } from './disk.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** Chunks that are together smaller than this are copied into one buffer: cheaper than a vectored write. */
const COALESCE_BYTES_MAX = 64 * 1024;
/** The cache of the system takes so few bytes sooner than a thread of the pool wakes up for them. */
const DIRECT_WRITE_BYTES_MAX = 16 * 1024;
/** Bytes of one call to the kernel; Linux moves at most 2 GiB - 4 KiB. */
const TRANSFER_BYTES_MAX = 1024 * 1024 * 1024;
/** Chunks of one vectored write; POSIX's IOV_MAX on Linux and macOS. */
const VECTOR_CHUNKS_MAX = 1024;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: fs.constants.O_RDONLY,
  write: fs.constants.O_RDWR,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL,
};

const REASONS: Readonly<Record<string, ErrorName>> = {
  ENOENT: 'IoKeyNotFound',
  ENOSPC: 'DiskLimitExceeded',
  EDQUOT: 'DiskLimitExceeded',
  EACCES: 'StoragePermissionDenied',
  EPERM: 'StoragePermissionDenied',
  EROFS: 'StoragePermissionDenied',
};

/** The MilvusError for a failed call of node:fs: which file, which operation, and the cause. */
export function diskError(
  operation: string,
  filePath: string,
  cause: NodeJS.ErrnoException,
): MilvusError {
  const code = cause.code ?? 'unknown';
  const reason = REASONS[code] ?? 'IoFailed';
  return milvusError(reason, { fields: { path: filePath, operation, code } }, cause);
}

/** @param root directory that all paths are relative to; it need not exist yet */
export function nodeDisk(root: string): Disk {
  return new NodeDisk(path.resolve(root));
}

class NodeDisk implements Disk {
  readonly #root: string;
  /** Device and inode of the root; null until it was seen. */
  #identity: string | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  async open(filePath: string, mode: OpenMode): Promise<DiskFile> {
    await (mode === 'create' ? this.#requireRoot() : this.#seeRoot());
    const absolute = this.#absolute(filePath);
    const descriptor = await settle<number>('open', filePath, (done) =>
      fs.open(absolute, FLAGS[mode], FILE_MODE, done),
    );
    return new NodeFile(filePath, descriptor);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#requireRoot();
    await settle<void>('rename', from, (done) =>
      fs.rename(this.#absolute(from), this.#absolute(to), done),
    );
  }

  async remove(filePath: string): Promise<void> {
    await this.#requireRoot();
    await settle<void>('remove', filePath, (done) => fs.unlink(this.#absolute(filePath), done));
  }

  async list(directory: string): Promise<string[]> {
    await this.#seeRoot();
    const absolute = this.#absolute(directory);
    const names = await absentAsNull(
      settle<string[]>('list', directory, (done) => fs.readdir(absolute, done)),
    );
    return names === null ? [] : names.sort();
  }

  async makeDirectory(directory: string): Promise<void> {
    await this.#requireRoot();
    await this.#makeDirectory(this.#absolute(directory), directory);
    await this.#seeRoot();
  }

  async syncDirectory(directory: string): Promise<void> {
    await syncDirectory(this.#absolute(directory), directory);
  }

  async byteLength(filePath: string): Promise<number | null> {
    return (await this.#stat(filePath))?.size ?? null;
  }

  async map(filePath: string): Promise<Uint8Array | null> {
    const byteLength = await this.byteLength(filePath);
    if (byteLength === null || byteLength === 0) return null;
    return mapFile(this.#absolute(filePath), byteLength);
  }

  async modifiedMs(filePath: string): Promise<number | null> {
    return (await this.#stat(filePath))?.mtimeMs ?? null;
  }

  #stat(filePath: string): Promise<fs.Stats | null> {
    const absolute = this.#absolute(filePath);
    return absentAsNull(settle<fs.Stats>('stat', filePath, (done) => fs.stat(absolute, done)));
  }

  async #seeRoot(): Promise<void> {
    this.#identity ??= await this.#rootIdentity();
  }

  /** Of a root that was never seen nothing is required: it may be made yet. */
  async #requireRoot(): Promise<void> {
    if (this.#identity === null) {
      await this.#seeRoot();
      return;
    }
    if ((await this.#rootIdentity()) === this.#identity) return;
    const message = 'the directory was moved, removed or replaced while it is in use';
    throw milvusError('IoFailed', { message, fields: { path: this.#root } });
  }

  async #rootIdentity(): Promise<string | null> {
    const stats = await absentAsNull(
      settle<fs.BigIntStats>('stat', this.#root, (done) =>
        fs.stat(this.#root, { bigint: true }, done),
      ),
    );
    return stats === null ? null : `${stats.dev}/${stats.ino}`;
  }

  async #makeDirectory(absolute: string, name: string): Promise<void> {
    try {
      await settle<void>('make directory', name, (done) =>
        fs.mkdir(absolute, DIRECTORY_MODE, done),
      );
    } catch (error) {
      const code = causeCode(error);
      // Somebody made it before, and perhaps crashed before its name was durable: sync it all the same.
      if (code === 'EEXIST') return syncDirectory(path.dirname(absolute), name);
      if (code !== 'ENOENT' || path.dirname(absolute) === absolute) throw error;
      await this.#makeDirectory(path.dirname(absolute), name);
      // Once more and no oftener: below a link to nowhere the parent is there and the child never can be.
      await settle<void>('make directory', name, (done) =>
        fs.mkdir(absolute, DIRECTORY_MODE, done),
      );
    }
    await syncDirectory(path.dirname(absolute), name);
  }

  #absolute(relative: string): string {
    assert(
      !relative.startsWith('/') && !relative.split('/').includes('..'),
      'disk paths stay inside the root',
    );
    return path.join(this.#root, ...relative.split('/'));
  }
}

class NodeFile implements DiskFile {
  readonly #path: string;
  readonly #descriptor: number;
  #isOpen = true;

  constructor(filePath: string, descriptor: number) {
    this.#path = filePath;
    this.#descriptor = descriptor;
  }

  async read(target: Uint8Array, offset: number): Promise<number> {
    let done = 0;
    while (done < target.length) {
      const length = Math.min(target.length - done, TRANSFER_BYTES_MAX);
      const count = await this.#call<number>('read', (callback) =>
        fs.read(this.#descriptor, target, done, length, offset + done, callback),
      );
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async write(chunks: readonly Uint8Array[], offset: number): Promise<void> {
    let total = 0;
    for (const chunk of chunks) total += chunk.length;
    if (chunks.length > 1 && total <= COALESCE_BYTES_MAX) {
      return this.#writeOne(Buffer.concat(chunks, total), offset);
    }
    let at = offset;
    for (const batch of batches(chunks)) {
      at += await this.#writeBatch(batch, at);
    }
  }

  sync(): Promise<void> {
    return this.#call<void>('sync', (callback) => fs.fdatasync(this.#descriptor, callback));
  }

  truncate(byteLength: number): Promise<void> {
    return this.#call<void>('truncate', (callback) =>
      fs.ftruncate(this.#descriptor, byteLength, callback),
    );
  }

  async byteLength(): Promise<number> {
    const stats = await this.#call<fs.Stats>('stat', (callback) =>
      fs.fstat(this.#descriptor, callback),
    );
    return stats.size;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await settle<void>('close', this.#path, (callback) => fs.close(this.#descriptor, callback));
  }

  async #writeOne(bytes: Uint8Array, offset: number): Promise<void> {
    let done = bytes.length <= DIRECT_WRITE_BYTES_MAX ? this.#writeDirectly(bytes, offset) : 0;
    while (done < bytes.length) {
      const length = Math.min(bytes.length - done, TRANSFER_BYTES_MAX);
      done += await this.#call<number>('write', (callback) =>
        fs.write(this.#descriptor, bytes, done, length, offset + done, callback),
      );
    }
  }

  /** @returns how much the kernel took */
  #writeDirectly(bytes: Uint8Array, offset: number): number {
    assert(this.#isOpen, 'write on a closed file');
    try {
      return fs.writeSync(this.#descriptor, bytes, 0, bytes.length, offset);
    } catch (error) {
      throw diskError('write', this.#path, error as NodeJS.ErrnoException);
    }
  }

  /** One vectored write; what the kernel did not take at once is written chunk by chunk. */
  async #writeBatch(chunks: readonly Uint8Array[], offset: number): Promise<number> {
    const [first] = chunks;
    if (chunks.length === 1 && first !== undefined) {
      await this.#writeOne(first, offset);
      return first.length;
    }
    const taken = await this.#call<number>('write', (callback) =>
      fs.writev(this.#descriptor, chunks as Uint8Array[], offset, callback),
    );
    let at = 0;
    for (const chunk of chunks) {
      const skip = Math.max(0, taken - at);
      if (skip < chunk.length) await this.#writeOne(chunk.subarray(skip), offset + at + skip);
      at += chunk.length;
    }
    return at;
  }

  #call<T>(operation: string, start: (callback: NodeCallback<T>) => void): Promise<T> {
    // A descriptor number is given anew as soon as it is closed: never use it after that.
    assert(this.#isOpen, `${operation} on a closed file`);
    return settle(operation, this.#path, start);
  }
}

type NodeCallback<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

function settle<T>(
  operation: string,
  filePath: string,
  start: (callback: NodeCallback<T>) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === null || error === undefined) resolve(value as T);
      else reject(diskError(operation, filePath, error));
    });
  });
}

async function absentAsNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (causeCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function causeCode(error: unknown): string | undefined {
  return ((error as MilvusError).cause as NodeJS.ErrnoException | undefined)?.code;
}

async function syncDirectory(absolute: string, name: string): Promise<void> {
  if (process.platform === 'win32') return;
  const descriptor = await settle<number>('open directory', name, (done) =>
    fs.open(absolute, fs.constants.O_RDONLY, done),
  );
  try {
    await settle<void>('sync directory', name, (done) => fs.fsync(descriptor, done));
  } finally {
    await settle<void>('close', name, (done) => fs.close(descriptor, done));
  }
}

/** Runs of chunks that one vectored write takes. */
function* batches(chunks: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < chunks.length; i++) {
    const { length } = chunks[i] as Uint8Array;
    if (i > start && (bytes + length > TRANSFER_BYTES_MAX || i - start === VECTOR_CHUNKS_MAX)) {
      yield chunks.slice(start, i);
      start = i;
      bytes = 0;
    }
    bytes += length;
  }
  if (start < chunks.length) yield chunks.slice(start);
}
