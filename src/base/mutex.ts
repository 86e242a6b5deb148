/** One at a time, in order of arrival: the turn of a single writer. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Tasks that run or wait. */
  get length(): number {
    return this.#waiting;
  }

  /** Runs `task` when every earlier one has settled; a failure is the caller's and stops nobody else. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    try {
      await turn;
      return await task();
    } finally {
      this.#waiting--;
      resolve();
    }
  }
}
