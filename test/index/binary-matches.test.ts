import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { type ScanTask, TIE_ROWS_MAX } from '../../src/index/flat.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import type { MatchMetric } from '../../src/index/metric-type.ts';
import { metricsOf } from '../../src/index/metrics.ts';
import type { MinhashMeasure } from '../../src/index/minhash-signature.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { shared } from './reference.ts';

const addon = nativeAddon();
const addons = addon === null ? [null] : [null, addon];

interface MatchWorld {
  readonly metric: MatchMetric;
  readonly minhash?: MinhashMeasure;
  readonly byteCount: number;
  readonly rows: readonly Uint8Array[];
  readonly queries: readonly Uint8Array[];
}

function taskOf(world: MatchWorld, part: Partial<ScanTask> = {}): ScanTask {
  const { metric, minhash, byteCount, rows, queries } = world;
  return {
    kind: 'scan',
    metric,
    ...(minhash === undefined ? {} : { minhash }),
    vectors: {
      type: DataType.BinaryVector,
      dim: byteCount * 8,
      values: shared(Uint8Array.from(rows.flatMap((row) => [...row]))),
    },
    rowStart: 0,
    rowEnd: rows.length,
    allowed: null,
    queries: Uint8Array.from(queries.flatMap((query) => [...query])),
    queryCount: queries.length,
    topK: 10,
    tieRowsMax: TIE_ROWS_MAX,
    ...part,
  };
}

function chunks(bytes: Uint8Array, size: number): string[] {
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size).join(),
  );
}

/** The score of a row that is a hit, written down naively; null: it is none. */
function referenceScore(world: MatchWorld, query: Uint8Array, row: Uint8Array): number | null {
  const has = (whole: Uint8Array, part: Uint8Array): boolean =>
    part.every((byte, i) => (byte & must(whole[i], 'of one length')) === byte);
  if (world.metric === 'SUBSTRUCTURE') return has(row, query) ? 0 : null;
  if (world.metric === 'SUPERSTRUCTURE') return has(query, row) ? 0 : null;
  const { elementBytes, bandCount, isByShare } = must(world.minhash, 'by signatures');
  const [left, right] = [chunks(query, elementBytes), chunks(row, elementBytes)];
  const equal = left.map((element, i) => element === right[i]);
  const share = equal.filter(Boolean).length / equal.length;
  if (isByShare) return share === 0 ? null : Math.fround(share);
  const size = Math.floor(equal.length / bandCount);
  const isBand = (band: number): boolean =>
    equal.slice(band * size, (band + 1) * size).every(Boolean);
  return Array.from({ length: bandCount }, (_, band) => band).some(isBand) ? 1 : null;
}

/** All hits of a query as [row, score], best first, equal scores by row. */
function referenceHits(world: MatchWorld, query: Uint8Array): [number, number][] {
  return world.rows
    .map((row, i): [number, number | null] => [i, referenceScore(world, query, row)])
    .filter((hit): hit is [number, number] => hit[1] !== null)
    .toSorted(([row, score], [other, worse]) => worse - score || row - other);
}

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.uint8Array({ minLength: length, maxLength: length }),
    // Few values: much that is equal, or a part of something.
    fc
      .array(fc.constantFrom(0, 1, 3, 255), { minLength: length, maxLength: length })
      .map((values) => Uint8Array.from(values)),
  );

const by: fc.Arbitrary<Pick<MatchWorld, 'metric' | 'minhash' | 'byteCount'>> = fc.oneof(
  fc.record({
    metric: fc.constantFrom<MatchMetric>('SUBSTRUCTURE', 'SUPERSTRUCTURE'),
    byteCount: fc.integer({ min: 1, max: 33 }),
  }),
  fc
    .record({
      elementBytes: fc.constantFrom(1, 2, 3, 4, 8, 32),
      elements: fc.integer({ min: 1, max: 12 }),
      bands: fc.nat(),
      isByShare: fc.boolean(),
    })
    .map(({ elementBytes, elements, bands, isByShare }) => ({
      metric: 'MHJACCARD' as const,
      byteCount: elementBytes * elements,
      minhash: { elementBytes, bandCount: 1 + (bands % elements), isByShare },
    })),
);

const worlds: fc.Arbitrary<MatchWorld> = by.chain((kind) =>
  fc
    .record({
      rows: fc.array(bytes(kind.byteCount), { minLength: 1, maxLength: 40 }),
      queries: fc.array(bytes(kind.byteCount), { minLength: 1, maxLength: 4 }),
    })
    .map((vectors) => ({ ...kind, ...vectors })),
);

