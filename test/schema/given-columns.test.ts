import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import {
  columnsToBatch,
  type GivenColumn,
  type GivenOptions,
} from '../../src/schema/given-columns.ts';
import { batchToRows } from '../../src/schema/row-output.ts';

const schema = buildSchema({
  name: 'c',
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'small', type: 'Int8', nullable: true },
    { name: 'text', type: 'VarChar', maxLength: 4, defaultValue: 'none' },
    { name: 'ratio', type: 'Float', nullable: true, defaultValue: 0.5 },
    { name: 'v', type: 'FloatVector', dim: 2 },
  ],
  structs: [
    {
      name: 's',
      maxCapacity: 2,
      nullable: true,
      fields: [
        { name: 'a', type: 'Int32' },
        { name: 'b', type: 'Int32' },
      ],
    },
  ],
});

type Data = GivenColumn['data'];

const numbers = (values: Extract<Data, { kind: 'numbers' }>['values']): Data => ({
  kind: 'numbers',
  values,
});
const values = (...each: unknown[]): Data => ({ kind: 'values', values: each });
const texts = (...each: string[]): Data => {
  const offsets = new Uint32Array(each.length + 1);
  each.forEach((text, i) => (offsets[i + 1] = offsets[i]! + Buffer.byteLength(text)));
  return { kind: 'texts', offsets, bytes: Buffer.from(each.join('')) };
};

function column(
  name: string,
  type: DataType,
  data: Data,
  more: Partial<GivenColumn> = {},
): GivenColumn {
  return { name, type, dim: null, data, isValid: null, ...more };
}

const ids = column('id', DataType.Int64, numbers(BigInt64Array.of(1n, 2n)));
const vectors = column('v', DataType.FloatVector, values([1, 2], [3, 4]), { dim: 2 });

function rowsOf(columns: readonly GivenColumn[], options?: GivenOptions): object[] {
  const batch = columnsToBatch(schema, { rowCount: 2, columns }, options);
  return batchToRows(schema, batch, ['*']);
}

