import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largerIsBetter } from '../../src/index/metric-type.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType, dataTypeName } from '../../src/schema/data-type.ts';
import type { SearchPlan, PageEnd, SearchWindow } from '../../src/search/plan.ts';
import { executeSearch } from '../../src/search/query.ts';
import { encode, TYPES_AND_METRICS } from '../index/reference.ts';
import { hitsOf, type NaiveHit } from './reference.ts';
import {
  FakeSegment,
  inlineContext,
  int32Column,
  int64Column,
  KEY,
  NAME,
  schemaOf,
  searchPlan,
  SIZE,
  textColumn,
  VECTOR,
  vectorColumn,
} from './world.ts';

const DIM = 8;
const ROWS = 90;

interface Made {
  readonly segments: readonly FakeSegment[];
  readonly plan: SearchPlan;
}

/** Rows of few distinct vectors in three segments of small chunks, some hidden; keys in no order. */
function worldOf([type, metric]: (typeof TYPES_AND_METRICS)[number], seed: number): Made {
  let state = seed >>> 0;
  const number = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
  const isBinary = type === DataType.BinaryVector;
  const element = (): number => (isBinary ? 1 << (number() % 8) : (number() % 3) - 1);
  const width = isBinary ? 1 : DIM;
  const keys = Array.from({ length: ROWS * 3 }, (_, i) => (i * 7919) % 100_003);
  const segments = [0, 1, 2].map((segment) => {
    const elements = Array.from({ length: ROWS * width }, element);
    const hidden = Array.from({ length: 9 }, () => number() % ROWS);
    const own = keys.slice(segment * ROWS, (segment + 1) * ROWS);
    const columns = new Map<number, Column>([
      [KEY, int64Column(own)],
      [VECTOR, vectorColumn(type, DIM, encode(type, elements))],
      [SIZE, int32Column(own)],
      [NAME, textColumn(own.map(String))],
    ]);
    return new FakeSegment(columns, { id: segment, chunkRows: 32 + segment * 32, hidden });
  });
  const queries = vectorColumn(type, DIM, encode(type, Array.from({ length: width }, element)));
  const schema = schemaOf({ vectorType: type, dim: DIM });
  return { segments, plan: searchPlan({ schema, queries, metric, topK: ROWS * 3 }) };
}

async function search(
  { segments, plan }: Made,
  window: SearchWindow | null,
  topK: number,
): Promise<NaiveHit[]> {
  const answer = await executeSearch({ ...plan, window, topK }, segments, inlineContext());
  return hitsOf(answer)[0] ?? [];
}

function endOf(hits: readonly NaiveHit[]): PageEnd | null {
  const last = hits.at(-1);
  if (last === undefined) return null;
  return {
    score: last.score,
    key: { kind: 'int64', values: BigInt64Array.of(BigInt(last.id)) },
    tieCount: hits.filter(({ score }) => score === last.score).length,
    hitCount: hits.length,
  };
}

const kinds = TYPES_AND_METRICS.map((both) => [dataTypeName(both[0]), both[1], both] as const);

describe('a window of hits', () => {
  it.each(kinds)('of %s by %s is what all hits have in the range', async (_, metric, both) => {
    const sign = largerIsBetter(metric) ? -1 : 1;
    const property = fc.asyncProperty(
      fc.nat(),
      fc.nat({ max: 250 }),
      fc.nat({ max: 250 }),
      fc.integer({ min: 1, max: 60 }),
      async (seed, near, far, topK) => {
        const made = worldOf(both, seed);
        const all = await search(made, null, ROWS * 3);
        const bounds = [all[near % all.length]!.score, all[far % all.length]!.score];
        const [from, radius] = bounds.toSorted((a, b) => sign * (a - b)) as [number, number];
        for (const rangeFilter of [null, from]) {
          const expected = all.filter(
            ({ score }) =>
              sign * score < sign * radius &&
              (rangeFilter === null || sign * score >= sign * rangeFilter),
          );
          const window = { range: { radius, rangeFilter }, after: null };
          expect(await search(made, window, topK)).toEqual(expected.slice(0, topK));
        }
      },
    );
    await fc.assert(property, { numRuns: 15 });
  });

  it.each(kinds)(
    'of %s by %s goes on behind any hit, however many are as good',
    async (_, __, both) => {
      const property = fc.asyncProperty(
        fc.nat(),
        fc.nat({ max: 250 }),
        fc.integer({ min: 1, max: 60 }),
        async (seed, place, topK) => {
          const made = worldOf(both, seed);
          const all = await search(made, null, ROWS * 3);
          const before = all.slice(0, place);
          const page = await search(made, { range: null, after: endOf(before) }, topK);
          expect(page).toEqual(all.slice(before.length, before.length + topK));
        },
      );
      await fc.assert(property, { numRuns: 15 });
    },
  );

  it('of one score is handed out page by page, every row once', async () => {
    const made = worldOf([DataType.FloatVector, 'IP'], 1);
    const plan = {
      ...made.plan,
      queries: vectorColumn(DataType.FloatVector, DIM, new Float32Array(DIM)),
    };
    const given: NaiveHit[] = [];
    for (let pages = 0; pages < 100; pages++) {
      const page = await search({ ...made, plan }, { range: null, after: endOf(given) }, 7);
      if (page.length === 0) break;
      given.push(...page);
    }
    expect(given).toEqual(await search({ ...made, plan }, null, ROWS * 3));
    expect(new Set(given.map(({ score }) => score))).toEqual(new Set([0]));
  });

  it('is found for each query of many', async () => {
    const made = worldOf([DataType.FloatVector, 'L2'], 5);
    const queries = Float32Array.from({ length: DIM * 3 }, (_, i) => (i % 5) - 2);
    const plan = {
      ...made.plan,
      queries: vectorColumn(DataType.FloatVector, DIM, queries),
      queryCount: 3,
    };
    const window = { range: { radius: 24, rangeFilter: 14 }, after: null };
    const whole = await executeSearch(plan, made.segments, inlineContext());
    const answer = await executeSearch(
      { ...plan, window, topK: 20 },
      made.segments,
      inlineContext(),
    );
    const expected = hitsOf(whole).map((hits) =>
      hits.filter(({ score }) => score >= 14 && score < 24).slice(0, 20),
    );
    expect(hitsOf(answer)).toEqual(expected);
    expect(expected.flat().length).toBeGreaterThan(20);
  });
});
