/**
 * Ids that are given once, ever: the store holds the first id of no range so far, a range is taken by
 * moving it on before any id of the range is used, and what a crash leaves of a range is never given.
 * Ids of one allocator grow; several allocators of one key share its numbers.
 */
import { assert } from '../base/assert.ts';
import { ID_RANGE } from '../base/limits.ts';
import { Mutex } from '../base/mutex.ts';
import { compareAndSet } from './compare-and-set.ts';
import type { MetaStore } from './meta-store.ts';

const INT64_MAX = 2n ** 63n - 1n;

export interface IdAllocatorOptions {
  /** Given first when the key does not exist yet. */
  readonly first: bigint;
}

export class IdAllocator {
  readonly #store: MetaStore;
  readonly #key: string;
  readonly #first: bigint;
  readonly #turn = new Mutex();
  /** Ids [next, end) are ours. */
  #next = 0n;
  #end = 0n;

  /** Reads and takes nothing; the first allocation does. */
  constructor(store: MetaStore, key: string, options: IdAllocatorOptions) {
    assert(options.first >= 0n && options.first <= INT64_MAX, 'an id is a non-negative int64');
    this.#store = store;
    this.#key = key;
    this.#first = options.first;
  }

  /** Ids that `tryAllocate` has. */
  get available(): number {
    return Number(this.#end - this.#next);
  }

  /** The first of `count` consecutive ids, at once; null when a range has to be reserved first. */
  tryAllocate(count = 1): bigint | null {
    assert(Number.isSafeInteger(count) && count > 0, 'ids are allocated by positive counts');
    if (this.#end - this.#next < BigInt(count)) return null;
    const first = this.#next;
    this.#next += BigInt(count);
    return first;
  }

  /** The first of `count` consecutive ids. */
  async allocate(count = 1): Promise<bigint> {
    for (;;) {
      const first = this.tryAllocate(count);
      if (first !== null) return first;
      await this.reserve(count);
    }
  }

  /** After it, `tryAllocate(count)` succeeds unless another takes the ids in between. */
  async reserve(count: number): Promise<void> {
    await this.#turn.run(async () => {
      if (this.#end - this.#next >= BigInt(count)) return;
      const size = BigInt(Math.max(count, ID_RANGE));
      let start = 0n;
      const taken = await compareAndSet(this.#store, this.#key, (current) => {
        start = current?.big('next') ?? this.#first;
        assert(start + size <= INT64_MAX, 'ids are left');
        return { next: start + size };
      });
      assert(taken !== null, 'a range was taken');
      // Nobody was in between: what is left of the range before stays usable.
      if (start !== this.#end) this.#next = start;
      this.#end = taken.next;
    });
  }
}
