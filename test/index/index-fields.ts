/** Fields to index, and what a definition is answered with. */
import { must } from '../../src/base/assert.ts';
import {
  checkIndex,
  checkSearchParameters,
  type IndexBuild,
  indexBuild,
} from '../../src/index/index-definition.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import type { FieldSchema } from '../../src/schema/collection-schema.ts';
import type { DataTypeName } from '../../src/schema/data-type.ts';
import { buildSchema } from '../../src/schema/definition.ts';

/** A field `v`, of 32 dimensions where its type has some. */
export function fieldOf(type: DataTypeName, params: Record<string, string> = {}): FieldSchema {
  const isDense = type.endsWith('Vector') && type !== 'SparseFloatVector';
  const { fields } = buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'v', type, ...(isDense ? { dim: 32 } : {}), params },
      { name: 'w', type: 'FloatVector', dim: 2 },
    ],
  });
  return must(fields[1], 'the field was defined');
}

/** A field of vectors inside a struct. */
export function listFieldOf(type: DataTypeName): FieldSchema {
  const { fields } = buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'w', type: 'FloatVector', dim: 2 },
    ],
    structs: [{ name: 's', maxCapacity: 4, fields: [{ name: 'v', type, dim: 32 }] }],
  });
  return must(
    fields.find(({ name }) => name === 's[v]'),
    'the field was defined',
  );
}

export interface Definition {
  readonly index?: string;
  readonly metric?: string;
  readonly params?: Record<string, string>;
}

function textsOf({ index, metric, params }: Definition): Record<string, string> {
  return {
    ...(index === undefined ? {} : { index_type: index }),
    ...(metric === undefined ? {} : { metric_type: metric }),
    ...params,
  };
}

/** What is built for a definition that is accepted. */
export function built(field: FieldSchema, definition: Definition): IndexBuild {
  return indexBuild(field, checkIndex(field, textsOf(definition)).params);
}

/** The parameters of a search, for 10 hits when it is not said for how many. */
export function searchedWith(
  field: FieldSchema,
  definition: Definition,
  given: Record<string, unknown>,
  topK = 10,
): Parameters {
  return checkSearchParameters(built(field, definition), given, topK);
}
