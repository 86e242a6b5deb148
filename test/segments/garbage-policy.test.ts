import { describe, expect, it } from 'vitest';
import { GARBAGE_GRACE_MS } from '../../src/base/limits.ts';
import { type GarbageSituation, planGarbage } from '../../src/segments/garbage-policy.ts';

const NOW = 1_800_000_000_000;
const OLD = NOW - GARBAGE_GRACE_MS;

function plan(keys: Record<string, number>, more: Partial<GarbageSituation> = {}) {
  const objects = Object.entries(keys).map(([key, modifiedMs]) => ({
    key,
    modifiedMs,
    byteLength: 1,
  }));
  return planGarbage({
    objects,
    reachable: new Set(),
    droppedSinceMs: new Map(),
    segmentIdFloor: 100,
    shardsInTheMaking: new Set([7]),
    nowMs: NOW,
    ...more,
  });
}

describe('planGarbage', () => {
  it('removes what nothing refers to, after the grace', () => {
    expect(plan({ 'segments/1.json': OLD, 'segments/2.vec-101.arrow': OLD + 1 }).remove).toEqual([
      'segments/1.json',
    ]);
    expect(plan({ 'manifests/4-0000000001-0.json': OLD }).remove.length).toBe(1);
  });

  it('keeps what is reachable or in the making, however old', () => {
    const reachable = new Set(['segments/1.keys']);
    expect(
      plan({ 'segments/1.keys': 0, 'segments/100.keys': 0, 'segments/99.keys': 0 }, { reachable })
        .remove,
    ).toEqual(['segments/99.keys']);
  });

  it('keeps manifests of shards in the making', () => {
    const keys = { 'manifests/7-0000000001-0.json': 0, 'manifests/8-0000000001-0.json': 0 };
    expect(plan(keys).remove).toEqual(['manifests/8-0000000001-0.json']);
  });

  it('counts from when an object was dropped, also one made by this process', () => {
    const droppedSinceMs = new Map([
      ['segments/1.keys', OLD + 1],
      ['segments/200.keys', OLD],
    ]);
    const found = plan({ 'segments/1.keys': 0, 'segments/200.keys': 0 }, { droppedSinceMs });
    expect(found.remove).toEqual(['segments/200.keys']);
  });

  it('removes nothing while the clock is behind', () => {
    expect(plan({ 'segments/1.json': NOW + 5 }).remove).toEqual([]);
  });

  it('puts aside what has no name of ours', () => {
    const found = plan({
      'segments/1.txt': OLD,
      'segments/notes': OLD,
      'manifests/old.json': OLD,
      'segments/x': NOW,
    });
    expect(found).toEqual({
      remove: [],
      quarantine: ['segments/1.txt', 'segments/notes', 'manifests/old.json'],
      forget: [],
    });
  });

  it('says which dropped objects are gone', () => {
    const droppedSinceMs = new Map([
      ['segments/1.keys', 0],
      ['segments/1.json', 0],
    ]);
    expect(plan({ 'segments/1.json': OLD }, { droppedSinceMs }).forget).toEqual([
      'segments/1.keys',
    ]);
  });
});
