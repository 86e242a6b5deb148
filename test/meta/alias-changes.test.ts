import { describe, expect, it } from 'vitest';
import { collection, openCatalog, ref, refusal } from './catalog-world.ts';

const alias = (name: string, collectionName: string) => ({ ...ref(collectionName), alias: name });

async function withTwo() {
  const catalog = await openCatalog();
  await catalog.createCollection(collection('books'));
  await catalog.createCollection(collection('texts'));
  const listed = (collectionName: string | null = null): string[] =>
    catalog.snapshot.listAliases('', collectionName).map((record) => record.alias);
  return { catalog, listed };
}

describe('aliases', () => {
  it('stand for a collection, move to another and are dropped', async () => {
    const { catalog, listed } = await withTwo();
    await catalog.createAlias(alias('current', 'books'));
    await catalog.createAlias(alias('latest', 'books'));
    expect(catalog.snapshot.collection('', 'current').record.schema.name).toBe('books');
    expect(catalog.snapshot.collection('', 'books').aliases).toEqual(['current', 'latest']);
    await catalog.alterAlias(alias('current', 'texts'));
    expect(catalog.snapshot.collection('', 'current').record.schema.name).toBe('texts');
    expect(catalog.snapshot.collection('', 'books').aliases).toEqual(['latest']);
    expect(listed('texts')).toEqual(['current']);
    await catalog.dropAlias({ databaseName: '', alias: 'current' });
    expect(catalog.snapshot.findCollection('', 'current')).toBeNull();
    expect(listed()).toEqual(['latest']);
  });

  it('may be created and moved again to where they are', async () => {
    const { catalog } = await withTwo();
    await catalog.createAlias(alias('current', 'books'));
    const { version } = catalog.snapshot;
    await catalog.createAlias(alias('current', 'books'));
    await catalog.alterAlias(alias('current', 'books'));
    expect(catalog.snapshot.version).toBe(version);
  });

  it('conflict with collections and with each other', async () => {
    const { catalog } = await withTwo();
    await catalog.createAlias(alias('current', 'books'));
    const conflict = 'alias and collection name conflict[database=default][alias=texts]';
    expect(await refusal(catalog.createAlias(alias('texts', 'books')))).toBe(conflict);
    expect(await refusal(catalog.alterAlias(alias('texts', 'books')))).toBe(conflict);
    expect(await refusal(catalog.createAlias(alias('current', 'texts')))).toBe(
      'current is alias to another collection: books: alias already exist[database=default][alias=current]',
    );
  });

  it('are refused by name, and for what is not there', async () => {
    const { catalog } = await withTwo();
    expect(await refusal(catalog.createAlias(alias('', 'books')))).toContain(
      'collection alias should not be empty',
    );
    expect(await refusal(catalog.createAlias(alias('1', 'books')))).toContain(
      'Invalid collection alias: 1. the first character of a collection alias must be',
    );
    expect(await refusal(catalog.createAlias(alias('a', 'absent')))).toBe(
      'collection not found[database=default][collection=absent]',
    );
    expect(await refusal(catalog.alterAlias(alias('a', 'absent')))).toBe(
      'collection not found[collection=absent]',
    );
    const missing = 'alias not found[database=default][alias=a]';
    expect(await refusal(catalog.alterAlias(alias('a', 'books')))).toBe(missing);
    expect(await refusal(catalog.dropAlias({ databaseName: 'default', alias: 'a' }))).toBe(missing);
    expect(() => catalog.snapshot.alias('', 'a')).toThrow(missing);
    expect(() => catalog.snapshot.listAliases('', 'absent')).toThrow(
      'collection not found[collection=absent]',
    );
    expect(() => catalog.snapshot.listAliases('absent', null)).toThrow('database not found');
  });

  it('stand for collections only, not for each other', async () => {
    const { catalog } = await withTwo();
    await catalog.createAlias(alias('current', 'books'));
    expect(await refusal(catalog.createAlias(alias('other', 'current')))).toBe(
      'collection not found[database=default][collection=current]',
    );
  });

  it('are apart in each database', async () => {
    const { catalog, listed } = await withTwo();
    await catalog.createDatabase({ name: 'docs' });
    await catalog.createCollection(collection('papers', { databaseName: 'docs' }));
    await catalog.createAlias(alias('current', 'books'));
    await catalog.createAlias({ ...ref('papers', 'docs'), alias: 'current' });
    expect(catalog.snapshot.collection('docs', 'current').record.schema.name).toBe('papers');
    expect(listed()).toEqual(['current']);
  });
});
