/**
 * Every key of the MetaStore, in one place.
 *
 *   /c/cluster                        what this database is: ClusterRecord
 *   /c/version                        grows with every change of the catalog; every change compares it
 *   /c/id, /c/autoid                  next unused catalog id, next unused generated primary key
 *   /c/db/<database>                  DatabaseRecord
 *   /c/coll/<database>/<collection>   CollectionRecord
 *   /c/name/<database>/<name>         id of the live collection of that name
 *   /c/alias/<database>/<alias>       AliasRecord
 *   /c/part/<collection>/<partition>  PartitionRecord
 *   /c/index/<collection>/<index>     IndexRecord
 *   /c/snap/<collection>/<snapshot>   SnapshotRecord
 *   /p/<collection>                   LoadRecord; absent when the collection is not loaded
 *   /k/<lane>                         bound of the hybrid clock
 *   /l/<lane>                         LaneRecord
 *   /m/<collection>/<shard>           ManifestPointer
 *   /s/<collection>/<shard>           owner of a shard
 *
 * Ids are decimal; names are escaped, so that no name can look like structure.
 */

import { assert } from '../base/assert.ts';

export const CATALOG_PREFIX = '/c/';
export const LOAD_PREFIX = '/p/';
export const CLUSTER_KEY = '/c/cluster';
export const CATALOG_VERSION_KEY = '/c/version';
export const CATALOG_ID_KEY = '/c/id';
export const AUTO_ID_KEY = '/c/autoid';
export const MANIFEST_PREFIX = '/m/';
export const LANE_PREFIX = '/l/';

const LONE_SURROGATE = /\p{Surrogate}/u;
const utf8Encoder = new TextEncoder();

export function databaseKey(databaseId: number): string {
  return `/c/db/${databaseId}`;
}

export function collectionKey(databaseId: number, collectionId: number): string {
  return `/c/coll/${databaseId}/${collectionId}`;
}

export function nameKey(databaseId: number, name: string): string {
  return `/c/name/${databaseId}/${escapeName(name)}`;
}

export function aliasKey(databaseId: number, alias: string): string {
  return `/c/alias/${databaseId}/${escapeName(alias)}`;
}

export function partitionKey(collectionId: number, partitionId: number): string {
  return `/c/part/${collectionId}/${partitionId}`;
}

export function indexKey(collectionId: number, indexId: number): string {
  return `/c/index/${collectionId}/${indexId}`;
}

export function snapshotKey(collectionId: number, snapshotId: number): string {
  return `/c/snap/${collectionId}/${snapshotId}`;
}

export function loadKey(collectionId: number): string {
  return `${LOAD_PREFIX}${collectionId}`;
}

export function clockKey(lane: string): string {
  return `/k/${escapeName(lane)}`;
}

export function laneKey(lane: string): string {
  return `${LANE_PREFIX}${escapeName(lane)}`;
}

export function manifestKey(collectionId: number, shardId: number): string {
  return `${MANIFEST_PREFIX}${collectionId}/${shardId}`;
}

export function shardOwnerKey(collectionId: number, shardId: number): string {
  return `/s/${collectionId}/${shardId}`;
}

/** A name as one part of a key: bytes other than letters, digits, '_' and '-' become `%` and two hexadecimal digits. */
export function escapeName(name: string): string {
  assert(!LONE_SURROGATE.test(name), 'a name is well-formed text');
  let escaped = '';
  for (const byte of utf8Encoder.encode(name)) {
    const character = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9_-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
