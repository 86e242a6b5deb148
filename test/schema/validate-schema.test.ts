import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import {
  buildSchema,
  type CollectionDefinition,
  type FieldDefinition,
  type StructDefinition,
} from '../../src/schema/definition.ts';
import { validatePartitionCount, validateShardCount } from '../../src/schema/validate-schema.ts';

const id: FieldDefinition = { name: 'id', type: 'Int64', isPrimaryKey: true };
const vector: FieldDefinition = { name: 'v', type: 'FloatVector', dim: 4 };

function refusal(
  fields: readonly FieldDefinition[],
  more: Partial<CollectionDefinition> = {},
): string {
  try {
    buildSchema({ name: 'c', fields, ...more });
  } catch (thrown) {
    if (thrown instanceof MilvusError) return `${thrown.code} ${thrown.message}`;
    throw thrown;
  }
  throw new Error('nothing was refused');
}
const withField = (field: Partial<FieldDefinition>): string =>
  refusal([id, vector, { name: 'f', type: 'Int64', ...field }]);
const withStruct = (struct: Partial<StructDefinition>): string =>
  refusal([id, vector], {
    structs: [{ name: 's', maxCapacity: 4, fields: [{ name: 'n', type: 'Int64' }], ...struct }],
  });

describe('rules for the whole schema', () => {
  it('limit shards, fields and vectors', () => {
    expect(refusal([id, vector], { shardCount: 17 })).toBe(
      "1100 maximum shards's number should be limited to 16: invalid parameter",
    );
    expect(refusal([id, vector], { shardCount: -1 })).toContain('positive integer');
    const many = Array.from(
      { length: 63 },
      (_, i): FieldDefinition => ({ name: `f${i}`, type: 'Int8' }),
    );
    expect(refusal([id, vector, ...many])).toContain(
      "maximum field's number should be limited to 64",
    );
    expect(() =>
      buildSchema({ name: 'c', fields: [id, vector, ...many.slice(1)], enableDynamicField: true }),
    ).not.toThrow();
    const vectors = Array.from(
      { length: 11 },
      (_, i): FieldDefinition => ({ ...vector, name: `v${i}` }),
    );
    expect(refusal([id, ...vectors])).toContain(
      "maximum vector field's number should be limited to 10",
    );
    expect(refusal([id])).toBe('1100 schema does not contain vector field: invalid parameter');
  });

  it('count the sub-fields of structs', () => {
    const fields = Array.from(
      { length: 63 },
      (_, i): FieldDefinition => ({ name: `f${i}`, type: 'Int8' }),
    );
    expect(withStruct({ fields })).toContain('limited to 64');
    const onlyInStruct = {
      name: 's',
      maxCapacity: 2,
      fields: [{ name: 'e', type: 'FloatVector', dim: 2 } as const],
    };
    expect(() => buildSchema({ name: 'c', fields: [id], structs: [onlyInStruct] })).not.toThrow();
  });

  it('check the names', () => {
    expect(refusal([id, vector], { name: '1c' })).toContain(
      'Invalid collection name: 1c. the first character',
    );
    expect(withField({ name: 'in' })).toContain(
      '1701 Invalid field name: in. in is keyword in milvus.',
    );
    expect(withField({ name: 'RowID' })).toContain('1701 field name "RowID" is reserved');
    expect(withField({ name: 'v' })).toBe('1100 duplicated field name v found: invalid parameter');
    expect(withStruct({ name: 'v' })).toContain('duplicated field name v found');
    expect(withStruct({ name: 'a b' })).toContain('1701');
    expect(withStruct({ fields: [{ name: 'in', type: 'Int8' }] })).toContain('in is keyword');
    const twice: FieldDefinition = { name: 'n', type: 'Int8' };
    expect(withStruct({ fields: [twice, twice] })).toContain('duplicated field name s[n] found');
  });

  it('limit descriptions to 1024 bytes', () => {
    expect(refusal([id, vector], { description: 'é'.repeat(513) })).toContain(
      'the length of a collection description must not exceed 1024 bytes',
    );
    expect(withField({ description: 'd'.repeat(1025) })).toContain('a field description');
  });
});

