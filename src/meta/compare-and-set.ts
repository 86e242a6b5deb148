/** One record changed by compare-and-set, tried again as long as somebody else was faster. */
import { milvusError } from '../base/errors.ts';
import { META_ATTEMPTS_MAX } from '../base/limits.ts';
import type { MetaStore } from './meta-store.ts';
import { encodeRecord } from './record.ts';
import { decodeFields, type RecordFields } from './record-fields.ts';

/** The next value of a record, or `null` to leave it as it is. */
export type NextRecord<T> = (current: RecordFields | null) => T | null;

/**
 * @returns what was written, or null when `next` wanted no change
 * @throws MilvusError ServiceUnavailable after META_ATTEMPTS_MAX lost races; IoFailed and
 *         DiskLimitExceeded leave the outcome unknown, so that what `next` gave must not be used
 */
export async function compareAndSet<T>(
  store: MetaStore,
  key: string,
  next: NextRecord<T>,
): Promise<T | null> {
  for (let attempt = 0; attempt < META_ATTEMPTS_MAX; attempt++) {
    const entry = await store.get(key);
    const value = next(entry === null ? null : decodeFields(key, entry.value));
    if (value === null) return null;
    const outcome = await store.transact({
      conditions: [{ key, revision: entry?.revision ?? 0 }],
      puts: [{ key, value: encodeRecord(key, value) }],
    });
    if (outcome !== null) return value;
  }
  throw tooBusy(key);
}

/** Every attempt lost its race. */
export function tooBusy(key: string): Error {
  return milvusError('ServiceUnavailable', {
    message: 'metadata is changed by too many at once',
    fields: { key, attempts: META_ATTEMPTS_MAX },
  });
}
