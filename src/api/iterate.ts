/**
 * Pages of a big result: rows in ascending order of the primary key, every page by the same request, each going
 * on behind the last key of the page before. Memory is one page, whatever the result. The request names moment,
 * collection and schema (first-page.ts): all rows of that moment come, or an error.
 */
import { invalidParameter, MilvusError } from '../base/errors.ts';
import { QUERY_WINDOW_MAX } from '../base/limits.ts';
import { must } from '../base/assert.ts';
import type { CallOptions, QueryRowsAnswer, QueryRowsRequest } from '../core/requests.ts';
import type { CollectionInfo } from '../core/ports.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';

const PAGE_ROWS_DEFAULT = 1000;

export interface Iteration {
  readonly request: Omit<QueryRowsRequest, 'limit' | 'offset' | 'ids' | 'afterKey'>;
  readonly keyName: string;
  readonly batchSize: number | undefined;
  readonly limit: number | undefined;
  readonly call: CallOptions;
  readonly query: (request: QueryRowsRequest, call: CallOptions) => Promise<QueryRowsAnswer>;
}

export function keyNameOf({ schema }: CollectionInfo): string {
  const key = schema.fields.find((field) => field.isPrimaryKey);
  return must(key, 'every schema has a primary key').name;
}

/** @throws MilvusError ParameterInvalid when a bound is out of range */
export async function* iteratePages(
  iteration: Iteration,
): AsyncGenerator<Record<string, unknown>[], void, undefined> {
  const { request, keyName, call } = iteration;
  let pageRows = requireBound(
    'batchSize',
    iteration.batchSize ?? PAGE_ROWS_DEFAULT,
    QUERY_WINDOW_MAX,
  );
  let left = requireBound(
    'limit',
    iteration.limit ?? Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  );
  let lastKey: PrimaryKey | null = null;

  while (left > 0) {
    const limit = Math.min(pageRows, left);
    let answer: QueryRowsAnswer;
    try {
      answer = await iteration.query({ ...request, afterKey: lastKey, limit }, call);
    } catch (error) {
      // Wide rows: a page that is too large for one answer is asked for in halves.
      if (!isTooLarge(error) || limit === 1) throw error;
      pageRows = Math.floor(limit / 2);
      continue;
    }
    const { rows } = answer;
    const last = rows.at(-1);
    if (last === undefined) return;
    lastKey = must(last[keyName] as PrimaryKey | undefined, 'every row carries its key');
    left -= rows.length;
    yield rows;
    if (rows.length < limit) return;
  }
}

/** A whole number of [1, max], or no bound. @throws MilvusError ParameterInvalid */
export function requireBound(name: string, value: number, max: number): number {
  const isWhole = Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY;
  if (isWhole && value >= 1 && value <= max) return value;
  throw invalidParameter(`${name} [${value}] is invalid, it should be in range [1, ${max}]`);
}

/** An answer that would break the bound of its size. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof MilvusError && error.message.includes('maxOutputSize');
}
