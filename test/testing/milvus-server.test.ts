import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/index.ts';
import { type MilvusServer, startMilvus } from '../../src/testing.ts';
import { WireClient } from '../server/wire-client.ts';

async function usedServer(): Promise<MilvusServer> {
  await using server = await startMilvus();
  expect(server.address).toBe(`127.0.0.1:${server.port}`);
  expect(server.uri).toBe(`http://127.0.0.1:${server.port}`);
  using client = new WireClient(server.port);
  expect((await client.call('ShowCollections', {})).collectionNames).toEqual([]);
  const metrics = await client.call('GetMetrics', { request: '{"metric_type":"system_info"}' });
  expect(metrics.response).toContain('memory');
  expect(existsSync(server.path)).toBe(true);
  return server;
}

describe('startMilvus', () => {
  it('serves an empty database until the end of its scope, and leaves nothing', async () => {
    const { path: folder, port } = await usedServer();
    expect(existsSync(folder)).toBe(false);
    using client = new WireClient(port);
    await expect(client.call('GetVersion', {}, { deadlineMs: 1000 })).rejects.toThrow();
  });

  it('runs any number beside each other, each by itself', async () => {
    const servers = await Promise.all([startMilvus(), startMilvus(), startMilvus()]);
    expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
    await Promise.all(servers.map((server) => server.close()));
    await servers[0].close();
    expect(servers.some(({ path }) => existsSync(path))).toBe(false);
  });

  it('refuses a port that is taken, and leaves nothing', async () => {
    await using server = await startMilvus();
    const failure: unknown = await startMilvus({ port: server.port }).catch(
      (thrown: unknown) => thrown,
    );
    expect(failure).toBeInstanceOf(MilvusError);
    expect(failure).toMatchObject({ reason: 'ServiceUnavailable' });
  });
});
