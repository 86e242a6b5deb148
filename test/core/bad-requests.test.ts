/** Bad reads, names and definitions are refused with Milvus's code and words, and leave nothing behind. */
import { describe, it } from 'vitest';
import type { CollectionDefinition, FieldDefinition } from '../../src/schema/definition.ts';
import { type Case, expectAllRefused, FIELDS, type Work } from '../suites/refusals.ts';
import { DOCS } from '../suites/service-fixtures.ts';

const READS: readonly Case[] = [
  [
    'a filter that breaks off',
    (service) => service.query({ ...DOCS, filter: 'id > ' }),
    {
      code: 1100,
      text: /^failed to create query plan: cannot parse expression: id > [^]*\n {2}id > \n {7}\^$/,
    },
  ],
  [
    'a filter with a strange character',
    (service) => service.query({ ...DOCS, filter: 'id > 1 ? 2' }),
    { code: 1100, text: /cannot parse expression: id > 1 \? 2[^]*\n {2}id > 1 \? 2\n {9}\^$/ },
  ],
  [
    'a comparison of text and number',
    (service) => service.query({ ...DOCS, filter: 'tag == 5' }),
    {
      code: 1100,
      text: /comparisons between VarChar and Int64 are not supported[^]*\n {2}tag == 5\n +\^+$/,
    },
  ],
  [
    'a filter parameter without a value',
    (service) => service.query({ ...DOCS, filter: 'id == {x}' }),
    { code: 1100, text: /the value of expression template variable name \{x\} is not found/ },
  ],
  [
    'an unknown output field',
    (service) => service.query({ ...DOCS, limit: 1, outputFields: ['colour'] }),
    { code: 1100, text: /field colour not exist/i },
  ],
  [
    'a query of everything without a limit',
    (service) => service.query({ ...DOCS, filter: '' }),
    { code: 1100, text: /empty expression should be used with limit/ },
  ],
  [
    'a window that is too wide',
    (service) => service.query({ ...DOCS, limit: 16_000, offset: 385 }),
    {
      code: 1100,
      text: /invalid max query result window, \(offset\+limit\) should be in range \[1, 16384\], but got 16385/,
    },
  ],
  [
    'a limit of nothing',
    (service) => service.search({ ...DOCS, data: [1, 2], limit: 0 }),
    { code: 1100, text: /topk \[0\] is invalid, it should be in range \[1, 16384\], but got 0/ },
  ],
  [
    'a limit that is too large',
    (service) => service.search({ ...DOCS, data: [1, 2], limit: 16_385 }),
    {
      code: 1100,
      text: /topk \[16385\] is invalid, it should be in range \[1, 16384\], but got 16385/,
    },
  ],
  [
    'a search without vectors',
    (service) => service.search({ ...DOCS, data: [], limit: 1 }),
    {
      code: 1100,
      text: /nq \(number of search vector per search request\) should be in range \[1, 16384\], but got 0/,
    },
  ],
  [
    'a search vector of the wrong dimension',
    (service) =>
      service.search({
        ...DOCS,
        data: [
          [1, 2],
          [1, 2, 3],
        ],
        limit: 1,
      }),
    {
      code: 1100,
      text: /vector dimension mismatch, expected vector size\(byte\) 8, actual 12/,
      fields: { field: 'vector', dim: 2 },
    },
  ],
  [
    'a search vector with NaN',
    (service) => service.search({ ...DOCS, data: [1, Number.NaN], limit: 1 }),
    {
      code: 1100,
      text: /value 'NaN' is not a number or infinity/,
      fields: { field: 'vector', row: 0 },
    },
  ],
  [
    'a search of a field that is no vector',
    (service) => service.search({ ...DOCS, fieldName: 'tag', data: [1, 2], limit: 1 }),
    { code: 1100, text: /field \(tag\) to search is not of vector data type/ },
  ],
  [
    'a search of an unknown field',
    (service) => service.search({ ...DOCS, fieldName: 'colour', data: [1, 2], limit: 1 }),
    {
      code: 1100,
      text: /failed to create query plan: failed to get field schema by name: fieldName\(colour\) not found/,
    },
  ],
  [
    'another metric than the field has',
    (service) => service.search({ ...DOCS, data: [1, 2], limit: 1, metric: 'IP' }),
    { code: 1100, text: 'metric type not match: invalid parameter[expected=L2][actual=IP]' },
  ],
  [
    'a key that is null',
    (service) => service.query({ ...DOCS, ids: [null as unknown as bigint] }),
    { code: 1100, text: /\{id\} field should be a int64, but got a \{null\} instead/ },
  ],
  [
    'an unknown partition',
    (service) => service.query({ ...DOCS, limit: 1, partitionNames: ['none'] }),
    { code: 1100, text: 'partition name none not found: invalid parameter' },
  ],
];

function create(changes: Partial<CollectionDefinition>): Work {
  return (service) => service.createCollection('', { name: 'fresh', fields: FIELDS, ...changes });
}

function createWith(...fields: FieldDefinition[]): Work {
  return create({ fields: [...FIELDS, ...fields] });
}

