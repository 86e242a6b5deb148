import { expect, it } from 'vitest';
import { databaseNameOf, loadStateOf, partitionOf } from '../../src/meta/catalog-snapshot.ts';
import { collection, openCatalog, ref } from './catalog-world.ts';

it('finds a collection by name and by alias, in the default database under two names', async () => {
  const catalog = await openCatalog();
  const created = await catalog.createCollection(collection('books'));
  await catalog.createAlias({ ...ref('books'), alias: 'current' });
  const { snapshot } = catalog;
  const found = snapshot.collection('', 'books');
  expect(found.record).toBe(created.record);
  expect(snapshot.collection('default', 'current')).toBe(found);
  expect(snapshot.findCollectionByName('', 'current')).toBeNull();
  expect(snapshot.findCollection('', 'absent')).toBeNull();
  expect(snapshot.recordById(created.record.id)).toBe(created.record);
  expect(snapshot.allCollections()).toEqual([found]);
  expect(databaseNameOf('')).toBe('default');
});

it('answers with Milvus’s words for what is not there', async () => {
  const { snapshot } = await openCatalog();
  expect(() => snapshot.collection('', 'books')).toThrow(
    'collection not found[database=default][collection=books]',
  );
  expect(() => snapshot.collection('', '')).toThrow('collection name should not be empty');
  expect(() => snapshot.collection('docs', 'books')).toThrow('database not found[database=docs]');
  expect(() => snapshot.listCollections('docs')).toThrow('database not found[database=docs]');
  expect(snapshot.findDatabase('docs')).toBeNull();
});

it('finds partitions and says which are loaded', async () => {
  const catalog = await openCatalog();
  await catalog.createCollection(collection('books'));
  const entry = await catalog.loadPartitions({ ...ref('books'), partitionNames: ['_default'] });
  const partition = partitionOf(entry, '_default');
  expect(loadStateOf(entry)).toBe('loaded');
  expect(loadStateOf(entry, partition.id)).toBe('loaded');
  expect(loadStateOf(entry, partition.id + 1)).toBe('not loaded');
  expect(() => partitionOf(entry, 'a')).toThrow('partition not found[partition=a]');
});

it('stays as it was when the catalog goes on', async () => {
  const catalog = await openCatalog();
  const before = catalog.snapshot;
  await catalog.createCollection(collection('books'));
  await catalog.createDatabase({ name: 'docs' });
  expect(before.listCollections('')).toEqual([]);
  expect(before.listDatabases()).toHaveLength(1);
  expect(catalog.snapshot.version).toBe(before.version + 2);
});
