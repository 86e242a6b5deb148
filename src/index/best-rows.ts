/** The best rows of one query: by cost, then by row. What they are chosen from is offered in any order. */
import { assert } from '../base/assert.ts';

export class BestRows {
  /** Candidates that cost more are of no use. Infinity until there are as many as wanted. */
  worst: number = Number.POSITIVE_INFINITY;
  readonly #capacity: number;
  readonly #rows: Uint32Array;
  readonly #costs: Float32Array;
  #count = 0;

  constructor(capacity: number) {
    assert(capacity >= 1, 'there is a best row');
    this.#capacity = capacity;
    // Sorting costs as much as looking at every candidate, so it happens when half of them go.
    this.#rows = new Uint32Array(capacity * 2 + 64);
    this.#costs = new Float32Array(this.#rows.length);
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
    this.worst = Number.POSITIVE_INFINITY;
  }

  /** @param cost a float32 value, not above `worst` */
  offer(cost: number, row: number): void {
    this.#costs[this.#count] = cost;
    this.#rows[this.#count++] = row;
    if (this.#count === this.#rows.length) this.sort();
  }

  /** Puts the best in order and forgets the others. */
  sort(): { readonly rows: Uint32Array; readonly costs: Float32Array } {
    const rows = this.#rows.slice(0, this.#count);
    const costs = this.#costs.slice(0, this.#count);
    const order = Array.from(rows, (_, i) => i);
    order.sort((left, right) => costs[left]! - costs[right]! || rows[left]! - rows[right]!);
    this.#count = Math.min(order.length, this.#capacity);
    for (let i = 0; i < this.#count; i++) {
      this.#rows[i] = rows[order[i]!]!;
      this.#costs[i] = costs[order[i]!]!;
    }
    if (this.#count === this.#capacity) this.worst = this.#costs[this.#count - 1]!;
    return {
      rows: this.#rows.subarray(0, this.#count),
      costs: this.#costs.subarray(0, this.#count),
    };
  }
}
