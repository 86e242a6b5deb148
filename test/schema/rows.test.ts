import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alterField } from '../../src/schema/alter-schema.ts';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import { isValid } from '../../src/schema/column-layout.ts';
import {
  buildSchema,
  type CollectionDefinition,
  type FieldDefinition,
} from '../../src/schema/definition.ts';
import { keysOf } from '../../src/schema/primary-key.ts';
import { batchToRows } from '../../src/schema/row-output.ts';
import { rowsToBatch, type RowsOptions } from '../../src/schema/rows.ts';

type Row = Record<string, unknown>;

const id: FieldDefinition = { name: 'id', type: 'Int64', isPrimaryKey: true };
const vector: FieldDefinition = { name: 'v', type: 'FloatVector', dim: 2 };

function schemaOf(
  fields: readonly FieldDefinition[],
  more: Partial<CollectionDefinition> = {},
): CollectionSchema {
  return buildSchema({ name: 'c', fields: [id, vector, ...fields], ...more });
}

/** Stores rows and reads them back. */
function again(schema: CollectionSchema, rows: readonly Row[], options: RowsOptions = {}): Row[] {
  return batchToRows(schema, rowsToBatch(schema, rows, options), ['*']);
}

/** Rows that are right but for what the test adds. */
const full = (...more: Row[]): Row[] => more.map((row, i) => ({ id: i, v: [i, 1], ...row }));

/** One field `f` of a definition, with values row by row. */
function values(definition: Partial<FieldDefinition>, ...given: unknown[]): unknown[] {
  const schema = schemaOf([{ name: 'f', type: 'Int64', ...definition }]);
  return again(schema, full(...given.map((f) => ({ f })))).map((row) => row['f']);
}

