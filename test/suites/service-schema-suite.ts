/** What the Service promises while fields come and go, and of partial upserts that change arrays. */
import { describe, expect, it } from 'vitest';
import type { CollectionDefinition } from '../../src/schema/definition.ts';
import type { GivenFieldOperation } from '../../src/schema/array-operations.ts';
import type { Service } from '../../src/core/service.ts';
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

const LISTS: Partial<CollectionDefinition> = {
  fields: [
    ...DOCS_DEFINITION.fields,
    { name: 'marks', type: 'Array', elementType: 'Int64', maxCapacity: 4, nullable: true },
    { name: 'words', type: 'Array', elementType: 'VarChar', maxLength: 9, maxCapacity: 9 },
  ],
};

export function serviceSchemaSuite(open: OpenWorld): void {
  describe('a dropped field', () => {
    dropSuite(open);
  });
  describe('operations on arrays', () => {
    arraySuite(open);
  });
}

function dropSuite(open: OpenWorld): void {
  it('is gone from every read at once, wherever its rows are', async () => {
    const world = await open();
    const { service } = world;
    await createDocs(service, { shardCount: 2 });
    await service.insert({ ...DOCS, rows: docs(0, 3) });
    await service.flush(DOCS);
    await service.insert({ ...DOCS, rows: docs(3, 5) });
    await service.dropField({ ...DOCS, dropped: { fieldName: 'size' } });
    const check = async (): Promise<void> => {
      const { rows } = await world.service.query({
        ...DOCS,
        filter: '',
        outputFields: ['*'],
        limit: 9,
      });
      expect(rows.map((row) => Object.keys(row).toSorted())).toEqual(
        rows.map(() => ['id', 'tag', 'vector']),
      );
      expect(rows).toHaveLength(5);
      await expectRefusal(
        world.service.query({ ...DOCS, filter: 'size == 1' }),
        1100,
        'field size not exist',
      );
      await expectRefusal(
        world.service.query({ ...DOCS, filter: 'id >= 0', outputFields: ['size'] }),
        1100,
        'field size not exist',
      );
    };
    await inEveryState(service, DOCS, check);
    await world.reopen();
    await check();
    await expectRefusal(
      world.service.insert({ ...DOCS, rows: [doc(9)] }),
      1100,
      'Attempt to insert an unexpected field `size`',
    );
    await world.service.insert({ ...DOCS, rows: [{ id: 9, tag: 'new', vector: [9, 9] }] });
    expect(await tags(world.service, { filter: 'id == 9' })).toBe('new');
  });

  it('leaves nothing behind for a field of its name', async () => {
    const world = await open();
    const { service } = world;
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 2, 7) });
    await service.flush(DOCS);
    await service.insert({ ...DOCS, rows: docs(2, 4, 7) });
    await service.dropField({ ...DOCS, dropped: { fieldName: 'size' } });
    const field = { name: 'size', type: 'Int64' as const, nullable: true, defaultValue: 5 };
    await service.addField({ ...DOCS, field });
    await service.insert({ ...DOCS, rows: [{ ...doc(4), size: 1 }] });
    const check = async (): Promise<void> => {
      const { rows } = await world.service.query({
        ...DOCS,
        filter: 'id >= 0',
        outputFields: ['size'],
      });
      expect(rows.map(({ size }) => size)).toEqual([5n, 5n, 5n, 5n, 1n]);
      expect(await tags(world.service, { filter: 'size == 7' })).toBe('');
    };
    await inEveryState(service, DOCS, check);
    await world.reopen();
    await check();
  });

  it('takes its index with it, loaded or not, and gives its room back', async () => {
    const { service } = await open();
    await createDocs(service, {
      fields: [
        ...DOCS_DEFINITION.fields,
        { name: 'other', type: 'FloatVector', dim: 256, nullable: true },
      ],
    });
    const params = { index_type: 'FLAT', metric_type: 'L2' };
    await service.createIndex({ ...DOCS, fieldName: 'other', indexName: 'by_other', params });
    const other = Array.from({ length: 256 }, (_, i) => i);
    await service.insert({ ...DOCS, rows: docs(0, 20).map((row) => ({ ...row, other })) });
    await service.flush(DOCS);
    const bytes = async (): Promise<number> => {
      const [state] = await service.shardStates(DOCS);
      return state!.segments.reduce((sum, { byteLength }) => sum + byteLength, 0);
    };
    const before = await bytes();
    await service.dropField({ ...DOCS, dropped: { fieldName: 'other' } });
    await expectRefusal(
      service.describeIndexes({ ...DOCS, indexName: 'by_other' }),
      700,
      'index not found',
    );
    await expectRefusal(
      service.search({ ...DOCS, fieldName: 'other', data: other, limit: 1 }),
      1100,
      'other',
    );
    await service.compact(DOCS);
    expect(await bytes()).toBeLessThan(before - 20 * 1024);
    const { results } = await service.search({ ...DOCS, data: [3, 0], limit: 1 });
    expect(results[0]?.[0]?.id).toBe(3n);
    const [state] = await service.compact(DOCS);
    expect(await service.compact(DOCS)).toEqual([state]);
  });

  it('may be a struct array, and may be added again with other sub-fields', async () => {
    const world = await open();
    const { service } = world;
    const struct = (name: string): Parameters<Service['addStruct']>[0] => ({
      ...DOCS,
      struct: { name: 's', nullable: true, maxCapacity: 3, fields: [{ name, type: 'Int8' }] },
    });
    await createDocs(service);
    await service.addStruct(struct('a'));
    await service.insert({ ...DOCS, rows: [{ ...doc(1), s: [{ a: 1 }, { a: 2 }] }] });
    await service.dropField({ ...DOCS, dropped: { fieldName: 's' } });
    await service.addStruct(struct('b'));
    await service.insert({ ...DOCS, rows: [{ ...doc(2), s: [{ b: 5 }] }] });
    const check = async (): Promise<void> => {
      const { rows } = await world.service.query({
        ...DOCS,
        filter: 'id > 0',
        outputFields: ['s'],
      });
      expect(rows).toEqual([
        { id: 1n, s: null },
        { id: 2n, s: [{ b: 5 }] },
      ]);
    };
    await inEveryState(service, DOCS, check);
    await world.reopen();
    await check();
  });

  it('may be the dynamic one', async () => {
    const { service } = await open();
    await createDocs(service, { enableDynamicField: true });
    await service.insert({ ...DOCS, rows: [{ ...doc(1), colour: 'red' }] });
    const set = async (value: string): Promise<void> =>
      service.alterCollection({ ...DOCS, set: { 'dynamicfield.enabled': value } });
    await set('false');
    await expectRefusal(
      service.insert({ ...DOCS, rows: [{ ...doc(2), colour: 'red' }] }),
      1100,
      'without enabling dynamic field',
    );
    await set('true');
    await inEveryState(service, DOCS, async () => {
      const { rows } = await service.query({ ...DOCS, ids: [1n], outputFields: ['colour'] });
      expect(rows).toEqual([{ id: 1n }]);
    });
  });

  it('comes and goes while rows are written and read', async () => {
    const { service } = await open();
    await createDocs(service, { shardCount: 2 });
    let isChanging = true;
    const change = async (): Promise<void> => {
      for (let i = 0; i < 6; i++) {
        const field = { name: 'extra', type: 'Int8' as const, nullable: true, defaultValue: i };
        await service.addField({ ...DOCS, field });
        await service.dropField({ ...DOCS, dropped: { fieldName: 'extra' } });
      }
      isChanging = false;
    };
    let written = 0;
    const write = async (): Promise<void> => {
      while (isChanging) {
        await service.upsert({ ...DOCS, rows: docs(written, written + 3) });
        written += 3;
        if (written % 9 === 0) await service.flush(DOCS);
      }
    };
    const read = async (): Promise<void> => {
      while (isChanging) {
        const before = written;
        expect(await service.count({ ...DOCS, filter: '' })).toBeGreaterThanOrEqual(before);
      }
    };
    await Promise.all([change(), write(), read()]);
    expect(await service.count({ ...DOCS, filter: '' })).toBe(written);
  });
}

