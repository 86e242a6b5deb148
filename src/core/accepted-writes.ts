/**
 * Writes that the log has taken and that are not applied yet. A caller may give up on one; it is stored all
 * the same. Reads that come after that wait for it: a write that ended by its deadline or its signal is
 * there for every later read, or never comes.
 */
import type { Call } from './ports.ts';

export class AcceptedWrites {
  /** What tells whether the caller still listens, by write. Who cannot give up is not in it. */
  readonly #signals = new Map<Promise<unknown>, AbortSignal>();

  /** @param applied settles when the write is applied or refused */
  add({ signal }: Call, applied: Promise<unknown>): void {
    if (signal === undefined) return;
    this.#signals.set(applied, signal);
    const forget = (): boolean => this.#signals.delete(applied);
    void applied.then(forget, forget);
  }

  /** Whether its caller gave up some write that is not applied yet. */
  get hasAbandoned(): boolean {
    for (const signal of this.#signals.values()) if (signal.aborted) return true;
    return false;
  }

  /** Resolves when every write that its caller gave up is applied or refused. */
  async abandonedSettled(): Promise<void> {
    const abandoned = [...this.#signals].filter(([, signal]) => signal.aborted);
    await Promise.allSettled(abandoned.map(([applied]) => applied));
  }
}