const DEFINITIONS: readonly Case[] = [
  [
    'a collection name that begins with a digit',
    create({ name: '1st' }),
    {
      code: 1100,
      text: 'Invalid collection name: 1st. the first character of a collection name must be an underscore or letter: invalid parameter',
    },
  ],
  [
    'a collection name with a hyphen',
    create({ name: 'a-b' }),
    {
      code: 1100,
      text: 'Invalid collection name: a-b. collection name can only contain numbers, letters and underscores: invalid parameter',
    },
  ],
  [
    'a collection name that is too long',
    create({ name: 'a'.repeat(256) }),
    { code: 1100, text: /the length of a collection name must be less than 255 characters/ },
  ],
  [
    'no collection name',
    create({ name: '' }),
    { code: 1100, text: /collection name should not be empty/ },
  ],
  [
    'a collection name that is a path',
    create({ name: '../../etc/passwd' }),
    { code: 1100, text: /Invalid collection name: ..\/..\/etc\/passwd. the first character/ },
  ],
  [
    'a field name that is a keyword',
    createWith({ name: 'like', type: 'Int8' }),
    {
      code: 1701,
      text: 'Invalid field name: like. like is keyword in milvus.: field name invalid[field=like]',
    },
  ],
  [
    'a field name with a space',
    createWith({ name: 'a b', type: 'Int8' }),
    {
      code: 1701,
      text: /Invalid field name: a b\. Field name can only contain numbers, letters, and underscores/,
    },
  ],
  [
    'a field name twice',
    createWith({ name: 'tag', type: 'Int8' }),
    { code: 1100, text: /duplicated field name/ },
  ],
  [
    'a dimension of one',
    createWith({ name: 'other', type: 'FloatVector', dim: 1 }),
    { code: 1100, text: /invalid dimension: 1\. should be in range 2 ~ 32768/ },
  ],
  [
    'a dimension that is too large',
    createWith({ name: 'other', type: 'FloatVector', dim: 32_769 }),
    {
      code: 1100,
      text: /invalid dimension: 32769 of field other\. float vector dimension should be in range 2 ~ 32768/,
    },
  ],
  [
    'a binary dimension that is no multiple of eight',
    createWith({ name: 'other', type: 'BinaryVector', dim: 12 }),
    { code: 1100, text: /binary vector dimension should be multiple of 8\./ },
  ],
  [
    'text without a length',
    createWith({ name: 'other', type: 'VarChar' }),
    {
      code: 1101,
      text: /type param\(max_length\) should be specified for the field\(other\) of collection fresh/,
    },
  ],
  [
    'text with a length that is too large',
    createWith({ name: 'other', type: 'VarChar', maxLength: 65_536 }),
    {
      code: 1100,
      text: 'the maximum length specified for the field(other) should be in (0, 65535], but got 65536 instead: invalid parameter',
    },
  ],
  [
    'an array with a capacity that is too large',
    createWith({ name: 'other', type: 'Array', elementType: 'Int8', maxCapacity: 4097 }),
    { code: 1100, text: /the maximum capacity specified for a Array should be in \(0, 4096\]/ },
  ],
  [
    'the old text type',
    createWith({ name: 'other', type: 'String' }),
    { code: 1100, text: /string data type not supported yet, please use VarChar type instead/ },
  ],
  [
    'a key that may be null',
    create({ fields: [{ ...FIELDS[0]!, nullable: true }, ...FIELDS.slice(1)] }),
    { code: 1100, text: /primary field not support null/ },
  ],
  [
    'no vector',
    create({ fields: FIELDS.slice(0, -1) }),
    { code: 1100, text: /schema does not contain vector field/ },
  ],
  [
    'no key',
    create({ fields: FIELDS.slice(1) }),
    { code: 1101, text: 'primary key is not specified: missing parameter' },
  ],
  [
    'too many fields',
    createWith(
      ...Array.from({ length: 60 }, (_, i): FieldDefinition => ({ name: `f${i}`, type: 'Int8' })),
    ),
    { code: 1100, text: /maximum field's number should be limited to 64/ },
  ],
  [
    'too many vectors',
    createWith(
      ...Array.from(
        { length: 10 },
        (_, i): FieldDefinition => ({ name: `v${i}`, type: 'FloatVector', dim: 2 }),
      ),
    ),
    { code: 1100, text: /maximum vector field's number should be limited to 10/ },
  ],
  [
    'too many shards',
    create({ shardCount: 17 }),
    { code: 1100, text: /maximum shards's number should be limited to 16/ },
  ],
  [
    'a database name that begins with a digit',
    (service) => service.createDatabase('1st', {}),
    {
      code: 802,
      text: 'the first character of a database name must be an underscore or letter: invalid database name[database=1st]',
    },
  ],
  [
    'a partition name with a dot',
    (service) => service.createPartition({ ...DOCS, partitionName: 'a.b' }),
    {
      code: 1100,
      text: /Invalid partition name: a\.b\. Partition name can only contain numbers, letters and underscores\./,
    },
  ],
  [
    'no partition name',
    (service) => service.createPartition({ ...DOCS, partitionName: '' }),
    { code: 1100, text: /Partition name should not be empty\./ },
  ],
  [
    'an alias with a space',
    (service) => service.createAlias({ ...DOCS, alias: 'a b' }),
    {
      code: 1100,
      text: /Invalid collection alias: a b\. collection alias can only contain numbers, letters and underscores/,
    },
  ],
  [
    'a property out of its bounds',
    create({ properties: { 'collection.ttl.seconds': '-2' } }),
    { code: 1100, text: /collection TTL is out of range, expect \[-1, 3155760000\], got -2/ },
  ],
  [
    'a new length that is no number',
    (service) => service.alterField({ ...DOCS, fieldName: 'tag', params: { max_length: 'many' } }),
    { code: 1100, text: /max_length should be an integer, but got string/ },
  ],
  [
    'a change of a field that is not there',
    (service) => service.alterField({ ...DOCS, fieldName: 'none', params: { max_length: '9' } }),
    { code: 1700, text: /field not found/ },
  ],
];

describe('bad requests', () => {
  it('to read are refused in so many words, and leave nothing behind', async () => {
    await expectAllRefused(READS);
  });

  it('to define are refused in so many words, and leave nothing behind', async () => {
    await expectAllRefused(DEFINITIONS);
  });
});
