/** Readers see whole batches and never go back in time, while others write, flush, compact and truncate. */
import { describe, expect, it } from 'vitest';
import { directCalls } from '../../src/core/engine.ts';
import type { Service } from '../../src/core/service.ts';
import { encodedTransport } from '../suites/encoded-transport.ts';
import { createDocs, DOCS } from '../suites/service-fixtures.ts';
import { directoryWorld, memoryWorld } from '../suites/service-world.ts';

const WRITERS = 3;
const ROWS_EACH = 8;
const ROUNDS = 25;

/** Writer w owns the keys from w * 100 on and gives all its rows one version a round. */
async function write(service: Service, writer: number): Promise<void> {
  for (let version = 1; version <= ROUNDS; version++) {
    const rows = Array.from({ length: ROWS_EACH }, (_, i) => ({
      id: writer * 100 + i,
      tag: `${version}`,
      size: version,
      vector: [writer, version],
    }));
    const request = { ...DOCS, rows };
    if (version % 3 === 0) await service.insert(request);
    else if (version % 3 === 1) await service.upsert(request);
    else {
      const partial = rows.map(({ id, tag, size, vector }) => ({ id, tag, size, vector }));
      await service.upsert({ ...DOCS, rows: partial, partial: true });
    }
  }
}

async function readUntil(service: Service, isDone: () => boolean): Promise<number> {
  const newest = new Map<number, number>();
  let reads = 0;
  while (!isDone()) {
    for (let writer = 0; writer < WRITERS; writer++) {
      const filter = `id >= ${writer * 100} and id < ${writer * 100 + 100}`;
      const { rows, timestamp } = await service.query({
        ...DOCS,
        filter,
        outputFields: ['tag', 'size'],
      });
      const versions = new Set(rows.map((row) => row['tag']));
      expect(versions.size, 'a batch is seen whole').toBeLessThanOrEqual(1);
      expect([0, ROWS_EACH]).toContain(rows.length);
      const version = Number(rows[0]?.['size'] ?? 0);
      expect(version, 'a reader never goes back').toBeGreaterThanOrEqual(newest.get(writer) ?? 0);
      newest.set(writer, version);
      const again = await service.query({
        ...DOCS,
        filter,
        outputFields: ['tag', 'size'],
        snapshotTimestamp: timestamp,
      });
      expect(again.rows, 'a snapshot stays as it was').toEqual(rows);
      const { results } = await service.search({
        ...DOCS,
        data: [writer, 0],
        limit: 100,
        filter,
        outputFields: ['tag'],
      });
      const hits = results[0] ?? [];
      expect([0, ROWS_EACH]).toContain(hits.length);
      expect(new Set(hits.map(({ fields }) => fields['tag'])).size).toBeLessThanOrEqual(1);
      reads++;
    }
  }
  return reads;
}

describe('many at once', () => {
  it.each([
    ['in memory', memoryWorld(directCalls)],
    ['with encoded calls', memoryWorld(encodedTransport())],
    ['in a directory', directoryWorld()],
  ])('see whole batches in order, %s', async (_name, open) => {
    const world = await open();
    const { service } = world;
    await createDocs(service);
    let done = false;
    const isDone = (): boolean => done;
    const keepHouse = async (): Promise<void> => {
      while (!done) {
        await service.flush(DOCS);
        await service.compact(DOCS);
      }
    };
    const others = [readUntil(service, isDone), readUntil(service, isDone), keepHouse()];
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(service, writer));
    await Promise.all(writers).finally(() => {
      done = true;
    });
    await Promise.all(others);
    const check = async (current: Service): Promise<void> => {
      expect(await current.count(DOCS)).toBe(WRITERS * ROWS_EACH);
      expect(await current.count({ ...DOCS, filter: `size == ${ROUNDS}` })).toBe(
        WRITERS * ROWS_EACH,
      );
    };
    await check(service);
    await check(await world.reopen());
  });
});
