/**
 * A help desk with 5,000 tickets: which of them say the same as a new one, and who had a like problem and
 * can be asked. The first is a range search (all that are near enough, however many), the second a walk from
 * the nearest ticket outwards, which ends when enough people are found. Tickets are generated, so that every
 * run sees the same ones; a real program would take its vectors from an embedding model.
 */
import { defineSchema, f, type InsertRow, MilvusLite } from 'milvus-lite';

const TICKETS = 5000;
const TOPICS = 40;
const DIM = 16;
const TEAMS = ['billing', 'network', 'printing', 'accounts'] as const;

const ticketSchema = defineSchema({
  id: f.int64({ primary: true }),
  team: f.varChar({ maxLength: 20 }),
  author: f.varChar({ maxLength: 20 }),
  solved: f.bool(),
  text: f.floatVector(DIM, { index: { type: 'HNSW', metric: 'COSINE', M: 16 } }),
});

type Ticket = InsertRow<typeof ticketSchema>;

/** A small generator of numbers in [0, 1) that repeats for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Near the other tickets of its topic, as the embedding of their common words would be. */
function textOf(topic: number, id: number): Float32Array {
  const common = randomFrom(topic * 7919);
  const own = randomFrom(id);
  return Float32Array.from({ length: DIM }, () => common() - 0.5 + (own() - 0.5) * 0.25);
}

function makeTicket(id: number): Ticket {
  const topic = id % TOPICS;
  return {
    id,
    team: TEAMS[topic % TEAMS.length] ?? '',
    author: `user ${(id * 31) % 97}`,
    solved: id % 3 > 0,
    text: textOf(topic, id),
  };
}

const db = await MilvusLite.open(process.argv[2] ?? './tickets.db');
const tickets = await db.collection('tickets', { schema: ticketSchema });
await tickets.truncate();
await tickets.insert(Array.from({ length: TICKETS }, (_, id) => makeTicket(id)));

// Rows are searchable at once, and exactly; flushed ones get the index in the background.
await tickets.flush();
await tickets.waitForIndex('text', { timeoutMs: 60_000 });
const { builtAs, indexedRows } = await tickets.indexes.describe('text');
console.log(`${indexedRows} tickets are indexed by ${builtAs}`);

const question = textOf(7, 1_000_003);
const duplicates = await tickets.search({
  data: question,
  limit: 1000,
  filter: 'solved == false',
  searchParams: { radius: 0.97 },
});
console.log(`\n${duplicates.length} open tickets say nearly the same, such as`);
for (const { id, score } of duplicates.slice(0, 3)) console.log(`  ${id} (${score.toFixed(3)})`);

// Like it, but not the same: between the two bounds.
const related = await tickets.search({
  data: question,
  limit: 3,
  searchParams: { radius: 0.9, range_filter: 0.93 },
});
console.log('\nRelated:');
for (const { id, score } of related) console.log(`  ${id} (${score.toFixed(3)})`);

// From the nearest outwards, until five people are found: nobody knows how many tickets that takes.
const helpers = new Set<string>();
let seen = 0;
const pages = tickets.searchIterator({
  data: question,
  batchSize: 10,
  filter: 'solved == true',
  outputFields: ['author'],
});
for await (const page of pages) {
  for (const { fields } of page) helpers.add(fields.author);
  seen += page.length;
  if (helpers.size >= 5) break;
}
console.log(`\nAsk ${[...helpers].slice(0, 5).join(', ')}: found in ${seen} tickets`);

await db.close();
