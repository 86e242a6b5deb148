/** Compactions that clients asked for: they run on after the answer, and are asked about by their id. */
import type { Clock } from '../base/clock.ts';

/** As the states of the shards have it. */
interface Segment {
  readonly id: number;
  readonly partitionId: number;
}

/** What is merged is merged with its like: rows stay in their shard and partition. */
interface Shard {
  readonly shardId: number;
  readonly segments: readonly Segment[];
}

export interface Merge {
  readonly sources: readonly number[];
  /** Where their rows are now. Null: all of them were gone. */
  readonly target: number | null;
}

export interface Compaction {
  readonly isDone: boolean;
  readonly merges: readonly Merge[];
  /** Null: there was none. */
  readonly failure: unknown;
}

/** What came of older ones is forgotten. */
const KEPT_MAX = 1024;
/** A call that asks for a compaction waits so long for its end: one that finds nothing to do is done. */
const ANSWER_WAIT_MS = 100;
const RUNNING: Compaction = { isDone: false, merges: [], failure: null };
const DONE: Compaction = { ...RUNNING, isDone: true };

export class Compactions {
  readonly #known = new Map<bigint, Compaction>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param work.run resolves to the shards afterwards
   * @param work.namesKept whether a segment that stays as it is counts as merged into itself: a forced
   *   merge is over every segment there is, and its clients look for every one of them
   * @returns when it is done, or goes on for so long that nobody should wait
   */
  async start(
    id: bigint,
    work: {
      readonly before: readonly Shard[];
      readonly run: (signal: AbortSignal) => Promise<readonly Shard[]>;
      readonly namesKept: boolean;
    },
  ): Promise<void> {
    this.#keep(id, RUNNING);
    const running = work
      .run(this.#stopping.signal)
      .then(
        (after) => this.#keep(id, { ...DONE, merges: mergesOf(work, after) }),
        (failure: unknown) => this.#keep(id, { ...DONE, failure }),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    await this.#endOrPatience(running);
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

  async #endOrPatience(running: Promise<void>): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = this.#clock.after(ANSWER_WAIT_MS, () => patience.resolve());
    await Promise.race([running, patience.promise]);
    timer.cancel();
  }

  #keep(id: bigint, compaction: Compaction): void {
    this.#known.delete(id);
    this.#known.set(id, compaction);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT_MAX && oldest !== undefined) this.#known.delete(oldest);
  }
}

function mergesOf(
  { before, namesKept }: { readonly before: readonly Shard[]; readonly namesKept: boolean },
  after: readonly Shard[],
): Merge[] {
  return before.flatMap((shard) => {
    const now = after.find(({ shardId }) => shardId === shard.shardId)?.segments ?? [];
    const partitionIds = new Set(shard.segments.map(({ partitionId }) => partitionId));
    return Array.from(partitionIds, (partitionId) => {
      const ofPartition = (segment: Segment): boolean => segment.partitionId === partitionId;
      return merges(shard.segments.filter(ofPartition), now.filter(ofPartition), namesKept);
    }).flat();
  });
}

/** What is gone went into what is new. */
function merges(
  before: readonly Segment[],
  after: readonly Segment[],
  namesKept: boolean,
): Merge[] {
  const isIn = (segments: readonly Segment[], { id }: Segment): boolean =>
    segments.some((one) => one.id === id);
  const kept = before.filter((segment) => namesKept && isIn(after, segment));
  const sources = before.filter((segment) => !isIn(after, segment)).map(({ id }) => id);
  const targets = after.filter((segment) => !isIn(before, segment)).map(({ id }) => id);
  const moved: readonly (number | null)[] = targets.length === 0 ? [null] : targets;
  return [
    ...kept.map(({ id }) => ({ sources: [id], target: id })),
    ...(sources.length === 0 ? [] : moved.map((target) => ({ sources, target }))),
  ];
}