describe('rowsToBatch', () => {
  it('keeps values of every type', () => {
    expect(values({ type: 'Bool' }, true, false)).toEqual([true, false]);
    expect(values({ type: 'Int8' }, -128, 127n)).toEqual([-128, 127]);
    expect(values({ type: 'Int16' }, -32768, 32767)).toEqual([-32768, 32767]);
    expect(values({ type: 'Int32' }, -(2 ** 31), 2 ** 31 - 1)).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    expect(values({ type: 'Int64' }, 5, -(2n ** 63n))).toEqual([5n, -(2n ** 63n)]);
    expect(values({ type: 'Float' }, 0.1, -3)).toEqual([Math.fround(0.1), -3]);
    expect(values({ type: 'Double' }, 0.1, 1e300)).toEqual([0.1, 1e300]);
    expect(values({ type: 'VarChar', maxLength: 20 }, 'é😀', '')).toEqual(['é😀', '']);
    expect(values({ type: 'Text' }, 'x'.repeat(70_000))).toEqual(['x'.repeat(70_000)]);
    expect(values({ type: 'JSON' }, { a: [1, null, 2n ** 60n] }, 'text', 7, false)).toEqual([
      { a: [1, null, 2n ** 60n] },
      'text',
      7,
      false,
    ]);
    expect(values({ type: 'JSON' }, Buffer.from('{"a":1}'))).toEqual([{ a: 1 }]);
    expect(values({ type: 'Geometry' }, 'point(1 2)')).toEqual(['POINT (1 2)']);
    expect(
      values({ type: 'Timestamptz' }, '2024-01-01T01:00:00+01:00', new Date(1500), 2_000_001n),
    ).toEqual(['2024-01-01T00:00:00Z', '1970-01-01T00:00:01.5Z', '1970-01-01T00:00:02.000001Z']);
    const array = { type: 'Array', maxCapacity: 4 } as const;
    expect(values({ ...array, elementType: 'Int64' }, [1, 2n], [], BigInt64Array.of(3n))).toEqual([
      [1n, 2n],
      [],
      [3n],
    ]);
    expect(values({ ...array, elementType: 'VarChar', maxLength: 3 }, ['a', ''], ['éx'])).toEqual([
      ['a', ''],
      ['éx'],
    ]);
    expect(values({ ...array, elementType: 'Float' }, Float32Array.of(1.5))).toEqual([[1.5]]);
    expect(values({ ...array, elementType: 'Bool' }, [true, false])).toEqual([[true, false]]);
    expect(values({ type: 'Float16Vector', dim: 2 }, [1, 0.5])).toEqual([Float32Array.of(1, 0.5)]);
    expect(values({ type: 'BFloat16Vector', dim: 2 }, [1, -2])).toEqual([Float32Array.of(1, -2)]);
    expect(values({ type: 'Int8Vector', dim: 2 }, [-1, 1])).toEqual([Int8Array.of(-1, 1)]);
    expect(values({ type: 'BinaryVector', dim: 16 }, Buffer.of(1, 2))).toEqual([
      Uint8Array.of(1, 2),
    ]);
    expect(values({ type: 'SparseFloatVector' }, { 5: 1, 2: 0.5 }, [])).toEqual([
      { 2: 0.5, 5: 1 },
      {},
    ]);
  });

  it('keeps random rows', () => {
    const schema = schemaOf(
      [
        { name: 'n', type: 'Int32', nullable: true },
        { name: 't', type: 'VarChar', maxLength: 200, nullable: true },
        {
          name: 'a',
          type: 'Array',
          elementType: 'VarChar',
          maxLength: 90,
          maxCapacity: 9,
          nullable: true,
        },
      ],
      { enableDynamicField: true },
    );
    const text = fc.string({ maxLength: 20, unit: 'grapheme' });
    const row = fc.record({
      id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      v: fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(1)),
      n: fc.option(fc.integer()),
      t: fc.option(text),
      a: fc.option(fc.array(text, { maxLength: 9 })),
      other: text,
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        expect(again(schema, rows)).toEqual(
          rows.map((each) => ({ ...each, v: Float32Array.from(each.v) })),
        );
      }),
    );
  });

  it('fills defaults and nulls for what is absent, undefined or null', () => {
    expect(values({ type: 'Int8', defaultValue: 7 }, 1, undefined, null)).toEqual([1, 7, 7]);
    expect(values({ type: 'Int8', defaultValue: 7, nullable: true }, null)).toEqual([7]);
    expect(values({ type: 'VarChar', maxLength: 3, nullable: true }, undefined, null, 'x')).toEqual(
      [null, null, 'x'],
    );
    expect(
      values({ type: 'Timestamptz', defaultValue: '1970-01-01T00:00:00Z' }, undefined),
    ).toEqual(['1970-01-01T00:00:00Z']);
    expect(values({ type: 'Geometry', defaultValue: 'POINT(1 2)' }, null)).toEqual(['POINT (1 2)']);
    expect(values({ type: 'FloatVector', dim: 2, nullable: true }, null, [1, 2])).toEqual([
      null,
      Float32Array.of(1, 2),
    ]);
    expect(values({ type: 'SparseFloatVector', nullable: true }, null, {})).toEqual([null, {}]);
    expect(values({ type: 'JSON', nullable: true }, null, { a: null })).toEqual([
      null,
      { a: null },
    ]);
    expect(
      values({ type: 'Array', elementType: 'Int8', maxCapacity: 1, nullable: true }, null, []),
    ).toEqual([null, []]);
  });

  it('has validity exactly where there are nulls', () => {
    const schema = schemaOf([{ name: 'f', type: 'Int8', nullable: true }]);
    const column = rowsToBatch(schema, full({ f: 1 }, { f: null }, {})).columns.get(102)!;
    expect([0, 1, 2].map((row) => isValid(column.validity, row))).toEqual([true, false, false]);
    expect(rowsToBatch(schema, full({ f: 1 })).columns.get(102)!.validity).toBeNull();
  });

  it('has the columns in the order of the schema', () => {
    const schema = schemaOf([{ name: 'f', type: 'Int8' }], {
      enableDynamicField: true,
      structs: [{ name: 's', maxCapacity: 2, fields: [{ name: 'n', type: 'Int8' }] }],
    });
    const batch = rowsToBatch(schema, full({ f: 1, s: [] }));
    expect([...batch.columns.keys()]).toEqual(schema.fields.map((field) => field.id));
    expect(rowsToBatch(schema, []).rowCount).toBe(0);
  });

  it.each([
    [
      { type: 'Int8' },
      [1, 300],
      "the 1th element (300) out of range: [-128, 127]: invalid parameter[expected=integer doesn't overflow][actual=out of range][field=f][row=1]",
    ],
    [{ type: 'Int32' }, [2 ** 31], 'out of range: [-2147483648, 2147483647]'],
    [{ type: 'Int64' }, [2 ** 53], 'out of range: [-9007199254740991'],
    [{ type: 'Int64' }, ['1'], '{f} field should be a int64, but got a {string} instead'],
    [{ type: 'Int8' }, [1.5], '{f} field should be a int8, but got a {number} instead'],
    [{ type: 'Bool' }, [1], '{f} field should be a bool, but got a {number} instead'],
    [{ type: 'Float' }, ['1'], '{f} field should be a float, but got a {string}'],
    [
      { type: 'Float' },
      [1, Number.NaN],
      "value 'NaN' is not a number or infinity: invalid parameter[field=f][row=1]",
    ],
    [{ type: 'Float' }, [1e39], "value '+Inf' is not a number or infinity"],
    [{ type: 'Double' }, [-Infinity], "value '-Inf' is not a number or infinity"],
    [
      { type: 'VarChar', maxLength: 3 },
      ['abc', 'éé'],
      'length of varchar field f exceeds max length, row number: 1, length: 4, max length: 3: invalid parameter',
    ],
    [{ type: 'VarChar', maxLength: 3 }, [7], '{f} field should be a varchar'],
    [{ type: 'VarChar', maxLength: 9 }, ['\ud800'], 'text of field f has a lone surrogate'],
    [{ type: 'Text', maxLength: 3 }, ['long'], 'length of text field f exceeds max length'],
    [
      { type: 'JSON' },
      ['x'.repeat(65_535)],
      'the length (65537) of json field (f) exceeds max length (65536): invalid parameter[expected=valid length json string][actual=length exceeds max length]',
    ],
    [{ type: 'JSON' }, [Buffer.from('{"a"')], "json field 'f' is illegal"],
    [{ type: 'JSON' }, [Buffer.from('['.repeat(70) + ']'.repeat(70))], 'deeper than 64'],
    [{ type: 'JSON' }, [Buffer.of(0xff)], "json field 'f' is illegal"],
    [
      { type: 'JSON' },
      [{ a: Number.NaN }],
      "json field 'f' is illegal, value 'NaN' is not a number or infinity",
    ],
    [
      { type: 'Geometry' },
      ['POINT'],
      'field f, row 0: invalid Geometry data, transform to wkb failed',
    ],
    [{ type: 'Geometry' }, [1], '{f} field should be a geometry'],
    [
      { type: 'Timestamptz' },
      ['soon'],
      "got invalid timestamptz string 'soon': invalid timestamp string: 'soon'. Does not match any known format",
    ],
    [{ type: 'Timestamptz' }, [7], '{f} field should be a timestamptz, but got a {number} instead'],
    [
      { type: 'Timestamptz' },
      [new Date(Number.NaN)],
      '{f} field should be a timestamptz, but got a {Date} instead',
    ],
    [
      { type: 'Array', elementType: 'Int8', maxCapacity: 2 },
      [[1], [1, 2, 3]],
      'the length (3) of 1th array exceeds max capacity (2): invalid parameter[expected=valid length array][actual=array length exceeds max capacity]',
    ],
    [
      { type: 'Array', elementType: 'Int8', maxCapacity: 2 },
      [[], [1, 200]],
      "the 1th element (200) out of range: [-128, 127]: invalid parameter[expected=integer doesn't overflow][actual=out of range][field=f][row=1][element=1]",
    ],
    [
      { type: 'Array', elementType: 'VarChar', maxLength: 2, maxCapacity: 2 },
      [[''], ['a', 'abc']],
      'length of Array array field "f" exceeds max length, row number: 1, array index: 1, length: 3, max length: 2',
    ],
    [{ type: 'Array', elementType: 'Int8', maxCapacity: 2 }, [[null]], 'but got a {null} instead'],
    [
      { type: 'Array', elementType: 'Int8', maxCapacity: 2 },
      ['ab'],
      '{f} field should be a array, but got a {string} instead',
    ],
    [
      { type: 'FloatVector', dim: 3 },
      [[1, 2]],
      'the dim (2) of field data(f) is not equal to schema dim (3): invalid parameter[expected=3][actual=2]',
    ],
    [
      { type: 'Int64' },
      [null],
      'Insert missed an field `f` to collection without set nullable==true or set default_value: invalid parameter[field=f][row=0]',
    ],
    [{ type: 'FloatVector', dim: 3 }, [undefined], 'Insert missed an field `f` to collection'],
  ] as [Partial<FieldDefinition>, unknown[], string][])(
    'refuses for %j the values %j',
    (definition, given, message) => {
      expect(() => values(definition, ...given)).toThrow(message);
    },
  );

  it('refuses rows that are none', () => {
    const schema = schemaOf([]);
    for (const row of [null, 7, 'x', [], new Float32Array(1)]) {
      expect(() => rowsToBatch(schema, [{ id: 1, v: [1, 2] }, row as unknown as Row])).toThrow(
        'a row should be an object',
      );
    }
  });

  it('refuses unknown fields without dynamic fields', () => {
    expect(() => again(schemaOf([]), full({}, { extra: 1 }))).toThrow(
      'Attempt to insert an unexpected field `extra` to collection without enabling dynamic field: invalid parameter[field=extra][row=1]',
    );
    expect(again(schemaOf([]), full({ extra: undefined }))).toHaveLength(1);
  });

  it('bounds the rows of a request', () => {
    const rows = { length: 1_000_001 } as unknown as Row[];
    expect(() => rowsToBatch(schemaOf([]), rows)).toThrow(
      'at most 1000000 rows a request, but got 1000001: parameter too large',
    );
  });

  it('bounds the bytes of a column', () => {
    const schema = schemaOf([{ name: 'f', type: 'Text' }]);
    const f = 'x'.repeat(2 * 1024 * 1024);
    const rows = Array.from({ length: 130 }, (_, i) => ({ id: i, v: [1, 2], f }));
    expect(() => rowsToBatch(schema, rows)).toThrow('entity too large[field=f]');
  });

  it('takes fields called like properties of every object', () => {
    const schema = schemaOf([
      { name: 'constructor', type: 'VarChar', maxLength: 9, nullable: true },
      { name: '__proto__', type: 'Int8', nullable: true },
    ]);
    const named = JSON.parse('{"id":1,"v":[1,2],"constructor":"c","__proto__":5}') as Row;
    const [plain, own] = again(schema, [{ id: 0, v: [1, 2] }, named]);
    expect(plain!['constructor']).toBeNull();
    expect(Object.getOwnPropertyDescriptor(own, '__proto__')?.value).toBe(5);
    expect(own!['constructor']).toBe('c');
    expect(Object.getPrototypeOf(own)).toBe(Object.prototype);
  });

  it('reads text without an offset in the given zone', () => {
    const schema = schemaOf([{ name: 'f', type: 'Timestamptz' }]);
    const batch = rowsToBatch(schema, full({ f: '1970-01-01 09:00:00' }), {
      timeZone: 'Asia/Tokyo',
    });
    expect(batchToRows(schema, batch, ['f'])).toEqual([{ f: '1970-01-01T00:00:00Z' }]);
  });
});

