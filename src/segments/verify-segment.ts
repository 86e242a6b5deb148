/**
 * Checks one sealed segment from end to end: every object is there with its length, every block has its
 * checksum, and what refers to something refers to what is there. Nothing is changed.
 */
import { MalformedBytes } from '../base/bytes.ts';
import { crc32 } from '../base/checksum.ts';
import { MilvusError } from '../base/errors.ts';
import { CHECKSUM_BLOCK_BYTES } from '../base/limits.ts';
import { TIMESTAMP_FIELD } from '../schema/collection-schema.ts';
import { readChecked, readColumn } from './column-file.ts';
import { type FileDescriptor, readDescriptor, type SegmentDescriptor } from './descriptor.ts';
import { filterOver, PrimaryKeyIndex } from './primary-key-index.ts';
import { readDeleteFile } from './delete-file.ts';
import { segmentIdOfKey } from '../storage/paths.ts';
import { readIndexDescriptor } from './segment-index.ts';
import type { ObjectReference, SegmentIndex, SegmentInfo } from './segment-info.ts';
import type { SegmentWorld } from './write-segment.ts';

export interface SegmentProblem {
  readonly key: string;
  /** Where in the object; null when it is about the whole. */
  readonly offset: number | null;
  readonly message: string;
  /** It is about an index, which is built again from the rows when the database is open for writing. */
  readonly isRebuilt: boolean;
}

/** Bytes read at once. */
const READ_BYTES = 4 * 1024 * 1024;

/**
 * @returns every problem found; none when the segment is whole
 * @throws MilvusError FormatNotSupported
 */
export async function verifySegment(
  info: SegmentInfo,
  world: SegmentWorld,
): Promise<SegmentProblem[]> {
  const check = new SegmentCheck(info, world);
  await check.run();
  return check.problems;
}

class SegmentCheck {
  readonly problems: SegmentProblem[] = [];
  readonly #info: SegmentInfo;
  readonly #world: SegmentWorld;

  constructor(info: SegmentInfo, world: SegmentWorld) {
    this.#info = info;
    this.#world = world;
  }

