import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { alterField } from '../../src/schema/alter-schema.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { decodeSchema, encodeSchema } from '../../src/schema/schema-json.ts';

const schema = alterField(
  buildSchema({
    name: 'all',
    description: 'é "quoted"',
    enableDynamicField: true,
    enableNamespace: true,
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true, autoId: true },
      { name: 'v', type: 'BinaryVector', dim: 64, nullable: true },
      { name: 'big', type: 'Int64', defaultValue: 9007199254740993n },
      { name: 'small', type: 'Int8', defaultValue: -3, isClusteringKey: true },
      { name: 'flag', type: 'Bool', defaultValue: false },
      { name: 'real', type: 'Double', defaultValue: 0.1 },
      { name: 'when', type: 'Timestamptz', defaultValue: '1900-01-01T00:00:00.000001Z' },
      { name: 'where', type: 'Geometry', defaultValue: 'POINT EMPTY' },
      {
        name: 'text',
        type: 'VarChar',
        maxLength: 50,
        defaultValue: '123',
        params: { warmup: 'sync' },
      },
      { name: 'list', type: 'Array', elementType: 'VarChar', maxLength: 5, maxCapacity: 2 },
    ],
    structs: [
      {
        name: 's',
        nullable: true,
        maxCapacity: 3,
        fields: [{ name: 'e', type: 'Int8Vector', dim: 4 }],
      },
    ],
  }),
  'list',
  { max_capacity: 7 },
);

type Json = Record<string, unknown>;

describe('schema JSON', () => {
  it('gives back every schema, int64 defaults exactly', () => {
    expect(decodeSchema(encodeSchema(schema))).toEqual(schema);
  });

  it('refuses what is not a schema', () => {
    for (const text of ['', '{', 'null', '[]', '{}', '7', '{"name":"x"}']) {
      expect(() => decodeSchema(text)).toThrow(MalformedBytes);
    }
  });

  it('refuses a schema in which any key is missing or of another type', () => {
    const check = (edit: (root: Json) => void): void => {
      const root = JSON.parse(encodeSchema(schema)) as Json;
      edit(root);
      expect(() => decodeSchema(JSON.stringify(root))).toThrow(MalformedBytes);
    };
    const objects: ((root: Json) => Json)[] = [
      (root) => root,
      ...schema.fields.map((_, i) => (root: Json) => (root['fields'] as Json[])[i]!),
      (root) => (root['structs'] as Json[])[0]!,
    ];
    const optional = new Set(['defaultValue', 'dim', 'maxLength', 'maxCapacity', 'elementType']);
    for (const pick of objects) {
      for (const key of Object.keys(pick(JSON.parse(encodeSchema(schema)) as Json))) {
        if (!optional.has(key)) check((root) => Reflect.deleteProperty(pick(root), key));
        check((root) => (pick(root)[key] = null));
        check((root) => (pick(root)[key] = [7, {}]));
      }
      check((root) => (pick(root)['unknown'] = 1));
    }
  });

  it('refuses ids, keys and structs that do not fit together', () => {
    const edited = (
      edit: (root: { fields: Json[]; structs: Json[] } & Json) => void,
    ): (() => unknown) => {
      const root = JSON.parse(encodeSchema(schema)) as { fields: Json[]; structs: Json[] } & Json;
      edit(root);
      return () => decodeSchema(JSON.stringify(root));
    };
    expect(edited((root) => (root.fields[1]!['id'] = 100))).toThrow('twice');
    expect(edited((root) => (root.fields[1]!['isPrimaryKey'] = true))).toThrow('primary key');
    expect(edited((root) => (root.structs[0]!['fieldIds'] = []))).toThrow('struct');
    expect(edited((root) => (root.structs[0]!['fieldIds'] = [112, 999]))).toThrow(MalformedBytes);
    expect(edited((root) => (root['enableDynamicField'] = false))).toThrow('dynamic');
    expect(edited((root) => (root.fields[2]!['defaultValue'] = '9223372036854775808'))).toThrow(
      'defaultValue',
    );
    expect(edited((root) => (root.fields[0]!['id'] = -1))).toThrow('id');
    expect(edited((root) => (root.fields[0]!['type'] = 99))).toThrow('type');
    expect(edited((root) => (root.fields[0]!['params'] = { a: 1 }))).toThrow('params');
  });
});
