import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isMadeAtOnce,
  keysInTurns,
  outputInTurns,
  parametersInTurns,
  refuseDuplicatesInTurns,
  rowsInTurns,
} from '../../src/core/row-batches.ts';
import type { ParameterValues } from '../../src/query/template.ts';
import type { ColumnBatch } from '../../src/schema/column.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { primaryField } from '../../src/schema/fields.ts';
import { batchToRows } from '../../src/schema/row-output.ts';
import { partialRowsToBatch, type RowObject, rowsToBatch } from '../../src/schema/rows.ts';
import { Turn } from '../../src/search/read-context.ts';
import { SimClock } from '../sim/sim-clock.ts';

const schema = buildSchema({
  name: 'docs',
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'tag', type: 'VarChar', maxLength: 20, nullable: true },
    { name: 'list', type: 'Array', elementType: 'Int8', maxCapacity: 4 },
    { name: 'vector', type: 'FloatVector', dim: 2, nullable: true },
    { name: 'sparse', type: 'SparseFloatVector' },
  ],
  structs: [{ name: 's', nullable: true, maxCapacity: 3, fields: [{ name: 'e', type: 'Bool' }] }],
});

function row(id: number): RowObject {
  return {
    id,
    tag: id % 3 === 0 ? null : `t${id}`,
    list: Array.from({ length: id % 5 }, (_, i) => i),
    ...(id % 7 === 0 ? {} : { vector: [id, -id] }),
    sparse: { [id]: 1, [id + 5]: 2 },
    s: id % 2 === 0 ? null : [{ e: true }, { e: false }],
    ...(id > 500 ? { colour: `c${id}` } : {}),
  };
}

const rows = (count: number): RowObject[] => Array.from({ length: count }, (_, i) => row(i));
const whole = (some: readonly RowObject[]): ColumnBatch => rowsToBatch(schema, some);
const turn = (): Turn => new Turn({ clock: new SimClock() });

async function failureOf(work: Promise<unknown>): Promise<string> {
  return await work.then(() => 'none', String);
}

describe('rows in pieces', () => {
  it('are the batch that they are as a whole', async () => {
    for (const count of [1, 64, 65, 700]) {
      const batch = await rowsInTurns(schema, rows(count), whole, turn());
      const expected = whole(rows(count));
      expect(batch.rowCount).toBe(count);
      expect([...batch.columns.keys()]).toEqual([...expected.columns.keys()]);
      expect(batchToRows(schema, batch, ['*'])).toEqual(batchToRows(schema, expected, ['*']));
    }
  });

  it('are refused with the row of the request', async () => {
    const all = [...rows(300), { ...row(300), list: 'no list' }, ...rows(10)];
    const failure = await failureOf(rowsInTurns(schema, all, whole, turn()));
    expect(failure).toContain('row=300');
    expect(failure).toBe(await failureOf((async () => whole(all))()));
  });

  it('carry the same fields, however far apart they stand', async () => {
    const convert = (some: readonly RowObject[]): ColumnBatch => partialRowsToBatch(schema, some);
    const all = Array.from({ length: 200 }, (_, id) => (id < 64 ? { id, tag: 'x' } : { id }));
    expect(await failureOf(rowsInTurns(schema, all, convert, turn()))).toContain(
      'row 64 lacks field tag, which row 0 has',
    );
  });

  it('have each key once, also across pieces', async () => {
    const batch = whole([...rows(400), row(7)]);
    const column = batch.columns.get(primaryField(schema).id)!;
    const options = { fieldName: 'id', turn: turn() };
    await refuseDuplicatesInTurns(column, 400, options);
    await expect(refuseDuplicatesInTurns(column, 401, options)).rejects.toThrow(
      'duplicate primary keys are not allowed in the same batch: invalid parameter[field=id][value=7][row=400][firstRow=7]',
    );
  });

  it('come out as they went in', async () => {
    const batch = whole(rows(700));
    const names = ['*'];
    const found = await outputInTurns(schema, batch, names, { turn: turn() });
    expect(found).toEqual(batchToRows(schema, batch, names));
  });
});

describe('hits of an answer', () => {
  const batchOf = (count: number, tagLength: number): ColumnBatch =>
    rowsToBatch(
      large,
      Array.from({ length: count }, (_, id) => ({ id, tag: 'x'.repeat(tagLength) })),
    );
  const large = buildSchema({
    name: 'large',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'tag', type: 'VarChar', maxLength: 65_535 },
      { name: 'vector', type: 'FloatVector', dim: 2, nullable: true },
    ],
  });

  it('are made in one stretch while they are few', () => {
    expect(isMadeAtOnce(batchOf(256, 10), 256)).toBe(true);
    expect(isMadeAtOnce(batchOf(257, 10), 256)).toBe(false);
    // Queries may share rows.
    expect(isMadeAtOnce(batchOf(10, 10), 257)).toBe(false);
    expect(isMadeAtOnce(batchOf(0, 0), 0)).toBe(true);
  });

  it('are made with turns in between where they show much', () => {
    expect(isMadeAtOnce(batchOf(4, 60_000), 4)).toBe(true);
    expect(isMadeAtOnce(batchOf(5, 60_000), 5)).toBe(false);
  });
});

describe('parameters in pieces', () => {
  const ready = (parameters: ParameterValues): Promise<ParameterValues | undefined> =>
    parametersInTurns(parameters, turn());

  it('are typed arrays where they are long lists of integers', async () => {
    const ids = Array.from({ length: 5000 }, (_, i) => i - 7);
    expect(await ready({ ids, x: 1 })).toEqual({ ids: BigInt64Array.from(ids, BigInt), x: 1 });
  });

  it('stay as they are otherwise, for the filter to judge', async () => {
    const long = (last: unknown): ParameterValues =>
      ({ l: [...Array<number>(5000).fill(1), last] }) as ParameterValues;
    for (const last of [1.5, { floating: 2 }, 'x', 2 ** 60, Number.NaN, null, 7n]) {
      const parameters = long(last);
      expect((await ready(parameters))!['l']).toBe(parameters['l']);
    }
    const few = { l: [1, 2] };
    expect((await ready(few))!['l']).toBe(few.l);
    expect(await parametersInTurns(undefined, turn())).toBeUndefined();
  });
});

describe('keys in pieces', () => {
  it('are the keys that they are as a whole, or refused alike', async () => {
    const field = primaryField(schema);
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const property = fc.asyncProperty(fc.array(int64, { maxLength: 300 }), async (ids) => {
      const keys = await keysInTurns(field, ids, turn());
      expect(keys).toEqual({ kind: 'int64', values: BigInt64Array.from(ids) });
    });
    await fc.assert(property, { numRuns: 30 });
    const wrong = [...Array.from({ length: 100 }, (_, i) => BigInt(i)), 'x'];
    await expect(keysInTurns(field, wrong, turn())).rejects.toMatchObject({
      reason: 'ParameterInvalid',
    });
  });
});
