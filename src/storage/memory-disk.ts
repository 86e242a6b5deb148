/**
 * The Disk port in memory, for databases that live as long as their process. Everything is "durable" at
 * once. Behaves as the file system does: a file that was renamed or removed stays usable while it is open.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import type { Disk, DiskFile, OpenMode } from './disk.ts';

interface MemoryNode {
  bytes: Uint8Array;
  byteLength: number;
  modifiedMs: number;
}

export function memoryDisk(clock: Clock): Disk {
  return new MemoryDisk(clock);
}

class MemoryDisk implements Disk {
  readonly #clock: Clock;
  readonly #files = new Map<string, MemoryNode>();
  readonly #directories = new Set<string>(['']);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    let node = this.#files.get(path);
    if (mode === 'create') {
      if (node !== undefined) throw failed('IoFailed', 'open', path);
      if (!this.#directories.has(parentOf(path))) throw failed('IoKeyNotFound', 'open', path);
      node = { bytes: new Uint8Array(0), byteLength: 0, modifiedMs: this.#clock.nowMs() };
      this.#files.set(path, node);
    }
    if (node === undefined) throw failed('IoKeyNotFound', 'open', path);
    return new MemoryFile(node, this.#clock, mode !== 'read');
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#files.get(from);
    if (node === undefined || !this.#directories.has(parentOf(to))) {
      throw failed('IoKeyNotFound', 'rename', from);
    }
    this.#files.delete(from);
    this.#files.set(to, node);
  }

  async remove(path: string): Promise<void> {
    if (!this.#files.delete(path)) throw failed('IoKeyNotFound', 'remove', path);
  }

  async list(directory: string): Promise<string[]> {
    const names = new Set<string>();
    const prefix = directory === '' ? '' : `${directory}/`;
    for (const path of [...this.#files.keys(), ...this.#directories]) {
      if (path === '' || !path.startsWith(prefix)) continue;
      const [name] = path.slice(prefix.length).split('/', 1);
      if (name !== undefined && name !== '') names.add(name);
    }
    return [...names].sort();
  }

  async makeDirectory(directory: string): Promise<void> {
    for (let path = directory; path !== ''; path = parentOf(path)) this.#directories.add(path);
  }

  async syncDirectory(directory: string): Promise<void> {
    if (!this.#directories.has(directory))
      throw failed('IoKeyNotFound', 'sync directory', directory);
  }

  async byteLength(path: string): Promise<number | null> {
    return this.#files.get(path)?.byteLength ?? null;
  }

  async modifiedMs(path: string): Promise<number | null> {
    return this.#files.get(path)?.modifiedMs ?? null;
  }
}

class MemoryFile implements DiskFile {
  readonly #node: MemoryNode;
  readonly #clock: Clock;
  readonly #isWritable: boolean;
  #isOpen = true;

  constructor(node: MemoryNode, clock: Clock, isWritable: boolean) {
    this.#node = node;
    this.#clock = clock;
    this.#isWritable = isWritable;
  }

  async read(target: Uint8Array, offset: number): Promise<number> {
    assert(this.#isOpen, 'read on a closed file');
    const count = Math.max(0, Math.min(target.length, this.#node.byteLength - offset));
    if (count > 0) target.set(this.#node.bytes.subarray(offset, offset + count));
    return count;
  }

  async write(chunks: readonly Uint8Array[], offset: number): Promise<void> {
    assert(this.#isOpen && this.#isWritable, 'write to a file that is not open for it');
    let at = offset;
    for (const chunk of chunks) {
      this.#resize(Math.max(this.#node.byteLength, at + chunk.length));
      this.#node.bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#node.modifiedMs = this.#clock.nowMs();
  }

  async sync(): Promise<void> {
    assert(this.#isOpen, 'sync on a closed file');
  }

  async truncate(byteLength: number): Promise<void> {
    assert(this.#isOpen && this.#isWritable, 'truncate of a file that is not open for it');
    const { byteLength: before } = this.#node;
    this.#resize(byteLength);
    // What was cut must not come back when the file grows again.
    if (byteLength < before) this.#node.bytes.fill(0, byteLength, before);
  }

  async byteLength(): Promise<number> {
    assert(this.#isOpen, 'byteLength of a closed file');
    return this.#node.byteLength;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  #resize(byteLength: number): void {
    const node = this.#node;
    if (byteLength > node.bytes.length) {
      const grown = new Uint8Array(Math.max(byteLength, node.bytes.length * 2));
      grown.set(node.bytes.subarray(0, node.byteLength));
      node.bytes = grown;
    }
    node.byteLength = byteLength;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function failed(reason: 'IoFailed' | 'IoKeyNotFound', operation: string, path: string): Error {
  return milvusError(reason, { fields: { path, operation } });
}
