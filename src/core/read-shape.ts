/**
 * What reads of a collection have in common, worked out once for each version of what the catalog says of
 * it: infos never change, so nothing here is ever out of date.
 */
import { must } from '../base/assert.ts';
import { BOUND_FILTERS_MAX } from '../base/limits.ts';
import type { IndexBuild } from '../index/index-definition.ts';
import type { BoundFilter } from '../query/bind.ts';
import { asksForKeysOnly } from '../query/key-conditions.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { partitionKeyField, primaryField } from '../schema/fields.ts';
import { isPartitionKeyIsolated, schemaAsKept } from '../schema/properties.ts';
import { resolveSearchField, type SearchField } from '../search/plan-builder.ts';
import type { IndexPlan, ScalarIndexPlan, SearchPlan } from '../search/plan.ts';
import { isScalarBuild } from '../segments/index-policy.ts';
import { buildOf, fieldsInFiles, isKeptInFile, wantedIndexes } from './index-states.ts';
import type { CollectionInfo } from './ports.ts';

/** A vector field as searches see it. */
export interface SearchedField {
  readonly field: SearchField;
  /** Null: it has no index. */
  readonly build: IndexBuild | null;
  /** What segments answer by; null: every segment is scanned. */
  readonly index: Omit<IndexPlan, 'parameters'> | null;
}

export class ReadShape {
  /** As its columns are kept. */
  readonly schema: CollectionSchema;
  /** Null: the collection has none. */
  readonly partitionKey: { readonly fieldId: number; readonly isIsolated: boolean } | null;
  readonly #collection: CollectionInfo;
  readonly #primaryFieldId: number;
  readonly #fields = new Map<string, SearchedField>();
  #scope: Pick<SearchPlan, 'schema' | 'scalarIndexes'> | null = null;
  /** By name, in order of last use. */
  readonly #filters = new Map<string, BoundFilter>();

  constructor(collection: CollectionInfo) {
    this.#collection = collection;
    const { schema, properties } = collection;
    const key = partitionKeyField(schema);
    const isIsolated = isPartitionKeyIsolated(properties);
    this.#primaryFieldId = primaryField(schema).id;
    this.partitionKey = key === undefined ? null : { fieldId: key.id, isIsolated };
    this.schema = schemaAsKept(schema, properties, fieldsInFiles(collection));
  }

  /**
   * @param name may be left out when the collection has one vector field only
   * @throws MilvusError as resolveSearchField does
   */
  searched(name = ''): SearchedField {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const field = resolveSearchField(this.#collection.schema, name);
    const searched = this.#searchedField(field);
    this.#fields.set(name, searched);
    return searched;
  }

  /** The schema as its columns are kept, and indexes of scalars, of which a filter may name the fields. */
  get scope(): Pick<SearchPlan, 'schema' | 'scalarIndexes'> {
    this.#scope ??= { schema: this.schema, scalarIndexes: this.#scalarIndexes() };
    return this.#scope;
  }

  #scalarIndexes(): ScalarIndexPlan[] {
    return wantedIndexes(this.#collection).flatMap((wanted) => {
      const { build, indexId, fieldId, fingerprint } = wanted;
      if (!isScalarBuild(build)) return [];
      const info = this.#collection.indexes.find(({ id }) => id === indexId);
      const isMapped = info !== undefined && isKeptInFile(this.#collection, info);
      return [{ indexId, fieldId, fingerprint, isMapped, json: build.json }];
    });
  }

  /** The filter of a name; bound by `bind` when it is not known. */
  filter(name: string, bind: () => BoundFilter): BoundFilter {
    const filter = this.#filters.get(name) ?? bind();
    // Rows are asked for by other keys each time: these would push out what comes again.
    if (asksForKeysOnly(filter, this.#primaryFieldId)) return filter;
    this.#filters.delete(name);
    this.#filters.set(name, filter);
    const [oldest] = this.#filters.keys();
    if (this.#filters.size > BOUND_FILTERS_MAX && oldest !== undefined) {
      this.#filters.delete(oldest);
    }
    return filter;
  }

  #searchedField(field: SearchField): SearchedField {
    const { indexes } = this.#collection;
    const info = indexes.find(({ fieldId }) => fieldId === field.id);
    if (info === undefined) return { field, build: null, index: null };
    const build = buildOf(this.#collection, info);
    const wanted = wantedIndexes(this.#collection).find(({ fieldId }) => fieldId === field.id);
    if (wanted === undefined) return { field, build, index: null };
    const { indexId, fingerprint } = wanted;
    const index = must(
      indexes.find(({ id }) => id === indexId),
      'a wanted index is one of the collection',
    );
    const isMapped = isKeptInFile(this.#collection, index);
    const { structure, parameters } = build;
    return {
      field,
      build,
      index: { indexId, fingerprint, isMapped, structure, build: parameters },
    };
  }
}

const shapes = new WeakMap<CollectionInfo, ReadShape>();

export function readShapeOf(collection: CollectionInfo): ReadShape {
  const known = shapes.get(collection);
  if (known !== undefined) return known;
  const shape = new ReadShape(collection);
  shapes.set(collection, shape);
  return shape;
}
