import { describe, expect, it } from 'vitest';
import { GARBAGE_GRACE_MS } from '../../src/base/limits.ts';
import { directCalls } from '../../src/core/engine.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { createDocs, doc, DOCS, docs, tags } from '../suites/service-fixtures.ts';
import { type Between, memoryWorld, type ServiceWorld } from '../suites/service-world.ts';

interface Yard {
  readonly world: ServiceWorld;
  readonly disk: Disk;
}

async function openYard(between: Between = {}): Promise<Yard> {
  const made: { disk?: Disk } = {};
  const wrapDisk = (disk: Disk): Disk => {
    made.disk = disk;
    return disk;
  };
  const world = await memoryWorld(directCalls, { wrapDisk, ...between })();
  await createDocs(world.service);
  return { world, disk: made.disk! };
}

async function objectCount({ disk }: Yard): Promise<number> {
  return (await disk.list('segments')).length + (await disk.list('manifests')).length;
}

/** Lets so much time pass that maintenance collects, and gives it turns to do so. */
async function passTime({ world }: Yard, ms: number): Promise<void> {
  const { clock, service } = world;
  clock.advance(ms);
  await service.insert({ ...DOCS, rows: [doc(900)] });
  clock.advance(10_000);
  await turns();
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe('garbage collection', () => {
  it('removes what compaction replaced, after its grace time and not before', async () => {
    const yard = await openYard();
    const { service } = yard.world;
    for (let i = 0; i < 4; i++) {
      await service.insert({ ...DOCS, rows: docs(i * 5, i * 5 + 5) });
      await service.flush(DOCS);
    }
    await service.compact(DOCS);
    const before = await objectCount(yard);
    await passTime(yard, 11 * 60_000);
    expect(await objectCount(yard)).toBeGreaterThanOrEqual(before);
    await passTime(yard, GARBAGE_GRACE_MS);
    const after = await objectCount(yard);
    expect(after).toBeLessThan(before / 2);
    expect(await service.count(DOCS)).toBe(21);
    expect(await (await yard.world.reopen()).count(DOCS)).toBe(21);
  });

  it.each<[string, boolean]>([
    ['keeps what readers of other processes pinned, and nothing else', true],
    ['removes nothing while a reader does not say what it reads', false],
  ])('%s', async (_name, isNamed) => {
    const pins: { manifests: readonly string[] | null } = { manifests: [] };
    const yard = await openYard({ pinnedManifests: async () => pins.manifests });
    const { service } = yard.world;
    for (let i = 0; i < 4; i++) {
      await service.insert({ ...DOCS, rows: docs(i * 5, i * 5 + 5) });
      await service.flush(DOCS);
    }
    const names = async (): Promise<string[]> => [
      ...(await yard.disk.list('segments')),
      ...(await yard.disk.list('manifests')),
    ];
    const [pinned = ''] = (await yard.disk.list('manifests')).toSorted().slice(-1);
    pins.manifests = isNamed ? [`manifests/${pinned}`] : null;
    const before = new Set(await names());
    await service.compact(DOCS);
    await passTime(yard, GARBAGE_GRACE_MS + 11 * 60_000);
    const kept = (await names()).filter((name) => before.has(name));
    // Three older manifests go; the segments of the fourth, and itself, stay.
    expect(kept.length).toBe(isNamed ? before.size - 3 : before.size);
    expect(kept).toContain(pinned);
    pins.manifests = [];
    await passTime(yard, GARBAGE_GRACE_MS);
    expect((await names()).filter((name) => before.has(name))).toEqual([]);
  });

  it('keeps what a snapshot was restored to while it looked', async () => {
    const midway: { run: (() => Promise<void>) | null } = { run: null };
    const yard = await openYard({
      pinnedManifests: async () => {
        const { run } = midway;
        midway.run = null;
        await run?.();
        return [];
      },
    });
    const { service } = yard.world;
    for (let i = 0; i < 4; i++) {
      await service.insert({ ...DOCS, rows: docs(i * 5, i * 5 + 5) });
      await service.flush(DOCS);
    }
    const named = { ...DOCS, snapshotName: 's' };
    const rest = { description: '', protectionSeconds: 0, flush: true };
    await service.snapshots.create({ ...named, ...rest });
    await service.compact(DOCS);
    midway.run = async () => {
      await service.snapshots.restore({ ...named, targetDatabaseName: '', targetName: 'copy' });
      await service.snapshots.drop(named);
    };
    await passTime(yard, GARBAGE_GRACE_MS + 11 * 60_000);
    expect(midway.run).toBeNull();
    const copy = { databaseName: '', collectionName: 'copy' };
    const again = await yard.world.reopen();
    await again.loadCollection(copy);
    expect((await again.query({ ...copy, filter: 'id >= 0' })).rows).toHaveLength(20);
  });

  it('comes by itself when nobody writes any more', async () => {
    const yard = await openYard();
    const { service, clock } = yard.world;
    for (let i = 0; i < 4; i++) {
      await service.insert({ ...DOCS, rows: docs(i * 5, i * 5 + 5) });
      await service.flush(DOCS);
    }
    await service.compact(DOCS);
    const before = await objectCount(yard);
    for (let minute = 0; minute < 75; minute++) {
      clock.advance(60_000);
      await turns();
    }
    expect(await objectCount(yard)).toBeLessThan(before / 2);
  });

  it('removes what a dropped collection left, and nothing of others', async () => {
    const yard = await openYard();
    const { service } = yard.world;
    const other = await createDocs(service, { name: 'other' });
    await service.insert({ ...other, rows: docs(0, 5) });
    await service.flush(other);
    await service.insert({ ...DOCS, rows: docs(0, 5) });
    await service.flush(DOCS);
    const before = await objectCount(yard);
    await service.dropCollection(other);
    await passTime(yard, GARBAGE_GRACE_MS + 60_000);
    expect(await objectCount(yard)).toBe(before / 2);
    expect(await tags(service, { filter: 'id < 3' })).toBe('0/0 1/0 2/0');
  });

  it('removes what was compacted just before its collection was dropped', async () => {
    const yard = await openYard();
    const { service } = yard.world;
    const other = await createDocs(service, { name: 'other' });
    const before = await objectCount(yard);
    for (let i = 0; i < 4; i++) {
      await service.insert({ ...other, rows: docs(i * 5, i * 5 + 5) });
      await service.flush(other);
    }
    await service.compact(other);
    await service.dropCollection(other);
    await passTime(yard, GARBAGE_GRACE_MS + 11 * 60_000);
    expect(await objectCount(yard)).toBe(before);
  });

  it('puts aside what has no name of ours', async () => {
    const yard = await openYard();
    const { service } = yard.world;
    await service.insert({ ...DOCS, rows: docs(0, 2) });
    await service.flush(DOCS);
    const file = await yard.disk.open('segments/notes.txt', 'create');
    await file.close();
    await passTime(yard, GARBAGE_GRACE_MS + 60_000);
    expect(await yard.disk.list('segments')).not.toContain('notes.txt');
    expect((await yard.disk.list('quarantine')).join()).toContain('notes');
  });
});
