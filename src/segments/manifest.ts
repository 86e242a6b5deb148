/**
 * A manifest: everything that is sealed of one shard at one moment; immutable, one object a version. A shard
 * is its newest manifest, which the MetaStore points to, and the log behind the manifest's checkpoint.
 *
 * The object is text: the line "milvus-lite manifest <format version> <CRC-32 of the rest, 8 hex digits>",
 * then JSON. Who refers to it holds its length and the checksum of the whole.
 *
 * Invariants, asserted whenever a manifest is made or written:
 *  - a segment stands in it once and has rows, and no object belongs to two;
 *  - what it refers to is not in `dropped`;
 *  - no row of a segment is newer than `timestamp`;
 *  - version, checkpoint, timestamp and schema version never go back.
 */
import { assert } from '../base/assert.ts';
import { MalformedBytes } from '../base/bytes.ts';
import { crc32 } from '../base/checksum.ts';
import { milvusError } from '../base/errors.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { manifestKey } from '../storage/paths.ts';
import { malformedObject, readObject } from './descriptor.ts';
import { decodeSegmentInfo, encodeSegmentInfo } from './segment-info-codec.ts';
import type {
  DeleteReference,
  ObjectReference,
  SegmentIndex,
  SegmentInfo,
} from './segment-info.ts';
import { JsonValue } from './strict-json.ts';

const FORMAT_VERSION = 1;
const HEADER = /^milvus-lite manifest ([0-9]{1,9}) ([0-9a-f]{8})\n/;

/** A place in the log: the shape of wal/position.ts, which stands beside this folder. */
export interface Checkpoint {
  readonly term: number;
  readonly sequence: number;
  readonly index: number;
}

/** An object that no segment has any more, kept for readers of older manifests. */
export interface DroppedObject {
  readonly key: string;
  /** Wall-clock milliseconds at which it became unreachable. */
  readonly sinceMs: number;
}

export interface Manifest {
  readonly collectionId: number;
  readonly shardId: number;
  /** From 1 on; 0 is the empty manifest, which is never written. */
  readonly version: number;
  /** CRC-32 of the object of the version before; 0 for the first. */
  readonly parentChecksum: number;
  readonly schemaVersion: number;
  /** Records of the log up to here, and this one, are in the segments. */
  readonly checkpoint: Checkpoint;
  /** Every row and every delete of the shard up to here is in the segments. */
  readonly timestamp: bigint;
  /**
   * Reads at this moment or a later one find every row that was there then, deleted since or not. Null: not
   * known, in manifests from before it was kept.
   */
  readonly historyFrom: bigint | null;
  readonly segments: readonly SegmentInfo[];
  readonly dropped: readonly DroppedObject[];
}

/** One step from a manifest to the next: what a flush, a compaction, a drop or a truncation does. */
export interface ManifestEdit {
  /** Segments that are new. */
  readonly add: readonly SegmentInfo[];
  /** Ids of segments that go: inputs of a compaction, or dropped. */
  readonly remove: readonly number[];
  /** New delete files by segment id. */
  readonly deletes: ReadonlyMap<number, DeleteReference>;
  /** All indexes of a segment from now on, by segment id; others keep theirs. */
  readonly indexes?: ReadonlyMap<number, readonly SegmentIndex[]>;
  readonly checkpoint: Checkpoint;
  readonly timestamp: bigint;
  readonly schemaVersion: number;
  /** Rows that reads at earlier moments would find are gone. */
  readonly historyFrom?: bigint;
  /** Keys of dropped objects that are removed for good. */
  readonly forget?: readonly string[];
}

export function emptyManifest(collectionId: number, shardId: number): Manifest {
  return {
    collectionId,
    shardId,
    version: 0,
    parentChecksum: 0,
    schemaVersion: 0,
    checkpoint: { term: 0, sequence: 0, index: 0 },
    timestamp: 0n,
    historyFrom: 0n,
    segments: [],
    dropped: [],
  };
}

/**
 * The manifest after `base`.
 * @param nowMs wall-clock milliseconds: since when dropped objects are unreachable
 * @throws AssertionError when the edit does not fit or breaks an invariant; callers check what others may have changed
 */
