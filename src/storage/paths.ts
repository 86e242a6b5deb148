/**
 * Every name inside a database directory, in one place. Names are made of numeric ids, lower-case
 * letters, digits, '.', '-' and '/' only: no colon, no two that differ in case only, never a user's text.
 *
 *   lock.sqlite  lock.json      who has the directory open            directory-lock.ts
 *   pins/<random>.{pin,json}    manifests that read-only processes use directory-lock.ts
 *   meta.sqlite                 catalog and pointers                  meta/sqlite-store.ts
 *   wal/<term>-<sequence>.log   log files                             wal/file-log.ts
 *   segments/<segment>.*        objects of sealed segments
 *   manifests/<shard>-*         one object a version of a shard
 *   quarantine/*                objects that nobody refers to
 */

export type NumericId = number | bigint;

export const LOG_DIRECTORY = 'wal';
export const SEGMENT_PREFIX = 'segments/';
export const MANIFEST_PREFIX = 'manifests/';
export const QUARANTINE_PREFIX = 'quarantine/';
export const PIN_DIRECTORY = 'pins';
export const META_FILE = 'meta.sqlite';
export const LOCK_FILE = 'lock.sqlite';
/** Says who holds the lock; for messages only. */
export const LOCK_HOLDER_FILE = 'lock.json';

/** Prefixes under which objects live, for garbage collection. */
export const OBJECT_PREFIXES: readonly string[] = [SEGMENT_PREFIX, MANIFEST_PREFIX];

/** Scalar columns of a sealed segment. */
export function segmentColumnsKey(segmentId: NumericId): string {
  return `${SEGMENT_PREFIX}${segmentId}.cols.arrow`;
}

/** One vector column of a sealed segment. */
export function segmentVectorKey(segmentId: NumericId, fieldId: NumericId): string {
  return `${SEGMENT_PREFIX}${segmentId}.vec-${fieldId}.arrow`;
}

/** Primary-key index of a sealed segment. */
export function segmentKeysKey(segmentId: NumericId): string {
  return `${SEGMENT_PREFIX}${segmentId}.keys`;
}

/** Where the parts of a sealed segment lie. */
export function segmentDescriptorKey(segmentId: NumericId): string {
  return `${SEGMENT_PREFIX}${segmentId}.json`;
}

/** Deleted rows of a sealed segment; `fileId` is fresh for every file. */
export function segmentDeletesKey(segmentId: NumericId, fileId: NumericId): string {
  return `${SEGMENT_PREFIX}${segmentId}.del-${fileId}`;
}

/** The image of an index over a sealed segment; `fileId` is fresh for every build. */
export function segmentIndexKey(segmentId: NumericId, fileId: NumericId): string {
  return `${SEGMENT_PREFIX}${segmentId}.idx-${fileId}`;
}

/** Checksums of the blocks of that image. */
export function segmentIndexDescriptorKey(segmentId: NumericId, fileId: NumericId): string {
  return `${segmentIndexKey(segmentId, fileId)}.json`;
}

/** A manifest; `fileId` is fresh for every attempt: a version may be tried twice, a key is never written twice. */
export function manifestKey(shardId: NumericId, version: NumericId, fileId: NumericId): string {
  return `${MANIFEST_PREFIX}${shardId}-${String(version).padStart(10, '0')}-${fileId}.json`;
}

const SEGMENT_KEY =
  /^segments\/([0-9]+)\.(cols\.arrow|vec-[0-9]+\.arrow|keys|json|del-[0-9]+|idx-[0-9]+(\.json)?)$/;
const MANIFEST_KEY = /^manifests\/([0-9]+)-[0-9]{10,}-[0-9]+\.json$/;

/** The segment that an object belongs to, or null when the key is not that of a segment's object. */
export function segmentIdOfKey(key: string): number | null {
  const match = SEGMENT_KEY.exec(key);
  return match === null ? null : Number(match[1]);
}

/** The shard whose manifest an object is, or null when the key is not that of a manifest. */
export function shardIdOfKey(key: string): number | null {
  const match = MANIFEST_KEY.exec(key);
  return match === null ? null : Number(match[1]);
}

/** Where an object goes that nobody refers to; `suffix` makes the name unique. */
export function quarantineKey(key: string, suffix: string): string {
  return `${QUARANTINE_PREFIX}${key.replaceAll('/', '-')}.${suffix}`;
}

const TEMPORARY_SUFFIX = '.tmp';

/** Where an object is written before it gets its key. */
export function temporaryKey(key: string, suffix: string): string {
  return `${key}.${suffix}${TEMPORARY_SUFFIX}`;
}

export function isTemporaryKey(key: string): boolean {
  return key.endsWith(TEMPORARY_SUFFIX);
}

const LOG_FILE_NAME = /^([0-9a-f]{8,})-([0-9a-f]{10,})\.log$/;

/** Name of a log file by its term and the sequence of its first block, both hexadecimal: names sort as positions do. */
export function logFileName(term: number, firstSequence: number): string {
  return `${hexadecimal(term, 8)}-${hexadecimal(firstSequence, 10)}.log`;
}

/** The term and first sequence in a log file's name, or null for any other name. */
export function parseLogFileName(name: string): { term: number; firstSequence: number } | null {
  const match = LOG_FILE_NAME.exec(name);
  if (match === null) return null;
  return { term: Number(`0x${match[1]}`), firstSequence: Number(`0x${match[2]}`) };
}

export function pinFileName(random: string): string {
  return `${random}.pin`;
}

/** The file beside a pin that says what it pins and who holds it. */
export function pinContentName(pinFile: string): string {
  return pinFile.replace(/\.pin$/, '.json');
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
