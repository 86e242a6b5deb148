import { connect } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteListOf } from '../../src/wire/byte-lists.ts';
import {
  CollectionSchema,
  type FieldData,
  InsertRequest,
  METHODS,
  PlaceholderGroup,
} from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import type { Init } from '../../src/wire/message-type.ts';
import { systemClock } from '../../src/base/clock.ts';
import { MEMORY_PATH, openDatabase } from '../../src/core/open.ts';
import { milvusError } from '../../src/base/errors.ts';
import type { Service } from '../../src/core/service.ts';
import { startServer } from '../../src/server/server.ts';
import { createCollection, insertRows } from './collections.ts';
import { FACTS, runServer, type TestServer } from './running-server.ts';
import { WireClient } from './wire-client.ts';

const CLIENTS_FAULTS: readonly number[] = [grpc.status.INVALID_ARGUMENT, grpc.status.UNIMPLEMENTED];

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const SCHEMA: Init<CollectionSchema> = {
  name: 'ignored',
  enableDynamicField: true,
  fields: [
    { name: 'id', dataType: 5, isPrimaryKey: true },
    { name: 'tag', dataType: 21, typeParams: [{ key: 'max_length', value: '9' }], nullable: true },
    { name: 'v', dataType: 101, typeParams: [{ key: 'dim', value: '2' }] },
  ],
};

async function create(collectionName: string, dbName = ''): Promise<void> {
  const schema = encodeMessage(CollectionSchema, SCHEMA);
  const { client } = server;
  expect(await client.call('CreateCollection', { dbName, collectionName, schema })).toMatchObject({
    code: 0,
    errorCode: 0,
  });
  const extraParams = [
    { key: 'index_type', value: 'FLAT' },
    { key: 'metric_type', value: 'L2' },
  ];
  await client.call('CreateIndex', { dbName, collectionName, fieldName: 'v', extraParams });
  await client.call('LoadCollection', { dbName, collectionName });
}

function rows(from: number, count: number): Init<FieldData>[] {
  const ids = Array.from({ length: count }, (_, i) => from + i);
  return [
    { type: 5, fieldName: 'id', scalars: { longData: { data: BigInt64Array.from(ids, BigInt) } } },
    {
      type: 21,
      fieldName: 'tag',
      scalars: { stringData: { data: byteListOf(ids.map((id) => `t${id}`)) } },
    },
    {
      type: 101,
      fieldName: 'v',
      vectors: {
        dim: 2n,
        floatVector: { data: Float32Array.from(ids.flatMap((id) => [id, 0])) },
      },
    },
  ];
}

async function insert(collectionName: string, from: number, count: number): Promise<bigint> {
  const request = { collectionName, fieldsData: rows(from, count), numRows: count };
  const answer = await server.client.call('Insert', request);
  expect(answer).toMatchObject({ status: { code: 0, reason: '' }, insertCnt: BigInt(count) });
  return answer.timestamp;
}

function placeholders(...vectors: readonly (readonly number[])[]): Uint8Array {
  const values = vectors.map((vector) => new Uint8Array(Float32Array.from(vector).buffer));
  return encodeMessage(PlaceholderGroup, { placeholders: [{ tag: '$0', type: 101, values }] });
}

