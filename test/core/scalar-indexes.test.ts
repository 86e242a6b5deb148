/** Indexes of scalars from their definitions to answers: built, described, asked, mended, dropped. */
import { describe, expect, it } from 'vitest';
import { directCalls } from '../../src/core/engine.ts';
import type { Service } from '../../src/core/service.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import type { CollectionDefinition } from '../../src/schema/definition.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { encodedTransport } from '../suites/encoded-transport.ts';
import { indexed } from '../suites/index-fixtures.ts';
import { createDocs, DOCS, expectRefusal } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const TUNING = { ...PRODUCTION_TUNING, indexRowsMin: 10 };
const ROWS = 400;

const FIELDS: CollectionDefinition['fields'] = [
  { name: 'id', type: 'Int64', isPrimaryKey: true },
  { name: 'small', type: 'Int8', nullable: true },
  { name: 'price', type: 'Double' },
  { name: 'title', type: 'VarChar', maxLength: 100 },
  { name: 'body', type: 'VarChar', maxLength: 100 },
  { name: 'name', type: 'VarChar', maxLength: 100 },
  {
    name: 'labels',
    type: 'Array',
    elementType: 'VarChar',
    maxLength: 20,
    maxCapacity: 4,
    nullable: true,
  },
  { name: 'place', type: 'Geometry' },
  { name: 'at', type: 'Timestamptz' },
  { name: 'flag', type: 'Bool' },
  { name: 'data', type: 'JSON', nullable: true },
  { name: 'vector', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
];

function row(id: number): Record<string, unknown> {
  return {
    id,
    small: id % 7 === 0 ? null : id % 50,
    price: id / 4,
    title: `title ${id % 30}`,
    body: `body of ${id} words`,
    name: `name${id}`,
    labels: id % 5 === 0 ? null : [`l${id % 3}`, 'x'],
    place: `POINT (${id} ${-id})`,
    at: new Date(id * 1000).toISOString(),
    flag: id % 2 === 0,
    data: id % 11 === 0 ? null : { n: id % 13, s: `s${id % 17}`, deep: { b: id % 2 === 0 } },
    color: ['red', 'green', 'blue'][id % 3],
    vector: [id, 0],
  };
}

interface Made {
  readonly field: string;
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
  readonly builtAs: string;
}

const json = (path: string, cast: string, type: string): Record<string, string> => ({
  index_type: type,
  json_path: path,
  json_cast_type: cast,
});

const INDEXES: readonly Made[] = [
  { field: 'id', name: 'id', params: { index_type: 'STL_SORT' }, builtAs: 'STL_SORT' },
  { field: 'small', name: 'small', params: { index_type: 'AUTOINDEX' }, builtAs: 'HYBRID' },
  { field: 'price', name: 'price', params: { index_type: 'INVERTED' }, builtAs: 'INVERTED' },
  { field: 'title', name: 'title', params: { index_type: 'BITMAP' }, builtAs: 'BITMAP' },
  {
    field: 'body',
    name: 'grams',
    params: { index_type: 'NGRAM', min_gram: '2', max_gram: '3' },
    builtAs: 'NGRAM',
  },
  { field: 'name', name: 'name', params: { index_type: 'TRIE' }, builtAs: 'TRIE' },
  { field: 'labels', name: 'labels', params: { index_type: 'INVERTED' }, builtAs: 'INVERTED' },
  { field: 'place', name: 'place', params: { index_type: 'RTREE' }, builtAs: 'RTREE' },
  { field: 'at', name: 'at', params: {}, builtAs: 'STL_SORT' },
  { field: 'flag', name: 'flag', params: { index_type: '' }, builtAs: 'BITMAP' },
  {
    field: 'data',
    name: 'data/n',
    params: json('data["n"]', 'DOUBLE', 'STL_SORT'),
    builtAs: 'STL_SORT',
  },
  { field: 'data', name: 'whole', params: json('data', 'JSON', 'INVERTED'), builtAs: 'INVERTED' },
  {
    field: 'color',
    name: '$meta/color',
    params: json('color', 'VARCHAR', 'AUTOINDEX'),
    builtAs: 'HYBRID',
  },
];

const FILTERS: readonly string[] = [
  'id in [3, 5, 399, 1000]',
  'small == 3 or small is null',
  'not (small >= 3)',
  'price > 90.5 and title == "title 7"',
  'title like "title 1%"',
  'body like "%of 12%"',
  'name like "name39%"',
  'labels is null',
  'place is not null and id < 4',
  'at < ISO "1970-01-01T00:01:00Z"',
  'flag == true and id < 9',
  'data["n"] > 10',
  'not (data["n"] > 3)',
  'data["s"] in ["s3", "s4"]',
  'data["deep"]["b"] == true and data["n"] == 4',
  'exists data["deep"]',
  'color == "red" and price < 12',
];

const QUERY = { ...DOCS, outputFields: ['id'] };

/** What every filter finds. */
async function answers(service: Service): Promise<string[]> {
  const found: string[] = [];
  for (const filter of FILTERS) {
    const { rows } = await service.query({ ...QUERY, filter });
    const { results } = await service.search({ ...DOCS, data: [[50, 0]], limit: 5, filter });
    const hits = (results[0] ?? []).map(({ id }) => String(id)).join(' ');
    found.push(`${filter}: ${rows.map(({ id }) => String(id)).join(' ')} / ${hits}`);
  }
  return found;
}

async function allIndexed(service: Service): Promise<void> {
  for (const { name } of INDEXES) await indexed(service, name);
}

async function create(service: Service): Promise<void> {
  for (const { field, name, params } of INDEXES) {
    const isDefault = name === field || name.includes('/');
    const indexName = isDefault ? '' : name;
    await service.createIndex({ ...DOCS, fieldName: field, indexName, params });
  }
}

const flush = async (service: Service): Promise<void> => {
  await service.flush(DOCS);
};

describe.each([
  ['by direct calls', directCalls],
  ['by encoded calls', encodedTransport()],
])('indexes of scalars, %s', (_name, transport) => {
  it('change no answer, from rows in memory to compacted ones', async () => {
    const world = await memoryWorld(transport, { tuning: TUNING })();
    const { service } = world;
    await createDocs(service, { fields: FIELDS, enableDynamicField: true });
    await service.insert({ ...DOCS, rows: Array.from({ length: ROWS }, (_, i) => row(i)) });
    const expected = await answers(service);
    await flush(service);
    expect(await answers(service)).toEqual(expected);
    await create(service);
    await allIndexed(service);
    for (const { name, builtAs } of INDEXES) {
      const [index] = await service.describeIndexes({ ...DOCS, indexName: name });
      expect(index).toMatchObject({
        name,
        builtAs,
        totalRows: ROWS,
        indexedRows: ROWS,
        metric: '',
      });
    }
    expect(await answers(service)).toEqual(expected);

    await service.delete({ ...DOCS, filter: 'id in [3, 4, 399]' });
    await service.insert({ ...DOCS, rows: [3, 4, 399].map(row) });
    expect(await answers(service)).toEqual(expected);
    const reopened = await world.reopen();
    expect(await answers(reopened)).toEqual(expected);
    await world.close();
  });
});

describe('an index of scalars', () => {
  it('is created once: the same again is no error, another is refused', async () => {
    const world = await memoryWorld(directCalls, { tuning: TUNING })();
    const { service } = world;
    await createDocs(service, { fields: FIELDS, enableDynamicField: true });
    await create(service);
    await create(service);
    const names = (await service.describeIndexes({ ...DOCS, indexName: '' })).map(
      ({ name }) => name,
    );
    expect(names.toSorted()).toEqual(INDEXES.map(({ name }) => name).toSorted());
    const spelled = json("data['n']", 'DOUBLE', 'STL_SORT');
    await service.createIndex({ ...DOCS, fieldName: 'data', indexName: '', params: spelled });
    const refused = async (
      fieldName: string,
      indexName: string,
      params: Record<string, string>,
    ) => {
      const work = service.createIndex({ ...DOCS, fieldName, indexName, params });
      await expectRefusal(work, 1100, /at most one distinct index|multiple indexes on same field/);
    };
    await refused('price', '', { index_type: 'STL_SORT' });
    await refused('price', 'other', { index_type: 'INVERTED' });
    await refused('data', 'other', json('data["n"]', 'VARCHAR', 'INVERTED'));
    await expectRefusal(
      service.createIndex({ ...DOCS, fieldName: 'tz', indexName: '', params: { index_type: 'X' } }),
      1100,
      'invalid index type: X',
    );
    await world.close();
  });

  it('is rebuilt when it is damaged, and goes when it is dropped', async () => {
    const made: { disk?: Disk } = {};
    const wrapDisk = (disk: Disk): Disk => {
      made.disk = disk;
      return disk;
    };
    const world = await memoryWorld(directCalls, { tuning: TUNING, wrapDisk })();
    await createDocs(world.service, { fields: FIELDS, enableDynamicField: true });
    await world.service.insert({ ...DOCS, rows: Array.from({ length: ROWS }, (_, i) => row(i)) });
    await flush(world.service);
    const price = { ...DOCS, fieldName: 'price', indexName: 'price' };
    await world.service.createIndex({ ...price, params: { index_type: 'INVERTED' } });
    await indexed(world.service, 'price');
    const service = await world.reopen();
    const images = async (): Promise<string[]> => {
      const names = await made.disk!.list('segments');
      return names.filter((name) => name.includes('.idx-') && !name.endsWith('.json'));
    };
    const [before] = await images();
    const file = await made.disk!.open(`segments/${before!}`, 'write');
    await file.write([Uint8Array.of(7)], 5000);
    await file.close();
    const ask = async (): Promise<number> =>
      (await service.query({ ...QUERY, filter: 'price < 2.5' })).rows.length;
    expect(await ask()).toBe(10);
    world.clock.advance(10_000);
    const isNew = async (): Promise<boolean> => (await images()).some((name) => name !== before);
    for (let turn = 0; turn < 20_000 && !(await isNew()); turn++) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    await indexed(service, 'price');
    expect(await isNew()).toBe(true);
    expect(await ask()).toBe(10);
    await service.dropIndex({ ...DOCS, indexName: 'price' });
    expect(await service.describeIndexes({ ...DOCS, indexName: '' }).catch(() => [])).toEqual([]);
    expect(await ask()).toBe(10);
    await world.close();
  });
});
