/**
 * Writes reach the shards in the order in which they were called, although each is prepared in pieces that
 * others run between: a small one that came later does not overtake a large one.
 */

/** The place of one write in the line. */
export interface Place {
  /** Resolves when every earlier write of the same line has left it. */
  readonly ready: Promise<void>;
  /** The next may go; may be called twice. */
  leave(): void;
}

export class CallOrder {
  /** By line: settles when all that entered have left. */
  readonly #lines = new Map<string, Promise<void>>();

  /** Called at once when the write is, before anything is awaited. */
  enter(line: string): Place {
    const ready = this.#lines.get(line) ?? Promise.resolve();
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const done = ready.then(() => left);
    this.#lines.set(line, done);
    void done.then(() => {
      if (this.#lines.get(line) === done) this.#lines.delete(line);
    });
    return { ready, leave };
  }
}
