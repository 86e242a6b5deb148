/** A collection with a field of every type, and random rows of it. */
import fc from 'fast-check';
import type { CollectionDefinition, FieldDefinition } from '../../src/schema/definition.ts';

const nullable = (field: FieldDefinition): FieldDefinition => ({
  ...field,
  name: `${field.name}_or_null`,
  nullable: true,
});

const SCALARS: readonly FieldDefinition[] = [
  { name: 'bool', type: 'Bool' },
  { name: 'int8', type: 'Int8' },
  { name: 'int16', type: 'Int16' },
  { name: 'int32', type: 'Int32' },
  { name: 'int64', type: 'Int64' },
  { name: 'float', type: 'Float' },
  { name: 'double', type: 'Double' },
  { name: 'text', type: 'VarChar', maxLength: 200 },
  { name: 'json', type: 'JSON' },
  { name: 'place', type: 'Geometry' },
  { name: 'time', type: 'Timestamptz' },
  { name: 'numbers', type: 'Array', elementType: 'Int64', maxCapacity: 5 },
  { name: 'words', type: 'Array', elementType: 'VarChar', maxLength: 20, maxCapacity: 5 },
  { name: 'flags', type: 'Array', elementType: 'Bool', maxCapacity: 5 },
];

const VECTORS: readonly FieldDefinition[] = [
  { name: 'dense', type: 'FloatVector', dim: 3 },
  { name: 'half', type: 'Float16Vector', dim: 2 },
  { name: 'brain', type: 'BFloat16Vector', dim: 2 },
  { name: 'bytes', type: 'Int8Vector', dim: 4 },
  { name: 'bits', type: 'BinaryVector', dim: 16 },
  { name: 'sparse', type: 'SparseFloatVector' },
];

/** A collection takes no more vector fields than ten. */
export const EVERY_TYPE: CollectionDefinition = {
  name: 'every',
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'VarChar', isPrimaryKey: true, maxLength: 40 },
    ...SCALARS,
    ...SCALARS.map(nullable),
    ...VECTORS,
    ...VECTORS.filter(({ name }) => name === 'dense' || name === 'sparse').map(nullable),
  ],
  structs: [
    {
      name: 'parts',
      maxCapacity: 4,
      fields: [
        { name: 'n', type: 'Int32' },
        { name: 'v', type: 'FloatVector', dim: 2 },
      ],
    },
  ],
};

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const finite = fc.integer({ min: -100, max: 100 });
const vector = (length: number): fc.Arbitrary<number[]> =>
  fc.array(finite, { minLength: length, maxLength: length });
const list = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(element, { maxLength: 5 });

const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float,
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  text: fc.string({ unit: 'grapheme', maxLength: 8 }),
  json: fc.jsonValue({ maxDepth: 2 }).map((value) => ({ value })),
  place: fc.tuple(finite, finite).map(([x, y]) => `POINT (${x} ${y})`),
  time: fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((date) => date.toISOString()),
  numbers: list(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  words: list(fc.string({ unit: 'grapheme-ascii', maxLength: 8 })),
  flags: list(fc.boolean()),
  dense: vector(3),
  half: vector(2),
  brain: vector(2),
  bytes: vector(4),
  bits: fc.uint8Array({ minLength: 2, maxLength: 2 }),
  sparse: fc.dictionary(fc.nat(1000).map(String), fc.nat(100), { maxKeys: 3 }),
  parts: fc.array(fc.record({ n: fc.integer(), v: vector(2) }), { maxLength: 4 }),
};

/** Rows with keys of their own, some with dynamic keys. */
export const everyRows: fc.Arbitrary<Record<string, unknown>[]> = fc
  .array(
    fc.record(
      {
        ...Object.fromEntries(
          Object.entries(VALUES).flatMap(([name, value]) =>
            EVERY_TYPE.fields.some((field) => field.name === `${name}_or_null`)
              ? [
                  [name, value],
                  [`${name}_or_null`, fc.option(value)],
                ]
              : [[name, value]],
          ),
        ),
        anything: fc.integer(),
      },
      { requiredKeys: Object.keys(VALUES) as 'anything'[] },
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((rows) => rows.map((row, i) => ({ id: `key ${i}`, ...row })));
