/**
 * Averages of doubles. Their sum may be beyond what a double holds while their mean never is: beside the plain
 * sum goes one of the values made smaller by a power of two, which then decides. Only sums so large have lost
 * anything to it, and that less than they round away.
 */

/** What values are multiplied by: of 2^53 rows, as many as can be counted, the sum is finite. */
export const MEAN_SCALE: number = 2 ** -53;

/**
 * @param sum of `count` values
 * @param scaled sum of the values times MEAN_SCALE
 */
export function meanOf(sum: number, scaled: number, count: number): number {
  if (Number.isFinite(sum)) return sum / count;
  const mean = scaled / count / MEAN_SCALE;
  if (Number.isFinite(mean) || !Number.isFinite(scaled)) return mean;
  // Rounded beyond the largest value there is.
  return Math.sign(mean) * Number.MAX_VALUE;
}
