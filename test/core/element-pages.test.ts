import { describe, expect, it } from 'vitest';
import type { Hit, SearchPageEnd } from '../../src/core/requests.ts';
import { memoryWorld } from '../suites/service-world.ts';

const REF = { databaseName: '', collectionName: 'albums' };

/** Many elements are equally far: a page may end between two of one row, of one score. */
async function fill(): ReturnType<ReturnType<typeof memoryWorld>> {
  const world = await memoryWorld()();
  const { service } = world;
  await service.createCollection('', {
    name: REF.collectionName,
    shardCount: 2,
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'vector', type: 'FloatVector', dim: 2 },
    ],
    structs: [
      {
        name: 'parts',
        maxCapacity: 16,
        fields: [
          { name: 'size', type: 'Int32' },
          { name: 'face', type: 'FloatVector', dim: 2 },
        ],
      },
    ],
  });
  await service.loadCollection(REF);
  const rows = Array.from({ length: 40 }, (_, id) => ({
    id,
    vector: [id, 0],
    parts: Array.from({ length: id % 6 }, (__, place) => ({
      size: place,
      face: [(id * 7 + place) % 4, 0],
    })),
  }));
  await service.insert({ ...REF, rows: rows.slice(0, 25) });
  await service.flush(REF);
  await service.insert({ ...REF, rows: rows.slice(25) });
  await service.upsert({ ...REF, rows: rows.slice(3, 6) });
  return world;
}

const placesOf = (hits: readonly Hit[]): string[] =>
  hits.map(({ id, element, score }) => `${score} ${id}.${element}`);

describe('pages of hits that are elements', () => {
  it.each([
    [1, ''],
    [3, ''],
    [7, 'element_filter(parts, $[size] > 1)'],
  ])('of %i give every element once, in the order of one search; %s', async (limit, filter) => {
    const world = await fill();
    const { service } = world;
    const search = {
      ...REF,
      filter,
      fieldName: 'parts[face]',
      metric: 'L2',
      data: [1, 0],
    } as const;
    const snapshotTimestamp = await service.allocateTimestamp();
    const whole = await service.search({ ...search, snapshotTimestamp, limit: 1000 });
    const expected = placesOf(whole.results[0] ?? []);
    expect(expected.length).toBeGreaterThan(30);
    const seen: string[] = [];
    let after: SearchPageEnd | null = null;
    for (;;) {
      const page = await service.search({ ...search, snapshotTimestamp, limit, after });
      const hits = page.results[0] ?? [];
      seen.push(...placesOf(hits));
      after = page.pageEnd;
      // What is written meanwhile is no part of the moment.
      if (seen.length === limit) {
        await service.delete({ ...REF, ids: [0n, 1n, 2n, 3n] });
        await service.flush(REF);
      }
      if (hits.length < limit) break;
    }
    expect(seen).toEqual(expected);
  });
});
