import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonText } from '../../src/rest/json-write.ts';
import { parseJsonText } from '../../src/schema/json-text.ts';
import { EVERY_TYPE, everyRows } from './every-type.ts';
import { RestClient } from './rest-client.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
let rest: RestClient;
beforeAll(async () => {
  server = await runServer();
  rest = new RestClient(server.port);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

type Row = Record<string, unknown>;

/** The float of 32 bits that a number in JSON is; long integers are read as bigint. */
function floatOf(value: unknown): number {
  return Math.fround(Number(value));
}

/** Arrays as they are answered -> as they were given. */
function elementsOf(value: unknown): unknown {
  const { Data } = value as { Data: Record<string, { data: unknown[] }> };
  return Object.values(Data)[0]!.data;
}

/** A row as the interface answers it -> values that are comparable with what the engine answers. */
function plain(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const kind = name.replace('_or_null', '');
      if (value === null) return [name, value];
      if (kind === 'json') return [name, parseJsonText(value as string)];
      // As few digits as say which float of 32 bits it is.
      if (kind === 'float') return [name, floatOf(value)];
      if (['numbers', 'words', 'flags'].includes(kind)) return [name, elementsOf(value)];
      return [name, value];
    }),
  );
}

/** What the engine answers, as JSON says it. */
function expected(row: Row): Row {
  const entries = Object.entries(row).map(([name, value]) => {
    const kind = name.replace('_or_null', '');
    if (value === null) return [name, value];
    if (kind === 'half' || kind === 'brain') return [name, 'bytes'];
    return [name, value];
  });
  const written = parseJsonText(jsonText(Object.fromEntries(entries))) as Row;
  const floats = Object.entries(written).filter(
    ([name]) => name.replace('_or_null', '') === 'float',
  );
  return {
    ...written,
    ...Object.fromEntries(
      floats.map(([name, value]) => [name, value === null ? null : floatOf(value)]),
    ),
  };
}

