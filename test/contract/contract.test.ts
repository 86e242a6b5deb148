/** What the official client promises its programs, through every door. */
import { describe, expect, it } from 'vitest';
import { DataType, FieldPartialUpdateOpType, MilvusClient } from '../../src/compat.ts';
import { DOORS } from './doors.ts';

const NAME = { collection_name: 'books' };
const BIG = '9007199254740993';

async function create(client: MilvusClient): Promise<void> {
  const { error_code } = await client.createCollection({
    ...NAME,
    fields: [
      { name: 'id', data_type: DataType.Int64, is_primary_key: true },
      { name: 'title', data_type: DataType.VarChar, max_length: 20, nullable: true },
      { name: 'stars', data_type: DataType.Int64, nullable: true },
      { name: 'facts', data_type: DataType.JSON },
      {
        name: 'tags',
        data_type: DataType.Array,
        element_type: DataType.VarChar,
        max_length: 9,
        max_capacity: 3,
      },
      { name: 'vector', data_type: DataType.FloatVector, dim: 2 },
      { name: 'half', data_type: DataType.Float16Vector, dim: 2 },
      { name: 'bits', data_type: DataType.BinaryVector, dim: 8 },
    ],
    consistency_level: 'Strong',
  });
  expect(error_code).toBe('Success');
  for (const [field_name, metric_type] of [
    ['vector', 'L2'],
    ['half', 'COSINE'],
    ['bits', 'HAMMING'],
  ] as const) {
    const index = { ...NAME, field_name, index_type: 'AUTOINDEX', metric_type };
    expect((await client.createIndex(index)).error_code).toBe('Success');
  }
  expect((await client.loadCollectionSync(NAME)).error_code).toBe('Success');
}

function book(id: string | number, more: object = {}): Record<string, never> {
  return {
    id,
    title: `t${id}`,
    stars: 5,
    facts: { pages: 10, list: [1, null] },
    tags: ['a'],
    vector: [Number(id) % 100, 1],
    half: [0.5, 1],
    bits: [7],
    ...more,
  } as unknown as Record<string, never>;
}

