import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANGED_ELEMENT_COUNT_MAX } from '../../src/base/limits.ts';
import {
  arrayOperations,
  changedArrays,
  type GivenFieldOperation,
  NO_ARRAY_OPERATIONS,
  operandSchema,
  requireOperands,
} from '../../src/schema/array-operations.ts';
import { takeRows } from '../../src/schema/column-builder.ts';
import { columnRowCount } from '../../src/schema/column-layout.ts';
import type { Column, ListColumn } from '../../src/schema/column.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { findField } from '../../src/schema/fields.ts';
import { decodeColumn } from '../../src/schema/value-decoders.ts';
import { encodeColumn } from '../../src/schema/value-encoders.ts';

const elementTypes = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double'] as const;
const schema = buildSchema({
  name: 'c',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'name', type: 'VarChar', maxLength: 9 },
    { name: 'v', type: 'FloatVector', dim: 2 },
    ...elementTypes.map((elementType) => ({
      name: elementType,
      type: 'Array' as const,
      elementType,
      maxCapacity: 4,
      nullable: true,
    })),
    {
      name: 'VarChar',
      type: 'Array',
      elementType: 'VarChar',
      maxLength: 8,
      maxCapacity: 4,
      nullable: true,
    },
  ],
  structs: [{ name: 's', maxCapacity: 3, fields: [{ name: 'n', type: 'Int8' }] }],
});

type Arrays = ReadonlyArray<readonly unknown[] | null>;

/** Each row of `operands` changes the row of `stored` beside it; rows beyond are new. */
function change(
  name: string,
  op: 'ARRAY_APPEND' | 'ARRAY_REMOVE',
  { stored, operands }: { readonly stored: Arrays; readonly operands: Arrays },
): unknown[] {
  const field = findField(schema, name)!;
  const loose = findField(operandSchema(schema, new Map([[field.id, op]])), name)!;
  const encode = (values: Arrays, of = loose): Column => encodeColumn(of, [...values], 'UTC');
  const sources = Uint32Array.from(operands, (_, row) => Math.min(row, stored.length));
  const column = changedArrays(field, {
    op,
    operands: encode(operands),
    stored: encode(stored),
    sources,
    storedCount: stored.length,
  });
  return decodeColumn(column, 'UTC').map((value) => (value === null ? null : [...(value as [])]));
}

describe('operations of a request', () => {
  const given = (...ops: [string, string][]): GivenFieldOperation[] =>
    ops.map(([fieldName, op]) => ({ fieldName, op: op as GivenFieldOperation['op'] }));

  it('are those that do not replace, by field', () => {
    const found = arrayOperations(
      schema,
      given(['Int8', 'ARRAY_APPEND'], ['name', 'REPLACE'], ['Bool', 'ARRAY_REMOVE']),
    );
    expect([...found]).toEqual([
      [findField(schema, 'Int8')!.id, 'ARRAY_APPEND'],
      [findField(schema, 'Bool')!.id, 'ARRAY_REMOVE'],
    ]);
  });

  it.each([
    [given(['', 'REPLACE']), 'FieldPartialUpdateOp.field_name is required'],
    [
      given(['Int8', 'ARRAY_APPEND'], ['Int8', 'REPLACE']),
      'duplicate partial-update op for field "Int8"',
    ],
    [
      given(['id', 'ARRAY_APPEND']),
      'field "id" is the primary key and cannot carry a partial-update op',
    ],
    [given(['none', 'ARRAY_APPEND']), 'field "none" not found in collection schema'],
    [
      given(['name', 'ARRAY_APPEND']),
      'op ARRAY_APPEND requires Array field, but field "name" is VarChar',
    ],
    [
      given(['v', 'ARRAY_REMOVE']),
      'op ARRAY_REMOVE requires Array field, but field "v" is FloatVector',
    ],
    [given(['s[n]', 'ARRAY_APPEND']), 'op ARRAY_APPEND requires Array field'],
    [given(['Int8', 'ARRAY_SORT']), 'unsupported partial update op: ARRAY_SORT'],
  ])('refuse %j', (ops, message) => {
    expect(() => arrayOperations(schema, ops)).toThrow(message);
  });

  it('need their operands', () => {
    const operations = arrayOperations(schema, given(['Int8', 'ARRAY_APPEND']));
    expect(() => requireOperands(schema, operations, { rowCount: 1, columns: new Map() })).toThrow(
      'partial-update op targets field "Int8" not present in fields_data',
    );
    expect(operandSchema(schema, NO_ARRAY_OPERATIONS)).toBe(schema);
  });
});

