import { describe, expect, it } from 'vitest';
import { BytesUnderWay } from '../../src/server/bytes-under-way.ts';

describe('bytes under way', () => {
  it('are bounded over all requests, and free again when a request is answered', async () => {
    const bytes = new BytesUnderWay(100);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const first = bytes.count(60, () => ended);
    const small = bytes.count(40, () => ended);
    expect(bytes.byteLength).toBe(100);
    const more = bytes.count(1, () => ended);
    await expect(more).rejects.toMatchObject({ code: 8, retriable: true });
    end();
    await Promise.all([first, small]);
    expect(bytes.byteLength).toBe(0);
    expect(await bytes.count(1, () => Promise.resolve(5))).toBe(5);
  });

  it('may be counted as they arrive, until all of a request are released', () => {
    const bytes = new BytesUnderWay(100);
    const first = bytes.hold();
    first.add(60);
    first.add(60);
    const second = bytes.hold();
    expect(() => second.add(1)).toThrow('too large together');
    first.release();
    second.add(70);
    second.add(30);
    expect(() => first.add(1)).toThrow('too large together');
    second.release();
    second.release();
    expect(bytes.byteLength).toBe(0);
  });

  it('take a request that is alone, however large, and forget one that fails', async () => {
    const bytes = new BytesUnderWay(100);
    const failing = bytes.count(500, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(bytes.byteLength).toBe(0);
  });
});
