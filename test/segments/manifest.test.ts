import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { crc32 } from '../../src/base/checksum.ts';
import {
  applyEdit,
  decodeManifest,
  emptyManifest,
  encodeManifest,
  type Manifest,
  type ManifestEdit,
  objectKeys,
  readManifest,
  writeManifest,
} from '../../src/segments/manifest.ts';
import type { DeleteReference } from '../../src/segments/segment-info.ts';
import { bytesOfObject, memoryStore, put } from './world.ts';
import { indexOf, infoOf } from './segment-infos.ts';

const at = (index: number) => ({ term: 1, sequence: 0, index });

function edit(more: Partial<ManifestEdit> = {}): ManifestEdit {
  return {
    add: [],
    remove: [],
    deletes: new Map(),
    checkpoint: at(9),
    timestamp: 1000n,
    schemaVersion: 1,
    ...more,
  };
}

function deletesOf(id: number, rowCount: number, timestamp: bigint): DeleteReference {
  return {
    key: `segments/${id}.del-${rowCount}`,
    byteLength: 50 + rowCount,
    checksum: 1,
    rowCount,
    timestamp,
  };
}

const first = applyEdit(emptyManifest(3, 4), edit({ add: [infoOf(1), infoOf(2)] }), 500);

describe('applyEdit', () => {
  it('adds segments and moves the checkpoint', () => {
    expect(first).toMatchObject({
      collectionId: 3,
      shardId: 4,
      version: 1,
      parentChecksum: 0,
      checkpoint: at(9),
      timestamp: 1000n,
    });
    expect(first.segments.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('replaces segments by others and remembers the objects that went', () => {
    const next = applyEdit(first, edit({ add: [infoOf(3, { level: 1 })], remove: [1, 2] }), 700);
    expect(next.segments.map(({ id }) => id)).toEqual([3]);
    expect(next.version).toBe(2);
    expect(next.parentChecksum).toBe(crc32(encodeManifest(first)));
    const keys = [...objectKeys(infoOf(1)), ...objectKeys(infoOf(2))];
    expect(next.dropped).toEqual(keys.map((key) => ({ key, sinceMs: 700 })));
    const later = applyEdit(next, edit({ forget: keys.slice(1) }), 800);
    expect(later.dropped).toEqual([{ key: keys[0], sinceMs: 700 }]);
  });

  it('gives segments new delete files and drops the old ones', () => {
    const one = applyEdit(first, edit({ deletes: new Map([[1, deletesOf(1, 5, 20n)]]) }), 700);
    expect(one.segments[0]).toMatchObject({ deletes: { rowCount: 5 }, byteLength: 1_000_055 });
    expect(one.dropped).toEqual([]);
    const two = applyEdit(one, edit({ deletes: new Map([[1, deletesOf(1, 8, 30n)]]) }), 800);
    expect(two.segments[0]).toMatchObject({ deletes: { rowCount: 8 }, byteLength: 1_000_058 });
    expect(two.dropped).toEqual([{ key: 'segments/1.del-5', sinceMs: 800 }]);
  });

  it('gives segments other indexes and drops the files of those they lose', () => {
    const [old, other] = [indexOf(1, 4), indexOf(1, 5, { indexId: 8 })];
    const one = applyEdit(first, edit({ indexes: new Map([[1, [old, other]]]) }), 700);
    expect(one.segments[0]).toEqual({ ...first.segments[0], indexes: [old, other] });
    expect(one.dropped).toEqual([]);
    expect(decodeManifest(encodeManifest(one), 'key')).toEqual(one);
    const fresh = indexOf(1, 6);
    const two = applyEdit(one, edit({ indexes: new Map([[1, [other, fresh]]]) }), 800);
    expect(two.segments[0]?.indexes).toEqual([other, fresh]);
    const keys = ['segments/1.idx-4', 'segments/1.idx-4.json'];
    expect(two.dropped).toEqual(keys.map((key) => ({ key, sinceMs: 800 })));
    const gone = applyEdit(two, edit({ remove: [1] }), 900).dropped.map(({ key }) => key);
    expect(gone).toEqual(expect.arrayContaining([fresh.image.key, other.descriptor.key]));
  });

  it('drops the new delete file of a segment that goes in the same step', () => {
    const deletes = new Map([[1, deletesOf(1, 5, 20n)]]);
    const next = applyEdit(first, edit({ remove: [1], deletes }), 700);
    expect(next.dropped.map(({ key }) => key)).toContain('segments/1.del-5');
  });

  it('never goes back and never contradicts itself', () => {
    const wrong: Array<[string, Partial<ManifestEdit>]> = [
      ['a checkpoint goes forward', { checkpoint: at(8) }],
      ['the timestamp of a manifest goes forward', { timestamp: 999n }],
      ['the schema version goes forward', { schemaVersion: 0 }],
      ['segment 2 is new', { add: [infoOf(2)] }],
      ['segment 7 is there to be removed', { remove: [7] }],
      ['segment 7 is there to have deletes', { deletes: new Map([[7, deletesOf(7, 1, 1n)]]) }],
      ['segment 7 is there to have indexes', { indexes: new Map([[7, []]]) }],
      ['segment 1 has an index once', { indexes: new Map([[1, [indexOf(1, 1), indexOf(1, 2)]]]) }],
      [
        'segment 1 has indexes of all its rows',
        { indexes: new Map([[1, [indexOf(1, 1, { rowCount: 999 })]]]) },
      ],
      ['segment 5 is covered', { add: [infoOf(5, { maxTimestamp: 1001n })] }],
      ['segment 5 has rows', { add: [infoOf(5, { rowCount: 0 })] }],
      ['segment 5 stands in a manifest once', { add: [infoOf(5), infoOf(5)] }],
      ['segment 5 has its timestamps in order', { add: [infoOf(5, { minTimestamp: 900n })] }],
      ['segment 1 has deletes of its rows', { deletes: new Map([[1, deletesOf(1, 1001, 1n)]]) }],
      ['belongs to one segment', { add: [infoOf(5, { objects: infoOf(1).objects })] }],
    ];
    for (const [message, change] of wrong) {
      expect(() => applyEdit(first, edit(change), 1), message).toThrow(AssertionError);
      expect(() => applyEdit(first, edit(change), 1)).toThrow(message);
    }
    const marked = applyEdit(first, edit({ deletes: new Map([[1, deletesOf(1, 5, 20n)]]) }), 700);
    for (const [message, reference] of [
      ['deletes go forward', deletesOf(1, 6, 19n)],
      ['a deleted row stays deleted', deletesOf(1, 4, 21n)],
      ['never written twice', deletesOf(1, 5, 21n)],
    ] as const) {
      expect(() => applyEdit(marked, edit({ deletes: new Map([[1, reference]]) }), 1)).toThrow(
        message,
      );
    }
    const dropped = applyEdit(first, edit({ remove: [1] }), 1);
    expect(() => applyEdit(dropped, edit({ add: [infoOf(1)] }), 1)).toThrow('is not dropped');
  });

  it('takes the newest schema of its segments', () => {
    expect(
      applyEdit(first, edit({ add: [infoOf(5, { schemaVersion: 4 })] }), 1).schemaVersion,
    ).toBe(4);
  });
});

describe('manifests', () => {
  it('come back from their bytes as they were', () => {
    const steps = fc.array(fc.tuple(fc.nat(3), fc.nat(20)), { maxLength: 12 });
    fc.assert(
      fc.property(steps, (list) => {
        let manifest: Manifest = emptyManifest(1, 2);
        let id = 0;
        for (const [i, [kind, value]] of list.entries()) {
          const present = manifest.segments.map((info) => info.id);
          const chosen = present[value % Math.max(1, present.length)];
          const base = { checkpoint: at(i), timestamp: 1000n + BigInt(i) };
          if (kind === 0 || chosen === undefined)
            manifest = applyEdit(manifest, edit({ ...base, add: [infoOf(++id)] }), i);
          else if (kind === 1)
            manifest = applyEdit(manifest, edit({ ...base, remove: [chosen] }), i);
          else {
            const deletes = new Map([[chosen, deletesOf(chosen, 100 + i, BigInt(i))]]);
            manifest = applyEdit(manifest, edit({ ...base, deletes }), i);
          }
          expect(decodeManifest(encodeManifest(manifest), 'key')).toEqual(manifest);
        }
      }),
    );
  });

  it('are written under a fresh key each time and read by reference', async () => {
    const store = memoryStore();
    const one = await writeManifest(store, first);
    const two = await writeManifest(store, first);
    expect(one.key).toMatch(/^manifests\/4-0000000001-/);
    expect(two.key).not.toBe(one.key);
    expect(await readManifest(store, one)).toEqual(first);
    expect(await readManifest(store, two)).toEqual(first);
    const read = await readManifest(store, one);
    for (const parent of [first, read]) {
      expect(applyEdit(parent, edit(), 600).parentChecksum).toBe(one.checksum);
    }
  });

  it('are refused when any byte is another, or when they are cut', async () => {
    const store = memoryStore();
    const reference = await writeManifest(store, first);
    const bytes = await bytesOfObject(store, reference.key);
    for (let i = 0; i < bytes.length; i += 3) {
      const damaged = bytes.slice();
      damaged[i]! ^= 4;
      const other = memoryStore();
      await put(other, reference.key, damaged);
      await expect(readManifest(other, reference)).rejects.toMatchObject({
        reason: 'DataIntegrity',
        fields: { key: reference.key },
      });
      expect(() => decodeManifest(damaged, 'key')).toThrow();
    }
    await put(memoryStore(), reference.key, bytes.subarray(1));
    await expect(readManifest(memoryStore(), reference)).rejects.toMatchObject({
      reason: 'DataIntegrity',
    });
  });

  it('of a newer format are refused with its number', () => {
    const text = Buffer.from(encodeManifest(first)).toString().replace('manifest 1', 'manifest 12');
    expect(() => decodeManifest(Buffer.from(text), 'manifests/4-1')).toThrow(
      'format is newer than this version reads[key=manifests/4-1][version=12][supported=1]',
    );
  });
});
