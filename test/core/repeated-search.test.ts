/** Searches that come again and again, by filters that were seen before, while rows come, change and go. */
import { describe, expect, it } from 'vitest';
import { directCalls } from '../../src/core/engine.ts';
import type { Service } from '../../src/core/service.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import { encodedTransport } from '../suites/encoded-transport.ts';
import { GRAPH } from '../suites/index-fixtures.ts';
import { createDocs, DOCS } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const TUNING = { ...PRODUCTION_TUNING, indexRowsMin: 10 };
const IDS = 120;
const STEPS = 60;
const LIMIT = 12;

/** Two ids share a place, so that ties are common. */
const placeOf = (id: number): number => id >> 1;

interface Filter {
  readonly request: { readonly filter?: string; readonly parameters?: Record<string, number> };
  readonly accepts: (size: number) => boolean;
}

const FILTERS: readonly Filter[] = [
  { request: {}, accepts: () => true },
  { request: { filter: 'size < 2' }, accepts: (size) => size < 2 },
  { request: { filter: 'size < {n}', parameters: { n: 3 } }, accepts: (size) => size < 3 },
  { request: { filter: 'size < {n}', parameters: { n: 1 } }, accepts: (size) => size < 1 },
];

/** Sizes by id: what is there. */
type Model = ReadonlyMap<number, number>;

function expected(model: Model, { accepts }: Filter, at: number): string[] {
  return [...model]
    .filter(([, size]) => accepts(size))
    .map(([id]) => ({ id, cost: (placeOf(id) - at) ** 2 }))
    .sort((left, right) => left.cost - right.cost || left.id - right.id)
    .slice(0, LIMIT)
    .map(({ id }) => `${id}/${model.get(id)}`);
}

async function found(
  service: Service,
  filter: Filter,
  more: { readonly at: number; readonly snapshotTimestamp?: bigint },
): Promise<string[]> {
  const { at, ...moment } = more;
  const { results } = await service.search({
    ...DOCS,
    ...filter.request,
    ...moment,
    data: [[at, 0]],
    limit: LIMIT,
    outputFields: ['size'],
    params: { ef: 4 * IDS },
  });
  return (results[0] ?? []).map(({ id, fields }) => `${id}/${String(fields['size'])}`);
}

/** Numbers from a seed, below `most`. */
function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

async function change(
  service: Service,
  model: Map<number, number>,
  next: ReturnType<typeof numbers>,
) {
  const ids = Array.from({ length: 1 + next(20) }, () => next(IDS));
  const size = next(4);
  switch (next(6)) {
    case 0:
    case 1: {
      const rows = [...new Set(ids)].map((id) => ({
        id,
        tag: `${id}`,
        size,
        vector: [placeOf(id), 0],
      }));
      await service.upsert({ ...DOCS, rows });
      for (const id of ids) model.set(id, size);
      return;
    }
    case 2:
      await service.delete({ ...DOCS, ids: ids.map(BigInt) });
      for (const id of ids) model.delete(id);
      return;
    case 3: {
      const from = next(IDS);
      await service.delete({ ...DOCS, filter: `id >= ${from} and id < ${from + 8}` });
      for (let id = from; id < from + 8; id++) model.delete(id);
      return;
    }
    case 4:
      await service.flush(DOCS);
      return;
    default:
      if (next(3) === 0) await service.compact(DOCS);
  }
}

describe.each([
  { name: 'direct calls', transport: directCalls },
  { name: 'encoded calls', transport: encodedTransport() },
])('searches that are repeated, by $name', ({ transport }) => {
  it.each([1, 2, 3, 4])('see what is there, seed %i', async (seed) => {
    const { service } = await memoryWorld(transport, { tuning: TUNING })();
    await createDocs(service);
    await service.createIndex(GRAPH);
    const next = numbers(seed);
    const model = new Map<number, number>();
    const moments: Array<{ timestamp: bigint; model: Model }> = [];
    for (let step = 0; step < STEPS; step++) {
      await change(service, model, next);
      const at = next(IDS / 2) + 0.25 * next(2);
      for (const filter of FILTERS) {
        const wanted = expected(model, filter, at);
        for (let time = 0; time < 3; time++) {
          expect(await found(service, filter, { at })).toEqual(wanted);
        }
      }
      if (next(4) === 0) {
        moments.push({ timestamp: await service.allocateTimestamp(), model: new Map(model) });
      }
    }
    // The moments that compaction has left.
    const late = moments.slice(-3);
    await service.flush(DOCS);
    for (const { timestamp, model: then } of late) {
      for (const filter of FILTERS) {
        const moment = { at: 7, snapshotTimestamp: timestamp };
        const answer = await found(service, filter, moment).catch(() => null);
        if (answer !== null) expect(answer).toEqual(expected(then, filter, 7));
      }
    }
  });
});
