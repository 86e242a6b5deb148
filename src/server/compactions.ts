/** Compactions that clients asked for: they run on after the answer, and are asked about by their id. */
import { invalidParameter } from '../base/errors.ts';

interface Segment {
  readonly id: number;
}

export interface Merge {
  readonly sources: readonly number[];
  readonly target: number;
}

export interface Compaction {
  readonly isDone: boolean;
  readonly merges: readonly Merge[];
  /** Null: there was none. */
  readonly failure: unknown;
}

/** What came of older ones is forgotten. */
const KEPT_MAX = 1024;
const RUNNING: Compaction = { isDone: false, merges: [], failure: null };

export class Compactions {
  readonly #known = new Map<bigint, Compaction>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  /** @param work.run resolves to the segments afterwards */
  start(
    id: bigint,
    work: {
      readonly before: readonly Segment[];
      readonly run: (signal: AbortSignal) => Promise<readonly Segment[]>;
    },
  ): void {
    this.#keep(id, RUNNING);
    const running = work
      .run(this.#stopping.signal)
      .then(
        (after) => this.#keep(id, { ...RUNNING, isDone: true, merges: merges(work.before, after) }),
        (failure: unknown) => this.#keep(id, { ...RUNNING, isDone: true, failure }),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** @throws MilvusError ParameterInvalid when there never was one, or it was long ago */
  find(id: bigint): Compaction {
    const found = this.#known.get(id);
    if (found === undefined) throw invalidParameter('compaction not found', { compactionID: id });
    return found;
  }

  /** Those under way end where they are, which loses nothing. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.idle();
  }

  /** Resolves when none is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  #keep(id: bigint, compaction: Compaction): void {
    this.#known.delete(id);
    this.#known.set(id, compaction);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT_MAX && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** What is gone went into what is new. */
function merges(before: readonly Segment[], after: readonly Segment[]): Merge[] {
  const isIn = (segments: readonly Segment[], { id }: Segment): boolean =>
    segments.some((one) => one.id === id);
  const sources = before.filter((segment) => !isIn(after, segment)).map(({ id }) => id);
  if (sources.length === 0) return [];
  return after
    .filter((segment) => !isIn(before, segment))
    .map(({ id }) => ({ sources, target: id }));
}
