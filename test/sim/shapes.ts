/**
 * The collections that simulations run on: tiny, and between them every kind of key, partitioning and
 * column. Each has a required Int32 field `n` to filter by and a Float vector `v` of two dimensions.
 * Values are such that every type gives back exactly what it was given.
 */
import type { CollectionDefinition, FieldDefinition } from '../../src/schema/definition.ts';
import type { PrimaryKey } from '../../src/schema/primary-key.ts';
import type { SeededRandom } from './seeded-random.ts';

type Values = Readonly<Record<string, unknown>>;

export interface Shape {
  readonly name: string;
  readonly definition: Omit<CollectionDefinition, 'name'>;
  readonly autoId: boolean;
  /** Rows may be put into partitions by name. */
  readonly hasPartitions: boolean;
  readonly shardCount: number;
  /** The number-th key that tests use. */
  key(number: number): PrimaryKey;
  /** A row without its key. */
  row(random: SeededRandom): Values;
  /** Some fields of a row, the same in each: what a partial upsert gives. */
  part(random: SeededRandom): Values;
}

const intKey: FieldDefinition = { name: 'id', type: 'Int64', isPrimaryKey: true };
const textKey: FieldDefinition = { name: 'id', type: 'VarChar', isPrimaryKey: true, maxLength: 64 };
const number: FieldDefinition = { name: 'n', type: 'Int32' };
const vector: FieldDefinition = {
  name: 'v',
  type: 'FloatVector',
  dim: 2,
  params: { metric_type: 'L2' },
};

function common(random: SeededRandom): Values {
  return { n: random.integer(10), v: vectorOf(random) };
}

/** Quarters: exact in every float type. */
export function vectorOf(random: SeededRandom): Float32Array {
  return Float32Array.of(random.integer(64) / 4, random.integer(64) / 4);
}

function onlyNumber(random: SeededRandom): Values {
  return { n: random.integer(10) };
}

export const plain: Shape = {
  name: 'plain',
  definition: { fields: [intKey, number, vector] },
  autoId: false,
  hasPartitions: true,
  shardCount: 1,
  key: BigInt,
  row: common,
  part: onlyNumber,
};

export const sharded: Shape = {
  ...plain,
  name: 'sharded',
  definition: { fields: [intKey, number, vector], shardCount: 2 },
  shardCount: 2,
};

const TEXTS = ['', 'a', 'ä', 'long '.repeat(20), '\u0000', 'x'.repeat(7)];

/** Text keys, null values, dynamic fields, two shards. */
export const texts: Shape = {
  name: 'texts',
  definition: {
    fields: [
      textKey,
      number,
      vector,
      { name: 't', type: 'VarChar', maxLength: 200, nullable: true },
    ],
    enableDynamicField: true,
    shardCount: 2,
  },
  autoId: false,
  hasPartitions: true,
  shardCount: 2,
  key: (i) => `key ${i} é`,
  row: (random) => ({ ...common(random), ...looseText(random) }),
  part: looseText,
};

function looseText(random: SeededRandom): Values {
  return {
    n: random.integer(10),
    t: random.chance(0.3) ? null : random.pick(TEXTS),
    ...(random.chance(0.5) ? { extra: random.integer(5) } : {}),
    ...(random.chance(0.2) ? { deep: { list: [1, null, 'x'], at: random.integer(3) } } : {}),
  };
}

export const automatic: Shape = {
  ...plain,
  name: 'automatic',
  definition: { fields: [{ ...intKey, autoId: true }, number, vector] },
  autoId: true,
};

/** Between them every partition of `keyed`. */
const COLOURS = ['red', 'amber', 'pink', ''];

/** Partitions chosen by a key of the row. */
export const keyed: Shape = {
  name: 'keyed',
  definition: {
    fields: [
      intKey,
      number,
      vector,
      { name: 'k', type: 'VarChar', maxLength: 9, isPartitionKey: true },
    ],
    partitionCount: 3,
    shardCount: 2,
  },
  autoId: false,
  hasPartitions: false,
  shardCount: 2,
  key: (i) => BigInt(i) - 2n,
  row: (random) => ({ ...common(random), k: random.pick(COLOURS) }),
  part: (random) => ({ ...onlyNumber(random), k: random.pick(COLOURS) }),
};

