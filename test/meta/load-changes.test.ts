import { describe, expect, it } from 'vitest';
import { loadStateOf } from '../../src/meta/catalog-snapshot.ts';
import { collection, openCatalog, ref, refusal } from './catalog-world.ts';

async function withPartitions() {
  const catalog = await openCatalog();
  await catalog.createCollection(collection('books'));
  for (const partitionName of ['a', 'b']) {
    await catalog.createPartition({ ...ref('books'), partitionName });
  }
  /** Names of the loaded partitions, and what the collection itself is. */
  const loaded = (): string => {
    const entry = catalog.snapshot.collection('', 'books');
    const names = [...entry.partitions.values()]
      .filter(({ id }) => loadStateOf(entry, id) === 'loaded')
      .map(({ name }) => name);
    return `${loadStateOf(entry)}: ${names.join(' ')}`;
  };
  const partitions = (...partitionNames: string[]) => ({ ...ref('books'), partitionNames });
  return { catalog, loaded, partitions };
}

describe('loading', () => {
  it('is of a whole collection, and of partitions that come later', async () => {
    const { catalog, loaded } = await withPartitions();
    expect(loaded()).toBe('not loaded: ');
    await catalog.loadCollection(ref('books'));
    expect(loaded()).toBe('loaded: _default a b');
    await catalog.createPartition({ ...ref('books'), partitionName: 'c' });
    expect(loaded()).toBe('loaded: _default a b c');
    await catalog.releaseCollection(ref('books'));
    expect(loaded()).toBe('not loaded: ');
  });

  it('is of partitions, one after the other, and of no later ones', async () => {
    const { catalog, loaded, partitions } = await withPartitions();
    await catalog.loadPartitions(partitions('a'));
    await catalog.loadPartitions(partitions('b', 'a'));
    expect(loaded()).toBe('loaded: a b');
    await catalog.createPartition({ ...ref('books'), partitionName: 'c' });
    expect(loaded()).toBe('loaded: a b');
    await catalog.loadCollection(ref('books'));
    expect(loaded()).toBe('loaded: _default a b c');
  });

  it('ends with the last partition that is released', async () => {
    const { catalog, loaded, partitions } = await withPartitions();
    await catalog.loadCollection(ref('books'));
    await catalog.releasePartitions(partitions('_default', 'a'));
    expect(loaded()).toBe('loaded: b');
    await catalog.releasePartitions(partitions('b'));
    expect(loaded()).toBe('not loaded: ');
  });

  it('writes nothing when it is so already', async () => {
    const { catalog, partitions } = await withPartitions();
    const { version } = catalog.snapshot;
    await catalog.releaseCollection(ref('books'));
    await catalog.releasePartitions(partitions('a'));
    expect(catalog.snapshot.version).toBe(version);
    await catalog.loadPartitions(partitions('a'));
    await catalog.loadPartitions(partitions('a'));
    await catalog.releasePartitions(partitions('b'));
    expect(catalog.snapshot.version).toBe(version + 1);
  });

  it('keeps replicas, fields and resource groups, which loading again changes', async () => {
    const { catalog } = await withPartitions();
    const wanted = { replicaCount: 2, loadFields: ['id'], resourceGroups: ['g'] };
    const { load } = await catalog.loadCollection({ ...ref('books'), ...wanted });
    expect(load).toMatchObject({ kind: 'collection', ...wanted });
    const again = await catalog.loadCollection({ ...ref('books'), replicaCount: 3 });
    expect(again.load).toMatchObject({ replicaCount: 3, loadFields: [], resourceGroups: [] });
  });

  it('is refused for what is not there', async () => {
    const { catalog, partitions } = await withPartitions();
    const missing = 'collection not found[database=default][collection=absent]';
    expect(await refusal(catalog.loadCollection(ref('absent')))).toBe(missing);
    expect(await refusal(catalog.releaseCollection(ref('absent')))).toBe(missing);
    const noPartition = 'partition not found[partition=absent]';
    expect(await refusal(catalog.loadPartitions(partitions('a', 'absent')))).toBe(noPartition);
    expect(await refusal(catalog.releasePartitions(partitions('absent')))).toBe(noPartition);
    expect(await refusal(catalog.loadPartitions(partitions()))).toBe(
      'invalid parameter[expected=any partition][actual=empty partition list]',
    );
    expect(await refusal(catalog.loadCollection({ ...ref('books'), replicaCount: 0 }))).toBe(
      'replica number should be a positive integer, but got 0: invalid parameter',
    );
  });
});
