import { describe, expect, it } from 'vitest';
import { searchWork, type SearchSize, widened, widthName } from '../../src/index/search-cost.ts';
import { DataType } from '../../src/schema/data-type.ts';

const LISTS: SearchSize = {
  structure: 'IVF_FLAT',
  type: DataType.FloatVector,
  dim: 100,
  rowCount: 100_000,
  topK: 10,
  build: { nlist: 1000 },
  search: { nprobe: 10 },
};

describe('what a search by an index costs', () => {
  it('is a walk of a graph, by its width', () => {
    const graph = { ...LISTS, structure: 'HNSW', build: { M: 16 } } as const;
    const narrow = searchWork({ ...graph, search: { ef: 50 } });
    expect(searchWork({ ...graph, search: { ef: 100 } })).toBe(narrow * 2);
    expect(searchWork({ ...graph, search: { ef: 1 }, topK: 50 })).toBe(narrow);
    expect(searchWork({ ...graph, search: { ef: 50 }, rowCount: 1e9 })).toBe(narrow);
  });

  it('is that of DISKANN by its own width', () => {
    const disk = { ...LISTS, structure: 'DISKANN' } as const;
    const narrow = searchWork({ ...disk, search: { search_list_size: 50 } });
    expect(searchWork({ ...disk, search: { search_list_size: 100, ef: 9 } })).toBe(narrow * 2);
    expect(widthName('DISKANN')).toBe('search_list_size');
    expect(widthName('HNSW_PQ')).toBe('ef');
  });

  it('is the centroids and a share of the rows of lists, and never more than all rows', () => {
    expect(searchWork(LISTS)).toBe((1000 + 1000 / 4) * 100);
    const all = searchWork({ ...LISTS, search: { nprobe: 1000 } });
    expect(all).toBe((1000 + 100_000 / 4) * 100);
    expect(searchWork({ ...LISTS, search: { nprobe: 65_536 } })).toBe(all);
    const bits = { ...LISTS, structure: 'BIN_IVF_FLAT', type: DataType.BinaryVector } as const;
    expect(searchWork({ ...bits, dim: 800 })).toBe(searchWork(LISTS));
  });
});

describe('widened parameters', () => {
  it('let candidates be as many as hits, and leave what is wider', () => {
    expect(widened('HNSW', { ef: 5 }, 18)).toEqual({ ef: 18 });
    expect(widened('HNSW', { ef: 50 }, 18)).toEqual({ ef: 50 });
    expect(widened('HNSW', { other: 1 }, 3)).toEqual({ other: 1, ef: 16 });
    expect(widened('DISKANN', { search_list_size: 5 }, 18)).toEqual({ search_list_size: 18 });
    expect(widened('DISKANN', { search_list_size: 50 }, 18)).toEqual({ search_list_size: 50 });
    expect(widened('SCANN', { nprobe: 2, reorder_k: 5 }, 18)).toEqual({ nprobe: 2, reorder_k: 18 });
    expect(widened('SCANN', { nprobe: 2, reorder_k: 50 }, 18)).toEqual({
      nprobe: 2,
      reorder_k: 50,
    });
    expect(widened('IVF_PQ', { nprobe: 2, refine_k: 2 }, 18)).toEqual({ nprobe: 2, refine_k: 2 });
  });
});
