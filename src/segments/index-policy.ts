/**
 * Which index is built next, and which ones go: a pure function of the manifest and the definitions. The
 * largest segment comes first: it is what searches wait for. Small segments are left to the exact scan, and
 * so are vectors of rows that were written before the field was.
 */
import type { IndexBuild } from '../index/index-definition.ts';
import type { ScalarBuild } from '../scalar/scalar-definition.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { segmentVectorKey } from '../storage/paths.ts';
import type { SegmentIndex, SegmentInfo } from './segment-info.ts';

/** An index of scalars, of rows that may be older than their field. */
export interface FieldScalarBuild extends ScalarBuild {
  readonly field: FieldSchema;
}

export function isScalarBuild(build: WantedIndex['build']): build is FieldScalarBuild {
  return 'kind' in build;
}

/** A definition for which segments get files. */
export interface WantedIndex {
  readonly indexId: number;
  readonly fieldId: number;
  readonly build: IndexBuild | FieldScalarBuild;
  readonly fingerprint: string;
}

export interface IndexSituation {
  readonly wanted: readonly WantedIndex[];
  /** Keys of images that turned out to be damaged. */
  readonly damaged: ReadonlySet<string>;
  /** Rows below which a segment is left to the scan. */
  readonly rowsMin: number;
  /** Names of builds that failed: others come before them. */
  readonly failed: ReadonlySet<string>;
}

export interface NextIndex {
  readonly segment: SegmentInfo;
  readonly wanted: WantedIndex;
}

/** What it is called among those that failed. */
export function buildName(segmentId: number, indexId: number): string {
  return `${segmentId}/${indexId}`;
}

/** The most useful build; null when every segment has what it needs, but for what failed. */
export function planIndex(
  segments: readonly SegmentInfo[],
  situation: IndexSituation,
): NextIndex | null {
  let next: NextIndex | null = null;
  for (const segment of segments) {
    if (segment.rowCount <= (next?.segment.rowCount ?? 0)) continue;
    const wanted = situation.wanted.find(
      (one) =>
        !situation.failed.has(buildName(segment.id, one.indexId)) &&
        !isCovered(segment, one, situation),
    );
    if (wanted !== undefined) next = { segment, wanted };
  }
  return next;
}

/** Whether a search by the index needs nothing more of the segment: it has it, or is scanned for good. */
export function isCovered(
  segment: SegmentInfo,
  wanted: WantedIndex,
  { damaged, rowsMin }: Pick<IndexSituation, 'damaged' | 'rowsMin'>,
): boolean {
  const columnKey = segmentVectorKey(segment.id, wanted.fieldId);
  const hasColumn =
    isScalarBuild(wanted.build) || segment.objects.some(({ key }) => key === columnKey);
  if (segment.rowCount < rowsMin || !hasColumn) return true;
  return segment.indexes.some((index) => isOf(index, wanted) && !damaged.has(index.image.key));
}

/** Indexes of each segment without those whose definition is gone; segments that keep all are left out. */
export function planDrops(
  segments: readonly SegmentInfo[],
  wanted: readonly WantedIndex[],
): ReadonlyMap<number, readonly SegmentIndex[]> {
  const changed = new Map<number, readonly SegmentIndex[]>();
  for (const { id, indexes } of segments) {
    const kept = indexes.filter((index) => wanted.some((one) => isOf(index, one)));
    if (kept.length < indexes.length) changed.set(id, kept);
  }
  return changed;
}

function isOf(index: SegmentIndex, wanted: WantedIndex): boolean {
  return index.indexId === wanted.indexId && index.fingerprint === wanted.fingerprint;
}
