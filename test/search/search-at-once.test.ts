import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { hnsw } from '../../src/index/hnsw.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import { compileFilter } from '../../src/query/bind.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import type { SearchAnswer, SearchPlan } from '../../src/search/plan.ts';
import { executeSearch } from '../../src/search/query.ts';
import type { ReadContext } from '../../src/search/read-context.ts';
import { RowMasks } from '../../src/search/row-masks.ts';
import { searchAtOnce } from '../../src/search/search-at-once.ts';
import type { ChunkIndex, SegmentReader } from '../../src/segments/segment.ts';
import {
  FakeSegment,
  inlineContext,
  int32Column,
  int64Column,
  KEY,
  NAME,
  schemaOf,
  searchPlan,
  type SegmentOptions,
  SIZE,
  textColumn,
  VECTOR,
  vectorColumn,
} from './world.ts';

const DIM = 4;
const ROWS = 300;
const INDEX = { indexId: 7, fingerprint: 'HNSW', structure: 'HNSW' } as const;
const BUILD = { M: 8, efConstruction: 64 };
const schema = schemaOf({ dim: DIM });

/** Keys fall as rows rise, and every vector stands three times: ties are common. */
function columns(firstKey: number): Map<number, Column> {
  const values = new Float32Array(new SharedArrayBuffer(ROWS * DIM * 4));
  for (let row = 0; row < ROWS; row++) values[row * DIM] = Math.floor(row / 3);
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  return new Map<number, Column>([
    [KEY, int64Column(rows.map((row) => firstKey + (ROWS - row) * 2))],
    [VECTOR, vectorColumn(DataType.FloatVector, DIM, values)],
    [SIZE, int32Column(rows.map((row) => row % 10))],
    [NAME, textColumn(rows.map((row) => (row % 4 === 0 ? null : `row ${firstKey + row}`)))],
  ]);
}

function segment(id: number, options: SegmentOptions = {}): FakeSegment {
  return new FakeSegment(columns(id), { id, isAtHand: true, ...options });
}

/** The same with a graph; `change` is what opening it is like. */
function indexed(id: number, change: Partial<ChunkIndex> = {}): SegmentReader {
  const plain = segment(id);
  const chunk = must(plain.chunks[0], 'there is a chunk');
  const column = must(chunk.peek?.(must(schema.fields[1], 'a vector')), 'it is at hand');
  if (column.kind !== 'vector') throw new Error('a vector column');
  const vectors = { type: DataType.FloatVector, dim: DIM, values: column.values };
  const built = hnsw().build({
    kind: 'build-index',
    structure: 'HNSW',
    metric: 'L2',
    parameters: BUILD,
    vectors,
    rowCount: ROWS,
    threadCount: 1,
    control: newBuildControl(),
  });
  const files = { image: { bytes: must(built, 'it is built') }, vectors: column };
  const index: ChunkIndex = {
    open: async () => files,
    peek: () => files,
    reportDamage: () => undefined,
    ...change,
  };
  return {
    id: plain.id,
    partitionId: plain.partitionId,
    rowCount: plain.rowCount,
    chunks: [{ ...chunk, index: () => index }],
    zone: () => undefined,
    visible: () => plain.visible(),
    visibleName: () => plain.visibleName(),
    rowsOfKeys: (keys) => plain.rowsOfKeys(keys),
    rowsByKey: (after) => plain.rowsByKey(after),
  };
}

function planAt(at: number, more: Partial<SearchPlan> = {}): SearchPlan {
  const queries = vectorColumn(DataType.FloatVector, DIM, Float32Array.of(at, 0, 0, 0));
  return searchPlan({ schema, queries, topK: 8, ...more });
}

const withIndex = { index: { ...INDEX, build: BUILD, parameters: { ef: ROWS } } };
const filtered = { filter: compileFilter('size < 3', schema), filterName: 'size < 3' };

function context(): ReadContext {
  return { ...inlineContext(), indexRowsMin: 10, masks: new RowMasks(1 << 20) };
}

/** Hits with the fields of their rows, wherever these stand. */
function shown(answer: SearchAnswer | null): string[] {
  const { rows, scores, batch, counts } = must(answer, 'it is answered');
  expect(counts).toEqual(Uint32Array.of(rows.length));
  expect(batch.rowCount).toBe(rows.length);
  return Array.from(rows, (row, hit) => {
    const cells = [KEY, SIZE, NAME].map((id) => {
      const column = must(batch.columns.get(id), 'it is an output field');
      if (column.kind === 'fixed') return String(column.values[row]);
      if (column.kind !== 'bytes') throw new Error('no other kind');
      const { bytes, offsets } = column;
      return Buffer.from(bytes).toString('utf8', offsets[row], offsets[row + 1]);
    });
    return [scores[hit], ...cells].join(' ');
  });
}

