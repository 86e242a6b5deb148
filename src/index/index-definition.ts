/**
 * Definitions of indexes: a user's parameters, checked in Milvus's words and order, and what is to be built
 * by them. A definition that was accepted stays acceptable: what the catalog keeps is read by the same code.
 *
 *   index_type, metric_type          which index, which metric
 *   params                           further parameters as one JSON text; the same names stand alone as well
 *   mmap.enabled, warmup …           how it is kept; may change later, and never decides what is built
 *   anything else                    parameters of the index, see parameter-rules.ts
 *
 * Source: Milvus `internal/proxy/task_index.go`, parseIndexParams;
 * `internal/util/indexparamcheck/{vector_index_checker,index_type,index_params_validation}.go`.
 */
import { assert } from '../base/assert.ts';
import { invalidParameter, milvusError, type MilvusError } from '../base/errors.ts';
import { INDEX_PARAMS_BYTES_MAX } from '../base/limits.ts';
import type { FieldSchema, Properties } from '../schema/collection-schema.ts';
import { DataType, dataTypeName, isVector } from '../schema/data-type.ts';
import { BINARY_INDEX_METRICS, type IndexMetric } from './metric-type.ts';
import { checkListMetric, checkMetric } from './metrics.ts';
import { buildParameters, type Parameters, searchParameters } from './parameters.ts';
import {
  AUTOINDEX,
  automaticIndex,
  type IndexKind,
  type IndexStructure,
  otherIndex,
  scalarIndexKind,
  vectorIndexKind,
} from './registry.ts';

export const INDEX_TYPE = 'index_type';
export const METRIC_TYPE = 'metric_type';
const PARAMS = 'params';
const DIM = 'dim';
const MMAP = 'mmap.enabled';
const WARMUP = 'warmup';
const OFFSET_CACHE = 'indexoffsetcache.enabled';
/** How an index is kept, not what it is. */
const KEEPING: readonly string[] = [MMAP, WARMUP, OFFSET_CACHE];
const WARMUPS: readonly string[] = ['disable', 'sync', 'async'];
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text): [string, boolean] => [text, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text): [string, boolean] => [text, false]),
]);

/** What is built of a field's vectors, and how; all defaults are filled in. */
export interface IndexBuild {
  /** The name by which it was asked for, AUTOINDEX resolved. */
  readonly name: string;
  readonly structure: IndexStructure;
  readonly metric: IndexMetric;
  readonly parameters: Parameters;
  readonly isMapped: boolean;
}

export interface CheckedIndex {
  /** What the catalog keeps and users are shown. */
  readonly params: Properties;
  /** False when the metric is the field's or the type's own. */
  readonly isMetricGiven: boolean;
}

/**
 * Checks a user's parameters for an index of a vector field; see scalar/scalar-definition.ts for others.
 * @throws MilvusError ParameterInvalid; Unimplemented for indexes of sparse vectors
 */
export function checkIndex(field: FieldSchema, given: Properties): CheckedIndex {
  const params = givenParams(given);
  const indexType = params[INDEX_TYPE];
  assert(isVector(field.type), 'an index of scalars is checked elsewhere');
  const isAutomatic = indexType === undefined || indexType === AUTOINDEX;
  if (isAutomatic) checkAutomatic(params);
  if (indexType === '') throw unknownType(indexType);
  const metric = metricOf(field, params, isAutomatic);
  const stored = { ...params, [INDEX_TYPE]: indexType ?? AUTOINDEX, [METRIC_TYPE]: metric };
  const kept = Object.fromEntries(Object.entries(stored).filter(([name]) => name !== DIM));
  checkDimension(field, params);
  indexBuild(field, kept);
  return { params: Object.freeze(kept), isMetricGiven: params[METRIC_TYPE] !== undefined };
}

/**
 * A user's parameters, each by its name, as far as they are the same for every index.
 * @throws MilvusError ParameterInvalid
 */
export function givenParams(given: Properties): Properties {
  const params = expandParams(given);
  const indexType = params[INDEX_TYPE];
  if (indexType !== undefined && indexType !== '') {
    checkMmap('invalid mmap type params', indexType, params);
    const isKnown =
      indexType === AUTOINDEX ||
      vectorIndexKind(indexType) !== undefined ||
      otherIndex(indexType) !== undefined;
    if (!isKnown) throw unknownType(indexType);
  }
  checkWarmup(params);
  return params;
}

/** Whether parameters say that the file of the index is mapped. */
export function saysMapped(params: Properties): boolean {
  return BOOLEANS.get(params[MMAP] ?? '') ?? false;
}

/**
 * What is to be built by parameters that `checkIndex` has checked.
 * @throws MilvusError ParameterInvalid, Unimplemented
 */
