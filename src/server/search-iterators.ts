/**
 * Where the search iterators of clients are. A client brings back nothing but a token and the score of its last
 * hit, and several hits may have that score: so the server remembers behind which of them each page ended.
 *
 *  - a request that comes again, because its answer was lost, gets the same page again, unless both pages ended
 *    at the same score: then it gets the next;
 *  - an iterator that is not known any more goes on behind all hits of the score it names, as in Milvus.
 */
import { type Random, systemRandom } from '../base/random.ts';
import { SEARCH_ITERATORS_MAX } from '../base/limits.ts';
import type { SearchPageEnd } from '../core/requests.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import type { SearchIteratorParams } from './iterator-params.ts';

/** Where the newest page ended, and the one before it. */
interface Ends {
  readonly newest: SearchPageEnd;
  readonly before: SearchPageEnd | null;
}

/** A page end of which only the score is known: every hit of that score lies before it. */
export interface ScoreEnd extends Omit<SearchPageEnd, 'id'> {
  readonly id: PrimaryKey | null;
}

export class SearchIterators {
  readonly #random: Random;
  /** By token, in order of last use. */
  readonly #ends = new Map<string, Ends>();

  constructor(random: Random = systemRandom) {
    this.#random = random;
  }

  /** A UUID of version 4. */
  newToken(): string {
    const bytes = Buffer.from(this.#random.bytes(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const digits = bytes.toString('hex');
    const parts = [
      digits.slice(0, 8),
      digits.slice(8, 12),
      digits.slice(12, 16),
      digits.slice(16, 20),
      digits.slice(20),
    ];
    return parts.join('-');
  }

  /** Behind which hit the asked page begins; null: from the best on. */
  endBefore({ token, lastBound }: SearchIteratorParams): ScoreEnd | null {
    if (lastBound === null) return null;
    const ends = token === null ? undefined : this.#ends.get(token);
    if (ends?.newest.score === lastBound) return ends.newest;
    if (ends?.before?.score === lastBound) return ends.before;
    return { id: null, score: lastBound, tieCount: 0, hitCount: 0 };
  }

  /** The page behind `before` ended there. */
  note(token: string, before: ScoreEnd | null, end: SearchPageEnd): void {
    this.#ends.delete(token);
    const id = before?.id ?? null;
    const known = before === null || id === null ? null : { ...before, id };
    this.#ends.set(token, { newest: end, before: known });
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > SEARCH_ITERATORS_MAX && oldest !== undefined) this.#ends.delete(oldest);
  }
}
