import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { directCalls, type Transport } from '../../src/core/engine.ts';
import type { Shards } from '../../src/core/ports.ts';
import { createDocs, DOCS, DOCS_DEFINITION, docs } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const [key, ...others] = DOCS_DEFINITION.fields ?? [];
const AUTO_ID = { fields: [{ ...key!, autoId: true }, ...others] };

/** One shard takes the rows of an upsert and flushes them, another does not know the schema at first. */
function mismatchOnce(): Transport {
  let upserts = 0;
  const shards = (port: Shards): Shards =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        if (name !== 'insert') return (method as () => unknown).bind(target);
        return async (...[request, call]: Parameters<Shards['insert']>) => {
          if (request.upsert) upserts++;
          if (request.upsert && upserts === 2) throw milvusError('SchemaMismatch', {});
          const answer = await target.insert(request, call);
          await target.flush(request, call);
          return answer;
        };
      },
    });
  return { ...directCalls, shards };
}

describe('a write that one of two shards refused at first', () => {
  it('upserts rows of generated keys once', async () => {
    const { service } = await memoryWorld(mismatchOnce())();
    await createDocs(service, { ...AUTO_ID, shardCount: 2 });
    const keyless = docs(0, 20).map((row) => ({ tag: row['tag'], size: 0, vector: row['vector'] }));
    const { ids } = await service.insert({ ...DOCS, rows: keyless });
    const rows = docs(0, 20, 1).map((row, i) => ({ ...row, id: ids[i]! }));
    await service.upsert({ ...DOCS, rows });
    expect(await service.count(DOCS)).toBe(20);
    const { rows: found } = await service.query({ ...DOCS, filter: 'size == 1' });
    expect(found).toHaveLength(20);
  });
});

describe('the property allow_insert_auto_id', () => {
  it.each(['true', 'True', '1', 't'])('may be %s', async (value) => {
    const { service } = await memoryWorld()();
    await createDocs(service, { ...AUTO_ID, properties: { allow_insert_auto_id: value } });
    const { ids } = await service.insert({ ...DOCS, rows: docs(3, 5) });
    expect(ids).toEqual([3n, 4n]);
  });
});
