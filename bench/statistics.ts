/** What is said of several runs: quantiles by the nearest rank, and how cost grows with size. */

/** @param portion 0.5 is the median */
export function quantile(values: readonly number[], portion: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(portion * sorted.length) - 1));
  const value = sorted[rank];
  if (value === undefined) throw new RangeError('there is no quantile of nothing');
  return value;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The e of cost = c * size^e that fits best: the slope of the logarithms by least squares. */
export function growthExponent(points: ReadonlyArray<{ size: number; cost: number }>): number {
  const xs = points.map(({ size }) => Math.log(size));
  const ys = points.map(({ cost }) => Math.log(cost));
  const meanX = mean(xs);
  const meanY = mean(ys);
  let products = 0;
  let squares = 0;
  for (const [i, x] of xs.entries()) {
    products += (x - meanX) * (ys[i]! - meanY);
    squares += (x - meanX) ** 2;
  }
  return products / squares;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