const SCALARS: readonly (readonly [FieldDefinition['type'], (random: SeededRandom) => unknown])[] =
  [
    ['Bool', (random) => random.chance(0.5)],
    ['Int8', (random) => random.integer(256) - 128],
    ['Int16', (random) => random.integer(65_536) - 32_768],
    ['Int64', (random) => 2n ** 60n - BigInt(random.integer(1000))],
    ['Float', (random) => random.integer(100) / 4],
    ['Double', (random) => random.next()],
    ['JSON', (random) => random.pick([{ a: [1, null] }, 'text', 7, true, [], {}])],
    ['Timestamptz', (random) => `2024-01-0${1 + random.integer(9)}T00:00:00Z`],
    ['Geometry', (random) => `POINT (${random.integer(9)} 2)`],
  ];

const scalarFields: readonly FieldDefinition[] = SCALARS.map(([type]) => {
  return { name: `s${type}`, type, nullable: true };
});

function scalarValues(random: SeededRandom): Values {
  const values = SCALARS.map(([type, make]): [string, unknown] => {
    return [`s${type}`, random.chance(0.2) ? null : make(random)];
  });
  return Object.fromEntries(values);
}

const arrayField: FieldDefinition = {
  name: 'arr',
  type: 'Array',
  elementType: 'VarChar',
  maxCapacity: 4,
  maxLength: 9,
  nullable: true,
};

const vectorFields: readonly FieldDefinition[] = [
  { name: 'hv', type: 'Float16Vector', dim: 2 },
  { name: 'bh', type: 'BFloat16Vector', dim: 2 },
  { name: 'iv', type: 'Int8Vector', dim: 2 },
  { name: 'bv', type: 'BinaryVector', dim: 16 },
  { name: 'sv', type: 'SparseFloatVector' },
];

function arrayValue(random: SeededRandom): Values {
  return { arr: random.pick([null, [], ['a', 'bc']]) };
}

function vectorValues(random: SeededRandom): Values {
  return {
    hv: Float32Array.of(random.integer(8) / 4, 1),
    bh: Float32Array.of(random.integer(8) / 4, 1),
    iv: Int8Array.of(random.integer(256) - 128, 3),
    bv: Uint8Array.of(random.integer(256), random.integer(256)),
    sv: { 1: 0.5, [String(2 + random.integer(50))]: 2 },
  };
}

/** Every type there is. */
export const wide: Shape = {
  name: 'wide',
  definition: {
    fields: [intKey, number, vector, ...scalarFields, arrayField, ...vectorFields],
    enableDynamicField: true,
  },
  autoId: false,
  hasPartitions: true,
  shardCount: 1,
  key: (i) => BigInt(i) * 3_000_000_007n,
  row: (random) => ({
    ...common(random),
    ...scalarValues(random),
    ...arrayValue(random),
    ...vectorValues(random),
  }),
  part: scalarValues,
};

/** Half of `wide`. */
export const scalars: Shape = {
  ...wide,
  name: 'scalars',
  definition: {
    fields: [intKey, number, vector, ...scalarFields, arrayField],
    enableDynamicField: true,
  },
  row: (random) => ({ ...common(random), ...scalarValues(random), ...arrayValue(random) }),
};

/** The other half. */
export const vectors: Shape = {
  ...wide,
  name: 'vectors',
  definition: { fields: [intKey, number, vector, ...vectorFields], enableDynamicField: true },
  row: (random) => ({ ...common(random), ...vectorValues(random) }),
  part: onlyNumber,
};

export const SHAPES: readonly Shape[] = [plain, sharded, texts, automatic, keyed, wide];

/** What random lives pick from: narrow rows, so that more lives fit into an hour. */
export const NARROW_SHAPES: readonly Shape[] = [
  plain,
  sharded,
  texts,
  automatic,
  keyed,
  scalars,
  vectors,
];
