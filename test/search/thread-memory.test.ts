import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { THREAD_MEMORY_BYTES_MAX } from '../../src/base/limits.ts';
import { collectGarbage, namedMemory, SeenMemory } from '../../src/search/thread-memory.ts';

const HALF = THREAD_MEMORY_BYTES_MAX / 2;

function counted(): { readonly seen: SeenMemory; readonly collections: () => number } {
  let count = 0;
  const seen = new SeenMemory(() => {
    count++;
  });
  return { seen, collections: () => count };
}

describe('the memory that a thread has seen', () => {
  it('is collected before the next task when more than a bound of it was new', () => {
    const { seen, collections } = counted();
    seen.see([{ name: 1, byteLength: HALF }]);
    seen.see([{ name: 2, byteLength: HALF }]);
    seen.see([{ name: 3, byteLength: 1 }]);
    expect(collections()).toBe(0);
    seen.see([]);
    expect(collections()).toBe(1);
    seen.see([{ name: 4, byteLength: HALF * 3 }]);
    expect(collections()).toBe(1);
    seen.see([]);
    expect(collections()).toBe(2);
  });

  it('is not new when it was seen before', () => {
    const { seen, collections } = counted();
    for (let task = 0; task < 100; task++) {
      seen.see([
        { name: 1, byteLength: HALF },
        { name: 2, byteLength: HALF },
      ]);
    }
    expect(collections()).toBe(0);
  });

  it('counts what a task made', () => {
    const { seen, collections } = counted();
    seen.made(HALF * 3);
    seen.see([]);
    expect(collections()).toBe(1);
  });

  it('has one name wherever it is looked at from', () => {
    const buffer = new SharedArrayBuffer(64);
    const [whole, part] = namedMemory(new Uint8Array(buffer), new Float32Array(buffer, 16, 2));
    expect(whole).toEqual({ name: part?.name, byteLength: 64 });
    const [other] = namedMemory(new Uint8Array(64));
    expect(other?.name).not.toBe(whole?.name);
  });
});

it('collects what nobody holds', async () => {
  const held = new WeakRef(new SharedArrayBuffer(1024));
  // What was made in this turn of the event loop is held until it ends.
  await setTimeout(0);
  collectGarbage();
  expect(held.deref()).toBeUndefined();
});
