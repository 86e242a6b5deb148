/** Open, closing, closed: who may still come in, and who is waited for. */
import { milvusError } from '../base/errors.ts';

export type Intent = 'read' | 'write';

export class Lifecycle {
  readonly #readOnly: boolean;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(options: { readonly readOnly: boolean }) {
    this.#readOnly = options.readOnly;
  }

  /**
   * Starts `work` and counts it as running until it settles.
   * @throws MilvusError Closed after `close`, ReadOnly for a write to a database opened so
   */
  run<T>(intent: Intent, work: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw milvusError('Closed');
    if (intent === 'write' && this.#readOnly) throw milvusError('ReadOnly');
    const running = work();
    this.#running.add(running);
    const settle = (): void => {
      this.#running.delete(running);
    };
    running.then(settle, settle);
    return running;
  }

  /** Lets nobody in any more, waits for what runs, then runs `shutDown` once, however often it is called. */
  async close(shutDown: () => Promise<void>): Promise<void> {
    this.#closing ??= Promise.allSettled([...this.#running]).then(shutDown);
    await this.#closing;
  }
}