describe.each(Object.entries(DOORS))('a client of the %s door', (_name, open) => {
  it('gets values as the SDK has them: int64 as text, answers with a status', async () => {
    await using door = await open();
    const { client } = door;
    await create(client);
    const inserted = await client.insert({ ...NAME, data: [book(BIG), book(2, { title: null })] });
    expect(inserted).toMatchObject({
      status: { error_code: 'Success', code: 0 },
      insert_cnt: '2',
      IDs: { int_id: { data: [BIG, '2'] } },
    });
    expect(typeof inserted.timestamp).toBe('string');
    const { data } = await client.query({ ...NAME, filter: 'id > 0', output_fields: ['*'] });
    expect(data).toHaveLength(2);
    expect(data[0]).toEqual({ ...book('2', { stars: '5', title: null }) });
    expect(data[1]).toMatchObject({ id: BIG, title: `t${BIG}` });
    const found = await client.search({
      ...NAME,
      data: [2, 1],
      anns_field: 'vector',
      limit: 1,
      output_fields: ['id', 'title', 'stars', 'facts'],
    });
    expect(found.results).toMatchObject([{ id: '2', score: 0, title: null, stars: '5' }]);
  });

  it('gets what is wrong as a status, not as an exception', async () => {
    await using door = await open();
    const { client } = door;
    await create(client);
    const filter = await client.query({ ...NAME, filter: 'nothing == 1' });
    expect(filter.status).toMatchObject({ code: 1100, error_code: 'IllegalArgument' });
    expect(filter.status.reason).toContain('nothing');
    const missing = await client.describeCollection({ collection_name: 'none' });
    expect(missing.status).toMatchObject({ code: 100, error_code: 'CollectionNotExists' });
    expect(await client.hasCollection({ collection_name: 'none' })).toMatchObject({ value: false });
  });

  it('goes on by itself when another client changes the schema', async () => {
    await using door = await open();
    const { client } = door;
    await create(client);
    await client.insert({ ...NAME, data: [book(1)] });
    const other = new MilvusClient({ address: door.address, logLevel: 'error' });
    await other.connectPromise;
    const dropped = await other.dropCollectionField({ ...NAME, field_name: 'stars' });
    expect(dropped).toMatchObject({ error_code: 'Success' });
    const { stars: _stars, ...rest } = book(2);
    const inserted = await client.insert({ ...NAME, data: [rest] });
    expect(inserted.status).toMatchObject({ error_code: 'Success' });
    const { data } = await other.query({ ...NAME, filter: 'id > 0', output_fields: ['*'] });
    expect(data.map((row) => Object.keys(row).includes('stars'))).toEqual([false, false]);
    await other.closeConnection();
    expect((await client.count(NAME)).data).toBe(2);
  });

  it('appends to arrays and removes from them', async () => {
    await using door = await open();
    const { client } = door;
    await create(client);
    await client.insert({ ...NAME, data: [book(1)] });
    const change = async (op: FieldPartialUpdateOpType, tags: string[]): Promise<unknown> => {
      const data = [{ id: 1, tags }] as unknown as Record<string, never>[];
      const field_ops = [{ field_name: 'tags', op }];
      return (await client.upsert({ ...NAME, data, field_ops, partial_update: true })).status;
    };
    const { ARRAY_APPEND, ARRAY_REMOVE } = FieldPartialUpdateOpType;
    expect(await change(ARRAY_APPEND, ['b', 'a'])).toMatchObject({ error_code: 'Success' });
    expect(await change(ARRAY_APPEND, ['c'])).toMatchObject({
      code: 1100,
      reason: expect.stringContaining('array length 4 exceeds max_capacity 3') as unknown,
    });
    expect(await change(ARRAY_REMOVE, ['a'])).toMatchObject({ error_code: 'Success' });
    const { data } = await client.get({ ...NAME, ids: [1], output_fields: ['tags', 'title'] });
    expect(data).toEqual([{ id: '1', tags: ['b'], title: 't1' }]);
  });

  it('works in the database that it names', async () => {
    await using door = await open();
    const { client, address } = door;
    await client.createDatabase({ db_name: 'shelf' });
    await client.use({ db_name: 'shelf' });
    await create(client);
    const other = new MilvusClient({ address, database: 'shelf', logLevel: 'error' });
    expect(await other.hasCollection(NAME)).toMatchObject({ value: true });
    await other.use({ db_name: 'default' });
    expect(await other.hasCollection(NAME)).toMatchObject({ value: false });
    await other.closeConnection();
  });

  it('waits no longer than it says', async () => {
    await using door = await open();
    await expect(door.client.hasCollection({ ...NAME, timeout: -1 })).rejects.toMatchObject({
      code: 4,
    });
    expect(await door.client.hasCollection({ ...NAME, timeout: 10_000 })).toMatchObject({
      value: false,
    });
  });

  it('pages through all rows', async () => {
    await using door = await open();
    const { client } = door;
    await create(client);
    await client.insert({ ...NAME, data: Array.from({ length: 25 }, (_, i) => book(i + 1)) });
    const ids: string[] = [];
    const pages = (await client.queryIterator({
      ...NAME,
      expr: 'id > 0',
      batchSize: 10,
      output_fields: ['id'],
    })) as AsyncIterable<{ id: string }[]>;
    for await (const page of pages) ids.push(...page.map(({ id }) => id));
    expect(ids).toEqual(Array.from({ length: 25 }, (_, i) => String(i + 1)));
  });
});

describe('the embedded door', () => {
  it('finds everything again when it is opened again', async () => {
    await using door = await DOORS['embedded']!();
    const { client, address } = door;
    await create(client);
    await client.insert({ ...NAME, data: [book(1)] });
    await client.closeConnection();
    await client.closeConnection();
    const again = new MilvusClient(address);
    await again.connectPromise;
    expect(again.config.address).toBe(address);
    expect((await again.count(NAME)).data).toBe(1);
    await again.closeConnection();
  });

  it('says who else has the directory open', async () => {
    await using door = await DOORS['embedded']!();
    const { MilvusLite } = await import('../../src/index.ts');
    await expect(MilvusLite.open(door.address)).rejects.toThrow(/open/);
    await door.client.closeConnection();
    await using db = await MilvusLite.open(door.address);
    const refused = new MilvusClient({ address: door.address, __SKIP_CONNECT__: true });
    await expect(refused.hasCollection(NAME)).rejects.toThrow(/open/);
    await refused.closeConnection();
    expect(db).toBeDefined();
  });
});
