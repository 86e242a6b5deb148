/**
 * Names that a request groups or orders by, as references: fields, paths into JSON fields, keys of the
 * dynamic field. Rules and wording are Milvus's: `internal/proxy/search_util.go`, parseGroupByField and
 * parseOrderByFieldSpec.
 */
import { invalidParameter, milvusError, type MilvusError } from '../base/errors.ts';
import { GROUP_FIELDS_MAX, GROUP_SIZE_MAX } from '../base/limits.ts';
import type { FieldNode } from '../query/ast.ts';
import { readFilter } from '../query/parser.ts';
import { FilterProblem } from '../query/problem.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import { dynamicField, findField } from '../schema/fields.ts';
import type { GroupPlan } from './plan.ts';
import type { OrderTerm } from './row-order.ts';
import { fieldReference, type JsonCast, type ValueReference } from './row-values.ts';

/** Groups as users ask for them. */
export interface GroupRequest {
  /** One name or several; a path or a dynamic key only alone. */
  readonly fields: readonly string[];
  /** Hits of each group, 1 to 10. Default: 1. */
  readonly size?: number;
  /** An index goes on until every group has all its hits. Default: it stops when it has the groups. */
  readonly isStrict?: boolean;
  /** Inside a JSON field that is named as a whole: `meta["colour"]`. */
  readonly jsonPath?: string;
  /** What values of JSON must be: `Bool`, `Int8` to `Int64`, `VarChar`. Default: anything, as its text. */
  readonly jsonType?: string;
  /** A value of JSON that is something else is an error. Default: the row is of the group of null. */
  readonly strictCast?: boolean;
}

/** One field to order by, as users name it. */
export interface OrderRequest {
  readonly field: string;
  /** Default: `asc`. */
  readonly order?: 'asc' | 'desc';
  /** Where rows without a value come. Default: `last` of ascending, `first` of descending order. */
  readonly nulls?: 'first' | 'last';
}

const JSON_CASTS: ReadonlyMap<string, JsonCast> = new Map<string, JsonCast>([
  ['Bool', DataType.Bool],
  ['Int8', DataType.Int8],
  ['Int16', DataType.Int16],
  ['Int32', DataType.Int32],
  ['Int64', DataType.Int64],
  ['VarChar', DataType.VarChar],
]);

const GROUP_TYPES: ReadonlySet<DataType> = new Set<DataType>([
  ...[DataType.Bool, DataType.Int8, DataType.Int16, DataType.Int32, DataType.Int64],
  ...[DataType.VarChar, DataType.Timestamptz, DataType.JSON],
]);

const ORDER_TYPES: ReadonlySet<DataType> = new Set<DataType>([
  ...[DataType.Bool, DataType.Int8, DataType.Int16, DataType.Int32, DataType.Int64],
  ...[DataType.Float, DataType.Double, DataType.VarChar],
]);

/** Names of types as the part of Milvus that groups prints them. */
const CORE_NAMES: ReadonlyMap<DataType, string> = new Map<DataType, string>([
  [DataType.BinaryVector, 'VECTOR_BINARY'],
  [DataType.FloatVector, 'VECTOR_FLOAT'],
  [DataType.Float16Vector, 'VECTOR_FLOAT16'],
  [DataType.BFloat16Vector, 'VECTOR_BFLOAT16'],
  [DataType.SparseFloatVector, 'VECTOR_SPARSE_U32_F32'],
  [DataType.Int8Vector, 'VECTOR_INT8'],
  [DataType.ArrayOfVector, 'VECTOR_ARRAY'],
]);

/** @throws MilvusError ParameterInvalid, FieldNotFound */
export function resolveGroups(request: GroupRequest, schema: CollectionSchema): GroupPlan {
  const { fields, size = 1, isStrict = false } = request;
  const bound = `exceeds configured max group size:${GROUP_SIZE_MAX}`;
  if (!Number.isInteger(size)) throw invalidParameter(`failed to parse input group size:${size}`);
  if (size <= 0) {
    throw invalidParameter(`input group size:${size} is negative, failed to do search_groupby`);
  }
  if (size > GROUP_SIZE_MAX) throw invalidParameter(`input group size:${size} ${bound}`);
  checkFieldCount('group_by_fields', fields);
  const by = fields.map((name) => groupReference(name, request, schema));
  return { by, size, isStrict, chosen: null };
}

/** @throws MilvusError ParameterInvalid */
export function checkFieldCount(name: string, fields: readonly unknown[]): void {
  if (fields.length > 0 && fields.length <= GROUP_FIELDS_MAX) return;
  const range = `it should be in range [1, ${GROUP_FIELDS_MAX}], but got ${fields.length}`;
  throw invalidParameter(`number of ${name} is invalid, ${range}`);
}

