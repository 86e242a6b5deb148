/**
 * Which field an index is of, and what it is called. A JSON field has an index for each path: the same path may
 * be written in several ways, and an index without a name is called by its field and its path.
 * Source: Milvus `internal/datacoord/index_service.go`, CreateIndex.
 */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionSchema, FieldSchema, Properties } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { dynamicField, findField } from '../schema/fields.ts';
import { JSON_PATH, jsonPathOf, jsonPointer } from '../scalar/scalar-definition.ts';

/** An index as the catalog has it. */
interface KnownIndex {
  readonly name: string;
  readonly fieldId: number;
  readonly params: Properties;
}

interface NamedIndex {
  readonly fieldName: string;
  readonly indexName: string;
  readonly params: Properties;
}

/**
 * The field of a name; `$meta` for a name that no field has, where there is one.
 * @throws MilvusError ParameterInvalid
 */
export function indexedField(schema: CollectionSchema, fieldName: string): FieldSchema {
  const field = findField(schema, fieldName) ?? dynamicField(schema);
  if (field !== undefined) return field;
  throw invalidParameter(`cannot create index on non-exist field: ${fieldName}`);
}

/** The index with the name of its field and its own; its path as an index that has it already writes it. */
export function namedIndex(
  { fieldName, indexName, params }: NamedIndex,
  schema: CollectionSchema,
  indexes: readonly KnownIndex[],
): NamedIndex {
  const field = indexedField(schema, fieldName);
  if (field.type !== DataType.JSON) return { fieldName, indexName, params };
  const pointerOf = (of: Properties): string =>
    jsonPointer(jsonPathOf(of[JSON_PATH] ?? field.name, field, schema));
  const pointer = pointerOf(params);
  const same = indexes.find(
    (index) => index.fieldId === field.id && pointerOf(index.params) === pointer,
  );
  const path = same?.params[JSON_PATH];
  return {
    fieldName: field.name,
    indexName: indexName === '' ? (same?.name ?? field.name + pointer) : indexName,
    params: path === undefined ? params : Object.freeze({ ...params, [JSON_PATH]: path }),
  };
}
