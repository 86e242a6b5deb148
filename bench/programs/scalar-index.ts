/** Conditions on rows of mixed types, first on their columns, then by indexes of scalars. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackage } from '../package.ts';
import { report, settings } from '../processes.ts';

const BATCH_ROWS = 10_000;
const CATEGORIES = 50;
const SYLLABLES = [
  'ka',
  'lo',
  'mi',
  'ru',
  'se',
  'ta',
  'vo',
  'ne',
  'pi',
  'do',
  'gu',
  'ha',
  'je',
  'wy',
  'ze',
  'qo',
];

const { path, rows, dim, runs } = settings() as {
  path: string;
  rows: number;
  dim: number;
  runs: number;
};

/** The same numbers in every run. */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const random = sequence(7);
const word = (): string =>
  Array.from({ length: 3 }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join('');

const { MilvusLite, f } = await loadPackage();
const db = await MilvusLite.open(path);
const docs = await db.collection('docs', {
  schema: {
    id: f.int64({ primary: true }),
    number: f.int64(),
    price: f.double(),
    category: f.varChar({ maxLength: 20 }),
    code: f.varChar({ maxLength: 20 }),
    title: f.varChar({ maxLength: 60 }),
    data: f.json(),
    vector: f.floatVector(dim, { metric: 'L2' }),
  },
});
for (let start = 0; start < rows; start += BATCH_ROWS) {
  const count = Math.min(BATCH_ROWS, rows - start);
  await docs.insert(
    Array.from({ length: count }, (_, i) => ({
      id: start + i,
      number: Math.floor(random() * rows),
      price: random() * 1000,
      category: `category ${Math.floor(random() * CATEGORIES)}`,
      code: `c${(start + i) * 7919}`,
      title: `${word()} ${word()} ${word()} ${word()}`,
      data: { price: Math.floor(random() * 10_000), tag: word() },
      vector: Float32Array.from({ length: dim }, random),
    })),
  );
}
await docs.flush();
await docs.compact();

interface Asked {
  readonly what: string;
  readonly filter: () => string;
  readonly isSearch?: boolean;
}

const list = (count: number): string =>
  Array.from({ length: count }, () => Math.floor(random() * rows)).join(', ');
const below = (most: number): string => (random() * most).toFixed(6);

/** No filter comes twice: masks are kept, and are not what is measured. */
const ASKED: readonly Asked[] = [
  { what: 'int64 ==', filter: () => `number == ${Math.floor(random() * rows)}` },
  { what: 'int64 in 100', filter: () => `number in [${list(100)}]` },
  { what: 'int64 in 10,000', filter: () => `number in [${list(10_000)}]` },
  {
    what: 'double range, 0.1 %',
    filter: () => {
      const low = Number(below(990));
      return `price >= ${low} and price < ${low + 1}`;
    },
  },
  { what: 'double range, half', filter: () => `price < ${500 + Number(below(1))}` },
  {
    what: 'VarChar ==, 2 %',
    filter: () =>
      `category == "category ${Math.floor(random() * CATEGORIES)}" and id != ${list(1)}`,
  },
  { what: 'like "prefix%"', filter: () => `code like "c${Math.floor(random() * 9e4) + 1e4}%"` },
  { what: 'like "%part%"', filter: () => `title like "%${word()} ${word().slice(0, 2)}%"` },
  { what: 'JSON path, 1 %', filter: () => `data["price"] < ${Number(below(1)) + 99}` },
  {
    what: 'search, 0.2 % match',
    isSearch: true,
    filter: () =>
      `category == "category ${Math.floor(random() * CATEGORIES)}" and price < ${99 + Number(below(1))}`,
  },
];

const INDEXES = [
  ['number', { type: 'STL_SORT' }],
  ['price', { type: 'STL_SORT' }],
  ['category', { type: 'BITMAP' }],
  ['code', { type: 'TRIE' }],
  ['title', { type: 'NGRAM', min_gram: 3, max_gram: 3 }],
  ['data', { type: 'INVERTED', json_path: 'data["price"]', json_cast_type: 'DOUBLE' }],
] as const;

async function measure(): Promise<number[][]> {
  const found: number[][] = [];
  const data = Float32Array.from({ length: dim }, random);
  for (const { filter, isSearch } of ASKED) {
    const ask = async (): Promise<void> => {
      if (isSearch === true) await docs.search({ data, limit: 10, filter: filter() });
      else await docs.count({ filter: filter() });
    };
    await ask();
    const callMs: number[] = [];
    for (let i = 0; i < runs; i++) {
      // What the process worked: on a busy machine the clock tells more of the others.
      const before = process.cpuUsage();
      await ask();
      const { user, system } = process.cpuUsage(before);
      callMs.push((user + system) / 1000);
    }
    found.push(callMs);
  }
  return found;
}

function indexBytes(): number {
  const folder = join(path, 'segments');
  const names = readdirSync(folder).filter((name) => name.includes('.idx-'));
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

const scanned = await measure();
const built: Array<{ name: string; ms: number; bytes: number }> = [];
for (const [field, options] of INDEXES) {
  const before = indexBytes();
  const started = process.cpuUsage();
  const name = `by_${field}`;
  await docs.indexes.create(field, { ...options, name });
  await docs.waitForIndex(name, { timeoutMs: 600_000 });
  const { user, system } = process.cpuUsage(started);
  const ms = (user + system) / 1000;
  built.push({ name: `${options.type} of ${field}`, ms, bytes: indexBytes() - before });
}
const indexed = await measure();
const rssMB = process.memoryUsage.rss() / 1e6;
await db.close();
report({ what: ASKED.map(({ what }) => what), scanned, indexed, built, rssMB });