  async run(): Promise<void> {
    const info = this.#info;
    const { store } = this.#world;
    const { deletes, descriptor: reference } = info;
    if (deletes !== null) {
      await this.#attempt(
        deletes.key,
        async () => await readDeleteFile(store, deletes, info.rowCount),
      );
    }
    for (const index of info.indexes) await this.#checkIndex(index);
    const descriptor = await this.#attempt(
      reference.key,
      async () => await readDescriptor(store, reference),
    );
    if (descriptor === null) {
      // Without block checksums the objects can only be checked as a whole.
      for (const object of info.objects) await this.#checkObject(object, null);
      return;
    }
    this.#checkReferences(descriptor);
    for (const object of info.objects) {
      const file = descriptor.files.find(({ key }) => key === object.key) ?? null;
      await this.#checkObject(object, file);
    }
    if (this.problems.every(({ isRebuilt }) => isRebuilt)) await this.#checkContent(descriptor);
  }

  /** Without its descriptor an image can only be checked as a whole. */
  async #checkIndex(index: SegmentIndex): Promise<void> {
    const { store } = this.#world;
    const found = this.problems.length;
    const file = await this.#attempt(
      index.descriptor.key,
      async () => await readIndexDescriptor(store, index),
    );
    await this.#checkObject(index.image, file);
    const ofIndex = this.problems.splice(found);
    this.problems.push(...ofIndex.map((problem) => ({ ...problem, isRebuilt: true })));
  }

  #checkReferences(descriptor: SegmentDescriptor): void {
    const info = this.#info;
    const { key } = info.descriptor;
    if (descriptor.segmentId !== segmentIdOfKey(key)) {
      this.#report(key, null, 'is of another segment');
    }
    if (descriptor.rowCount !== info.rowCount) this.#report(key, null, 'has another row count');
    const objects = new Map(info.objects.map((object) => [object.key, object.byteLength]));
    for (const file of descriptor.files) {
      if (objects.get(file.key) !== file.byteLength) {
        this.#report(key, null, `names ${file.key}, which the manifest does not have so`);
      }
    }
    if (descriptor.files.length !== info.objects.length) {
      this.#report(key, null, 'does not name every object of the manifest');
    }
  }

  /** Every block, not only the first that is wrong. */
  async #checkObject(object: ObjectReference, file: FileDescriptor | null): Promise<void> {
    const { store, clock } = this.#world;
    const { key } = object;
    const byteLength = await store.byteLength(key);
    if (byteLength === null) return this.#report(key, null, 'is missing');
    if (byteLength !== object.byteLength) {
      return this.#report(key, null, `has ${byteLength} bytes instead of ${object.byteLength}`);
    }
    const found = this.problems.length;
    let checksum = 0;
    for (let start = 0; start < byteLength; start += READ_BYTES) {
      const bytes = new Uint8Array(Math.min(READ_BYTES, byteLength - start));
      const read = await this.#attempt(key, async () => {
        await store.readInto(key, start, bytes);
        return true;
      });
      if (read === null) return;
      checksum = crc32(bytes, checksum);
      if (file !== null) this.#checkBlocks(file, start, bytes);
      await clock.yieldTurn();
    }
    if (checksum !== object.checksum && this.problems.length === found) {
      this.#report(key, null, 'checksum of object does not match');
    }
  }

  #checkBlocks(file: FileDescriptor, start: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += CHECKSUM_BLOCK_BYTES) {
      const block = (start + at) / CHECKSUM_BLOCK_BYTES;
      if (crc32(bytes.subarray(at, at + CHECKSUM_BLOCK_BYTES)) !== file.blocks[block]) {
        this.#report(file.key, start + at, `checksum of block ${block} does not match`);
      }
    }
  }

  /** What checksums cannot tell: that the segment was written right. */
  async #checkContent(descriptor: SegmentDescriptor): Promise<void> {
    const info = this.#info;
    const column = descriptor.columns.get(TIMESTAMP_FIELD);
    if (column === undefined) {
      return this.#report(info.descriptor.key, null, 'has no row timestamps');
    }
    const key = descriptor.files[column.file]!.key;
    const timestamps = await this.#attempt(
      key,
      async () => await readColumn(this.#world.store, descriptor, column),
    );
    if (timestamps?.kind === 'fixed' && timestamps.values instanceof BigInt64Array) {
      for (const value of timestamps.values) {
        if (value >= info.minTimestamp && value <= info.maxTimestamp) continue;
        this.#report(key, null, `row timestamp ${value} is out of the bounds in the manifest`);
        break;
      }
    }
    await this.#checkKeys(descriptor);
  }

  async #checkKeys(descriptor: SegmentDescriptor): Promise<void> {
    const { keys, rowCount } = descriptor;
    const file = descriptor.files[keys.file]!;
    const bytes = await this.#attempt(file.key, async () => {
      const range = { offset: 0, byteLength: file.byteLength };
      const whole = await readChecked(this.#world.store, file, range, 'own');
      filterOver(whole.subarray(0, keys.filterByteLength));
      return whole;
    });
    if (bytes === null) return;
    const body = bytes.subarray(keys.filterByteLength);
    const problem = PrimaryKeyIndex.over(keys.kind, rowCount, body).problem();
    if (problem !== null) this.#report(file.key, null, problem);
  }

  /** The value, or null and a problem that says why there is none. */
  async #attempt<Value>(key: string, read: () => Promise<Value>): Promise<Value | null> {
    try {
      return await read();
    } catch (failure) {
      if (!(failure instanceof MilvusError) && !(failure instanceof MalformedBytes)) throw failure;
      // A newer format is no damage.
      if (failure instanceof MilvusError && failure.reason === 'FormatNotSupported') throw failure;
      const offset = failure instanceof MilvusError ? failure.fields['offset'] : undefined;
      this.#report(key, typeof offset === 'number' ? offset : null, failure.message);
      return null;
    }
  }

  #report(key: string, offset: number | null, message: string): void {
    this.problems.push({ key, offset, message, isRebuilt: false });
  }
}
