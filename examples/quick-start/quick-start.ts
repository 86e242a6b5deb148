/** The quick start of the README: a collection, three rows, a search. */
import { expr, f, MilvusLite } from 'milvus-lite';

const db = await MilvusLite.open(process.argv[2] ?? './quick-start.db');

const notes = await db.collection('notes', {
  schema: {
    id: f.int64({ primary: true, autoId: true }),
    text: f.varChar({ maxLength: 500 }),
    tag: f.varChar({ maxLength: 50, nullable: true }),
    vector: f.floatVector(4, { metric: 'COSINE' }),
  },
});

// Durable when it returns: pull the plug, and the rows are there.
await notes.insert([
  { text: 'a cat on the sofa', tag: 'pets', vector: [0.9, 0.1, 0.0, 0.1] },
  { text: 'a dog in the garden', tag: 'pets', vector: [0.8, 0.3, 0.1, 0.0] },
  { text: 'a train to the sea', vector: [0.0, 0.1, 0.9, 0.4] },
]);

const hits = await notes.search({
  data: [1, 0.2, 0, 0],
  limit: 2,
  filter: expr`tag == ${'pets'}`,
  outputFields: ['text'],
});
for (const hit of hits) console.log(hit.score.toFixed(3), hit.fields.text);

await db.close();
