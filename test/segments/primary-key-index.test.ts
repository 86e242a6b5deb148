import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { CheckedWriter } from '../../src/segments/checked-writer.ts';
import type { KeyFilter } from '../../src/segments/key-filter.ts';
import {
  filterOver,
  possibleKeys,
  PrimaryKeyIndex,
  writeKeyIndex,
} from '../../src/segments/primary-key-index.ts';
import type { KeyList } from '../../src/segments/segment.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { bytesOfObject, intKeys, memoryStore, textKeys } from './world.ts';

interface Stored {
  readonly filter: KeyFilter;
  readonly index: PrimaryKeyIndex;
  readonly bytes: Uint8Array;
}

async function stored(keys: KeyList, rowCount: number): Promise<Stored> {
  const store = memoryStore();
  const clock = new SimClock();
  const writer = await CheckedWriter.create(store, 'segments/1.keys', clock);
  const filterByteLength = await writeKeyIndex(writer, keys, clock);
  await writer.commit();
  const bytes = await bytesOfObject(store, 'segments/1.keys');
  return {
    filter: filterOver(bytes.subarray(0, filterByteLength)),
    index: PrimaryKeyIndex.over(keys.kind, rowCount, bytes.slice(filterByteLength)),
    bytes,
  };
}

describe('PrimaryKeyIndex', () => {
  it('finds every row of every key, whatever the order of the keys asked for', async () => {
    const value = fc.integer({ min: -60, max: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 150 }),
        fc.array(value, { maxLength: 40 }),
        fc.boolean(),
        async (values, wanted, isText) => {
          const listOf = (list: number[]) =>
            isText ? textKeys(...list.map((each) => `k${each}`)) : intKeys(...list);
          const { index, filter } = await stored(listOf(values), values.length);
          const expected = values.flatMap((each, row) => (wanted.includes(each) ? [row] : []));
          expect([...index.rowsOf(listOf(wanted))]).toEqual(expected);
          expect([...index.rowsOf(listOf(wanted.toSorted((a, b) => a - b)))]).toEqual(expected);
          expect(index.problem()).toBeNull();
          const possible = [...possibleKeys(filter, listOf(wanted))];
          for (const [i, each] of wanted.entries()) {
            if (values.includes(each)) expect(possible).toContain(i);
          }
        },
      ),
    );
  });

  it('tells an index that was written wrongly', async () => {
    const { bytes } = await stored(intKeys(1, 2, 3), 3);
    const body = bytes.slice(bytes.length - 64 - 12);
    const rows = new Uint32Array(body.buffer, 64, 3);
    rows.set([0, 0, 2]);
    expect(PrimaryKeyIndex.over('int64', 3, body).problem()).toBe('row 0 is not there once');
    rows.set([0, 1, 2]);
    new BigInt64Array(body.buffer, 0, 3).set([1n, 3n, 2n]);
    expect(PrimaryKeyIndex.over('int64', 3, body).problem()).toBe('key 2 is out of order');
  });

  it('refuses a filter part that is none', async () => {
    const { bytes } = await stored(intKeys(1), 1);
    expect(() => filterOver(new Uint8Array(64))).toThrow(MalformedBytes);
    expect(() => filterOver(bytes.subarray(0, 70))).toThrow(MalformedBytes);
    const newer = bytes.slice();
    newer[4] = 2;
    expect(() => filterOver(newer)).toThrow(
      expect.objectContaining({
        reason: 'FormatNotSupported',
        fields: { version: 2, supported: 1 },
      }),
    );
    newer[4] = 0;
    expect(() => filterOver(newer)).toThrow('format version is 0');
  });
});
