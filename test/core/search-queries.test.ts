import { describe, expect, it } from 'vitest';
import type { IndexBuild } from '../../src/index/index-definition.ts';
import {
  refuseInStruct,
  rowsOfElements,
  searchQueries,
  structSearch,
} from '../../src/core/search-queries.ts';
import { resolveSearchField } from '../../src/search/plan-builder.ts';
import { FACE, matchOf, STRUCT_SCHEMA } from '../search/struct-world.ts';

const plain = resolveSearchField(STRUCT_SCHEMA, 'vector');
const face = resolveSearchField(STRUCT_SCHEMA, 'parts[face]');

function built(metric: string): IndexBuild {
  return { metric } as IndexBuild;
}

describe('what a search compares with', () => {
  it('is vectors, by the metric of the index, of the field or of the type', () => {
    expect(searchQueries(plain, null, { data: [1, 0] })).toMatchObject({
      metric: 'COSINE',
      queryCount: 1,
      lists: null,
    });
    expect(
      searchQueries(plain, built('IP'), {
        data: [
          [1, 0],
          [0, 1],
        ],
      }),
    ).toMatchObject({
      metric: 'IP',
      queryCount: 2,
    });
    expect(() => searchQueries(plain, built('IP'), { data: [1, 0], metric: 'L2' })).toThrow(
      'metric type not match: invalid parameter[expected=IP][actual=L2]',
    );
  });

  it('is elements of a struct for vectors, and lists for lists', () => {
    expect(searchQueries(face, null, { data: [1, 0], metric: 'L2' })).toMatchObject({
      metric: 'L2',
      lists: null,
    });
    expect(
      searchQueries(face, null, {
        data: [
          [
            [1, 0],
            [0, 1],
          ],
          [[1, 1]],
        ],
      }),
    ).toMatchObject({
      metric: 'COSINE',
      queryCount: 2,
      lists: Uint32Array.of(0, 2, 3),
      queries: { values: Float32Array.of(1, 0, 0, 1, 1, 1) },
    });
    expect(searchQueries(face, built('MAX_SIM'), { data: [[[1, 0]]] }).metric).toBe('COSINE');
    expect(
      searchQueries(face, built('MAX_SIM_L2'), { data: [[Float32Array.of(1, 0)]] }).metric,
    ).toBe('L2');
    expect(() => searchQueries(face, built('MAX_SIM_L2'), { data: [1, 0] })).toThrow(
      'search type mismatch for VECTOR_ARRAY field parts[face]: metric_type MAX_SIM_L2 requires embedding list',
    );
  });

  it('has lists of at most so many vectors', () => {
    const list = Array.from({ length: 4097 }, () => [1, 0]);
    expect(() => searchQueries(face, null, { data: [list] })).toThrow(
      'an embedding list has 1 to 4096 vectors, but list 0 has 4097',
    );
    expect(searchQueries(face, null, { data: [list.slice(1)] }).queryCount).toBe(1);
  });
});

describe('how a plan is about a struct', () => {
  const match = matchOf('$[size] > 1');
  const filter = { predicate: match, elements: match };
  const whole = { lists: null, filter: null, window: null };

  it('is by elements, or by lists, or not at all', () => {
    expect(structSearch(plain, STRUCT_SCHEMA, whole)).toBeUndefined();
    expect(structSearch(face, STRUCT_SCHEMA, whole)).toEqual({ kind: 'elements', match: null });
    expect(structSearch(face, STRUCT_SCHEMA, { ...whole, filter })).toEqual({
      kind: 'elements',
      match,
    });
    const lists = Uint32Array.of(0, 1);
    expect(structSearch(face, STRUCT_SCHEMA, { ...whole, lists })).toEqual({
      kind: 'lists',
      offsets: lists,
    });
    expect(face.id).toBe(FACE);
  });

  it('has no pages of hits by lists, and groups by the key of elements only', () => {
    const lists = Uint32Array.of(0, 1);
    const after = { score: 1, id: 1n, tieCount: 1, hitCount: 1 };
    const refuse = (
      field: Parameters<typeof refuseInStruct>[0],
      asked: Parameters<typeof refuseInStruct>[2] & Parameters<typeof refuseInStruct>[3],
    ): (() => void) => {
      return () => refuseInStruct(field, STRUCT_SCHEMA, asked, asked);
    };
    expect(refuse(plain, { lists: null, after })).not.toThrow();
    expect(refuse(face, { lists: null })).not.toThrow();
    expect(refuse(face, { lists: null, after })).not.toThrow();
    expect(refuse(face, { lists, after })).toThrow(
      'search iterator is not supported for multi-search-multi on embedding list fields',
    );
    expect(refuse(face, { lists: null, groupBy: { fields: ['id'] } })).not.toThrow();
    expect(refuse(face, { lists, groupBy: { fields: ['id'] } })).toThrow('multi-search-multi');
    for (const fields of [['n'], ['id', 'n']]) {
      expect(refuse(face, { lists: null, groupBy: { fields } })).toThrow(
        'only group by primary key is supported for element-level search',
      );
    }
  });
});

it('a row is answered for each of its elements', () => {
  const lists = { offsets: Uint32Array.of(0, 2, 3), places: Uint32Array.of(1, 4, 0) };
  expect(rowsOfElements([{ id: 1 }, { id: 2 }], lists)).toEqual([
    { id: 1, $element: 1 },
    { id: 1, $element: 4 },
    { id: 2, $element: 0 },
  ]);
});
