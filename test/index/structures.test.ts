import { describe, expect, it } from 'vitest';
import type { IndexBuild } from '../../src/index/index-definition.ts';
import {
  fingerprintOf,
  indexBuilder,
  isBuildable,
  isScan,
  staysInFile,
} from '../../src/index/structures.ts';
import { DataType } from '../../src/schema/data-type.ts';

const GRAPH: IndexBuild = {
  name: 'HNSW',
  structure: 'HNSW',
  metric: 'L2',
  parameters: { efConstruction: 64, M: 8 },
  isMapped: false,
};

describe('structures of indexes', () => {
  it('are built where there is a builder, for metrics of single vectors', () => {
    expect(isBuildable(GRAPH, DataType.FloatVector)).toBe(true);
    expect(isBuildable({ ...GRAPH, metric: 'MAX_SIM_L2' }, DataType.FloatVector)).toBe(false);
    expect(isBuildable(GRAPH, DataType.ArrayOfVector)).toBe(false);
    expect(isBuildable({ ...GRAPH, structure: 'FLAT' }, DataType.Int8Vector)).toBe(false);
    for (const structure of [
      'HNSW',
      'HNSW_SQ',
      'HNSW_PQ',
      'HNSW_PRQ',
      'DISKANN',
      'FLAT',
      'IVF_FLAT',
    ] as const) {
      expect(isBuildable({ ...GRAPH, structure }, DataType.FloatVector), structure).toBe(true);
      expect(indexBuilder(structure), structure).not.toBeNull();
      expect(isScan(structure), structure).toBe(structure === 'FLAT');
      expect(staysInFile(structure), structure).toBe(structure === 'DISKANN');
    }
    expect(isBuildable({ ...GRAPH, structure: 'BIN_FLAT' }, DataType.FloatVector)).toBe(false);
    expect(indexBuilder('BIN_FLAT')).toBeNull();
    expect(isScan('BIN_FLAT')).toBe(true);
    const tables = { ...GRAPH, structure: 'MINHASH_LSH', metric: 'MHJACCARD' } as const;
    expect(isBuildable(tables, DataType.BinaryVector)).toBe(true);
    expect(isBuildable(tables, DataType.ArrayOfVector)).toBe(false);
    expect(indexBuilder('MINHASH_LSH')).not.toBeNull();
  });

  it('have a fingerprint of all that decides what is built, and of nothing else', () => {
    expect(fingerprintOf(GRAPH)).toBe('HNSW L2 M=8 efConstruction=64');
    const kept = { ...GRAPH, name: 'AUTOINDEX', isMapped: true };
    expect(fingerprintOf(kept)).toBe(fingerprintOf(GRAPH));
    for (const change of [
      { metric: 'IP' as const },
      { structure: 'DISKANN' as const },
      { parameters: { efConstruction: 64, M: 9 } },
    ]) {
      expect(fingerprintOf({ ...GRAPH, ...change })).not.toBe(fingerprintOf(GRAPH));
    }
  });
});
