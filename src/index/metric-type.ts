/** Metric types by Milvus's names, and which way is better. */

/** What the kernels measure. */
export const MetricType = {
  L2: 'L2',
  IP: 'IP',
  COSINE: 'COSINE',
  HAMMING: 'HAMMING',
  JACCARD: 'JACCARD',
  SUBSTRUCTURE: 'SUBSTRUCTURE',
  SUPERSTRUCTURE: 'SUPERSTRUCTURE',
  MHJACCARD: 'MHJACCARD',
} as const;

export type MetricType = keyof typeof MetricType;

/** Metrics by which a row matches or is no hit, however many hits are wanted; of an index only. */
export type MatchMetric = 'SUBSTRUCTURE' | 'SUPERSTRUCTURE' | 'MHJACCARD';

/**
 * What an index may be defined with; for lists of vectors, how the best match of each query vector adds up
 * (MAX_SIM is MAX_SIM_COSINE).
 */
export type IndexMetric =
  | MetricType
  | 'MAX_SIM'
  | 'MAX_SIM_COSINE'
  | 'MAX_SIM_IP'
  | 'MAX_SIM_L2'
  | 'MAX_SIM_HAMMING'
  | 'MAX_SIM_JACCARD';

export const FLOAT_INDEX_METRICS: readonly IndexMetric[] = ['L2', 'IP', 'COSINE'];
export const BINARY_INDEX_METRICS: readonly IndexMetric[] = [
  'HAMMING',
  'JACCARD',
  'SUBSTRUCTURE',
  'SUPERSTRUCTURE',
  'MHJACCARD',
];
export const FLOAT_LIST_METRICS: readonly IndexMetric[] = [
  'MAX_SIM',
  'MAX_SIM_COSINE',
  'MAX_SIM_L2',
  'MAX_SIM_IP',
];
export const BINARY_LIST_METRICS: readonly IndexMetric[] = ['MAX_SIM_HAMMING', 'MAX_SIM_JACCARD'];

/** Scores of similarity grow towards better; scores of distance shrink. */
export function largerIsBetter(metric: MetricType): boolean {
  return metric === 'IP' || metric === 'COSINE' || metric === 'MHJACCARD';
}

export function onlyMatches(metric: MetricType): metric is MatchMetric {
  return metric === 'SUBSTRUCTURE' || metric === 'SUPERSTRUCTURE' || metric === 'MHJACCARD';
}

/** Of single vectors, not of lists. */
export function isMetricType(metric: IndexMetric): metric is MetricType {
  return metric in MetricType;
}
