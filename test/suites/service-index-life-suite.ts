/** What the Service promises of indexes that are built: answers are those of a scan, whatever happens to rows. */
import { describe, expect, it } from 'vitest';
import type { SearchRowsRequest } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import { builtSegments, found, GRAPH, indexed } from './index-fixtures.ts';
import { createDocs, DOCS, docs } from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

const ROWS = 1200;
/** Wide enough for a graph of these rows to be exact. */
const WIDE = { params: { ef: 4096 } };

async function sealed(service: Service): Promise<void> {
  await createDocs(service);
  await service.insert({ ...DOCS, rows: docs(0, ROWS) });
  await service.flush(DOCS);
}

export function serviceIndexLifeSuite(open: OpenWorld): void {
  describe('indexes of sealed rows', () => {
    it('are built behind a flush, and found by the next opening without being built again', async () => {
      const world = await open();
      await createDocs(world.service);
      await world.service.createIndex(GRAPH);
      await world.service.insert({ ...DOCS, rows: docs(0, ROWS) });
      await world.service.flush(DOCS);
      await indexed(world.service);
      expect(await builtSegments(world.service)).toBe(1);
      const answer = '100:0.040 101:0.640 99:1.440 102:3.240 98:4.840';
      expect(await found(world.service, WIDE)).toBe(answer);
      const before = await world.service.shardStates(DOCS);
      const service = await world.reopen();
      expect(await service.shardStates(DOCS)).toEqual(before);
      expect(await found(service, WIDE)).toBe(answer);
    });

    it('answer as a scan does, whatever was deleted, replaced, filtered or comes later', async () => {
      const { service } = await open();
      await sealed(service);
      await service.delete({ ...DOCS, ids: [100n, 99n] });
      await service.upsert({
        ...DOCS,
        rows: [{ id: 101, tag: 'far', size: 1, vector: [900.5, 0] }],
      });
      await service.insert({
        ...DOCS,
        rows: [{ id: 5000, tag: 'new', size: 1, vector: [100, 0] }],
      });
      const requests: Partial<SearchRowsRequest>[] = [
        WIDE,
        { ...WIDE, limit: ROWS * 2, params: { ef: ROWS * 2 } },
        { ...WIDE, limit: 600, params: { ef: 4096 } },
        { ...WIDE, filter: 'id % 2 == 1' },
        { ...WIDE, filter: 'id < 3 or id > 1196' },
        { ...WIDE, filter: 'id < 0' },
        { ...WIDE, data: [[900.4, 0]] },
        { ...WIDE, limit: 4, offset: 3 },
        {},
      ];
      const answers = async (): Promise<string[]> => {
        const all: string[] = [];
        for (const { params: _, ...request } of requests) all.push(await found(service, request));
        return all;
      };
      const scanned = await answers();
      await service.createIndex(GRAPH);
      await indexed(service);
      expect(await builtSegments(service)).toBe(1);
      for (const [i, request] of requests.entries()) {
        expect(await found(service, request), JSON.stringify(request)).toBe(scanned[i]);
      }
      await service.flush(DOCS);
      await indexed(service);
      for (const [i, request] of requests.entries()) {
        expect(await found(service, request), JSON.stringify(request)).toBe(scanned[i]);
      }
    });

    it('order equal scores by key', async () => {
      const { service } = await open();
      await createDocs(service);
      const rows = docs(0, ROWS).map((row) => ({ ...row, vector: [Number(row['id']) % 400, 0] }));
      await service.insert({ ...DOCS, rows: rows.reverse() });
      await service.flush(DOCS);
      await service.createIndex(GRAPH);
      await indexed(service);
      const answer = '100:0.040 500:0.040 900:0.040 101:0.640 501:0.640';
      expect(await found(service, WIDE)).toBe(answer);
    });

    it('answer many queries, each its own', async () => {
      const { service } = await open();
      await sealed(service);
      await service.createIndex(GRAPH);
      await indexed(service);
      const data = Array.from({ length: 30 }, (_, i) => [i * 40 + 0.1, 0]);
      const { results } = await service.search({ ...DOCS, data, limit: 2, ...WIDE });
      expect(results.map((hits) => hits.map(({ id }) => Number(id)))).toEqual(
        data.map(([x]) => [Math.round(x!), Math.round(x!) + 1]),
      );
    });

    it('follow compaction, and go with their definition', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.createIndex(GRAPH);
      for (let i = 0; i < 4; i++) {
        await service.insert({ ...DOCS, rows: docs(i * 400, i * 400 + 400) });
        await service.flush(DOCS);
      }
      await service.compact(DOCS);
      await indexed(service);
      expect(await builtSegments(service)).toBe(1);
      const answer = await found(service, WIDE);
      await service.releaseCollection(DOCS);
      await service.dropIndex({ ...DOCS, indexName: 'graph' });
      await service.loadCollection(DOCS);
      for (let turn = 0; turn < 20_000 && (await builtSegments(service)) > 0; turn++) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      expect(await builtSegments(service)).toBe(0);
      expect(await found(service)).toBe(answer);
    });
  });
}
