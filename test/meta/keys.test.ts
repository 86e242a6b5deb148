import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  aliasKey,
  clockKey,
  collectionKey,
  databaseKey,
  escapeName,
  indexKey,
  laneKey,
  loadKey,
  manifestKey,
  nameKey,
  partitionKey,
  shardOwnerKey,
} from '../../src/meta/keys.ts';

const name = fc.string({ unit: 'grapheme', maxLength: 30 });

it('gives different names different keys', () => {
  fc.assert(
    fc.property(name, name, fc.nat(9), fc.nat(9), (a, b, databaseA, databaseB) => {
      const same = a === b && databaseA === databaseB;
      expect(nameKey(databaseA, a) === nameKey(databaseB, b)).toBe(same);
      expect(aliasKey(databaseA, a) === aliasKey(databaseB, b)).toBe(same);
    }),
  );
});

it('lets no name look like structure', () => {
  fc.assert(
    fc.property(name, (text) => {
      expect(escapeName(text)).toMatch(/^[A-Za-z0-9_%-]*$/);
      expect(nameKey(1, text).split('/')).toHaveLength(5);
    }),
  );
});

it('leaves the names that Milvus allows as they are', () => {
  expect(nameKey(1, 'books_2024')).toBe('/c/name/1/books_2024');
  expect(escapeName('a/b %ü')).toBe('a%2Fb%20%25%C3%BC');
});

it('refuses half of a surrogate pair, which has no bytes of its own', () => {
  expect(() => escapeName('\ud800')).toThrow('well-formed');
});

it('keeps every kind of key apart', () => {
  const keys = [
    databaseKey(1),
    collectionKey(1, 2),
    nameKey(1, '2'),
    aliasKey(1, '2'),
    partitionKey(1, 2),
    indexKey(1, 2),
    loadKey(1),
    clockKey('1'),
    laneKey('1'),
    manifestKey(1, 2),
    shardOwnerKey(1, 2),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
