/** What every MetaStore does, whatever it keeps its entries in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { MilvusError } from '../../src/base/errors.ts';
import type { MetaEntry, MetaStore } from '../../src/meta/meta-store.ts';

/** A place where a store lives, and can be opened again after it was disposed. */
export interface MetaStorePlace {
  open(readOnly?: boolean): Promise<MetaStore>;
}

export interface MetaStoreImplementation {
  readonly name: string;
  /** False: nothing survives disposal, and there is no read-only opening. */
  readonly isDurable: boolean;
  /** A fresh, empty place. */
  place(): Promise<MetaStorePlace>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const keysOf = (entries: readonly MetaEntry[]): string[] => entries.map(({ key }) => key);
const put = (key: string, text: string): { key: string; value: Uint8Array } => ({
  key,
  value: bytes(text),
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => null,
    (error: unknown) => error,
  );
}

export function metaStoreSuite(implementation: MetaStoreImplementation): void {
  describe(`MetaStore: ${implementation.name}`, () => {
    readsAndWrites(implementation);
    holdsConditions(implementation);
    refusesMisuse(implementation);
    followsAModel(implementation);
    if (implementation.isDurable) survivesReopening(implementation);
  });
}

function readsAndWrites(implementation: MetaStoreImplementation): void {
  const fresh = async (): Promise<MetaStore> => await (await implementation.place()).open();

  it('answers null for a key that was never put', async () => {
    await using store = await fresh();
    expect(await store.get('/absent')).toBeNull();
    expect(await store.range('/')).toEqual([]);
  });

  it('reads back what was put, with the revision of its transaction', async () => {
    await using store = await fresh();
    const revision = await store.transact({ puts: [put('/a', 'one'), put('/b', '')] });
    expect(await store.get('/a')).toEqual({ key: '/a', value: bytes('one'), revision });
    expect(await store.get('/b')).toEqual({ key: '/b', value: bytes(''), revision });
  });

  it('gives later changes higher revisions, also after a remove', async () => {
    await using store = await fresh();
    const revisions = [
      await store.transact({ puts: [put('/a', '1')] }),
      await store.transact({ puts: [put('/a', '2')] }),
      await store.transact({ removes: ['/a'] }),
      await store.transact({ puts: [put('/a', '3')] }),
    ].map(Number);
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    expect((await store.get('/a'))?.revision).toBe(revisions[3]);
  });

  it('lists the entries of a prefix sorted by key and no others', async () => {
    await using store = await fresh();
    const keys = ['/a/2', '/a/10', '/a/~', '/a', '/ab', '/a/', '/b', '/a/1%2F'];
    await store.transact({ puts: keys.map((key) => put(key, key)) });
    const expected = keys.filter((key) => key.startsWith('/a/')).sort();
    expect(keysOf(await store.range('/a/'))).toEqual(expected);
    expect(keysOf(await store.range(''))).toEqual([...keys].sort());
  });

  it('removes keys, and does not mind those that are not there', async () => {
    await using store = await fresh();
    await store.transact({ puts: [put('/a', '1'), put('/b', '2')] });
    expect(await store.transact({ removes: ['/a', '/absent'] })).not.toBeNull();
    expect(keysOf(await store.range('/'))).toEqual(['/b']);
  });

  it('keeps its values when the caller changes the buffers it gave or got', async () => {
    await using store = await fresh();
    const given = bytes('safe');
    const pending = store.transact({ puts: [{ key: '/a', value: given }] });
    given.fill(0);
    await pending;
    const got = await store.get('/a');
    got?.value.fill(0);
    (await store.range('/'))[0]?.value.fill(0);
    expect((await store.get('/a'))?.value).toEqual(bytes('safe'));
  });
}

function holdsConditions(implementation: MetaStoreImplementation): void {
  const fresh = async (): Promise<MetaStore> => await (await implementation.place()).open();

  it('puts a key that must be absent once', async () => {
    await using store = await fresh();
    const create = { conditions: [{ key: '/a', revision: 0 }], puts: [put('/a', '1')] };
    expect(await store.transact(create)).not.toBeNull();
    expect(await store.transact(create)).toBeNull();
  });

  it('changes nothing when one of several conditions does not hold', async () => {
    await using store = await fresh();
    const revision = Number(await store.transact({ puts: [put('/a', '1'), put('/b', '1')] }));
    const outcome = await store.transact({
      conditions: [
        { key: '/a', revision },
        { key: '/b', revision: revision + 1 },
      ],
      puts: [put('/a', '2'), put('/c', '2')],
      removes: ['/b'],
    });
    expect(outcome).toBeNull();
    expect(keysOf(await store.range('/'))).toEqual(['/a', '/b']);
    expect((await store.get('/a'))?.value).toEqual(bytes('1'));
  });

  it('notices that a key was removed and put again', async () => {
    await using store = await fresh();
    const revision = Number(await store.transact({ puts: [put('/a', '1')] }));
    await store.transact({ removes: ['/a'] });
    await store.transact({ puts: [put('/a', '1')] });
    const stale = { conditions: [{ key: '/a', revision }], puts: [put('/a', '2')] };
    expect(await store.transact(stale)).toBeNull();
  });

  it('checks conditions alone', async () => {
    await using store = await fresh();
    expect(await store.transact({ conditions: [{ key: '/a', revision: 0 }] })).not.toBeNull();
    expect(await store.transact({ conditions: [{ key: '/a', revision: 7 }] })).toBeNull();
  });

  it('lets one of many racing compare-and-sets win', async () => {
    await using store = await fresh();
    const revision = Number(await store.transact({ puts: [put('/a', 'start')] }));
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, runner) =>
        store.transact({ conditions: [{ key: '/a', revision }], puts: [put('/a', `${runner}`)] }),
      ),
    );
    const winners = outcomes.flatMap((outcome, runner) => (outcome === null ? [] : [runner]));
    expect(winners).toHaveLength(1);
    expect((await store.get('/a'))?.value).toEqual(bytes(`${winners[0]}`));
  });
}

