/**
 * The ordered stream of deleted and superseded keys of one shard, as long as some sealed segment may
 * still have to take part of it in. Runs are numbered from 0 on, for ever; the list forgets a prefix.
 */
import type { DeleteRun } from './ports.ts';

export class DeleteRuns {
  #runs: DeleteRun[] = [];
  /** Number of the first run still held. */
  #first = 0;

  /** Number that the next run will have. */
  get end(): number {
    return this.#first + this.#runs.length;
  }

  get length(): number {
    return this.#runs.length;
  }

  append(run: DeleteRun): void {
    this.#runs.push(run);
  }

  /** The run with a number in [first held, end). */
  at(number: number): DeleteRun | undefined {
    return this.#runs[number - this.#first];
  }

  /** Number of the first held run that is newer than `timestamp`. */
  firstAfter(timestamp: bigint): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.timestamp > timestamp) high = middle;
      else low = middle + 1;
    }
    return this.#first + low;
  }

  /** Forgets runs below `number` and not newer than `timestamp`. */
  forget(number: number, timestamp: bigint): void {
    const count = Math.min(number, this.firstAfter(timestamp)) - this.#first;
    if (count <= 0) return;
    this.#runs = this.#runs.slice(count);
    this.#first += count;
  }
}
