/**
 * An index over one column of a sealed segment, in two objects that never change:
 *
 *   segments/<segment>.idx-<file>        the image, as index/vector-index.ts or scalar/scalar-image.ts has it
 *   segments/<segment>.idx-<file>.json   its descriptor: formatVersion, segmentId, indexId, rowCount, and
 *                                        file as in descriptor.ts: key, byteLength, CRC-32 of each block
 *
 * The manifest names both with their checksums; an index that is built again has other names.
 */
import { MalformedBytes } from '../base/bytes.ts';
import { milvusError } from '../base/errors.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { segmentIdOfKey, segmentIndexDescriptorKey, segmentIndexKey } from '../storage/paths.ts';
import { CheckedWriter } from './checked-writer.ts';
import { readChecked } from './column-file.ts';
import {
  decodeFile,
  encodeFile,
  type FileDescriptor,
  malformedObject,
  readObject,
} from './descriptor.ts';
import type { ObjectReference, SegmentIndex } from './segment-info.ts';
import { JsonValue } from './strict-json.ts';
import type { SegmentWorld } from './write-segment.ts';

const FORMAT_VERSION = 1;

export interface NewIndex extends Omit<SegmentIndex, 'image' | 'descriptor'> {
  readonly segmentId: number;
  /** Fresh for every build. */
  readonly fileId: number;
  readonly image: Uint8Array;
}

/** Writes both objects; durable when it resolves, and nothing refers to them yet. */
export async function writeIndex(index: NewIndex, world: SegmentWorld): Promise<SegmentIndex> {
  const { segmentId, fileId, image, ...rest } = index;
  const written = await writeObject(segmentIndexKey(segmentId, fileId), image, world);
  const json = {
    formatVersion: FORMAT_VERSION,
    segmentId,
    indexId: index.indexId,
    rowCount: index.rowCount,
    file: encodeFile(written.file),
  };
  const key = segmentIndexDescriptorKey(segmentId, fileId);
  const descriptor = await writeObject(key, Buffer.from(`${JSON.stringify(json)}\n`), world);
  return { ...rest, image: written.reference, descriptor: descriptor.reference };
}

/**
 * The image of an index where workers can see it, every block checked.
 * @throws MilvusError DataIntegrity, FormatNotSupported
 */
export async function readIndexImage(
  store: ObjectStore,
  index: SegmentIndex,
  memory: 'shared' | 'mapped' = 'shared',
): Promise<Uint8Array> {
  const file = await readIndexDescriptor(store, index);
  const range = { offset: 0, byteLength: file.byteLength };
  return await readChecked(store, file, range, memory);
}

/** @throws MilvusError DataIntegrity, FormatNotSupported */
export async function readIndexDescriptor(
  store: ObjectStore,
  index: SegmentIndex,
): Promise<FileDescriptor> {
  const { key } = index.descriptor;
  const bytes = await readObject(store, index.descriptor);
  try {
    return decodeIndexDescriptor(bytes, index);
  } catch (cause) {
    if (!(cause instanceof MalformedBytes)) throw cause;
    throw malformedObject(key, cause);
  }
}

function decodeIndexDescriptor(bytes: Uint8Array, index: SegmentIndex): FileDescriptor {
  const json = JsonValue.parse(new TextDecoder().decode(bytes)).object(
    'formatVersion',
    'segmentId',
    'indexId',
    'rowCount',
    'file',
  );
  const version = json.get('formatVersion').count();
  if (version > FORMAT_VERSION) {
    const fields = { key: index.descriptor.key, version, supported: FORMAT_VERSION };
    throw milvusError('FormatNotSupported', { fields });
  }
  json.get('formatVersion').oneOf([FORMAT_VERSION]);
  const file = decodeFile(json.get('file'));
  // In a restored collection segment and definition have other ids than when it was built.
  json.get('indexId').count();
  const isOfIndex =
    json.get('segmentId').count() === segmentIdOfKey(index.descriptor.key) &&
    json.get('rowCount').count() === index.rowCount &&
    file.key === index.image.key &&
    file.byteLength === index.image.byteLength;
  if (!isOfIndex) throw new MalformedBytes('the descriptor is that of another index');
  return file;
}

async function writeObject(
  key: string,
  bytes: Uint8Array,
  { store, clock }: SegmentWorld,
): Promise<{ readonly reference: ObjectReference; readonly file: FileDescriptor }> {
  const writer = await CheckedWriter.create(store, key, clock);
  try {
    await writer.write(bytes);
    return await writer.commit();
  } catch (failure) {
    await writer.abort();
    throw failure;
  }
}
