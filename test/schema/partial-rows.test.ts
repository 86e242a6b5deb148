import { describe, expect, it } from 'vitest';
import { buildSchema } from '../../src/schema/definition.ts';
import { batchToRows } from '../../src/schema/row-output.ts';
import { partialRowsToBatch } from '../../src/schema/rows.ts';

type Row = Record<string, unknown>;

describe('partialRowsToBatch', () => {
  const schema = buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'v', type: 'FloatVector', dim: 2 },
      { name: 'n', type: 'Int8', nullable: true, defaultValue: 3 },
      { name: 't', type: 'VarChar', maxLength: 5, defaultValue: 'd' },
    ],
    enableDynamicField: true,
    structs: [{ name: 's', maxCapacity: 2, nullable: true, fields: [{ name: 'k', type: 'Int8' }] }],
  });
  const ids = (rows: readonly Row[]): number[] => [
    ...partialRowsToBatch(schema, rows).columns.keys(),
  ];

  it('has only the columns that the rows carry', () => {
    expect(ids([{ id: 1, n: 5 }])).toEqual([100, 102]);
    expect(ids([{ id: 1, s: [{ k: 1 }] }])).toEqual([100, 106]);
    expect(ids([{ id: 1 }])).toEqual([100]);
    expect(ids([{ id: 1, extra: 1 }, { id: 2 }])).toEqual([100, 104]);
    expect(ids([])).toEqual([]);
  });

  it('sets null where null is said and allowed, else the default', () => {
    const batch = partialRowsToBatch(schema, [{ id: 1, n: null, t: null }]);
    expect(batchToRows(schema, batch, ['n', 't'])).toEqual([{ n: null, t: 'd' }]);
  });

  it('wants the same fields in every row, and the key', () => {
    expect(() => ids([{ id: 1, n: 1 }, { id: 2 }])).toThrow(
      'all rows of a partial upsert carry the same fields, but row 1 lacks field n, which row 0 has',
    );
    expect(() => ids([{ id: 1 }, { id: 2, s: [] }])).toThrow(
      'row 1 has field s, which row 0 lacks',
    );
    expect(() => ids([{ n: 1 }])).toThrow('must assign pk when upsert, primary field: id');
    expect(() => ids([{ id: 1 }, { id: 1 }])).toThrow('duplicate primary keys');
    expect(() => ids([{ id: 1, v: null }])).toThrow('Insert missed an field `v`');
  });
});
