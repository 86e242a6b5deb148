/**
 * What a metric means: which vector types have it, and the score that is reported for it.
 *
 *   metric    cost (smaller is better)       score (as Milvus reports it)
 *   L2        squared Euclidean distance     the cost
 *   IP        minus the inner product        the product
 *   COSINE    minus the cosine               the cosine; 0 when one of the two vectors is zero
 *   HAMMING   number of differing bits       the cost
 *   JACCARD   1 - |a and b| / |a or b|       the cost; 1 when neither vector has a bit
 *
 * Three more metrics of binary vectors are those of an index only. A row matches, or is no hit at all:
 *
 *   SUBSTRUCTURE     0 when the row has every bit of the query       the cost
 *   SUPERSTRUCTURE   0 when the query has every bit of the row       the cost
 *   MHJACCARD        minus 1 when the signatures share a band, or    1, or the share
 *                    minus the share of elements that are the same
 *
 * Scans order by cost only. Costs of int8 and binary vectors are exact integers, or computed from them in
 * float64, and rounded once to float32. Those of float vectors are sums: the native kernels add in float32,
 * with the bound that native-scan.ts gives; their twins in float64, so that a score is off by at most half a
 * float32 ulp and dim x 2^-53 of the sum of |terms|.
 */
import { invalidParameter } from '../base/errors.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import {
  BINARY_INDEX_METRICS,
  BINARY_LIST_METRICS,
  FLOAT_INDEX_METRICS,
  FLOAT_LIST_METRICS,
  type IndexMetric,
  largerIsBetter,
  type MetricType,
} from './metric-type.ts';

const FLOAT_METRICS: readonly MetricType[] = ['L2', 'IP', 'COSINE'];
const BINARY_METRICS: readonly MetricType[] = ['HAMMING', 'JACCARD'];

/** Metrics that a field of a dense vector type may have, its default first; none of any other type. */
export function metricsOf(type: DataType): readonly MetricType[] {
  switch (type) {
    case DataType.FloatVector:
    case DataType.Float16Vector:
    case DataType.BFloat16Vector:
    case DataType.Int8Vector:
      return ['COSINE', 'L2', 'IP'];
    case DataType.BinaryVector:
      return BINARY_METRICS;
    default:
      return [];
  }
}

/**
 * The metric of that name, if vectors of this type can have it.
 * @throws MilvusError ParameterInvalid in Milvus's words
 * Source: Milvus `internal/proxy/task_index.go`, parseIndexParams.
 */
export function checkMetric(type: DataType, metric: string): MetricType {
  const found = metricsOf(type).find((name) => name === metric);
  if (found !== undefined) return found;
  throw invalidParameter(`${metricFamily(type)} index does not support metric type: ${metric}`, {
    expected: (type === DataType.BinaryVector ? BINARY_METRICS : FLOAT_METRICS).join(' '),
    actual: metric,
  });
}

/**
 * The metric of that name, if vectors of this type inside a struct can have it: compared one by one, or as lists.
 * @throws MilvusError ParameterInvalid in Milvus's words
 */
export function checkListMetric(type: DataType, metric: string): IndexMetric {
  const isBinary = type === DataType.BinaryVector;
  const metrics = isBinary
    ? [...BINARY_INDEX_METRICS, ...BINARY_LIST_METRICS]
    : [...FLOAT_INDEX_METRICS, ...FLOAT_LIST_METRICS];
  const found = metrics.find((name) => name === metric);
  if (found !== undefined) return found;
  const element = isBinary ? 'binary' : type === DataType.Int8Vector ? 'int' : 'float';
  throw invalidParameter(
    `array of vector with ${element} element type does not support metric type: ${metric}, ` +
      `supported: [${metrics.join(' ')}]`,
    { expected: 'valid index params', actual: 'invalid index params' },
  );
}

function metricFamily(type: DataType): string {
  switch (type) {
    case DataType.BinaryVector:
      return 'binary vector';
    case DataType.Int8Vector:
      return 'int vector';
    case DataType.FloatVector:
    case DataType.Float16Vector:
    case DataType.BFloat16Vector:
      return 'float vector';
    default:
      return dataTypeName(type);
  }
}

/**
 * The metric a search uses: the field's own, which a request may repeat but not change.
 * @throws MilvusError ParameterInvalid `metric type not match`
 */
export function matchMetric(expected: MetricType, requested: string | undefined): MetricType {
  if (requested === undefined || requested === '' || requested === expected) return expected;
  throw invalidParameter('metric type not match', { expected, actual: requested });
}

/** The reported score of a cost; never minus zero. */
export function scoreOf(metric: MetricType, cost: number): number {
  return largerIsBetter(metric) ? 0 - cost : cost;
}

/** The cost of a reported score: the way back of `scoreOf`. */
export function costOf(metric: MetricType, score: number): number {
  return scoreOf(metric, score);
}
