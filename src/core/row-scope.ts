/**
 * Which rows a request is about, whatever its filter says: those of its namespace, and those that have not
 * outlived themselves by the field that says until when a row lives.
 */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import type { Expression, FieldNode } from '../query/ast.ts';
import { bindFilter, type BoundFilter } from '../query/bind.ts';
import { bothFilters } from '../query/both-filters.ts';
import { type CollectionSchema, DEFAULT_PARTITION_NAME } from '../schema/collection-schema.ts';
import { findField, primaryField } from '../schema/fields.ts';
import {
  checkNamespace,
  namespaceField,
  namespaceMode,
  namespacePartitions,
} from '../schema/namespaces.ts';
import { keyColumn } from '../schema/primary-key.ts';
import { partitionOf } from '../schema/partition-hash.ts';
import { ttlFieldName } from '../schema/properties.ts';
import type { CollectionInfo, PartitionRows } from './ports.ts';
import { readPartitions } from './routing.ts';

/** A filter, and the name under which masks of it are kept; null: none is. */
export interface NamedFilter {
  readonly filter: BoundFilter | null;
  readonly filterName?: string | null;
}

/** What the rows of a request have to be beside what it says itself. */
export interface RowScope {
  /** Null: all. */
  readonly partitionIds: number[] | null;
  /** Null: every row counts. */
  readonly namespace: (NamedFilter & { readonly filter: BoundFilter }) | null;
}

/** @throws MilvusError ParameterInvalid where a namespace is missing, or there are none */
export function rowScope(
  collection: CollectionInfo,
  namespace: string | undefined,
  partitionNames: readonly string[] | undefined,
): RowScope {
  const { schema, properties } = collection;
  const mode = namespaceMode(schema, properties);
  checkNamespace(mode, namespace);
  if (mode === null || namespace === undefined) {
    return { partitionIds: readPartitions(collection, partitionNames), namespace: null };
  }
  if (mode === 'partition') {
    const names = namespacePartitions(namespace, partitionNames);
    return { partitionIds: readPartitions(collection, names), namespace: null };
  }
  if (partitionNames !== undefined && partitionNames.length > 0) {
    throw invalidParameter(
      'not support manually specifying the partition names if namespace is used',
    );
  }
  const filterName = `namespace ${JSON.stringify(namespace)}`;
  return {
    partitionIds: [partitionIdOf(collection, namespace)],
    namespace: { filter: ofNamespace(schema, namespace), filterName },
  };
}

/** Partitions in which rows of these keys supersede others; null: all, keys are unique in the collection. */
export function supersededIn(
  { schema, properties }: Pick<CollectionInfo, 'schema' | 'properties'>,
  rows: readonly PartitionRows[],
): number[] | null {
  // Where partitions are namespaces each has its own keys, but for those that are given out.
  const isByPartition =
    namespaceMode(schema, properties) === 'partition' && !primaryField(schema).autoId;
  return isByPartition ? rows.map(({ partitionId }) => partitionId) : null;
}

/** The partition that the rows of a namespace are in, beside those of others. */
function partitionIdOf({ schema, partitions }: CollectionInfo, namespace: string): number {
  const field = namespaceField(schema) ?? primaryField(schema);
  const [index = 0] = partitionOf(keyColumn(field, [namespace]), partitions.length);
  const found = partitions.find(({ name }) => name === `${DEFAULT_PARTITION_NAME}_${index}`);
  return must(found, 'partitions of a partition key are named by their index').id;
}

/** The rows of one namespace, where namespaces are values. */
export function ofNamespace(schema: CollectionSchema, namespace: string): BoundFilter {
  const left = fieldNode(namespaceField(schema)?.name ?? '');
  const right: Expression = { kind: 'literal', value: namespace, at: 0 };
  return bindFilter({ kind: 'comparison', operator: '==', left, right, at: 0 }, schema);
}

/**
 * The rows that live at a moment, by the field that says until when; null: all do.
 * @param atMs wall-clock milliseconds
 */
export function livingRows(
  { schema, properties }: Pick<CollectionInfo, 'schema' | 'properties'>,
  atMs: number,
): BoundFilter | null {
  const name = ttlFieldName(properties);
  if (name === null || findField(schema, name) === undefined) return null;
  const field = fieldNode(name);
  const text = new Date(atMs).toISOString();
  const isLater: Expression = {
    kind: 'comparison',
    operator: '>',
    left: field,
    right: { kind: 'iso', text, at: 0 },
    at: 0,
  };
  const isEndless: Expression = { kind: 'null', negated: false, field, at: 0 };
  return bindFilter({ kind: 'or', operands: [isEndless, isLater], at: 0 }, schema);
}

/** The rows that a request's own filter, its namespace and the time leave. */
export function narrowed(
  own: NamedFilter,
  { namespace }: Pick<RowScope, 'namespace'>,
  living: BoundFilter | null,
): NamedFilter {
  if (namespace === null && living === null) return own;
  const inside = namespace === null ? own.filter : bothFilters(own.filter, namespace.filter);
  // Another moment, other rows: there is no name for what lives.
  if (living !== null) return { filter: bothFilters(inside, living), filterName: null };
  const ownName = own.filter === null ? '' : own.filterName;
  const name = typeof ownName === 'string' ? `${namespace?.filterName}\n${ownName}` : null;
  return { filter: inside, filterName: name };
}

function fieldNode(name: string): FieldNode {
  return { kind: 'field', name, path: [], subField: null, at: 0 };
}
