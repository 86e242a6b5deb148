/**
 * How far the indexes of a collection are: what an index covers now, never what it will. An exact scan is
 * an index that needs no building, so FLAT covers every sealed row; rows of other indexes are pending
 * until a segment has the index, and are searched exactly meanwhile. Growing rows are in no index.
 * Source: Milvus `internal/datacoord/index_service.go`, completeIndexInfo.
 */
import { milvusError } from '../base/errors.ts';
import { type IndexBuild, INDEX_TYPE, indexBuild, METRIC_TYPE } from '../index/index-definition.ts';
import type { IndexStructure } from '../index/registry.ts';
import { fieldWithId } from '../schema/fields.ts';
import type { CollectionInfo, IndexInfo, ShardState } from './ports.ts';

/** Milvus's states: nothing has begun to build what is missing, or nothing is missing. */
export type IndexState = 'Unissued' | 'Finished';

export interface IndexDescription extends IndexInfo {
  /** By the names that users gave. */
  readonly indexType: string;
  readonly metric: string;
  /** What answers for it: an alias and AUTOINDEX are built as something else. */
  readonly builtAs: IndexStructure;
  readonly state: IndexState;
  /** Sealed rows, deleted ones included; indexed and pending rows together. */
  readonly totalRows: number;
  readonly indexedRows: number;
  readonly pendingRows: number;
}

const EXACT: readonly IndexStructure[] = ['FLAT', 'BIN_FLAT'];

/**
 * The index of a name, or all indexes for ''.
 * @throws MilvusError IndexNotFound
 */
export function indexesNamed(collection: CollectionInfo, name: string): readonly IndexInfo[] {
  const found = collection.indexes.filter((index) => name === '' || index.name === name);
  if (found.length > 0) return found;
  const fields = name === '' ? { collection: collection.name } : { indexName: name };
  throw milvusError('IndexNotFound', { fields });
}

/** What is built for an index. */
export function buildOf(collection: CollectionInfo, index: IndexInfo): IndexBuild {
  return indexBuild(fieldWithId(collection.schema, index.fieldId), index.params);
}

export function describeIndex(
  collection: CollectionInfo,
  index: IndexInfo,
  shards: readonly ShardState[],
): IndexDescription {
  const { structure } = buildOf(collection, index);
  const totalRows = shards
    .flatMap(({ segments }) => segments)
    .filter(({ state }) => state === 'sealed')
    .reduce((sum, { rowCount }) => sum + rowCount, 0);
  const indexedRows = EXACT.includes(structure) ? totalRows : 0;
  return {
    ...index,
    indexType: index.params[INDEX_TYPE] ?? '',
    metric: index.params[METRIC_TYPE] ?? '',
    builtAs: structure,
    state: indexedRows === totalRows ? 'Finished' : 'Unissued',
    totalRows,
    indexedRows,
    pendingRows: totalRows - indexedRows,
  };
}
