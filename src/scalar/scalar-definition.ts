/**
 * Definitions of indexes over scalars: which types each takes, by which parameters, in Milvus's words and order.
 *
 *   json_path            of JSON: which value, as filters write it; left out, the field itself
 *   json_cast_type       of JSON, and required: BOOL, DOUBLE, VARCHAR, ARRAY_BOOL, ARRAY_DOUBLE, ARRAY_VARCHAR, JSON
 *   json_cast_function   STRING_TO_DOUBLE, with DOUBLE
 *   min_gram, max_gram   of NGRAM, and required: characters of the parts of texts
 *   bitmap_cardinality_limit   of AUTOINDEX: distinct values up to which bitmaps are built
 *
 * Source: Milvus `internal/proxy/task_index.go`, parseIndexParams; `internal/util/indexparamcheck/*_checker.go`.
 */
import { invalidParameter, milvusError, type MilvusError } from '../base/errors.ts';
import {
  AUTOINDEX,
  automaticScalarIndex,
  scalarIndexKind,
  type ScalarStructure,
  vectorIndexKind,
} from '../index/registry.ts';
import {
  type CheckedIndex,
  givenParams,
  INDEX_TYPE,
  saysMapped,
} from '../index/index-definition.ts';
import type { Parameters } from '../index/parameters.ts';
import type { FieldNode } from '../query/ast.ts';
import { parseFilter } from '../query/bind.ts';
import { FilterProblem, filterError } from '../query/problem.ts';
import type { CollectionSchema, FieldSchema, Properties } from '../schema/collection-schema.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import { dynamicField, findField } from '../schema/fields.ts';
import type { JsonCast, JsonPlace } from './column-terms.ts';

export const JSON_PATH = 'json_path';
const CAST_TYPE = 'json_cast_type';
const CAST_FUNCTION = 'json_cast_function';
const CARDINALITY_LIMIT = 'bitmap_cardinality_limit';
const MIN_GRAM = 'min_gram';
const MAX_GRAM = 'max_gram';
const STRING_TO_DOUBLE = 'STRING_TO_DOUBLE';
const CARDINALITY_LIMIT_DEFAULT = 100;
const CARDINALITY_LIMIT_MAX = 1000;

const { Bool, VarChar, JSON: Json, Geometry, Timestamptz } = DataType;
const INTEGERS: readonly DataType[] = [
  DataType.Int8,
  DataType.Int16,
  DataType.Int32,
  DataType.Int64,
];
const NUMBERS: readonly DataType[] = [...INTEGERS, DataType.Float, DataType.Double];

/** Casts of JSON by structure; null: JSON is refused. */
const CASTS: Readonly<Record<ScalarStructure, readonly JsonCast[] | null>> = {
  INVERTED: ['BOOL', 'DOUBLE', 'VARCHAR', 'ARRAY_BOOL', 'ARRAY_DOUBLE', 'ARRAY_VARCHAR', 'JSON'],
  BITMAP: ['BOOL', 'VARCHAR'],
  STL_SORT: ['DOUBLE', 'VARCHAR'],
  HYBRID: ['BOOL', 'DOUBLE', 'VARCHAR'],
  NGRAM: ['VARCHAR'],
  TRIE: null,
  RTREE: null,
};

/** What is built of a field's values, and how. */
export interface ScalarBuild {
  readonly kind: 'scalar';
  /** The name by which it was asked for, AUTOINDEX resolved. */
  readonly name: string;
  readonly structure: ScalarStructure;
  readonly parameters: Parameters;
  readonly json: JsonPlace | null;
  readonly isMapped: boolean;
}

/**
 * Checks a user's parameters for an index of a scalar field.
 * @param fieldName as it was given: a key of `$meta` may stand for it
 * @throws MilvusError ParameterInvalid, ParameterMissing
 */
export function checkScalarIndex(
  { field, fieldName }: { readonly field: FieldSchema; readonly fieldName: string },
  given: Properties,
  schema: CollectionSchema,
): CheckedIndex {
  const params: Record<string, string> = { ...givenParams(upperCasts(given)) };
  if (field.type === DataType.Text) {
    throw invalidParameter('TEXT field does not support user-created scalar index');
  }
  const indexType = params[INDEX_TYPE];
  if (indexType !== undefined && vectorIndexKind(indexType) !== undefined) {
    throw invalidParameter(`index ${indexType} only supports vector data type`);
  }
  if (field.type === Json) params[JSON_PATH] ??= fieldName;
  const isAutomatic = indexType === undefined || indexType === '';
  const stored = upperCasts({ ...params, [INDEX_TYPE]: isAutomatic ? AUTOINDEX : indexType });
  const { json } = scalarBuild(field, stored);
  if (json !== null) {
    checkCastFunction(json.cast, stored);
    checkPath(stored[JSON_PATH] ?? '', field, schema);
  }
  return { params: Object.freeze(stored), isMetricGiven: true };
}

