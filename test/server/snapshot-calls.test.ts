import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestoreSnapshotState } from '../../src/wire/generated/milvus.ts';
import { createCollection, insertRows } from './collections.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
  const { client } = server;
  await createCollection(client, 'docs');
  await insertRows(
    client,
    'docs',
    [1, 2, 3].map((id) => ({ id, tag: 't', v: [id, 0] })),
  );
  await client.call('Flush', { collectionNames: ['docs'] });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const OF = { collectionName: 'docs' };

async function ids(collectionName: string): Promise<number[]> {
  const { client } = server;
  await client.call('LoadCollection', { collectionName });
  const answer = await client.call('Query', { collectionName, expr: 'id > 0' });
  return Array.from(answer.fieldsData[0]?.scalars?.longData?.data ?? [], Number);
}

describe('calls about snapshots', () => {
  it('make one, show it, make a collection of it, and drop it', async () => {
    const { client } = server;
    const made = await client.call('CreateSnapshot', { ...OF, name: 's', description: 'all' });
    expect(made).toMatchObject({ code: 0, reason: '' });
    expect((await client.call('ListSnapshots', OF)).snapshots).toEqual(['s']);
    const described = await client.call('DescribeSnapshot', { ...OF, name: 's' });
    expect(described).toMatchObject({
      name: 's',
      description: 'all',
      collectionName: 'docs',
      partitionNames: ['_default'],
    });
    expect(described.createTs).toBeGreaterThan(0n);
    await client.call('Delete', { ...OF, expr: 'id == 2' });
    const restored = await client.call('RestoreSnapshot', {
      ...OF,
      name: 's',
      targetCollectionName: 'copy',
    });
    expect(restored.status).toMatchObject({ code: 0, reason: '' });
    const { jobId } = restored;
    const state = await client.call('GetRestoreSnapshotState', { jobId });
    expect(state.info).toMatchObject({
      jobId,
      snapshotName: 's',
      dbName: 'default',
      collectionName: 'copy',
      state: RestoreSnapshotState.RestoreSnapshotCompleted,
      progress: 100,
    });
    expect(state.info?.startTime).toBeGreaterThan(0n);
    expect(state.info?.timeCost).toBeGreaterThan(0n);
    for (const request of [{}, OF, { collectionName: 'copy' }, { dbName: 'default' }]) {
      const { jobs } = await client.call('ListRestoreSnapshotJobs', request);
      expect(jobs.map((job) => job.jobId)).toEqual([jobId]);
    }
    await client.call('CreateDatabase', { dbName: 'other' });
    const elsewhere = await client.call('ListRestoreSnapshotJobs', { dbName: 'other' });
    expect(elsewhere.jobs).toEqual([]);
    expect(await ids('copy')).toEqual([1, 2, 3]);
    expect(await ids('docs')).toEqual([1, 3]);
    expect(await client.call('DropSnapshot', { ...OF, name: 's' })).toMatchObject({ code: 0 });
    expect((await client.call('ListSnapshots', OF)).snapshots).toEqual([]);
  });

  it('keep one from being dropped while it is pinned', async () => {
    const { client } = server;
    await client.call('CreateSnapshot', { ...OF, name: 'pinned' });
    const { pinId } = await client.call('PinSnapshotData', { ...OF, name: 'pinned' });
    expect(pinId).toBeGreaterThan(0n);
    const refused = await client.call('DropSnapshot', { ...OF, name: 'pinned' });
    expect(refused.code).toBe(2601);
    expect(refused.reason).toContain('active pins exist');
    expect(await client.call('UnpinSnapshotData', { pinId })).toMatchObject({ code: 0 });
    expect(await client.call('DropSnapshot', { ...OF, name: 'pinned' })).toMatchObject({ code: 0 });
  });

  it('say what is missing', async () => {
    const { client } = server;
    const nothing = { name: 's' };
    for (const name of ['CreateSnapshot', 'DropSnapshot', 'DescribeSnapshot'] as const) {
      const answer = await client.call(name, nothing);
      const status = 'code' in answer ? answer : answer.status;
      expect(status).toMatchObject({ code: 1101 });
    }
    expect((await client.call('ListSnapshots', {})).status).toMatchObject({ code: 1101 });
    const untold = await client.call('RestoreSnapshot', { ...OF, name: 's' });
    expect(untold.status?.reason).toContain('target_collection_name is required');
    const unknown = await client.call('DescribeSnapshot', { ...OF, name: 'nope' });
    expect(unknown.status).toMatchObject({ code: 2600 });
    const job = await client.call('GetRestoreSnapshotState', { jobId: 5n });
    expect(job.status?.reason).toContain('not found');
  });
});
