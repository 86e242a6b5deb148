/**
 * SimDisk: the Disk port with a live image (what the running program sees) and a durable one (what a power
 * loss leaves), and every fault that a disk has. Deterministic: it does only what it is told.
 *
 * What is durable when:
 *   bytes   of a file by its `sync`, as of the call; until then each write may be lost, kept or torn;
 *   names   created, renamed (atomic; by the target's directory) or removed, by `syncDirectory`;
 *   makeDirectory is durable at once, as the port promises.
 *
 * Crash enumeration of a script, one run:
 *   const points: CrashPoint[] = [];
 *   const disk = new SimDisk({ beforeOperation: () => points.push(disk.capture()) });
 *   await script(disk); points.push(disk.capture());
 *   for each point, for each state of point.states(): recover on new SimDisk({ image: state.image })
 * An operation is what can change durable state: create, write, truncate, sync, rename, remove,
 * syncDirectory, makeDirectory. A crash inside an operation equals one of the states before or after it.
 *
 * Crash in the middle of a running program: `new SimDisk({ crashAt: n })` throws SimCrash from operation
 * n on, at every call; or call `crash()`. Then `capture()` gives the point.
 *
 * Faults: `fault(call)` is asked at every call, reads too, and returns null or what goes wrong:
 *   { reason: 'IoFailed' }                      nothing happens but the error
 *   { reason: …, applied: 100 }                 a write takes only its first 100 bytes
 *   { reason: …, applied: 'all' }               it happens, and the error is reported all the same
 *   { reason: …, loses: true }                  a failed sync: what was un-synced never becomes durable, even if
 *                                               a later sync succeeds (the page cache forgot that it is dirty)
 * `capacityBytes` makes writes fail with DiskLimitExceeded, their first bytes written; it can be changed.
 * `flipBit` damages a file in both images. `turns(call)` delays a call by that many microtask turns, to
 * let calls overtake each other.
 *
 * `traceHash` is equal for equal runs; `trace` holds the calls when `recordTrace` is set. `openFiles` counts
 * handles. Contents are shared between images and copied when written, so captures and reopening are cheap.
 */
import type { Clock } from '../../src/base/clock.ts';
import { crc32 } from '../../src/base/checksum.ts';
import { type ErrorName, milvusError } from '../../src/base/errors.ts';
import type { Disk, DiskFile, OpenMode } from '../../src/storage/disk.ts';
import {
  applyName,
  type Content,
  CrashPoint,
  type DataChange,
  type DiskImage,
  type NameChange,
} from './crash-point.ts';
import { SimFile } from './sim-file.ts';
import { hashNumber, hashText } from './trace-hash.ts';

/** Thrown by every call once the simulated machine is down. */
export class SimCrash extends Error {
  override readonly name = 'SimCrash';
}

export type CallKind =
  | 'create'
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'close'
  | 'rename'
  | 'remove'
  | 'list'
  | 'makeDirectory'
  | 'syncDirectory'
  | 'stat';

export interface DiskCall {
  /** From 0, over all calls. */
  readonly number: number;
  readonly kind: CallKind;
  readonly path: string;
}

export interface Fault {
  readonly reason: ErrorName;
  readonly applied?: 'all' | number;
  readonly loses?: boolean;
}

export interface SimDiskOptions {
  readonly image?: DiskImage;
  readonly clock?: Clock;
  readonly crashAt?: number;
  readonly capacityBytes?: number;
  readonly recordTrace?: boolean;
  readonly fault?: (call: DiskCall) => Fault | null;
  readonly turns?: (call: DiskCall) => number;
  readonly beforeOperation?: (operation: number) => void;
}

const READS: ReadonlySet<CallKind> = new Set(['open', 'read', 'close', 'list', 'stat']);

export class SimDisk implements Disk {
  readonly #options: SimDiskOptions;
  readonly #files = new Map<number, SimFile>();
  readonly #names = new Map<string, number>();
  readonly #durableNames: Map<string, number>;
  readonly #directories: Set<string>;
  #pendingNames: NameChange[] = [];
  #nextFile = 0;
  #isCrashed = false;
  #calls = 0;
  #operations = 0;
  #traceHash = 0;
  readonly #pathHashes = new Map<string, number>();
  /** Every call in words, when asked for. */
  readonly trace: string[] = [];
  openFiles = 0;
  capacityBytes: number;

