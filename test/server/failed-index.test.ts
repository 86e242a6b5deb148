/** What clients are told of an index that could not be built. */
import { expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import type { IndexDescription } from '../../src/core/index-states.ts';
import type { Service } from '../../src/core/service.ts';
import { indexHandlers } from '../../src/server/index-calls.ts';
import { IndexState } from '../../src/wire/generated/milvus.ts';

const INDEX: IndexDescription = {
  id: 9,
  name: 'graph',
  fieldId: 101,
  createdTimestamp: 0n,
  fieldName: 'vector',
  params: { index_type: 'HNSW', metric_type: 'L2' },
  indexType: 'HNSW',
  metric: 'L2',
  builtAs: 'HNSW',
  state: 'InProgress',
  totalRows: 20,
  indexedRows: 5,
  pendingRows: 15,
  buildingRows: 0,
  failReason: null,
};

/** The handlers over a service that knows nothing but this index. */
async function told(change: Partial<IndexDescription>): Promise<readonly unknown[]> {
  const describeIndexes = async () => [{ ...INDEX, ...change }];
  const service = { describeIndexes } as unknown as Service;
  const { DescribeIndex, GetIndexState } = indexHandlers(service);
  const request = { dbName: '', collectionName: 'c', fieldName: '', indexName: '' };
  const call = { options: {} } as never;
  const { indexDescriptions } = (await must(DescribeIndex, 'a call')(request as never, call)) as {
    readonly indexDescriptions: readonly Record<string, unknown>[];
  };
  return [indexDescriptions[0], await must(GetIndexState, 'a call')(request as never, call)];
}

it('says that it is being built, and why the last attempt failed', async () => {
  const state = IndexState.InProgress;
  expect(await told({ failReason: 'no space' })).toMatchObject([
    { state, indexStateFailReason: 'no space', pendingIndexRows: 15n },
    { state },
  ]);
  expect(await told({})).toMatchObject([{ state, indexStateFailReason: '' }, { state }]);
});

it('says that it failed, and why', async () => {
  const state = IndexState.Failed;
  expect(await told({ state: 'Failed', failReason: 'no space' })).toMatchObject([
    { state, indexStateFailReason: 'no space', pendingIndexRows: 15n },
    { state, failReason: 'no space' },
  ]);
});