describe('the server', () => {
  it('says who it is', async () => {
    const { client } = server;
    const hello = await client.call('Connect', { clientInfo: { sdkType: 'test' } });
    expect(hello.status).toMatchObject({ code: 0 });
    expect(hello.identifier).toBeGreaterThan(0n);
    expect((await client.call('GetVersion', {})).version).toMatch(/^v\d+\.\d+\.\d+-milvus_lite$/);
    expect((await client.call('CheckHealth', {})).isHealthy).toBe(true);
    const first = await client.call('AllocTimestamp', {});
    const second = await client.call('AllocTimestamp', {});
    expect(second.timestamp).toBeGreaterThan(first.timestamp);
  });

  it('refuses a client that names a database which is not there', async () => {
    const extras = { metadata: { dbname: 'nowhere' } };
    const { status } = await server.client.call('Connect', {}, extras);
    expect(status).toMatchObject({ code: 800, errorCode: 1 });
  });

  it('takes the database of a connection unless a request names one', async () => {
    const { client } = server;
    await client.call('CreateDatabase', { dbName: 'other' });
    await create('here', 'other');
    const extras = { metadata: { dbname: 'other' } };
    const shown = await client.call('ShowCollections', {}, extras);
    expect(shown.collectionNames).toEqual(['here']);
    expect((await client.call('ShowCollections', {})).collectionNames).not.toContain('here');
    const named = await client.call('ShowCollections', { dbName: 'default' }, extras);
    expect(named.collectionNames).not.toContain('here');
  });

  it('keeps rows, finds them by vector and by filter, and forgets deleted ones', async () => {
    const { client } = server;
    await create('rows');
    await insert('rows', 0, 10);
    const searched = await client.call('Search', {
      collectionName: 'rows',
      dsl: 'id < 8',
      placeholderGroup: placeholders([3.1, 0], [9, 0]),
      outputFields: ['tag'],
      searchParams: [
        { key: 'topk', value: '2' },
        { key: 'params', value: '{}' },
      ],
    });
    expect(searched.status).toMatchObject({ code: 0, reason: '' });
    const { ids, topks, numQueries, primaryFieldName, outputFields } = searched.results ?? {};
    expect({ topks, numQueries, primaryFieldName, outputFields }).toEqual({
      topks: BigInt64Array.of(2n, 2n),
      numQueries: 2n,
      primaryFieldName: 'id',
      outputFields: ['tag'],
    });
    expect(ids?.intId?.data).toEqual(BigInt64Array.of(3n, 4n, 7n, 6n));
    const where = { collectionName: 'rows', expr: 'tag in ["t2", "t4"]' };
    expect(await client.call('Delete', where)).toMatchObject({ status: { code: 0 } });
    const counted = await client.call('Query', {
      collectionName: 'rows',
      outputFields: ['count(*)'],
    });
    expect(counted.fieldsData[0]?.scalars?.longData?.data).toEqual(BigInt64Array.of(8n));
  });

  it('replaces rows, in part where that is asked for', async () => {
    const { client } = server;
    await create('upserts');
    await insert('upserts', 0, 3);
    const [ids, tags] = rows(1, 1);
    const partial = { collectionName: 'upserts', numRows: 1, partialUpdate: true };
    const named = { ...tags, scalars: { stringData: { data: byteListOf(['new']) } } };
    const answer = await client.call('Upsert', { ...partial, fieldsData: [ids ?? {}, named] });
    expect(answer).toMatchObject({ status: { code: 0 }, upsertCnt: 1n });
    const read = await client.call('Query', {
      collectionName: 'upserts',
      expr: 'id == 1',
      outputFields: ['tag', 'v'],
    });
    const byName = new Map(read.fieldsData.map((field) => [field.fieldName, field]));
    expect(byName.get('v')?.vectors?.floatVector?.data).toEqual(Float32Array.of(1, 0));
    const texts = byName.get('tag')?.scalars?.stringData?.data.bytes ?? [];
    expect(Buffer.from(texts).toString()).toBe('new');
  });

  it('tells a client with an old schema that there is a new one', async () => {
    const { client } = server;
    await create('changing');
    const described = await client.call('DescribeCollection', { collectionName: 'changing' });
    const schemaTimestamp = described.updateTimestamp;
    const insertion = { collectionName: 'changing', fieldsData: rows(0, 1), numRows: 1 };
    const known = await client.call('Insert', { ...insertion, schemaTimestamp });
    expect(known.status).toMatchObject({ code: 0 });
    const stale = await client.call('Insert', {
      ...insertion,
      schemaTimestamp: schemaTimestamp - 1n,
    });
    expect(stale.status).toMatchObject({ code: 109, errorCode: 62 });
  });

  it('says in Milvus’s codes what is wrong', async () => {
    const { client } = server;
    await create('wrong');
    const missing = await client.call('DescribeCollection', { collectionName: 'nothing' });
    expect(missing.status).toMatchObject({
      code: 100,
      errorCode: 4,
      reason: "can't find collection[database=default][collection=nothing]",
    });
    const filter = await client.call('Query', { collectionName: 'wrong', expr: 'id <' });
    expect(filter.status).toMatchObject({ code: 1100, errorCode: 5 });
    expect(filter.status?.extraInfo.get('is_input_error')).toBe('true');
    const [ids, , vectors] = rows(0, 1);
    const absent = { collectionName: 'wrong', numRows: 1, fieldsData: [ids ?? {}] };
    expect((await client.call('Insert', absent)).status?.reason).toContain(
      'fieldSchema(v) has no corresponding fieldData pass in',
    );
    const short = { ...vectors, vectors: { dim: 3n, floatVector: { data: new Float32Array(3) } } };
    const wide = { collectionName: 'wrong', numRows: 1, fieldsData: [ids ?? {}, short] };
    expect((await client.call('Insert', wide)).status?.reason).toContain(
      'the dim (3) of field data(v) is not equal to schema dim (2)',
    );
    const uneven = { collectionName: 'wrong', numRows: 2, fieldsData: rows(0, 1) };
    expect((await client.call('Insert', uneven)).status?.reason).toContain(
      'the num_rows (1) of field (id) is not equal to passed num_rows (2)',
    );
    const ranked = await client.call('Search', {
      collectionName: 'wrong',
      placeholderGroup: placeholders([0, 0]),
      searchParams: [{ key: 'topk', value: '2' }],
      functionScore: { functions: [] },
    });
    expect(ranked.status).toMatchObject({ code: 10 });
  });

  it('takes bytes that are no message for the client’s fault, whatever the call', async () => {
    const { client } = server;
    const bytes = Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]);
    for (const name of Object.keys(METHODS)) {
      const failure: unknown = await client.send(name, bytes).catch((thrown: unknown) => thrown);
      const { code } = failure as { readonly code: number };
      expect(CLIENTS_FAULTS, `${name}: ${String(failure)}`).toContain(code);
    }
    expect((await client.call('CheckHealth', {})).isHealthy).toBe(true);
  });

  it('refuses a message above its bound and goes on', async () => {
    const { client } = server;
    const huge = new Uint8Array(65 * 1024 * 1024);
    const failure: unknown = await client.send('Insert', huge).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: grpc.status.RESOURCE_EXHAUSTED });
    expect((await client.call('CheckHealth', {})).isHealthy).toBe(true);
  });

  it('answers HTTP beside gRPC, on a connection that comes byte by byte too', async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/nothing`);
    expect(response.status).toBe(404);
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
      for (const char of 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n')
        socket.write(char);
    });
    expect(text).toMatch(/^HTTP\/1\.1 404/);
  });

  it('waits for the rest of a connection that has only begun, and answers others meanwhile', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const answered = new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('data', (data) => resolve(data.toString()));
    });
    socket.write('P');
    expect((await server.client.call('CheckHealth', {})).isHealthy).toBe(true);
    socket.write('OST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    expect(await answered).toMatch(/^HTTP\/1\.1 404/);
    socket.destroy();
  });

  it('refuses little bytes that would become very much', async () => {
    const { client } = server;
    const vectors = { dim: 8n, binaryVector: new Uint8Array(8_000_000) };
    const fieldsData = [{ type: 100, fieldName: 'v', vectors }];
    const many = await client.call('Insert', { collectionName: 'x', numRows: 1, fieldsData });
    expect(many.status?.reason).toContain('the num_rows (8000000) of field (v)');
    const empty = Uint8Array.from({ length: 2 * 4_200_000 }, (_, i) => (i % 2 === 0 ? 0x0a : 0));
    const failure: unknown = await client.send('Insert', empty).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: grpc.status.INVALID_ARGUMENT });
    const rowCount = await client.call('Insert', { collectionName: 'x', numRows: 3_000_000_000 });
    expect(rowCount.status).toMatchObject({ code: 1102 });
    expect((await client.call('CheckHealth', {})).isHealthy).toBe(true);
  });

  it('takes vectors of the type that is named only, and each index of a sparse one once', async () => {
    const { client } = server;
    await create('strict');
    const [ids, tags] = rows(0, 1);
    const int8 = { type: 101, fieldName: 'v', vectors: { dim: 2n, int8Vector: new Uint8Array(2) } };
    const request = { collectionName: 'strict', numRows: 1 };
    const wrong = await client.call('Insert', {
      ...request,
      fieldsData: [ids ?? {}, tags ?? {}, int8],
    });
    expect(wrong.status?.reason).toBe(
      "float vector field 'v' is illegal, array type mismatch: invalid parameter[expected=need float vector][actual=got nil]",
    );
    await server.service.createCollection('', {
      name: 'sparse',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 's', type: 'SparseFloatVector' },
      ],
    });
    const pairs = new Uint8Array(Float32Array.of(0, 1, 0, 2).buffer);
    const sparse = { sparseFloatVector: { contents: [pairs] } };
    const twice = { type: 104, fieldName: 's', vectors: sparse };
    const sparseRequest = { collectionName: 'sparse', numRows: 1, fieldsData: [ids ?? {}, twice] };
    const refused = await client.call('Insert', sparseRequest);
    expect(refused.status).toMatchObject({ code: 1100 });
  });

  it('takes lists of vectors as clients send them, with the dimension inside only', async () => {
    const { client, service } = server;
    await service.createCollection('', {
      name: 'lists',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 2 },
      ],
      structs: [
        { name: 's', maxCapacity: 4, fields: [{ name: 'e', type: 'FloatVector', dim: 2 }] },
      ],
    });
    const [ids, , vectors] = rows(0, 1);
    const data = [{ dim: 2n, floatVector: { data: Float32Array.of(1, 2, 3, 4) } }];
    const list = { vectorArray: { dim: 2n, elementType: 101, data } };
    const e = { type: 106, fieldName: 'e', vectors: list };
    const struct = { type: 200, fieldName: 's', structArrays: { fields: [e] } };
    const fieldsData = [ids ?? {}, vectors ?? {}, struct];
    const inserted = await client.call('Insert', {
      collectionName: 'lists',
      numRows: 1,
      fieldsData,
    });
    expect(inserted.status).toMatchObject({ code: 0, reason: '' });
    const ref = { databaseName: '', collectionName: 'lists' };
    await service.loadCollection(ref);
    const read = await service.query({ ...ref, limit: 1, outputFields: ['s'] });
    expect(read.rows[0]?.['s']).toEqual([
      { e: Float32Array.of(1, 2) },
      { e: Float32Array.of(3, 4) },
    ]);
  });

  it('keeps to the namespace that a request names', async () => {
    const { client } = server;
    await createCollection(client, 'spaces', { namespaces: true, shards: 2 });
    const described = await client.call('DescribeCollection', { collectionName: 'spaces' });
    expect(described.schema?.enableNamespace).toBe(true);
    expect(described.schema?.fields.map(({ name }) => name)).toEqual(['id', 'tag', 'v']);
    const some = [1, 2, 3].map((id) => ({ id, tag: 't', v: [id, 0] }));
    await insertRows(client, 'spaces', some, 'a');
    await insertRows(client, 'spaces', [{ id: 9, tag: 't', v: [1, 0] }], 'b');
    const namespace = 'a';
    const expr = 'id in [1, 3, 9]';
    const ask = async (): Promise<number[]> => {
      const query = { collectionName: 'spaces', expr: 'id > 0', namespace };
      const answer = await client.call('Query', query);
      return Array.from(answer.fieldsData[0]?.scalars?.longData?.data ?? [], Number);
    };
    expect(await ask()).toEqual([1, 2, 3]);
    const found = await client.call('Search', {
      collectionName: 'spaces',
      placeholderGroup: placeholders([1, 0]),
      searchParams: [{ key: 'topk', value: '5' }],
      namespace: 'b',
    });
    expect(found.results?.ids?.intId?.data).toEqual(BigInt64Array.of(9n));
    const gone = await client.call('Delete', { collectionName: 'spaces', expr, namespace });
    expect(gone).toMatchObject({ status: { code: 0 }, deleteCnt: 2n });
    expect(await ask()).toEqual([2]);
    const none = await client.call('Query', { collectionName: 'spaces', expr: 'id > 0' });
    expect(none.status).toMatchObject({ code: 1100 });
    await create('named');
    const named = { collectionName: 'named', expr: 'id > 0', namespace };
    const reason = expect.stringContaining('namespace disabled') as string;
    expect((await client.call('Query', named)).status).toMatchObject({ code: 1100, reason });
    expect((await client.call('Delete', named)).status).toMatchObject({ code: 1100, reason });
  });

  it('tells probes how it does', async () => {
    const at = `http://127.0.0.1:${server.healthPort}`;
    expect(await (await fetch(`${at}/healthz`)).text()).toBe('OK');
    expect(await (await fetch(`${at}/livez`)).text()).toBe('OK');
    const headers = { 'content-type': 'application/json' };
    const asJson = await fetch(`${at}/healthz`, { headers });
    expect(await asJson.json()).toEqual({ state: 'OK', detail: [{ name: 'standalone', code: 1 }] });
    expect((await fetch(`${at}/elsewhere`)).status).toBe(404);
    expect((await fetch(`${at}/healthz`, { method: 'POST' })).status).toBe(405);
  });

  it('says that it is ill when its database is', async () => {
    const closed = await openDatabase(MEMORY_PATH, { threads: 1 });
    const place = { host: '127.0.0.1', port: 0, healthPort: 0 };
    const options = { service: closed.service, facts: FACTS, clock: systemClock, ...place };
    const ill = await startServer(options);
    using client = new WireClient(ill.port);
    await closed.close();
    const { isHealthy, reasons } = await client.call('CheckHealth', {});
    expect(isHealthy).toBe(false);
    expect(reasons.join()).toContain('closed');
    expect((await client.call('GetComponentStates', {})).state?.stateCode).toBe(2);
    const at = `http://127.0.0.1:${ill.healthPort ?? 0}`;
    expect((await fetch(`${at}/healthz`)).status).toBe(500);
    expect((await fetch(`${at}/livez`)).status).toBe(200);
    client[Symbol.dispose]();
    await ill.close();
  });

  it('says that it is ill when nothing is written any more', async () => {
    const message = 'log: no space: writes are refused until the database is opened again';
    const service = Object.create(server.service) as Service;
    service.checkHealth = () =>
      Promise.reject(milvusError('WriterPoisoned', { message: 'log: no space' }));
    const place = { host: '127.0.0.1', port: 0, healthPort: 0 };
    const ill = await startServer({ service, facts: FACTS, clock: systemClock, ...place });
    using client = new WireClient(ill.port);
    const { isHealthy, reasons } = await client.call('CheckHealth', {});
    expect({ isHealthy, reasons }).toEqual({ isHealthy: false, reasons: [message] });
    const at = `http://127.0.0.1:${ill.healthPort ?? 0}`;
    expect((await fetch(`${at}/healthz`)).status).toBe(500);
    client[Symbol.dispose]();
    await ill.close();
  });

  it('stops after the calls under way have their answers', async () => {
    const short = await runServer();
    using client = new WireClient(short.port);
    const calls = Array.from({ length: 20 }, () => client.call('ListDatabases', {}));
    await calls[0];
    await short[Symbol.asyncDispose]();
    const settled = await Promise.allSettled(calls);
    const reasons = settled.flatMap((one): unknown[] =>
      one.status === 'rejected' ? [one.reason] : [],
    );
    for (const reason of reasons) {
      expect(reason).toMatchObject({ code: grpc.status.UNAVAILABLE });
    }
    await expect(client.call('ListDatabases', {}, { deadlineMs: 500 })).rejects.toThrow();
  });

  it('measures a request by its own bytes', () => {
    const bytes = encodeMessage(InsertRequest, { fieldsData: rows(0, 3), numRows: 3 });
    expect(bytes.length).toBeLessThan(120);
  });
});