function refusesMisuse(implementation: MetaStoreImplementation): void {
  it('refuses a key named twice, an empty one, and one that is not printable ASCII', async () => {
    await using store = await (await implementation.place()).open();
    const misuses = [
      { puts: [put('/a', '1'), put('/a', '2')] },
      { puts: [put('/a', '1')], removes: ['/a'] },
      { puts: [put('', '1')] },
      { puts: [put('/ü', '1')] },
      { removes: ['/a b'] },
      { conditions: [{ key: '/a', revision: -1 }] },
    ];
    for (const misuse of misuses) {
      expect(await failure(store.transact(misuse))).toBeInstanceOf(AssertionError);
    }
    expect(await store.range('')).toEqual([]);
  });

  it('refuses every call after it was disposed, and may be disposed twice', async () => {
    const store = await (await implementation.place()).open();
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    const calls = [store.get('/a'), store.range('/'), store.transact({ puts: [put('/a', '1')] })];
    for (const call of calls) expect(await failure(call)).toMatchObject({ reason: 'Closed' });
  });
}

type Step = {
  readonly puts: ReadonlyArray<readonly [number, string]>;
  readonly removes: readonly number[];
  readonly condition: number | null;
  readonly isStale: boolean;
  readonly reopen: boolean;
};

const keyNumber = fc.nat({ max: 6 });
const step: fc.Arbitrary<Step> = fc.record({
  puts: fc.uniqueArray(fc.tuple(keyNumber, fc.string({ maxLength: 40 })), {
    maxLength: 3,
    selector: ([key]) => key,
  }),
  removes: fc.uniqueArray(keyNumber, { maxLength: 2 }),
  condition: fc.option(keyNumber),
  isStale: fc.boolean(),
  reopen: fc.boolean(),
});

function followsAModel(implementation: MetaStoreImplementation): void {
  it('agrees with a map after any sequence of transactions', async () => {
    const check = async (steps: readonly Step[]): Promise<void> => {
      const place = await implementation.place();
      let store = await place.open();
      const model = new Map<string, MetaEntry>();
      let last = 0;
      for (const { puts, removes, condition, isStale, reopen } of steps) {
        const changed = new Set(puts.map(([key]) => key));
        const conditionKey = `/k${condition}`;
        const actual = model.get(conditionKey)?.revision ?? 0;
        const holds = condition === null || !isStale;
        const outcome = await store.transact({
          conditions:
            condition === null
              ? []
              : [{ key: conditionKey, revision: isStale ? actual + 1 : actual }],
          puts: puts.map(([key, text]) => put(`/k${key}`, text)),
          removes: removes.filter((key) => !changed.has(key)).map((key) => `/k${key}`),
        });
        expect(outcome !== null).toBe(holds);
        if (outcome !== null) {
          expect(outcome).toBeGreaterThan(last);
          last = outcome;
          for (const key of removes) if (!changed.has(key)) model.delete(`/k${key}`);
          for (const [key, text] of puts) {
            model.set(`/k${key}`, { ...put(`/k${key}`, text), revision: outcome });
          }
        }
        if (reopen && implementation.isDurable) {
          await store[Symbol.asyncDispose]();
          store = await place.open();
        }
        const expected = [...model.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(await store.range('/')).toEqual(expected);
      }
      await store[Symbol.asyncDispose]();
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), check), { numRuns: 25 });
  });
}

function survivesReopening(implementation: MetaStoreImplementation): void {
  it('has the same entries and goes on with higher revisions after reopening', async () => {
    const place = await implementation.place();
    const first = await place.open();
    await first.transact({ puts: [put('/a', '1'), put('/b', '2')] });
    const removed = Number(await first.transact({ removes: ['/b'] }));
    const before = await first.range('/');
    await first[Symbol.asyncDispose]();
    await using second = await place.open();
    expect(await second.range('/')).toEqual(before);
    expect(Number(await second.transact({ puts: [put('/b', '3')] }))).toBeGreaterThan(removed);
  });

  it('reads and never writes when it is opened read-only', async () => {
    const place = await implementation.place();
    const writer = await place.open();
    await writer.transact({ puts: [put('/a', '1')] });
    await writer[Symbol.asyncDispose]();
    await using reader = await place.open(true);
    expect(keysOf(await reader.range('/'))).toEqual(['/a']);
    const refused = await failure(reader.transact({ puts: [put('/b', '1')] }));
    expect(refused).toMatchObject({ reason: 'ReadOnly' });
  });

  it('refuses to open read-only what was never created', async () => {
    const place = await implementation.place();
    expect(await failure(place.open(true))).toBeInstanceOf(MilvusError);
  });
}
