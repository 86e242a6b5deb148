import { describe, expect, it } from 'vitest';
import {
  buildName,
  isCovered,
  planDrops,
  planIndex,
  type WantedIndex,
} from '../../src/segments/index-policy.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';
import { indexOf, infoOf } from './segment-infos.ts';

const FINGERPRINT = indexOf(1, 1).fingerprint;
const WANTED: WantedIndex = {
  indexId: 7,
  fieldId: 101,
  fingerprint: FINGERPRINT,
  build: {
    name: 'HNSW',
    structure: 'HNSW',
    metric: 'L2',
    parameters: { M: 8, efConstruction: 64 },
    isMapped: false,
  },
};

/** With vectors in the fields 101 and 102. */
function segment(id: number, rowCount: number, indexes: SegmentInfo['indexes'] = []): SegmentInfo {
  const objects = [101, 102].map((fieldId) => {
    return { key: `segments/${id}.vec-${fieldId}.arrow`, byteLength: 10, checksum: 1 };
  });
  return infoOf(id, { rowCount, objects, indexes });
}

function next(
  segments: readonly SegmentInfo[],
  wanted: readonly WantedIndex[] = [WANTED],
  damaged: readonly string[] = [],
  failed: readonly string[] = [],
): [number, number] | null {
  const situation = { damaged: new Set(damaged), failed: new Set(failed), rowsMin: 100 };
  const plan = planIndex(segments, { wanted, ...situation });
  return plan === null ? null : [plan.segment.id, plan.wanted.indexId];
}

describe('the policy of index builds', () => {
  it('takes the largest segment that lacks an index', () => {
    const segments = [segment(1, 200), segment(2, 900), segment(3, 900), segment(4, 300)];
    expect(next(segments)).toEqual([2, 7]);
    const some = [segment(1, 200), segment(2, 900, [indexOf(2, 1)]), segment(4, 300)];
    expect(next(some)).toEqual([4, 7]);
    expect(next([segment(2, 900, [indexOf(2, 1)])])).toBeNull();
    expect(next(segments, [])).toBeNull();
    expect(next([])).toBeNull();
  });

  it('gives a segment one index after the other', () => {
    const other = { ...WANTED, indexId: 8, fieldId: 102 };
    expect(next([segment(2, 900, [indexOf(2, 1)])], [WANTED, other])).toEqual([2, 8]);
  });

  it('passes over what failed, and over nothing else', () => {
    const other = { ...WANTED, indexId: 8, fieldId: 102 };
    const segments = [segment(1, 200), segment(2, 900)];
    const failed = [buildName(2, 7)];
    expect(next(segments, [WANTED, other], [], failed)).toEqual([2, 8]);
    expect(next(segments, [WANTED], [], failed)).toEqual([1, 7]);
    expect(next([segment(2, 900)], [WANTED], [], failed)).toBeNull();
  });

  it('leaves small segments, and rows older than the field, to the scan', () => {
    expect(next([segment(1, 99)])).toBeNull();
    expect(next([segment(1, 100)])).toEqual([1, 7]);
    expect(next([segment(1, 900)], [{ ...WANTED, fieldId: 103 }])).toBeNull();
  });

  it('builds again what is damaged or was built by another definition', () => {
    const built = indexOf(2, 1);
    expect(next([segment(2, 900, [built])], [WANTED], [built.image.key])).toEqual([2, 7]);
    expect(next([segment(2, 900, [{ ...built, indexId: 6 }])])).toEqual([2, 7]);
    expect(next([segment(2, 900, [{ ...built, fingerprint: 'HNSW IP' }])])).toEqual([2, 7]);
  });

  it('counts as covered what needs nothing more', () => {
    const situation = { damaged: new Set<string>(), rowsMin: 100 };
    expect(isCovered(segment(1, 99), WANTED, situation)).toBe(true);
    expect(isCovered(segment(1, 100), WANTED, situation)).toBe(false);
    expect(isCovered(segment(1, 100, [indexOf(1, 1)]), WANTED, situation)).toBe(true);
  });

  it('drops indexes whose definition is gone, and no other', () => {
    const [kept, gone] = [indexOf(1, 1), indexOf(1, 2, { indexId: 8 })];
    const segments = [segment(1, 900, [kept, gone]), segment(2, 900, [indexOf(2, 3)])];
    expect(planDrops(segments, [WANTED])).toEqual(new Map([[1, [kept]]]));
    expect([...planDrops(segments, []).keys()]).toEqual([1, 2]);
  });
});
