/** MetaStore in memory: for `:memory:` databases and for tests. Nothing survives its disposal. */
import { milvusError } from '../base/errors.ts';
import type { MetaEntry, MetaStore, MetaTransaction } from './meta-store.ts';
import { assertTransaction } from './transaction.ts';

class MemoryMetaStore implements MetaStore {
  readonly #entries = new Map<string, MetaEntry>();
  #revision = 0;
  #closed = false;

  async get(key: string): Promise<MetaEntry | null> {
    this.#assertOpen();
    const entry = this.#entries.get(key);
    return entry === undefined ? null : copyOf(entry);
  }

  async range(prefix: string): Promise<MetaEntry[]> {
    this.#assertOpen();
    const found: MetaEntry[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.key.startsWith(prefix)) found.push(copyOf(entry));
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async transact(transaction: MetaTransaction): Promise<number | null> {
    this.#assertOpen();
    assertTransaction(transaction);
    for (const { key, revision } of transaction.conditions ?? []) {
      if ((this.#entries.get(key)?.revision ?? 0) !== revision) return null;
    }
    this.#revision += 1;
    for (const { key, value } of transaction.puts ?? []) {
      this.#entries.set(key, { key, value: value.slice(), revision: this.#revision });
    }
    for (const key of transaction.removes ?? []) this.#entries.delete(key);
    return this.#revision;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
  }

  #assertOpen(): void {
    if (this.#closed) throw milvusError('Closed');
  }
}

function copyOf(entry: MetaEntry): MetaEntry {
  return { key: entry.key, value: entry.value.slice(), revision: entry.revision };
}

export function memoryMetaStore(): MetaStore {
  return new MemoryMetaStore();
}