describe('rules for keys', () => {
  it('want exactly one primary key of int64 or text', () => {
    expect(refusal([vector])).toBe('1101 primary key is not specified: missing parameter');
    expect(withField({ isPrimaryKey: true })).toContain(
      'there are more than one primary key, field name = id, f',
    );
    expect(refusal([{ ...id, type: 'Double' }, vector])).toContain(
      'the data type of primary key should be Int64 or VarChar',
    );
    expect(refusal([{ ...id, nullable: true }, vector])).toContain(
      'primary field not support null, type:Int64, name:id',
    );
  });

  it('allow generation for the primary key only', () => {
    expect(withField({ autoId: true })).toContain(
      'only primary field can speficy AutoID with true, field name = f',
    );
    expect(() =>
      buildSchema({
        name: 'c',
        fields: [{ ...id, type: 'VarChar', maxLength: 30, autoId: true }, vector],
      }),
    ).not.toThrow();
  });

  it('allow one partition key of int64 or text that is neither primary nor nullable', () => {
    expect(withField({ isPartitionKey: true, nullable: true })).toContain(
      'partition key field not support nullable',
    );
    expect(withField({ isPartitionKey: true, type: 'Bool' })).toContain(
      'the data type of partition key should be Int64 or VarChar',
    );
    expect(refusal([{ ...id, isPartitionKey: true }, vector])).toContain(
      'the partition key field must not be primary field',
    );
    expect(
      refusal([
        id,
        vector,
        { name: 'a', type: 'Int64', isPartitionKey: true },
        { name: 'b', type: 'Int64', isPartitionKey: true },
      ]),
    ).toContain('there are more than one partition key, field name = a, b');
  });

  it('bound the number of partitions', () => {
    const keyed = buildSchema({
      name: 'c',
      fields: [id, vector, { name: 'k', type: 'Int64', isPartitionKey: true }],
    });
    const plain = buildSchema({ name: 'c', fields: [id, vector] });
    expect(() => validatePartitionCount(keyed, 1024)).not.toThrow();
    expect(() => validatePartitionCount(keyed, 1025)).toThrow(
      'partition number (1025) exceeds max configuration (1024)',
    );
    expect(() => validatePartitionCount(keyed, -1)).toThrow(
      'should be greater than 0 if partition key is used',
    );
    expect(() => validatePartitionCount(plain, 2)).toThrow(
      'num_partitions should only be specified with partition key field enabled',
    );
    expect(() => validateShardCount(16)).not.toThrow();
  });

  it('allow one clustering key of an ordered type (105)', () => {
    expect(withField({ isClusteringKey: true, type: 'Bool' })).toBe(
      '105 clustering key field f has unsupported data type Bool: illegal collection schema[collection=c]',
    );
    expect(
      refusal([
        { ...id, isClusteringKey: true },
        vector,
        { name: 'f', type: 'Int8', isClusteringKey: true },
      ]),
    ).toContain('105 there are more than one clustering key, field name = id, f');
    expect(refusal([id, { ...vector, isClusteringKey: true }])).toContain(
      'unsupported data type FloatVector',
    );
  });
});

