import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCollection, fieldsOf, insertRows, pairs, placeholdersOf } from './collections.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Many of the same distance: seven values of it only. */
function row(id: number): { id: number; tag: string; v: [number, number] } {
  return { id, tag: `t${id % 3}`, v: [id % 7, 0] };
}

function rowsFrom(start: number, count: number): ReturnType<typeof row>[] {
  return Array.from({ length: count }, (_, i) => row(start + i));
}

interface Page {
  readonly ids: readonly number[];
  readonly token: string;
  readonly lastBound: number;
  readonly sessionTs: bigint;
}

async function searchPage(
  collectionName: string,
  params: Readonly<Record<string, string | number>>,
  guaranteeTimestamp = 0n,
): Promise<Page> {
  const answer = await server.client.call('Search', {
    collectionName,
    placeholderGroup: placeholdersOf([0, 0]),
    guaranteeTimestamp,
    searchParams: pairs({
      topk: 10,
      iterator: 'True',
      search_iter_v2: 'True',
      search_iter_batch_size: 10,
      ...params,
    }),
  });
  expect(answer.status).toMatchObject({ code: 0, reason: '' });
  const results = answer.results?.searchIteratorV2Results;
  return {
    ids: Array.from(answer.results?.ids?.intId?.data ?? [], Number),
    token: results?.token ?? '',
    lastBound: results?.lastBound ?? Number.NaN,
    sessionTs: answer.sessionTs,
  };
}

async function refusal(params: Readonly<Record<string, string | number>>): Promise<string> {
  const { status } = await server.client.call('Search', {
    collectionName: 'plain',
    placeholderGroup: placeholdersOf([0, 0]),
    searchParams: pairs({ topk: 1, ...params }),
  });
  return status?.reason ?? '';
}

describe('a search iterator', () => {
  it.each([1, 3])(
    'gives every row of its first moment once while rows come and go, on %i shards',
    async (shards) => {
      const { client, service } = server;
      const collectionName = `pages${shards}`;
      const ref = { databaseName: '', collectionName };
      await createCollection(client, collectionName, { shards });
      await insertRows(client, collectionName, rowsFrom(0, 200));
      await service.flush(ref);
      await insertRows(client, collectionName, rowsFrom(200, 37));
      const expected = rowsFrom(0, 237)
        .toSorted((a, b) => a.v[0] - b.v[0] || a.id - b.id)
        .map(({ id }) => id);

      const probe = await searchPage(collectionName, { search_iter_batch_size: 1 });
      expect(probe.token).toMatch(/^[0-9a-f-]{36}$/);
      const seen: number[] = [];
      let params: Record<string, string | number> = {};
      for (let turn = 0; ; turn++) {
        const page = await searchPage(collectionName, params, probe.sessionTs);
        if (page.ids.length === 0) break;
        seen.push(...page.ids);
        params = { search_iter_id: page.token, search_iter_last_bound: page.lastBound };
        // The writer takes away what is still to come, moves what was there, and adds better hits.
        const gone = expected.at(-turn - 1) ?? 0;
        await client.call('Delete', { collectionName, expr: `id in [${gone}, ${gone - 1}]` });
        const moved = rowsFrom(turn * 5, 5).map((one) => ({ ...one, v: [6 - one.v[0], 0] }));
        await client.call('Upsert', { collectionName, fieldsData: fieldsOf(moved), numRows: 5 });
        await insertRows(client, collectionName, rowsFrom(1000 + turn * 3, 3));
        if (turn % 4 === 1) await service.flush(ref);
        if (turn % 6 === 5) await service.compact(ref);
      }
      expect(seen).toEqual(expected);
    },
  );

  it('gives a page again that is asked for again', async () => {
    const { client } = server;
    await createCollection(client, 'again');
    await insertRows(client, 'again', rowsFrom(0, 60));
    const first = await searchPage('again', {});
    const next = { search_iter_id: first.token, search_iter_last_bound: first.lastBound };
    const second = await searchPage('again', next, first.sessionTs);
    const repeated = await searchPage('again', next, first.sessionTs);
    expect(repeated.ids).toEqual(second.ids);
    expect(second.ids).not.toEqual(first.ids);
  });

  it('that the server has forgotten goes on behind the score it names', async () => {
    const page = await searchPage('again', {
      search_iter_id: '00000000-0000-4000-8000-000000000000',
      search_iter_last_bound: 0,
    });
    const behind = rowsFrom(0, 60).filter(({ v }) => v[0] === 1);
    expect(page.ids).toEqual(behind.map(({ id }) => id).concat([2]));
  });

  it('takes the moment from among the pairs, where a client can put it nowhere else', async () => {
    const first = await searchPage('again', { guarantee_timestamp: 0 });
    await insertRows(server.client, 'again', [{ id: 700, tag: 'new', v: [0, 0] }]);
    const again = await searchPage('again', { guarantee_timestamp: String(first.sessionTs) });
    expect(again.ids).toEqual(first.ids);
    const now = await searchPage('again', { guarantee_timestamp: 0, search_iter_batch_size: 20 });
    expect(now.ids).toContain(700);
  });

  it('of the first kind reads at the moment it was given', async () => {
    const request = {
      collectionName: 'again',
      placeholderGroup: placeholdersOf([0, 0]),
      searchParams: pairs({ topk: 100_000, iterator: 'true', params: '{"radius": 2.0}' }),
    };
    const first = await server.client.call('Search', request);
    expect(first.sessionTs).toBeGreaterThan(2n);
    await insertRows(server.client, 'again', [{ id: 701, tag: 'new', v: [0, 0] }]);
    const second = await server.client.call('Search', {
      ...request,
      guaranteeTimestamp: first.sessionTs,
    });
    expect(second.results?.ids).toEqual(first.results?.ids);
    expect(second.sessionTs).toBe(first.sessionTs);
  });

  it('is refused where it asks for what cannot be', async () => {
    await createCollection(server.client, 'plain');
    const v2 = { iterator: 'True', search_iter_v2: 'True', search_iter_batch_size: 5 };
    expect(await refusal({ ...v2, iterator: 'False' })).toContain(
      'both iterator and search_iter_v2',
    );
    expect(await refusal({ ...v2, search_iter_batch_size: '' })).toContain(
      'batch size is required',
    );
    expect(await refusal({ ...v2, search_iter_batch_size: 'x' })).toContain(
      'batch size is invalid',
    );
    expect(await refusal({ ...v2, search_iter_batch_size: 20_000 })).toContain('[1, 16384]');
    expect(await refusal({ ...v2, search_iter_id: 'abc' })).toContain('invalid token format');
    expect(await refusal({ ...v2, offset: 1 })).toContain('Setting an offset is not permitted');
    expect(await refusal({ ...v2, group_by_field: 'tag' })).toContain('GroupBy is not permitted');
    expect(await refusal({ ...v2, search_iter_last_bound: 'near' })).toContain(
      'failed to parse input last bound',
    );
    expect(await refusal({ ...v2, guarantee_timestamp: 'now' })).toContain('guarantee_timestamp');
  });
});