describe('rows of every type', () => {
  it('are the same through JSON as through the engine', async () => {
    await server.service.createCollection('default', {
      ...EVERY_TYPE,
      indexes: [
        { fieldName: 'dense', indexName: '', params: { index_type: 'FLAT', metric_type: 'L2' } },
      ],
    });
    await fc.assert(
      fc.asyncProperty(everyRows, async (rows) => {
        const { collectionName } = { collectionName: 'every' };
        const done = await rest.text('entities/insert', jsonText({ collectionName, data: rows }));
        expect(done).toContain('"code":0');
        const reference = { databaseName: 'default', collectionName };
        await server.service.loadCollection(reference);
        const strong = { consistencyLevel: 'Strong' as const };
        const filter = 'id != ""';
        const answer = await rest.text('entities/query', { collectionName, filter, ...strong });
        const { data } = parseJsonText(answer) as { data: Row[] };
        const direct = await server.service.query({
          ...reference,
          ...strong,
          filter,
          outputFields: ['*'],
          limit: 100,
        });
        const sorted = (list: Row[]): Row[] =>
          list.toSorted((a, b) => String(a['id']).localeCompare(String(b['id'])));
        const got = sorted(data.map(plain)).map((row) => ({
          ...row,
          half: 'bytes',
          brain: 'bytes',
        }));
        const wanted = sorted(direct.rows.map(expected)).map(({ bytes, ...row }) => ({
          ...row,
          bytes,
        }));
        for (const [i, row] of wanted.entries()) expect(got[i]).toEqual(row);
        expect(got).toHaveLength(wanted.length);
        await rest.post('entities/delete', { collectionName, filter });
      }),
      { numRuns: 25 },
    );
  });

  it('have the vectors of their own structs beside rows that have none', async () => {
    const collectionName = 'structs';
    const capacity = { max_capacity: '4' };
    const created = await rest.post('collections/create', {
      collectionName,
      schema: {
        fields: [
          { fieldName: 'id', dataType: 'Int64', isPrimary: true },
          { fieldName: 'dense', dataType: 'FloatVector', elementTypeParams: { dim: '2' } },
        ],
        structFields: [
          {
            fieldName: 'parts',
            nullable: true,
            elementTypeParams: capacity,
            fields: [
              {
                fieldName: 'v',
                dataType: 'ArrayOfVector',
                elementDataType: 'FloatVector',
                elementTypeParams: { dim: '2' },
              },
              { fieldName: 'n', dataType: 'Array', elementDataType: 'Int64' },
            ],
          },
        ],
      },
      indexParams: [
        { fieldName: 'dense', metricType: 'L2' },
        { fieldName: 'parts[v]', metricType: 'MAX_SIM_L2', indexType: 'HNSW' },
      ],
    });
    expect(created).toEqual({ code: 0, data: {} });
    const lists = [null, [{ v: [1, 2], n: 1 }], null, [{ v: [3, 4], n: 2 }]];
    const data = lists.map((parts, id) => ({ id, dense: [id, 0], parts }));
    expect(await rest.post('entities/insert', { collectionName, data })).toMatchObject({ code: 0 });
    const asked = { collectionName, filter: 'id >= 0', outputFields: ['parts'] };
    expect(
      await rest.post('entities/query', { ...asked, consistencyLevel: 'Strong' }),
    ).toMatchObject({
      code: 0,
      data: lists.map((parts, id) => ({ id, parts })),
    });
  });

  it('may be given in the other forms that JSON has for them', async () => {
    const collectionName = 'forms';
    const field = (fieldName: string, dataType: string, elementTypeParams: Row = {}) => ({
      fieldName,
      dataType,
      elementTypeParams,
    });
    const created = await rest.post('collections/create', {
      collectionName,
      schema: {
        autoID: false,
        enableDynamicField: false,
        fields: [
          { ...field('id', 'Int64'), isPrimary: true },
          field('small', 'Int8'),
          field('word', 'VarChar', { max_length: 9 }),
          field('json', 'JSON'),
          field('half', 'Float16Vector', { dim: 2 }),
          field('bits', 'BinaryVector', { dim: '16' }),
        ],
      },
      indexParams: [
        { fieldName: 'half', metricType: 'L2' },
        { fieldName: 'bits', metricType: 'HAMMING', indexType: 'BIN_FLAT' },
      ],
    });
    expect(created).toEqual({ code: 0, data: {} });
    const half = Buffer.from(Uint16Array.of(0x3c00, 0x4000).buffer).toString('base64');
    const data = [
      { id: '1', small: '-5', word: 17, json: '{"a": [1]}', half: [1, 2], bits: 'AQI=' },
      { id: 2, small: 5, word: 'w', json: 'no json', half, bits: [1, 2] },
    ];
    expect(await rest.post('entities/insert', { collectionName, data })).toMatchObject({ code: 0 });
    const strong = { collectionName, consistencyLevel: 'Strong' };
    expect(await rest.post('entities/get', { ...strong, id: ['1', 2] })).toMatchObject({
      code: 0,
      data: [
        { id: 1, small: -5, word: '17', json: '{"a":[1]}', half, bits: 'AQI=' },
        { id: 2, small: 5, word: 'w', json: '"no json"', half, bits: 'AQI=' },
      ],
    });
    for (const query of [[1, 2], half]) {
      const found = await rest.post('entities/search', {
        ...strong,
        annsField: 'half',
        data: [query],
      });
      expect(found).toMatchObject({
        code: 0,
        topks: [2],
        data: [{ distance: 0 }, { distance: 0 }],
      });
    }
    const near = { ...strong, annsField: 'bits', data: ['AQI='], filter: 'id == 2' };
    expect(await rest.post('entities/search', near)).toMatchObject({
      data: [{ id: 2, distance: 0 }],
    });
    const extra = { collectionName, data: [{ ...data[0], other: 1 }] };
    const refused = await rest.post('entities/insert', extra);
    expect(refused).toMatchObject({ code: 1804 });
    expect(refused['message']).toContain('has pass more field without dynamic schema');
  });
});
