import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import type { CrashPoint } from './crash-point.ts';
import { journalMetaStore } from './journal-meta-store.ts';
import { type Fault, SimDisk } from './sim-disk.ts';
import { metaStoreSuite } from '../suites/meta-store-suite.ts';

const PATH = 'meta.journal';

metaStoreSuite({
  name: 'journal on the simulated disk',
  isDurable: true,
  place: async () => {
    const disk = new SimDisk();
    return { open: (readOnly = false) => journalMetaStore(disk, PATH, { readOnly }) };
  },
});

/** What a store says, as one text. */
async function contentOf(store: MetaStore): Promise<string> {
  const entries = await store.range('');
  return entries.map(({ key, value }) => `${key}=${Buffer.from(value).toString('hex')}`).join(' ');
}

/** Transaction `number` of a script: of many sizes, with removes. */
async function transact(store: MetaStore, number: number): Promise<void> {
  const value = Buffer.alloc((number * 311) % 1500, number);
  const removes = number % 3 === 2 ? [`/k/${number - 2}`] : [];
  const puts = [
    { key: `/k/${number}`, value },
    { key: '/last', value: Buffer.of(number) },
  ];
  await store.transact({ puts, removes });
}

describe('a crash of the journal', () => {
  it('leaves every acknowledged transaction, and at most the one under way, whole', async () => {
    const points: Array<{ point: CrashPoint; acknowledged: number }> = [];
    const contents: string[] = [];
    const disk: SimDisk = new SimDisk({
      beforeOperation: () =>
        points.push({ point: disk.capture(), acknowledged: contents.length - 1 }),
    });
    const store = await journalMetaStore(disk, PATH);
    contents.push(await contentOf(store));
    for (let number = 0; number < 12; number++) {
      await transact(store, number);
      contents.push(await contentOf(store));
    }
    const seen = new Set<string>();
    for (const { point, acknowledged } of points) {
      for (const state of point.states()) {
        if (seen.has(state.hash)) continue;
        seen.add(state.hash);
        const recovered = await journalMetaStore(new SimDisk({ image: state.image }), PATH);
        const allowed = contents.slice(Math.max(0, acknowledged), acknowledged + 2);
        expect(allowed, state.label).toContain(await contentOf(recovered));
      }
    }
    expect(seen.size).toBeGreaterThan(30);
  });

  it('during recovery is recovered from in turn', async () => {
    const disk = new SimDisk();
    const store = await journalMetaStore(disk, PATH);
    for (let number = 0; number < 3; number++) await transact(store, number);
    const expected = await contentOf(store);
    const torn = disk.bytesOf(PATH);
    for (let cut = 1; cut < 40; cut += 7) {
      const bytes = torn.slice(0, torn.length + 40 - cut);
      const image = {
        directories: new Set(['']),
        files: new Map([[PATH, { bytes, byteLength: bytes.length }]]),
      };
      const points: CrashPoint[] = [];
      const damaged: SimDisk = new SimDisk({
        image,
        beforeOperation: () => points.push(damaged.capture()),
      });
      await journalMetaStore(damaged, PATH);
      for (const state of points.flatMap((point) => [...point.states()])) {
        const again = await journalMetaStore(new SimDisk({ image: state.image }), PATH);
        expect(await contentOf(again), state.label).toBe(expected);
      }
    }
  });
});

describe('a failing disk under the journal', () => {
  it('never makes a store forget what it acknowledged or showed', async () => {
    const kinds = ['write', 'sync', 'truncate', 'read', 'stat', 'syncDirectory', 'create'] as const;
    const plan = fc.array(
      fc.record({
        after: fc.integer({ min: 0, max: 12 }),
        kind: fc.constantFrom(...kinds),
        fault: fc.constantFrom<Fault>(
          { reason: 'IoFailed' },
          { reason: 'DiskLimitExceeded', applied: 20 },
          { reason: 'IoFailed', applied: 'all' },
          { reason: 'IoFailed', loses: true },
        ),
      }),
      { maxLength: 5 },
    );
    const check = async (faults: readonly { after: number; kind: string; fault: Fault }[]) => {
      const left = [...faults];
      let calls = 0;
      const disk = new SimDisk({
        fault: ({ kind }) => {
          calls += 1;
          const at = left.findIndex((each) => each.kind === kind && each.after <= calls);
          return at === -1 ? null : (left.splice(at, 1)[0]?.fault ?? null);
        },
      });
      let store: MetaStore | null = null;
      let shown = '';
      for (let number = 0; number < 10; number++) {
        try {
          store ??= await journalMetaStore(disk, PATH);
          await transact(store, number);
        } catch (error) {
          expect(error).toHaveProperty('reason');
        }
        // Reading decides what became of it; a power loss afterwards does not change the answer.
        while (store !== null) {
          const content: string | null = await contentOf(store).catch(() => null);
          if (content === null) continue;
          shown = content;
          break;
        }
        const image = disk.capture().lost().image;
        const recovered = await journalMetaStore(new SimDisk({ image }), PATH);
        expect(await contentOf(recovered)).toBe(shown);
      }
      left.length = 0;
      store ??= await journalMetaStore(disk, PATH);
      await transact(store, 10);
      expect(await contentOf(store)).toContain('/last=0a');
    };
    await fc.assert(fc.asyncProperty(plan, check), { numRuns: 150 });
  });

  it('is told from a damaged one: no flipped bit takes an acknowledged transaction away', async () => {
    const disk = new SimDisk();
    const store = await journalMetaStore(disk, PATH);
    for (let number = 0; number < 4; number++) await transact(store, number);
    const expected = await contentOf(store);
    const bytes = disk.bytesOf(PATH);
    const image = disk.capture().kept().image;
    for (let bit = 0; bit < bytes.length * 8; bit += 13) {
      const damaged = new SimDisk({ image });
      damaged.flipBit(PATH, bit >> 3, bit & 7);
      const content = await journalMetaStore(damaged, PATH).then(
        (recovered) => contentOf(recovered),
        (error: unknown) => error,
      );
      if (bit >= 64) expect(content, `bit ${bit}`).toBe(expected);
      else expect(content).toMatchObject({ reason: 'DataIntegrity' });
    }
  });

  it('is refused when a frame in the middle is damaged in both halves', async () => {
    const disk = new SimDisk();
    const store = await journalMetaStore(disk, PATH);
    for (let number = 1; number < 5; number++) await transact(store, number);
    const half = 8 + 8 + 4 + (4 + 4 + 4 + 311) + (4 + 5 + 4 + 1) + 4;
    disk.flipBit(PATH, 8 + 30, 1);
    disk.flipBit(PATH, 8 + half + 30, 1);
    await expect(journalMetaStore(disk, PATH)).rejects.toMatchObject({
      reason: 'DataIntegrity',
      fields: { file: PATH, offset: 8 },
    });
  });
});
