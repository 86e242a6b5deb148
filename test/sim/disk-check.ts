/** Every checksum and every reference of a simulated database, as `mlite verify` checks a real one. */
import { readCatalog } from '../../src/meta/catalog-storage.ts';
import { laneKey, MANIFEST_PREFIX as POINTER_PREFIX } from '../../src/meta/keys.ts';
import { readLane } from '../../src/meta/lane-record.ts';
import { readPointer } from '../../src/meta/manifest-pointer.ts';
import { readManifest } from '../../src/segments/manifest.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';
import { verifySegment } from '../../src/segments/verify-segment.ts';
import { diskStore } from '../../src/storage/disk-store.ts';
import { fileLog } from '../../src/wal/file-log.ts';
import { decodeMessage } from '../../src/wal/message.ts';
import { comparePositions, formatPosition } from '../../src/wal/position.ts';
import { canonical } from './canonical.ts';
import { type DiskImage, digest } from './crash-point.ts';
import { journalMetaStore } from './journal-meta-store.ts';
import { Violation } from './model-check.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimClock } from './sim-clock.ts';
import { SimDisk } from './sim-disk.ts';
import { META_JOURNAL } from './simulated-engine.ts';

/**
 * @param verified  segments that were found whole, by content; grows, so that each is verified once
 * @throws Violation, MilvusError
 */
export async function checkDisk(image: DiskImage, verified: Set<string>): Promise<void> {
  const disk = new SimDisk({ image });
  const clock = new SimClock();
  const random = new SeededRandom(1);
  const meta = await journalMetaStore(disk, META_JOURNAL);
  const store = diskStore(disk, '', random);
  const catalog = await readCatalog(meta);
  const lane = await readLane(meta, '0');
  const log = fileLog({ disk, clock, random, durability: 'sync' });
  const { end } = await log.tail(lane.truncatedBefore);
  for await (const { kind, payload, position } of log.read(lane.truncatedBefore)) {
    decodeMessage(kind, payload, formatPosition(position));
  }
  const check = async (segments: readonly SegmentInfo[]): Promise<void> => {
    for (const info of segments) {
      const content = contentOf(info, image);
      if (verified.has(content)) continue;
      const [problem] = await verifySegment(info, { store, clock });
      if (problem !== undefined) throw new Violation(`${problem.key}: ${problem.message}`);
      verified.add(content);
    }
  };
  for (const { key } of await meta.range(POINTER_PREFIX)) {
    const [collectionId = 0, shardId = 0] = key.slice(POINTER_PREFIX.length).split('/').map(Number);
    const pointer = await readPointer(meta, collectionId, shardId);
    if (pointer === null) continue;
    if (comparePositions(pointer.checkpoint, end) > 0) {
      throw new Violation(`${key}: its checkpoint is behind the end of the log (${laneKey('0')})`);
    }
    const manifest = await readManifest(store, pointer.manifest);
    if (comparePositions(manifest.checkpoint, pointer.checkpoint) !== 0) {
      throw new Violation(`${key}: manifest and pointer differ in their checkpoint`);
    }
    await check(manifest.segments);
  }
  for (const { manifests } of catalog?.snapshot.allSnapshots() ?? []) {
    for (const one of manifests) {
      if (one !== null) await check((await readManifest(store, one)).segments);
    }
  }
}

/** All that verifying a segment looks at, as text: equal texts, equal findings. */
function contentOf(info: SegmentInfo, image: DiskImage): string {
  const keys = [info.descriptor, ...info.objects, ...(info.deletes === null ? [] : [info.deletes])];
  const digests = keys.map(({ key }) => {
    const file = image.files.get(key);
    return file === undefined ? 'none' : digest(file);
  });
  return `${canonical({ ...info, zones: [...info.zones] })} ${digests.join()}`;
}
