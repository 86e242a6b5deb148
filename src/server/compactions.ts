/** Compactions that clients asked for: they run on after the answer, and are asked about by their id. */
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
const DONE: Compaction = { ...RUNNING, isDone: true };

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
        (after) => this.#keep(id, { ...DONE, merges: merges(work.before, after) }),
        (failure: unknown) => this.#keep(id, { ...DONE, failure }),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** One that there never was, or long ago, has nothing left to do: as in Milvus, it is complete. */
  find(id: bigint): Compaction {
    return this.#known.get(id) ?? DONE;
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
