/**
 * A recommender over 1,000 books: the reader likes a book, and gets others like it, of the genre and the
 * years they want. Books are generated, so that every run sees the same ones; a real program would take
 * its vectors from an embedding model.
 */
import { defineSchema, f, type InsertRow, MilvusLite } from 'milvus-lite';

const BOOKS = 1000;
const DIM = 8;
const GENRES = ['adventure', 'crime', 'fantasy', 'history', 'science'] as const;
const WORDS = [
  'river',
  'clock',
  'island',
  'letter',
  'garden',
  'harbour',
  'winter',
  'mirror',
] as const;

const bookSchema = defineSchema({
  id: f.int64({ primary: true }),
  title: f.varChar({ maxLength: 100 }),
  genre: f.varChar({ maxLength: 20 }),
  year: f.int16(),
  pages: f.int32(),
  rating: f.float({ nullable: true }),
  embedding: f.floatVector(DIM, { metric: 'L2' }),
});

type Book = InsertRow<typeof bookSchema>;

/** Books of one genre lie near each other, as embeddings of their texts would. */
function makeBook(id: number): Book {
  const genre = id % GENRES.length;
  const random = randomFrom(id);
  const embedding = Float32Array.from({ length: DIM }, (_, axis) =>
    axis === genre ? 1 + random() * 0.5 : random() * 0.5,
  );
  return {
    id,
    title: `The ${WORDS[id % WORDS.length] ?? ''} of the ${WORDS[Math.floor(id / 8) % WORDS.length] ?? ''} ${id}`,
    genre: GENRES[genre] ?? '',
    year: 1900 + (id % 120),
    pages: 80 + ((id * 7) % 600),
    rating: id % 4 === 0 ? null : 1 + random() * 4,
    embedding,
  };
}

/** A small generator of numbers in [0, 1) that repeats for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const db = await MilvusLite.open(process.argv[2] ?? './books.db');
const books = await db.collection('books', { schema: bookSchema });
await books.truncate();

// One partition a genre: a search in one genre reads nothing else.
const all = Array.from({ length: BOOKS }, (_, id) => makeBook(id));
for (const genre of GENRES) {
  if (!(await books.partitions.has(genre))) await books.partitions.create(genre);
  const ofGenre = all.filter((book) => book.genre === genre);
  await books.insert(ofGenre, { partition: genre });
}
await books.flush();
console.log(`${await books.count()} books in ${(await books.partitions.list()).length - 1} genres`);

const [liked] = await books.get(42);
if (liked === undefined) throw new Error('book 42 is there');
console.log(`\nYou liked "${liked.title}" (${liked.genre}, ${liked.year}). You may also like:`);
const similar = await books.search({
  data: liked.embedding,
  limit: 4,
  filter: 'id != {liked}',
  params: { liked: liked.id },
  outputFields: ['title', 'genre', 'year'],
});
for (const { fields } of similar)
  console.log(`  ${fields.title} (${fields.genre}, ${fields.year})`);

console.log('\nShort modern crime, well rated:');
const crime = await books.search({
  data: liked.embedding,
  limit: 3,
  partition: 'crime',
  filter: 'year >= 1980 and pages < 300 and rating > 3.5',
  outputFields: ['title', 'year', 'pages', 'rating'],
});
for (const { fields } of crime) {
  console.log(
    `  ${fields.title} (${fields.year}, ${fields.pages} pages, rated ${fields.rating?.toFixed(1)})`,
  );
}

// A reader rates a book: only that field changes.
await books.upsert([{ id: liked.id, rating: 5 }], { partial: true, partition: liked.genre });
const [rated] = await books.get(liked.id, { outputFields: ['title', 'rating'] });
console.log(`\n"${rated?.title}" is now rated ${rated?.rating}`);

// The shelf is cleared of what nobody rated and nobody would print again.
await books.delete({ filter: 'rating is null and year < 1950' });
console.log(`${await books.count()} books are left`);

let pages = 0;
for await (const page of books.iterate({ outputFields: ['pages'], batchSize: 250 })) {
  for (const book of page) pages += book.pages;
}
console.log(`they have ${pages} pages together`);

await db.close();
