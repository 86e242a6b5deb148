/** Collections whose segments have indexes, for the suites of the Service. */
import { expect } from 'vitest';
import type { SearchRowsRequest } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import { DOCS } from './service-fixtures.ts';

export const GRAPH = {
  ...DOCS,
  fieldName: 'vector',
  indexName: 'graph',
  params: { index_type: 'HNSW', metric_type: 'L2', M: '8', efConstruction: '64' },
};

const TURNS_MAX = 20_000;

/** Until the index of that name covers every sealed row. */
export async function indexed(service: Service, indexName = 'graph'): Promise<void> {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const [index] = await service.describeIndexes({ ...DOCS, indexName });
    if (index?.state === 'Finished') return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  expect.unreachable('the index is built');
}

/** How many segments have files of an index. */
export async function builtSegments(service: Service): Promise<number> {
  const states = await service.shardStates(DOCS);
  return states.flatMap(({ segments }) => segments).filter(({ indexes }) => indexes.length > 0)
    .length;
}

/** Hits of the first query as `id:score`, best first. */
export async function found(
  service: Service,
  request: Partial<SearchRowsRequest> = {},
): Promise<string> {
  const { results } = await service.search({
    ...DOCS,
    data: [[100.2, 0]],
    limit: 5,
    ...request,
  });
  return (results[0] ?? []).map(({ id, score }) => `${id}:${score.toFixed(3)}`).join(' ');
}
