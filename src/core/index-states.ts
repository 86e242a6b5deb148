/**
 * How far the indexes of a collection are: what an index covers now, never what it will. An exact scan is
 * an index that needs no building, so FLAT covers every sealed row, and every index the rows of segments
 * that are too small for more than a scan. Other rows are pending until their segment has the index, and
 * are searched exactly meanwhile: for ever where the structure cannot be built. Growing rows are in no index.
 * Source: Milvus `internal/datacoord/index_service.go`, completeIndexInfo.
 */
import { must } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { type IndexBuild, INDEX_TYPE, indexBuild, METRIC_TYPE } from '../index/index-definition.ts';
import {
  type IndexStructure,
  SCALAR_INDEX_NAMES,
  scalarIndexKind,
  type ScalarStructure,
  VECTOR_INDEX_NAMES,
  vectorIndexKind,
} from '../index/registry.ts';
import { isVector } from '../schema/data-type.ts';
import {
  JSON_PATH,
  jsonPathOf,
  type ScalarBuild,
  scalarBuild,
} from '../scalar/scalar-definition.ts';
import { fieldWithId } from '../schema/fields.ts';
import { isIndexKeptMapped } from '../schema/properties.ts';
import { fingerprintOf, isBuildable, isScan, staysInFile } from '../index/structures.ts';
import { isScalarBuild, type WantedIndex } from '../segments/index-policy.ts';
import type { BuildsState, CollectionInfo, IndexInfo, SegmentState, ShardState } from './ports.ts';

/**
 * Milvus's states: nothing will build what is missing; it is being built, or next; nothing is missing; attempts to
 * build it failed so often that nobody tries again before somebody waits for it.
 */
export type IndexState = 'Unissued' | 'InProgress' | 'Finished' | 'Failed';

export interface IndexDescription extends IndexInfo {
  /** By the names that users gave. */
  readonly indexType: string;
  readonly metric: string;
  /** What answers for it: an alias and AUTOINDEX are built as something else. */
  readonly builtAs: IndexStructure | ScalarStructure;
  readonly state: IndexState;
  /** Sealed rows, deleted ones included; indexed and pending rows together. */
  readonly totalRows: number;
  readonly indexedRows: number;
  readonly pendingRows: number;
  /** Pending rows that builds under way have done, about. */
  readonly buildingRows: number;
  /** Why the last attempt to build what is missing failed; null: none did. */
  readonly failReason: string | null;
}

/** What its shards say. */
export interface IndexReports {
  readonly shards: readonly ShardState[];
  readonly builds: readonly BuildsState[];
}

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

/** Names that stand for another index, and what is built for each. */
export function indexAliases(): ReadonlyMap<string, IndexStructure | ScalarStructure> {
  const kinds = [
    ...VECTOR_INDEX_NAMES.flatMap((name) => vectorIndexKind(name) ?? []),
    ...SCALAR_INDEX_NAMES.flatMap((name) => scalarIndexKind(name) ?? []),
  ];
  return new Map(
    kinds
      .filter(({ name, structure }) => name !== structure)
      .map(({ name, structure }) => [name, structure]),
  );
}

/** What is built for an index of vectors. */
export function buildOf(collection: CollectionInfo, index: IndexInfo): IndexBuild {
  return indexBuild(fieldWithId(collection.schema, index.fieldId), index.params);
}

/** What is built for an index of scalars; null: it is of vectors. */
export function scalarBuildOf(
  { schema }: CollectionInfo,
  { fieldId, params }: IndexInfo,
): ScalarBuild | null {
  const field = fieldWithId(schema, fieldId);
  return isVector(field.type) ? null : scalarBuild(field, params);
}

/** Definitions for which segments get files. */
export function wantedIndexes(collection: CollectionInfo): WantedIndex[] {
  return collection.indexes.flatMap((index): WantedIndex[] => {
    const { id: indexId, fieldId } = index;
    const field = fieldWithId(collection.schema, fieldId);
    const scalar = scalarBuildOf(collection, index);
    const build = scalar === null ? buildOf(collection, index) : { ...scalar, field };
    if (scalar === null && !isBuildable(buildOf(collection, index), field.type)) return [];
    return [{ indexId, fieldId, build, fingerprint: fingerprintOf(build) }];
  });
}

/** The files of an index are mapped instead of read, where they can be. */
export function isKeptInFile(collection: CollectionInfo, index: IndexInfo): boolean {
  const isMapped = isIndexKeptMapped(index.params, collection.properties);
  if (scalarBuildOf(collection, index) !== null) return isMapped;
  return staysInFile(buildOf(collection, index).structure) || isMapped;
}

/** Fields whose vectors stay in their files, whatever is said of mapping. */
export function fieldsInFiles(collection: CollectionInfo): number[] {
  return wantedIndexes(collection)
    .filter(({ build }) => !isScalarBuild(build) && staysInFile(build.structure))
    .map(({ fieldId }) => fieldId);
}

export function describeIndex(
  collection: CollectionInfo,
  index: IndexInfo,
  { shards, builds }: IndexReports,
): IndexDescription {
  const scalar = scalarBuildOf(collection, index);
  const build = scalar === null ? buildOf(collection, index) : null;
  const { type } = fieldWithId(collection.schema, index.fieldId);
  const segments = shards
    .flatMap((shard) => shard.segments)
    .filter(({ state }) => state === 'sealed');
  const covered =
    build !== null && isScan(build.structure)
      ? segments
      : segments.filter(({ coveredIndexIds }) => coveredIndexIds.includes(index.id));
  const totalRows = rowsOf(segments);
  const indexedRows = rowsOf(covered);
  const failed = builds
    .flatMap(({ failedBuilds }) => failedBuilds)
    .filter(({ indexId }) => indexId === index.id);
  const isFailed = failed.some(({ isGivenUp }) => isGivenUp);
  const canBuild = build === null || isBuildable(build, type);
  const missing = isFailed ? 'Failed' : canBuild ? 'InProgress' : 'Unissued';
  return {
    ...index,
    fieldName: shownField(collection, index),
    indexType: index.params[INDEX_TYPE] ?? '',
    metric: index.params[METRIC_TYPE] ?? '',
    builtAs: (build ?? must(scalar, 'an index is of vectors or of scalars')).structure,
    state: indexedRows === totalRows ? 'Finished' : missing,
    totalRows,
    indexedRows,
    pendingRows: totalRows - indexedRows,
    buildingRows: builds.reduce(
      (sum, { running }) => sum + (running?.indexId === index.id ? running.rowsBuilt : 0),
      0,
    ),
    failReason: indexedRows === totalRows ? null : (failed.at(-1)?.text ?? null),
  };
}

/** Whoever made an index of a dynamic key knows the key as the field. */
function shownField({ schema }: CollectionInfo, { fieldId, fieldName, params }: IndexInfo): string {
  const field = fieldWithId(schema, fieldId);
  const path = params[JSON_PATH];
  if (!field.isDynamic || path === undefined) return fieldName;
  const [key = fieldName] = jsonPathOf(path, field);
  return path.startsWith(field.name) ? fieldName : key;
}

function rowsOf(segments: readonly SegmentState[]): number {
  return segments.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
