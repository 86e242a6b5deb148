/** Metric types by Milvus's names, and which way is better. */

export const MetricType = {
  L2: 'L2',
  IP: 'IP',
  COSINE: 'COSINE',
  HAMMING: 'HAMMING',
  JACCARD: 'JACCARD',
} as const;

export type MetricType = keyof typeof MetricType;

/** Scores of similarity grow towards better; scores of distance shrink. */
export function largerIsBetter(metric: MetricType): boolean {
  return metric === 'IP' || metric === 'COSINE';
}