describe('dynamic fields', () => {
  const dynamic = schemaOf([], { enableDynamicField: true });

  it('hold every other key, of any JSON value', () => {
    const rows = full({ a: 1, b: { c: [2n ** 60n, null] } }, {}, { a: 'x', d: null, e: undefined });
    const [first, second, third] = again(dynamic, rows);
    expect(first).toEqual({ id: 0n, v: Float32Array.of(0, 1), a: 1, b: { c: [2n ** 60n, null] } });
    expect(second).toEqual({ id: 1n, v: Float32Array.of(1, 1) });
    expect(third).toEqual({ id: 2n, v: Float32Array.of(2, 1), a: 'x', d: null });
  });

  it('keep a key called __proto__ without touching prototypes', () => {
    const row = JSON.parse('{"id":1,"v":[1,2],"__proto__":{"polluted":true}}') as Row;
    const [back] = again(dynamic, [row]);
    expect(Object.getOwnPropertyDescriptor(back, '__proto__')?.value).toEqual({ polluted: true });
    expect((back as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('refuse $meta, static names, what is no JSON, and more than 64 KiB', () => {
    expect(() => again(dynamic, full({ $meta: {} }))).toThrow('cannot set key to: $meta');
    expect(() => again(dynamic, full({ f: () => 1 }))).toThrow(
      "json field '$meta' is illegal, function",
    );
    expect(() => again(dynamic, full({}, { f: 'x'.repeat(65_536) }))).toThrow(
      'the length (65544) of dynamic field exceeds max length (65536): invalid parameter[expected=valid length dynamic field][actual=length exceeds max length][field=$meta][row=1]',
    );
    const structured = schemaOf([], {
      enableDynamicField: true,
      structs: [
        { name: 's', maxCapacity: 2, nullable: true, fields: [{ name: 'n', type: 'Int8' }] },
      ],
    });
    expect(() => again(structured, full({ 's[n]': [1] }))).toThrow(
      'dynamic field cannot include the static field: s[n]',
    );
  });
});

describe('generated keys', () => {
  const schema = buildSchema({ name: 'c', fields: [{ ...id, autoId: true }, vector] });

  it('have no column', () => {
    expect([...rowsToBatch(schema, [{ v: [1, 2] }]).columns.keys()]).toEqual([101]);
  });

  it('are refused when given, unless the collection allows it', () => {
    expect(() => rowsToBatch(schema, [{ v: [1, 2] }, { id: 1, v: [1, 2] }])).toThrow(
      'Attempt to insert an unexpected field `id` to collection',
    );
    const batch = rowsToBatch(schema, [{ id: 5, v: [1, 2] }], { allowInsertAutoId: true });
    expect(keysOf(batch.columns.get(100)!)).toEqual([5n]);
    expect([
      ...rowsToBatch(schema, [{ v: [1, 2] }], { allowInsertAutoId: true }).columns.keys(),
    ]).toEqual([101]);
    expect(() =>
      rowsToBatch(schema, [{ id: 5, v: [1, 2] }, { v: [1, 2] }], { allowInsertAutoId: true }),
    ).toThrow('Insert missed an field `id`');
  });

  it('are needed by an upsert', () => {
    const options = { operation: 'upsert' } as const;
    expect(keysOf(rowsToBatch(schema, [{ id: 5, v: [1, 2] }], options).columns.get(100)!)).toEqual([
      5n,
    ]);
    expect(() => rowsToBatch(schema, [{ v: [1, 2] }], options)).toThrow(
      'must assign pk when upsert, primary field: id: invalid parameter[field=id][row=0]',
    );
  });
});

describe('upsert', () => {
  it('refuses the same key twice', () => {
    const rows = [
      { id: 1, v: [1, 2] },
      { id: 1n, v: [3, 4] },
    ];
    expect(() => rowsToBatch(schemaOf([]), rows, { operation: 'upsert' })).toThrow(
      'duplicate primary keys are not allowed in the same batch',
    );
    expect(rowsToBatch(schemaOf([]), rows).rowCount).toBe(2);
  });
});

describe('struct arrays', () => {
  const schema = schemaOf([], {
    structs: [
      {
        name: 's',
        maxCapacity: 3,
        nullable: true,
        fields: [
          { name: 'n', type: 'Int64' },
          { name: 't', type: 'VarChar', maxLength: 4 },
          { name: 'e', type: 'FloatVector', dim: 2 },
        ],
      },
    ],
  });
  const element = (n: number): Row => ({ n, t: `t${n}`, e: [n, n] });

  it('are arrays of objects', () => {
    const rows = full({ s: [element(1), element(2)] }, { s: [] }, { s: null }, {});
    expect(again(schema, rows).map((row) => row['s'])).toEqual([
      [
        { n: 1n, t: 't1', e: Float32Array.of(1, 1) },
        { n: 2n, t: 't2', e: Float32Array.of(2, 2) },
      ],
      [],
      null,
      null,
    ]);
  });

  it.each([
    [{ s: 7 }, '{s} field should be a arrayofstruct'],
    [{ s: [7] }, '{s} field should be a arrayofstruct, but got a {number} instead'],
    [
      { s: [{ n: 1, t: 'x' }] },
      'Insert missed an field `e` of an element of struct s: invalid parameter[field=s][row=0][element=0]',
    ],
    [{ s: [{ ...element(1), t: null }] }, 'Insert missed an field `t` of an element of struct s'],
    [{ s: [{ ...element(1), z: 1 }] }, 'Attempt to insert an unexpected field `z` to struct s'],
    [{ s: [1, 2, 3, 4].map(element) }, 'the length (4) of 0th array exceeds max capacity (3)'],
    [
      { s: [element(1), { ...element(2), e: [1] }] },
      'the dim (1) of field data(s[e]) is not equal to schema dim (2): invalid parameter[expected=2][actual=1][field=s[e]][row=0][element=1]',
    ],
    [
      { s: [{ ...element(1), t: 'abcde' }] },
      'length of Array array field "s[t]" exceeds max length, row number: 0, array index: 0, length: 5, max length: 4',
    ],
  ])('refuse %j', (row, message) => {
    expect(() => again(schema, full(row))).toThrow(message);
  });

  it('must be there when they are not nullable', () => {
    const wanted = schemaOf([], {
      structs: [{ name: 's', maxCapacity: 1, fields: [{ name: 'n', type: 'Int8' }] }],
    });
    expect(() => again(wanted, full({}))).toThrow('Insert missed an field `s` to collection');
    expect(
      again(alterField(wanted, 's', { max_capacity: 2 }), full({ s: [{ n: 1 }, { n: 2 }] }))[0]![
        's'
      ],
    ).toHaveLength(2);
  });
});

describe('namespaces', () => {
  const schema = schemaOf([], { enableNamespace: true });

  it('put every row where the request says', () => {
    const batch = rowsToBatch(schema, full({}, {}), { namespace: 'tenant' });
    expect(keysOf(batch.columns.get(102)!)).toEqual(['tenant', 'tenant']);
    expect(batchToRows(schema, batch, ['*'])[0]).not.toHaveProperty('$namespace_id');
  });

  it('must be named exactly when there are some', () => {
    expect(() => rowsToBatch(schema, full({}))).toThrow(
      'namespace data is not set but namespace enabled',
    );
    expect(() => rowsToBatch(schemaOf([]), full({}), { namespace: 'x' })).toThrow(
      'namespace data is set but namespace disabled',
    );
    expect(() => rowsToBatch(schema, full({ $namespace_id: 'y' }), { namespace: 'x' })).toThrow(
      'unexpected field',
    );
  });
});
