/**
 * A collection made from a name and a dimension: a key, a vector with its index, dynamic fields. Source: Milvus
 * `internal/distributed/proxy/httpserver/handler_v2.go`, createCollection.
 */
import { type ErrorFields, invalidParameter } from '../base/errors.ts';
import { DataType } from '../schema/data-type.ts';
import type { CollectionSchema } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { booleanFrom, plainText } from './plain-text.ts';
import type { RequestBody } from './request-body.ts';

const VECTOR_TYPES = [
  'FloatVector',
  'BinaryVector',
  'Float16Vector',
  'BFloat16Vector',
  'SparseFloatVector',
] as const;
type VectorTypeName = (typeof VECTOR_TYPES)[number];

const FLOAT_METRICS: readonly string[] = ['L2', 'IP', 'COSINE'];
const BINARY_METRICS: readonly string[] = ['HAMMING', 'JACCARD'];

export interface QuickCollection {
  readonly schema: Init<CollectionSchema>;
  readonly vectorFieldName: string;
  readonly metric: string;
}

/** @throws MilvusError ParameterInvalid */
export function quickCollection(body: RequestBody): QuickCollection {
  if (body.body('schema').list('functions').length > 0) {
    throw refused('functions are not supported for quickly create collection', {
      expected: 'schema',
      actual: 'functions',
    });
  }
  const typeName = vectorTypeOf(body);
  const dimension = dimensionOf(body, typeName);
  const metric = metricOf(body, typeName);
  const vectorFieldName = body.filledText('vectorFieldName', 'vector');
  const dim = dimension === 0 ? [] : [{ key: 'dim', value: String(dimension) }];
  const schema = {
    name: body.text('collectionName'),
    description: body.text('description'),
    enableDynamicField: hasDynamicField(body),
    fields: [
      { ...keyField(body), name: body.filledText('primaryFieldName', 'id') },
      { name: vectorFieldName, dataType: DataType[typeName], typeParams: dim },
    ],
  };
  return { schema, vectorFieldName, metric };
}

function vectorTypeOf(body: RequestBody): VectorTypeName {
  const given = body.filledText('vectorFieldType', 'FloatVector');
  const known = VECTOR_TYPES.find((name) => name === given);
  if (known !== undefined) return known;
  const names = VECTOR_TYPES.join(', ');
  throw refused(`vectorFieldType can only be [${names}], default: FloatVector`, {
    expected: names,
    actual: given,
  });
}

function dimensionOf(body: RequestBody, typeName: VectorTypeName): number {
  const dimension = body.integer('dimension');
  if (typeName === 'SparseFloatVector') {
    if (dimension === 0) return 0;
    const rule = 'dimension should not be specified for SparseFloatVector quick create';
    throw refused(rule, { expected: 0, actual: dimension });
  }
  if (dimension !== 0) return dimension;
  throw refused(
    'dimension is required for quickly create collection(default metric type: COSINE)',
    {
      expected: 'collectionName & dimension',
      actual: 'collectionName',
    },
  );
}

function metricOf(body: RequestBody, typeName: VectorTypeName): string {
  const places = { expected: 'valid index params', actual: 'invalid index params' };
  if (typeName === 'BinaryVector') {
    const metric = body.filledText('metricType', 'HAMMING');
    if (BINARY_METRICS.includes(metric)) return metric;
    throw refused(`binary vector index does not support metric type: ${metric}`, places);
  }
  if (typeName === 'SparseFloatVector') {
    const metric = body.filledText('metricType', 'IP');
    if (metric === 'IP') return metric;
    const rule =
      metric === 'BM25'
        ? 'only BM25 Function output field support BM25 metric type'
        : 'only IP&BM25 is the supported metric type for sparse index';
    throw refused(rule, places);
  }
  const metric = body.filledText('metricType', 'COSINE');
  if (FLOAT_METRICS.includes(metric)) return metric;
  throw refused(`float vector index does not support metric type: ${metric}`, places);
}

function keyField(body: RequestBody): Init<CollectionSchema['fields'][number]> {
  const common = { isPrimaryKey: true, autoID: body.boolean('autoID') || body.boolean('autoId') };
  const given = body.filledText('idType', 'Int64');
  if (given.toLowerCase() === 'int64') return { ...common, dataType: DataType.Int64 };
  if (given.toLowerCase() === 'varchar') {
    const maxLength = body.body('params').value('max_length');
    const typeParams =
      maxLength === undefined ? [] : [{ key: 'max_length', value: plainText(maxLength) }];
    return { ...common, dataType: DataType.VarChar, typeParams };
  }
  throw refused('idType can only be [Int64, VarChar], default: Int64', {
    expected: 'Int64, Varchar',
    actual: given,
  });
}

function hasDynamicField(body: RequestBody): boolean {
  const text = plainText(body.body('params').value('enableDynamicField') ?? true);
  const isOn = booleanFrom(text);
  if (isOn !== null) return isOn;
  throw invalidParameter(`parse enableDynamicField fail, err:"${text}" is no boolean`);
}

function refused(message: string, fields: ErrorFields): Error {
  return invalidParameter(message, fields);
}