export function applyEdit(base: Manifest, edit: ManifestEdit, nowMs: number): Manifest {
  const ids = new Set(base.segments.map(({ id }) => id));
  for (const id of edit.remove) assert(ids.has(id), `segment ${id} is there to be removed`);
  for (const { id } of edit.add) assert(!ids.has(id), `segment ${id} is new`);
  assert(
    compareCheckpoints(base.checkpoint, edit.checkpoint) <= 0,
    'a checkpoint goes forward only',
  );
  assert(base.timestamp <= edit.timestamp, 'the timestamp of a manifest goes forward only');
  assert(base.schemaVersion <= edit.schemaVersion, 'the schema version goes forward only');
  const removed = new Set(edit.remove);
  const unreachable: string[] = [];
  const segments: SegmentInfo[] = [];
  for (const info of base.segments) {
    const updated = editedInfo(info, edit);
    const kept = new Set(objectKeys(updated));
    unreachable.push(...objectKeys(info).filter((key) => !kept.has(key)));
    if (removed.has(info.id)) unreachable.push(...kept);
    else segments.push(updated);
  }
  for (const id of edit.deletes.keys())
    assert(ids.has(id), `segment ${id} is there to have deletes`);
  for (const id of edit.indexes?.keys() ?? [])
    assert(ids.has(id), `segment ${id} is there to have indexes`);
  const forgotten = new Set(edit.forget);
  const dropped = base.dropped.filter(({ key }) => !forgotten.has(key));
  for (const key of unreachable) dropped.push({ key, sinceMs: nowMs });
  const next: Manifest = {
    ...base,
    version: base.version + 1,
    parentChecksum: base.version === 0 ? 0 : checksumOf(base),
    // A compaction may have written with a newer schema than the last flush did.
    schemaVersion: Math.max(edit.schemaVersion, ...edit.add.map((info) => info.schemaVersion)),
    checkpoint: edit.checkpoint,
    timestamp: edit.timestamp,
    historyFrom: laterHistory(base, edit),
    segments: [...segments, ...edit.add],
    dropped,
  };
  checkManifest(next);
  return next;
}

/** What was not known is known from here on: nothing is lost that this manifest does not say. */
function laterHistory({ historyFrom: known, timestamp }: Manifest, edit: ManifestEdit): bigint {
  const before = known ?? timestamp;
  const { historyFrom = 0n } = edit;
  return historyFrom > before ? historyFrom : before;
}

/** Of manifests that were read or written; encoding a large one again takes long. */
const checksums = new WeakMap<Manifest, number>();

function checksumOf(manifest: Manifest): number {
  return checksums.get(manifest) ?? crc32(encodeManifest(manifest));
}

/** Keys of every object of a segment. */
export function objectKeys(info: SegmentInfo): string[] {
  const keys = [info.descriptor.key, ...info.objects.map(({ key }) => key)];
  if (info.deletes !== null) keys.push(info.deletes.key);
  for (const { image, descriptor } of info.indexes) keys.push(image.key, descriptor.key);
  return keys;
}

/** Writes a manifest under a fresh key; durable when it resolves, and nothing refers to it yet. */
export async function writeManifest(
  store: ObjectStore,
  manifest: Manifest,
): Promise<ObjectReference> {
  checkManifest(manifest);
  const bytes = encodeManifest(manifest);
  const { shardId, version } = manifest;
  // A version that was tried before left an object that nobody refers to; keys are never written twice.
  let fileId = 0;
  while ((await store.byteLength(manifestKey(shardId, version, fileId))) !== null) fileId++;
  const key = manifestKey(shardId, version, fileId);
  const writer = await store.create(key);
  try {
    await writer.write(bytes);
    await writer.commit();
  } catch (failure) {
    await writer.abort();
    throw failure;
  }
  const checksum = crc32(bytes);
  checksums.set(manifest, checksum);
  return { key, byteLength: bytes.length, checksum };
}

/** @throws MilvusError DataIntegrity when it is damaged, FormatNotSupported when a newer version wrote it */
export async function readManifest(
  store: ObjectStore,
  reference: ObjectReference,
): Promise<Manifest> {
  const bytes = await readObject(store, reference);
  try {
    const manifest = decodeManifest(bytes, reference.key);
    checksums.set(manifest, reference.checksum);
    return manifest;
  } catch (cause) {
    if (!(cause instanceof MalformedBytes)) throw cause;
    throw malformedObject(reference.key, cause);
  }
}

/**
 * A manifest that is known by its name alone: its own checksum vouches for it.
 * @throws MilvusError DataIntegrity, FormatNotSupported
 */
export async function readNamedManifest(store: ObjectStore, key: string): Promise<Manifest> {
  const bytes = new Uint8Array((await store.byteLength(key)) ?? 0);
  await store.readInto(key, 0, bytes);
  try {
    return decodeManifest(bytes, key);
  } catch (cause) {
    if (!(cause instanceof MalformedBytes)) throw cause;
    throw malformedObject(key, cause);
  }
}

/** The same bytes for the same manifest. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { collectionId, shardId, version, parentChecksum, schemaVersion } = manifest;
  const { term, sequence, index } = manifest.checkpoint;
  const json = JSON.stringify({
    collectionId,
    shardId,
    version,
    parentChecksum,
    schemaVersion,
    checkpoint: { term, sequence, index },
    timestamp: String(manifest.timestamp),
    ...(manifest.historyFrom === null ? {} : { historyFrom: String(manifest.historyFrom) }),
    segments: manifest.segments.map(encodeSegmentInfo),
    dropped: manifest.dropped.map(({ key, sinceMs }) => ({ key, sinceMs })),
  });
  const body = Buffer.from(`${json}\n`);
  const checksum = crc32(body).toString(16).padStart(8, '0');
  return Buffer.concat([Buffer.from(`milvus-lite manifest ${FORMAT_VERSION} ${checksum}\n`), body]);
}

/**
 * @param key for the error of a newer format
 * @throws MalformedBytes, MilvusError FormatNotSupported
 */
