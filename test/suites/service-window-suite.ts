/** What the Service promises of hits that are not the best: those of a range of scores, those of a next page. */
import { describe, expect, it } from 'vitest';
import type { Hit, SearchPageEnd, SearchRowsRequest } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import { GRAPH, indexed } from './index-fixtures.ts';
import { createDocs, doc, DOCS, docs, expectRefusal, inEveryState } from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

const QUERY = [[100.25, 0]];

/** Ids and scores of all hits, best first. */
async function hitsOf(
  service: Service,
  request: Partial<SearchRowsRequest> = {},
): Promise<[bigint, number][]> {
  const { results } = await service.search({ ...DOCS, data: QUERY, limit: 1000, ...request });
  return (results[0] ?? []).map(({ id, score }: Hit) => [id as bigint, score]);
}

/** The hits of all pages of one moment; `between` comes after each. */
async function paged(
  service: Service,
  request: Partial<SearchRowsRequest> & { readonly limit: number },
  between: (page: number) => Promise<unknown> = async () => undefined,
): Promise<[bigint, number][]> {
  const snapshotTimestamp = await service.allocateTimestamp();
  const all: [bigint, number][] = [];
  let after: SearchPageEnd | null = null;
  for (let page = 0; ; page++) {
    const whole: SearchRowsRequest = {
      ...DOCS,
      data: QUERY,
      snapshotTimestamp,
      ...request,
      after,
    };
    const { results, pageEnd } = await service.search(whole);
    const hits = results[0] ?? [];
    expect(hits.length).toBeLessThanOrEqual(request.limit);
    for (const { id, score } of hits) all.push([id as bigint, score]);
    if (hits.length < request.limit) return all;
    after = pageEnd;
    await between(page);
  }
}

/** Rows on a line, on three shards, in sealed and growing segments, some replaced, some gone. */
async function rowsOnALine(service: Service): Promise<void> {
  await createDocs(service, { shardCount: 3 });
  await service.insert({ ...DOCS, rows: docs(0, 150) });
  await service.flush(DOCS);
  await service.insert({ ...DOCS, rows: docs(150, 220) });
  await service.delete({ ...DOCS, ids: [99n, 104n, 180n] });
  await service.upsert({ ...DOCS, rows: [{ ...doc(97, 1), vector: [103.5, 0] }] });
}

