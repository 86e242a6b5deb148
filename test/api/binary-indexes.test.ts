/** Metrics and indexes of binary vectors through the public API, in a directory and from one opening to the next. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';
import { numbersFrom } from '../suites/vector-index-suite.ts';

const ROWS = 1500;
const ELEMENTS = 16;
const BANDS = 4;
const TABLES = {
  type: 'MINHASH_LSH',
  metric: 'MHJACCARD',
  mh_element_bit_width: 32,
  mh_lsh_band: BANDS,
} as const;
const schema = {
  id: f.int64({ primary: true }),
  signature: f.binaryVector(ELEMENTS * 32, { index: TABLES }),
};
const docsOf = async (db: MilvusLite) => await db.collection('docs', { schema });
type Docs = Awaited<ReturnType<typeof docsOf>>;

/** Row i is its document's signature, i / 10, with i % 10 of its elements changed. */
function signatureOf(row: number): Uint8Array {
  const random = numbersFrom(row);
  const words = Uint32Array.from({ length: ELEMENTS }, (_, i) => Math.floor(row / 10) * 1000 + i);
  for (let change = 0; change < row % 10; change++) {
    words[Math.floor(random() * ELEMENTS)] = 1_000_000 + row * ELEMENTS + change;
  }
  return new Uint8Array(words.buffer);
}

const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);
const isShared = (a: Uint8Array, b: Uint8Array): boolean[] => {
  const other = words(b);
  return Array.from(words(a), (word, i) => word === other[i]);
};

/** Rows that have something in common with `query`: some share of elements, and maybe a whole band. */
function likenesses(query: Uint8Array, rows: readonly number[]) {
  const size = ELEMENTS / BANDS;
  return rows.flatMap((id) => {
    const equal = isShared(query, signatureOf(id));
    const share = equal.filter(Boolean).length / ELEMENTS;
    const isNear = Array.from({ length: BANDS }, (_, band) => band).some((band) =>
      equal.slice(band * size, (band + 1) * size).every(Boolean),
    );
    return share > 0 ? [{ id, share, isNear }] : [];
  });
}

async function open(directory: string): Promise<{ db: MilvusLite; docs: Docs }> {
  const db = await MilvusLite.open(directory);
  onTestFinished(() => db.close());
  return { db, docs: await docsOf(db) };
}

async function finished(docs: Docs, rowCount = ROWS): Promise<void> {
  await expect
    .poll(async () => await docs.indexes.describe('signature'), { timeout: 20_000 })
    .toMatchObject({ state: 'Finished', indexedRows: rowCount });
}

async function expectMatches(docs: Docs, rows: readonly number[]): Promise<void> {
  for (const row of [0, 7, 741, 1499]) {
    const data = signatureOf(row);
    const near = likenesses(data, rows).filter(({ isNear }) => isNear);
    const hits = await docs.search({ data, limit: 50 });
    expect(hits.map(({ id, score }) => [Number(id), score])).toEqual(near.map(({ id }) => [id, 1]));
  }
}

/** By share a scan compares every row, and the index those that match. */
async function expectShares(docs: Docs, rows: readonly number[], by: 'scan' | 'index') {
  for (const row of [0, 7, 741, 1499]) {
    const data = signatureOf(row);
    const searchParams = { mh_search_with_jaccard: true, refine_k: 100 };
    const best = await docs.search({ data, limit: 5, searchParams });
    const right = likenesses(data, rows)
      .filter(({ isNear }) => by === 'scan' || isNear)
      .toSorted((a, b) => b.share - a.share || a.id - b.id)
      .slice(0, 5);
    expect(best.map(({ id, score }) => [Number(id), score])).toEqual(
      right.map(({ id, share }) => [id, share]),
    );
  }
}

function indexFiles(directory: string): string[] {
  const folder = path.join(directory, 'segments');
  return readdirSync(folder)
    .filter((name) => name.includes('.idx-') && !name.endsWith('.json'))
    .map((name) => path.join(folder, name));
}

describe('MINHASH_LSH', () => {
  it('is built behind a flush, answers, is found by the next opening, and built again when damaged', async () => {
    const directory = temporaryDirectory();
    const first = await open(directory);
    let { docs } = first;
    const rows = Array.from({ length: ROWS }, (_, id) => id);
    await docs.insert(rows.map((id) => ({ id, signature: signatureOf(id) })));
    await expectMatches(docs, rows);
    await expectShares(docs, rows, 'scan');
    await docs.flush();
    await finished(docs);
    expect(await docs.indexes.describe('signature')).toMatchObject({
      indexType: 'MINHASH_LSH',
      metric: 'MHJACCARD',
      builtAs: 'MINHASH_LSH',
      totalRows: ROWS,
    });
    await expectMatches(docs, rows);
    await expectShares(docs, rows, 'index');
    await docs.delete({ ids: [7, 740] });
    const left = rows.filter((id) => id !== 7 && id !== 740);
    await expectMatches(docs, left);
    await expectShares(docs, left, 'index');
    await first.db.close();

    const [before = ''] = indexFiles(directory);
    const second = await open(directory);
    docs = second.docs;
    await expectMatches(docs, left);
    await expectShares(docs, left, 'index');
    expect(indexFiles(directory)).toEqual([before]);
    await second.db.close();

    const bytes = readFileSync(before);
    bytes[Math.floor(bytes.length / 2)]! ^= 0x10;
    writeFileSync(before, bytes);
    ({ docs } = await open(directory));
    await expectMatches(docs, left);
    // Housekeeping looks around behind a flush, and every ten seconds.
    await docs.insert([{ id: ROWS, signature: new Uint8Array(ELEMENTS * 4).fill(255) }]);
    await docs.flush();
    await expect
      .poll(() => indexFiles(directory).filter((file) => file !== before), { timeout: 20_000 })
      .toHaveLength(1);
    await finished(docs, ROWS + 1);
    await expectMatches(docs, left);
    await expectShares(docs, left, 'index');
  });

  it('has fewer hits than are wanted where fewer rows match, and none where none does', async () => {
    const { docs } = await open(':memory:');
    await docs.insert([{ id: 1, signature: signatureOf(1) }]);
    const unlike = new Uint8Array(ELEMENTS * 4).fill(255);
    expect(await docs.search({ data: signatureOf(1), limit: 5 })).toHaveLength(1);
    expect(await docs.search({ data: unlike, limit: 5 })).toEqual([]);
    const searchParams = { mh_search_with_jaccard: true };
    expect(await docs.search({ data: unlike, limit: 5, searchParams })).toEqual([]);
  });
});

