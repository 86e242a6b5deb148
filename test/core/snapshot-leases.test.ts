import { describe, expect, it } from 'vitest';
import { SNAPSHOT_LEASE_MS, SnapshotLeases } from '../../src/core/snapshot-leases.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { createDocs, DOCS, docs, expectRefusal, tags } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

describe('snapshot leases', () => {
  it('hold deletes back to the oldest moment that is in use', () => {
    const leases = new SnapshotLeases(new SimClock());
    expect(leases.horizon(50n)).toBe(50n);
    leases.extend(30n);
    leases.extend(20n);
    leases.extend(70n);
    expect(leases.horizon(50n)).toBe(20n);
  });

  it('end when they are not used again', () => {
    const clock = new SimClock();
    const leases = new SnapshotLeases(clock);
    leases.extend(20n);
    leases.extend(30n);
    clock.advance(SNAPSHOT_LEASE_MS);
    leases.extend(30n);
    clock.advance(1);
    expect(leases.horizon(50n)).toBe(30n);
    clock.advance(SNAPSHOT_LEASE_MS);
    expect(leases.horizon(50n)).toBe(50n);
  });

  it('do not notice that the wall clock jumps', () => {
    const clock = new SimClock();
    const leases = new SnapshotLeases(clock);
    leases.extend(20n);
    clock.jump(10 * SNAPSHOT_LEASE_MS);
    expect(leases.horizon(50n)).toBe(20n);
  });

  it('are bounded in number: the one that was not used longest goes', () => {
    const leases = new SnapshotLeases(new SimClock());
    for (let i = 1n; i <= 1024n; i++) leases.extend(i);
    leases.extend(1n);
    leases.extend(5000n);
    expect(leases.horizon(9000n)).toBe(1n);
    for (let i = 6000n; i < 7024n; i++) leases.extend(i);
    expect(leases.horizon(9000n)).toBe(6000n);
  });

  it('refuse moments from before what is gone', () => {
    const leases = new SnapshotLeases(new SimClock());
    leases.check(0n);
    leases.raiseFloor(40n);
    leases.raiseFloor(30n);
    leases.check(40n);
    expect(() => leases.check(39n)).toThrow('the moment to read at is too long ago[timestamp=39]');
  });
});

describe('a moment in the past', () => {
  it.each([1, 2])(
    'is refused when the collection was truncated since, %i shards',
    async (shardCount) => {
      const { service } = await memoryWorld()();
      await createDocs(service, { shardCount });
      await service.insert({ ...DOCS, rows: docs(0, 5) });
      const early = { snapshotTimestamp: await service.allocateTimestamp() };
      expect(await service.count({ ...DOCS, ...early })).toBe(5);
      await service.truncateCollection(DOCS);
      await expectRefusal(service.count({ ...DOCS, ...early }), 12_005, 'too long ago');
      await expectRefusal(tags(service, early), 12_005, 'too long ago');
      const search = { ...DOCS, ...early, data: [0, 0], limit: 1 };
      await expectRefusal(service.search(search), 12_005, 'too long ago');
      const { timestamp } = await service.query({ ...DOCS, limit: 1 });
      expect(await tags(service, { snapshotTimestamp: timestamp })).toBe('');
    },
  );

  it.each([1, 2])(
    'is refused when a partition was dropped since, %i shards',
    async (shardCount) => {
      const { service } = await memoryWorld()();
      await createDocs(service, { shardCount });
      const hot = { ...DOCS, partitionName: 'hot' };
      await service.createPartition(hot);
      await service.loadPartitions({ ...DOCS, partitionNames: ['hot'] });
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      await service.insert({ ...hot, rows: docs(3, 5) });
      const early = { snapshotTimestamp: await service.allocateTimestamp() };
      expect(await service.count({ ...DOCS, ...early })).toBe(5);
      await service.releasePartitions({ ...DOCS, partitionNames: ['hot'] });
      await service.dropPartition(hot);
      await expectRefusal(service.count({ ...DOCS, ...early }), 12_005, 'too long ago');
      const { timestamp } = await service.query({ ...DOCS, limit: 1 });
      expect(await tags(service, { snapshotTimestamp: timestamp })).toBe('0/0 1/0 2/0');
    },
  );
});
