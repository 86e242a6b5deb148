/**
 * MetaStore port: a small transactional map of keys to checked values. It holds the catalog, pointers
 * and leases only; everything large is an immutable object that a value here points to.
 *
 * Promises, kept by every implementation (test/suites/meta-store-suite.ts): a transaction is atomic,
 * durable when it resolves, and its conditions hold at the moment it takes effect; revisions only grow.
 */

export interface MetaEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Of the last change to this key; unique in the store and growing. */
  readonly revision: number;
}

/** A key must be absent (`revision: 0`) or unchanged since it was read. */
export interface MetaCondition {
  readonly key: string;
  readonly revision: number;
}

export interface MetaTransaction {
  readonly conditions?: readonly MetaCondition[];
  readonly puts?: ReadonlyArray<{ readonly key: string; readonly value: Uint8Array }>;
  readonly removes?: readonly string[];
}

export interface MetaStore extends AsyncDisposable {
  get(key: string): Promise<MetaEntry | null>;
  /** All entries whose key starts with `prefix`, sorted by key (code units). */
  range(prefix: string): Promise<MetaEntry[]>;
  /**
   * @returns the revision given to the puts, or null when a condition does not hold and nothing was done
   * @throws MilvusError IoFailed, DiskLimitExceeded: the outcome is unknown, re-read to decide
   */
  transact(transaction: MetaTransaction): Promise<number | null>;
}