export function decodeManifest(bytes: Uint8Array, key: string): Manifest {
  const text = new TextDecoder().decode(bytes);
  const header = HEADER.exec(text);
  if (header === null) throw new MalformedBytes('not a manifest');
  const [line, version, checksum] = header;
  if (Number(version) > FORMAT_VERSION) {
    const fields = { key, version: Number(version), supported: FORMAT_VERSION };
    throw milvusError('FormatNotSupported', { fields });
  }
  if (crc32(bytes.subarray(line.length)) !== Number.parseInt(checksum ?? '', 16)) {
    throw new MalformedBytes('checksum does not match');
  }
  const json = JsonValue.parse(text.slice(line.length)).object(
    'collectionId',
    'shardId',
    'version',
    'parentChecksum',
    'schemaVersion',
    'checkpoint',
    'timestamp',
    'historyFrom?',
    'segments',
    'dropped',
  );
  const manifest: Manifest = {
    collectionId: json.get('collectionId').count(),
    shardId: json.get('shardId').count(),
    version: json.get('version').count(),
    parentChecksum: json.get('parentChecksum').count(),
    schemaVersion: json.get('schemaVersion').count(),
    checkpoint: decodeCheckpoint(json.get('checkpoint')),
    timestamp: json.get('timestamp').big(),
    historyFrom: json.get('historyFrom')?.big() ?? null,
    segments: json.get('segments').list().map(decodeSegmentInfo),
    dropped: json.get('dropped').list().map(decodeDropped),
  };
  checkManifest(manifest);
  return manifest;
}

function decodeCheckpoint(value: JsonValue): Checkpoint {
  const json = value.object('term', 'sequence', 'index');
  return {
    term: json.get('term').count(),
    sequence: json.get('sequence').count(),
    index: json.get('index').count(),
  };
}

function decodeDropped(value: JsonValue): DroppedObject {
  const json = value.object('key', 'sinceMs');
  return { key: json.get('key').text(), sinceMs: json.get('sinceMs').number() };
}

function editedInfo(info: SegmentInfo, edit: ManifestEdit): SegmentInfo {
  const deletes = edit.deletes.get(info.id);
  const indexes = edit.indexes?.get(info.id);
  const marked = deletes === undefined ? info : withDeletes(info, deletes);
  return indexes === undefined ? marked : { ...marked, indexes };
}

function withDeletes(info: SegmentInfo, deletes: DeleteReference): SegmentInfo {
  const before = info.deletes;
  if (before !== null) {
    assert(before.key !== deletes.key, 'a delete file is never written twice');
    assert(before.timestamp <= deletes.timestamp, 'deletes go forward only');
    assert(before.rowCount <= deletes.rowCount, 'a deleted row stays deleted');
  }
  const byteLength = info.byteLength - (before?.byteLength ?? 0) + deletes.byteLength;
  return { ...info, deletes, byteLength };
}

function compareCheckpoints(a: Checkpoint, b: Checkpoint): number {
  return a.term - b.term || a.sequence - b.sequence || a.index - b.index;
}

function checkManifest(manifest: Manifest): void {
  const ids = new Set<number>();
  const keys = new Set<string>();
  for (const info of manifest.segments) {
    assert(!ids.has(info.id), `segment ${info.id} stands in a manifest once`);
    ids.add(info.id);
    assert(info.rowCount > 0, `segment ${info.id} has rows`);
    assert(
      info.minTimestamp <= info.maxTimestamp,
      `segment ${info.id} has its timestamps in order`,
    );
    assert(
      info.maxTimestamp <= manifest.timestamp,
      `segment ${info.id} is covered by the manifest`,
    );
    assert(info.schemaVersion <= manifest.schemaVersion, `segment ${info.id} is of a known schema`);
    assert(
      (info.deletes?.rowCount ?? 0) <= info.rowCount,
      `segment ${info.id} has deletes of its rows`,
    );
    const indexIds = new Set(info.indexes.map(({ indexId }) => indexId));
    assert(indexIds.size === info.indexes.length, `segment ${info.id} has an index once`);
    for (const { rowCount } of info.indexes)
      assert(rowCount === info.rowCount, `segment ${info.id} has indexes of all its rows`);
    for (const key of objectKeys(info)) {
      assert(!keys.has(key), `object ${key} belongs to one segment`);
      keys.add(key);
    }
  }
  for (const { key } of manifest.dropped) assert(!keys.has(key), `object ${key} is not dropped`);
}
