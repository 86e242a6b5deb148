/**
 * The index of one column of a sealed segment: a pure function of immutable objects. It holds the
 * column and the image in memory, and leaves the work itself to `build`, which runs on another thread.
 */
import { assert, must } from '../base/assert.ts';
import { nativeState } from '../base/native.ts';
import type { IndexBuild } from '../index/index-definition.ts';
import { fingerprintOf, staysInFile } from '../index/structures.ts';
import type { BuildControl, IndexTask } from '../index/vector-index.ts';
import type { ScalarTask } from '../scalar/scalar-build.ts';
import { missingColumn } from '../schema/column-builder.ts';
import { isDenseVector } from '../schema/data-type.ts';
import { readColumn } from './column-file.ts';
import { readDescriptor, type SegmentDescriptor } from './descriptor.ts';
import { type FieldScalarBuild, isScalarBuild, type WantedIndex } from './index-policy.ts';
import { writeIndex } from './segment-index.ts';
import type { SegmentIndex, SegmentInfo } from './segment-info.ts';
import type { SegmentWorld } from './write-segment.ts';

export interface IndexBuilding {
  readonly segment: SegmentInfo;
  readonly indexId: number;
  readonly fieldId: number;
  readonly build: WantedIndex['build'];
  /** Fresh: an earlier attempt may have left its objects. */
  readonly fileId: number;
}

export interface BuildWorld extends SegmentWorld {
  /** Of the build, the one that runs it included. */
  readonly threadCount: number;
  readonly control: BuildControl;
  /** @throws MilvusError Cancelled */
  readonly run: (task: IndexTask | ScalarTask) => Promise<Uint8Array>;
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
  const image = isScalarBuild(build)
    ? await buildScalars(descriptor, build, world)
    : await buildVectors(descriptor, { build, fieldId }, world);
  const builder = isScalarBuild(build) ? 'js' : (nativeState().addon?.kernels ?? 'js');
  const fingerprint = fingerprintOf(build);
  const content = { segmentId: segment.id, indexId, fieldId, fingerprint, rowCount, builder };
  return await writeIndex({ ...content, fileId, image }, world);
}

async function buildScalars(
  descriptor: SegmentDescriptor,
  { field, structure, parameters, json }: FieldScalarBuild,
  world: BuildWorld,
): Promise<Uint8Array> {
  const { rowCount } = descriptor;
  const found = descriptor.columns.get(field.id);
  const column =
    found === undefined
      ? missingColumn(field, rowCount)
      : await readColumn(world.store, descriptor, found, { isShared: true });
  const { control } = world;
  const kind = 'build-scalar-index';
  return await world.run({ kind, structure, parameters, json, column, rowCount, control });
}

async function buildVectors(
  descriptor: SegmentDescriptor,
  { build, fieldId }: { readonly build: IndexBuild; readonly fieldId: number },
  world: BuildWorld,
): Promise<Uint8Array> {
  const { rowCount } = descriptor;
  const column = must(descriptor.columns.get(fieldId), 'an index is of a column that is there');
  const isMapped = staysInFile(build.structure);
  const read = await readColumn(world.store, descriptor, column, { isMapped });
  assert(read.kind === 'vector' && isDenseVector(read.type), 'an index is of dense vectors');
  const { type, dim, values } = read;
  return await world.run({
    kind: 'build-index',
    structure: build.structure,
    metric: build.metric,
    parameters: build.parameters,
    vectors: { type, dim, values },
    rowCount,
    threadCount: world.threadCount,
    control: world.control,
  });
}
