/**
 * Shared memory that threads have seen. A thread that was handed some keeps it from being given back until
 * its garbage is collected, and the engine does not count it as garbage worth collecting: images and columns
 * that were dropped long ago would stay for as long as a thread has little else to do. So tasks name the
 * memory that they use, and a thread collects its garbage when much has come that is new to it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { THREAD_MEMORY_BYTES_MAX } from '../base/limits.ts';

/** Some memory of a task. The same memory has the same name in every task. */
export interface NamedMemory {
  readonly name: number;
  readonly byteLength: number;
}

/** Names that a thread remembers; it starts anew with more. */
const NAMES_MAX = 65_536;

const names = new WeakMap<ArrayBufferLike, number>();
let lastName = 0;

/** The memory under views, named on the thread that hands it out. */
export function namedMemory(...views: readonly ArrayBufferView[]): NamedMemory[] {
  return views.map(({ buffer }) => {
    const name = names.get(buffer) ?? ++lastName;
    names.set(buffer, name);
    return { name, byteLength: buffer.byteLength };
  });
}

/** The memory that one thread has seen. */
export class SeenMemory {
  readonly #collect: () => void;
  readonly #names = new Set<number>();
  #newBytes = 0;

  constructor(collect: () => void) {
    this.#collect = collect;
  }

  /** Before a task: collects when too much of what came before may be garbage. */
  see(memories: readonly NamedMemory[]): void {
    if (this.#newBytes > THREAD_MEMORY_BYTES_MAX) {
      this.#collect();
      this.#newBytes = 0;
    }
    if (this.#names.size > NAMES_MAX) this.#names.clear();
    for (const { name, byteLength } of memories) {
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      this.#newBytes += byteLength;
    }
  }

  /** Behind a task: memory that it made. */
  made(byteLength: number): void {
    this.#newBytes += byteLength;
  }
}

let collector: (() => void) | null = null;

/** Collects the garbage of this thread. */
export function collectGarbage(): void {
  collector ??= garbageCollector();
  collector();
}

function garbageCollector(): () => void {
  // Of contexts that are made from here on: those there are stay as they were.
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
