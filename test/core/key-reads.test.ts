/** Which shards, partitions and rows a read goes to when its filter names keys. */
import { describe, expect, it } from 'vitest';
import type { Transport } from '../../src/core/engine.ts';
import { directCalls } from '../../src/core/engine.ts';
import type { ReadRequest, Shards } from '../../src/core/ports.ts';
import type { CollectionRef } from '../../src/core/references.ts';
import type { Row } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import { keyCount } from '../../src/segments/key-list.ts';
import type { QueryPlan, SearchPlan } from '../../src/search/plan.ts';
import { expectRefusal, inEveryState } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const TENANTS: CollectionRef = { databaseName: '', collectionName: 'tenants' };

interface Asked {
  readonly shardId: number;
  readonly plan: QueryPlan | SearchPlan;
}

/** A world that writes down what shards are asked. */
function watched(): { readonly asked: Asked[]; readonly transport: Transport } {
  const asked: Asked[] = [];
  const note = (request: ReadRequest<QueryPlan | SearchPlan>): void => {
    asked.push({ shardId: request.shardId, plan: request.plan });
  };
  const shards = (port: Shards): Shards =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...parameters: unknown[]): unknown => {
          if (name === 'query' || name === 'search') note(parameters[0] as never);
          return method.apply(target, parameters);
        };
      },
    });
  return { asked, transport: { ...directCalls, shards } };
}

async function createTenants(service: Service, properties = {}): Promise<Row[]> {
  await service.createCollection('', {
    name: 'tenants',
    shardCount: 3,
    partitionCount: 8,
    properties,
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'tenant', type: 'VarChar', maxLength: 9, isPartitionKey: true },
      { name: 'n', type: 'Int32' },
      { name: 'v', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
    ],
  } as never);
  await service.loadCollection(TENANTS);
  const rows = Array.from({ length: 300 }, (_, id) => ({
    id: BigInt(id),
    tenant: `t${id % 20}`,
    n: id % 7,
    v: [id, 0],
  }));
  await service.insert({ ...TENANTS, rows });
  return rows;
}

const FILTERS: readonly string[] = [
  'tenant == "t3"',
  'tenant in ["t3", "t4"]',
  'tenant == "t3" and n > 2',
  'tenant == "t3" or tenant == "t9"',
  'tenant == "t3" or n > 2',
  'tenant == "none"',
  'tenant in []',
  'tenant > "t3"',
];

describe('a filter that names partition keys', () => {
  it('is asked of their partitions, with the same rows as elsewhere', async () => {
    const { asked, transport } = watched();
    const { service } = await memoryWorld(transport)();
    await createTenants(service);
    await inEveryState(service, TENANTS, async () => {
      for (const filter of FILTERS) {
        asked.length = 0;
        const read = { ...TENANTS, filter };
        const { rows } = await service.query(read);
        const { results } = await service.search({ ...read, data: [[0, 0]], limit: 300 });
        // The same condition in a form that says nothing of partitions.
        const all = await service.query({ ...TENANTS, filter: `not (not (${filter}))` });
        expect(rows, filter).toEqual(all.rows);
        expect(results[0]).toHaveLength(rows.length);
      }
    });
    const partitionsOf = async (filter: string): Promise<number | null> => {
      asked.length = 0;
      await service.query({ ...TENANTS, filter });
      return asked[0]!.plan.partitionIds?.length ?? null;
    };
    expect(await partitionsOf('tenant == "t3"')).toBe(1);
    expect(await partitionsOf('tenant in []')).toBe(0);
    expect(await partitionsOf('tenant == "t3" or n > 2')).toBeNull();
    expect(await partitionsOf('tenant in ["t3", "t4"] and n > 2')).toBeLessThanOrEqual(2);
  });

  it('must name one where keys are isolated', async () => {
    const { service } = await memoryWorld()();
    await createTenants(service, { 'partitionkey.isolation': 'true' });
    const search = (filter: string): Promise<unknown> =>
      service.search({ ...TENANTS, data: [[0, 0]], limit: 3, filter });
    expect(await search('tenant == "t3" and n >= 0')).toMatchObject({
      results: [[{ id: 3n }, { id: 23n }, { id: 43n }]],
    });
    await expectRefusal(search(''), 1100, 'partition key not found in expr');
    await expectRefusal(search('n > 1'), 1100, 'partition key not found in expr');
    await expectRefusal(search('tenant in ["t1"] or n > 1'), 1100, 'does not support');
    await expectRefusal(search('tenant in ["t1", "t2"]'), 1100, 'does not support IN');
    expect((await service.query({ ...TENANTS, filter: 'n == 1', limit: 9 })).rows).toHaveLength(9);
  });
});

describe('a filter that names primary keys', () => {
  it('is looked up by them, on the shards that have them', async () => {
    const { asked, transport } = watched();
    const { service } = await memoryWorld(transport)();
    await createTenants(service);
    await service.delete({ ...TENANTS, ids: [5n] });
    await inEveryState(service, TENANTS, async () => {
      asked.length = 0;
      const one = await service.query({ ...TENANTS, filter: 'id == 7', outputFields: ['n'] });
      expect(one.rows).toEqual([{ id: 7n, n: 0 }]);
      expect(asked).toHaveLength(1);
      expect(keyCount((asked[0]!.plan as QueryPlan).keys!)).toBe(1);
      const some = await service.query({ ...TENANTS, filter: 'id in [5, 9, 8, 999] and n > 1' });
      expect(some.rows).toEqual([{ id: 9n }]);
      expect(await service.count({ ...TENANTS, filter: 'id in [5, 9, 8, 999]' })).toBe(2);
      const page = { ...TENANTS, filter: 'id in [3, 1, 2]', limit: 2, afterKey: 1n };
      expect((await service.query(page)).rows).toEqual([{ id: 2n }, { id: 3n }]);
      const [first] = (await service.query({ ...TENANTS, filter: 'id in []' })).rows;
      expect(first).toBeUndefined();
      asked.length = 0;
      expect((await service.query({ ...TENANTS, ids: [7n] })).rows).toEqual([{ id: 7n }]);
      expect(asked).toHaveLength(1);
    });
  });
});

describe('a collection for very many hits', () => {
  it('answers more than others may ask for', async () => {
    const { service } = await memoryWorld()();
    const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, v: [id, 0] }));
    const create = async (name: string, properties: Record<string, string>) => {
      await service.createCollection('', {
        name,
        properties,
        fields: [
          { name: 'id', type: 'Int64', isPrimaryKey: true },
          { name: 'v', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
        ],
      } as never);
      const ref = { databaseName: '', collectionName: name };
      await service.loadCollection(ref);
      return ref;
    };
    const large = await create('large', { query_mode: 'large_topk' });
    await service.insert({ ...large, rows });
    const data = [[0, 0]];
    const { results } = await service.search({ ...large, data, limit: 17_000, offset: 1000 });
    expect(results[0]!.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: 17_000 }, (_, i) => i + 1000),
    );
    expect((await service.query({ ...large, limit: 19_000 })).rows).toHaveLength(19_000);
    await expectRefusal(
      service.search({ ...large, data, limit: 1_000_001 }),
      1100,
      'topk [1000001] is invalid, it should be in range [1, 1000000]',
    );
    const small = await create('small', {});
    await expectRefusal(
      service.search({ ...small, data, limit: 17_000 }),
      1100,
      'it should be in range [1, 16384], but got 17000',
    );
  });
});