export function serviceWindowSuite(open: OpenWorld): void {
  describe('a range search', () => {
    it('finds what all hits have in the range, whatever was deleted and wherever rows are', async () => {
      const { service } = await open();
      await rowsOnALine(service);
      await inEveryState(service, DOCS, async () => {
        const all = await hitsOf(service);
        for (const [filter, radius] of [
          [undefined, 9],
          [4, 90],
          [0.5625, 10.5625],
          [5000, 90_000],
        ] as const) {
          const params = { radius, ...(filter === undefined ? {} : { range_filter: filter }) };
          const expected = all.filter(([, score]) => score >= (filter ?? 0) && score < radius);
          expect(expected.length).toBeGreaterThan(3);
          expect(await hitsOf(service, { params })).toEqual(expected);
          expect(await hitsOf(service, { params, limit: 3, offset: 2 })).toEqual(
            expected.slice(2, 5),
          );
          const odd = expected.filter(([id]) => id % 2n === 1n);
          expect(await hitsOf(service, { params, filter: 'id % 2 == 1' })).toEqual(odd);
        }
        expect(await hitsOf(service, { params: { radius: 0.01 } })).toEqual([]);
      });
    });

    it('finds the same by an index', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 2000) });
      await service.flush(DOCS);
      await service.delete({ ...DOCS, ids: [99n, 104n] });
      const requests: Partial<SearchRowsRequest>[] = [
        { params: { radius: 30, ef: 4096 } },
        { params: { radius: 900, range_filter: 20, ef: 4096 }, limit: 20 },
        { params: { radius: 900, range_filter: 20, ef: 4096 }, filter: 'id % 3 == 0' },
        { params: { radius: 1e7, ef: 4096 }, limit: 1900 },
      ];
      const answers = async (): Promise<unknown[]> =>
        await Promise.all(requests.map((request) => hitsOf(service, request)));
      const scanned = await answers();
      await service.createIndex(GRAPH);
      await indexed(service);
      expect(await answers()).toEqual(scanned);
    });

    it('is refused in Milvus’s words', async () => {
      const { service } = await open();
      await createDocs(service);
      for (const [params, text] of [
        [{ range_filter: 1 }, 'range_filter requires radius to be set'],
        [{ radius: 1, range_filter: 2 }, 'range_filter(2) must be less than radius(1)'],
        [{ radius: '1' }, 'type must be number'],
      ] as const) {
        await expectRefusal(hitsOf(service, { params }), 1100, text);
      }
    });
  });

  describe('pages of hits', () => {
    it('are all hits in their order, each once', async () => {
      const { service } = await open();
      await rowsOnALine(service);
      await inEveryState(service, DOCS, async () => {
        const all = await hitsOf(service);
        expect(all).toHaveLength(217);
        for (const limit of [1, 7, 100, 217, 300]) {
          expect(await paged(service, { limit })).toEqual(all);
        }
        const params = { radius: 400, range_filter: 9 };
        const within = all.filter(([, score]) => score >= 9 && score < 400);
        expect(await paged(service, { limit: 5, params })).toEqual(within);
        const some = all.filter(([id]) => id < 50n);
        expect(await paged(service, { limit: 9, filter: 'id < 50' })).toEqual(some);
      });
    });

    it('are of one moment, whatever is written, sealed, merged and indexed between them', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 2 });
      await service.insert({ ...DOCS, rows: docs(0, 1500) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: docs(1500, 1600) });
      const before = await hitsOf(service, { limit: 2000 });
      const writes = [
        async () => await service.delete({ ...DOCS, filter: 'id < 90' }),
        async () => await service.upsert({ ...DOCS, rows: docs(200, 300, 1) }),
        async () => await service.flush(DOCS),
        async () => await service.createIndex(GRAPH),
        async () => await indexed(service),
        async () => await service.compact(DOCS),
        async () => await service.insert({ ...DOCS, rows: docs(3000, 3100) }),
        async () => await indexed(service),
      ];
      const pages = await paged(service, { limit: 60, params: { ef: 4096 } }, async (page) =>
        writes[page]?.(),
      );
      expect(pages).toEqual(before);
    });

    it('of equal scores are told apart by their keys', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 2 });
      const rows = docs(0, 500).map((row) => ({ ...row, vector: [Number(row['id']) % 3, 0] }));
      await service.insert({ ...DOCS, rows });
      await service.flush(DOCS);
      const data = [[0, 0]];
      const all = await hitsOf(service, { data });
      expect(await paged(service, { data, limit: 40 })).toEqual(all);
      expect(new Set(all.map(([id]) => id)).size).toBe(500);
    });

    it('are refused with an offset, and for several vectors', async () => {
      const { service } = await open();
      await createDocs(service);
      const page = { limit: 5, after: null };
      await expectRefusal(
        hitsOf(service, { ...page, offset: 2 }),
        1100,
        'Setting an offset is not permitted when using a search iterator v2',
      );
      const data = [
        [1, 2],
        [3, 4],
      ];
      await expectRefusal(
        hitsOf(service, { ...page, data }),
        1100,
        'search_iterator_v2 does not support processing multiple vectors simultaneously',
      );
    });

    it('need parameters as wide as one of them, however many are asked for at once', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 1500) });
      await service.flush(DOCS);
      await service.createIndex(GRAPH);
      await indexed(service);
      const page = { limit: 200, params: { ef: 50 }, after: null };
      await expectRefusal(hitsOf(service, page), 1100, 'ef(50) should be larger than k(200)');
      await expectRefusal(
        hitsOf(service, { ...page, batchSize: 60 }),
        1100,
        'ef(50) should be larger than k(60)',
      );
      expect(await hitsOf(service, { ...page, batchSize: 50 })).toHaveLength(200);
    });

    it('end where there is no row', async () => {
      const { service } = await open();
      await createDocs(service);
      const { results, pageEnd } = await service.search({
        ...DOCS,
        data: QUERY,
        limit: 5,
        after: null,
      });
      expect([results, pageEnd]).toEqual([[[]], null]);
    });
  });
}
