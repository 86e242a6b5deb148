/** Metric types by Milvus's names, and which way is better. */

/** What the kernels measure. */
export const MetricType = {
  L2: 'L2',
  IP: 'IP',
  COSINE: 'COSINE',
  HAMMING: 'HAMMING',
  JACCARD: 'JACCARD',
} as const;

export type MetricType = keyof typeof MetricType;

/**
 * What an index may be defined with: one more set relation each way and MinHash for binary vectors; for
 * lists of vectors, how the best match of each query vector adds up (MAX_SIM is MAX_SIM_COSINE).
 */
export type IndexMetric =
  | MetricType
  | 'SUBSTRUCTURE'
  | 'SUPERSTRUCTURE'
  | 'MHJACCARD'
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
  return metric === 'IP' || metric === 'COSINE';
}