function groupReference(
  name: string,
  request: GroupRequest,
  schema: CollectionSchema,
): ValueReference {
  const field = findField(schema, baseName(name)) ?? dynamicField(schema);
  if (field === undefined || name.trim() === '') {
    const message = 'groupBy field not found in schema';
    throw milvusError('FieldNotFound', { message, fields: { field: name } });
  }
  if (!GROUP_TYPES.has(field.type)) {
    const type = CORE_NAMES.get(field.type) ?? dataTypeName(field.type).toUpperCase();
    throw invalidParameter(`unsupported data type ${type} for group by operator`);
  }
  if (field.type !== DataType.JSON) {
    if (baseName(name) === name) return fieldReference(field);
    throw invalidParameter(`group_by field '${name}' has brackets but is not a JSON type`);
  }
  const isWhole = name === field.name;
  if (request.fields.length > 1 && !isWhole) {
    throw invalidParameter(
      `group_by with json path is not supported for multi-field group_by, field:${name}`,
    );
  }
  const { jsonPath = '', strictCast: isStrict = false } = request;
  const path = pathOf(jsonPath === '' ? name : jsonPath, field, schema);
  return { fieldId: field.id, type: field.type, path, form: castOf(request), isStrict };
}

function castOf({ jsonType }: GroupRequest): JsonCast | 'text' {
  if (jsonType === undefined || jsonType === '') return 'text';
  const cast = JSON_CASTS.get(jsonType);
  if (cast === undefined) {
    throw invalidParameter(`unsupported json_type ${jsonType} for JSON group by`);
  }
  return cast;
}

/**
 * @param read `search` may order by paths and dynamic keys, and says so
 * @throws MilvusError ParameterInvalid
 */
export function resolveOrder(
  requests: readonly OrderRequest[],
  schema: CollectionSchema,
  read: 'search' | 'query',
): OrderTerm[] {
  if (requests.length === 0) return [];
  checkFieldCount('order_by_fields', requests);
  return requests.map(({ field, order = 'asc', nulls }) => {
    checkWord(order, ['asc', 'desc'], `invalid order direction '${order}' for field '${field}'`);
    const isDescending = order === 'desc';
    if (nulls !== undefined) {
      checkWord(nulls, ['first', 'last'], `invalid null ordering '${nulls}'`);
    }
    const isNullsFirst = nulls === undefined ? isDescending : nulls === 'first';
    return { reference: orderReference(field, schema, read), isDescending, isNullsFirst };
  });
}

function checkWord(word: string, words: readonly string[], message: string): void {
  if (words.includes(word)) return;
  throw invalidParameter(`${message}, expected ${words.map((one) => `'${one}'`).join(' or ')}`);
}

function orderReference(
  name: string,
  schema: CollectionSchema,
  read: 'search' | 'query',
): ValueReference {
  if (name.trim() === '') throw emptyOrderName(read);
  const base = baseName(name);
  const known = findField(schema, base);
  const field = known ?? dynamicField(schema);
  if (field === undefined) {
    throw invalidParameter(
      base === name
        ? `order_by field '${name}' does not exist in collection schema`
        : `order_by field '${base}' not found in schema and no dynamic field available`,
    );
  }
  if (field.type !== DataType.JSON && base !== name) {
    throw invalidParameter(`order_by field '${name}' has brackets but is not a JSON type`);
  }
  if (known !== undefined && base === name && !ORDER_TYPES.has(field.type)) {
    throw unsortable(field, read);
  }
  if (field.type !== DataType.JSON) return fieldReference(field);
  const path = pathOf(name, field, schema);
  return { fieldId: field.id, type: field.type, path, form: 'order', isStrict: false };
}

function emptyOrderName(read: 'search' | 'query'): MilvusError {
  return invalidParameter(
    read === 'search'
      ? 'empty field name in order_by_fields'
      : "order_by field '' does not exist in collection schema",
  );
}

function unsortable({ name, type }: FieldSchema, read: 'search' | 'query'): MilvusError {
  const typeName = dataTypeName(type);
  if (read === 'query') {
    return invalidParameter(`order_by field '${name}' has type ${typeName} which is not sortable`);
  }
  const types = 'bool, int8/16/32/64, float, double, string, varchar';
  const hint = 'for JSON fields use path syntax like field["key"]';
  return invalidParameter(
    `order_by field '${name}' has unsortable type ${typeName}; supported types: ${types}; ${hint}`,
  );
}

/** What stands before the first bracket, where there is one. */
function baseName(name: string): string {
  const at = name.indexOf('[');
  return at < 0 || !name.includes(']') ? name : name.slice(0, at);
}

/** Keys inside the field. @throws MilvusError ParameterInvalid */
function pathOf(name: string, field: FieldSchema, schema: CollectionSchema): readonly string[] {
  const node = fieldNode(name);
  const path = node.path.map(String);
  if (node.name === field.name) return path;
  if (field.isDynamic && findField(schema, node.name) === undefined) return [node.name, ...path];
  throw invalidParameter('fieldID not match with field name', { field: field.name, path: name });
}

function fieldNode(name: string): FieldNode {
  try {
    const node = readFilter(name);
    if (node.kind === 'field' && node.subField === null) return node;
  } catch (failure) {
    if (!(failure instanceof FilterProblem)) throw failure;
    throw milvusError(
      'ParameterInvalid',
      { message: `cannot parse identifier: ${name}: ${failure.message}` },
      failure,
    );
  }
  throw invalidParameter(`cannot parse identifier: ${name}`);
}
