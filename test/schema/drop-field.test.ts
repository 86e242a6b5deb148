import { describe, expect, it } from 'vitest';
import { addField } from '../../src/schema/alter-schema.ts';
import { buildSchema, type CollectionDefinition } from '../../src/schema/definition.ts';
import { disableDynamicField, dropField } from '../../src/schema/drop-field.ts';
import { findField } from '../../src/schema/fields.ts';
import { decodeSchema, encodeSchema } from '../../src/schema/schema-json.ts';

const definition: CollectionDefinition = {
  name: 'c',
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'part', type: 'Int64', isPartitionKey: true },
    { name: 'order', type: 'Int64', isClusteringKey: true },
    { name: 'until', type: 'Timestamptz', nullable: true },
    { name: 'tag', type: 'VarChar', maxLength: 10 },
    { name: 'v', type: 'FloatVector', dim: 4 },
    { name: 'w', type: 'FloatVector', dim: 4 },
  ],
  structs: [{ name: 's', maxCapacity: 4, fields: [{ name: 'n', type: 'Int64' }] }],
};
const base = buildSchema(definition);
const names = (schema: typeof base): string[] => schema.fields.map(({ name }) => name);

describe('dropField', () => {
  it('leaves the field out, one version further, and gives its id to nobody', () => {
    const schema = dropField(base, { fieldName: 'tag' }, {});
    expect(names(schema)).toEqual(names(base).filter((name) => name !== 'tag'));
    expect(schema).toMatchObject({
      version: base.version + 1,
      fieldsDroppedVersion: base.version + 1,
      lastFieldId: base.lastFieldId,
    });
    const again = addField(schema, { name: 'tag', type: 'Int64', nullable: true });
    expect(findField(again, 'tag')?.id).toBe(base.lastFieldId + 1);
    expect(again.fieldsDroppedVersion).toBe(base.version + 1);
    expect(decodeSchema(encodeSchema(again))).toEqual(again);
  });

  it('takes a field by its id too', () => {
    const fieldId = findField(base, 'w')!.id;
    expect(names(dropField(base, { fieldId }, {}))).not.toContain('w');
  });

  it('takes a struct array with all its sub-fields', () => {
    const schema = dropField(base, { fieldName: 's' }, {});
    expect(schema.structs).toEqual([]);
    expect(names(schema)).not.toContain('s[n]');
    const fieldId = base.structs[0]!.id;
    expect(dropField(base, { fieldId }, {})).toEqual(schema);
  });

  it.each([
    ['', 'field name is empty'],
    ['none', 'field not found: none'],
    ['id', 'cannot drop primary key field: id'],
    ['part', 'cannot drop partition key field: part'],
    ['order', 'cannot drop clustering key field: order'],
    ['until', 'cannot drop ttl field: until'],
    ['s[n]', 'cannot drop sub-field of struct array field: s.n'],
    ['$meta', 'cannot drop dynamic field: $meta, use AlterCollection to disable dynamic schema'],
    ['RowID', 'cannot drop system field: RowID'],
  ])('refuses %j', (fieldName, message) => {
    expect(() => dropField(base, { fieldName }, { ttl_field: 'until' })).toThrow(message);
  });

  it('refuses an id that is not there, and the hidden key of namespaces', () => {
    expect(() => dropField(base, { fieldId: 7 }, {})).toThrow('field not found: 7');
    const spaces = buildSchema({
      ...definition,
      fields: definition.fields.filter(({ name }) => name !== 'part'),
      enableNamespace: true,
    });
    expect(() => dropField(spaces, { fieldName: '$namespace_id' }, {})).toThrow(
      'cannot drop system field: $namespace_id',
    );
  });

  it('leaves a collection its last vector, be it inside a struct', () => {
    const one = dropField(base, { fieldName: 'v' }, {});
    expect(() => dropField(one, { fieldName: 'w' }, {})).toThrow(
      'cannot drop the last vector field: w',
    );
    const inStruct = buildSchema({
      ...definition,
      fields: definition.fields.filter(({ name }) => name !== 'v' && name !== 'w'),
      structs: [
        { name: 's', maxCapacity: 4, fields: [{ name: 'x', type: 'FloatVector', dim: 2 }] },
      ],
    });
    expect(() => dropField(inStruct, { fieldName: 's' }, {})).toThrow(
      'cannot drop struct array field s: it would leave no vector field in the collection',
    );
  });
});

describe('disableDynamicField', () => {
  it('takes $meta away where there is one', () => {
    const schema = disableDynamicField(base);
    expect(schema).toMatchObject({ enableDynamicField: false, version: base.version + 1 });
    expect(names(schema)).not.toContain('$meta');
    expect(disableDynamicField(schema)).toBe(schema);
  });
});