  constructor(options: SimDiskOptions = {}) {
    this.#options = options;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.#directories = new Set(options.image?.directories ?? ['']);
    for (const [path, content] of options.image?.files ?? []) {
      this.#names.set(path, this.#newFile(content).id);
    }
    this.#durableNames = new Map(this.#names);
  }

  /** Operations begun. */
  get operations(): number {
    return this.#operations;
  }

  get calls(): number {
    return this.#calls;
  }

  get traceHash(): number {
    return this.#traceHash;
  }

  get isCrashed(): boolean {
    return this.#isCrashed;
  }

  get usedBytes(): number {
    let total = 0;
    for (const id of this.#names.values()) total += this.#file(id).byteLength;
    return total;
  }

  /** The power goes: every later call throws SimCrash. */
  crash(): void {
    this.#isCrashed = true;
  }

  /** What a power loss now could leave; stays as it is while the disk goes on. */
  capture(): CrashPoint {
    const contents = new Map<number, Content>();
    const changes: Array<DataChange | NameChange> = [...this.#pendingNames];
    for (const file of this.#files.values()) {
      contents.set(file.id, file.durable);
      for (const change of file.pending) changes.push(change);
    }
    changes.sort((a, b) => a.number - b.number);
    return new CrashPoint({
      directories: new Set(this.#directories),
      names: new Map(this.#durableNames),
      contents,
      changes,
    });
  }

  /** Paths of all files, sorted, as the program sees them. */
  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** Bytes of a file, as the program sees them. */
  bytesOf(path: string): Uint8Array {
    const file = this.#find(path, 'read');
    return file.live.slice(0, file.byteLength);
  }

  /** Damages one bit of a file, in the live and in the durable image. */
  flipBit(path: string, byteOffset: number, bit: number): void {
    const file = this.#find(path, 'read');
    const flip = (content: Content): Content => {
      const bytes = content.bytes.slice(0, content.byteLength);
      if (byteOffset < bytes.length) bytes[byteOffset]! ^= 1 << bit;
      return { bytes, byteLength: bytes.length };
    };
    file.live = flip({ bytes: file.live, byteLength: file.byteLength }).bytes;
    file.sharedBytes = 0;
    file.durable = flip(file.durable);
    file.isDiverged = true;
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const fault = await this.#begin(mode === 'create' ? 'create' : 'open', path);
    if (fault !== null) throw failed(fault.reason, 'open', path);
    if (mode === 'create') {
      if (this.#names.has(path)) throw failed('IoFailed', 'open', path);
      if (!this.#directories.has(parentOf(path))) throw failed('IoKeyNotFound', 'open', path);
      const file = this.#newFile({ bytes: new Uint8Array(0), byteLength: 0 });
      file.modifiedMs = this.#nowMs();
      this.#names.set(path, file.id);
      this.#pendingNames.push({ kind: 'create', number: this.#operations, file: file.id, path });
    }
    const file = this.#find(path, 'open');
    this.openFiles += 1;
    return this.#handle(path, file, mode !== 'read');
  }

  async rename(from: string, to: string): Promise<void> {
    const fault = await this.#begin('rename', from);
    if (fault !== null && fault.applied !== 'all') throw failed(fault.reason, 'rename', from);
    const file = this.#find(from, 'rename');
    if (!this.#directories.has(parentOf(to))) throw failed('IoKeyNotFound', 'rename', to);
    this.#names.delete(from);
    this.#names.set(to, file.id);
    const number = this.#operations;
    this.#pendingNames.push({ kind: 'rename', number, file: file.id, path: from, to });
    if (fault !== null) throw failed(fault.reason, 'rename', from);
  }

  async remove(path: string): Promise<void> {
    const fault = await this.#begin('remove', path);
    if (fault !== null && fault.applied !== 'all') throw failed(fault.reason, 'remove', path);
    const file = this.#find(path, 'remove');
    this.#names.delete(path);
    this.#pendingNames.push({ kind: 'remove', number: this.#operations, file: file.id, path });
    if (fault !== null) throw failed(fault.reason, 'remove', path);
  }

  async list(directory: string): Promise<string[]> {
    const fault = await this.#begin('list', directory);
    if (fault !== null) throw failed(fault.reason, 'list', directory);
    const prefix = directory === '' ? '' : `${directory}/`;
    const names = new Set<string>();
    const add = (path: string): void => {
      if (path.length <= prefix.length || !path.startsWith(prefix)) return;
      const slash = path.indexOf('/', prefix.length);
      names.add(path.slice(prefix.length, slash < 0 ? path.length : slash));
    };
    for (const path of this.#names.keys()) add(path);
    for (const path of this.#directories) add(path);
    return [...names].sort();
  }

  async makeDirectory(directory: string): Promise<void> {
    if (this.#directories.has(directory) && !this.#isCrashed) return;
    const fault = await this.#begin('makeDirectory', directory);
    if (fault !== null) throw failed(fault.reason, 'make directory', directory);
    for (let path = directory; path !== ''; path = parentOf(path)) this.#directories.add(path);
  }

  async syncDirectory(directory: string): Promise<void> {
    const before = this.#operations;
    const fault = await this.#begin('syncDirectory', directory);
    if (fault !== null) throw failed(fault.reason, 'sync directory', directory);
    if (!this.#directories.has(directory)) {
      throw failed('IoKeyNotFound', 'sync directory', directory);
    }
    this.#pendingNames = this.#pendingNames.filter((change) => {
      const target = change.kind === 'rename' ? change.to : change.path;
      if (change.number > before || parentOf(target) !== directory) return true;
      applyName(this.#durableNames, change);
      return false;
    });
    // A file that has its durable new name keeps nothing of the old one, whose creation may still be pending.
    this.#pendingNames = this.#pendingNames.filter(
      (change) => change.kind !== 'create' || this.#isNamed(change.path, change.file),
    );
    this.#forgetUnnamed();
  }

  async byteLength(path: string): Promise<number | null> {
    const fault = await this.#begin('stat', path);
    if (fault !== null) throw failed(fault.reason, 'stat', path);
    const id = this.#names.get(path);
    return id === undefined ? null : this.#file(id).byteLength;
  }

  async modifiedMs(path: string): Promise<number | null> {
    const fault = await this.#begin('stat', path);
    if (fault !== null) throw failed(fault.reason, 'stat', path);
    const id = this.#names.get(path);
    return id === undefined ? null : this.#file(id).modifiedMs;
  }

  /**
   * One call begins: crash, fault or go. Operations are counted from 1 once they have begun. Only a call
   * that is delayed has a promise of its own: making one would be most of what a call costs.
   */
  #begin(kind: CallKind, path: string): Fault | null | Promise<Fault | null> {
    if (this.#isCrashed) throw new SimCrash(`${kind} ${path} after the crash`);
    const call: DiskCall = { number: this.#calls++, kind, path };
    const turns = this.#options.turns?.(call) ?? 0;
    return turns > 0 ? this.#delayed(call, turns) : this.#go(call);
  }

  async #delayed(call: DiskCall, turns: number): Promise<Fault | null> {
    for (let turn = 0; turn < turns; turn++) await undefined;
    return this.#go(call);
  }

  #go(call: DiskCall): Fault | null {
    const { kind, path } = call;
    if (this.#isCrashed) throw new SimCrash(`${kind} ${path} after the crash`);
    if (!READS.has(kind)) {
      if (this.#operations === this.#options.crashAt) {
        this.#isCrashed = true;
        throw new SimCrash(`${kind} ${path} at operation ${this.#operations}`);
      }
      this.#options.beforeOperation?.(this.#operations);
      this.#operations += 1;
    }
    this.#traceHash = hashNumber(this.#hashOf(path), hashText(kind, this.#traceHash));
    if (this.#options.recordTrace === true) this.trace.push(`${kind} ${path}`);
    return this.#options.fault?.(call) ?? null;
  }

  /** Paths are long and come again and again. */
  #hashOf(path: string): number {
    let hash = this.#pathHashes.get(path);
    if (hash === undefined) {
      hash = hashText(path, 0);
      this.#pathHashes.set(path, hash);
    }
    return hash;
  }

  #handle(path: string, file: SimFile, isWritable: boolean): DiskFile {
    let isOpen = true;
    const check = (operation: string, isAllowed: boolean): void => {
      if (!isOpen || !isAllowed) throw new Error(`${operation} on a file not open for it: ${path}`);
    };
    return {
      read: async (target, offset) => {
        check('read', true);
        const fault = await this.#begin('read', path);
        if (fault !== null) throw failed(fault.reason, 'read', path);
        const count = Math.max(0, Math.min(target.length, file.byteLength - offset));
        if (count > 0) target.set(file.live.subarray(offset, offset + count));
        return count;
      },
      write: async (chunks, offset) => {
        check('write', isWritable);
        const bytes = joined(chunks);
        const fault = await this.#begin('write', path);
        this.#write(path, file, { bytes, offset, fault });
      },
      sync: async () => {
        check('sync', true);
        const before = this.#operations;
        const fault = await this.#begin('sync', path);
        const later = file.pending.findIndex((change) => change.number > before);
        const count = later < 0 ? file.pending.length : later;
        if (fault === null || fault.applied === 'all') file.sync(count);
        else if (fault.loses === true) file.lose(count);
        if (fault !== null) throw failed(fault.reason, 'sync', path);
      },
      truncate: async (byteLength) => {
        check('truncate', isWritable);
        const fault = await this.#begin('truncate', path);
        if (fault !== null && fault.applied !== 'all') throw failed(fault.reason, 'truncate', path);
        file.truncate(this.#operations, byteLength);
        if (fault !== null) throw failed(fault.reason, 'truncate', path);
      },
      byteLength: async () => {
        check('stat', true);
        const fault = await this.#begin('stat', path);
        if (fault !== null) throw failed(fault.reason, 'stat', path);
        return file.byteLength;
      },
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        this.openFiles -= 1;
        const fault = await this.#begin('close', path);
        if (fault !== null) throw failed(fault.reason, 'close', path);
      },
    };
  }

  #write(
    path: string,
    file: SimFile,
    { bytes, offset, fault }: { bytes: Uint8Array; offset: number; fault: Fault | null },
  ): void {
    const free =
      this.capacityBytes === Number.POSITIVE_INFINITY
        ? this.capacityBytes
        : this.capacityBytes - this.usedBytes;
    const room = Math.max(0, file.byteLength - offset + free);
    const wanted = fault === null || fault.applied === 'all' ? bytes.length : (fault.applied ?? 0);
    const taken = Math.min(wanted, room, bytes.length);
    if (taken > 0) file.write(this.#operations, bytes.subarray(0, taken), offset);
    file.modifiedMs = this.#nowMs();
    const checksum = crc32(bytes);
    for (const number of [offset, taken, checksum]) {
      this.#traceHash = hashNumber(number, this.#traceHash);
    }
    if (this.#options.recordTrace === true) this.trace.push(`${offset} ${taken} ${checksum}`);
    if (fault !== null) throw failed(fault.reason, 'write', path);
    if (taken < bytes.length) throw failed('DiskLimitExceeded', 'write', path);
  }

  #newFile(content: Content): SimFile {
    const file = new SimFile(this.#nextFile++, content);
    this.#files.set(file.id, file);
    return file;
  }

  #file(id: number): SimFile {
    return this.#files.get(id) as SimFile;
  }

  #find(path: string, operation: string): SimFile {
    const id = this.#names.get(path);
    if (id === undefined) throw failed('IoKeyNotFound', operation, path);
    return this.#file(id);
  }

  /** Drops files that no name, durable or live, leads to any more; open handles keep theirs. */
  #forgetUnnamed(): void {
    if (this.#files.size < 2 * this.#names.size + 16) return;
    const named = new Set([...this.#names.values(), ...this.#durableNames.values()]);
    for (const change of this.#pendingNames) named.add(change.file);
    for (const id of this.#files.keys()) if (!named.has(id)) this.#files.delete(id);
  }

  /** Whether `file` is or may still become `path` in the durable image. */
  #isNamed(path: string, file: number): boolean {
    return (
      this.#names.get(path) === file ||
      this.#pendingNames.some((change) => change.kind !== 'create' && change.path === path)
    );
  }

  #nowMs(): number {
    return this.#options.clock?.nowMs() ?? 0;
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = chunks;
  if (only !== undefined && others.length === 0) return new Uint8Array(only);
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function failed(reason: ErrorName, operation: string, path: string): Error {
  return milvusError(reason, { fields: { path, operation } });
}
