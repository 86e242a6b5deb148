import { describe, expect, it } from 'vitest';
import { RESTORE_JOB_COUNT_MAX } from '../../src/base/limits.ts';
import { directCalls } from '../../src/core/engine.ts';
import type { CollectionInfo, Shards } from '../../src/core/ports.ts';
import type { CollectionRef } from '../../src/core/references.ts';
import type { Service } from '../../src/core/service.ts';
import { encodedTransport } from '../suites/encoded-transport.ts';
import { createDocs, DOCS, doc, docs, expectRefusal, tags } from '../suites/service-fixtures.ts';
import { directoryWorld, memoryWorld } from '../suites/service-world.ts';

const HOUR_MS = 60 * 60 * 1000;
const COPY: CollectionRef = { databaseName: '', collectionName: 'copy' };

const named = (snapshotName: string): CollectionRef & { snapshotName: string } => ({
  ...DOCS,
  snapshotName,
});

async function take(service: Service, name: string, flush = true): Promise<void> {
  const rest = { description: `of ${name}`, protectionSeconds: 0, flush };
  await service.snapshots.create({ ...named(name), ...rest });
}

async function restore(
  service: Service,
  name: string,
  targetName = 'copy',
): Promise<CollectionRef> {
  await service.snapshots.restore({ ...named(name), targetDatabaseName: '', targetName });
  const ref = { databaseName: '', collectionName: targetName };
  await service.loadCollection(ref);
  return ref;
}

async function all(service: Service, ref: CollectionRef): Promise<string> {
  return await tags(service, ref);
}

describe.each([
  ['in memory', memoryWorld()],
  ['with every call encoded', memoryWorld(encodedTransport())],
  ['in a directory', directoryWorld()],
])('a snapshot %s', (_, open) => {
  it.each([1, 3])(
    'is what the collection was, whatever comes after, on %i shards',
    async (shardCount) => {
      const world = await open();
      let { service } = world;
      await createDocs(service, { shardCount });
      await service.insert({ ...DOCS, rows: docs(0, 20) });
      await service.flush(DOCS);
      await service.delete({ ...DOCS, ids: [3n, 4n] });
      await service.upsert({ ...DOCS, rows: [doc(5, 1)] });
      await service.insert({ ...DOCS, rows: docs(20, 23) });
      const expected = await all(service, DOCS);
      await take(service, 'before');
      await service.delete({ ...DOCS, filter: 'id >= 7' });
      await service.upsert({ ...DOCS, rows: docs(0, 3, 9) });
      await service.insert({ ...DOCS, rows: docs(30, 40) });
      await service.flush(DOCS);
      await service.compact(DOCS);
      await service.insert({ ...DOCS, rows: docs(40, 42) });
      const now = await all(service, DOCS);
      service = await world.reopen();

      const copy = await restore(service, 'before');
      expect(await all(service, copy)).toBe(expected);
      const { results } = await service.search({ ...copy, data: [[21, 0]], limit: 3 });
      expect(results[0]?.map(({ id }) => Number(id))).toEqual([21, 20, 22]);
      await service.insert({ ...copy, rows: [doc(50)] });
      await service.delete({ ...copy, ids: [0n] });
      await service.flush(copy);
      await service.compact(copy);
      const changed = `${expected} 50/0`.replace('0/0 ', '');
      expect(await all(service, copy)).toBe(changed);
      expect(await all(service, DOCS)).toBe(now);

      await service.snapshots.drop(named('before'));
      await service.dropCollection(DOCS);
      world.clock.advance(3 * HOUR_MS);
      service = await world.reopen();
      world.clock.advance(3 * HOUR_MS);
      expect(await all(service, copy)).toBe(changed);
      await service.compact(copy);
      expect(await all(await world.reopen(), copy)).toBe(changed);
    },
  );

  it('keeps partitions, indexes, properties and the shape of the collection', async () => {
    const { service } = await open();
    await createDocs(service, { shardCount: 2, properties: { 'mmap.enabled': 'true' } });
    await service.createPartition({ ...DOCS, partitionName: 'hot' });
    await service.createPartition({ ...DOCS, partitionName: 'gone' });
    await service.loadCollection(DOCS);
    const params = { index_type: 'HNSW', metric_type: 'L2', M: '4', efConstruction: '20' };
    await service.createIndex({ ...DOCS, fieldName: 'vector', indexName: 'near', params });
    for (const [i, partitionName] of ['_default', 'hot', 'gone'].entries()) {
      await service.insert({ ...DOCS, partitionName, rows: docs(i * 10, i * 10 + 5) });
    }
    await take(service, 's');
    await service.releasePartitions({ ...DOCS, partitionNames: ['gone'] });
    await service.dropPartition({ ...DOCS, partitionName: 'gone' });
    const copy = await restore(service, 's');
    const made = await service.describeCollection(copy);
    const source = await service.describeCollection(DOCS);
    expect(made.partitions.map(({ name }) => name)).toEqual(['_default', 'hot', 'gone']);
    expect(made.schema).toEqual({ ...source.schema, name: 'copy' });
    const shape = ({ properties, consistencyLevel }: CollectionInfo): object => {
      return { properties, consistencyLevel };
    };
    expect(shape(made)).toEqual(shape(source));
    expect(made.indexes).toMatchObject([{ name: 'near', fieldName: 'vector', params }]);
    expect(made.indexes[0]?.id).not.toBe(source.indexes[0]?.id);
    expect(made.shardIds).toHaveLength(2);
    const gone = await tags(service, { ...copy, partitionNames: ['gone'] });
    expect(gone).toBe('20/0 21/0 22/0 23/0 24/0');
    expect(await tags(service)).not.toContain('20/0');
  });
});