/** Answered at once, it is what the long way answers. */
async function expectAtOnce(
  plan: SearchPlan,
  segments: readonly SegmentReader[],
  by = context(),
): Promise<void> {
  const { masks: _, ...longWay } = by;
  const hidden = segments.map((one) => ({
    ...one,
    id: one.id,
    visible: () => one.visible(0n, 0n),
    zone: () => undefined,
    rowsOfKeys: (keys: Parameters<SegmentReader['rowsOfKeys']>[0]) => one.rowsOfKeys(keys),
    rowsByKey: (...asked: Parameters<SegmentReader['rowsByKey']>) => one.rowsByKey(...asked),
    visibleName: () => null,
  }));
  const expected = await executeSearch(plan, hidden, longWay);
  expect(expected.rows.length).toBeGreaterThan(0);
  expect(shown(searchAtOnce(plan, segments, by))).toEqual(shown(expected));
}

describe('a search that is answered at once', () => {
  it('scans a segment whose columns are there, ties in the order of keys', async () => {
    for (const at of [0, 20.2, 50, 99]) await expectAtOnce(planAt(at), [segment(1)]);
  });

  it('merges segments', async () => {
    for (const at of [0, 20.2, 50, 99]) {
      await expectAtOnce(planAt(at), [segment(1), segment(2), segment(1000)]);
    }
  });

  it('takes all rows of a segment of many chunks, unless it filters', async () => {
    const growing = segment(2, { chunkRows: 32, seesAll: true });
    await expectAtOnce(planAt(20), [segment(1), growing]);
    const given = context();
    const plan = planAt(20, filtered);
    await executeSearch(plan, [growing], given);
    expect(searchAtOnce(plan, [growing], given)).toBeNull();
  });

  it('goes by masks that were made before, and by no other', async () => {
    const given = context();
    const plan = planAt(20, filtered);
    const segments = [segment(1, { hidden: [60, 61] }), segment(2)];
    expect(searchAtOnce(plan, segments, given)).toBeNull();
    await executeSearch(plan, segments, given);
    await expectAtOnce(plan, segments, given);
    expect(searchAtOnce({ ...plan, filterName: 'other' }, segments, given)).toBeNull();
    expect(searchAtOnce({ ...plan, filterName: null }, segments, given)).toBeNull();
    const moreHidden = [segment(1, { hidden: [60, 61, 62] }), segment(2)];
    expect(searchAtOnce(plan, moreHidden, given)).toBeNull();
    await executeSearch(plan, moreHidden, given);
    await expectAtOnce(plan, moreHidden, given);
    await expectAtOnce(plan, segments, given);
  });

  it('goes by an index that is open on this thread', async () => {
    const given = context();
    const segments = [indexed(1), segment(2)];
    for (const at of [20.2, 50]) {
      const plan = planAt(at, withIndex);
      if (at === 20.2) {
        expect(searchAtOnce(plan, segments, given)).toBeNull();
        await executeSearch(plan, segments, given);
      }
      await expectAtOnce(plan, segments, given);
    }
  });

  it('refuses an answer that is too large before it looks at a column', () => {
    const wide = schemaOf({ dim: 32_768 });
    const segments = [1, 2, 3].map((id) => segment(id));
    const search = (topK: number, some = segments): SearchAnswer | null =>
      searchAtOnce(
        planAt(1, { schema: wide, topK, outputFieldIds: [KEY, VECTOR] }),
        some,
        context(),
      );
    // 104857600 / (8 + 8 + 4 x 32768): 799 rows may be shown.
    expect(() => search(799)).not.toThrow();
    expect(() => search(800)).toThrow('search results exceed the maxOutputSize Limit 104857600');
    // Of a segment of 300 rows no more can be.
    expect(() => search(800, segments.slice(0, 1))).not.toThrow();
  });

  it('is left to the long way where something is not at hand', async () => {
    const given = context();
    const notRead = [segment(1), segment(2, { isAtHand: false })];
    expect(searchAtOnce(planAt(1), notRead, given)).toBeNull();
    const manyChunks = [segment(1, { chunkRows: 32 })];
    expect(searchAtOnce(planAt(1), manyChunks, given)).toBeNull();
    const plan = planAt(1, withIndex);
    const closed = [indexed(1, { peek: () => null })];
    await executeSearch(plan, closed, given);
    expect(searchAtOnce(plan, closed, given)).toBeNull();
    const window = { range: null, after: null };
    expect(searchAtOnce(planAt(1, { window }), [segment(1)], given)).toBeNull();
  });

  it('is left to the long way where a scan has more ties than it hands over', () => {
    const values = new Float32Array(new SharedArrayBuffer(ROWS * DIM * 4));
    const vectors = vectorColumn(DataType.FloatVector, DIM, values);
    const same = new FakeSegment(new Map([...columns(1), [VECTOR, vectors]]), { isAtHand: true });
    expect(searchAtOnce(planAt(1), [same], context())).toBeNull();
  });

  it('is empty where no row is left', () => {
    const none = segment(1, { hidden: Array.from({ length: ROWS }, (_, row) => row) });
    const given = context();
    given.masks?.set(1, none.visibleName() ?? '', { allowed: null, rowCount: 0 });
    expect(searchAtOnce(planAt(1), [none], given)?.rows).toHaveLength(0);
    expect(searchAtOnce(planAt(1), [], given)?.rows).toHaveLength(0);
  });
});
