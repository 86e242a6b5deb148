/**
 * The index of one vector column of a sealed segment: a pure function of immutable objects. It holds the
 * column and the image in memory, and leaves the work itself to `build`, which runs on another thread.
 */
import { assert, must } from '../base/assert.ts';
import { nativeState } from '../base/native.ts';
import type { IndexBuild } from '../index/index-definition.ts';
import { fingerprintOf, staysInFile } from '../index/structures.ts';
import type { BuildControl, IndexTask } from '../index/vector-index.ts';
import { isDenseVector } from '../schema/data-type.ts';
import { readColumn } from './column-file.ts';
import { readDescriptor } from './descriptor.ts';
import { writeIndex } from './segment-index.ts';
import type { SegmentIndex, SegmentInfo } from './segment-info.ts';
import type { SegmentWorld } from './write-segment.ts';

export interface IndexBuilding {
  readonly segment: SegmentInfo;
  readonly indexId: number;
  readonly fieldId: number;
  readonly build: IndexBuild;
  /** Fresh: an earlier attempt may have left its objects. */
  readonly fileId: number;
}

export interface BuildWorld extends SegmentWorld {
  /** Of the build, the one that runs it included. */
  readonly threadCount: number;
  readonly control: BuildControl;
  /** @throws MilvusError Cancelled */
  readonly run: (task: IndexTask) => Promise<Uint8Array>;
}

/**
 * @throws MilvusError Cancelled; DataIntegrity when the segment is damaged; DiskLimitExceeded, IoFailed
 */
export async function buildSegmentIndex(
  { segment, indexId, fieldId, build, fileId }: IndexBuilding,
  world: BuildWorld,
): Promise<SegmentIndex> {
  const { rowCount } = segment;
  const descriptor = await readDescriptor(world.store, segment.descriptor);
  const column = must(descriptor.columns.get(fieldId), 'an index is of a column that is there');
  const isMapped = staysInFile(build.structure);
  const read = await readColumn(world.store, descriptor, column, { isMapped });
  assert(read.kind === 'vector' && isDenseVector(read.type), 'an index is of dense vectors');
  const { type, dim, values } = read;
  const image = await world.run({
    kind: 'build-index',
    structure: build.structure,
    metric: build.metric,
    parameters: build.parameters,
    vectors: { type, dim, values },
    rowCount,
    threadCount: world.threadCount,
    control: world.control,
  });
  const builder = nativeState().addon?.kernels ?? 'js';
  const fingerprint = fingerprintOf(build);
  const content = { segmentId: segment.id, indexId, fieldId, fingerprint, rowCount, builder };
  return await writeIndex({ ...content, fileId, image }, world);
}
