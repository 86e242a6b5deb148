/** What every MetaStore checks before it looks at a transaction, so that all of them refuse the same. */
import { assert } from '../base/assert.ts';
import { META_KEY_BYTES_MAX } from '../base/limits.ts';
import type { MetaTransaction } from './meta-store.ts';

const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * Keys are printable ASCII (meta/keys.ts escapes names), which makes the order of bytes and of code
 * units the same in every store; and no key is changed twice, so that changes have no order.
 */
export function assertTransaction(transaction: MetaTransaction): void {
  for (const { key, revision } of transaction.conditions ?? []) {
    assertKey(key);
    assert(Number.isSafeInteger(revision) && revision >= 0, 'a condition names a revision');
  }
  const changed = new Set<string>();
  const changes = [
    ...(transaction.puts ?? []).map(({ key }) => key),
    ...(transaction.removes ?? []),
  ];
  for (const key of changes) {
    assertKey(key);
    assert(!changed.has(key), `a transaction changes ${key} once`);
    changed.add(key);
  }
}

function assertKey(key: string): void {
  assert(key.length <= META_KEY_BYTES_MAX, 'a key is at most META_KEY_BYTES_MAX long');
  assert(PRINTABLE_ASCII.test(key), 'a key is printable ASCII');
}
