import { describe, expect, it } from 'vitest';
import { PARTITION_COUNT_MAX } from '../../src/base/limits.ts';
import { collection, keyedSchema, openCatalog, ref, refusal } from './catalog-world.ts';

const partition = (partitionName: string, name = 'books') => ({ ...ref(name), partitionName });

async function withBooks() {
  const catalog = await openCatalog();
  await catalog.createCollection(collection('books'));
  const partitionNames = (): string[] => [
    ...catalog.snapshot.collection('', 'books').partitions.keys(),
  ];
  return { catalog, partitionNames };
}

describe('partitions', () => {
  it('are created, listed in order and dropped', async () => {
    const { catalog, partitionNames } = await withBooks();
    const first = await catalog.createPartition(partition('2024-a'));
    await catalog.createPartition(partition(' b '));
    expect(partitionNames()).toEqual(['_default', '2024-a', 'b']);
    expect(await catalog.dropPartition(partition('2024-a'))).toEqual(first);
    expect(partitionNames()).toEqual(['_default', 'b']);
    expect((await catalog.createPartition(partition('2024-a'))).id).toBeGreaterThan(first.id);
  });

  it('may be created again and dropped when they are not there', async () => {
    const { catalog } = await withBooks();
    const first = await catalog.createPartition(partition('a'));
    const { version } = catalog.snapshot;
    expect(await catalog.createPartition(partition('a'))).toEqual(first);
    expect(await catalog.dropPartition(partition('absent'))).toBeNull();
    expect(catalog.snapshot.version).toBe(version);
  });

  it('are refused by name and collection', async () => {
    const { catalog } = await withBooks();
    const create = (name: string) => refusal(catalog.createPartition(partition(name)));
    expect(await create('')).toContain('Partition name should not be empty.');
    expect(await create('$a')).toContain('Invalid partition name: $a.');
    expect(await refusal(catalog.createPartition(partition('a', 'absent')))).toBe(
      'collection not found[database=default][collection=absent]',
    );
    expect(await refusal(catalog.dropPartition(partition('a', 'absent')))).toContain('not found');
  });

  it('keep the default one', async () => {
    const { catalog } = await withBooks();
    expect(await refusal(catalog.dropPartition(partition('_default')))).toBe(
      'default partition cannot be deleted: invalid parameter',
    );
  });

  it('are not dropped while they are loaded', async () => {
    const { catalog, partitionNames } = await withBooks();
    await catalog.createPartition(partition('a'));
    await catalog.loadCollection(ref('books'));
    expect(await refusal(catalog.dropPartition(partition('a')))).toBe(
      'partition cannot be dropped, partition is loaded, please release it first: invalid parameter',
    );
    await catalog.releasePartitions({ ...ref('books'), partitionNames: ['a'] });
    await catalog.dropPartition(partition('a'));
    expect(partitionNames()).toEqual(['_default']);
  });

  it('are the system’s with a partition key', async () => {
    const { catalog } = await withBooks();
    await catalog.createCollection(collection('keyed', { schema: keyedSchema('keyed') }));
    expect(await refusal(catalog.createPartition(partition('a', 'keyed')))).toBe(
      'disable create partition if partition key mode is used: invalid parameter',
    );
    expect(await refusal(catalog.dropPartition(partition('_default_1', 'keyed')))).toBe(
      'disable drop partition if partition key mode is used: invalid parameter',
    );
    const named = { ...ref('keyed'), partitionNames: ['_default_1'] };
    expect(await refusal(catalog.loadPartitions(named))).toBe(
      'disable load partitions if partition key mode is used: invalid parameter',
    );
    expect(await refusal(catalog.releasePartitions(named))).toBe(
      'disable release partitions if partition key mode is used: invalid parameter',
    );
  });

  it('are at most 1024', async () => {
    const { catalog, partitionNames } = await withBooks();
    for (let i = 1; i < PARTITION_COUNT_MAX; i++) await catalog.createPartition(partition(`p${i}`));
    expect(partitionNames()).toHaveLength(PARTITION_COUNT_MAX);
    expect(await refusal(catalog.createPartition(partition('more')))).toBe(
      'partition number (1024) exceeds max configuration (1024), collection: books: invalid parameter',
    );
    await catalog.createPartition(partition('p5'));
  });
});