/** Casts may be written in any case. */
function upperCasts(params: Properties): Properties {
  const texts = Object.entries(params).map(([name, text]): [string, string] => {
    const isCast = name === CAST_TYPE || name === CAST_FUNCTION;
    return [name, isCast && typeof text === 'string' ? text.trim().toUpperCase() : text];
  });
  return Object.fromEntries(texts);
}

/**
 * What is to be built by parameters that `checkScalarIndex` has checked.
 * @throws MilvusError ParameterInvalid, ParameterMissing
 */
export function scalarBuild(field: FieldSchema, params: Properties): ScalarBuild {
  const name = params[INDEX_TYPE] ?? AUTOINDEX;
  const kind = scalarIndexKind(name);
  const structure = kind?.structure ?? automaticStructure(field, params);
  checkType(structure, field);
  const cast = castOf(structure, field, params);
  const json = cast === null ? null : placeOf(field, params, cast);
  const parameters: Record<string, string | number> = {
    ...(structure === 'NGRAM' ? gramsOf(params) : {}),
    ...(structure === 'HYBRID' ? { [CARDINALITY_LIMIT]: limitOf(params) } : {}),
    ...(json === null ? {} : { [JSON_PATH]: jsonPointer(json.path), [CAST_TYPE]: json.cast }),
    ...(json?.castsTexts === true ? { [CAST_FUNCTION]: STRING_TO_DOUBLE } : {}),
  };
  return Object.freeze({
    kind: 'scalar',
    name: kind?.name ?? structure,
    structure,
    parameters: Object.freeze(parameters),
    json,
    isMapped: saysMapped(params),
  });
}

/** Of an array by its elements; of JSON taken as JSON only INVERTED has an index. */
function automaticStructure(
  { type, elementType }: FieldSchema,
  params: Properties,
): ScalarStructure {
  const structure = automaticScalarIndex(type === DataType.Array ? (elementType ?? type) : type);
  if (structure === null) {
    throw milvusError('ParameterInvalid', {
      fields: {
        expected: 'supported field',
        actual: `create auto index on type:${dataTypeName(type)} is not supported`,
      },
    });
  }
  return type === Json && params[CAST_TYPE] === 'JSON' ? 'INVERTED' : structure;
}

function checkType(structure: ScalarStructure, field: FieldSchema): void {
  const { type, elementType, isPrimaryKey, structName } = field;
  const isArray = type === DataType.Array;
  const element = elementType ?? type;
  const isOneOf = (types: readonly DataType[]): boolean => types.includes(type);
  switch (structure) {
    case 'INVERTED':
      if (isArray || isOneOf([Bool, ...NUMBERS, VarChar, Json])) return;
      throw invalidParameter(`INVERTED are not supported on ${dataTypeName(type)} field`);
    case 'BITMAP':
      checkBitmapType(field, isPrimaryKey);
      return;
    case 'STL_SORT': {
      const sorted = [...NUMBERS, VarChar, Timestamptz];
      const rule = 'STL_SORT are only supported on numeric, varchar or timestamptz field, got';
      if (isArray && structName !== undefined) {
        if (sorted.includes(element)) return;
        throw invalidParameter(`${rule} struct sub-field of ${dataTypeName(element)}`);
      }
      if (isOneOf([...sorted, Json])) return;
      throw invalidParameter(`${rule} ${dataTypeName(type)}`);
    }
    case 'TRIE':
      if (type !== VarChar) throw invalidParameter('TRIE are only supported on varchar field');
      return;
    case 'NGRAM':
      if (isOneOf([VarChar, Json])) return;
      throw invalidParameter('ngram index can only be created on VARCHAR or JSON field');
    case 'RTREE':
      if (type === Geometry) return;
      throw invalidParameter(
        `RTREE index can only be built on geometry field, got ${dataTypeName(type)}`,
      );
    default:
  }
}

function checkBitmapType({ type, elementType }: FieldSchema, isPrimaryKey: boolean): void {
  if (isPrimaryKey) throw invalidParameter('create bitmap index on primary key not supported');
  const types: readonly DataType[] = [Bool, ...INTEGERS, VarChar];
  if (type === DataType.Array) {
    if (elementType !== undefined && types.includes(elementType)) return;
    throw invalidParameter('bitmap index are only supported on bool, int, string for array field');
  }
  if (type === Json || types.includes(type)) return;
  throw invalidParameter('bitmap index are only supported on bool, int, string and array field');
}

