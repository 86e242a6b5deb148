import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import type { CollectionInfo } from '../../src/core/ports.ts';
import { horizonOf } from '../../src/core/shard-horizon.ts';
import { SnapshotLeases } from '../../src/core/snapshot-leases.ts';
import { createDocs, DOCS, docs, expectRefusal, tags } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';
import { SimClock } from '../sim/sim-clock.ts';

const ms = (milliseconds: number): bigint => BigInt(milliseconds) << 18n;

function collection(properties: Record<string, string>): CollectionInfo {
  return {
    schema: { fields: [] },
    properties,
    truncatedTimestamp: 0n,
  } as unknown as CollectionInfo;
}

describe('what compaction may take away', () => {
  it('is everything that is gone now, where nobody reads in the past', () => {
    const leases = new SnapshotLeases(new SimClock());
    const at = { until: ms(5000), nowMs: 9000 };
    const horizon = horizonOf(collection({}), leases, at);
    expect(horizon).toMatchObject({ deletedUntil: ms(5000), hasTtl: false, moment: ms(5000) });
    // A clock that was set back does not keep what is deleted.
    expect(horizonOf(collection({}), leases, { ...at, nowMs: 1000 }).deletedUntil).toBe(ms(5000));
  });

  it('is not what somebody reads, nor what the collection keeps', () => {
    const leases = new SnapshotLeases(new SimClock());
    const at = { until: ms(5000), nowMs: 9000 };
    const kept = { 'collection.retention.seconds': '6' };
    expect(horizonOf(collection(kept), leases, at).deletedUntil).toBe(ms(3000));
    leases.extend(ms(2000));
    expect(horizonOf(collection({}), leases, at).deletedUntil).toBe(ms(2000));
    const ttl = { 'collection.ttl.seconds': '1' };
    const horizon = horizonOf(collection(ttl), leases, at);
    expect(horizon).toMatchObject({ expiredBefore: ms(1000), hasTtl: true, moment: ms(2000) });
  });
});

describe('a collection that keeps its past', () => {
  const HOUR_MS = 60 * 60 * 1000;

  it('is read at any moment of it, whatever is deleted, compacted and opened again', async () => {
    const world = await memoryWorld()();
    const { clock } = world;
    let { service } = world;
    await createDocs(service, { properties: { 'collection.retention.seconds': 7200 } });
    const moments: bigint[] = [];
    for (let hour = 0; hour < 4; hour++) {
      await service.insert({ ...DOCS, rows: docs(hour * 4, hour * 4 + 4) });
      await service.flush(DOCS);
      await service.delete({ ...DOCS, filter: `id >= ${hour * 4} and id < ${hour * 4 + 3}` });
      moments.push(await service.allocateTimestamp());
      await service.delete({ ...DOCS, ids: [BigInt(hour * 4 + 3)] });
      clock.advance(HOUR_MS);
      await service.flush(DOCS);
      await service.compact(DOCS);
      service = await world.reopen();
    }
    expect(await tags(service)).toBe('');
    const [, , third = 0n, fourth = 0n] = moments;
    expect(await tags(service, { snapshotTimestamp: fourth })).toBe('15/0');
    expect(await tags(service, { snapshotTimestamp: third })).toBe('11/0');
    const [first = 0n] = moments;
    const past = tags(service, { snapshotTimestamp: first });
    await expectRefusal(past, milvusError('SnapshotExpired').code, 'too long ago');
    // What is past keeping is taken away.
    clock.advance(3 * HOUR_MS);
    await service.compact(DOCS);
    const [state] = await service.shardStates(DOCS);
    expect(state?.segments).toEqual([]);
  });

  it('says in seconds for how long', async () => {
    const { service } = await memoryWorld()();
    const properties = { 'collection.retention.seconds': '-1' };
    await expectRefusal(createDocs(service, { properties }), 1100, 'out of range, expect [0, ');
  });
});
