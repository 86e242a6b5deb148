/**
 * Indexes that stay open on a thread: opening one costs as much as some searches. Only those of which nothing
 * but mapped files is held, so that what is kept needs no memory but that of their walks; an index that was
 * dropped stays until others have pushed it out.
 */
import type { OpenOptions, VectorIndex } from '../index/vector-index.ts';

const OPEN_INDEXES_MAX = 32;

interface OpenIndex {
  readonly image: ArrayBufferLike;
  readonly vectors: ArrayBufferLike;
  readonly index: VectorIndex;
}

export class OpenIndexes {
  /** The least recently used first. */
  readonly #open = new Map<string, OpenIndex>();

  get count(): number {
    return this.#open.size;
  }

  /** @param open is called when it is not open, or is over other memory */
  use(
    path: string,
    options: OpenOptions,
    open: (options: OpenOptions) => VectorIndex,
  ): VectorIndex {
    const image = options.image.buffer;
    const vectors = options.vectors.values.buffer;
    let known = this.#open.get(path);
    if (known?.image !== image || known.vectors !== vectors) {
      this.#close(path);
      known = { image, vectors, index: open(options) };
    }
    this.#open.delete(path);
    this.#open.set(path, known);
    if (this.#open.size > OPEN_INDEXES_MAX) {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined) this.#close(oldest);
    }
    return known.index;
  }

  #close(path: string): void {
    this.#open.get(path)?.index.close?.();
    this.#open.delete(path);
  }
}
