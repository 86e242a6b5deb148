import { describe, expect, it } from 'vitest';
import { DATABASE_COUNT_MAX, PROPERTY_COUNT_MAX } from '../../src/base/limits.ts';
import { collection, openCatalog, ref, refusal } from './catalog-world.ts';

const names = (records: readonly { name: string }[]): string[] => records.map(({ name }) => name);

describe('databases', () => {
  it('are one at first, default, and those that were created', async () => {
    const catalog = await openCatalog();
    expect(catalog.snapshot.listDatabases()).toMatchObject([{ id: 1, name: 'default' }]);
    const created = await catalog.createDatabase({ name: 'docs', properties: { timezone: 'UTC' } });
    expect(created).toMatchObject({ id: 100, name: 'docs', properties: { timezone: 'UTC' } });
    expect(names(catalog.snapshot.listDatabases())).toEqual(['default', 'docs']);
    expect(catalog.snapshot.database('docs').record).toEqual(created);
    expect(catalog.snapshot.databaseName(100)).toBe('docs');
    expect(catalog.snapshot.databaseName(7)).toBe('');
  });

  it('are refused by their name', async () => {
    const catalog = await openCatalog();
    const create = (name: string) => refusal(catalog.createDatabase({ name }));
    expect(await create('default')).toBe('database already exist: default: invalid parameter');
    expect(await create('1a')).toBe(
      'the first character of a database name must be an underscore or letter: invalid database name[database=1a]',
    );
    expect(await create('')).toContain('invalid database name[database=]');
    await catalog.createDatabase({ name: 'docs' });
    expect(await create('docs')).toBe('database already exist: docs: invalid parameter');
  });

  it('are at most 64 beside the default one', async () => {
    const catalog = await openCatalog();
    for (let i = 0; i < DATABASE_COUNT_MAX; i++) await catalog.createDatabase({ name: `d${i}` });
    expect(await refusal(catalog.createDatabase({ name: 'more' }))).toBe(
      'exceeded the limit number of database[limit=64]',
    );
    await catalog.dropDatabase({ name: 'd7' });
    await catalog.createDatabase({ name: 'more' });
    expect(catalog.snapshot.listDatabases()).toHaveLength(DATABASE_COUNT_MAX + 1);
  });

  it('are dropped when they are empty, but for the default one', async () => {
    const catalog = await openCatalog();
    await catalog.createDatabase({ name: 'docs' });
    await catalog.createCollection(collection('books', { databaseName: 'docs' }));
    const drop = (name: string) => refusal(catalog.dropDatabase({ name }));
    expect(await drop('12-s')).toBe(
      'the first character of a database name must be an underscore or letter: invalid database name[database=12-s]',
    );
    const cannot = 'can not drop default database: invalid parameter';
    expect(await drop('default')).toBe(cannot);
    expect(await drop('')).toBe(cannot);
    expect(await drop('absent')).toBe('database not found[database=absent]');
    expect(await drop('docs')).toBe(
      'database:docs not empty, must drop all collections before drop database: invalid parameter',
    );
    await catalog.dropCollection(ref('books', 'docs'));
    await catalog.dropDatabase({ name: 'docs' });
    expect(names(catalog.snapshot.listDatabases())).toEqual(['default']);
  });

  it('never get the id of a dropped one', async () => {
    const catalog = await openCatalog();
    const first = await catalog.createDatabase({ name: 'docs' });
    await catalog.dropDatabase({ name: 'docs' });
    const second = await catalog.createDatabase({ name: 'docs' });
    expect(second.id).toBeGreaterThan(first.id);
  });

  it('have properties that are set or removed, one of the two', async () => {
    const catalog = await openCatalog();
    const alter = (change: { set?: Record<string, string>; remove?: string[] }) =>
      catalog.alterDatabase({ name: '', ...change });
    const set = { 'database.max.collections': '5', 'database.replica.number': '2' };
    expect((await alter({ set })).properties).toEqual(set);
    const { version } = catalog.snapshot;
    await alter({ set });
    expect(catalog.snapshot.version).toBe(version);
    const left = await alter({ remove: ['database.max.collections', 'absent'] });
    expect(left.properties).toEqual({ 'database.replica.number': '2' });
    expect(await refusal(alter({}))).toContain('no properties or delete keys provided');
    expect(await refusal(alter({ set, remove: ['a'] }))).toContain('at the same time');
    expect(await refusal(catalog.alterDatabase({ name: 'absent', set }))).toBe(
      'database not found[database=absent]',
    );
  });

  it('have no more properties than the limit, all changes together', async () => {
    const catalog = await openCatalog();
    const many = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${from + i}`, 'v']));
    await catalog.alterDatabase({ name: '', set: many(0, PROPERTY_COUNT_MAX) });
    expect(await refusal(catalog.alterDatabase({ name: '', set: { more: 'v' } }))).toBe(
      'at most 256 properties, but got 257: invalid parameter',
    );
  });
});
