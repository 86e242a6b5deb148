/** The file of a segment that says which of its rows are deleted, written once and read whole. */
import { crc32 } from '../base/checksum.ts';
import { milvusError } from '../base/errors.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { segmentDeletesKey } from '../storage/paths.ts';
import { DeleteBitmap } from './delete-bitmap.ts';
import { decodeObject, readObject } from './descriptor.ts';
import type { DeleteReference, SegmentInfo } from './segment-info.ts';

/** The marks of a delete file. @throws MilvusError DataIntegrity */
export async function readDeleteFile(
  store: ObjectStore,
  reference: DeleteReference,
  rowCount: number,
): Promise<DeleteBitmap> {
  const bytes = await readObject(store, reference);
  const deletes = decodeObject(reference.key, () => DeleteBitmap.decode(bytes, rowCount));
  if (deletes.count !== reference.rowCount) {
    throw milvusError('DataIntegrity', {
      message: 'delete file has another number of rows',
      fields: { key: reference.key, expected: reference.rowCount, found: deletes.count },
    });
  }
  return deletes;
}

/** Writes the marks at or before `timestamp` under a fresh key; durable when it resolves. */
export async function writeDeleteFile(
  store: ObjectStore,
  segment: Pick<SegmentInfo, 'id' | 'rowCount'>,
  content: { readonly deletes: DeleteBitmap; readonly timestamp: bigint },
): Promise<DeleteReference> {
  const { deletes, timestamp } = content;
  const bytes = deletes.encode(segment.rowCount, timestamp);
  const rowCount = deletes.countAt(timestamp);
  // An earlier attempt may have left a file that nobody refers to; keys are never written twice.
  let fileId = rowCount;
  while ((await store.byteLength(segmentDeletesKey(segment.id, fileId))) !== null) fileId++;
  const key = segmentDeletesKey(segment.id, fileId);
  const writer = await store.create(key);
  try {
    await writer.write(bytes);
    await writer.commit();
  } catch (failure) {
    await writer.abort();
    throw failure;
  }
  return { key, byteLength: bytes.length, checksum: crc32(bytes), rowCount, timestamp };
}
