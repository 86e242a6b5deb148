/** What a comparison found, and its file: bench/results/<date>-<commit>-compare-<set>.json, written once. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepResult, type Result, resultOf } from '../result.ts';
import type { Told } from './driver.ts';

export interface Point {
  readonly width: number;
  readonly share: number | null;
  readonly batch: number;
  /** How many were asked for its speed, where that was not all of them. */
  readonly queries?: number;
  readonly recall: number;
  /** Median over the rounds. */
  readonly queriesASecond: number;
  readonly least: number;
  readonly most: number;
}

export interface EngineResult {
  readonly name: string;
  readonly kind: Told['kind'];
  readonly isOurs: boolean;
  readonly isBare: boolean;
  readonly buildSeconds: number;
  /** Of its process, the data that it was given included. */
  readonly rssMB: number;
  readonly points: readonly Point[];
}

/** Who was stopped, or stopped. */
export interface Absent {
  readonly name: string;
  readonly why: string;
}

export interface Compared {
  readonly set: string;
  readonly dim: number;
  readonly rows: number;
  readonly queries: number;
  readonly engines: readonly EngineResult[];
  readonly absent?: readonly Absent[];
}

export interface KeptComparison extends Result {
  readonly compared: Compared;
}

/** @returns the name of the file */
export function keepComparison(compared: Compared, loadBefore: number): string {
  const { set, dim, rows, queries } = compared;
  const findings = { parameters: { dimension: dim, rows, queries }, figures: [], targets: [] };
  const name = `compare-${set.replaceAll(/\W+/g, '-')}`;
  return keepResult({ ...resultOf(name, findings, loadBefore), compared } as KeptComparison);
}

/** The newest comparison of each set. */
export function newestComparisons(): KeptComparison[] {
  const folder = join(import.meta.dirname, '..', 'results');
  const newest = new Map<string, KeptComparison>();
  for (const file of readdirSync(folder)) {
    const kept = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Partial<KeptComparison>;
    if (kept.compared === undefined || kept.date === undefined) continue;
    const known = newest.get(kept.compared.set);
    if (known === undefined || known.date < kept.date) {
      newest.set(kept.compared.set, kept as KeptComparison);
    }
  }
  return [...newest.values()].sort((a, b) => (a.compared.set < b.compared.set ? -1 : 1));
}

/** Queries a second at a recall, between the points beside it; null when no point reaches it. */
export function speedAt(
  points: ReadonlyArray<Pick<Point, 'recall' | 'queriesASecond'>>,
  recall: number,
): number | null {
  const enough = points.filter((point) => point.recall >= recall);
  if (enough.length === 0) return null;
  const above = enough.reduce((best, one) =>
    one.queriesASecond > best.queriesASecond ? one : best,
  );
  const below = points
    .filter((point) => point.recall < recall && point.queriesASecond > above.queriesASecond)
    .reduce<(typeof points)[number] | null>(
      (best, one) => (best === null || one.recall > best.recall ? one : best),
      null,
    );
  if (below === null) return above.queriesASecond;
  const portion = (recall - below.recall) / (above.recall - below.recall);
  const logarithm =
    Math.log(below.queriesASecond) * (1 - portion) + Math.log(above.queriesASecond) * portion;
  return Math.exp(logarithm);
}
