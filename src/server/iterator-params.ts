/**
 * What the iterators of clients send beside a search or a query, as pairs of text. All pages of an iterator are
 * of one moment: the first answer tells it as its `session_ts`, and the client brings it back as the guarantee
 * timestamp of every later request. Source: Milvus `internal/proxy/search_util.go`, parseSearchIteratorV2Info;
 * `internal/proxy/task_query.go`, parseQueryParams.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import { TOP_K_MAX } from '../base/limits.ts';
import type { Properties } from '../schema/collection-schema.ts';

/** Guarantee timestamps up to here are levels of consistency, and no moments. */
const LEVELS_MAX = 2n;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  [true, false].flatMap((value) => {
    const words = value
      ? ['1', 't', 'T', 'true', 'TRUE', 'True']
      : ['0', 'f', 'F', 'false', 'FALSE', 'False'];
    return words.map((word): [string, boolean] => [word, value]);
  }),
);

/** A search iterator of the second kind: the server knows where each page ended, by the iterator's token. */
export interface SearchIteratorParams {
  /** Null: the server gives one. */
  readonly token: string | null;
  readonly batchSize: number;
  /** Score of the last hit so far; null: from the best on. */
  readonly lastBound: number | null;
}

/** Whether the request is one of an iterator, of whichever kind. */
export function isSearchIterator(pairs: Properties): boolean {
  return pairs['iterator'] === 'True' || pairs['iterator'] === 'true';
}

/**
 * Null: no iterator, or one of the first kind, whose client asks for ranges of scores.
 * @throws MilvusError ParameterInvalid, ParameterMissing
 */
export function searchIteratorParams(pairs: Properties): SearchIteratorParams | null {
  if (BOOLEANS.get(pairs['search_iter_v2'] ?? '') !== true) return null;
  if (!isSearchIterator(pairs)) {
    throw missing('both iterator and search_iter_v2 must be set in the SDK');
  }
  const group = pairs['group_by_field'] ?? pairs['group_by_fields'] ?? '';
  if (group !== '') {
    throw invalidParameter('GroupBy is not permitted when using a search iterator');
  }
  if (Number(pairs['offset'] ?? 0) > 0) {
    throw invalidParameter('Setting an offset is not permitted when using a search iterator v2');
  }
  const token = pairs['search_iter_id'] ?? '';
  if (token !== '' && !UUID.test(token)) throw invalidParameter('invalid token format');
  const bound = pairs['search_iter_last_bound'] ?? '';
  return {
    token: token === '' ? null : token,
    batchSize: batchSizeOf(pairs['search_iter_batch_size'] ?? ''),
    lastBound: bound === '' ? null : lastBoundOf(bound),
  };
}

function batchSizeOf(text: string): number {
  if (text === '') throw missing('batch size is required');
  const size = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(size)) throw invalidParameter(`batch size is invalid, '${text}' is no integer`);
  if (size >= 1 && size <= TOP_K_MAX) return size;
  throw invalidParameter(
    `batch size is invalid, it should be in range [1, ${TOP_K_MAX}], but got ${size}`,
  );
}

function lastBoundOf(text: string): number {
  const bound = Math.fround(Number(text));
  if (text.trim() !== '' && Number.isFinite(bound)) return bound;
  throw invalidParameter(`failed to parse input last bound, '${text}' is no score`);
}

export interface QueryIteratorParams {
  /** Primary key of the last row so far, as text; null: none was given. */
  readonly lastKey: string | null;
}

/**
 * Null: no iterator.
 * @throws MilvusError ParameterInvalid
 */
export function queryIteratorParams(pairs: Properties): QueryIteratorParams | null {
  booleanOf('reduce_stop_for_best', pairs['reduce_stop_for_best']);
  const isIterator = booleanOf('iterator field', pairs['iterator']);
  const lastKey = pairs['query_iter_last_pk'];
  const lastOffset = pairs['query_iter_last_element_offset'];
  if (lastKey === undefined && lastOffset === undefined) {
    return isIterator ? { lastKey: null } : null;
  }
  const names = 'query_iter_last_pk and query_iter_last_element_offset';
  if (!isIterator) {
    throw invalidParameter(
      `invalid query iterator cursor params: ${names} can only be used when iterator=true`,
    );
  }
  if (lastKey === undefined || lastOffset === undefined) {
    throw invalidParameter(
      `incomplete query iterator cursor params: ${names} must be provided together, ` +
        `has_last_pk=${lastKey !== undefined}, has_last_element_offset=${lastOffset !== undefined}`,
    );
  }
  if (!/^\d{1,15}$/.test(lastOffset)) {
    throw invalidParameter('value for query iterator last element offset is invalid', {
      expected: 'non-negative int value',
      actual: lastOffset,
    });
  }
  return { lastKey };
}

function booleanOf(name: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  const value = BOOLEANS.get(text);
  if (value !== undefined) return value;
  throw invalidParameter(`value for ${name} is invalid`, {
    expected: 'true or false',
    actual: text,
  });
}

/**
 * The moment of the pages before; null: this is the first page.
 * @param guaranteeTimestamp of the message; clients that have no access to it put it among the pairs
 */
export function iteratorMoment(pairs: Properties, guaranteeTimestamp: bigint): bigint | null {
  const text = pairs['guarantee_timestamp'];
  const given = text === undefined ? guaranteeTimestamp : timestampOf(text);
  return given > LEVELS_MAX ? given : null;
}

function timestampOf(text: string): bigint {
  if (/^\d{1,20}$/.test(text)) return BigInt(text);
  throw invalidParameter(`guarantee_timestamp [${text}] is invalid`);
}

function missing(message: string): Error {
  return milvusError('ParameterMissing', { message });
}
