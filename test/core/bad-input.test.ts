/** Bad rows and keys are refused with Milvus's words, name field, value and bound, and leave nothing behind. */
import { describe, it } from 'vitest';
import { type Case, expectAllRefused, type Work } from '../suites/refusals.ts';
import { doc, DOCS, docs } from '../suites/service-fixtures.ts';

function insertOne(changes: Readonly<Record<string, unknown>>): Work {
  return async (service) => {
    const good = { id: 500, tag: 'x', vector: [1, 2] };
    return await service.insert({ ...DOCS, rows: [good, { ...good, id: 501, ...changes }] });
  };
}

const ROWS: readonly Case[] = [
  [
    'a vector of the wrong dimension',
    insertOne({ vector: [1, 2, 3] }),
    {
      code: 1100,
      text: /the dim \(3\) of field data\(vector\) is not equal to schema dim \(2\)/,
      fields: { field: 'vector', row: 1, expected: 2, actual: 3 },
    },
  ],
  [
    'a vector with NaN',
    insertOne({ vector: [1, Number.NaN] }),
    {
      code: 1100,
      text: /value 'NaN' is not a number or infinity/,
      fields: { field: 'vector', row: 1 },
    },
  ],
  [
    'a vector with an infinity',
    insertOne({ vector: [Number.NEGATIVE_INFINITY, 1] }),
    {
      code: 1100,
      text: /value '-Inf' is not a number or infinity/,
      fields: { field: 'vector', row: 1 },
    },
  ],
  [
    'a vector with a number beyond float32',
    insertOne({ vector: [1e39, 1] }),
    {
      code: 1100,
      text: /value '\+Inf' is not a number or infinity/,
      fields: { field: 'vector', row: 1 },
    },
  ],
  [
    'a vector that is text',
    insertOne({ vector: '[1, 2]' }),
    {
      code: 1100,
      text: /\{vector\} field should be a float_vector, but got a \{string\} instead/,
      fields: { field: 'vector', row: 1 },
    },
  ],
  [
    'a vector that is null',
    insertOne({ vector: null }),
    {
      code: 1100,
      text: /Insert missed an field `vector` to collection without set nullable==true or set default_value/,
      fields: { field: 'vector', row: 1 },
    },
  ],
  [
    'a float that is NaN',
    insertOne({ ratio: Number.NaN }),
    {
      code: 1100,
      text: /value 'NaN' is not a number or infinity/,
      fields: { field: 'ratio', row: 1 },
    },
  ],
  [
    'a missing field',
    insertOne({ tag: undefined }),
    {
      code: 1100,
      text: /Insert missed an field `tag` to collection without set nullable==true or set default_value/,
      fields: { field: 'tag', row: 1 },
    },
  ],
  [
    'an unknown field',
    insertOne({ colour: 'red' }),
    {
      code: 1100,
      text: /Attempt to insert an unexpected field `colour` to collection without enabling dynamic field/,
      fields: { field: 'colour', row: 1 },
    },
  ],
  [
    'text that is too long in bytes',
    insertOne({ tag: 'ééééé' }),
    {
      code: 1100,
      text: /length of varchar field tag exceeds max length, row number: 1, length: 10, max length: 8/,
      fields: { field: 'tag', row: 1 },
    },
  ],
  [
    'text with half a character',
    insertOne({ tag: '\uD800' }),
    {
      code: 1100,
      text: /text of field tag has a lone surrogate/,
      fields: { field: 'tag', row: 1 },
    },
  ],
  [
    'a number where text belongs',
    insertOne({ tag: 5 }),
    {
      code: 1100,
      text: /The Input data type is inconsistent with defined schema, \{tag\} field should be a varchar, but got a \{number\} instead/,
      fields: { field: 'tag', row: 1 },
    },
  ],
  [
    'text where a number belongs',
    insertOne({ size: '5' }),
    {
      code: 1100,
      text: /\{size\} field should be a int8, but got a \{string\} instead/,
      fields: { field: 'size', row: 1 },
    },
  ],
  [
    'an integer out of range',
    insertOne({ size: 128 }),
    {
      code: 1100,
      text: /element \(128\) out of range: \[-128, 127\]: invalid parameter\[expected=integer doesn't overflow\]\[actual=out of range\]/,
      fields: { field: 'size', row: 1 },
    },
  ],
  [
    'a fraction where an integer belongs',
    insertOne({ size: 1.5 }),
    { code: 1100, text: /\{size\} field should be a int8/, fields: { field: 'size', row: 1 } },
  ],
  [
    'a number where a boolean belongs',
    insertOne({ flag: 1 }),
    { code: 1100, text: /\{flag\} field should be a bool/, fields: { field: 'flag', row: 1 } },
  ],
  [
    'an integer that a number cannot hold',
    insertOne({ id: 2 ** 53 }),
    { code: 1100, text: /9007199254740992/, fields: { field: 'id', row: 1 } },
  ],
  [
    'an integer beyond int64',
    insertOne({ id: 2n ** 63n }),
    { code: 1100, text: /9223372036854775808/, fields: { field: 'id', row: 1 } },
  ],
  [
    'an array that is too long',
    insertOne({ list: [1, 2, 3, 4] }),
    {
      code: 1100,
      text: /the length \(4\) of 1th array exceeds max capacity \(3\)/,
      fields: { field: 'list', row: 1 },
    },
  ],
  [
    'an array with an element out of range',
    insertOne({ list: [1, 40_000] }),
    { code: 1100, text: /40000/, fields: { field: 'list', row: 1, element: 1 } },
  ],
  [
    'a time that is none',
    insertOne({ time: 'yesterday' }),
    {
      code: 1100,
      text: /got invalid timestamptz string 'yesterday': invalid timestamp string: 'yesterday'. Does not match any known format/,
    },
  ],
  [
    'a shape that is none',
    insertOne({ shape: 'POINT (1' }),
    { code: 1100, text: /field shape, row 1/ },
  ],
  [
    'no key',
    insertOne({ id: undefined }),
    { code: 1100, text: /`id`/, fields: { field: 'id', row: 1 } },
  ],
  [
    'a row that is no object',
    (service) => service.insert({ ...DOCS, rows: [doc(1), [1] as unknown as object] as never }),
    { code: 1100, text: /a row should be an object, but got Array/, fields: { row: 1 } },
  ],
  [
    'no rows',
    (service) => service.insert({ ...DOCS, rows: [] }),
    { code: 1100, text: /at least one row/ },
  ],
  [
    'two rows of one key in an upsert',
    (service) => {
      const row = { id: 7, tag: 'x', vector: [1, 2] };
      return service.upsert({ ...DOCS, rows: [row, { ...row, id: 8 }, row] });
    },
    {
      code: 1100,
      text: /^duplicate primary keys are not allowed in the same batch: invalid parameter/,
      fields: { field: 'id', value: 7n, row: 2, firstRow: 0 },
    },
  ],
  [
    'an upsert without a key',
    (service) => service.upsert({ ...DOCS, rows: [{ tag: 'x', vector: [1, 2] }] }),
    {
      code: 1100,
      text: /must assign pk when upsert, primary field: id/,
      fields: { field: 'id', row: 0 },
    },
  ],
  [
    'a collection that is not there',
    (service) => service.insert({ databaseName: '', collectionName: 'none', rows: docs(0, 1) }),
    {
      code: 100,
      text: 'collection not found[database=default][collection=none]',
      fields: { collection: 'none' },
    },
  ],
  [
    'a database that is not there',
    (service) => service.insert({ databaseName: 'none', collectionName: 'docs', rows: docs(0, 1) }),
    { code: 800, text: 'database not found[database=none]' },
  ],
  [
    'a partition that is not there',
    (service) =>
      service.insert({
        ...DOCS,
        partitionName: 'none',
        rows: [{ id: 1, tag: 'x', vector: [1, 2] }],
      }),
    { code: 200, text: 'partition not found[partition=none]' },
  ],
];

const DELETES: readonly Case[] = [
  [
    'a key that is null',
    (service) => service.delete({ ...DOCS, ids: [null as unknown as bigint] }),
    {
      code: 1100,
      text: /\{id\} field should be a int64, but got a \{null\} instead/,
      fields: { field: 'id', row: 0 },
    },
  ],
  [
    'a key of another type',
    (service) => service.delete({ ...DOCS, ids: [1n, 'two'] }),
    {
      code: 1100,
      text: /\{id\} field should be a int64, but got a \{string\} instead/,
      fields: { field: 'id', row: 1 },
    },
  ],
  [
    'no keys',
    (service) => service.delete({ ...DOCS, ids: [] }),
    { code: 1100, text: /at least one row/ },
  ],
  [
    'a filter with a word too many',
    (service) => service.delete({ ...DOCS, filter: 'id > 1 1' }),
    {
      code: 1100,
      text: /^failed to create delete plan: cannot parse expression: id > 1 1[^]*\n {2}id > 1 1\n {9}\^$/,
    },
  ],
  [
    'an unknown field',
    (service) => service.delete({ ...DOCS, filter: 'colour == 1' }),
    {
      code: 1100,
      text: /failed to create delete plan: cannot parse expression: colour == 1[^]*field colour not exist[^]*\n {2}colour == 1\n {2}\^{6}$/,
    },
  ],
];

describe('bad input', () => {
  it('of rows is refused in so many words, and leaves nothing behind', async () => {
    await expectAllRefused(ROWS);
  });

  it('of deletes is refused in so many words, and leaves nothing behind', async () => {
    await expectAllRefused(DELETES);
  });
});
