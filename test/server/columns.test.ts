import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnBatch } from '../../src/schema/column.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { columnsToBatch } from '../../src/schema/given-columns.ts';
import { batchToRows } from '../../src/schema/row-output.ts';
import { rowsToBatch } from '../../src/schema/rows.ts';
import { answerFields } from '../../src/server/answer-fields.ts';
import { givenColumns } from '../../src/server/column-decode.ts';
import { FieldData, QueryResults } from '../../src/wire/generated/milvus.ts';
import { decodeMessage } from '../../src/wire/message-decoder.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import { EVERY_TYPE, everyRows } from './every-type.ts';

const schema = buildSchema(EVERY_TYPE);

/** What a client that reads rows and writes them back does to them. */
function thereAndBack(batch: ColumnBatch): ColumnBatch {
  const context = { schema, batch, timeZone: 'UTC' };
  const bytes = encodeMessage(QueryResults, answerFields(['*'], context));
  const { fieldsData } = decodeMessage(QueryResults, bytes);
  return columnsToBatch(schema, givenColumns(fieldsData, batch.rowCount));
}

describe('columns on the wire', () => {
  it('are the rows they were, of every type, with nulls and dynamic keys', () => {
    fc.assert(
      fc.property(everyRows, (rows) => {
        const batch = rowsToBatch(schema, rows);
        const expected = batchToRows(schema, batch, ['*']);
        expect(batchToRows(schema, thereAndBack(batch), ['*'])).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('show the dynamic keys that were asked for, and no others', () => {
    const rows = [{ a: 1, b: 2 }, { a: 3 }].map((more, i) => ({ ...plain(i), ...more }));
    const batch = rowsToBatch(schema, rows);
    const { fieldsData, outputFields } = answerFields(['id', 'a'], {
      schema,
      batch,
      timeZone: 'UTC',
    });
    expect(outputFields).toEqual(['id', 'a']);
    const decoded = decodeMessage(QueryResults, encodeMessage(QueryResults, { fieldsData }));
    const meta = decoded.fieldsData.find(({ isDynamic }) => isDynamic);
    const data = meta?.scalars?.jsonData?.data;
    expect(Buffer.from(data?.bytes ?? []).toString()).toBe('{"a":1}{"a":3}');
  });

  it('spell out a star: fields, structs and the dynamic field', () => {
    const batch = rowsToBatch(schema, [plain(0)]);
    const { outputFields } = answerFields(['*'], { schema, batch, timeZone: 'UTC' });
    expect(outputFields).toEqual(expect.arrayContaining(['id', 'parts', '$meta', 'dense']));
    expect(outputFields).not.toContain('parts[n]');
  });

  it('call sub-fields by their struct, once, as the field data does', () => {
    const batch = rowsToBatch(schema, [plain(0)]);
    const { fieldsData, outputFields } = answerFields(['id', 'parts[n]', ' parts[v] '], {
      schema,
      batch,
      timeZone: 'UTC',
    });
    expect(outputFields).toEqual(['id', 'parts']);
    expect(fieldsData.map(({ fieldName }) => fieldName)).toEqual(outputFields);
  });
});

it('a column of nulls comes with the dimension of its vectors, and none of them', () => {
  const given = decodeMessage(
    FieldData,
    encodeMessage(FieldData, {
      type: 101,
      fieldName: 'dense',
      vectors: { dim: 3n },
      validData: Uint8Array.of(0, 0),
    }),
  );
  expect(givenColumns([given], 2).columns).toMatchObject([{ data: { values: [] } }]);
  const wrong = { ...given, validData: Uint8Array.of(0, 1) };
  expect(() => givenColumns([wrong], 2)).toThrow('array type mismatch');
});

function plain(i: number): Record<string, unknown> {
  return {
    id: `k${i}`,
    bool: true,
    int8: 1,
    int16: 1,
    int32: 1,
    int64: 1n,
    float: 1,
    double: 1,
    text: '',
    json: {},
    place: 'POINT (1 2)',
    time: '2024-01-01T00:00:00Z',
    numbers: [],
    words: [],
    flags: [],
    dense: [1, 2, 3],
    half: [1, 2],
    brain: [1, 2],
    bytes: [1, 2, 3, 4],
    bits: Uint8Array.of(1, 2),
    sparse: {},
    parts: [],
  };
}
