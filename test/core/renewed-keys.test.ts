import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { makeKeysOfSameShards } from '../../src/core/renewed-keys.ts';
import { primaryField } from '../../src/schema/fields.ts';
import { shardOf } from '../../src/schema/partition-hash.ts';
import { keyColumn, keysOf } from '../../src/schema/primary-key.ts';
import { schemaOf } from '../search/world.ts';
import {
  createDocs,
  DOCS,
  DOCS_DEFINITION,
  docs,
  expectRefusal,
} from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const [key, ...others] = DOCS_DEFINITION.fields ?? [];
const AUTO_ID = { fields: [{ ...must(key, 'there is a key'), autoId: true }, ...others] };

describe('new keys', () => {
  it('are in the shards of the old ones, each given once', async () => {
    const field = primaryField(schemaOf());
    const old = keyColumn(
      field,
      Array.from({ length: 500 }, (_, i) => BigInt(i * i)),
    );
    let next = 1_000_000n;
    const allocate = async (count: number): Promise<bigint> => {
      const first = next;
      next += BigInt(count);
      return await Promise.resolve(first);
    };
    for (const shardCount of [1, 2, 16]) {
      const made = await makeKeysOfSameShards({ field, old, shardCount }, allocate);
      expect(shardOf(made, shardCount)).toEqual(shardOf(old, shardCount));
      expect(new Set(keysOf(made)).size).toBe(500);
    }
  });
});

describe('a partial upsert of rows of generated keys', () => {
  it.each([1, 3])('completes them under new keys, in %i shards', async (shardCount) => {
    const world = await memoryWorld()();
    await createDocs(world.service, { ...AUTO_ID, shardCount });
    const given = docs(0, 20).map(({ tag, vector }, i) => ({ tag: `${String(tag)}-${i}`, vector }));
    const { ids } = await world.service.insert({ ...DOCS, rows: given });
    await world.service.flush(DOCS);
    const rows = ids.slice(0, 15).map((id, i) => ({ id, size: i }));
    const upserted = await world.service.upsert({ ...DOCS, rows, partial: true });
    expect(upserted.rowCount).toBe(15);
    expect(new Set([...upserted.ids, ...ids]).size).toBe(35);
    const check = async (): Promise<void> => {
      const outputFields = ['tag', 'size'];
      const changed = await world.service.query({ ...DOCS, ids: upserted.ids, outputFields });
      const found = new Map(changed.rows.map(({ id, tag, size }) => [id, { tag, size }]));
      for (const [i, id] of upserted.ids.entries()) {
        expect(found.get(id)).toEqual({ tag: given[i]?.tag, size: i });
      }
      expect(await world.service.count({ ...DOCS, ids: ids.slice(0, 15) })).toBe(0);
      expect(await world.service.count(DOCS)).toBe(20);
    };
    await check();
    await world.reopen();
    await check();
  });

  it('is refused where a row that is not there lacks a field', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service, AUTO_ID);
    const rows = [{ id: 1, size: 3 }];
    await expectRefusal(
      service.upsert({ ...DOCS, rows, partial: true }),
      1100,
      'has no corresponding fieldData pass in',
    );
    expect(await service.count(DOCS)).toBe(0);
  });
});
