/** The official Node SDK's client: the same program over a file and over a server, by the address alone. */
import { DataType, MilvusClient } from 'milvus-lite/compat';

const client = new MilvusClient({
  address: process.argv[2] ?? './official-client.db',
  logLevel: 'error',
});
await client.connectPromise;

const collection_name = 'notes';
await client.createCollection({
  collection_name,
  fields: [
    { name: 'id', data_type: DataType.Int64, is_primary_key: true },
    { name: 'text', data_type: DataType.VarChar, max_length: 500 },
    {
      name: 'tags',
      data_type: DataType.Array,
      element_type: 'VarChar',
      max_length: 20,
      max_capacity: 8,
    },
    { name: 'vector', data_type: DataType.FloatVector, dim: 4 },
  ],
  index_params: [{ field_name: 'vector', index_type: 'HNSW', metric_type: 'COSINE' }],
  consistency_level: 'Strong',
});

await client.insert({
  collection_name,
  data: [
    { id: '1', text: 'a cat on the sofa', tags: ['pets'], vector: [0.9, 0.1, 0.0, 0.1] },
    { id: '2', text: 'a train to the sea', tags: [], vector: [0.0, 0.1, 0.9, 0.4] },
  ],
});
await client.upsert({
  collection_name,
  data: [{ id: '1', tags: ['seen'] }],
  field_ops: [{ field_name: 'tags', op: 'ARRAY_APPEND' }],
});

const { results } = await client.search({
  collection_name,
  data: [1, 0.2, 0, 0],
  limit: 1,
  output_fields: ['id', 'text', 'tags'],
});
for (const { score, id, text, tags } of results) console.log(score.toFixed(3), id, text, tags);

await client.closeConnection();
