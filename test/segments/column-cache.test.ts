import { describe, expect, it } from 'vitest';
import { ColumnCache, type Loaded } from '../../src/segments/column-cache.ts';

/** A cache and a record of what was loaded. */
function world(byteLengthMax: number) {
  const cache = new ColumnCache(byteLengthMax);
  const loads: string[] = [];
  const acquire = async (owner: number, name: string, byteLength = 10) =>
    await cache.acquire(owner, name, async (): Promise<Loaded<string>> => {
      loads.push(`${owner}/${name}`);
      return { value: `${owner}/${name}`, byteLength };
    });
  const use = async (owner: number, name: string, byteLength = 10): Promise<void> => {
    (await acquire(owner, name, byteLength)).release();
  };
  return { cache, loads, acquire, use };
}

describe('ColumnCache', () => {
  it('loads a value once, also for those who ask at the same time', async () => {
    const { loads, acquire } = world(100);
    const leases = await Promise.all([acquire(1, 'a'), acquire(1, 'a')]);
    expect(leases.map(({ value }) => value)).toEqual(['1/a', '1/a']);
    for (const lease of leases) lease.release();
    await acquire(1, 'a');
    expect(loads).toEqual(['1/a']);
  });

  it('forgets one value, also one that is in use or being loaded', async () => {
    const { cache, loads, acquire, use } = world(100);
    await use(1, 'a');
    await use(1, 'b');
    cache.forget(1, 'a');
    cache.forget(1, 'none');
    expect(cache.byteLength).toBe(10);
    const held = acquire(1, 'c');
    cache.forget(1, 'c');
    expect((await held).value).toBe('1/c');
    (await held).release();
    expect(cache.byteLength).toBe(10);
    await use(1, 'b');
    await use(1, 'a');
    expect(loads).toEqual(['1/a', '1/b', '1/c', '1/a']);
  });

  it('shows what is there without loading, which counts as use', async () => {
    const { cache, loads, acquire, use } = world(25);
    expect(cache.peek(1, 'a')).toBeUndefined();
    const loading = acquire(1, 'a');
    expect(cache.peek(1, 'a')).toBeUndefined();
    (await loading).release();
    expect(cache.peek(1, 'a')).toBe('1/a');
    await use(1, 'b');
    expect(cache.peek(1, 'a')).toBe('1/a');
    await use(1, 'c');
    expect(cache.peek(1, 'b')).toBeUndefined();
    expect(cache.peek(1, 'a')).toBe('1/a');
    expect(loads).toEqual(['1/a', '1/b', '1/c']);
    cache.drop(1);
    expect(cache.peek(1, 'a')).toBeUndefined();
  });

  it('drops what was not used for longest', async () => {
    const { cache, loads, use } = world(25);
    await use(1, 'a');
    await use(1, 'b');
    await use(1, 'a');
    await use(2, 'c');
    expect(cache.byteLength).toBe(20);
    await use(1, 'a');
    await use(1, 'b');
    expect(loads).toEqual(['1/a', '1/b', '2/c', '1/b']);
  });

  it('keeps what is in use, and lets it go with the last lease', async () => {
    const { cache, loads, acquire, use } = world(15);
    const one = await acquire(1, 'a');
    const two = await acquire(1, 'a');
    await use(1, 'b');
    expect(cache.byteLength).toBe(10);
    one.release();
    one.release();
    const big = await acquire(1, 'c', 100);
    expect(cache.byteLength).toBe(110);
    two.release();
    expect(cache.byteLength).toBe(100);
    big.release();
    expect(cache.byteLength).toBe(0);
    await use(1, 'a');
    expect(loads).toEqual(['1/a', '1/b', '1/c', '1/a']);
  });

  it('forgets a load that failed', async () => {
    const { cache, use } = world(100);
    const failing = cache.acquire(1, 'a', async () => await Promise.reject(new Error('damaged')));
    await expect(failing).rejects.toThrow('damaged');
    await use(1, 'a');
    expect(cache.byteLength).toBe(10);
  });

  it('forgets everything of one owner, what is loading included', async () => {
    const { cache, loads, acquire, use } = world(100);
    await use(1, 'a');
    await use(11, 'a');
    const loading = acquire(1, 'b');
    cache.drop(1);
    (await loading).release();
    expect(cache.byteLength).toBe(10);
    await use(1, 'b');
    await use(11, 'a');
    expect(loads).toEqual(['1/a', '11/a', '1/b', '1/b']);
  });
});