export function indexBuild(field: FieldSchema, params: Properties): IndexBuild {
  const type = vectorTypeOf(field);
  const name = params[INDEX_TYPE] ?? AUTOINDEX;
  if (type === DataType.SparseFloatVector) throw noSparseIndex(field, params);
  const metric = checkIndexMetric(field, params[METRIC_TYPE] ?? '');
  const chosen = name === AUTOINDEX ? automaticIndex(type, metric) : null;
  const kind = chosen?.kind ?? vectorIndexKind(name);
  if (kind === undefined || !canBuild(kind, field, metric)) throw cannotBuild(field, name);
  checkKindMetric(kind, type, metric);
  const { rules, structure, translate } = kind;
  const parameters = buildParameters(rules.build, chosen?.params ?? params);
  rules.checkBuild?.(parameters, field.dim ?? 0);
  return Object.freeze({
    name: kind.name,
    structure,
    metric,
    parameters: Object.freeze(translate?.(parameters, field.dim ?? 0) ?? parameters),
    isMapped: saysMapped(params),
  });
}

/**
 * Checks a request's search parameters against the index of the field.
 * @param build null: the field has no index, and a search takes none
 * @param topK hits wanted of each query, offset included
 * @returns the parameters with which the index is searched, defaults filled in
 * @throws MilvusError ParameterInvalid
 */
export function checkSearchParameters(
  build: IndexBuild | null,
  given: Readonly<Record<string, unknown>>,
  topK: number,
): Parameters {
  const kind = build === null ? undefined : vectorIndexKind(build.name);
  if (kind === undefined) return Object.freeze({});
  const { rules } = kind;
  const parameters = searchParameters(rules.search, withSearchAliases(given));
  return Object.freeze(rules.checkSearch?.(parameters, topK) ?? parameters);
}

/**
 * Checks changes of how an index is kept.
 * @throws MilvusError ParameterInvalid
 */
export function checkIndexChange(
  params: Properties,
  change: { readonly set: Properties; readonly remove: readonly string[] },
): void {
  const { set, remove } = change;
  const names = [...Object.keys(set), ...remove];
  if (names.length === 0) throw invalidParameter('no properties or delete keys provided');
  for (const name of names) {
    if (!KEEPING.includes(name)) {
      throw invalidParameter(`${name} is not a configable index property`);
    }
  }
  checkWarmup(set);
  checkMmap('invalid mmap index params', params[INDEX_TYPE] ?? '', set);
  checkOffsetCache(params[INDEX_TYPE] ?? '', set);
}

/** One text by name, of parameters that stand alone and those inside `params`. */
function expandParams(given: Properties): Properties {
  const params: Record<string, string> = {};
  for (const [name, text] of Object.entries(given) as [string, unknown][]) {
    if (typeof text !== 'string') {
      throw invalidParameter(`index param ${name} should be text, but got ${typeof text}`);
    }
    if (name === PARAMS) Object.assign(params, textsOfJson(text));
    else params[name] = text;
  }
  const bytes = Object.entries(params).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text),
    0,
  );
  if (bytes > INDEX_PARAMS_BYTES_MAX) {
    throw invalidParameter(`index params size exceeds limit: ${bytes} > ${INDEX_PARAMS_BYTES_MAX}`);
  }
  return params;
}

function textsOfJson(json: string): Properties {
  let members: unknown;
  try {
    members = JSON.parse(json);
  } catch (cause) {
    const message = `unmarshal params failed, ${(cause as Error).message}`;
    throw milvusError('ParameterInvalid', { message }, cause);
  }
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw invalidParameter('unmarshal params failed, it should be a JSON object');
  }
  const texts = Object.entries(members).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts.filter(([, text]) => text !== 'null')) as Properties;
}

/** Milvus counts the parameters: beside the type there may be the metric, and nothing more. */
function checkAutomatic(params: Properties): void {
  const others = Object.keys(params).filter((name) => name !== INDEX_TYPE && name !== METRIC_TYPE);
  if (others.length === 0) return;
  throw invalidParameter('only metric type can be passed when use AutoIndex');
}

/** The metric that was given; else the one the field was created with; else AUTOINDEX's for the type. */
function metricOf(field: FieldSchema, params: Properties, isAutomatic: boolean): string {
  const metric = params[METRIC_TYPE] ?? field.params[METRIC_TYPE]?.toUpperCase();
  if (metric !== undefined) return metric;
  if (!isAutomatic) throw invalidIndexParams('metric type not set for vector index');
  const type = vectorTypeOf(field);
  const isList = field.type === DataType.ArrayOfVector;
  if (type === DataType.SparseFloatVector) return 'IP';
  if (type === DataType.BinaryVector) return isList ? 'MAX_SIM_HAMMING' : 'HAMMING';
  return isList ? 'MAX_SIM_COSINE' : 'COSINE';
}