describe('given columns', () => {
  it('takes no bytes of a JSON field as null, as the Node.js SDK sends it', () => {
    const fields = [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'v', type: 'FloatVector', dim: 2 },
      { name: 'maybe', type: 'JSON', nullable: true },
      { name: 'always', type: 'JSON' },
    ] as const;
    const withJson = buildSchema({ name: 'j', fields });
    const json = (...each: string[]): Data => values(...each.map((text) => Buffer.from(text)));
    const isValid = Uint8Array.of(1, 1);
    const columns = [
      ids,
      vectors,
      column('maybe', DataType.JSON, json('', '{"a":1}'), { isValid }),
      column('always', DataType.JSON, json('{"b":2}', '')),
    ];
    const batch = columnsToBatch(withJson, { rowCount: 2, columns });
    expect(batchToRows(withJson, batch, ['maybe', 'always'])).toMatchObject([
      { maybe: null, always: { b: 2 } },
      { maybe: { a: 1 }, always: null },
    ]);
    expect(batch.columns.get(102)?.validity).not.toBeNull();
    expect(batch.columns.get(103)?.validity).toBeNull();
  });

  it('become rows, what is left out null or its default', () => {
    expect(rowsOf([ids, vectors])).toEqual([
      { id: 1n, small: null, text: 'none', ratio: 0.5, v: Float32Array.of(1, 2), s: null },
      { id: 2n, small: null, text: 'none', ratio: 0.5, v: Float32Array.of(3, 4), s: null },
    ]);
  });

  it('have nulls with a value in their place, or without one', () => {
    const isValid = Uint8Array.of(0, 1);
    const full = column('small', DataType.Int8, numbers(Int32Array.of(9, 5)), { isValid });
    const compact = column('small', DataType.Int8, numbers(Int32Array.of(5)), { isValid });
    const expected = [{ small: null }, { small: 5 }];
    expect(rowsOf([ids, vectors, full])).toMatchObject(expected);
    expect(rowsOf([ids, vectors, compact])).toMatchObject(expected);
  });

  it('take the default for a null where there is one', () => {
    const isValid = Uint8Array.of(1, 0);
    const ratio = column('ratio', DataType.Float, numbers(Float32Array.of(2)), { isValid });
    expect(rowsOf([ids, vectors, ratio])).toMatchObject([{ ratio: 2 }, { ratio: 0.5 }]);
    const text = column('text', DataType.VarChar, texts('a'), { isValid });
    expect(rowsOf([ids, vectors, text])).toMatchObject([{ text: 'a' }, { text: 'none' }]);
  });

  it('spread the dynamic field, and refuse in it what has a field', () => {
    const meta = (...each: string[]): GivenColumn =>
      column('$meta', DataType.JSON, values(...each.map((text) => Buffer.from(text))));
    expect(rowsOf([ids, vectors, meta('{"x":1}', '')])).toMatchObject([{ x: 1 }, { id: 2n }]);
    const refused = (text: string, ...each: string[]): void =>
      expect(() => rowsOf([ids, vectors, meta(...each)])).toThrow(text);
    refused('dynamic field cannot include the static field: text', '{"text":1}', '{}');
    refused('cannot set key to: $meta', '{"$meta":1}', '{}');
    refused('a JSON object a row', '[1]', '{}');
    const bytes = column('$meta', DataType.JSON, values(Uint8Array.of(0xff), Uint8Array.of(0xff)));
    expect(() => rowsOf([ids, vectors, bytes])).toThrow("json field '$meta' is illegal");
    const count = column('$meta', DataType.JSON, numbers(Int32Array.of(1, 2)));
    expect(() => rowsOf([ids, vectors, count])).toThrow('a JSON object a row');
    refused("json field '$meta' is illegal", '{', '{}');
  });

  it('are refused with the field, the row and the bound', () => {
    const refused = (text: string | RegExp, given: GivenColumn): void =>
      expect(() => rowsOf([ids, vectors, given])).toThrow(text);
    refused(
      'the 1th element (128) out of range: [-128, 127]',
      column('small', DataType.Int8, numbers(Int32Array.of(1, 128))),
    );
    refused(
      'length of varchar field text exceeds max length, row number: 1, length: 5, max length: 4',
      column('text', DataType.VarChar, texts('fine', 'long!')),
    );
    const nan = numbers(Float32Array.of(1, Number.NaN));
    refused(/ratio.*row=1/, column('ratio', DataType.Float, nan));
    refused(
      'the data type of field (small)',
      column('small', DataType.Int64, numbers(BigInt64Array.of(1n, 2n))),
    );
    refused(
      'the num_rows (1) of field (small) is not equal to passed num_rows (2)',
      column('small', DataType.Int8, numbers(Int32Array.of(1))),
    );
    refused(
      'unexpected field `other`',
      column('other', DataType.Int8, numbers(Int32Array.of(1, 2))),
    );
    refused('duplicated field id', ids);
    const wide = { ...vectors, dim: 3 };
    expect(() => rowsOf([ids, wide])).toThrow('the dim (3) of field data(v)');
    expect(() => rowsOf([ids])).toThrow('fieldSchema(v) has no corresponding fieldData pass in');
    const isValid = Uint8Array.of(1, 0);
    expect(() => rowsOf([ids, { ...vectors, isValid }])).toThrow('field v is not nullable');
  });

  it('have a value for each row, or for each that is not null, whatever is said of nulls', () => {
    const refused = (text: string, given: GivenColumn): void =>
      expect(() => rowsOf([ids, vectors, given])).toThrow(text);
    const none = 'the num_rows (1) of field (small) is not equal to passed num_rows (2)';
    const one = numbers(Int32Array.of(7));
    const isValid = Uint8Array.of(1, 1);
    refused(none, column('small', DataType.Int8, one, { isValid }));
    const three = numbers(Int32Array.of(7, 8, 9));
    const half = Uint8Array.of(1, 0);
    const many = 'the num_rows (3) of field (small) is not equal to passed num_rows (2)';
    refused(many, column('small', DataType.Int8, three, { isValid: half }));
    refused(none, column('small', DataType.Int8, one, { isValid: Uint8Array.of(1) }));
    const text = column('text', DataType.VarChar, texts('a'), { isValid });
    refused('the num_rows (1) of field (text)', text);
  });

  it('keep a null of a partial upsert, also where there is a default', () => {
    const isValid = Uint8Array.of(1, 0);
    const ratio = column('ratio', DataType.Float, numbers(Float32Array.of(2)), { isValid });
    const options = { operation: 'upsert', partial: true } as const;
    const batch = columnsToBatch(schema, { rowCount: 2, columns: [ids, ratio] }, options);
    expect(batchToRows(schema, batch, ['ratio'])).toEqual([{ ratio: 2 }, { ratio: null }]);
  });

  it('grow no larger by defaults than a request may be', () => {
    const wide = buildSchema({
      name: 'w',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 2 },
        { name: 't', type: 'VarChar', maxLength: 65_535, defaultValue: 'x'.repeat(65_535) },
      ],
    });
    const rowCount = 8000;
    const columns = [
      column('id', DataType.Int64, numbers(new BigInt64Array(rowCount))),
      column('v', DataType.FloatVector, values(...Array.from({ length: rowCount }, () => [1, 2]))),
    ];
    expect(() => columnsToBatch(wide, { rowCount, columns })).toThrow('entity too large');
  });

  it('of a collection without namespaces have none', () => {
    expect(() => rowsOf([ids, vectors], { namespace: 'n' })).toThrow('namespace disabled');
  });

  it('of a struct have as many elements each', () => {
    const sub = (name: string, ...lists: number[][]): GivenColumn =>
      column(name, DataType.Array, values(...lists));
    const a = sub('s[a]', [1, 2], [3]);
    expect(rowsOf([ids, vectors, a, sub('s[b]', [4, 5], [6])])).toMatchObject([
      {
        s: [
          { a: 1, b: 4 },
          { a: 2, b: 5 },
        ],
      },
      { s: [{ a: 3, b: 6 }] },
    ]);
    expect(() => rowsOf([ids, vectors, a, sub('s[b]', [4], [6])])).toThrow(
      'sub-fields of struct s differ in their number of elements',
    );
  });

  it('of a partial upsert are the columns that change, and the key', () => {
    const options = { operation: 'upsert', partial: true } as const;
    const small = column('small', DataType.Int8, numbers(Int32Array.of(1, 2)));
    const { columns } = columnsToBatch(schema, { rowCount: 2, columns: [ids, small] }, options);
    expect([...columns.keys()]).toEqual([100, 101]);
    expect(() => rowsOf([small], options)).toThrow('must assign pk when upsert');
  });

  it('never have a generated key, unless the collection takes it', () => {
    const generated = buildSchema({
      name: 'g',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true, autoId: true },
        { name: 'v', type: 'FloatVector', dim: 2 },
      ],
    });
    const given = { rowCount: 2, columns: [ids, vectors] };
    expect(() => columnsToBatch(generated, given)).toThrow('unexpected field `id`');
    const allowed = columnsToBatch(generated, given, { allowInsertAutoId: true });
    expect(allowed.columns.size).toBe(2);
    expect(columnsToBatch(generated, { rowCount: 2, columns: [vectors] }).columns.size).toBe(1);
  });
});
