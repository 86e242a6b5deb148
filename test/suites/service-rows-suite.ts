/** What the Service promises of rows: insert, upsert, delete, schema changes under them, TTL, truncation. */
import { describe, expect, it } from 'vitest';
import type { CollectionDefinition } from '../../src/schema/definition.ts';
import {
  createDocs,
  doc,
  DOCS,
  DOCS_DEFINITION,
  docs,
  expectRefusal,
  inEveryState,
  tags,
} from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

const AUTO_ID: Partial<CollectionDefinition> = {
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true, autoId: true },
    ...DOCS_DEFINITION.fields.slice(1),
  ],
};

export function serviceRowsSuite(open: OpenWorld): void {
  describe('insert', () => {
    it('answers count, keys in the order of the rows, and growing timestamps', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 3 });
      const first = await service.insert({ ...DOCS, rows: [doc(5), doc(1), doc(9)] });
      expect(first).toMatchObject({ rowCount: 3, ids: [5n, 1n, 9n] });
      const second = await service.insert({ ...DOCS, rows: [doc(2)] });
      expect(second.timestamp).toBeGreaterThan(first.timestamp);
      expect(await service.allocateTimestamp()).toBeGreaterThan(second.timestamp);
    });

    it('lets the newest row of a key win; counts are logical, statistics physical', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 4) });
      await service.insert({ ...DOCS, rows: docs(2, 6, 1) });
      await service.insert({ ...DOCS, rows: [doc(0, 2), doc(0, 3)] });
      await inEveryState(service, DOCS, async () => {
        expect(await tags(service)).toBe('0/3 1/0 2/1 3/1 4/1 5/1');
        expect(await service.count(DOCS)).toBe(6);
        const { results } = await service.search({ ...DOCS, data: [2, 0], limit: 10 });
        expect(results[0]?.map(({ id }) => id)).toEqual([2n, 1n, 3n, 0n, 4n, 5n]);
      });
    });

    it('counts superseded rows in the statistics until compaction takes them', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 10) });
      await service.insert({ ...DOCS, rows: docs(0, 10, 1) });
      expect(await service.statistics(DOCS)).toEqual({ rowCount: 20 });
      await service.flush(DOCS);
      expect(await service.statistics(DOCS)).toEqual({ rowCount: 20 });
      await service.compact(DOCS);
      expect(await service.statistics(DOCS)).toEqual({ rowCount: 10 });
      expect(await service.count(DOCS)).toBe(10);
    });

    it('supersedes a row that lies in another partition', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.createPartition({ ...DOCS, partitionName: 'hot' });
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, partitionName: 'hot', rows: [doc(1, 1)] });
      await inEveryState(service, DOCS, async () => {
        expect(await tags(service)).toBe('0/0 1/1 2/0');
      });
    });

    it('generates keys that are never given twice, over a reopening too', async () => {
      const world = await open();
      await createDocs(world.service, AUTO_ID);
      const row = { tag: 'x', vector: [1, 2] };
      const seen = new Set<unknown>();
      for (let round = 0; round < 3; round++) {
        const { ids } = await world.service.insert({ ...DOCS, rows: [row, row, row] });
        for (const id of ids) seen.add(id);
        await world.reopen();
      }
      expect(seen.size).toBe(9);
      expect(await world.service.count(DOCS)).toBe(9);
    });

    it('generates text keys for a VarChar', async () => {
      const { service } = await open();
      const key = {
        name: 'id',
        type: 'VarChar',
        maxLength: 40,
        isPrimaryKey: true,
        autoId: true,
      } as const;
      await createDocs(service, { fields: [key, ...DOCS_DEFINITION.fields.slice(1)] });
      const { ids } = await service.insert({ ...DOCS, rows: [{ tag: 'x', vector: [1, 2] }] });
      expect(ids).toEqual([expect.stringMatching(/^\d+$/)]);
      expect((await service.query({ ...DOCS, ids })).rows).toEqual([{ id: ids[0] }]);
    });

    it('takes keys of its user where the collection allows it', async () => {
      const { service } = await open();
      await createDocs(service, { ...AUTO_ID, properties: { allow_insert_auto_id: 'true' } });
      await service.insert({ ...DOCS, rows: [doc(7), doc(8)] });
      await service.insert({ ...DOCS, rows: [doc(7, 1)] });
      expect(await tags(service)).toBe('7/1 8/0');
    });

    it('spreads the rows of a collection over its shards', async () => {
      const world = await open();
      await createDocs(world.service, { shardCount: 4 });
      await world.service.insert({ ...DOCS, rows: docs(0, 100) });
      const states = await world.service.flush(DOCS);
      const counts = states.map(({ segments }) =>
        segments.reduce((sum, { rowCount }) => sum + rowCount, 0),
      );
      expect(counts.length).toBe(4);
      for (const count of counts) expect(count).toBeGreaterThan(5);
      await world.service.delete({ ...DOCS, ids: [3n, 4n, 5n] });
      await world.service.upsert({ ...DOCS, rows: docs(90, 101, 1) });
      const check = async (): Promise<void> => {
        expect(await world.service.count(DOCS)).toBe(98);
        const found = await tags(world.service, { filter: 'id < 7 or id > 98' });
        expect(found).toBe('0/0 1/0 2/0 6/0 99/1 100/1');
        const { results } = await world.service.search({ ...DOCS, data: [4, 0], limit: 3 });
        expect(results[0]?.map(({ id }) => id)).toEqual([2n, 6n, 1n]);
      };
      await inEveryState(world.service, DOCS, check);
      await world.reopen();
      await check();
    });
  });

  describe('upsert', () => {
    it('replaces rows and adds those that are new', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      await service.flush(DOCS);
      expect(await service.upsert({ ...DOCS, rows: docs(2, 5, 1) })).toMatchObject({
        rowCount: 3,
        ids: [2n, 3n, 4n],
      });
      await inEveryState(service, DOCS, async () => {
        expect(await tags(service)).toBe('0/0 1/0 2/1 3/1 4/1');
      });
    });

    it('keeps what a partial one leaves out, sealed or growing', async () => {
      const { service } = await open();
      await createDocs(service, { enableDynamicField: true });
      await service.insert({ ...DOCS, rows: [{ ...doc(1), colour: 'red', shape: 'round' }] });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: [doc(2)] });
      const rows = [
        { id: 1, tag: 'one', colour: 'blue' },
        { id: 2, tag: 'two', weight: 3 },
      ];
      await service.upsert({ ...DOCS, partial: true, rows });
      await service.upsert({ ...DOCS, partial: true, rows: [{ id: 2, size: null }] });
      await inEveryState(service, DOCS, async () => {
        const found = await service.query({ ...DOCS, ids: [1n, 2n], outputFields: ['*'] });
        expect(found.rows).toEqual([
          {
            id: 1n,
            tag: 'one',
            size: 0,
            vector: new Float32Array([1, 0]),
            colour: 'blue',
            shape: 'round',
          },
          { id: 2n, tag: 'two', size: null, vector: new Float32Array([2, 0]), weight: 3 },
        ]);
      });
    });

    it('refuses a partial one that leaves a new row unfinished', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 2) });
      const rows = [
        { id: 1, tag: 'x' },
        { id: 7, tag: 'y' },
      ];
      await expectRefusal(
        service.upsert({ ...DOCS, partial: true, rows }),
        1100,
        'fieldSchema(vector) has no corresponding fieldData pass in',
      );
      expect(await tags(service)).toBe('0/0 1/0');
    });

    it('gives rows of generated keys new ones and takes the old away', async () => {
      const world = await open();
      await createDocs(world.service, { ...AUTO_ID, shardCount: 2 });
      const row = { tag: 'old', vector: [1, 2] };
      const { ids } = await world.service.insert({ ...DOCS, rows: [row, row] });
      const upserted = await world.service.upsert({
        ...DOCS,
        rows: [{ id: ids[0], tag: 'new', vector: [3, 4] }],
      });
      expect(upserted.ids).not.toContain(ids[0]);
      const check = async (): Promise<void> => {
        const left = await tags(world.service);
        expect(left.split(' ').toSorted()).toEqual(['new', 'old']);
        expect(await world.service.count({ ...DOCS, ids: [ids[0]!] })).toBe(0);
      };
      await check();
      await world.reopen();
      await check();
    });

    it('refuses two rows of one key', async () => {
      const { service } = await open();
      await createDocs(service);
      await expectRefusal(
        service.upsert({ ...DOCS, rows: [doc(1), doc(2), doc(1, 1)] }),
        1100,
        'duplicate primary keys are not allowed in the same batch',
      );
      expect(await service.count(DOCS)).toBe(0);
    });
  });

  describe('delete', () => {
    it('takes rows away by key, wherever they are', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 6) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: docs(6, 9) });
      expect(await service.delete({ ...DOCS, ids: [1n, 7n, 99n] })).toMatchObject({ rowCount: 3 });
      await inEveryState(service, DOCS, async () => {
        expect(await tags(service)).toBe('0/0 2/0 3/0 4/0 5/0 6/0 8/0');
      });
      await service.insert({ ...DOCS, rows: [doc(1, 1)] });
      expect(await tags(service, { filter: 'id < 3' })).toBe('0/0 1/1 2/0');
    });

    it('takes rows away by filter and says how many', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 2 });
      await service.insert({ ...DOCS, rows: docs(0, 10) });
      expect(await service.delete({ ...DOCS, filter: 'id % 2 == 0' })).toMatchObject({
        rowCount: 5,
      });
      expect(await service.delete({ ...DOCS, filter: 'id % 2 == 0' })).toMatchObject({
        rowCount: 0,
      });
      await service.flush(DOCS);
      const parameters = { wanted: [1, 3] };
      expect(await service.delete({ ...DOCS, filter: 'id in {wanted}', parameters })).toMatchObject(
        {
          rowCount: 2,
        },
      );
      expect(await tags(service)).toBe('5/0 7/0 9/0');
    });

    it('stays within the partition that it names', async () => {
      const world = await open();
      await createDocs(world.service);
      await world.service.createPartition({ ...DOCS, partitionName: 'hot' });
      await world.service.insert({ ...DOCS, partitionName: 'hot', rows: docs(0, 3) });
      await world.service.insert({ ...DOCS, rows: docs(3, 6) });
      for (const flush of [false, true]) {
        if (flush) await world.service.flush(DOCS);
        const ids = flush ? [2n, 5n] : [1n, 4n];
        await world.service.delete({ ...DOCS, partitionName: 'hot', ids });
      }
      expect(await tags(world.service)).toBe('0/0 3/0 4/0 5/0');
      await world.service.delete({ ...DOCS, partitionName: 'hot', filter: 'id in [0, 3]' });
      expect(await tags(await world.reopen())).toBe('3/0 4/0 5/0');
    });

    it('refuses to take everything away by accident', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 2) });
      for (const filter of ['', '  ', 'true', '1 == 1']) {
        await expectRefusal(
          service.delete({ ...DOCS, filter }),
          1100,
          'failed to create delete plan',
        );
      }
      await expectRefusal(service.delete(DOCS), 1100, 'delete takes either ids or a filter');
      await expectRefusal(
        service.delete({ ...DOCS, ids: [1n], filter: 'id == 1' }),
        1100,
        'delete takes either ids or a filter',
      );
      expect(await service.count(DOCS)).toBe(2);
    });

    it('works on text keys', async () => {
      const world = await open();
      const key = { name: 'id', type: 'VarChar', maxLength: 40, isPrimaryKey: true } as const;
      await createDocs(world.service, {
        fields: [key, ...DOCS_DEFINITION.fields.slice(1)],
        shardCount: 2,
      });
      const names = ['pear', 'Äpfel', 'fig', '', 'quince'];
      const rows = names.map((id, i) => ({ id, tag: `${i}`, vector: [i, i] }));
      await world.service.insert({ ...DOCS, rows });
      await world.service.flush(DOCS);
      await world.service.delete({ ...DOCS, ids: ['fig', 'Äpfel'] });
      await world.service.delete({ ...DOCS, filter: 'id like "p%"' });
      await world.service.upsert({ ...DOCS, rows: [{ id: 'quince', tag: 'new', vector: [1, 1] }] });
      expect(await tags(world.service, { filter: 'id != "x"' })).toBe('3 new');
      expect(await tags(await world.reopen(), { filter: 'id != "x"' })).toBe('3 new');
    });
  });

  describe('changes of the schema', () => {
    it('add a field that old rows have as null or default', async () => {
      const world = await open();
      const { service } = world;
      await createDocs(service, { shardCount: 2 });
      await service.insert({ ...DOCS, rows: docs(0, 2) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: docs(2, 4) });
      const add = (name: string, defaultValue?: number): Promise<void> =>
        service.addField({
          ...DOCS,
          field: {
            name,
            type: 'Int64',
            nullable: true,
            ...(defaultValue === undefined ? {} : { defaultValue }),
          },
        });
      await add('rank');
      await add('stars', 5);
      await service.insert({ ...DOCS, rows: [{ ...doc(4), rank: 9, stars: 1 }, doc(5)] });
      const check = async (): Promise<void> => {
        const found = await world.service.query({
          ...DOCS,
          filter: 'id >= 0',
          outputFields: ['rank', 'stars'],
        });
        expect(found.rows.map(({ rank, stars }) => [rank, stars])).toEqual(
          [...Array.from({ length: 4 }, () => [null, 5]), [9, 1], [null, 5]].map((pair) =>
            pair.map((value) => (value === null ? null : BigInt(value))),
          ),
        );
        expect(await tags(world.service, { filter: 'rank is null' })).toBe('0/0 1/0 2/0 3/0 5/0');
        expect(await tags(world.service, { filter: 'stars == 5 and id < 3' })).toBe('0/0 1/0 2/0');
      };
      await inEveryState(service, DOCS, check);
      await world.reopen();
      await check();
    });

    it('refuse a new field that old rows could not have', async () => {
      const { service } = await open();
      await createDocs(service);
      await expectRefusal(
        service.addField({ ...DOCS, field: { name: 'rank', type: 'Int64' } }),
        1100,
        'added field must be nullable, please check it, field name = rank',
      );
      await expectRefusal(
        service.addField({ ...DOCS, field: { name: 'tag', type: 'Int64', nullable: true } }),
        1100,
        'duplicated field name tag',
      );
    });

    it('turn on dynamic fields of a live collection', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 1) });
      await service.alterCollection({ ...DOCS, set: { 'dynamicfield.enabled': 'true' } });
      await service.insert({ ...DOCS, rows: [{ ...doc(1), colour: 'red' }] });
      await inEveryState(service, DOCS, async () => {
        const { rows } = await service.query({ ...DOCS, ids: [0n, 1n], outputFields: ['colour'] });
        expect(rows).toEqual([{ id: 0n }, { id: 1n, colour: 'red' }]);
        expect(await tags(service, { filter: 'colour == "red"' })).toBe('1/0');
      });
    });

    it('alter the length that texts may have', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.alterField({ ...DOCS, fieldName: 'tag', params: { max_length: '70' } });
      const tag = 'x'.repeat(70);
      await service.insert({ ...DOCS, rows: [{ ...doc(1), tag }] });
      await expectRefusal(
        service.insert({ ...DOCS, rows: [{ ...doc(2), tag: `${tag}y` }] }),
        1100,
        'length of varchar field tag exceeds max length, row number: 0, length: 71, max length: 70',
      );
    });
  });

  describe('truncation', () => {
    it('takes all rows away and none that come later', async () => {
      const world = await open();
      const { service } = world;
      await createDocs(service, { shardCount: 2 });
      await service.insert({ ...DOCS, rows: docs(0, 5) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: docs(5, 9) });
      await service.truncateCollection(DOCS);
      expect(await service.count(DOCS)).toBe(0);
      expect(await service.statistics(DOCS)).toEqual({ rowCount: 0 });
      await service.insert({ ...DOCS, rows: [doc(1, 1)] });
      expect(await tags(service)).toBe('1/1');
      expect(await tags(await world.reopen())).toBe('1/1');
    });
  });

  describe('time to live', () => {
    it('hides rows that have outlived it, and compaction takes them', async () => {
      const world = await open();
      const { service, clock } = world;
      await createDocs(service, { properties: { 'collection.ttl.seconds': '60' } });
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      await service.flush(DOCS);
      clock.advance(40_000);
      await service.insert({ ...DOCS, rows: docs(3, 5) });
      expect(await service.count(DOCS)).toBe(5);
      clock.advance(30_000);
      expect(await tags(service)).toBe('3/0 4/0');
      const { results } = await service.search({ ...DOCS, data: [0, 0], limit: 1 });
      expect(results[0]?.map(({ id }) => id)).toEqual([3n]);
      await service.compact(DOCS);
      await service.flush(DOCS);
      expect(await tags(service)).toBe('3/0 4/0');
      await service.alterCollection({ ...DOCS, set: { 'collection.ttl.seconds': '1000' } });
      expect((await tags(service)).endsWith('3/0 4/0')).toBe(true);
      clock.advance(2_000_000);
      expect(await tags(await world.reopen())).toBe('');
    });

    it('brings nothing back that a partial upsert would have kept', async () => {
      const { service, clock } = await open();
      await createDocs(service, { properties: { 'collection.ttl.seconds': '60' } });
      await service.insert({ ...DOCS, rows: docs(0, 1) });
      clock.advance(61_000);
      await expectRefusal(
        service.upsert({ ...DOCS, partial: true, rows: [{ id: 0, tag: 'x' }] }),
        1100,
        'fieldSchema(vector) has no corresponding fieldData pass in',
      );
      expect(await service.delete({ ...DOCS, filter: 'id >= 0' })).toMatchObject({ rowCount: 0 });
    });
  });

  describe('reopening', () => {
    it('finds everything again, from the log and from segments', async () => {
      const world = await open();
      await createDocs(world.service, { shardCount: 2 });
      await world.service.insert({ ...DOCS, rows: docs(0, 50) });
      await world.service.flush(DOCS);
      for (let round = 1; round <= 4; round++) {
        await world.service.upsert({ ...DOCS, rows: docs(round * 10, round * 10 + 10, round) });
        await world.service.delete({ ...DOCS, ids: [BigInt(round)] });
        if (round === 2) await world.service.flush(DOCS);
        if (round === 3) await world.service.compact(DOCS);
        const before = await tags(world.service);
        const service = await world.reopen();
        expect(await tags(service)).toBe(before);
        expect(world.engine.recovery).toMatchObject({ cleanEnd: true, cutBytes: 0 });
      }
      expect(await world.service.count(DOCS)).toBe(46);
    });

    it('gives no timestamp twice', async () => {
      const world = await open();
      let last = await world.service.allocateTimestamp();
      for (let round = 0; round < 3; round++) {
        world.clock.jump(-5000);
        const next = await (await world.reopen()).allocateTimestamp();
        expect(next).toBeGreaterThan(last);
        last = next;
      }
    });
  });
}
