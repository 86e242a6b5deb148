/**
 * The most expensive filters that are let in, one after the other through the official Node SDK, until it is killed:
 * a million values, patterns and expressions at their bounds, conditions inside of JSON. `isFirst` fills the
 * collection instead.
 */
import { DataType, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { report, settings } from '../processes.ts';

const { address, rows, dim, isFirst } = settings() as {
  readonly address: string;
  readonly rows: number;
  readonly dim: number;
  readonly isFirst: boolean;
};
const BATCH_ROWS = 5000;
const VALUES = 1_000_000;
const JSON_PARTS = 200;
const client = new MilvusClient({ address, logLevel: 'error', timeout: 600_000 });
await client.connectPromise;
if (isFirst) await fill();
else for (let turn = 0; ; turn++) await ask(filterOf(turn));
await client.closeConnection();
report({ rows });

async function fill(): Promise<void> {
  const field = (name: string, data_type: DataType, more: object = {}) => ({
    ...{ name, data_type },
    ...more,
  });
  await client.createCollection({
    collection_name: 'rows',
    fields: [
      field('id', DataType.Int64, { is_primary_key: true }),
      field('n', DataType.Int64),
      field('s', DataType.VarChar, { max_length: 200 }),
      field('j', DataType.JSON),
      field('v', DataType.FloatVector, { dim }),
    ],
  });
  for (let start = 0; start < rows; start += BATCH_ROWS) {
    const data = Array.from({ length: Math.min(BATCH_ROWS, rows - start) }, (_, at) => ({
      id: start + at,
      n: ((start + at) * 7919) % 1000,
      s: `row ${start + at} ${'ab'.repeat(40)}`,
      j: { a: { b: [start + at, at % 7, 'x'] }, c: at / 3 },
      v: Array.from({ length: dim }, (__, k) => (((start + at) * 31 + k * 17) % 1009) / 1009),
    }));
    const { status } = await client.insert({ collection_name: 'rows', data });
    if (status.code !== 0) throw new Error(`insert: ${status.reason}`);
  }
  await client.flushSync({ collection_names: ['rows'] });
  const index = { index_type: 'FLAT', metric_type: 'L2' };
  await client.createIndex({ collection_name: 'rows', field_name: 'v', ...index });
  await client.loadCollectionSync({ collection_name: 'rows' });
}

interface Filter {
  readonly filter: string;
  readonly exprValues?: Record<string, number[]>;
}

/** No filter comes twice: masks of filters are kept. */
function filterOf(turn: number): Filter {
  const values = Array.from({ length: VALUES }, (_, at) => at * 3 + turn);
  const kinds = [
    () => ({ filter: `id in [${values.join(',')}]` }),
    () => ({ filter: 'id in {values}', exprValues: { values } }),
    () => ({ filter: `s like "%a${'_b'.repeat(500)}${turn}%"` }),
    () => ({ filter: `s =~ "(a|b|ab)*(ba|a){40}${turn}$"` }),
    () => ({
      filter: Array.from(
        { length: JSON_PARTS },
        (_, at) => `json_contains(j["a"]["b"], ${at * 1000 + turn + 0.5})`,
      ).join(' or '),
    }),
    () => ({ filter: `${'('.repeat(100)}j["c"] * 3 + ${turn} == 1.5${')'.repeat(100)}` }),
  ];
  return kinds[turn % kinds.length]!();
}

async function ask(filter: Filter): Promise<void> {
  await client.query({ collection_name: 'rows', ...filter, output_fields: ['count(*)'] });
}
