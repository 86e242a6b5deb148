/**
 * Which hits of one query stay when groups are wanted: of the best groups, or of those that were chosen, so
 * many hits each. Hits are offered best first, so a group is met by its best hit.
 */

/** What is asked of the groups. */
export interface GroupBounds {
  /** Groups wanted. */
  readonly limit: number;
  /** Hits wanted of each. */
  readonly size: number;
  /** Numbers of the groups that count; null: the first that are met. */
  readonly chosen: ReadonlySet<number> | null;
}

export class GroupTally {
  readonly #bounds: GroupBounds;
  /** Hits so far, by group. */
  readonly #counts = new Map<number, number>();
  #metCount = 0;
  #fullCount = 0;

  constructor(bounds: GroupBounds) {
    this.#bounds = bounds;
    for (const group of bounds.chosen ?? []) this.#counts.set(group, 0);
  }

  /** It is decided which groups count. */
  get hasGroups(): boolean {
    return this.#bounds.chosen !== null || this.#counts.size >= this.#bounds.limit;
  }

  /** Groups that were chosen or that have hits: all others are alike. */
  get groups(): Iterable<number> {
    return this.#counts.keys();
  }

  /** Every group that is wanted has a hit. */
  get isMet(): boolean {
    return this.hasGroups && this.#metCount === this.#counts.size;
  }

  /** No further hit is wanted. */
  get isFull(): boolean {
    return this.hasGroups && this.#fullCount === this.#counts.size;
  }

  /** Whether a hit of the group may be wanted. */
  wants(group: number): boolean {
    const count = this.#counts.get(group);
    return count === undefined ? !this.hasGroups : count < this.#bounds.size;
  }

  /** Whether a first hit of the group may be wanted. */
  misses(group: number): boolean {
    return this.wants(group) && (this.#counts.get(group) ?? 0) === 0;
  }

  /** Whether the hit stays. */
  offer(group: number): boolean {
    if (!this.wants(group)) return false;
    const count = (this.#counts.get(group) ?? 0) + 1;
    this.#counts.set(group, count);
    if (count === 1) this.#metCount++;
    if (count === this.#bounds.size) this.#fullCount++;
    return true;
  }
}
