import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestClient } from './rest-client.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
let rest: RestClient;
const collectionName = 'moving';

beforeAll(async () => {
  server = await runServer();
  rest = new RestClient(server.port);
  const fields = [
    { fieldName: 'id', dataType: 'Int64', isPrimary: true },
    { fieldName: 'tag', dataType: 'VarChar', elementTypeParams: { max_length: '64' } },
    { fieldName: 'size', dataType: 'Int64', nullable: true },
    {
      fieldName: 'marks',
      dataType: 'Array',
      elementDataType: 'Int64',
      elementTypeParams: { max_capacity: '3' },
    },
    { fieldName: 'dense', dataType: 'FloatVector', elementTypeParams: { dim: '2' } },
  ];
  const indexParams = [
    { fieldName: 'dense', indexName: 'dense', indexType: 'AUTOINDEX', metricType: 'L2' },
  ];
  const schema = { autoId: false, enableDynamicField: false, fields };
  const created = await rest.post('collections/create', { collectionName, schema, indexParams });
  expect(created).toMatchObject({ code: 0 });
  const data = [{ id: 1, tag: 'a', size: 5, marks: [1], dense: [1, 2] }];
  expect(await rest.post('entities/insert', { collectionName, data })).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function describedFields(): Promise<{ name: string; id: number }[]> {
  const { data } = await rest.post('collections/describe', { collectionName });
  return (data as { fields: { name: string; id: number }[] }).fields;
}

describe('fields/drop', () => {
  const drop = async (which: object): Promise<unknown> =>
    await rest.post('collections/fields/drop', { collectionName, ...which });

  it('drops a field by its name or its id', async () => {
    expect(await drop({ fieldName: 'tag' })).toMatchObject({ code: 0 });
    const fieldId = (await describedFields()).find(({ name }) => name === 'size')?.id;
    expect(await drop({ fieldId })).toMatchObject({ code: 0 });
    expect((await describedFields()).map(({ name }) => name)).toEqual(['id', 'marks', 'dense']);
    expect(await drop({ fieldName: 'tag' })).toMatchObject({
      code: 1100,
      message: expect.stringContaining('field not found') as unknown,
    });
  });

  it.each([
    [{}, 'exactly one of fieldName or fieldId is required'],
    [{ fieldName: 'marks', fieldId: 101 }, 'exactly one of fieldName or fieldId is required'],
    [{ fieldId: 0 }, 'fieldId must be greater than 0'],
    [{ fieldId: -1 }, 'fieldId must be greater than 0'],
    [{ fieldName: 'id' }, 'cannot drop primary key field'],
    [{ fieldName: 'dense' }, 'cannot drop the last vector field'],
  ])('refuses %j', async (which, message) => {
    expect(await drop(which)).toMatchObject({
      code: 1100,
      message: expect.stringContaining(message) as unknown,
    });
  });
});

describe('fieldOps', () => {
  const change = async (op: string, marks: number[]): Promise<unknown> => {
    const data = [{ id: 1, marks }];
    const fieldOps = [{ fieldName: 'marks', op }];
    return await rest.post('entities/upsert', { collectionName, data, fieldOps });
  };

  it('change arrays in place', async () => {
    expect(await change('ARRAY_APPEND', [2, 1])).toMatchObject({ code: 0 });
    expect(await change('array_remove ', [1])).toMatchObject({ code: 0 });
    const ref = { databaseName: '', collectionName };
    const request = { ...ref, ids: [1n], outputFields: ['marks'] };
    const { rows } = await server.service.query(request);
    expect(rows).toEqual([{ id: 1n, marks: [2n] }]);
  });

  it('are refused in Milvus’s words', async () => {
    const refused = (message: string): object => ({
      code: 1100,
      message: expect.stringContaining(message) as unknown,
    });
    expect(await change('BOGUS', [1])).toMatchObject(
      refused('unsupported partial update op: BOGUS'),
    );
    const data = [{ id: 1, dense: [1, 2] }];
    const fieldOps = [{ fieldName: 'dense', op: 'ARRAY_APPEND' }];
    expect(await rest.post('entities/upsert', { collectionName, data, fieldOps })).toMatchObject(
      refused('op ARRAY_APPEND requires Array field, but field "dense" is FloatVector'),
    );
  });
});
