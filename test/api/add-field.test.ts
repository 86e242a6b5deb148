import { expect, it } from 'vitest';
import { addToCollection } from '../../src/api/add-field.ts';
import { f } from '../../src/api/fields.ts';
import type { Service } from '../../src/core/service.ts';

it('a field is added before its indexes, a struct with the indexes of its fields', async () => {
  const calls: unknown[] = [];
  const noted = (name: string) => async (request: object) => {
    calls.push([name, request]);
  };
  const service = {
    addField: noted('addField'),
    addStruct: noted('addStruct'),
    createIndex: noted('createIndex'),
  } as unknown as Service;
  const shop = { databaseName: 'default', collectionName: 'shop' };
  const face = f.floatVector(2, { nullable: true, index: { type: 'FLAT', metric: 'L2' } });
  await addToCollection(service, { ...shop, name: 'face', field: face }, {});
  const parts = f.struct({ size: f.int32() }, { maxCapacity: 8, nullable: true });
  await addToCollection(service, { ...shop, name: 'parts', field: parts }, {});
  expect(calls).toMatchObject([
    ['addField', { ...shop, field: { name: 'face' } }],
    ['createIndex', { ...shop, fieldName: 'face' }],
    ['addStruct', { ...shop, struct: { name: 'parts' } }],
  ]);
});
