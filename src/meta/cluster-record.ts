/**
 * What a database is: `/c/cluster`, written once.
 *
 * `formatVersion` is the newest form in which anything in the database may be written, `minReaderVersion`
 * the oldest version of this program that reads it without mistakes. A newer database is refused: by
 * writers always, by readers when its minReaderVersion is above ours.
 */
import { milvusError } from '../base/errors.ts';
import { CLUSTER_KEY } from './keys.ts';
import type { MetaStore } from './meta-store.ts';
import { encodeRecord } from './record.ts';
import { decodeFields } from './record-fields.ts';

/** The format that this program writes, and the newest that it reads. */
export const FORMAT_VERSION = 1;
/** The oldest program that reads what this one writes. */
const MIN_READER_VERSION = 1;

export interface ClusterRecord {
  /** Random; tells one database from a copy of another. */
  readonly id: string;
  readonly formatVersion: number;
  readonly minReaderVersion: number;
  /** Wall clock. */
  readonly createdMs: number;
}

/** @returns null in a store where no database was created */
export async function readClusterRecord(store: MetaStore): Promise<ClusterRecord | null> {
  const entry = await store.get(CLUSTER_KEY);
  if (entry === null) return null;
  const fields = decodeFields(CLUSTER_KEY, entry.value);
  return Object.freeze({
    id: fields.text('id'),
    formatVersion: fields.integer('formatVersion'),
    minReaderVersion: fields.integer('minReaderVersion'),
    createdMs: fields.integer('createdMs'),
  });
}

/** @throws MilvusError FormatNotSupported */
export function assertFormatSupported(record: ClusterRecord, purpose: 'read' | 'write'): void {
  const needed = purpose === 'read' ? record.minReaderVersion : record.formatVersion;
  if (needed <= FORMAT_VERSION) return;
  throw milvusError('FormatNotSupported', {
    message: `the database needs a newer milvus-lite to ${purpose} it`,
    fields: { format: needed, supported: FORMAT_VERSION },
  });
}

/**
 * The record of the database, which is created when there is none.
 * @param fresh id and time of a new database
 * @throws MilvusError FormatNotSupported when a newer version wrote it
 */
export async function ensureClusterRecord(
  store: MetaStore,
  fresh: { readonly id: string; readonly createdMs: number },
): Promise<ClusterRecord> {
  const found = await readClusterRecord(store);
  if (found !== null) {
    assertFormatSupported(found, 'write');
    return found;
  }
  const record = Object.freeze({
    id: fresh.id,
    formatVersion: FORMAT_VERSION,
    minReaderVersion: MIN_READER_VERSION,
    createdMs: fresh.createdMs,
  });
  const outcome = await store.transact({
    conditions: [{ key: CLUSTER_KEY, revision: 0 }],
    puts: [{ key: CLUSTER_KEY, value: encodeRecord(CLUSTER_KEY, record) }],
  });
  // Somebody else created it in between; theirs counts.
  return outcome === null ? await ensureClusterRecord(store, fresh) : record;
}