function checkIndexMetric(field: FieldSchema, metric: string): IndexMetric {
  const type = vectorTypeOf(field);
  if (field.type === DataType.ArrayOfVector) return checkListMetric(type, metric);
  if (type !== DataType.BinaryVector) return checkMetric(type, metric);
  const found = BINARY_INDEX_METRICS.find((name) => name === metric);
  if (found !== undefined) return found;
  throw invalidIndexParams(`binary vector index does not support metric type: ${metric}`);
}

function canBuild(kind: IndexKind, field: FieldSchema, metric: IndexMetric): boolean {
  if (!kind.types.includes(vectorTypeOf(field))) return false;
  return kind.takesLists || !metric.startsWith('MAX_SIM');
}

function checkKindMetric(kind: IndexKind, type: DataType, metric: IndexMetric): void {
  const { binaryMetrics } = kind;
  if (type !== DataType.BinaryVector || binaryMetrics === null) return;
  if (metric.startsWith('MAX_SIM') || binaryMetrics.includes(metric)) return;
  throw invalidParameter(
    `metric type ${metric} not found or not supported, supported: [${binaryMetrics.join(' ')}]`,
  );
}

function checkDimension(field: FieldSchema, params: Properties): void {
  const given = params[DIM];
  if (given === undefined || given === String(field.dim)) return;
  throw invalidParameter(
    `dimension mismatch, dimension in schema: ${field.dim}, dimension: ${given}`,
  );
}

/** `search_list` is what users say, `search_list_size` what the index is told. */
function withSearchAliases(
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { search_list: searchList, rbq_query_bits: queryBits, ...rest } = given;
  return {
    ...rest,
    ...(searchList === undefined ? {} : { search_list_size: searchList }),
    ...(queryBits === undefined ? {} : { rbq_bits_query: queryBits }),
  };
}

function checkMmap(context: string, indexType: string, params: Properties): void {
  const text = params[MMAP];
  if (text === undefined) return;
  const isEnabled = BOOLEANS.get(text);
  if (isEnabled === undefined) {
    throw invalidParameter(`${context}: invalid ${MMAP} value: ${text}, expected: true, false`);
  }
  const kind = vectorIndexKind(indexType) ?? scalarIndexKind(indexType);
  const isMappable = indexType === AUTOINDEX || (kind?.isMappable ?? true);
  if (isEnabled && !isMappable) {
    throw invalidParameter(`${context}: index type ${indexType} does not support mmap`);
  }
}

function checkOffsetCache(indexType: string, params: Properties): void {
  const text = params[OFFSET_CACHE];
  if (text === undefined) return;
  const context = 'invalid offset cache index params';
  const isEnabled = BOOLEANS.get(text);
  if (isEnabled === undefined) {
    throw invalidParameter(
      `${context}: invalid ${OFFSET_CACHE} value: ${text}, expected: true, false`,
    );
  }
  if (isEnabled && indexType !== 'BITMAP') {
    throw invalidParameter(`${context}: only bitmap index support ${OFFSET_CACHE} now`);
  }
}

function checkWarmup(params: Properties): void {
  const policy = params[WARMUP];
  if (policy === undefined || WARMUPS.includes(policy)) return;
  throw invalidParameter(
    `invalid warmup params: invalid warmup policy: ${policy}, must be 'disable', 'sync' or 'async'`,
  );
}

/** The type of a field's vectors: of its elements, inside a struct. */
function vectorTypeOf(field: FieldSchema): DataType {
  return field.type === DataType.ArrayOfVector ? (field.elementType ?? field.type) : field.type;
}

function noSparseIndex(field: FieldSchema, params: Properties): MilvusError {
  const { [METRIC_TYPE]: metric, [INDEX_TYPE]: name = AUTOINDEX } = params;
  if (metric === 'BM25') {
    return invalidIndexParams('only BM25 Function output field support BM25 metric type');
  }
  if (metric !== 'IP') {
    return invalidIndexParams('only IP&BM25 is the supported metric type for sparse index');
  }
  const isSparse = name === AUTOINDEX || otherIndex(name) === 'sparse';
  return isSparse ? notYet(`index of sparse field ${field.name}`) : cannotBuild(field, name);
}

function cannotBuild(field: FieldSchema, name: string): MilvusError {
  if (otherIndex(name) === 'unsupported') return notYet(`index type ${name}`);
  return invalidParameter(
    `data type ${dataTypeName(field.type)} can't build with this index ${name}`,
  );
}

export function unknownType(indexType: string): MilvusError {
  return milvusError('ParameterInvalid', {
    fields: { expected: 'valid index', actual: `invalid index type: ${indexType}` },
  });
}

function invalidIndexParams(message: string): MilvusError {
  return invalidParameter(message, {
    expected: 'valid index params',
    actual: 'invalid index params',
  });
}

function notYet(message: string): MilvusError {
  return milvusError('Unimplemented', { message });
}
