/**
 * Rows whose elements are small, or vary little, beside the largest of their row, so that one scale a row tells
 * nothing about them: what graphs over such codes lose, and indexes must find.
 */
import { must } from '../../src/base/assert.ts';
import type { MetricType } from '../../src/index/metric-type.ts';

type Draw = () => number;

export const UNEVEN_DIM = 32;

function withRest(first: readonly number[], rest: Draw): number[] {
  return [...first, ...Array.from({ length: UNEVEN_DIM - first.length }, rest)];
}

const ROWS: ReadonlyMap<string, (draw: Draw) => number[]> = new Map([
  ['far from zero', (draw: Draw) => withRest([], () => 100 + draw() * 2 - 1)],
  ['of mixed scales', (draw: Draw) => withRest([50 + 75 * draw(), 10 * draw()], draw)],
  ['beside an outlier', (draw: Draw) => withRest([10], () => 0.1 * (draw() + draw() - 1))],
  ['of places on a map', (draw: Draw) => withRest([48 + draw(), 2 + draw()], () => 0)],
]);

export const UNEVEN_NAMES: readonly string[] = [...ROWS.keys()];

/** Whether codes do not tell such rows apart; by IP the largest elements decide alone, and codes have those. */
export function isUnevenBy(name: string, metric: MetricType): boolean {
  return metric !== 'IP' || name !== 'of mixed scales';
}

/** @param draw numbers in [0, 1) */
export function unevenRow(name: string, draw: Draw): number[] {
  return must(ROWS.get(name), 'rows have a name')(draw);
}
