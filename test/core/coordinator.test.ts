import { describe, expect, it } from 'vitest';
import { directCalls, type Transport } from '../../src/core/engine.ts';
import type { CollectionInfo, Shards } from '../../src/core/ports.ts';
import { createDocs, DOCS, DOCS_DEFINITION, docs } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

/** What the shards hear of collections, and what is asked of them besides, in order. */
function listening(heard: string[], infos: CollectionInfo[] = []): Transport {
  const shards = (port: Shards): Shards =>
    new Proxy(port, {
      get(target, key) {
        const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
        return async (...all: unknown[]): Promise<unknown> => {
          heard.push(String(key));
          if (key === 'applyCollection') {
            infos.push((all[0] as { collection: CollectionInfo }).collection);
          }
          return await original.apply(target, all);
        };
      },
    });
  return { ...directCalls, shards };
}

describe('the coordinator', () => {
  it('tells the shards of every change, with the schema as it then is', async () => {
    const infos: CollectionInfo[] = [];
    const { service } = await memoryWorld(listening([], infos))();
    await createDocs(service);
    await service.addField({ ...DOCS, field: { name: 'rank', type: 'Int8', nullable: true } });
    await service.renameCollection({ ...DOCS, newName: 'texts', newDatabaseName: null });
    expect(infos.map(({ name, loaded, schema }) => [name, loaded, schema.version])).toEqual([
      ['docs', false, 0],
      ['docs', true, 0],
      ['docs', true, 1],
      ['texts', true, 1],
    ]);
  });

  it('lets nobody write to a partition before its rows are taken away', async () => {
    const heard: string[] = [];
    const { service } = await memoryWorld(listening(heard))();
    await createDocs(service, { shardCount: 2 });
    const hot = { ...DOCS, partitionName: 'hot' };
    await service.createPartition(hot);
    await service.releasePartitions({ ...DOCS, partitionNames: ['hot'] });
    heard.length = 0;
    await service.dropPartition(hot);
    expect(heard).toEqual(['applyCollection', 'dropPartition', 'dropPartition']);
    heard.length = 0;
    await service.dropPartition(hot);
    await service.dropCollection({ ...DOCS, collectionName: 'none' });
    expect(heard).toEqual([]);
  });

  it('answers reads of the catalog without a shard', async () => {
    const heard: string[] = [];
    const { service } = await memoryWorld(listening(heard))();
    await createDocs(service);
    heard.length = 0;
    await service.describeCollection(DOCS);
    await service.listCollections('');
    await service.hasPartition({ ...DOCS, partitionName: '_default' });
    expect(heard).toEqual([]);
  });

  it('gives ids and timestamps only once to many who ask at once', async () => {
    const { service } = await memoryWorld()();
    const [, ...others] = DOCS_DEFINITION.fields;
    const key = { name: 'id', type: 'Int64', isPrimaryKey: true, autoId: true } as const;
    await createDocs(service, { fields: [key, ...others], shardCount: 3 });
    const rows = docs(0, 7).map(({ tag, vector }) => ({ tag, vector }));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => service.insert({ ...DOCS, rows })),
    );
    expect(new Set(answers.flatMap(({ ids }) => ids)).size).toBe(140);
    const stamps = await Promise.all(Array.from({ length: 20 }, () => service.allocateTimestamp()));
    expect(new Set(stamps).size).toBe(20);
    expect(await service.count(DOCS)).toBe(140);
  });
});
