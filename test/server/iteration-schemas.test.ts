import { describe, expect, it } from 'vitest';
import { SEARCH_ITERATORS_MAX } from '../../src/base/limits.ts';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import { IterationSchemas } from '../../src/server/iteration-schemas.ts';

const schemaOf = (version: number): CollectionSchema => ({
  name: 'c',
  description: '',
  fields: [],
  structs: [],
  enableDynamicField: false,
  lastFieldId: 100,
  version,
});
const collection = (version: number, updatedTimestamp = 5n) => ({
  ...{ id: 7, name: 'c', schema: schemaOf(version), updatedTimestamp },
});
const first = (moment: bigint) => ({ moment, isLater: false });
const later = (moment: bigint) => ({ moment, isLater: true });

describe('schemas of iterators', () => {
  it('are those that there were when the moment was met first', () => {
    const schemas = new IterationSchemas();
    expect(schemas.schemaAt(collection(1), first(10n)).version).toBe(1);
    expect(schemas.schemaAt(collection(2, 11n), later(10n)).version).toBe(1);
    expect(schemas.schemaAt(collection(2, 11n), first(12n)).version).toBe(2);
    expect(schemas.schemaAt({ ...collection(3), id: 8 }, first(10n)).version).toBe(3);
  });

  it('are refused to later pages when they are forgotten and the collection was altered', () => {
    const schemas = new IterationSchemas();
    expect(schemas.schemaAt(collection(1, 5n), later(10n)).version).toBe(1);
    expect(() => schemas.schemaAt(collection(2, 21n), later(20n))).toThrow(
      'the collection was altered after the first page of an iterator that is not known',
    );
  });

  it('are forgotten when many came after them', () => {
    const schemas = new IterationSchemas();
    for (let i = 0; i <= SEARCH_ITERATORS_MAX; i++) {
      schemas.schemaAt(collection(1), first(BigInt(100 + i)));
    }
    expect(schemas.schemaAt(collection(2), later(101n)).version).toBe(1);
    expect(schemas.schemaAt(collection(2), later(100n)).version).toBe(2);
  });
});
