import { describe, expect, it } from 'vitest';
import { addField } from '../../src/schema/alter-schema.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { batchToRows } from '../../src/schema/row-output.ts';
import { rowsToBatch } from '../../src/schema/rows.ts';

const schema = buildSchema({
  name: 'c',
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'VarChar', maxLength: 9, isPrimaryKey: true },
    { name: 'v', type: 'FloatVector', dim: 2 },
    { name: 'when', type: 'Timestamptz', nullable: true },
  ],
  structs: [
    {
      name: 's',
      maxCapacity: 3,
      nullable: true,
      fields: [
        { name: 'a', type: 'Int8' },
        { name: 'b', type: 'Bool' },
      ],
    },
  ],
});
const batch = rowsToBatch(schema, [
  {
    id: 'x',
    v: [1, 2],
    when: '2024-06-01T00:00:00Z',
    s: [{ a: 1, b: true }],
    colour: 'red',
    size: 3,
  },
  { id: 'y', v: [3, 4], colour: 'blue' },
]);
const rows = (...names: string[]): Record<string, unknown>[] => batchToRows(schema, batch, names);

describe('batchToRows', () => {
  it('gives everything with *, dynamic keys spread into the row', () => {
    expect(rows('*')).toEqual([
      {
        id: 'x',
        v: Float32Array.of(1, 2),
        when: '2024-06-01T00:00:00Z',
        s: [{ a: 1, b: true }],
        colour: 'red',
        size: 3,
      },
      { id: 'y', v: Float32Array.of(3, 4), when: null, s: null, colour: 'blue' },
    ]);
  });

  it('has what is asked for and nothing else', () => {
    expect(rows()).toEqual([{}, {}]);
    expect(rows('when', 'id')[0]).toEqual({ id: 'x', when: '2024-06-01T00:00:00Z' });
  });

  it('selects structs, sub-fields, dynamic keys and $meta', () => {
    expect(rows('s')[0]).toEqual({ s: [{ a: 1, b: true }] });
    expect(rows('s[b]')).toEqual([{ s: [{ b: true }] }, { s: null }]);
    expect(rows('s[b]', 's[a]', 's[b]')[0]!['s']).toEqual([{ b: true, a: 1 }]);
    expect(rows('size')).toEqual([{ size: 3 }, {}]);
    expect(rows('$meta["colour"]', "$meta['size']")[0]).toEqual({
      colour: 'red',
      size: 3,
    });
    expect(rows('$meta')[1]).toEqual({ $meta: { colour: 'blue' } });
    expect(rows('*', 'size')).toEqual(rows('*'));
  });

  it('writes times in the wanted zone', () => {
    expect(batchToRows(schema, batch, ['when'], { timeZone: 'Asia/Tokyo' })[0]!['when']).toBe(
      '2024-06-01T09:00:00+09:00',
    );
  });

  it('refuses names that there are not', () => {
    const plain = buildSchema({
      name: 'c',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 2 },
      ],
    });
    const one = rowsToBatch(plain, [{ id: 1, v: [1, 2] }]);
    expect(() => batchToRows(plain, one, ['nowhere'])).toThrow(
      'field nowhere not exist: invalid parameter',
    );
    expect(() => batchToRows(plain, one, ['$meta'])).toThrow('field $meta not exist');
  });

  it('gives the default or null for fields younger than the rows, also when a dynamic key has the name', () => {
    const younger = addField(addField(schema, { name: 'size', type: 'Int32', nullable: true }), {
      name: 'rank',
      type: 'Int64',
      nullable: true,
      defaultValue: 9,
    });
    expect(batchToRows(younger, batch, ['*'])[0]).toMatchObject({
      size: null,
      rank: 9n,
      colour: 'red',
    });
  });

  it('gives copies', () => {
    (rows('v')[0]!['v'] as Float32Array)[0] = 99;
    expect(rows('v')[0]!['v']).toEqual(Float32Array.of(1, 2));
  });
});
