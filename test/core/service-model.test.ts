/** Any history of writes, flushes, compactions and reopenings answers as a map from keys to rows would. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directCalls } from '../../src/core/engine.ts';
import type { Service } from '../../src/core/service.ts';
import { encodedTransport } from '../suites/encoded-transport.ts';
import { createDocs, doc, DOCS } from '../suites/service-fixtures.ts';
import { memoryWorld, type ServiceWorld } from '../suites/service-world.ts';

type Step =
  | { readonly kind: 'insert' | 'upsert' | 'partial' | 'delete'; readonly keys: readonly number[] }
  | { readonly kind: 'insertHot'; readonly keys: readonly number[] }
  | { readonly kind: 'deleteRange'; readonly from: number; readonly length: number }
  | { readonly kind: 'flush' | 'compact' | 'reopen' | 'truncate' | 'addField' };

interface ModelRow {
  readonly tag: string;
  readonly size: number | null;
  /** Number of the write that put the vector there. */
  readonly x: number;
}

const KEYS = 12;
const keys = fc.uniqueArray(fc.nat({ max: KEYS - 1 }), { minLength: 1, maxLength: 5 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: keys.map((chosen): Step => ({ kind: 'insert', keys: chosen })) },
  { weight: 2, arbitrary: keys.map((chosen): Step => ({ kind: 'insertHot', keys: chosen })) },
  { weight: 4, arbitrary: keys.map((chosen): Step => ({ kind: 'upsert', keys: chosen })) },
  { weight: 2, arbitrary: keys.map((chosen): Step => ({ kind: 'partial', keys: chosen })) },
  { weight: 3, arbitrary: keys.map((chosen): Step => ({ kind: 'delete', keys: chosen })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ from: fc.nat({ max: KEYS }), length: fc.nat({ max: 4 }) })
      .map((range): Step => ({ kind: 'deleteRange', ...range })),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'flush' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'compact' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'reopen' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'truncate' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'addField' }) },
);

/** The database and the map that it must equal. */
class Pair {
  readonly #world: ServiceWorld;
  readonly #rows = new Map<number, ModelRow>();
  #version = 0;
  #fields = 0;

  constructor(world: ServiceWorld) {
    this.#world = world;
  }

  get #service(): Service {
    return this.#world.service;
  }

  async run(step: Step): Promise<void> {
    const version = ++this.#version;
    this.#world.clock.advance(1);
    switch (step.kind) {
      case 'insert':
      case 'insertHot':
      case 'upsert': {
        const rows = step.keys.map((key) => ({ ...doc(key, version), vector: [key, version] }));
        const partitionName = step.kind === 'insertHot' ? 'hot' : '_default';
        const request = { ...DOCS, rows, partitionName };
        await (step.kind === 'upsert'
          ? this.#service.upsert(request)
          : this.#service.insert(request));
        for (const key of step.keys) {
          this.#rows.set(key, { tag: `${key}/${version}`, size: version, x: version });
        }
        return;
      }
      case 'partial':
        return await this.#partial(step.keys, version);
      case 'delete':
        await this.#service.delete({ ...DOCS, ids: step.keys.map(BigInt) });
        for (const key of step.keys) this.#rows.delete(key);
        return;
      case 'deleteRange': {
        const until = step.from + step.length;
        const filter = `id >= ${step.from} and id < ${until}`;
        const { rowCount } = await this.#service.delete({ ...DOCS, filter });
        const gone = [...this.#rows.keys()].filter((key) => key >= step.from && key < until);
        expect(rowCount).toBe(gone.length);
        for (const key of gone) this.#rows.delete(key);
        return;
      }
      case 'flush':
        await this.#service.flush(DOCS);
        return;
      case 'compact':
        await this.#service.compact(DOCS);
        return;
      case 'truncate':
        await this.#service.truncateCollection(DOCS);
        this.#rows.clear();
        return;
      case 'addField': {
        const name = `extra_${this.#fields++}`;
        await this.#service.addField({ ...DOCS, field: { name, type: 'Int8', nullable: true } });
        return;
      }
      default:
        await this.#world.reopen();
    }
  }

  async #partial(chosen: readonly number[], version: number): Promise<void> {
    const known = chosen.filter((key) => this.#rows.has(key));
    if (known.length === 0) return;
    const rows = known.map((key) => ({ id: key, size: null, tag: `p${version}` }));
    await this.#service.upsert({ ...DOCS, rows, partial: true });
    for (const key of known) {
      const row = this.#rows.get(key)!;
      this.#rows.set(key, { ...row, size: null, tag: `p${version}` });
    }
  }

  async check(): Promise<void> {
    const expected = [...this.#rows]
      .toSorted(([a], [b]) => a - b)
      .map(([key, { tag, size, x }]) => ({
        id: BigInt(key),
        tag,
        size,
        vector: new Float32Array([key, x]),
      }));
    const outputFields = ['tag', 'size', 'vector'];
    const { rows } = await this.#service.query({ ...DOCS, filter: 'id >= 0', outputFields });
    expect(rows).toEqual(expected);
    expect(await this.#service.count(DOCS)).toBe(expected.length);
    const withoutSize = expected.filter(({ size }) => size === null).length;
    expect(await this.#service.count({ ...DOCS, filter: 'size is null' })).toBe(withoutSize);
    const { results } = await this.#service.search({
      ...DOCS,
      data: [0, this.#version],
      limit: KEYS,
      outputFields: ['tag'],
    });
    const distance = (row: { readonly vector: Float32Array }): number =>
      row.vector[0]! ** 2 + (row.vector[1]! - this.#version) ** 2;
    const nearest = expected.toSorted((a, b) => distance(a) - distance(b) || Number(a.id - b.id));
    expect(results[0]?.map(({ fields }) => fields['tag'])).toEqual(nearest.map(({ tag }) => tag));
  }
}

describe('any history of the service', () => {
  it.each([
    ['by direct calls', directCalls, 1],
    ['by direct calls on three shards', directCalls, 3],
    ['with encoded calls', encodedTransport(), 2],
  ])('answers as a map of rows would, %s', async (_name, transport, shardCount) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 25 }), async (steps) => {
        const world = await memoryWorld(transport)();
        await createDocs(world.service, { shardCount });
        await world.service.createPartition({ ...DOCS, partitionName: 'hot' });
        const pair = new Pair(world);
        for (const one of steps) await pair.run(one);
        await pair.check();
        await world.reopen();
        await pair.check();
      }),
      { numRuns: 40 },
    );
  });
});
