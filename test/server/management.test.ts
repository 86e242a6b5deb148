import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { MEMORY_PATH, openDatabase } from '../../src/core/open.ts';
import { LogLevel } from '../../src/server/log-level.ts';
import { startServer } from '../../src/server/server.ts';
import { RestClient } from './rest-client.ts';
import { FACTS, runServer, type TestServer } from './running-server.ts';

let server: TestServer;
let at: string;
beforeAll(async () => {
  server = await runServer();
  at = `http://127.0.0.1:${server.healthPort}`;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** The value of a line of metrics. */
function valueOf(text: string, start: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(start));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('metrics', () => {
  it('count what clients ask and what there is, by Milvus’s names', async () => {
    const rest = new RestClient(server.port);
    const collectionName = 'counted';
    await rest.post('collections/create', { collectionName, dimension: 2 });
    const data = [1, 2, 3].map((id) => ({ id, vector: [id, 1] }));
    await rest.post('entities/insert', { collectionName, data });
    await rest.post('entities/search', {
      collectionName,
      data: [
        [1, 1],
        [2, 2],
      ],
      limit: 1,
    });
    await rest.post('entities/delete', { collectionName, filter: 'id == 1' });
    await rest.post('entities/query', { collectionName, filter: 'nonsense ==' });
    const text = await (await fetch(`${at}/metrics`)).text();
    const place = 'node_id="1",db_name="default",collection_name="counted"';
    expect(valueOf(text, `milvus_proxy_insert_vectors_count{${place}}`)).toBe(3);
    expect(valueOf(text, `milvus_proxy_search_vectors_count{${place}}`)).toBe(2);
    expect(valueOf(text, `milvus_proxy_delete_vectors_count{${place}}`)).toBe(1);
    const query = (status: string): string =>
      `milvus_proxy_req_count{node_id="1",db_name="default",collection_name="counted",function_name="Query",status="${status}"}`;
    expect(valueOf(text, query('fail_input'))).toBe(1);
    expect(valueOf(text, query('total'))).toBe(1);
    expect(valueOf(text, query('success'))).toBeUndefined();
    const path = 'node_id="1",path="/v2/vectordb/entities/insert"';
    expect(valueOf(text, `milvus_proxy_restful_api_req_count{${path}}`)).toBe(1);
    expect(valueOf(text, `milvus_proxy_restful_api_receive_bytes_count{${path}}`)).toBeGreaterThan(
      50,
    );
    const latency = `milvus_proxy_sq_latency_count{${place},query_type="search"}`;
    expect(valueOf(text, latency)).toBe(1);
    expect(valueOf(text, 'milvus_rootcoord_collection_num{db_name="default"}')).toBe(1);
    expect(text).toMatch(/milvus_datacoord_stored_rows_num\{db_name="default",[^}]*\} 3/);
    expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect((await fetch(`${at}/metrics_default`)).headers.get('content-type')).toMatch(
      /^text\/plain/,
    );
  });

  it('keep no name that is longer than names are', async () => {
    const rest = new RestClient(server.port);
    const longest = 'a'.repeat(255);
    const longer = 'b'.repeat(256);
    for (const collectionName of [longest, longer]) {
      await rest.post('collections/describe', { collectionName });
      await rest.post('entities/query', {
        collectionName,
        dbName: collectionName,
        filter: 'a > 1',
      });
      await rest.post('entities/insert', { collectionName, data: [{}] });
      const refused = server.client.call('Delete', { collectionName, dbName: collectionName });
      await refused.catch(() => undefined);
    }
    const text = await (await fetch(`${at}/metrics`)).text();
    expect(text).toContain(longest);
    expect(text).not.toContain(longer);
  });
});

describe('management', () => {
  it('pauses garbage collection until the ticket comes back', async () => {
    const path = `${at}/management/datacoord/garbage_collection`;
    const paused = await fetch(`${path}/pause?pause_seconds=60`);
    const { msg, ticket } = (await paused.json()) as { msg: string; ticket: string };
    expect(msg).toBe('OK');
    expect(server.garbage.isPaused).toBe(true);
    expect((await fetch(`${path}/resume?ticket=other`)).status).toBe(400);
    expect(await (await fetch(`${path}/resume?ticket=${ticket}`)).json()).toEqual({ msg: 'OK' });
    expect(server.garbage.isPaused).toBe(false);
    expect((await fetch(`${path}/pause?pause_seconds=soon`)).status).toBe(400);
    expect((await fetch(`${path}/pause`)).status).toBe(400);
  });

  it('tells the level of the log, and changes it', async () => {
    const path = `${at}/log/level`;
    expect(await (await fetch(path)).json()).toEqual({ level: 'warn' });
    const put = (body: string, type: string) =>
      fetch(path, { method: 'PUT', body, headers: { 'content-type': type } });
    expect(await (await put('{"level":"debug"}', 'application/json')).json()).toEqual({
      level: 'debug',
    });
    const form = 'application/x-www-form-urlencoded';
    expect(await (await put('level=error', form)).json()).toEqual({ level: 'error' });
    for (const body of ['{"level":"loud"}', '{', '[]', '']) {
      expect((await put(body, 'application/json')).status).toBe(400);
    }
    expect(await (await fetch(path)).json()).toEqual({ level: 'error' });
  });

  it('says what is there', async () => {
    const asked = async (path: string) => await (await fetch(at + path)).json();
    expect(await asked('/management/check/ready?role=proxy')).toEqual({ msg: 'OK' });
    expect((await fetch(`${at}/management/check/ready?role=nobody`)).status).toBe(400);
    expect(await asked('/management/querycoord/node/list')).toMatchObject({
      nodeInfos: [{ ID: 1 }],
    });
    expect(await asked('/management/querycoord/balance/status')).toMatchObject({ msg: 'OK' });
    expect(await asked('/management/querycoord/distribution/get?node_id=1')).toHaveProperty(
      'sealed_segmentIDs',
    );
    expect(await asked('/management/config/get')).toMatchObject({ msg: 'OK' });
    for (const path of ['/management/querycoord/transfer/segment', '/management/wal/alter']) {
      expect((await fetch(at + path)).status).toBe(501);
    }
    expect((await fetch(`${at}/expr`)).status).toBe(403);
    expect((await fetch(`${at}/management/stop`)).status).toBe(501);
  });

  it('answers what the console asks', async () => {
    const asked = async (path: string) => await (await fetch(`${at}/api/v1${path}`)).json();
    expect(await asked('/health')).toEqual({ status: 'ok' });
    expect(await asked('/_cluster/info')).toHaveProperty('nodes_info');
    expect(await asked('/_db/list')).toMatchObject({ db_names: ['default'] });
    expect(await asked('/_db/desc?db_name=default')).toMatchObject({ db_name: 'default' });
    expect(await asked('/_collection/list')).toMatchObject({ collection_names: ['counted'] });
    expect(await asked('/_collection/desc?collection_name=counted')).toMatchObject({
      collection_name: 'counted',
      fields: [{ name: 'id' }, { name: 'vector' }],
    });
    expect(await asked('/_index/list')).toMatchObject([{ indexName: 'vector' }]);
    expect(await asked('/_qn/segments')).toMatchObject([{ num_of_rows: '3', state: 'Growing' }]);
    expect(await asked('/_qc/resource_group')).toMatchObject([{ nodes: ['1'] }]);
    expect(await asked('/_dc/tasks/compaction')).toEqual([]);
    expect(await asked('/_cluster/dependencies')).toHaveProperty('metastore.health_status', true);
    expect((await fetch(`${at}/api/v1/_collection/desc?collection_name=no`)).status).toBe(400);
  });

  it('refuses pages of other sites, long bodies and other methods', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site' };
    expect((await fetch(`${at}/management/stop`, { headers })).status).toBe(403);
    const long = { method: 'PUT', body: 'x'.repeat(100_000) };
    expect((await fetch(`${at}/log/level`, long)).status).toBe(413);
    expect((await fetch(`${at}/log/level`, { method: 'DELETE' })).status).toBe(405);
  });

  it('changes nothing for pages of other hosts', async () => {
    const page = 'https://evil.example/page';
    const pause = '/management/datacoord/garbage_collection/pause?pause_seconds=60';
    for (const path of ['/management/stop', pause, pause.replace('pause?', 'resume?')]) {
      for (const headers of [{ Origin: 'https://evil.example' }, { Referer: page }]) {
        expect((await fetch(at + path, { headers })).status).toBe(403);
      }
    }
    expect(server.garbage.isPaused).toBe(false);
    expect((await fetch(`${at}/metrics`, { headers: { Referer: page } })).status).toBe(200);
    const own = { headers: { Referer: `${at}/`, Origin: at } };
    expect((await fetch(`${at}/management/stop`, own)).status).toBe(501);
  });

  it('changes nothing for pages whose name came to mean this machine', async () => {
    const host = `evil.example:${server.healthPort}`;
    const statusFor = async (path: string, headers: Readonly<Record<string, string>>) => {
      const asked = request(`${at}${path}`, { headers: { host, ...headers } }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
    for (const headers of [browser, { referer: `http://${host}/` }, { origin: `http://${host}` }]) {
      expect(await statusFor('/management/stop', headers)).toBe(403);
    }
    expect(await statusFor('/api/v1/_db/list', { origin: `http://${host}` })).toBe(403);
    expect(await statusFor('/management/stop', { 'user-agent': 'curl/8.0' })).toBe(501);
    expect(await statusFor('/metrics', browser)).toBe(200);
  });

  it('ends the server where whoever started it lets it', async () => {
    const database = await openDatabase(MEMORY_PATH, { threads: 1 });
    const stopped = new AbortController();
    const { service } = database;
    const place = { host: '127.0.0.1', port: 0, healthPort: 0, clock: systemClock };
    const stop = (): void => stopped.abort();
    const running = await startServer({ service, facts: FACTS, stop, ...place });
    const path = `http://127.0.0.1:${running.healthPort ?? 0}/management/stop`;
    expect((await fetch(`${path}?role=nobody`)).status).toBe(400);
    expect(stopped.signal.aborted).toBe(false);
    expect(await (await fetch(`${path}?role=standalone`)).json()).toEqual({ msg: 'OK' });
    expect(stopped.signal.aborted).toBe(true);
    const pause = `${path.replace('stop', 'datacoord/garbage_collection/pause')}?pause_seconds=1`;
    expect((await fetch(pause)).status).toBe(501);
    await running.close();
    await database.close();
  });
});

describe('the log', () => {
  it('says what is at its level or above', () => {
    const said: string[] = [];
    const log = new LogLevel('info', ({ event }) => said.push(event));
    log.logger.debug({}, 'a');
    log.logger.info({}, 'b');
    log.change('WARNING');
    log.logger.info({}, 'c');
    log.logger.error({}, 'd');
    expect(said).toEqual(['b', 'd']);
    expect(() => log.change('loud')).toThrow('unrecognized level');
  });
});
