/**
 * Masks that reads made, kept for the reads that come: of a repeated filter nothing is evaluated again.
 * Invariants:
 *  - a mask is kept under names that say everything it hangs on, and stands for the same rows as long as its
 *    segment is there: what was deleted, looked at another moment or filtered otherwise has another name;
 *  - a mask that is kept never changes;
 *  - all of them together take at most so many bytes; the least recently used go first.
 */
import type { Bitmap } from '../base/bitmap.ts';

/** Some rows of a chunk. */
export interface RowMask {
  /** Null: all rows. */
  readonly allowed: Bitmap | null;
  /** How many they are. */
  readonly rowCount: number;
}

/** Bytes of a mask beside its bits and its name, about. */
const MASK_BYTES = 256;

export class RowMasks {
  readonly #byteLengthMax: number;
  /** By segment and name; in order of last use. */
  readonly #masks = new Map<string, RowMask>();
  #byteLength = 0;

  constructor(byteLengthMax: number) {
    this.#byteLengthMax = byteLengthMax;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get(segmentId: number, name: string): RowMask | undefined {
    const key = keyOf(segmentId, name);
    const mask = this.#masks.get(key);
    if (mask === undefined) return undefined;
    this.#masks.delete(key);
    this.#masks.set(key, mask);
    return mask;
  }

  set(segmentId: number, name: string, mask: RowMask): void {
    const key = keyOf(segmentId, name);
    this.#forget(key);
    this.#masks.set(key, mask);
    this.#byteLength += byteLengthOf(key, mask);
    for (const oldest of this.#masks.keys()) {
      if (this.#byteLength <= this.#byteLengthMax) return;
      this.#forget(oldest);
    }
  }

  /** Forgets every mask of a segment. */
  drop(segmentId: number): void {
    const prefix = keyOf(segmentId, '');
    for (const key of this.#masks.keys()) if (key.startsWith(prefix)) this.#forget(key);
  }

  #forget(key: string): void {
    const mask = this.#masks.get(key);
    if (mask === undefined) return;
    this.#masks.delete(key);
    this.#byteLength -= byteLengthOf(key, mask);
  }
}

function keyOf(segmentId: number, name: string): string {
  return `${segmentId}/${name}`;
}

function byteLengthOf(key: string, { allowed }: RowMask): number {
  return MASK_BYTES + key.length * 2 + (allowed?.words.byteLength ?? 0);
}
