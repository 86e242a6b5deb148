import { describe, expect, it } from 'vitest';
import { indexRequest } from '../../src/api/index-options.ts';

describe('index options', () => {
  it('become the texts that Milvus takes', () => {
    expect(indexRequest('v', {})).toEqual({
      fieldName: 'v',
      indexName: '',
      params: { index_type: 'AUTOINDEX' },
    });
    expect(
      indexRequest('v', {
        type: 'HNSW_SQ',
        name: 'graph',
        metric: 'IP',
        M: 16,
        sq_type: 'SQ6',
        refine: true,
        mmap: false,
      }),
    ).toEqual({
      fieldName: 'v',
      indexName: 'graph',
      params: {
        index_type: 'HNSW_SQ',
        metric_type: 'IP',
        M: '16',
        sq_type: 'SQ6',
        refine: 'true',
        'mmap.enabled': 'false',
      },
    });
  });

  it('that are undefined are left out', () => {
    const options = { type: 'HNSW', M: undefined, metric: undefined } as unknown as {
      readonly type: 'HNSW';
    };
    expect(indexRequest('v', options).params).toEqual({ index_type: 'HNSW' });
  });
});
