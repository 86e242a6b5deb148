import { describe, expect, it } from 'vitest';
import { keysOfRows, latestPlan } from '../../src/core/latest-rows.ts';
import { primaryField } from '../../src/schema/fields.ts';
import { keyColumn } from '../../src/schema/primary-key.ts';
import { createDocs, DOCS } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

describe('the rows of now', () => {
  it('are all that live, and their keys stand behind each other', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service, { properties: { 'collection.ttl.seconds': 60 } });
    const collection = await service.describeCollection(DOCS);
    const plan = latestPlan(collection, [100], { timestamp: 9n << 18n, nowMs: 100_000 });
    expect(plan).toMatchObject({ timestamp: 9n << 18n, expiredBefore: 40_000n << 18n });
    expect(plan).toMatchObject({ filter: null, keys: null, outputFieldIds: [100] });
    const field = primaryField(collection.schema);
    const rows = [[1n, 2n], [3n]].map((keys, partitionId) => {
      const columns = new Map([[field.id, keyColumn(field, keys)]]);
      return { partitionId, batch: { rowCount: keys.length, columns } };
    });
    const values = BigInt64Array.of(1n, 2n, 3n);
    expect(keysOfRows(rows, field)).toEqual({ kind: 'int64', values });
  });
});
