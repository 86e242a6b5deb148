/** What the Service promises of indexes: definitions, what is said of them, and searches that name parameters. */
import { describe, expect, it } from 'vitest';
import type { Service } from '../../src/core/service.ts';
import { createDocs, DOCS, DOCS_DEFINITION, docs, expectRefusal } from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

const VECTOR = { ...DOCS, fieldName: 'vector', indexName: '' };
const NAMED = { ...DOCS, indexName: 'vector' };
const HNSW = { index_type: 'HNSW', metric_type: 'L2', M: '8' };

async function names(service: Service): Promise<string[]> {
  return (await service.describeCollection(DOCS)).indexes.map(({ name }) => name);
}

export function serviceIndexSuite(open: OpenWorld): void {
  describe('indexes', () => {
    it('are created, described as the user gave them, altered and dropped', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.createIndex({ ...VECTOR, params: HNSW });
      const [described] = await service.describeIndexes(NAMED);
      expect(described).toMatchObject({
        name: 'vector',
        fieldName: 'vector',
        params: HNSW,
        indexType: 'HNSW',
        metric: 'L2',
        builtAs: 'HNSW',
        state: 'Finished',
        totalRows: 0,
      });
      const mmap = { set: { 'mmap.enabled': 'true' } };
      await expectRefusal(service.alterIndex({ ...NAMED, ...mmap }), 104, "can't alter index");
      await expectRefusal(
        service.dropIndex(NAMED),
        1100,
        'vector index cannot be dropped on loaded collection',
      );
      await service.releaseCollection(DOCS);
      await service.alterIndex({ ...NAMED, ...mmap });
      const [altered] = await service.describeIndexes(NAMED);
      expect(altered?.params).toEqual({ ...HNSW, 'mmap.enabled': 'true' });
      await service.alterIndex({ ...NAMED, remove: ['mmap.enabled'] });
      expect((await service.describeIndexes(NAMED))[0]?.params).toEqual(HNSW);
      await service.dropIndex(NAMED);
      await service.dropIndex(NAMED);
      expect(await names(service)).toEqual([]);
    });

    it('are there again after reopening', async () => {
      const world = await open();
      await createDocs(world.service);
      await world.service.createIndex({ ...VECTOR, indexName: 'graph', params: HNSW });
      const before = await world.service.describeIndexes({ ...DOCS, indexName: '' });
      const service = await world.reopen();
      expect(await service.describeIndexes({ ...DOCS, indexName: '' })).toEqual(before);
    });

    it('may be created again just so, and there is one for a field', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.createIndex({ ...VECTOR, params: HNSW });
      await service.createIndex({ ...VECTOR, params: HNSW });
      await service.createIndex({ ...NAMED, fieldName: 'vector', params: HNSW });
      const { metric_type: _, ...withoutMetric } = HNSW;
      await service.createIndex({ ...VECTOR, params: withoutMetric });
      await service.releaseCollection(DOCS);
      await service.alterIndex({ ...NAMED, set: { 'mmap.enabled': 'true' } });
      await service.createIndex({ ...VECTOR, params: HNSW });
      for (const params of [{ ...HNSW, M: '9' }, { ...HNSW, metric_type: 'IP' }, {}]) {
        await expectRefusal(
          service.createIndex({ ...VECTOR, params }),
          1100,
          'at most one distinct index is allowed per field',
        );
      }
      await expectRefusal(
        service.createIndex({ ...VECTOR, indexName: 'other', params: HNSW }),
        1100,
        'creating multiple indexes on same field is not supported',
      );
      expect(await names(service)).toEqual(['vector']);
    });

    it('are refused in Milvus’s words, and nothing is created', async () => {
      const { service } = await open();
      await createDocs(service);
      const refused = async (request: object, text: string): Promise<void> =>
        await expectRefusal(service.createIndex({ ...VECTOR, params: {}, ...request }), 1100, text);
      await refused({ fieldName: 'none' }, 'cannot create index on non-exist field: none');
      await refused({ indexName: '1' }, 'The first character of a index name must be');
      await refused({ indexName: 'a-b' }, 'Index name can only contain numbers, letters');
      await refused({ indexName: 'a'.repeat(256) }, 'The length of a index name must be less');
      await refused({ params: { index_type: 'X' } }, 'invalid index type: X');
      await refused({ params: { ...HNSW, M: '1' } }, "param 'M' (1) should be in range [2, 2048]");
      await refused({ params: { ...HNSW, metric_type: 'HAMMING' } }, 'does not support metric');
      await refused({ params: 7 }, 'params must be an object');
      expect(await names(service)).toEqual([]);
      await expectRefusal(service.describeIndexes(NAMED), 700, 'index not found[indexName=vector]');
      await expectRefusal(
        service.describeIndexes({ ...DOCS, indexName: '' }),
        700,
        'index not found[collection=docs]',
      );
      const absent = { ...VECTOR, collectionName: 'none', params: HNSW };
      await expectRefusal(service.createIndex(absent), 100, 'collection not found');
    });

    it('come with a collection, all of them or nothing', async () => {
      const { service } = await open();
      const index = { fieldName: 'vector', indexName: 'v', params: HNSW };
      const wrong = { ...index, params: { ...HNSW, M: '0' } };
      await expectRefusal(
        service.createCollection('', { ...DOCS_DEFINITION, indexes: [wrong] }),
        1100,
        "param 'M' (0) should be in range",
      );
      expect(await service.hasCollection(DOCS)).toBe(false);
      const created = await service.createCollection('', { ...DOCS_DEFINITION, indexes: [index] });
      expect(created.indexes).toMatchObject([{ name: 'v', fieldName: 'vector', params: HNSW }]);
    });

    it('count only what they cover', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 20) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: docs(20, 25) });
      const described = async (index_type: string) => {
        await service.createIndex({ ...VECTOR, params: { index_type } });
        const [{ state, totalRows, indexedRows, pendingRows } = expect.unreachable()] =
          await service.describeIndexes(NAMED);
        await service.releaseCollection(DOCS);
        await service.dropIndex(NAMED);
        return [state, totalRows, indexedRows, pendingRows];
      };
      expect(await described('FLAT')).toEqual(['Finished', 20, 20, 0]);
      // Too few rows for more than a scan.
      expect(await described('HNSW')).toEqual(['Finished', 20, 20, 0]);
      expect(await described('IVF_FLAT')).toEqual(['Finished', 20, 20, 0]);
      expect(await described('DISKANN')).toEqual(['Finished', 20, 20, 0]);
    });
  });

  describe('a search of an indexed field', () => {
    it('finds what an exact one finds where the index is not built', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 30) });
      await service.flush(DOCS);
      const search = async (params: Record<string, unknown> = {}) => {
        const request = { ...DOCS, data: [7.2, 0], limit: 3, params };
        return (await service.search(request)).results[0]?.map(({ id }) => id);
      };
      expect(await search()).toEqual([7n, 8n, 6n]);
      await service.createIndex({ ...VECTOR, params: HNSW });
      expect(await search()).toEqual([7n, 8n, 6n]);
      expect(await search({ ef: 20, unknown: 1 })).toEqual([7n, 8n, 6n]);
    });

    it('has its parameters checked against the index and the hits wanted', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.createIndex({ ...VECTOR, params: HNSW });
      const refused = async (request: object, text: string): Promise<void> =>
        await expectRefusal(
          service.search({ ...DOCS, data: [1, 2], limit: 10, ...request }),
          1100,
          text,
        );
      await refused({ params: { ef: 1 } }, 'ef(1) should be larger than k(10)');
      await refused({ params: { ef: 12 }, offset: 3 }, 'ef(12) should be larger than k(13)');
      await refused({ params: { ef: '12.0' } }, "wrong data type in json, key: 'ef'");
      await refused({ params: { ef: true } }, "param 'ef' (true) should be integer");
      await refused({ params: 7 }, 'params must be an object');
    });

    it('has the metric of the index', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(1, 4) });
      await service.createIndex({ ...VECTOR, params: { ...HNSW, metric_type: 'IP' } });
      const { results } = await service.search({ ...DOCS, data: [2, 0], limit: 3 });
      expect(results[0]?.map(({ id, score }) => [id, score])).toEqual([
        [3n, 6],
        [2n, 4],
        [1n, 2],
      ]);
      await expectRefusal(
        service.search({ ...DOCS, data: [2, 0], limit: 3, metric: 'L2' }),
        1100,
        'metric type not match: invalid parameter[expected=IP][actual=L2]',
      );
    });

    it('has no more hits than rows that match, by a metric that only matches', async () => {
      const { service } = await open();
      const vector = { name: 'vector', type: 'BinaryVector', dim: 16 } as const;
      const fields = [...DOCS_DEFINITION.fields.slice(0, 1), vector];
      await createDocs(service, { fields });
      const rows = [
        [1, 0],
        [3, 1],
        [0, 1],
        [7, 9],
        [3, 1],
      ].map(([low, high], id) => ({ id: BigInt(id), vector: Uint8Array.of(low!, high!) }));
      await service.insert({ ...DOCS, rows: rows.slice(0, 3) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: rows.slice(3) });
      const found = async (index: Readonly<Record<string, string>>, params = {}) => {
        await service.createIndex({ ...VECTOR, indexName: 'by', params: index });
        const data = [Uint8Array.of(3, 1)];
        const { results } = await service.search({ ...DOCS, data, limit: 10, params });
        await service.releaseCollection(DOCS);
        await service.dropIndex({ ...DOCS, indexName: 'by' });
        await service.loadCollection(DOCS);
        return results.flat().map(({ id, score }) => [Number(id), score]);
      };
      const binFlat = { index_type: 'BIN_FLAT' };
      expect(await found({ ...binFlat, metric_type: 'SUBSTRUCTURE' })).toEqual([
        [1, 0],
        [3, 0],
        [4, 0],
      ]);
      expect(await found({ ...binFlat, metric_type: 'SUPERSTRUCTURE' })).toEqual([
        [0, 0],
        [1, 0],
        [2, 0],
        [4, 0],
      ]);
      const signatures = { index_type: 'MINHASH_LSH', metric_type: 'MHJACCARD' };
      expect(await found(signatures)).toEqual([
        [1, 1],
        [4, 1],
      ]);
      expect(await found({ ...signatures, mh_lsh_band: '2' })).toEqual([
        [1, 1],
        [2, 1],
        [4, 1],
      ]);
      expect(await found(signatures, { mh_search_with_jaccard: true })).toEqual([
        [1, 1],
        [4, 1],
        [2, 0.5],
      ]);
    });
  });
}
