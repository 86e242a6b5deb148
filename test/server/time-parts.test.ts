/** Times as clients ask for them: in the zone of request, collection or database, as text or as numbers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlaceholderGroup } from '../../src/wire/generated/milvus.ts';
import type { FieldData, KeyValuePair } from '../../src/wire/generated/milvus.ts';
import { textAt } from '../../src/wire/byte-lists.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import type { Init } from '../../src/wire/message-type.ts';
import { runServer, type TestServer } from './running-server.ts';

const VISITS = { databaseName: 'shop', collectionName: 'visits' };
const ARRAY = 22;
const INT64 = 5;

let server: TestServer;

beforeAll(async () => {
  server = await runServer();
  const { service } = server;
  await service.createDatabase('shop', { timezone: 'Asia/Tokyo' });
  await service.createCollection('shop', {
    name: 'visits',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'at', type: 'Timestamptz', nullable: true },
      { name: 'v', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
    ],
  });
  await service.loadCollection(VISITS);
  const rows = [
    { id: 1, at: '2024-12-31T23:59:58.000123Z', v: [0, 0] },
    { id: 2, at: null, v: [1, 0] },
    { id: 3, at: '2024-02-29T08:00:00', v: [2, 0] },
  ];
  await service.insert({ ...VISITS, rows });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function pairs(params: Readonly<Record<string, string>>): Init<KeyValuePair>[] {
  return Object.entries(params).map(([key, value]) => ({ key, value }));
}

async function query(params: Readonly<Record<string, string>>) {
  return await server.client.call('Query', {
    dbName: 'shop',
    collectionName: 'visits',
    expr: 'id > 0',
    outputFields: ['at'],
    queryParams: pairs(params),
  });
}

async function search(params: Readonly<Record<string, string>>) {
  const values = [new Uint8Array(Float32Array.of(0, 0).buffer)];
  return await server.client.call('Search', {
    dbName: 'shop',
    collectionName: 'visits',
    placeholderGroup: encodeMessage(PlaceholderGroup, {
      placeholders: [{ tag: '$0', type: 101, values }],
    }),
    outputFields: ['at'],
    searchParams: pairs({ topk: '3', anns_field: 'v', ...params }),
  });
}

function timesIn(fields: readonly FieldData[]): FieldData | undefined {
  return fields.find(({ fieldName }) => fieldName === 'at');
}

function partsIn(fields: readonly FieldData[]): number[][] {
  const rows = timesIn(fields)?.scalars?.arrayData?.data ?? [];
  return rows.map(({ longData }) => Array.from(longData?.data ?? [], Number));
}

describe('time_fields', () => {
  it('answer numbers in the place of text, in the order that was asked for', async () => {
    const params = { time_fields: 'year, Month,day hour,minute,second,microsecond' };
    const { fieldsData, status } = await query(params);
    expect(status?.code).toBe(0);
    expect(timesIn(fieldsData)).toMatchObject({ type: ARRAY });
    expect(timesIn(fieldsData)?.scalars?.arrayData?.elementType).toBe(INT64);
    expect(Array.from(timesIn(fieldsData)?.validData ?? [])).toEqual([1, 0, 1]);
    const [first, , third] = partsIn(fieldsData);
    expect(first).toEqual([2025, 1, 1, 8, 59, 58, 123]);
    expect(third).toEqual([2024, 2, 29, 8, 0, 0, 0]);
  });

  it('are of the zone of the request when it says one', async () => {
    const { fieldsData } = await query({ time_fields: 'hour,year', timezone: 'UTC' });
    expect(partsIn(fieldsData)[0]).toEqual([23, 2024]);
  });

  it('are answered by searches too', async () => {
    const { results } = await search({ time_fields: 'day,day' });
    expect(partsIn(results?.fieldsData ?? []).at(0)).toEqual([1, 1]);
    expect(partsIn(results?.fieldsData ?? []).at(2)).toEqual([29, 29]);
  });

  it('make the groups of an aggregation numbers', async () => {
    const { fieldsData } = await server.client.call('Query', {
      dbName: 'shop',
      collectionName: 'visits',
      expr: 'id != 2',
      outputFields: ['at', 'count(*)'],
      queryParams: pairs({ group_by_fields: 'at', time_fields: 'month' }),
    });
    expect(new Set(partsIn(fieldsData).flat())).toEqual(new Set([1, 2]));
  });

  it('are refused when they are none, or too many', async () => {
    for (const ask of [query, search]) {
      const { status } = await ask({ time_fields: 'year;month' });
      expect(status).toMatchObject({ code: 1100 });
      expect(status?.reason).toContain('unsupported field for extraction: year;month');
    }
    const { status } = await query({ time_fields: Array(65).fill('year').join(',') });
    expect(status?.reason).toContain('too many fields for extraction');
  });
});

describe('the zone of a database', () => {
  it('is that of the collections that are created in it', async () => {
    const { properties } = await server.service.describeCollection(VISITS);
    expect(properties).toEqual({ timezone: 'Asia/Tokyo' });
    const { fieldsData } = await query({});
    const texts = timesIn(fieldsData)?.scalars?.stringData?.data;
    expect(texts === undefined ? '' : textAt(texts, 2)).toBe('2024-02-29T08:00:00+09:00');
  });

  it('gives way to what a collection says, and is kept when the database changes', async () => {
    const { service } = server;
    const definition = {
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 2 },
      ],
    } as const;
    const own = { timezone: 'Europe/Zurich' };
    await service.createCollection('shop', { ...definition, name: 'own', properties: own });
    await service.alterDatabase('shop', { set: { timezone: 'UTC' } });
    await service.createCollection('shop', { ...definition, name: 'later' });
    const zoneOf = async (collectionName: string): Promise<unknown> => {
      const ref = { databaseName: 'shop', collectionName };
      return (await service.describeCollection(ref)).properties['timezone'];
    };
    expect(await zoneOf('own')).toBe('Europe/Zurich');
    expect(await zoneOf('visits')).toBe('Asia/Tokyo');
    expect(await zoneOf('later')).toBe('UTC');
  });
});
