/**
 * Pauses of garbage collection, for tools that copy the files of a running database. While there is one, no
 * collection begins; one that is under way removes only what nothing referred to long before. A pause ends by
 * itself, so that a tool that dies holds nothing up for good.
 */
import type { Clock } from '../base/clock.ts';
import { invalidParameter, milvusError } from '../base/errors.ts';

/** Pauses at a time. */
const PAUSES_MAX = 1024;
/** Milliseconds; a day. */
export const PAUSE_MS_MAX: number = 24 * 60 * 60 * 1000;

export class GarbagePauses {
  readonly #clock: Clock;
  /** Ticket -> end, in monotonic milliseconds. */
  readonly #ends = new Map<string, number>();
  #given = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isPaused(): boolean {
    this.#forgetPast();
    return this.#ends.size > 0;
  }

  /**
   * @returns the ticket that ends it
   * @throws MilvusError ParameterInvalid, TooManyRequests
   */
  pause(durationMs: number): string {
    if (!(durationMs > 0 && durationMs <= PAUSE_MS_MAX)) {
      throw invalidParameter('a pause of garbage collection takes up to a day', {
        milliseconds: durationMs,
      });
    }
    this.#forgetPast();
    if (this.#ends.size >= PAUSES_MAX) throw milvusError('TooManyRequests');
    this.#given += 1;
    const ticket = `${this.#clock.nowMs()}-${this.#given}`;
    this.#ends.set(ticket, this.#clock.monotonicMs() + durationMs);
    return ticket;
  }

  /** @returns whether there was such a pause */
  resume(ticket: string): boolean {
    return this.#ends.delete(ticket);
  }

  /** @returns whether there was any pause */
  resumeAll(): boolean {
    const { size } = this.#ends;
    this.#ends.clear();
    return size > 0;
  }

  #forgetPast(): void {
    const now = this.#clock.monotonicMs();
    for (const [ticket, end] of this.#ends) if (end <= now) this.#ends.delete(ticket);
  }
}
