/**
 * Groups and orders as requests carry them, in pairs of text. Source: Milvus `internal/proxy/search_util.go`,
 * parseGroupByInfo and parseOrderByFields; `internal/util/reduce/orderby/types.go`.
 */
import { invalidParameter } from '../base/errors.ts';
import type { GroupRequest, OrderRequest } from '../core/requests.ts';
import type { Properties } from '../schema/collection-schema.ts';

/** What is grouped by; undefined: nothing. @throws MilvusError ParameterInvalid */
export function groupParams(pairs: Properties): GroupRequest | undefined {
  const one = (pairs['group_by_field'] ?? '').trim();
  const fields = one === '' ? namesOf(pairs['group_by_fields']) : [one];
  if (fields.length === 0) return undefined;
  const jsonPath = pairs['json_path'];
  const jsonType = pairs['json_type'];
  return {
    fields,
    size: groupSize(pairs['group_size']),
    isStrict: isTrue(pairs['strict_group_size']),
    strictCast: isTrue(pairs['strict_cast']),
    ...(jsonPath === undefined ? {} : { jsonPath }),
    ...(jsonType === undefined ? {} : { jsonType }),
  };
}

function groupSize(text = '1'): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw invalidParameter(`failed to parse input group size:${text}`);
}

/** Names between commas. */
export function namesOf(text = ''): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** As Milvus reads it: whatever is no boolean is false. */
function isTrue(text = ''): boolean {
  return ['1', 't', 'true'].includes(text.toLowerCase());
}

const DIRECTIONS: ReadonlyMap<string, 'asc' | 'desc'> = new Map<string, 'asc' | 'desc'>([
  ['', 'asc'],
  ['asc', 'asc'],
  ['ascending', 'asc'],
  ['desc', 'desc'],
  ['descending', 'desc'],
]);

const NULLS: ReadonlyMap<string, 'first' | 'last'> = new Map<string, 'first' | 'last'>([
  ['nulls_first', 'first'],
  ['nulls_last', 'last'],
]);

/**
 * `price:desc:nulls_last,name`, with colons and commas inside brackets as part of a name.
 * @param read searches and queries say in words of their own what is wrong
 * @throws MilvusError ParameterInvalid
 */
export function orderParams(text = '', read: 'search' | 'query' = 'search'): OrderRequest[] {
  return splitOutside(text, ',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => orderParam(part, read));
}

function orderParam(text: string, read: 'search' | 'query'): OrderRequest {
  const [field = '', direction = '', nulls, ...more] = splitOutside(text, ':').map((one) =>
    one.trim(),
  );
  if (more.length > 0) throw invalidParameter(`too many order_by field options in '${text}'`);
  const expected = read === 'search' ? 'expected' : 'must be';
  const order = DIRECTIONS.get(direction.toLowerCase());
  if (order === undefined) {
    const problem = `invalid order direction '${direction}' for field '${field}'`;
    throw invalidParameter(`${problem}, ${expected} 'asc' or 'desc'`);
  }
  if (nulls === undefined || nulls === '') return { field, order };
  const placed = NULLS.get(nulls.toLowerCase());
  if (placed === undefined) {
    const words = "'nulls_first' or 'nulls_last'";
    throw invalidParameter(`invalid null ordering '${nulls}', ${expected} ${words}`);
  }
  return { field, order, nulls: placed };
}

/** Parts between separators that stand in no brackets. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '[') depth++;
    else if (character === ']') depth--;
    else if (character === separator && depth <= 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
