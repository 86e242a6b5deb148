/** Groups, orders, aggregates, buckets and keys to search by, as they are on the wire. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyValuePair, SearchRequest } from '../../src/wire/generated/milvus.ts';
import { PlaceholderGroup } from '../../src/wire/generated/milvus.ts';
import { textAt } from '../../src/wire/byte-lists.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import type { Init } from '../../src/wire/message-type.ts';
import { runServer, type TestServer } from './running-server.ts';

const COLLECTION = { databaseName: '', collectionName: 'goods' };

let server: TestServer;

beforeAll(async () => {
  server = await runServer();
  const { service } = server;
  await service.createCollection('', {
    name: 'goods',
    enableDynamicField: true,
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'colour', type: 'VarChar', maxLength: 9, nullable: true },
      { name: 'shop', type: 'Int32' },
      { name: 'price', type: 'Double' },
      { name: 'meta', type: 'JSON' },
      { name: 'v', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
    ],
  });
  await service.loadCollection(COLLECTION);
  const colours = ['red', 'blue', null];
  const rows = Array.from({ length: 12 }, (_, id) => ({
    id,
    colour: colours[id % 3],
    shop: id % 2,
    price: 12 - id + 0.5,
    meta: { kind: id % 4 },
    v: [id, 0],
    ...(id < 6 ? { extra: id } : {}),
  }));
  await service.insert({ ...COLLECTION, rows });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function pairs(params: Readonly<Record<string, unknown>>): Init<KeyValuePair>[] {
  return Object.entries(params).map(([key, value]) => ({ key, value: String(value) }));
}

function vectors(...points: readonly (readonly [number, number])[]): Uint8Array {
  const values = points.map((point) => new Uint8Array(Float32Array.of(...point).buffer));
  return encodeMessage(PlaceholderGroup, { placeholders: [{ tag: '$0', type: 101, values }] });
}

async function search(params: Readonly<Record<string, unknown>>, more: Init<SearchRequest> = {}) {
  const answer = await server.client.call('Search', {
    collectionName: 'goods',
    ...(more.ids === undefined ? { placeholderGroup: vectors([0, 0]) } : {}),
    searchParams: pairs({ topk: 3, anns_field: 'v', ...params }),
    useDefaultConsistency: true,
    ...more,
  });
  const { status, results } = answer;
  const reason = status?.reason ?? '';
  return { reason, results, ids: [...(results?.ids?.intId?.data ?? [])].map(Number) };
}

async function query(
  params: Readonly<Record<string, unknown>>,
  outputFields: readonly string[],
  expr = '',
) {
  const { status, fieldsData } = await server.client.call('Query', {
    collectionName: 'goods',
    expr,
    outputFields,
    queryParams: pairs(params),
    useDefaultConsistency: true,
  });
  const columns = Object.fromEntries(
    fieldsData.map(({ fieldName, scalars, validData }) => {
      const { longData, intData, doubleData, stringData } = scalars ?? {};
      const texts = stringData?.data;
      const numbers = longData?.data ?? intData?.data ?? doubleData?.data;
      const values =
        texts === undefined
          ? Array.from(numbers ?? [], Number)
          : Array.from({ length: texts.offsets.length - 1 }, (_, i) => textAt(texts, i));
      return [fieldName, values.map((value, i) => (validData[i] === 0 ? null : value))];
    }),
  );
  return { reason: status?.reason ?? '', columns };
}

describe('a search on the wire', () => {
  it('has groups, and says what they are groups of', async () => {
    const one = await search({
      group_by_field: 'colour',
      group_size: 2,
      strict_group_size: 'True',
    });
    expect(one.ids).toEqual([0, 3, 1, 4, 2, 5]);
    expect(one.results?.topks).toEqual(BigInt64Array.of(6n));
    const { groupByFieldValue: value, groupByFieldValues: values } = one.results!;
    expect(value?.fieldName).toBe('colour');
    expect(value?.validData).toEqual(Uint8Array.of(1, 1, 1, 1, 0, 0));
    expect(textAt(value!.scalars!.stringData!.data, 2)).toBe('blue');
    expect(values).toHaveLength(1);
    const two = await search({ group_by_fields: 'colour,shop', topk: 10 });
    expect(two.ids).toEqual([0, 1, 2, 3, 4, 5]);
    expect(two.results?.groupByFieldValue).toBeNull();
    expect(two.results?.groupByFieldValues.map(({ fieldName }) => fieldName)).toEqual([
      'colour',
      'shop',
    ]);
    const path = { group_by_field: 'meta["kind"]', json_type: 'Int8', topk: 10, offset: 1 };
    expect((await search(path)).ids).toEqual([1, 2, 3]);
    expect((await search({ group_by_field: 'extra', topk: 3 })).ids).toEqual([0, 1, 2]);
  });

  it('puts hits in order', async () => {
    expect((await search({ order_by_fields: 'price:asc', topk: 4 })).ids).toEqual([3, 2, 1, 0]);
    const shops = { order_by_fields: 'shop:desc,price:asc', topk: 4, offset: 1 };
    expect((await search(shops)).ids).toEqual([1, 4, 2, 0]);
    const order = { order_by_fields: 'meta["kind"]:desc:nulls_last', topk: 4 };
    expect((await search(order)).ids).toEqual([3, 2, 1, 0]);
    expect((await search({ order_by_fields: 'v' })).reason).toContain('has unsortable type');
    expect((await search({}, { outputFields: ['count(*)'] })).reason).toContain(
      'aggregates are not supported in search request',
    );
  });

  it('goes by keys', async () => {
    const ids = { intId: { data: BigInt64Array.of(5n, 2n) } };
    const found = await search({ topk: 2 }, { ids, dsl: 'id > 2' });
    expect(found.ids).toEqual([5, 4, 3, 4]);
    expect(found.results?.topks).toEqual(BigInt64Array.of(2n, 2n));
    const missing = { intId: { data: BigInt64Array.of(77n) } };
    expect((await search({}, { ids: missing })).reason).toContain('missing IDs = [77]');
    const text = { strId: { data: { offsets: Uint32Array.of(0, 1), bytes: Uint8Array.of(97) } } };
    expect((await search({}, { ids: text })).reason).toContain('primary key is int64');
  });

  it('has buckets, with metrics and hits', async () => {
    const searchAggregation = {
      fields: ['colour'],
      size: 3n,
      metrics: new Map([
        ['n', { op: 'count', fieldName: '*' }],
        ['sum', { op: 'sum', fieldName: 'shop' }],
        ['mean', { op: 'avg', fieldName: 'price' }],
        ['first', { op: 'min', fieldName: 'colour' }],
      ]),
      order: [{ key: '_key', direction: 'desc' }],
      topHits: { size: 2n, sort: [{ fieldName: 'price', direction: 'asc' }] },
      subAggregation: { fields: ['shop'], size: 2n },
    };
    const outputFields = ['price', 'shop', 'meta'];
    const { results, reason } = await search({}, { searchAggregation, outputFields });
    expect(reason).toBe('');
    expect(results?.aggTopks).toEqual(BigInt64Array.of(3n));
    expect(results?.topks).toEqual(BigInt64Array.of(0n));
    const [red, blue, none] = results!.aggBuckets;
    expect(red?.key).toMatchObject([{ fieldName: 'colour', stringVal: 'red' }]);
    expect(red).toMatchObject({ count: 4n });
    expect(red?.metrics.get('n')?.intVal).toBe(4n);
    expect(red?.metrics.get('sum')?.intVal).toBe(2n);
    expect(red?.metrics.get('mean')?.doubleVal).toBe(8);
    expect(red?.metrics.get('first')?.stringVal).toBe('red');
    expect(red?.hits.map(({ intPk }) => intPk)).toEqual([9n, 6n]);
    expect(red?.hits[0]).toMatchObject({ score: 81 });
    const [price, shop, meta] = red!.hits[0]!.fields;
    expect(price).toMatchObject({ fieldName: 'price', doubleVal: 3.5 });
    expect(shop).toMatchObject({ fieldName: 'shop', intVal: 1n });
    expect(Buffer.from(meta!.bytesVal!).toString()).toBe('{"kind":1}');
    expect(red?.subGroups.map(({ key, count }) => [key[0]?.intVal, count])).toEqual([
      [0n, 2n],
      [1n, 2n],
    ]);
    expect(blue?.key[0]?.stringVal).toBe('blue');
    expect(none?.key[0]).toMatchObject({ stringVal: undefined, intVal: undefined });
    expect(none?.metrics.has('first')).toBe(false);
  });

  it('refuses what buckets take the place of', async () => {
    const searchAggregation = { fields: ['colour'], size: 1n };
    const refusals: [Readonly<Record<string, unknown>>, string][] = [
      [{ group_by_field: 'shop' }, 'group_by_field and search_aggregation cannot be used'],
      [{ group_by_fields: 'shop' }, 'group_by_fields and search_aggregation cannot be used'],
      [{ offset: 2 }, 'offset is not supported with search_aggregation'],
      [{ iterator: 'True' }, 'search iterator is not supported with search_aggregation'],
    ];
    for (const [params, text] of refusals) {
      expect((await search(params, { searchAggregation })).reason).toContain(text);
    }
    const outputFields = ['v'];
    expect((await search({}, { searchAggregation, outputFields })).reason).toContain(
      'output field v of type FloatVector is not supported with search_aggregation',
    );
  });
});

describe('a query on the wire', () => {
  it('adds up by group', async () => {
    const { columns } = await query(
      { group_by_fields: 'colour', limit: 2, order_by_fields: 'colour:desc' },
      ['colour', 'COUNT(*)', 'sum(price)', 'avg(shop)', 'max(colour)'],
    );
    expect(columns).toEqual({
      colour: [null, 'red'],
      'COUNT(*)': [4, 4],
      'sum(price)': [24, 32],
      'avg(shop)': [0.5, 0.5],
      'max(colour)': [null, 'red'],
    });
    expect((await query({}, ['count(*)', 'count(colour)'])).columns).toEqual({
      'count(*)': [12],
      'count(colour)': [8],
    });
    expect((await query({}, ['count(*)'], 'id in [1, 2, 99]')).columns).toEqual({
      'count(*)': [2],
    });
    expect((await query({}, ['count(*)', 'sum(shop)'], 'id < 0')).columns).toEqual({
      'count(*)': [0],
      'sum(shop)': [null],
    });
  });

  it('puts rows in order', async () => {
    const params = { order_by_fields: 'colour:asc:nulls_first,price:asc', limit: 5, offset: 1 };
    expect((await query(params, ['colour'])).columns).toEqual({
      id: [8, 5, 2, 10, 7],
      colour: [null, null, null, 'blue', 'blue'],
    });
    expect((await query({ order_by_fields: 'price' }, ['id'])).reason).toContain(
      'ORDER BY requires explicit limit',
    );
    for (const name of ['extra', 'meta["kind"]', 'none']) {
      const { reason } = await query({ order_by_fields: name, limit: 3 }, ['id']);
      expect(reason).toContain(`order_by field '${name}' does not exist in collection schema`);
    }
    const summed = { order_by_fields: 'sum(shop)', group_by_fields: 'colour', limit: 3 };
    expect((await query(summed, ['sum(shop)'])).reason).toContain('is not yet supported');
  });
});
