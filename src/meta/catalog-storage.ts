/** The catalog in a MetaStore: how it is read as of one moment, and what a change of it writes. */
import { assert } from '../base/assert.ts';
import { META_ATTEMPTS_MAX } from '../base/limits.ts';
import {
  type CatalogItem,
  collectionNameKey,
  decodeItem,
  encodeItem,
  itemKey,
} from './catalog-records.ts';
import { type CatalogChange, CatalogSnapshot } from './catalog-snapshot.ts';
import { tooBusy } from './compare-and-set.ts';
import { CATALOG_PREFIX, CATALOG_VERSION_KEY, LOAD_PREFIX, manifestKey } from './keys.ts';
import type { MetaEntry, MetaStore, MetaTransaction } from './meta-store.ts';
import { damaged, encodeRecord } from './record.ts';
import { decodeFields } from './record-fields.ts';

const NAME_PREFIX = '/c/name/';

/** A snapshot and the revision of /c/version that it belongs to. */
export interface StoredCatalog {
  readonly snapshot: CatalogSnapshot;
  readonly revision: number;
}

/**
 * @returns null in a store without a catalog
 * @throws MilvusError DataIntegrity when records are damaged or contradict each other
 */
export async function readCatalog(store: MetaStore): Promise<StoredCatalog | null> {
  for (let attempt = 0; attempt < META_ATTEMPTS_MAX; attempt++) {
    const entries = await store.range(CATALOG_PREFIX);
    const loads = await store.range(LOAD_PREFIX);
    const version = entries.find(({ key }) => key === CATALOG_VERSION_KEY);
    const current = await store.get(CATALOG_VERSION_KEY);
    if (version?.revision !== current?.revision) continue;
    if (version === undefined) return null;
    const snapshot = snapshotOf(version, [...entries, ...loads]);
    return { snapshot, revision: version.revision };
  }
  throw tooBusy(CATALOG_VERSION_KEY);
}

/** The transaction that makes `change` of the catalog `base` durable, if that is still the stored one. */
export function transactionOf(base: StoredCatalog, change: CatalogChange): MetaTransaction {
  const { snapshot, revision } = base;
  const puts = new Map<string, Uint8Array>();
  const removes = new Set<string>();
  for (const item of change.removes) removes.add(itemKey(item));
  for (const item of change.puts) {
    for (const key of supersededKeys(snapshot, item)) removes.add(key);
    puts.set(itemKey(item), encodeItem(item));
    if (item.kind !== 'collection') continue;
    const name = collectionNameKey(item.record);
    if (name !== null) puts.set(name, encodeRecord(name, { collectionId: item.record.id }));
  }
  for (const pointer of change.pointers ?? []) {
    const key = manifestKey(pointer.collectionId, pointer.shardId);
    puts.set(key, encodeRecord(key, pointer));
  }
  const version = { version: snapshot.version + 1 };
  puts.set(CATALOG_VERSION_KEY, encodeRecord(CATALOG_VERSION_KEY, version));
  return {
    conditions: [{ key: CATALOG_VERSION_KEY, revision }],
    puts: [...puts].map(([key, value]) => ({ key, value })),
    removes: [...removes].filter((key) => !puts.has(key)),
  };
}

/** Whether a change, whose answer was lost, took effect. Its ids and timestamps are nobody else's. */
export async function tookEffect(store: MetaStore, transaction: MetaTransaction): Promise<boolean> {
  for (const { key, value } of transaction.puts ?? []) {
    if (key === CATALOG_VERSION_KEY) continue;
    const entry = await store.get(key);
    if (entry === null || Buffer.compare(entry.value, value) !== 0) return false;
  }
  for (const key of transaction.removes ?? []) {
    if ((await store.get(key)) !== null) return false;
  }
  return true;
}

/** Keys that the collection had and has no more: its name after a drop or a rename, its database's place. */
function supersededKeys(snapshot: CatalogSnapshot, item: CatalogItem): string[] {
  if (item.kind !== 'collection') return [];
  const old = snapshot.recordById(item.record.id);
  if (old === null) return [];
  const keys = [itemKey({ kind: 'collection', record: old })];
  const name = collectionNameKey(old);
  return name === null ? keys : [...keys, name];
}

const KIND_ORDER: Readonly<Record<CatalogItem['kind'], number>> = Object.freeze({
  database: 0,
  collection: 1,
  partition: 2,
  index: 3,
  alias: 4,
  snapshot: 5,
  load: 6,
});

function snapshotOf(version: MetaEntry, entries: readonly MetaEntry[]): CatalogSnapshot {
  const items = entries.flatMap((entry) => decodeItem(entry) ?? []);
  items.sort((a, b) => KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || compareCreation(a, b));
  const number = decodeFields(version.key, version.value).integer('version');
  const snapshot = CatalogSnapshot.of(number, items);
  checkNames(
    snapshot,
    entries.filter(({ key }) => key.startsWith(NAME_PREFIX)),
  );
  return snapshot;
}

/** Within a kind, what was created first comes first. */
function compareCreation(a: CatalogItem, b: CatalogItem): number {
  if ('id' in a.record && 'id' in b.record) return a.record.id - b.record.id;
  if (a.kind === 'alias' && b.kind === 'alias') {
    const order = a.record.createdTimestamp - b.record.createdTimestamp;
    return order < 0n ? -1 : Number(order > 0n);
  }
  return 0;
}

/** Every live collection has its name, and nobody else has one. */
function checkNames(snapshot: CatalogSnapshot, entries: readonly MetaEntry[]): void {
  for (const { key, value } of entries) {
    const collection = snapshot.collectionById(decodeFields(key, value).integer('collectionId'));
    if (collection === null || collectionNameKey(collection.record) !== key) {
      throw damaged(key, 'a name without its collection');
    }
  }
  const { collectionCount } = snapshot;
  if (entries.length !== collectionCount) {
    throw damaged(NAME_PREFIX, `${entries.length} names of ${collectionCount} collections`);
  }
  assert(snapshot.version > 0, 'a stored catalog has a version');
}