describe('a query iterator', () => {
  async function queryPage(
    expr: string,
    params: Readonly<Record<string, string | number>>,
    guaranteeTimestamp = 0n,
  ): Promise<{ readonly ids: number[]; readonly sessionTs: bigint }> {
    const answer = await server.client.call('Query', {
      collectionName: 'queried',
      expr,
      guaranteeTimestamp,
      useDefaultConsistency: true,
      queryParams: pairs({ limit: 10, iterator: 'True', reduce_stop_for_best: 'True', ...params }),
    });
    expect(answer.status).toMatchObject({ code: 0, reason: '' });
    const data = answer.fieldsData[0]?.scalars?.longData?.data ?? [];
    return { ids: Array.from(data, Number), sessionTs: answer.sessionTs };
  }

  it('gives every row of its first moment once while rows come and go', async () => {
    const { client, service } = server;
    const ref = { databaseName: '', collectionName: 'queried' };
    await createCollection(client, 'queried', { shards: 2 });
    await insertRows(client, 'queried', rowsFrom(0, 150));
    const { sessionTs } = await queryPage('id < 9223372036854775807', { limit: 1 });
    const seen: number[] = [];
    let expr = 'id < 9223372036854775807';
    for (let turn = 0; ; turn++) {
      const { ids } = await queryPage(expr, {}, sessionTs);
      if (ids.length === 0) break;
      seen.push(...ids);
      const last = ids.at(-1) ?? 0;
      expr = `id > ${last} and (id < 9223372036854775807)`;
      await client.call('Delete', { collectionName: 'queried', expr: `id > ${last + 40}` });
      await insertRows(client, 'queried', rowsFrom(2000 + turn * 3, 3));
      if (turn % 4 === 1) await service.flush(ref);
      if (turn % 5 === 4) await service.compact(ref);
    }
    expect(seen).toEqual(Array.from({ length: 150 }, (_, i) => i));
  });

  it('goes on behind the key of its cursor', async () => {
    const cursor = { query_iter_last_pk: 5, query_iter_last_element_offset: 0, limit: 3 };
    await createCollection(server.client, 'cursor');
    await insertRows(server.client, 'cursor', rowsFrom(0, 20));
    const answer = await server.client.call('Query', {
      collectionName: 'cursor',
      expr: 'id >= 5',
      queryParams: pairs({ iterator: 'True', ...cursor }),
    });
    const data = answer.fieldsData[0]?.scalars?.longData?.data ?? [];
    expect(Array.from(data, Number)).toEqual([6, 7, 8]);
  });

  it('is refused where its parameters say nothing that can be meant', async () => {
    const refusals = async (params: Record<string, string>): Promise<string> => {
      const queryParams = pairs({ limit: 1, ...params });
      const request = { collectionName: 'cursor', expr: 'id > 0', queryParams };
      return (await server.client.call('Query', request)).status?.reason ?? '';
    };
    expect(await refusals({ reduce_stop_for_best: 'maybe' })).toContain(
      'value for reduce_stop_for_best is invalid',
    );
    expect(await refusals({ iterator: 'maybe' })).toContain('value for iterator field is invalid');
    const cursor = { query_iter_last_pk: '1', query_iter_last_element_offset: '0' };
    expect(await refusals(cursor)).toContain('can only be used when iterator=true');
    expect(await refusals({ iterator: 'true', query_iter_last_pk: '1' })).toContain('incomplete');
    const offset = { ...cursor, iterator: 'true', query_iter_last_element_offset: '-1' };
    expect(await refusals(offset)).toContain('last element offset is invalid');
    expect(await refusals({ ...cursor, iterator: 'true', query_iter_last_pk: 'x' })).toContain(
      'last primary key is invalid',
    );
  });
});

