/** Indexes of a collection: what is said of one, and those that there are. */
import { MilvusError } from '../base/errors.ts';
import type { IndexDescription, KeyValuePair } from '../wire/generated/milvus.ts';
import { jsonText } from './json-write.ts';
import { plainText } from './plain-text.ts';
import type { RequestBody } from './request-body.ts';
import { namedCollection, type RestCall } from './rest-call.ts';

/** All of the collection; a collection may have none. */
export async function indexesOf(call: RestCall): Promise<readonly IndexDescription[]> {
  try {
    const { indexDescriptions } = await call.call('DescribeIndex', namedCollection(call));
    return indexDescriptions;
  } catch (failure) {
    if (failure instanceof MilvusError && failure.reason === 'IndexNotFound') return [];
    throw failure;
  }
}

/** What is said of an index, as the messages say it. */
export function indexPairs(index: RequestBody): KeyValuePair[] {
  const params = index.object('params');
  const type = index.filledText('indexType', plainText(params['index_type'] ?? ''));
  const metric = index.text('metricType');
  return [
    ...(type === '' ? [] : [{ key: 'index_type', value: type }]),
    ...(metric === '' ? [] : [{ key: 'metric_type', value: metric }]),
    ...(Object.keys(params).length === 0 ? [] : [{ key: 'params', value: jsonText(params) }]),
  ];
}
