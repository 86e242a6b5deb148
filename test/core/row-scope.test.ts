import { describe, expect, it } from 'vitest';
import type { Service } from '../../src/core/service.ts';
import {
  createDocs,
  DOCS,
  DOCS_DEFINITION,
  doc,
  docs,
  expectRefusal,
  inEveryState,
  tags,
} from '../suites/service-fixtures.ts';
import { memoryWorld, type ServiceWorld } from '../suites/service-world.ts';

const SEARCH = { ...DOCS, data: [[0, 0]], limit: 100 };

async function ids(service: Service, namespace: string): Promise<bigint[]> {
  const { results } = await service.search({ ...SEARCH, namespace });
  return (results[0] ?? []).map(({ id }) => BigInt(id)).toSorted((a, b) => Number(a - b));
}

describe('a namespace that is a value', () => {
  it('bounds what is read, counted, searched and deleted, sealed or not', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service, { enableNamespace: true, shardCount: 2 });
    await service.insert({ ...DOCS, rows: docs(0, 5), namespace: 'a' });
    await service.insert({ ...DOCS, rows: docs(5, 9), namespace: 'b' });
    await inEveryState(service, DOCS, async () => {
      expect(await tags(service, { namespace: 'a' })).toBe('0/0 1/0 2/0 3/0 4/0');
      expect(await tags(service, { namespace: 'a', filter: 'id in [1, 6]' })).toBe('1/0');
      expect(await tags(service, { namespace: 'c' })).toBe('');
      expect(await tags(service, { namespace: 'b', filter: '', limit: 2 })).toBe('5/0 6/0');
      expect(await service.count({ ...DOCS, namespace: 'b' })).toBe(4);
      expect(await ids(service, 'b')).toEqual([5n, 6n, 7n, 8n]);
      // A filter that comes again is remembered for each namespace by itself.
      expect(await tags(service, { namespace: 'b', filter: 'id in [1, 6]' })).toBe('6/0');
    });
    await service.delete({ ...DOCS, ids: [1n, 6n], namespace: 'a' });
    await service.delete({ ...DOCS, filter: 'id >= 3', namespace: 'b' });
    expect(await tags(service, { namespace: 'a' })).toBe('0/0 2/0 3/0 4/0');
    expect(await tags(service, { namespace: 'b' })).toBe('');
  });

  it('is the one value that an isolated partition key asks of a search', async () => {
    const { service } = await memoryWorld()();
    const properties = { 'partitionkey.isolation': 'true' };
    await createDocs(service, { enableNamespace: true, properties });
    await service.insert({ ...DOCS, rows: docs(0, 2), namespace: 'a' });
    await service.insert({ ...DOCS, rows: docs(2, 4), namespace: 'b' });
    expect(await ids(service, 'b')).toEqual([2n, 3n]);
    const { results } = await service.search({ ...SEARCH, namespace: 'a', filter: 'id > 0' });
    expect(results[0]).toMatchObject([{ id: 1n }]);
  });

  it('is asked of every request, and of none where there are none', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service, { enableNamespace: true });
    const missing = 'namespace data is not set but namespace enabled';
    await expectRefusal(service.insert({ ...DOCS, rows: docs(0, 1) }), 1100, missing);
    await expectRefusal(service.upsert({ ...DOCS, rows: docs(0, 1) }), 1100, missing);
    await expectRefusal(service.delete({ ...DOCS, ids: [1n] }), 1100, missing);
    await expectRefusal(service.query({ ...DOCS, filter: 'id > 0' }), 1100, missing);
    await expectRefusal(service.search(SEARCH), 1100, missing);
    const named = { ...SEARCH, namespace: 'a', partitionNames: ['_default_0'] };
    await expectRefusal(service.search(named), 1100, 'if namespace is used');
    const plain = await createDocs(service, { name: 'plain' });
    const set = 'namespace data is set but namespace disabled';
    const extra = { ...plain, namespace: 'a' };
    await expectRefusal(service.insert({ ...extra, rows: docs(0, 1) }), 1100, set);
    await expectRefusal(service.query({ ...extra, filter: 'id > 0' }), 1100, set);
    await expectRefusal(service.delete({ ...extra, ids: [1n] }), 1100, set);
  });

  it('keeps to itself what a partial upsert completes', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service, { enableNamespace: true });
    await service.insert({ ...DOCS, rows: [doc(1)], namespace: 'a' });
    const change = { ...DOCS, rows: [{ id: 1, size: 7 }], partial: true };
    await service.upsert({ ...change, namespace: 'a' });
    const { rows } = await service.query({
      ...DOCS,
      namespace: 'a',
      filter: 'id == 1',
      outputFields: ['tag', 'size'],
    });
    expect(rows).toEqual([{ id: 1n, tag: '1/0', size: 7 }]);
    await expectRefusal(service.upsert({ ...change, namespace: 'b' }), 1100, 'tag');
  });
});