describe('an iterator over a schema that changes', () => {
  const MISMATCH = 'the schema of the collection has changed between two pages of an iteration';

  async function collectionOf(collectionName: string): Promise<void> {
    await createCollection(server.client, collectionName);
    await insertRows(server.client, collectionName, rowsFrom(0, 40));
  }

  async function dropTag(collectionName: string): Promise<void> {
    const dropped = { fieldName: 'tag' };
    await server.service.dropField({ databaseName: '', collectionName, dropped });
  }

  it.each<[string, Readonly<Record<string, string | number>>, string]>([
    ['by its filter', {}, 'id > 9 and tag != "x"'],
    ['by its cursor', { query_iter_last_pk: 9, query_iter_last_element_offset: 0 }, 'tag != "x"'],
  ])('of a query that goes on %s is refused', async (way, params, expr) => {
    const collectionName = `dropped_${way.replaceAll(' ', '_')}`;
    await collectionOf(collectionName);
    const ask = async (filter: string, more: object, guaranteeTimestamp = 0n) =>
      await server.client.call('Query', {
        collectionName,
        expr: filter,
        guaranteeTimestamp,
        queryParams: pairs({ limit: 10, iterator: 'True', ...more }),
      });
    const { sessionTs, status } = await ask('tag != "x"', {});
    expect(status).toMatchObject({ code: 0 });
    const second = await ask(expr, params, sessionTs);
    expect(second.fieldsData[0]?.scalars?.longData?.data).toHaveLength(10);
    await dropTag(collectionName);
    expect((await ask(expr, params, sessionTs)).status?.reason).toContain(MISMATCH);
    // One that begins now reads what there is.
    expect((await ask('id >= 0', {})).status).toMatchObject({ code: 0, reason: '' });
  });

  it('of a search is refused', async () => {
    await collectionOf('dropped_search');
    const ask = async (more: object, guaranteeTimestamp = 0n) =>
      await server.client.call('Search', {
        collectionName: 'dropped_search',
        placeholderGroup: placeholdersOf([0, 0]),
        guaranteeTimestamp,
        dsl: 'tag != "x"',
        searchParams: pairs({
          ...{ topk: 10, iterator: 'True', search_iter_v2: 'True', search_iter_batch_size: 10 },
          ...more,
        }),
      });
    const first = await ask({});
    const { token, lastBound } = first.results?.searchIteratorV2Results ?? {};
    await dropTag('dropped_search');
    const next = { search_iter_id: token, search_iter_last_bound: lastBound };
    expect((await ask(next, first.sessionTs)).status?.reason).toContain(MISMATCH);
  });
});

describe('a read of the past', () => {
  it('sees the rows of its travel timestamp', async () => {
    const { client } = server;
    await createCollection(client, 'past');
    await insertRows(client, 'past', rowsFrom(0, 5));
    const { timestamp } = await client.call('AllocTimestamp', {});
    await client.call('Delete', { collectionName: 'past', expr: 'id < 3' });
    const request = { collectionName: 'past', expr: 'id >= 0', queryParams: pairs({ limit: 10 }) };
    const ids = async (travelTimestamp: bigint): Promise<number[]> => {
      const answer = await client.call('Query', { ...request, travelTimestamp });
      return Array.from(answer.fieldsData[0]?.scalars?.longData?.data ?? [], Number);
    };
    expect(await ids(timestamp)).toEqual([0, 1, 2, 3, 4]);
    expect(await ids(0n)).toEqual([3, 4]);
  });
});
