import { describe, expect, it } from 'vitest';
import {
  fieldPlace,
  follow,
  rootTable,
  setInt64,
  vectorItems,
} from '../../src/segments/flatbuffer.ts';

/** A root table at 16 with fields 0 (int64 at 24) and 2 (a vector of one int64 at 40); field 1 is left out. */
function example(): DataView {
  const view = new DataView(new ArrayBuffer(56));
  view.setUint32(0, 16, true);
  for (const [i, value] of [10, 24, 8, 0, 4].entries()) view.setUint16(4 + 2 * i, value, true);
  view.setInt32(16, 16 - 4, true);
  view.setUint32(20, 36 - 20, true);
  view.setBigInt64(24, 7n, true);
  view.setUint32(36, 1, true);
  view.setBigInt64(40, 9n, true);
  return view;
}

describe('places in a flatbuffer', () => {
  it('are found by way of the vtable', () => {
    const view = example();
    const root = rootTable(view);
    expect(root).toBe(16);
    expect(view.getBigInt64(fieldPlace(view, root, 0), true)).toBe(7n);
    expect(follow(view, fieldPlace(view, root, 2))).toBe(36);
    expect(view.getBigInt64(vectorItems(view, fieldPlace(view, root, 2)), true)).toBe(9n);
  });

  it('are refused for a field that was left out, or that the table does not know', () => {
    const view = example();
    expect(() => fieldPlace(view, 16, 1)).toThrow('a field that is set later is written');
    expect(() => fieldPlace(view, 16, 3)).toThrow('a field that is set later is written');
  });

  it('take every count that a number holds exactly', () => {
    const view = example();
    for (const value of [0, 1, 0xffff_ffff, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      setInt64(view, 24, value);
      expect(view.getBigInt64(24, true)).toBe(BigInt(value));
    }
  });
});
