/**
 * Which rows of a sealed segment have some primary keys: by its zone, by its filter, then by its key index. Each
 * is read, checked, when it is first needed, and kept by the cache.
 */
import { must } from '../base/assert.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ColumnCache, Lease } from './column-cache.ts';
import { readChecked } from './column-file.ts';
import { decodeObject, type SegmentDescriptor } from './descriptor.ts';
import type { KeyFilter } from './key-filter.ts';
import { keyCount, pickKeys } from './key-list.ts';
import { filterOver, possibleKeys, PrimaryKeyIndex } from './primary-key-index.ts';
import type { KeyCursor, KeyList, Zone } from './segment.ts';
import { keysInZone } from './zone-map.ts';

/** Names in the cache. */
const INDEX = 'keys';
const FILTER = 'filter';

export interface SegmentKeysOptions {
  readonly segmentId: number;
  readonly store: ObjectStore;
  readonly cache: ColumnCache;
  /** Of the keys. */
  readonly zone: Zone | undefined;
  readonly describe: () => Promise<SegmentDescriptor>;
}

export class SegmentKeys {
  readonly #options: SegmentKeysOptions;

  constructor(options: SegmentKeysOptions) {
    this.#options = options;
  }

  /** Offsets of every row that has one of `keys`; ascending. */
  async rowsOf(keys: KeyList): Promise<Uint32Array> {
    const bounded = keysInZone(this.#options.zone, keys);
    if (keyCount(bounded) === 0) return new Uint32Array(0);
    const filter = await this.#acquireFilter();
    const positions = possibleKeys(filter.value, bounded);
    filter.release();
    if (positions.length === 0) return new Uint32Array(0);
    const index = await this.#acquireIndex();
    const rows = index.value.rowsOf(pickKeys(bounded, positions));
    index.release();
    return rows;
  }

  /** As `rowsOf`, told without reading; null when something has to be read first. */
  peekRowsOf(keys: KeyList): Uint32Array | null {
    const { segmentId, cache, zone } = this.#options;
    const bounded = keysInZone(zone, keys);
    if (keyCount(bounded) === 0) return new Uint32Array(0);
    const filter = cache.peek(segmentId, FILTER) as KeyFilter | undefined;
    if (filter === undefined) return null;
    const positions = possibleKeys(filter, bounded);
    if (positions.length === 0) return new Uint32Array(0);
    const index = cache.peek(segmentId, INDEX) as PrimaryKeyIndex | undefined;
    return index?.rowsOf(pickKeys(bounded, positions)) ?? null;
  }

  /** The rows by ascending key, from the first behind that of `after`, a list of one; null: from the first. */
  async cursor(after: KeyList | null): Promise<KeyCursor> {
    const index = await this.#acquireIndex();
    let at = after === null ? 0 : index.value.countUpTo(after);
    index.release();
    return {
      next: async (count) => {
        const lease = await this.#acquireIndex();
        const found = lease.value.inOrder(at, at + count);
        lease.release();
        at += found.rows.length;
        return found;
      },
    };
  }

  async #acquireFilter(): Promise<Lease<KeyFilter>> {
    const { segmentId, store, cache, describe } = this.#options;
    const { files, keys } = await describe();
    const file = must(files[keys.file], 'the key index has a file');
    return await cache.acquire(segmentId, FILTER, async () => {
      const range = { offset: 0, byteLength: keys.filterByteLength };
      const bytes = await readChecked(store, file, range, 'own');
      const value = decodeObject(file.key, () => filterOver(bytes));
      return { value, byteLength: bytes.buffer.byteLength };
    });
  }

  async #acquireIndex(): Promise<Lease<PrimaryKeyIndex>> {
    const { segmentId, store, cache, describe } = this.#options;
    const { files, keys, rowCount } = await describe();
    const file = must(files[keys.file], 'the key index has a file');
    return await cache.acquire(segmentId, INDEX, async () => {
      const offset = keys.filterByteLength;
      const range = { offset, byteLength: file.byteLength - offset };
      const bytes = await readChecked(store, file, range, 'own');
      const value = decodeObject(file.key, () => PrimaryKeyIndex.over(keys.kind, rowCount, bytes));
      return { value, byteLength: bytes.buffer.byteLength };
    });
  }
}
