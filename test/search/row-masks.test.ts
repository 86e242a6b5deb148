import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { RowMasks } from '../../src/search/row-masks.ts';

const ROWS = 8192;

function mask(row: number) {
  const allowed = new Bitmap(ROWS);
  allowed.set(row);
  return { allowed, rowCount: 1 };
}

describe('masks that are kept', () => {
  it('are found under their segment and name, and nowhere else', () => {
    const masks = new RowMasks(1 << 20);
    const kept = mask(1);
    masks.set(1, 'where a', kept);
    expect(masks.get(1, 'where a')).toBe(kept);
    expect(masks.get(1, 'where b')).toBeUndefined();
    expect(masks.get(11, 'where a')).toBeUndefined();
    masks.set(1, 'where a', mask(2));
    expect(masks.get(1, 'where a')?.allowed?.get(2)).toBe(true);
  });

  it('go with their segment', () => {
    const masks = new RowMasks(1 << 20);
    masks.set(1, 'where a', mask(1));
    masks.set(11, 'where a', mask(1));
    masks.drop(1);
    expect(masks.get(1, 'where a')).toBeUndefined();
    expect(masks.get(11, 'where a')).toBeDefined();
    masks.drop(11);
    expect(masks.byteLength).toBe(0);
  });

  it('take no more bytes than they may, the one not used for longest going first', () => {
    const masks = new RowMasks(4000);
    masks.set(1, 'a', mask(1));
    masks.set(1, 'b', mask(2));
    masks.set(1, 'c', mask(3));
    expect(masks.byteLength).toBeGreaterThan(3 * (ROWS / 8));
    expect(masks.get(1, 'a')).toBeDefined();
    masks.set(1, 'd', mask(4));
    expect(masks.get(1, 'b')).toBeUndefined();
    expect(masks.get(1, 'a')).toBeDefined();
    expect(masks.byteLength).toBeLessThanOrEqual(4000);
    masks.set(1, 'n'.repeat(4000), mask(5));
    expect(masks.byteLength).toBe(0);
  });
});
