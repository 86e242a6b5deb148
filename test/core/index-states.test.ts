import { describe, expect, it } from 'vitest';
import {
  buildOf,
  describeIndex,
  fieldsInFiles,
  indexesNamed,
  wantedIndexes,
} from '../../src/core/index-states.ts';
import type { CollectionInfo, IndexInfo, SegmentState } from '../../src/core/ports.ts';
import type { FieldSchema } from '../../src/schema/collection-schema.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { fieldWithId } from '../../src/schema/fields.ts';

const schema = buildSchema({
  name: 'docs',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'vector', type: 'FloatVector', dim: 4 },
  ],
});

function index(name: string, index_type: string): IndexInfo {
  const params = { index_type, metric_type: 'L2' };
  return { id: 9, name, fieldId: 101, fieldName: 'vector', params, createdTimestamp: 1n };
}

function collection(indexes: readonly IndexInfo[]): CollectionInfo {
  return {
    id: 1,
    databaseId: 1,
    databaseName: 'default',
    name: 'docs',
    aliases: [],
    schema,
    shardIds: [1, 2],
    partitions: [],
    indexes,
    properties: {},
    consistencyLevel: 'Bounded',
    loaded: true,
    createdTimestamp: 1n,
    updatedTimestamp: 1n,
    truncatedTimestamp: 0n,
  };
}

const LIST_FIELD: FieldSchema = {
  ...fieldWithId(schema, 101),
  type: DataType.ArrayOfVector,
  elementType: DataType.FloatVector,
};
/** Lists of vectors that are compared as lists. */
const LIST_INDEX: IndexInfo = {
  ...index('vector', 'DISKANN'),
  params: { index_type: 'DISKANN', metric_type: 'MAX_SIM_L2' },
};
const lists: CollectionInfo = {
  ...collection([LIST_INDEX]),
  schema: {
    ...schema,
    fields: schema.fields.map((field) => (field.id === 101 ? LIST_FIELD : field)),
  },
};

/** @param covered segments of the shard that need nothing more for the index 9 */
function shard(
  shardId: number,
  rows: readonly [SegmentState['state'], number][],
  covered: readonly number[] = [],
) {
  const segments = rows.map(([state, rowCount], id): SegmentState => {
    const coveredIndexIds = covered.includes(id) ? [9] : [];
    const common = { partitionId: 1, level: 0, deletedCount: 1, byteLength: 1, indexes: [] };
    return { id, state, rowCount, coveredIndexIds, ...common };
  });
  return { shardId, manifestVersion: 1, segments };
}

const SHARDS = [
  shard(1, [
    ['sealed', 10],
    ['growing', 7],
  ]),
  shard(2, [['sealed', 5]]),
];

function stateOf(index_type: string, shards = SHARDS) {
  const one = index('vector', index_type);
  const described = describeIndex(collection([one]), one, { shards, builds: [] });
  const { state, totalRows, indexedRows, pendingRows, builtAs } = described;
  return [builtAs, state, totalRows, indexedRows, pendingRows];
}

describe('the state of an index', () => {
  it('is finished when a scan is all it needs', () => {
    for (const name of ['FLAT', 'GPU_BRUTE_FORCE']) {
      expect(stateOf(name)).toEqual(['FLAT', 'Finished', 15, 15, 0]);
    }
  });

  it('leaves sealed rows pending that are in no structure, and growing ones out', () => {
    expect(stateOf('HNSW')).toEqual(['HNSW', 'InProgress', 15, 0, 15]);
    expect(stateOf('AUTOINDEX')).toEqual(['HNSW', 'InProgress', 15, 0, 15]);
    expect(stateOf('AISAQ')).toEqual(['DISKANN', 'InProgress', 15, 0, 15]);
    expect(stateOf('HNSW', [shard(1, [['growing', 7]])])).toEqual(['HNSW', 'Finished', 0, 0, 0]);
  });

  it('counts the rows of segments that have it, growing ones never', () => {
    const some = shard(
      1,
      [
        ['sealed', 10],
        ['sealed', 3],
        ['growing', 7],
      ],
      [1, 2],
    );
    expect(stateOf('HNSW', [some])).toEqual(['HNSW', 'InProgress', 13, 3, 10]);
    const all = shard(
      1,
      [
        ['sealed', 10],
        ['growing', 7],
      ],
      [0],
    );
    expect(stateOf('HNSW', [all])).toEqual(['HNSW', 'Finished', 10, 10, 0]);
  });

  it('wants files for structures that can be built, and no other', () => {
    const wanted = (index_type: string) => wantedIndexes(collection([index('v', index_type)]));
    const fingerprint = 'HNSW L2 M=18 efConstruction=240';
    expect(wanted('AUTOINDEX')).toMatchObject([{ indexId: 9, fieldId: 101, fingerprint }]);
    // The scan needs none, and is faster with codes.
    expect(wanted('FLAT')).toMatchObject([{ fingerprint: 'FLAT L2' }]);
    for (const name of ['HNSW_SQ', 'IVF_FLAT', 'SCANN', 'DISKANN']) {
      expect(wanted(name)).toHaveLength(1);
    }
    expect(wantedIndexes(lists)).toEqual([]);
  });

  it('is that nobody will build it where lists of vectors are compared', () => {
    const described = describeIndex(lists, LIST_INDEX, { shards: SHARDS, builds: [] });
    expect(described).toMatchObject({ state: 'Unissued', indexedRows: 0, pendingRows: 15 });
  });

  it('says whose vectors stay in their files', () => {
    const inFiles = (name: string) => fieldsInFiles(collection([index('v', name)]));
    expect(inFiles('DISKANN')).toEqual([101]);
    expect(inFiles('AISAQ')).toEqual([101]);
    expect(inFiles('HNSW')).toEqual([]);
  });

  it('shows what the user asked for', () => {
    const one = index('v', 'AUTOINDEX');
    expect(describeIndex(collection([one]), one, { shards: [], builds: [] })).toMatchObject({
      ...one,
      indexType: 'AUTOINDEX',
      metric: 'L2',
    });
    expect(buildOf(collection([one]), one).parameters).toEqual({ M: 18, efConstruction: 240 });
  });
});

describe('indexes by name', () => {
  it('are one, or all for no name, or not found', () => {
    const both = [index('a', 'FLAT'), index('b', 'HNSW')];
    expect(indexesNamed(collection(both), 'b')).toEqual(both.slice(1));
    expect(indexesNamed(collection(both), '')).toEqual(both);
    expect(() => indexesNamed(collection(both), 'c')).toThrow('index not found[indexName=c]');
    expect(() => indexesNamed(collection([]), '')).toThrow('index not found[collection=docs]');
  });
});