describe('metrics that only match', () => {
  it.each(addons.map((one) => [one?.kernels ?? 'js', one] as const))(
    'give the hits of a naive comparison, and none besides (%s)',
    (_, engine) => {
      const property = fc.property(worlds, fc.integer({ min: 1, max: 50 }), (world, topK) => {
        const result = scanTopK(taskOf(world, { topK }), engine);
        let at = 0;
        for (const [q, query] of world.queries.entries()) {
          const right = referenceHits(world, query);
          const count = result.counts[q]!;
          expect(count).toBeGreaterThanOrEqual(Math.min(topK, right.length));
          const found = Array.from({ length: count }, (__, i) => [
            result.rows[at + i]!,
            result.scores[at + i]!,
          ]);
          expect(found).toEqual(right.slice(0, count));
          at += count;
        }
        expect(result.scores.length).toBe(at);
      });
      fc.assert(property, { numRuns: 300 });
    },
  );

  it.skipIf(addon === null)('are the same bit for bit by native code and by its twin', () => {
    const mask = fc.uint32Array({ minLength: 2, maxLength: 2 });
    const property = fc.property(worlds, mask, fc.nat({ max: 40 }), (world, allowed, start) => {
      const rowStart = Math.min(start, world.rows.length);
      for (const tieRowsMax of [0, 2, TIE_ROWS_MAX]) {
        const task = taskOf(world, { allowed, rowStart, topK: 3, tieRowsMax });
        expect(scanTopK(task, addon)).toEqual(scanTopK(task, null));
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  it.skipIf(addon === null)('are refused with bands that no signature has', () => {
    const rows = [new Uint8Array(12)];
    const world = { metric: 'MHJACCARD', byteCount: 12, rows, queries: rows } as const;
    for (const [elementBytes, bandCount] of [
      [5, 1],
      [4, 4],
      [0, 1],
      [4, 0],
      [24, 1],
    ] as const) {
      const minhash = { elementBytes, bandCount, isByShare: false };
      expect(() => scanTopK(taskOf({ ...world, minhash }), addon)).toThrow(TypeError);
    }
  });

  it('are no metrics of a field', () => {
    expect(metricsOf(DataType.BinaryVector)).toEqual(['HAMMING', 'JACCARD']);
  });
});

interface Verdict {
  readonly metric: MatchMetric;
  readonly limit: number;
  readonly offset?: number;
  readonly expr?: string;
  readonly requested?: string;
  readonly answer:
    | { readonly scores: readonly number[]; readonly keys: readonly (readonly number[])[] }
    | { readonly code: number; readonly text: string };
}

const fixture = new URL('../fixtures/relation-verdicts.json', import.meta.url);
const verdicts = JSON.parse(readFileSync(fixture, 'utf8')) as {
  readonly server: string;
  readonly dim: number;
  readonly rows: string;
  readonly queries: string;
  readonly searches: readonly Verdict[];
};

describe(`SUBSTRUCTURE and SUPERSTRUCTURE beside Milvus ${verdicts.server}`, () => {
  const byteCount = verdicts.dim / 8;
  const vectors = (text: string): Uint8Array[] => {
    const all = Uint8Array.from(Buffer.from(text, 'base64'));
    return Array.from({ length: all.length / byteCount }, (_, i) =>
      all.slice(i * byteCount, (i + 1) * byteCount),
    );
  };
  const rows = vectors(verdicts.rows);
  const queries = vectors(verdicts.queries);

  it('have the hits, the scores and the order of the server', () => {
    let compared = 0;
    for (const { metric, limit, offset = 0, expr, answer } of verdicts.searches) {
      if (!('keys' in answer)) continue;
      expect(answer.scores).toEqual([0]);
      const allowed = new Uint32Array(Math.ceil(rows.length / 32)).fill(
        expr === undefined ? 0xffffffff : 0xaaaaaaaa,
      );
      for (const engine of addons) {
        const task = taskOf(
          { metric, byteCount, rows, queries },
          { allowed, topK: limit + offset },
        );
        const result = scanTopK(task, engine);
        let at = 0;
        for (const [q, keys] of answer.keys.entries()) {
          const found = Array.from(result.rows.subarray(at, at + result.counts[q]!));
          expect(found.slice(offset, offset + limit)).toEqual(keys);
          at += result.counts[q]!;
          compared++;
        }
        expect(new Set(result.scores)).toEqual(new Set([0]));
      }
    }
    expect(compared).toBe(addons.length * 12 * queries.length);
  });
});