function arraySuite(open: OpenWorld): void {
  const append: GivenFieldOperation = { fieldName: 'marks', op: 'ARRAY_APPEND' };
  const remove: GivenFieldOperation = { fieldName: 'words', op: 'ARRAY_REMOVE' };
  const row = (id: number, marks: number[] | null, words: string[]): Record<string, unknown> => ({
    ...doc(id),
    marks,
    words,
  });
  const lists = async (service: Service): Promise<unknown[]> => {
    const request = { ...DOCS, filter: 'id >= 0', outputFields: ['marks', 'words', 'tag'] };
    const { rows } = await service.query(request);
    return rows.map(({ marks, words, tag }) => [
      marks === null ? null : Array.from(marks as bigint[], Number),
      words,
      tag,
    ]);
  };

  it('change rows that are growing or sealed, and keep the other fields', async () => {
    const world = await open();
    const { service } = world;
    await createDocs(service, { ...LISTS, shardCount: 2 });
    await service.insert({ ...DOCS, rows: [row(0, [1], ['a', 'b', 'a']), row(1, null, ['a'])] });
    await service.flush(DOCS);
    await service.insert({ ...DOCS, rows: [row(2, [2, 2], ['b'])] });
    const rows = [0, 1, 2].map((id) => ({ id, marks: [7], words: ['a'] }));
    const answer = await service.upsert({ ...DOCS, rows, fieldOps: [append, remove] });
    expect(answer).toMatchObject({ rowCount: 3, ids: [0n, 1n, 2n] });
    const expected = [
      [[1, 7], ['b'], '0/0'],
      [[7], [], '1/0'],
      [[2, 2, 7], ['b'], '2/0'],
    ];
    await inEveryState(service, DOCS, async () => {
      expect(await lists(service)).toEqual(expected);
    });
    expect(await lists(await world.reopen())).toEqual(expected);
  });

  it('refuse the whole request where one of them cannot be', async () => {
    const { service } = await open();
    await createDocs(service, LISTS);
    await service.insert({ ...DOCS, rows: [row(1, [1, 2], ['a'])] });
    const refuse = async (
      rows: Record<string, unknown>[],
      fieldOps: readonly GivenFieldOperation[],
      text: string,
    ): Promise<void> => {
      await expectRefusal(service.upsert({ ...DOCS, rows, fieldOps }), 1100, text);
      expect(await lists(service)).toEqual([[[1, 2], ['a'], '1/0']]);
    };
    await refuse(
      [{ id: 1, marks: [3, 4, 5], words: ['a'] }],
      [append, remove],
      'array length 5 exceeds max_capacity 4',
    );
    await refuse(
      [{ id: 1, tag: 'x' }],
      [append],
      'partial-update op targets field "marks" not present in fields_data',
    );
    await refuse(
      [{ id: 1, tag: 'x' }],
      [{ fieldName: 'tag', op: 'ARRAY_APPEND' }],
      'op ARRAY_APPEND requires Array field, but field "tag" is VarChar',
    );
    await refuse(
      [{ id: 1 }],
      [{ fieldName: 'id', op: 'ARRAY_REMOVE' }],
      'field "id" is the primary key and cannot carry a partial-update op',
    );
    const wrong = { ...DOCS, rows: [{ id: 1 }], fieldOps: 'ARRAY_APPEND' as never };
    await expectRefusal(service.upsert(wrong), 1100, 'fieldOps must be a list of');
  });

  it('begin with nothing for rows that are new', async () => {
    const { service } = await open();
    await createDocs(service, LISTS);
    const fieldOps = [append, remove];
    await service.upsert({ ...DOCS, rows: [row(5, [1], ['a'])], fieldOps });
    expect(await lists(service)).toEqual([[[1], [], '5/0']]);
  });

  it('lose nothing to each other', async () => {
    const { service } = await open();
    await createDocs(service, LISTS);
    await service.insert({ ...DOCS, rows: [row(1, [], ['a'])] });
    const one = (mark: number): Promise<unknown> =>
      service.upsert({ ...DOCS, rows: [{ id: 1, marks: [mark] }], fieldOps: [append] });
    await Promise.all([one(1), one(2), one(3), one(4)]);
    expect(await lists(service)).toEqual([[[1, 2, 3, 4], ['a'], '1/0']]);
  });

  it('happen once where the schema changes between two shards of a request', async () => {
    const { service } = await open();
    await createDocs(service, { ...LISTS, shardCount: 4 });
    const rows = Array.from({ length: 16 }, (_, id) => row(id, [], ['a']));
    await service.insert({ ...DOCS, rows });
    const field = { name: 'late', type: 'Int8' as const, nullable: true };
    await Promise.all([
      service.upsert({
        ...DOCS,
        rows: rows.map(({ id }) => ({ id, marks: [1] })),
        fieldOps: [append],
      }),
      service.addField({ ...DOCS, field }),
    ]);
    const found = (await lists(service)) as [number[]][];
    expect(found.map(([marks]) => marks)).toEqual(rows.map(() => [1]));
  });
}
