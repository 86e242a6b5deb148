/** Every type of field through the typed API: in, out, from memory and from segments, and found again. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Collection } from '../../src/api/collection.ts';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { defineSchema, type InsertRow } from '../../src/api/schema.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';

const schema = defineSchema(
  {
    id: f.varChar({ primary: true, maxLength: 36 }),
    flag: f.bool(),
    tiny: f.int8(),
    small: f.int16({ default: -7 }),
    middle: f.int32({ nullable: true }),
    big: f.int64(),
    real: f.float(),
    precise: f.double(),
    document: f.json({ nullable: true }),
    place: f.geometry({ nullable: true }),
    body: f.text(),
    at: f.timestamptz({ nullable: true }),
    tags: f.array(f.varChar({ maxLength: 20 }), { maxCapacity: 4 }),
    counts: f.array(f.int64(), { maxCapacity: 4, nullable: true }),
    dense: f.floatVector(4, { metric: 'L2' }),
    half: f.float16Vector(4, { metric: 'IP' }),
    brain: f.bfloat16Vector(4),
    bytes: f.int8Vector(4, { metric: 'L2' }),
    bits: f.binaryVector(16),
    sparse: f.sparseVector(),
    chapters: f.struct(
      { heading: f.varChar({ maxLength: 20 }), pages: f.int32(), gist: f.floatVector(2) },
      { maxCapacity: 3 },
    ),
  },
  { dynamic: true },
);

const full: InsertRow<typeof schema> = {
  id: 'a',
  flag: true,
  tiny: -128,
  small: 32_767,
  middle: 5,
  big: 2n ** 62n,
  real: 0.5,
  precise: 0.1,
  document: { name: 'x', deep: [1, { y: null }], exact: 9_007_199_254_740_993n },
  place: 'POINT (1 2)',
  body: 'a long text',
  at: '2025-06-01T12:00:00+02:00',
  tags: ['x', 'yy'],
  counts: [1n, 2],
  dense: [1, 2, 3, 4],
  half: [1, 0, 0, 0.5],
  brain: new Float32Array([1, 2, 3, 4]),
  bytes: [-128, 0, 1, 127],
  bits: new Uint8Array([0b1010_0000, 1]),
  sparse: { 3: 0.5, 70_000: 1 },
  chapters: [
    { heading: 'one', pages: 10, gist: [1, 2] },
    { heading: 'two', pages: 20, gist: [3, 4] },
  ],
  extra: { of: 'any kind' },
};

const fullAsRead = {
  ...full,
  counts: [1n, 2n],
  at: '2025-06-01T10:00:00Z',
  dense: new Float32Array([1, 2, 3, 4]),
  half: new Float32Array([1, 0, 0, 0.5]),
  bytes: new Int8Array([-128, 0, 1, 127]),
  chapters: [
    { heading: 'one', pages: 10, gist: new Float32Array([1, 2]) },
    { heading: 'two', pages: 20, gist: new Float32Array([3, 4]) },
  ],
};

/** Leaves out everything that may be left out. */
const least: InsertRow<typeof schema> = {
  id: 'b',
  flag: false,
  tiny: 0,
  big: 0,
  real: 0,
  precise: 0,
  body: '',
  tags: [],
  dense: [0, 0, 0, 0],
  half: [0, 1, 0, 0],
  brain: [0, 0, 0, 1],
  bytes: [1, 1, 1, 1],
  bits: [0, 0],
  sparse: {},
  chapters: [],
};

async function expectRows(collection: Collection<typeof schema>): Promise<void> {
  const [first, second] = await collection.get(['a', 'b']);
  expect(first).toEqual(fullAsRead);
  expect(second).toMatchObject({
    id: 'b',
    small: -7,
    middle: null,
    document: null,
    place: null,
    at: null,
    counts: null,
    chapters: [],
    sparse: {},
  });
}

describe('a collection with a field of every type', () => {
  it('gives back what was stored: growing, in segments, and after reopening', async () => {
    const path = join(temporaryDirectory(), 'types.db');
    const db = await MilvusLite.open(path);
    const collection = await db.collection('types', { schema });
    await collection.insert([full, least]);
    await expectRows(collection);
    await collection.flush();
    await expectRows(collection);
    await db.close();
    const again = await MilvusLite.open(path);
    try {
      await expectRows(await again.collection('types', { schema }));
    } finally {
      await again.close();
    }
  });

  it('finds rows by every dense and binary vector', async () => {
    const db = await MilvusLite.open(':memory:');
    try {
      const collection = await db.collection('types', { schema });
      await collection.insert([full, least]);
      const nearest = async (
        field: 'dense' | 'half' | 'brain' | 'bytes' | 'bits',
        data: number[] | Uint8Array,
      ): Promise<[unknown, number | undefined]> => {
        const [hit] = await collection.search({ field, data, limit: 1 });
        return [hit?.id, hit?.score];
      };
      expect(await nearest('dense', [1, 2, 3, 3])).toEqual(['a', 1]);
      expect(await nearest('half', [0, 2, 0, 0])).toEqual(['b', 2]);
      expect(await nearest('brain', [0, 0, 0, 5])).toEqual(['b', 1]);
      expect(await nearest('bytes', [1, 1, 1, 2])).toEqual(['b', 1]);
      expect(await nearest('bits', new Uint8Array([0b1010_0000, 0]))).toEqual(['a', 1]);
    } finally {
      await db.close();
    }
  });

  it('selects fields, parts of structs and dynamic keys', async () => {
    const db = await MilvusLite.open(':memory:');
    try {
      const collection = await db.collection('types', { schema });
      await collection.insert([full, least]);
      expect(
        await collection.query({
          filter: 'big > 0',
          outputFields: ['tags', 'chapters[heading]', 'extra'],
        }),
      ).toEqual([
        {
          id: 'a',
          tags: ['x', 'yy'],
          chapters: [{ heading: 'one' }, { heading: 'two' }],
          extra: { of: 'any kind' },
        },
      ]);
      expect(await collection.get([])).toEqual([]);
    } finally {
      await db.close();
    }
  });
});