describe('rules for fields', () => {
  it.each([
    [{ dim: 1 }, 'invalid dimension: 1. should be in range 2 ~ 32768'],
    [
      { dim: 32769 },
      'invalid dimension: 32769 of field f. float vector dimension should be in range 2 ~ 32768',
    ],
    [{ params: { dim: 'x' } }, 'invalid dimension: x. should be in range 2 ~ 32768'],
    [{ dim: 2.5 }, 'invalid dimension: 2.5'],
    [
      {},
      'dimension is not defined in field type params of field f, check type param `dim` for vector field',
    ],
    [
      { type: 'BinaryVector', dim: 12 },
      'invalid dimension: 12 of field f. binary vector dimension should be multiple of 8. ',
    ],
    [
      { type: 'BinaryVector', dim: 262152 },
      'binary vector dimension should be in range 2 ~ 262144',
    ],
    [
      { type: 'SparseFloatVector', dim: 3 },
      'dim should not be specified for sparse vector field f(102)',
    ],
    [
      { type: 'ArrayOfVector', elementType: 'FloatVector', dim: 2 },
      'array of vector can only be in the struct array field, field name: f',
    ],
  ] as const)('check dimensions: %j', (field, message) => {
    expect(withField({ type: 'FloatVector', ...field })).toContain(message);
  });

  it.each([
    [
      { type: 'VarChar' },
      '1101 type param(max_length) should be specified for the field(f) of collection c: missing parameter',
    ],
    [
      { type: 'VarChar', maxLength: 65536 },
      '1100 the maximum length specified for the field(f) should be in (0, 65535], but got 65536 instead: invalid parameter',
    ],
    [{ type: 'VarChar', maxLength: 0 }, 'in (0, 65535], but got 0 instead'],
    [{ type: 'VarChar', params: { max_length: 'x' } }, 'but got x instead'],
    [{ type: 'Text', maxLength: 2097153 }, 'in (0, 2097152], but got 2097153 instead'],
    [{ type: 'Array', elementType: 'VarChar', maxCapacity: 2 }, 'type param(max_length)'],
    [
      { type: 'Array', elementType: 'Int8' },
      '1101 type param(max_capacity) should be specified for array field f of collection c',
    ],
    [
      { type: 'Array', elementType: 'Int8', maxCapacity: 4097 },
      'the maximum capacity specified for a Array should be in (0, 4096]',
    ],
    [
      { type: 'Array', elementType: 'Int8', params: { max_capacity: 'x' } },
      'the value for max_capacity of field f must be an integer',
    ],
    [
      { type: 'Array', elementType: 'String', maxCapacity: 2 },
      'string data type not supported yet, please use VarChar type instead',
    ],
    [
      { type: 'Array', elementType: 'FloatVector', maxCapacity: 2 },
      'element type FloatVector is not supported',
    ],
    [
      { type: 'String' },
      '1100 string data type not supported yet, please use VarChar type instead: invalid parameter',
    ],
    [{ type: 'ArrayOfStruct' }, 'ArrayOfStruct is described by a struct'],
  ] as const)('check lengths and capacities: %j', (field, message) => {
    expect(withField(field)).toContain(message);
  });

  it('check what may be left unloaded', () => {
    const skip = { 'field.skipLoad': true };
    expect(refusal([{ ...id, params: skip }, vector])).toContain(
      'Primary key field id cannot skip loading',
    );
    expect(withField({ isPartitionKey: true, params: skip })).toContain(
      'Partition Key field f cannot skip loading',
    );
    expect(withField({ isClusteringKey: true, params: skip })).toContain(
      'Clustering Key field f cannot skip loading',
    );
    expect(refusal([id, { ...vector, params: skip }])).toContain(
      'cannot config all vector field(s) skip loading',
    );
  });
});

describe('rules for structs', () => {
  it.each([
    [{ fields: [] }, 'struct array field s has no sub-fields'],
    [{ fields: [{ name: 'n', type: 'JSON' }] }, 'element type JSON is not supported'],
    [{ fields: [{ name: 'n', type: 'Geometry' }] }, 'element type Geometry is not supported'],
    [
      { fields: [{ name: 'n', type: 'Array', elementType: 'Array' }] },
      'nested array is not supported n',
    ],
    [
      { fields: [{ name: 'n', type: 'SparseFloatVector' }] },
      'Unsupported element type SparseFloatVector of ArrayOfVector field n',
    ],
    [{ fields: [{ name: 'n', type: 'FloatVector' }] }, 'dimension is not defined'],
    [
      { fields: [{ name: 'n', type: 'VarChar' }] },
      'type param(max_length) should be specified for the field(n)',
    ],
    [
      { fields: [{ name: 'n', type: 'Int8', nullable: true }] },
      'sub-field in non-nullable struct cannot be nullable individually',
    ],
    [
      { fields: [{ name: 'n', type: 'Int64', isPrimaryKey: true }] },
      'primary key is not supported for struct field, field name = n',
    ],
    [
      { fields: [{ name: 'n', type: 'Int64', autoId: true }] },
      'autoID is not supported for struct field',
    ],
    [
      { fields: [{ name: 'n', type: 'Int64', isPartitionKey: true }] },
      'partition key is not supported for struct field',
    ],
    [
      { fields: [{ name: 'n', type: 'Int64', isClusteringKey: true }] },
      'clustering key is not supported for struct field',
    ],
    [
      { fields: [{ name: 'n', type: 'Int64', defaultValue: 1 }] },
      'type not support default_value, type:Array, name:n',
    ],
    [
      {
        fields: [
          { name: 'a', type: 'Int8', maxCapacity: 3 },
          { name: 'b', type: 'Int8', maxCapacity: 4 },
        ],
      },
      'all sub-fields in struct array field must have the same max_capacity: structName=s, subFieldName=b, max_capacity=4, expected=3',
    ],
    [{ maxCapacity: 5000 }, 'the maximum capacity specified'],
  ] as const)('refuse %j', (struct, message) => {
    expect(withStruct(struct as Partial<StructDefinition>)).toContain(message);
  });

  it('want a capacity', () => {
    const structs = [{ name: 's', fields: [{ name: 'n', type: 'Int8' } as const] }];
    expect(refusal([id, vector], { structs })).toContain(
      '1101 type param(max_capacity) should be specified for array field n',
    );
  });
});