describe('a namespace that is a partition', () => {
  const properties = { 'namespace.mode': 'partition' };

  it('bounds what is read and written', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service, { enableNamespace: true, properties });
    for (const partitionName of ['a', 'b']) {
      await service.createPartition({ ...DOCS, partitionName });
    }
    await service.loadCollection(DOCS);
    await service.insert({ ...DOCS, rows: docs(0, 3), namespace: 'a' });
    await service.insert({ ...DOCS, rows: docs(3, 5), namespace: 'b', partitionName: 'b' });
    await inEveryState(service, DOCS, async () => {
      expect(await tags(service, { namespace: 'a' })).toBe('0/0 1/0 2/0');
      expect(await ids(service, 'b')).toEqual([3n, 4n]);
    });
    await service.delete({ ...DOCS, filter: 'id >= 0', namespace: 'b' });
    expect(await tags(service, { namespace: 'b' })).toBe('');
    expect(await tags(service, { namespace: 'a', partitionNames: ['a'] })).toBe('0/0 1/0 2/0');
    const other = tags(service, { namespace: 'a', partitionNames: ['b'] });
    await expectRefusal(other, 1100, 'partition names [b] mismatch namespace "a"');
    await expectRefusal(tags(service, { namespace: 'zz' }), 1100, 'partition name zz not found');
    await expectRefusal(tags(service), 1100, 'namespace data is not set');
  });

  it('has its own keys', async () => {
    const world = await memoryWorld()();
    const { service } = world;
    await createDocs(service, { enableNamespace: true, properties });
    for (const partitionName of ['a', 'b']) {
      await service.createPartition({ ...DOCS, partitionName });
    }
    await service.loadCollection(DOCS);
    const expectBoth = async (a: string, b: string): Promise<void> => {
      expect(await tags(service, { namespace: 'a' })).toBe(a);
      expect(await tags(service, { namespace: 'b' })).toBe(b);
    };
    await service.insert({ ...DOCS, rows: docs(0, 2), namespace: 'a' });
    await service.insert({ ...DOCS, rows: docs(1, 3, 1), namespace: 'b' });
    await inEveryState(service, DOCS, async () => await expectBoth('0/0 1/0', '1/1 2/1'));
    await service.insert({ ...DOCS, rows: docs(0, 1, 2), namespace: 'b' });
    await service.upsert({ ...DOCS, rows: docs(1, 2, 3), namespace: 'b' });
    await inEveryState(service, DOCS, async () => await expectBoth('0/0 1/0', '0/2 1/3 2/1'));
    await service.upsert({ ...DOCS, rows: docs(1, 2, 4), namespace: 'a' });
    const again = await world.reopen();
    expect(await tags(again, { namespace: 'a' })).toBe('0/0 1/4');
    expect(await tags(again, { namespace: 'b' })).toBe('0/2 1/3 2/1');
  });

  it('is said when the collection is made, and for good', async () => {
    const { service } = await memoryWorld()();
    const create = (changes: object): Promise<unknown> =>
      service.createCollection('', { ...DOCS_DEFINITION, ...changes });
    const wrong = create({ enableNamespace: true, properties: { 'namespace.mode': 'x' } });
    await expectRefusal(wrong, 1100, 'valid values: [partition_key, partition]');
    await expectRefusal(create({ properties }), 1100, 'namespace disabled');
    const isolation = { 'partitionkey.isolation': 'false' };
    const loose = create({ enableNamespace: true, properties: isolation });
    await expectRefusal(loose, 1100, 'isolation property is false when namespace enabled');
    await createDocs(service, { enableNamespace: true, properties });
    const set = { 'namespace.mode': 'partition_key' };
    await expectRefusal(service.alterCollection({ ...DOCS, set }), 1100, 'immutable');
    const remove = ['namespace.mode'];
    await expectRefusal(service.alterCollection({ ...DOCS, remove }), 1100, 'cannot delete');
  });
});