describe('SUBSTRUCTURE and SUPERSTRUCTURE', () => {
  const bits = (metric: 'SUBSTRUCTURE' | 'SUPERSTRUCTURE') => ({
    id: f.int64({ primary: true }),
    bits: f.binaryVector(16, { index: { type: 'BIN_FLAT', metric } }),
  });

  it.each(['SUBSTRUCTURE', 'SUPERSTRUCTURE'] as const)(
    'find by %s what matches, sealed and growing, with score 0 and in the order of keys',
    async (metric) => {
      const db = await MilvusLite.open(':memory:');
      onTestFinished(() => db.close());
      const docs = await db.collection('c', { schema: bits(metric) });
      const values = Array.from({ length: 3000 }, (_, id) => (id * 2_654_435_761) & 0xffff);
      const rows = values.map((value, id) => ({
        id,
        bits: Uint8Array.of(value & 0xff, value >> 8),
      }));
      await docs.insert(rows.slice(0, 2000));
      await docs.flush();
      await docs.insert(rows.slice(2000));
      const query = metric === 'SUBSTRUCTURE' ? 0x0810 : 0xf7ef;
      const isHit = (value: number): boolean =>
        (value & query) === (metric === 'SUBSTRUCTURE' ? query : value);
      const right = rows.flatMap(({ id }) => (isHit(values[id]!) ? [id] : []));
      const data = Uint8Array.of(query & 0xff, query >> 8);
      for (const limit of [10, 3000]) {
        const hits = await docs.search({ data, limit, metric });
        expect(hits.map(({ id }) => Number(id))).toEqual(right.slice(0, limit));
        expect(hits.every(({ score }) => score === 0)).toBe(true);
      }
      const odd = await docs.search({ data, limit: 5, offset: 2, filter: 'id % 2 == 1' });
      const rightOdd = right.filter((id) => id % 2 === 1).slice(2, 7);
      expect(odd.map(({ id }) => Number(id))).toEqual(rightOdd);
      const pages: number[] = [];
      for await (const page of docs.searchIterator({ data, batchSize: 100 })) {
        pages.push(...page.map(({ id }) => Number(id)));
      }
      expect(pages).toEqual(right);
      await expect(
        docs.search({ data, limit: 1, searchParams: { radius: 1 } }),
      ).rejects.toMatchObject({ message: expect.stringContaining('range search') as string });
      for (const other of ['HAMMING', 'JACCARD'] as const) {
        await expect(docs.search({ data, limit: 1, metric: other })).rejects.toMatchObject({
          code: 1100,
          message: `metric type not match: invalid parameter[expected=${metric}][actual=${other}]`,
        });
      }
    },
  );

  it('are refused where no index has them', async () => {
    const db = await MilvusLite.open(':memory:');
    onTestFinished(() => db.close());
    const plain = { id: f.int64({ primary: true }), bits: f.binaryVector(16) };
    const docs = await db.collection('c', { schema: plain });
    const create = async (index: Parameters<typeof docs.indexes.create>[1]): Promise<void> => {
      await docs.indexes.create('bits', index);
    };
    for (const type of ['BIN_IVF_FLAT', 'HNSW'] as const) {
      for (const metric of ['SUBSTRUCTURE', 'SUPERSTRUCTURE', 'MHJACCARD']) {
        await expect(create({ type, metric } as never)).rejects.toMatchObject({
          message: `metric type ${metric} not found or not supported, supported: [HAMMING JACCARD]: invalid parameter`,
        });
      }
    }
    await expect(create({ type: 'BIN_FLAT', metric: 'MHJACCARD' } as never)).rejects.toMatchObject({
      code: 1100,
    });
    await expect(create({ type: 'FLAT', metric: 'SUBSTRUCTURE' } as never)).rejects.toMatchObject({
      code: 1100,
    });
    await expect(
      docs.search({ data: new Uint8Array(2), limit: 1, metric: 'SUBSTRUCTURE' }),
    ).rejects.toMatchObject({
      message: 'metric type not match: invalid parameter[expected=HAMMING][actual=SUBSTRUCTURE]',
    });
  });

  it('come with AUTOINDEX as the index that has them', async () => {
    const db = await MilvusLite.open(':memory:');
    onTestFinished(() => db.close());
    const field = f.binaryVector(16, { index: { metric: 'SUPERSTRUCTURE' } });
    const docs = await db.collection('c', {
      schema: { id: f.int64({ primary: true }), bits: field },
    });
    expect(await docs.indexes.describe('bits')).toMatchObject({
      indexType: 'AUTOINDEX',
      metric: 'SUPERSTRUCTURE',
      builtAs: 'BIN_FLAT',
    });
  });
});