/** How values of JSON are taken; null for any other field. */
function castOf(
  structure: ScalarStructure,
  { type }: FieldSchema,
  params: Properties,
): JsonCast | null {
  const casts = CASTS[structure];
  if (type !== Json || casts === null) return null;
  const given = params[CAST_TYPE];
  if (given === undefined) {
    if (structure === 'NGRAM') {
      throw missing('JSON field with ngram index must specify json_cast_type');
    }
    throw missing('json index must specify cast type', CAST_TYPE);
  }
  const cast = casts.find((name) => name === given);
  if (cast !== undefined) return cast;
  if (structure === 'NGRAM') {
    throw invalidParameter(
      `JSON field with ngram index only supports VARCHAR cast type, got: ${given}`,
    );
  }
  const suffix = structure === 'INVERTED' ? '' : ` for ${structure} index`;
  throw invalidParameter(`json_cast_type ${given} is not supported${suffix}`);
}

function checkCastFunction(cast: JsonCast, params: Properties): void {
  const given = params[CAST_FUNCTION];
  if (given === undefined) return;
  if (given !== STRING_TO_DOUBLE) {
    throw invalidParameter(`json_cast_function ${given} is not supported`);
  }
  if (cast !== 'DOUBLE') {
    throw invalidParameter(
      `json_cast_function ${given} is not supported for json_cast_type ${cast}`,
    );
  }
}

function gramsOf(params: Properties): Record<string, number> {
  const { [MIN_GRAM]: least, [MAX_GRAM]: most } = params;
  if (least === undefined || most === undefined) {
    throw missing('Ngram index must specify both min_gram and max_gram');
  }
  const lengthOf = (name: string, text: string): number => {
    if (/^[-+]?\d{1,15}$/.test(text)) return Number(text);
    throw invalidParameter(`${name} for Ngram index must be an integer, got: ${text}`);
  };
  const min = lengthOf(MIN_GRAM, least);
  const max = lengthOf(MAX_GRAM, most);
  if (min <= 0 || min > max) {
    const given = `min_gram: ${min}, max_gram: ${max}`;
    throw invalidParameter(`invalid min_gram or max_gram value for Ngram index, ${given}`);
  }
  return { [MIN_GRAM]: min, [MAX_GRAM]: max };
}

function limitOf(params: Properties): number {
  const text = params[CARDINALITY_LIMIT];
  if (text === undefined) return CARDINALITY_LIMIT_DEFAULT;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= CARDINALITY_LIMIT_MAX) return limit;
  throw invalidParameter(
    'failed to check bitmap cardinality limit, should be larger than 0 and smaller than ' +
      `${CARDINALITY_LIMIT_MAX}`,
  );
}

function placeOf(field: FieldSchema, params: Properties, cast: JsonCast): JsonPlace {
  const path = jsonPathOf(params[JSON_PATH] ?? field.name, field);
  const castsTexts = cast === 'DOUBLE' && params[CAST_FUNCTION] === STRING_TO_DOUBLE;
  return { path, cast, castsTexts };
}

/**
 * The keys of a path as filters write it: of `json["a"][0]` they are `a` and `0`. It stays what it is when a field
 * is added later whose name is a key of the dynamic field.
 * @throws MilvusError ParameterInvalid when it is no path, or one into another field
 */
export function jsonPathOf(text: string, field: FieldSchema): readonly string[] {
  const { name, path } = pathNode(text);
  const keys = path.map(String);
  if (name === field.name) return keys;
  if (field.isDynamic) return [name, ...keys];
  throw invalidParameter('fieldID not match with field name');
}

function pathNode(text: string): FieldNode {
  const node = parseFilter(text);
  if (node.kind === 'field' && node.subField === null) return node;
  throw filterError(new FilterProblem(`cannot parse identifier: ${text}`, 0), text, true);
}

/** @throws MilvusError ParameterInvalid when filters mean another field by it */
function checkPath(text: string, field: FieldSchema, schema: CollectionSchema): void {
  const named = findField(schema, pathNode(text).name) ?? dynamicField(schema);
  if (named?.id !== field.id) throw invalidParameter('fieldID not match with field name');
}

/** A path as one text, in which no two paths are the same. */
export function jsonPointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function missing(message: string, parameter?: string): MilvusError {
  const fields = parameter === undefined ? {} : { missing_param: parameter };
  return milvusError('ParameterMissing', { message, fields });
}
