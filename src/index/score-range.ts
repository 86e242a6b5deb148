/**
 * The range of scores that a search may ask for beside its best rows, as users give it: `radius`, and
 * `range_filter` where the best are not wanted. Bounds are float32, as scores are.
 *
 *   metric        in range
 *   IP, COSINE    radius < score <= range_filter
 *   others        range_filter <= score < radius
 *
 * Metrics by which a row matches or is no hit have no ranges, as in knowhere `src/common/comp/brute_force.cc`.
 *
 * Source: knowhere `include/knowhere/range_util.h`; Milvus `internal/proxy/search_util.go`,
 * parseSearchInfo; `internal/core/src/common/RangeSearchHelper.cpp`, CheckRangeSearchParam.
 */
import { invalidParameter } from '../base/errors.ts';
import { largerIsBetter, type MetricType, onlyMatches } from './metric-type.ts';
import { costOf } from './metrics.ts';
import { FLOAT32_MAX } from './parameters.ts';

export interface ScoreRange {
  readonly radius: number;
  /** null: no bound. */
  readonly rangeFilter: number | null;
}

/** Costs in range: from <= cost < end. */
export interface CostRange {
  readonly from: number;
  readonly end: number;
}

/**
 * The range of a request's search parameters; null when it has none.
 * @throws MilvusError ParameterInvalid
 */
export function scoreRange(
  params: Readonly<Record<string, unknown>>,
  metric: MetricType,
): ScoreRange | null {
  const { radius: given, range_filter: filter } = params;
  if (given === undefined && filter !== undefined) {
    throw invalidParameter(
      'range_filter requires radius to be set; range_filter alone is not a valid range search ' +
        'parameter',
    );
  }
  if (given === undefined) return null;
  if (onlyMatches(metric)) throw invalidParameter(`range search is not supported by ${metric}`);
  const radius = boundOf('radius', given);
  if (filter === undefined) return { radius, rangeFilter: null };
  const rangeFilter = boundOf('range_filter', filter);
  const isOrdered = largerIsBetter(metric) ? rangeFilter > radius : rangeFilter < radius;
  if (isOrdered) return { radius, rangeFilter };
  const order = largerIsBetter(metric) ? 'greater' : 'less';
  throw invalidParameter(
    `metric type (${metric}), range_filter(${numberText(filter)}) must be ${order} than ` +
      `radius(${numberText(given)})`,
  );
}

export function costRange(range: ScoreRange | null, metric: MetricType): CostRange {
  const from = range?.rangeFilter ?? null;
  return {
    from: from === null ? Number.NEGATIVE_INFINITY : costOf(metric, from),
    end: range === null ? Number.POSITIVE_INFINITY : costOf(metric, range.radius),
  };
}

/** Of what `boundOf` took, as the user wrote it: float32 would print it with more digits. */
function numberText(given: unknown): string {
  return String(Number(given));
}

function boundOf(name: string, given: unknown): number {
  if (typeof given !== 'number' || Number.isNaN(given)) {
    throw invalidParameter(`${name} is invalid: type must be number, but is ${kindOf(given)}`);
  }
  if (Math.abs(given) <= FLOAT32_MAX) return Math.fround(given);
  throw invalidParameter(
    `Out of range in json: param '${name}' (${given}) should be in range ` +
      `[-${FLOAT32_MAX}, ${FLOAT32_MAX}]`,
  );
}

/** As a JSON value is called. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return 'not a number';
  return Array.isArray(value) ? 'array' : typeof value;
}