describe('snapshots', () => {
  it('hold what is flushed already, where that is what is asked for', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 3) });
    await service.flush(DOCS);
    await service.insert({ ...DOCS, rows: docs(3, 5) });
    await service.delete({ ...DOCS, ids: [0n] });
    await take(service, 'flushed', false);
    expect(await all(service, await restore(service, 'flushed'))).toBe('0/0 1/0 2/0');
  });

  it('hold what is flushed on one shard while rows of another are not', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service, { shardCount: 2 });
    const shardsWithRows = async (): Promise<number> => {
      const states = await service.shardStates(DOCS);
      return states.filter(({ segments }) => segments.length > 0).length;
    };
    let next = 0;
    for (; next === 0 || (await shardsWithRows()) === 1; next++) {
      if (next > 0) await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: [doc(next)] });
    }
    const flushed = docs(0, next - 1).map(({ tag }) => tag);
    expect(flushed).not.toEqual([]);
    await take(service, 'flushed', false);
    expect(await all(service, await restore(service, 'flushed'))).toBe(flushed.join(' '));
  });

  it('may be of a collection without rows', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service);
    await take(service, 'empty');
    await service.insert({ ...DOCS, rows: docs(0, 3) });
    const copy = await restore(service, 'empty');
    expect(await all(service, copy)).toBe('');
    await service.insert({ ...copy, rows: docs(5, 6) });
    expect(await all(service, copy)).toBe('5/0');
  });

  it('are of one moment beside a writer, on every shard', async () => {
    const world = await memoryWorld()();
    const { service } = world;
    await createDocs(service, { shardCount: 4 });
    let next = 0;
    const write = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        // One after the other: who has one has all before it.
        await service.insert({ ...DOCS, rows: [doc(next)] });
        next++;
        if (i % 10 === 9) await service.delete({ ...DOCS, ids: [BigInt(next - 5)] });
      }
    };
    await write();
    const before = next;
    const writing = write();
    await take(service, 'amid');
    await writing;
    await service.flush(DOCS);
    await service.compact(DOCS);
    const copy = await restore(service, 'amid');
    const ids = (await all(service, copy)).split(' ').map((tag) => Number(tag.split('/')[0]));
    const last = ids.at(-1) ?? 0;
    expect(last).toBeGreaterThanOrEqual(before - 1);
    const gone = [5, 15, 25, 35, 45, 55].filter((id) => !ids.includes(id));
    const expected = Array.from({ length: last + 1 }, (__, id) => id);
    expect(ids).toEqual(expected.filter((id) => !gone.includes(id)));
  });

  it.each([
    ['of the moment they were asked for, whatever is compacted from then on', 'cut', 30],
    ['of a later moment where rows of that are compacted already', 'keep', 10],
  ] as const)('are %s', async (_name, step, rowCount) => {
    const stage: { meanwhile: (() => Promise<void>) | null } = { meanwhile: null };
    const shards = (port: Shards): Shards =>
      new Proxy(port, {
        get(target, name) {
          const method = Reflect.get(target, name) as (...asked: unknown[]) => Promise<unknown>;
          if (name !== step) return method.bind(target);
          return async (...asked: unknown[]) => {
            const answer = step === 'cut' ? await method.apply(target, asked) : undefined;
            const { meanwhile } = stage;
            stage.meanwhile = null;
            await meanwhile?.();
            return step === 'cut' ? answer : await method.apply(target, asked);
          };
        },
      });
    const { service } = await memoryWorld({ ...directCalls, shards })();
    await createDocs(service, { shardCount: 3 });
    await service.insert({ ...DOCS, rows: docs(0, 30) });
    await service.flush(DOCS);
    stage.meanwhile = async () => {
      await service.delete({ ...DOCS, filter: 'id >= 10' });
      await service.flush(DOCS);
      await service.compact(DOCS);
    };
    await take(service, 'amid');
    expect(stage.meanwhile).toBeNull();
    const expected = docs(0, rowCount).map(({ tag }) => tag);
    expect(await all(service, await restore(service, 'amid'))).toBe(expected.join(' '));
  });

  it('are read of no moment before the new collection began', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 3) });
    await take(service, 's');
    const then = await service.allocateTimestamp();
    const copy = await restore(service, 's');
    await expectRefusal(tags(service, { ...copy, snapshotTimestamp: then }), 12_005, 'too long');
  });

  it('are named once a collection, listed and described, and go with it', async () => {
    const { service, clock } = await memoryWorld()();
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 1) });
    await take(service, 'a');
    clock.advance(1000);
    await take(service, 'b');
    const { snapshots } = service;
    expect((await snapshots.list(DOCS)).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await snapshots.describe(named('b'))).toMatchObject({
      name: 'b',
      description: 'of b',
      collectionName: 'docs',
      partitionNames: ['_default'],
      createdMs: clock.nowMs(),
    });
    await expectRefusal(take(service, 'a'), 1100, 'snapshot name a already exists in collection');
    await expectRefusal(snapshots.describe(named('c')), 2600, 'snapshot not found[snapshot=c]');
    await snapshots.drop(named('c'));
    await snapshots.drop(named('a'));
    const other = await createDocs(service, { name: 'other' });
    expect(await snapshots.list(other)).toEqual([]);
    await service.renameCollection({ ...other, newName: 'renamed', newDatabaseName: null });
    await service.dropCollection(DOCS);
    await createDocs(service);
    expect(await snapshots.list(DOCS)).toEqual([]);
  });

  it('refuse what cannot be', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service);
    const rest = { description: '', protectionSeconds: 0, flush: true };
    const create = (name: string, more: object = {}): Promise<unknown> =>
      service.snapshots.create({ ...named(name), ...rest, ...more });
    await expectRefusal(create(' '), 1100, 'snapshot name should be not empty');
    await expectRefusal(create('a-b'), 1100, 'snapshot name can only contain');
    await expectRefusal(create('1a'), 1100, 'the first character of snapshot name');
    await expectRefusal(create('s'.repeat(256)), 1100, 'must be not greater than limit');
    const negative = create('a', { protectionSeconds: -1 });
    await expectRefusal(negative, 1100, 'compaction_protection_seconds must be non-negative');
    const long = create('a', { protectionSeconds: 604_801 });
    await expectRefusal(long, 1100, 'must not exceed 604800');
    await expectRefusal(create('a', { collectionName: 'no' }), 100, 'collection not found');
    await take(service, 'a');
    await service.createAlias({ ...DOCS, alias: 'taken' });
    const into = (targetName: string, targetDatabaseName = ''): Promise<unknown> =>
      service.snapshots.restore({ ...named('a'), targetName, targetDatabaseName });
    await expectRefusal(into('docs'), 1100, 'create duplicate collection');
    await expectRefusal(into('taken'), 1601, 'alias and collection name conflict');
    await expectRefusal(into('x', 'nowhere'), 800, 'database not found');
    await expectRefusal(into('1x'), 1100, 'Invalid collection name: 1x');
    const missing = service.snapshots.restore({
      ...named('b'),
      targetName: 'x',
      targetDatabaseName: '',
    });
    await expectRefusal(missing, 2600, 'snapshot not found');
    expect(await service.hasCollection(COPY)).toBe(false);
  });

  it('that are pinned are not dropped until the pin is gone', async () => {
    const { service, clock } = await memoryWorld()();
    await createDocs(service);
    await take(service, 'a');
    const { snapshots } = service;
    const forEver = await snapshots.pin({ ...named('a'), ttlSeconds: 0 });
    const short = await snapshots.pin({ ...named('a'), ttlSeconds: 60 });
    expect(short).not.toBe(forEver);
    const pinned = 'active pins exist, unpin before dropping: snapshot is pinned[snapshot=a]';
    await expectRefusal(snapshots.drop(named('a')), 2601, pinned);
    await snapshots.unpin({ pinId: forEver });
    await snapshots.unpin({ pinId: forEver });
    await expectRefusal(snapshots.drop(named('a')), 2601, pinned);
    clock.advance(60_000);
    await snapshots.drop(named('a'));
    const none = snapshots.pin({ ...named('a'), ttlSeconds: 0 });
    await expectRefusal(none, 2600, 'snapshot not found');
    const wrong = snapshots.pin({ ...named('a'), ttlSeconds: -1 });
    await expectRefusal(wrong, 1100, 'ttl_seconds must be non-negative');
    const long = snapshots.pin({ ...named('a'), ttlSeconds: 30 * 24 * 3600 + 1 });
    await expectRefusal(long, 1100, '(30 days)');
  });

  it('protect their segments from compaction for a while', async () => {
    const { service, clock } = await memoryWorld()();
    await createDocs(service);
    const segments = async (): Promise<number> =>
      (await service.shardStates(DOCS)).flatMap((state) => state.segments).length;
    for (let i = 0; i < 4; i++) {
      await service.insert({ ...DOCS, rows: docs(i, i + 1) });
      await service.flush(DOCS);
    }
    const rest = { description: '', protectionSeconds: 100, flush: true };
    await service.snapshots.create({ ...named('a'), ...rest });
    await service.compact(DOCS);
    expect(await segments()).toBe(4);
    clock.advance(100_000);
    await service.compact(DOCS);
    expect(await segments()).toBe(1);
    expect(await tags(service)).toBe('0/0 1/0 2/0 3/0');
  });

  it('tell what was made of them', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service);
    await take(service, 'a');
    const request = { ...named('a'), targetDatabaseName: '', targetName: 'copy' };
    const job = await service.snapshots.restore(request);
    expect(job).toMatchObject({
      snapshotName: 'a',
      collectionName: 'copy',
      databaseName: 'default',
    });
    expect(job.tookMs).toBeGreaterThan(0);
    expect(service.snapshots.job(job.id)).toEqual(job);
    expect(service.snapshots.jobs()).toEqual([job]);
    expect(() => service.snapshots.job(1n)).toThrow('restore job not found: jobID=1');
    expect(RESTORE_JOB_COUNT_MAX).toBeGreaterThan(1);
  });
});
