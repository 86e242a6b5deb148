import { describe, expect, it } from 'vitest';
import { mergePartialRows } from '../../src/core/partial-upsert.ts';
import { NO_ARRAY_OPERATIONS } from '../../src/schema/array-operations.ts';
import type { ColumnBatch } from '../../src/schema/column.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { batchToRows } from '../../src/schema/row-output.ts';
import { partialRowsToBatch, rowsToBatch } from '../../src/schema/rows.ts';
import { keyCount } from '../../src/segments/key-list.ts';
import { expectRefusal } from '../suites/service-fixtures.ts';

const schema = buildSchema({
  name: 'docs',
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'VarChar', maxLength: 9, isPrimaryKey: true },
    { name: 'size', type: 'Int32', nullable: true },
    { name: 'stars', type: 'Int32', defaultValue: 5 },
    { name: 'vector', type: 'FloatVector', dim: 2, nullable: true },
  ],
});
const completion = { schema, operations: NO_ARRAY_OPERATIONS };
const stored = rowsToBatch(schema, [
  { id: 'b', size: 2, stars: 1, vector: [2, 2], old: 1, both: 'old' },
  { id: 'a', size: null, vector: [1, 1] },
]);

async function merge(
  rows: readonly Record<string, unknown>[],
  found: ColumnBatch,
): Promise<unknown> {
  const batch = partialRowsToBatch(schema, rows);
  const merged = await mergePartialRows(completion, [{ partitionId: 3, batch }], async (keys) => {
    expect(keyCount(keys)).toBe(rows.length);
    return found;
  });
  expect(merged.map(({ partitionId }) => partitionId)).toEqual([3]);
  return batchToRows(schema, merged[0]!.batch, ['*']);
}

describe('a partial upsert', () => {
  it('takes what it leaves out from the row of its key', async () => {
    const rows = [
      { id: 'a', stars: 9 },
      { id: 'b', stars: 8 },
    ];
    expect(await merge(rows, stored)).toEqual([
      { id: 'a', size: null, stars: 9, vector: new Float32Array([1, 1]) },
      { id: 'b', size: 2, stars: 8, vector: new Float32Array([2, 2]), old: 1, both: 'old' },
    ]);
  });

  it('gives new rows their defaults and nulls', async () => {
    const rows = [
      { id: 'new', size: 7 },
      { id: 'b', size: 8 },
    ];
    expect(await merge(rows, stored)).toEqual([
      { id: 'new', size: 7, stars: 5, vector: null },
      { id: 'b', size: 8, stars: 1, vector: new Float32Array([2, 2]), old: 1, both: 'old' },
    ]);
  });

  it('joins dynamic fields key by key', async () => {
    expect(await merge([{ id: 'b', both: 'new', more: [1] }], stored)).toMatchObject([
      { id: 'b', old: 1, both: 'new', more: [1] },
    ]);
  });

  it('refuses dynamic fields that together are longer than a row may have', async () => {
    const half = 'x'.repeat(40_000);
    const long = rowsToBatch(schema, [{ id: 'b', size: 2, vector: [2, 2], old: half }]);
    await expectRefusal(
      merge([{ id: 'b', more: half }], long),
      1100,
      'of dynamic field exceeds max length (65536)',
    );
    expect(await merge([{ id: 'b', old: half }], long)).toMatchObject([{ id: 'b', old: half }]);
  });

  it('sets null where null is given', async () => {
    expect(await merge([{ id: 'b', size: null, vector: null }], stored)).toMatchObject([
      { id: 'b', size: null, vector: null, stars: 1 },
    ]);
  });
});
