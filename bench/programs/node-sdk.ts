/** The official Node client against any server: searches, gets, and what an insert of rows costs. */
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const CALLERS = 4;
const TOP_K = 10;
/** Of one measure: slow servers are timed on fewer calls. */
const MS_MAX = 6000;
const WARM_SEARCHES = 100;
const GETS = 500;

interface Told {
  /** `host:port`. */
  readonly address: string;
  readonly queries: string;
  readonly dim: number;
  readonly width: number;
  readonly rowCount: number;
}

const { address, queries: queryPath, dim, width, rowCount } = settings() as Told;
const queries = readVectors(queryPath, dim);
const asked = Array.from({ length: queries.count }, (_, i) => Array.from(vectorAt(queries, i)));
const client = new MilvusClient({ address });

async function search(query: number): Promise<void> {
  const { status, results } = await client.search({
    collection_name: 'vectors',
    anns_field: 'vector',
    data: asked[query] ?? [],
    limit: TOP_K,
    metric_type: 'IP',
    params: { ef: width },
    consistency_level: 'Eventually',
  } as never);
  if (results.length !== TOP_K) throw new Error(`${results.length} hits: ${status.reason}`);
}

async function get(i: number): Promise<void> {
  const ids = [Math.floor((i * rowCount) / GETS)];
  const output = ['bucket', 'vector'];
  const { data } = await client.get({ collection_name: 'vectors', ids, output_fields: output });
  if (data.length > 1) throw new Error(`${data.length} rows of one key`);
}

/** Calls a second of `work`, by so many callers. */
async function rate(count: number, callers: number, work: (i: number) => Promise<void>) {
  const started = performance.now();
  let begun = 0;
  const caller = async (): Promise<void> => {
    while (begun < count && performance.now() - started < MS_MAX) await work(begun++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return begun / ((performance.now() - started) / 1000);
}

await rate(WARM_SEARCHES, 1, search);
const sdkSearch = await rate(queries.count, 1, search);
const sdkSearch4 = await rate(queries.count, CALLERS, search);
const sdkGet = await rate(GETS, 1, get);
await client.closeConnection();
report({ sdkSearch, sdkSearch4, sdkGet });
