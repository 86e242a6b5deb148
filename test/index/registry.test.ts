import { describe, expect, it } from 'vitest';
import {
  automaticIndex,
  otherIndex,
  VECTOR_INDEX_NAMES,
  vectorIndexKind,
} from '../../src/index/registry.ts';
import { DataType } from '../../src/schema/data-type.ts';

describe('the registry of indexes', () => {
  it('knows each name once, by its exact spelling', () => {
    expect(new Set(VECTOR_INDEX_NAMES).size).toBe(VECTOR_INDEX_NAMES.length);
    for (const name of VECTOR_INDEX_NAMES) {
      expect(vectorIndexKind(name)?.name).toBe(name);
      expect(otherIndex(name)).toBeUndefined();
      expect(vectorIndexKind(name.toLowerCase())).toBeUndefined();
    }
    expect(VECTOR_INDEX_NAMES).toHaveLength(20);
    expect([vectorIndexKind('ANNOY'), otherIndex('ANNOY')]).toEqual([undefined, undefined]);
  });

  it('builds aliases as what they stand for, and everything else as itself', () => {
    const aliases = VECTOR_INDEX_NAMES.flatMap((name) => {
      const structure = vectorIndexKind(name)?.structure;
      return structure === name ? [] : [[name, structure]];
    });
    expect(Object.fromEntries(aliases)).toEqual({
      AISAQ: 'DISKANN',
      BRUTE_FORCE: 'FLAT',
      GPU_BRUTE_FORCE: 'FLAT',
      GPU_IVF_FLAT: 'IVF_FLAT',
      GPU_IVF_PQ: 'IVF_PQ',
      GPU_CAGRA: 'HNSW',
    });
  });

  it('tells indexes of scalars, of sparse vectors and those it has not from misspellings', () => {
    for (const name of ['INVERTED', 'BITMAP', 'STL_SORT', 'Trie', 'NGRAM', 'RTREE']) {
      expect(otherIndex(name)).toBe('scalar');
    }
    for (const name of ['SPARSE_INVERTED_INDEX', 'SPARSE_WAND']) {
      expect(otherIndex(name)).toBe('sparse');
    }
    for (const name of ['FAISS', 'SVS_VAMANA']) expect(otherIndex(name)).toBe('unsupported');
  });

  it('chooses for AUTOINDEX what can be built of the type and has the metric', () => {
    const chosen = (type: DataType, metric: Parameters<typeof automaticIndex>[1]) => {
      const { kind, params } = automaticIndex(type, metric);
      expect(kind.types).toContain(type);
      if (type === DataType.BinaryVector) expect(kind.binaryMetrics).toContain(metric);
      return [kind.name, params];
    };
    const graph = ['HNSW', { M: '18', efConstruction: '240' }];
    expect(chosen(DataType.FloatVector, 'COSINE')).toEqual(graph);
    expect(chosen(DataType.Float16Vector, 'L2')).toEqual(graph);
    expect(chosen(DataType.BFloat16Vector, 'IP')).toEqual(graph);
    expect(chosen(DataType.Int8Vector, 'L2')).toEqual(['IVF_SQ8', { nlist: '128' }]);
    const lists = ['BIN_IVF_FLAT', { nlist: '1024' }];
    expect(chosen(DataType.BinaryVector, 'HAMMING')).toEqual(lists);
    expect(chosen(DataType.BinaryVector, 'JACCARD')).toEqual(lists);
    expect(chosen(DataType.BinaryVector, 'SUBSTRUCTURE')).toEqual(['BIN_FLAT', {}]);
    expect(chosen(DataType.BinaryVector, 'MHJACCARD')).toEqual(['MINHASH_LSH', {}]);
  });
});
