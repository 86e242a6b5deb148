/** Segment ids for this process: given at once, from blocks that are taken before they are needed. */
import { assert } from '../base/assert.ts';
import type { IdAllocator } from '../meta/ids.ts';

const BLOCK = 4096;

export class SegmentIds {
  readonly #allocator: IdAllocator | null;
  #next = 0;
  #end = 0;
  /** Every segment id of this process is at or above it; infinite while there is none. */
  #floor = Number.POSITIVE_INFINITY;

  /** @param allocator null when nothing is written: ids are then negative and mean nothing outside */
  constructor(allocator: IdAllocator | null) {
    this.#allocator = allocator;
  }

  get floor(): number {
    return this.#floor;
  }

  /** After it, `next` succeeds as often as one record or task can need. */
  async ensure(): Promise<void> {
    if (this.#allocator === null || this.#end - this.#next > BLOCK / 2) return;
    this.#next = Number(await this.#allocator.allocate(BLOCK));
    this.#end = this.#next + BLOCK;
    this.#floor = Math.min(this.#floor, this.#next);
  }

  next(): number {
    if (this.#allocator === null) return --this.#next;
    assert(this.#next < this.#end, 'segment ids are ensured before they are taken');
    return this.#next++;
  }
}