describe('a field that says until when a row lives', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;

  async function mortal(): Promise<ServiceWorld> {
    const world = await memoryWorld()();
    const { fields } = DOCS_DEFINITION;
    const end = { name: 'end', type: 'Timestamptz', nullable: true } as const;
    await createDocs(world.service, {
      fields: [...fields, end],
      properties: { ttl_field: 'end' },
    });
    const at = (days: number): string =>
      new Date(world.clock.nowMs() + days * DAY_MS).toISOString();
    const ends = [at(1), at(2), at(3), null, at(-1)];
    await world.service.insert({
      ...DOCS,
      rows: ends.map((value, id) => ({ ...doc(id), end: value })),
    });
    return world;
  }

  it('takes rows out of every read when their time has come', async () => {
    const { service, clock } = await mortal();
    const looks = async (expected: number[]): Promise<void> => {
      const all = expected.map((id) => `${id}/0`).join(' ');
      expect(await tags(service)).toBe(all);
      expect(await tags(service, { filter: '', limit: 10 })).toBe(all);
      expect(await tags(service, { filter: '', ids: [0n, 1n, 2n, 3n, 4n] })).toBe(all);
      expect(await tags(service, { filter: '', limit: 10, afterKey: null })).toBe(all);
      expect(await service.count(DOCS)).toBe(expected.length);
      const { results } = await service.search(SEARCH);
      expect(results[0]?.map(({ id }) => Number(id))).toEqual(expected);
    };
    await looks([0, 1, 2, 3]);
    await service.flush(DOCS);
    clock.advance(DAY_MS - 1);
    await looks([0, 1, 2, 3]);
    clock.advance(1);
    await looks([1, 2, 3]);
    clock.advance(DAY_MS);
    await looks([2, 3]);
    await service.compact(DOCS);
    await looks([2, 3]);
  });

  it('lets compaction take them away, and the next look finds nothing to do', async () => {
    const { service, clock } = await mortal();
    await service.flush(DOCS);
    clock.advance(2 * DAY_MS);
    await service.compact(DOCS);
    const [state] = await service.shardStates(DOCS);
    expect(state?.segments.map(({ rowCount }) => rowCount)).toEqual([2]);
    const again = await service.compact(DOCS);
    expect(again[0]?.manifestVersion).toBe(state?.manifestVersion);
    expect(await tags(service)).toBe('2/0 3/0');
  });

  it('counts for a partial upsert too: the row that was there is gone', async () => {
    const { service, clock } = await mortal();
    clock.advance(DAY_MS);
    const rows = [{ id: 0, size: 9 }];
    await expectRefusal(service.upsert({ ...DOCS, rows, partial: true }), 1100, 'tag');
    await service.upsert({ ...DOCS, rows: [{ id: 1, size: 9 }], partial: true });
    expect(await tags(service, { filter: 'size == 9' })).toBe('1/0');
  });

  it('is judged at the moment of the read', async () => {
    const { service, clock } = await mortal();
    const then = await service.allocateTimestamp();
    clock.advance(3 * DAY_MS);
    expect(await tags(service)).toBe('3/0');
    expect(await tags(service, { snapshotTimestamp: then })).toBe('0/0 1/0 2/0 3/0');
    await service.flush(DOCS);
    await service.compact(DOCS);
    // Somebody reads at that moment: compaction has left it what it sees.
    expect(await tags(service, { snapshotTimestamp: then })).toBe('0/0 1/0 2/0 3/0');
  });
});
