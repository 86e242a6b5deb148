/**
 * Columns (and key indexes) of sealed segments in memory, over all segments, the least recently used first
 * to go. Invariants:
 *  - a value that somebody loads or holds is not dropped, so the limit is passed while more than that is in use;
 *  - a value is loaded once, however many ask for it at the same time; a failed load is forgotten.
 */
import { assert } from '../base/assert.ts';

/** A value in use; `release` when it may go again. */
export interface Lease<Value> {
  readonly value: Value;
  release(): void;
}

/** What a load brings, and the bytes it holds. */
export interface Loaded<Value> {
  readonly value: Value;
  readonly byteLength: number;
}

interface Entry {
  readonly loading: Promise<Loaded<unknown>>;
  /** Null until it is there. */
  loaded: Loaded<unknown> | null;
  byteLength: number;
  holders: number;
  /** It was dropped while held: the last holder forgets it. */
  isDropped: boolean;
}

export class ColumnCache {
  readonly #byteLengthMax: number;
  /** By owner and name; in order of last use. */
  readonly #entries = new Map<string, Entry>();
  #byteLength = 0;

  constructor(byteLengthMax: number) {
    this.#byteLengthMax = byteLengthMax;
  }

  /** Bytes of all values. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** The value of `owner` under `name`, loaded when it is not there. It stays at least until it is released. */
  async acquire<Value>(
    owner: number,
    name: string,
    load: () => Promise<Loaded<Value>>,
  ): Promise<Lease<Value>> {
    const key = `${owner}/${name}`;
    const entry = this.#entries.get(key) ?? this.#begin(key, load);
    this.#touch(key, entry);
    entry.holders++;
    try {
      const { value } = await entry.loading;
      let isReleased = false;
      const release = (): void => {
        if (!isReleased) this.#release(entry);
        isReleased = true;
      };
      return { value: value as Value, release };
    } catch (failure) {
      entry.holders--;
      throw failure;
    }
  }

  /**
   * The value when it is there without loading, as used just now; undefined else. It may go when others run:
   * whoever needs it for longer has a lease, or holds the value itself.
   */
  peek(owner: number, name: string): unknown {
    const key = `${owner}/${name}`;
    const entry = this.#entries.get(key);
    const loaded = entry?.loaded ?? null;
    if (entry === undefined || loaded === null) return undefined;
    this.#touch(key, entry);
    return loaded.value;
  }

  /** Whether the value is there without loading. */
  has(owner: number, name: string): boolean {
    const entry = this.#entries.get(`${owner}/${name}`);
    return entry !== undefined && entry.byteLength > 0;
  }

  /** Forgets one value; who uses it keeps it. */
  forget(owner: number, name: string): void {
    const key = `${owner}/${name}`;
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#byteLength -= entry.byteLength;
    entry.isDropped = true;
  }

  /** Forgets everything of `owner`; what is in use stays with those who use it. */
  drop(owner: number): void {
    const prefix = `${owner}/`;
    for (const [key, entry] of this.#entries) {
      if (!key.startsWith(prefix)) continue;
      this.#entries.delete(key);
      this.#byteLength -= entry.byteLength;
      entry.isDropped = true;
    }
  }

  #begin<Value>(key: string, load: () => Promise<Loaded<Value>>): Entry {
    const loading = load();
    const entry: Entry = { loading, loaded: null, byteLength: 0, holders: 1, isDropped: false };
    this.#entries.set(key, entry);
    void loading.then(
      (loaded) => {
        const { byteLength } = loaded;
        entry.loaded = loaded;
        if (!entry.isDropped) {
          entry.byteLength = byteLength;
          this.#byteLength += byteLength;
        }
        this.#release(entry);
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return entry;
  }

  #touch(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #release(entry: Entry): void {
    entry.holders--;
    assert(entry.holders >= 0, 'a lease is released once');
    if (this.#byteLength <= this.#byteLengthMax) return;
    for (const [key, { holders, byteLength }] of this.#entries) {
      if (holders > 0) continue;
      this.#entries.delete(key);
      this.#byteLength -= byteLength;
      if (this.#byteLength <= this.#byteLengthMax) return;
    }
  }
}