describe('changed arrays', () => {
  it('append behind what is there, duplicates included', () => {
    const rows = { stored: [['a', 'b'], [], null], operands: [['c', 'a'], ['x'], ['y']] };
    expect(change('VarChar', 'ARRAY_APPEND', rows)).toEqual([['a', 'b', 'c', 'a'], ['x'], ['y']]);
  });

  it('remove every equal element and keep the order of the others', () => {
    const stored = [[10n, 20n, 10n, 30n], [1n], null];
    const operands = [[10n], [7n], [7n]];
    expect(change('Int64', 'ARRAY_REMOVE', { stored, operands })).toEqual([[20n, 30n], [1n], []]);
  });

  it('stay as they are where the operand is null; new rows count as empty', () => {
    const stored = [[1, 2], null];
    const operands = [null, null, [3], null];
    const expected = [[1, 2], null, [3], null];
    expect(change('Int8', 'ARRAY_APPEND', { stored, operands })).toEqual(expected);
    expect(change('Int8', 'ARRAY_REMOVE', { stored, operands })).toEqual([[1, 2], null, [], null]);
  });

  it('are refused above the capacity of the field, which removals are not held to', () => {
    const stored = [[1, 2, 3, 4]];
    expect(() => change('Int8', 'ARRAY_APPEND', { stored, operands: [[5]] })).toThrow(
      'array length 5 exceeds max_capacity 4',
    );
    const operands = [[1, 2, 3, 9, 8, 7]];
    expect(change('Int8', 'ARRAY_REMOVE', { stored, operands })).toEqual([[4]]);
  });

  it('are refused before they are made when all rows together are too much', () => {
    const field = findField(schema, 'Int8')!;
    const stored = encodeColumn(field, [[1, 2, 3, 4]], 'UTC') as ListColumn;
    const sources = new Uint32Array(CHANGED_ELEMENT_COUNT_MAX / 4 + 1);
    const offsets = new Uint32Array(sources.length + 1);
    const elements = takeRows(stored.elements, new Uint32Array()) as ListColumn['elements'];
    const operands = { ...stored, offsets, elements };
    const asked = { op: 'ARRAY_REMOVE', operands, stored, sources, storedCount: 1 } as const;
    expect(() => changedArrays(field, asked)).toThrow(
      'ARRAY_REMOVE changes arrays of at most 33554432 elements in one request: upsert fewer rows',
    );
    const fewer = { ...asked, sources: sources.subarray(0, 2) };
    expect(columnRowCount(changedArrays(field, fewer).elements)).toBe(8);
  });

  it('are what lists say, for elements of every type', () => {
    const elements: Record<string, fc.Arbitrary<unknown>> = {
      Bool: fc.boolean(),
      Int64: fc.bigInt({ min: -2n, max: 2n }),
      Float: fc.constantFrom(0, -0, 0.5, -1.25),
      Double: fc.constantFrom(0, -0, 0.1, 1e300),
      VarChar: fc.constantFrom('', 'é', 'e', 'ee'),
    };
    for (const name of [...elementTypes, 'VarChar']) {
      const element = elements[name] ?? fc.integer({ min: -2, max: 2 });
      const list = fc.option(fc.array(element, { maxLength: 2 }), { nil: null });
      const rows = fc.record({
        stored: fc.array(list, { maxLength: 4 }),
        operands: fc.array(list, { minLength: 4, maxLength: 6 }),
      });
      fc.assert(
        fc.property(rows, fc.boolean(), ({ stored, operands }, appends) => {
          const expected = operands.map((operand, row) => {
            const old = stored[row] ?? null;
            if (operand === null) return old;
            if (appends) return [...(old ?? []), ...operand];
            return (old ?? []).filter((one) => !operand.some((other) => one === other));
          });
          const op = appends ? 'ARRAY_APPEND' : 'ARRAY_REMOVE';
          expect(change(name, op, { stored, operands })).toEqual(expected);
        }),
        { numRuns: 60 },
      );
    }
  });
});
